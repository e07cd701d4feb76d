//! `why`: the reasons for what an issue, a pull request, a release or an environment is, in the sentences of its card.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, bail};

use super::drive;
use super::item::{Item, Named};
use super::why_replay::{self, WhyReplayArgs};
use crate::app::App;
use crate::config::Config;
use crate::decide::learn;
use crate::engine::Engine;
use crate::model::{EnvironmentName, PullState, Subject, SystemClock};
use crate::store::{KnownRepository, Store};

/// Prints why a pull request is not merged, why an issue is routed as it is, or what releases and environments wait for.
/// A pull request is looked at afresh; of all else the last decision is told. Writes nothing to GitHub.
pub async fn run(named: &Named, replay: &WhyReplayArgs, config: Config, out: &mut dyn Write) -> Result<ExitCode> {
    let app = App::connect(config, Arc::new(SystemClock)).await?;
    if replay.replay {
        let (subjects, called) = subjects(&app.store, named).await?;
        Box::pin(why_replay::run(&app, (&subjects, &called), replay, out)).await?;
        app.store.database().close().await;
        return Ok(ExitCode::SUCCESS);
    }
    match named {
        Named::Item(item) => of_item(&app, item, out).await?,
        Named::Releases(_) | Named::Environment(..) => {
            let (subjects, called) = subjects(&app.store, named).await?;
            for subject in &subjects {
                tell(&app.store, subject, &called, out).await?;
            }
        }
    }
    app.store.database().close().await;
    Ok(ExitCode::SUCCESS)
}

/// What is named as the store knows it, and what people call it. An issue and a pull request share their numbers, so a
/// number may mean either.
async fn subjects(store: &Store, named: &Named) -> Result<(Vec<Subject>, String)> {
    Ok(match named {
        Named::Item(item) => {
            let id = drive::known(store, Some(&item.repository)).await?.id;
            let either = vec![Subject::Issue(id, item.number), Subject::Pull(id, item.number)];
            (either, format!("{}#{}", item.repository, item.number))
        }
        Named::Releases(name) => {
            let known = drive::known(store, Some(name)).await?;
            (vec![Subject::Releases(known.id)], format!("the releases of {name}"))
        }
        Named::Environment(name, asked) => {
            let known = drive::known(store, Some(name)).await?;
            let environments = store.environments(known.id).await?;
            let Some(environment) = environments.keys().find(|one| one.as_str().eq_ignore_ascii_case(asked)) else {
                let others: Vec<&str> = environments.keys().map(EnvironmentName::as_str).collect();
                bail!("nothing has been decided about {name}@{asked} yet; known are: {}", or_none(&others));
            };
            (vec![Subject::Environment(known.id, environment.clone())], format!("{name}@{environment}"))
        }
    })
}

async fn of_item(app: &App, item: &Item, out: &mut dyn Write) -> Result<()> {
    let engine = Engine::new(app.clone());
    let known = drive::repository(&engine, &item.repository).await?;
    if let Some(look) = engine.look_at_pull(&known, item.number, 1).await? {
        writeln!(out, "{}", look.explain(app.clock.now()))?;
        let pull = &look.snapshot.pull;
        if look.policy.learn.merge_time && pull.state == PullState::Open {
            let before = app.store.merged_before(known.id).await?;
            let lines = look.snapshot.review.as_ref().and_then(|review| review.lines);
            writeln!(out, "{}", learn::merge_time(lines, &before).sentence())?;
        }
        return Ok(());
    }
    let subject = Subject::Issue(known.id, item.number);
    tell(&app.store, &subject, &format!("{}#{}", item.repository, item.number), out).await?;
    if let Some(sentence) = sla_risk(&engine, &known, item).await? {
        writeln!(out, "{sentence}")?;
    }
    Ok(())
}

/// How likely the answer to a task comes too late, where somebody waits for one and the policy wants that said.
async fn sla_risk(engine: &Engine, known: &KnownRepository, item: &Item) -> Result<Option<String>> {
    let App { store, clock, .. } = engine.app();
    let Some(task) = store.task(known.id, item.number).await? else { return Ok(None) };
    let Some((which, _)) = learn::running_clock(&task) else { return Ok(None) };
    if !engine.policy_of(&known.name).await?.is_some_and(|(_, policy)| policy.learn.sla_risk) {
        return Ok(None);
    }
    let before = store.answered_before(known.id, (which, task.priority)).await?;
    Ok(learn::sla_risk(&task, &before, clock.now()).map(|risk| risk.sentence()))
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
