//! Turns the engine from a command: does whatever of the work no server beside it does first.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::engine::Engine;
use crate::model::{RepositoryName, Subject};
use crate::store::{Bell, KnownRepository, RepositoryUpdate};

/// How often the command looks whether a server beside it has done a step.
const LOOK: Duration = Duration::from_millis(50);
/// What falls due later than this is left to the server.
const SOON_MS: i64 = 5_000;
/// Subjects and actions at once.
const AT_ONCE: usize = 4;

/// The repository as the store knows it, learned from GitHub first: the App must be installed there.
pub async fn repository(engine: &Engine, name: &RepositoryName) -> Result<KnownRepository> {
    let (store, github) = (&engine.app().store, &engine.app().hands.github);
    let installation = github
        .app()
        .installation_of(name)
        .await
        .with_context(|| format!("the App is not installed on {name}, or it does not exist"))?
        .id;
    let repository = github.installation(installation).repository(name).await?;
    store.note_repositories(&[RepositoryUpdate::Seen(repository.id, repository.name.clone(), installation)]).await?;
    store.repository(repository.id).await?.with_context(|| format!("{name} is not usable for the App"))
}

/// Marks the subject and sees it through until nothing waits for it.
pub async fn until_quiet(engine: &Arc<Engine>, subject: &Subject, patience: Duration) -> Result<()> {
    engine.app().store.mark(std::slice::from_ref(subject)).await?;
    let turn = async {
        loop {
            let done = turn(engine).await?;
            if done == 0 && !soon(engine, Some(subject)).await? {
                return Ok(());
            }
            if done == 0 {
                tokio::time::sleep(LOOK).await;
            }
        }
    };
    tokio::time::timeout(patience, turn).await.with_context(|| {
        format!("{subject} is not done after {} s; `stationmaster outbox list` shows why", patience.as_secs())
    })?
}

/// Works until nothing is due any more.
pub async fn until_idle(engine: &Arc<Engine>, patience: Duration) -> Result<()> {
    let turn = async {
        loop {
            let done = turn(engine).await?;
            if done == 0 && !soon(engine, None).await? {
                return Ok(());
            }
            if done == 0 {
                tokio::time::sleep(LOOK).await;
            }
        }
    };
    tokio::time::timeout(patience, turn)
        .await
        .with_context(|| format!("not everything is done after {} s; the server goes on", patience.as_secs()))?
}

async fn turn(engine: &Arc<Engine>) -> Result<usize> {
    engine.app().learn_own_login().await.ok();
    Ok(engine.intake_step().await? + engine.decide_step(AT_ONCE).await? + engine.act_step(AT_ONCE).await?)
}

async fn soon(engine: &Arc<Engine>, subject: Option<&Subject>) -> Result<bool> {
    let store = &engine.app().store;
    if let Some(subject) = subject
        && store.is_quiet(subject).await?
    {
        return Ok(false);
    }
    let now = engine.app().clock.now();
    for bell in [Bell::Intake, Bell::Subjects, Bell::Outbox] {
        if store.next_due(bell).await?.is_some_and(|due| due.since_ms(now) < SOON_MS) {
            return Ok(true);
        }
    }
    Ok(false)
}
