//! `why`: the reasons for what an issue, a pull request, a release or an environment is, in the sentences of its card.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, bail};

use super::drive;
use super::item::{Item, Named};
use crate::app::App;
use crate::config::Config;
use crate::engine::Engine;
use crate::model::{EnvironmentName, Subject, SystemClock};
use crate::store::Store;

/// Prints why a pull request is not merged, why an issue is routed as it is, or what releases and environments wait for.
/// A pull request is looked at afresh; of all else the last decision is told. Writes nothing to GitHub.
pub async fn run(named: &Named, config: Config, out: &mut dyn Write) -> Result<ExitCode> {
    let app = App::connect(config, Arc::new(SystemClock)).await?;
    match named {
        Named::Item(item) => of_item(&app, item, out).await?,
        Named::Releases(name) => {
            let known = drive::known(&app.store, Some(name)).await?;
            tell(&app.store, &Subject::Releases(known.id), &format!("the releases of {name}"), out).await?;
        }
        Named::Environment(name, asked) => {
            let known = drive::known(&app.store, Some(name)).await?;
            let environments = app.store.environments(known.id).await?;
            let Some(environment) = environments.keys().find(|one| one.as_str().eq_ignore_ascii_case(asked)) else {
                let others: Vec<&str> = environments.keys().map(EnvironmentName::as_str).collect();
                bail!("nothing has been decided about {name}@{asked} yet; known are: {}", or_none(&others));
            };
            let subject = Subject::Environment(known.id, environment.clone());
            tell(&app.store, &subject, &format!("{name}@{environment}"), out).await?;
        }
    }
    app.store.database().close().await;
    Ok(ExitCode::SUCCESS)
}

async fn of_item(app: &App, item: &Item, out: &mut dyn Write) -> Result<()> {
    let engine = Engine::new(app.clone());
    let known = drive::repository(&engine, &item.repository).await?;
    if let Some(look) = engine.look_at_pull(&known, item.number, 1).await? {
        writeln!(out, "{}", look.explain(app.clock.now()))?;
        return Ok(());
    }
    let subject = Subject::Issue(known.id, item.number);
    tell(&app.store, &subject, &format!("{}#{}", item.repository, item.number), out).await
}

/// The last decision about a subject, with its reasons and blockers.
async fn tell(store: &Store, subject: &Subject, called: &str, out: &mut dyn Write) -> Result<()> {
    let Some(decision) = store.last_decision(subject).await? else {
        bail!("nothing has been decided about {called} yet");
    };
    writeln!(out, "{}", decision.summary)?;
    for reason in &decision.explanation.reasons {
        writeln!(out, "- {reason}")?;
    }
    for blocker in &decision.explanation.blockers {
        writeln!(out, "- {blocker}")?;
    }
    Ok(())
}

fn or_none(names: &[&str]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
