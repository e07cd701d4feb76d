//! `why`: the reasons for what an issue or a pull request is, in the sentences of its card.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, bail};

use super::drive;
use super::item::Item;
use crate::app::App;
use crate::config::Config;
use crate::engine::Engine;
use crate::model::{Subject, SystemClock};

/// Prints why a pull request is not merged, or why an issue is routed as it is. A pull request is looked at afresh;
/// of an issue the last decision is told. Writes nothing to GitHub.
pub async fn run(item: &Item, config: Config, out: &mut dyn Write) -> Result<ExitCode> {
    let app = App::connect(config, Arc::new(SystemClock)).await?;
    let engine = Engine::new(app.clone());
    let known = drive::repository(&engine, &item.repository).await?;
    if let Some(look) = engine.look_at_pull(&known, item.number, 1).await? {
        writeln!(out, "{}", look.explain(app.clock.now()))?;
    } else {
        let subject = Subject::Issue(known.id, item.number);
        let Some(decision) = app.store.last_decision(&subject).await? else {
            bail!("nothing has been decided about {}#{} yet", item.repository, item.number);
        };
        writeln!(out, "{}", decision.summary)?;
        for reason in &decision.explanation.reasons {
            writeln!(out, "- {reason}")?;
        }
        for blocker in &decision.explanation.blockers {
            writeln!(out, "- {blocker}")?;
        }
    }
    app.store.database().close().await;
    Ok(ExitCode::SUCCESS)
}
