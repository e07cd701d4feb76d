//! Turns the engine from a command: does whatever of the work no server beside it does first.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::engine::Engine;
use crate::model::{EnvironmentName, RepositoryId, RepositoryName, Subject};
use crate::store::{Bell, KnownRepository, RepositoryUpdate, Store};

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

/// The repository of this name; without one the only one that there is.
pub async fn chosen(engine: &Engine, wanted: Option<&RepositoryName>) -> Result<RepositoryName> {
    if let Some(name) = wanted {
        return Ok(name.clone());
    }
    engine.learn_installations().await.context("GitHub does not tell where the App is installed")?;
    only(&engine.app().store).await
}

/// The repository of this name as the store knows it, without a question to GitHub; without a name the only one.
pub async fn known(store: &Store, wanted: Option<&RepositoryName>) -> Result<KnownRepository> {
    let name = match wanted {
        Some(name) => name.clone(),
        None => only(store).await?,
    };
    let known = store.repository_named(&name).await?;
    known.with_context(|| format!("nothing is known of {name}: the App is not installed there, or no server ran yet"))
}

/// The repository that needs no naming, because there is no other.
async fn only(store: &Store) -> Result<RepositoryName> {
    match store.repositories().await?.as_slice() {
        [only] => Ok(only.name.clone()),
        [] => bail!("the App is not installed on any repository"),
        several => {
            let mut names: Vec<String> = several.iter().map(|repository| repository.name.to_string()).collect();
            names.sort();
            bail!("say which repository with --repo: {}", names.join(", "))
        }
    }
}

/// Turns the engine until nothing of the environment is under way, however long its deployment waits in between.
pub async fn until_at_rest(
    engine: &Arc<Engine>,
    (repository, name): (RepositoryId, &EnvironmentName),
    patience: Duration,
) -> Result<()> {
    let subject = Subject::Environment(repository, name.clone());
    let store = &engine.app().store;
    let turn = async {
        loop {
            let done = turn(engine).await?;
            if done == 0 {
                let at_rest = store.environment(repository, name).await?.current.is_none();
                if at_rest && !soon(engine, Some(&subject)).await? {
                    return Ok(());
                }
                tokio::time::sleep(LOOK).await;
            }
        }
    };
    tokio::time::timeout(patience, turn).await.with_context(|| {
        format!("the deployment is still under way after {} min; a server goes on with it", patience.as_secs() / 60)
    })?
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
