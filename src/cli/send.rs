//! `router send`: opens an issue for a title and sees it through until it is dispatched.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Serialize;

use super::drive;
use super::router::SendArgs;
use crate::app::App;
use crate::config::Config;
use crate::decide::{self, Classified};
use crate::engine::Engine;
use crate::model::{
    Delivery, DeliveryGuid, DeliverySource, EventName, Fact, Number, Repository, RepositoryName, Request, Subject,
    SystemClock,
};
use crate::policy::{Policy, RouteInput};
use crate::store::{OutboxState, RepositoryUpdate};

/// How long it may take until the issue is open and dispatched.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often the command looks whether a server beside it has done a step.
const LOOK: Duration = Duration::from_millis(50);

#[derive(Serialize)]
struct SendAnswer {
    #[serde(flatten)]
    classified: Classified,
    sent: bool,
    issue: String,
    url: String,
}

/// Asks for the issue by the same door as everybody, then does whatever of the work no server does first.
pub async fn run(args: SendArgs, config: Config, out: &mut dyn Write) -> Result<ExitCode> {
    let app = App::connect(config, Arc::new(SystemClock)).await?;
    let engine = Engine::new(app.clone());
    let repository = repository(&engine, args.repo.as_ref()).await?;
    let guid = DeliveryGuid::new(format!("cli-{:016x}", rand::random::<u64>()));
    let request = Request::OpenIssue {
        repository: repository.clone(),
        title: args.text.clone(),
        body: args.body.clone(),
        labels: Vec::new(),
        parent: None,
    };
    app.store
        .accept(Delivery {
            guid: guid.clone(),
            source: DeliverySource::Cli,
            event: EventName(request.event_name().to_owned()),
            received: app.clock.now(),
            body: serde_json::to_vec(&request)?.into(),
        })
        .await?;
    let seen_through = tokio::time::timeout(PATIENCE, see_through(&engine, &guid, &repository)).await;
    let (number, url) =
        seen_through.context("the issue is not dispatched after 60 s; `stationmaster outbox list` shows why")??;
    let policy = Policy::combine(&app.rules.current(), None);
    let input =
        RouteInput { body: &args.body, repository: Some(&repository.name), ..RouteInput::title_alone(&args.text) };
    let answer = SendAnswer {
        classified: decide::classify(&policy, &input),
        sent: true,
        issue: format!("{}#{number}", repository.name),
        url,
    };
    writeln!(out, "{}", serde_json::to_string(&answer)?)?;
    app.store.database().close().await;
    Ok(ExitCode::SUCCESS)
}

async fn repository(engine: &Engine, wanted: Option<&RepositoryName>) -> Result<Repository> {
    let (store, github) = (&engine.app().store, &engine.app().hands.github);
    let name = drive::chosen(engine, wanted).await?;
    let installation = github
        .app()
        .installation_of(&name)
        .await
        .with_context(|| format!("the App is not installed on {name}, or it does not exist"))?
        .id;
    let repository = github.installation(installation).repository(&name).await?;
    let seen = RepositoryUpdate::Seen(repository.id, repository.name.clone(), installation);
    store.note_repositories(&[seen]).await?;
    Ok(repository)
}

/// Turns the engine until the issue is open and a decision about it is in force.
async fn see_through(engine: &Arc<Engine>, guid: &DeliveryGuid, repository: &Repository) -> Result<(Number, String)> {
    let store = &engine.app().store;
    let key = decide::request::key_of(guid);
    let mut opened: Option<(Number, String)> = None;
    loop {
        engine.app().learn_own_login().await.ok();
        let done = engine.intake_step().await? + engine.decide_step(1).await? + engine.act_step(1).await?;
        if let Some((number, url)) = &opened {
            if store.task(repository.id, *number).await?.is_some() && !store.waits(repository.id, *number).await? {
                return Ok((*number, url.clone()));
            }
        } else if let Some((_, state, note, fact)) = store.action(&key).await? {
            match (state, fact) {
                (OutboxState::Done, Some(Fact::IssueOpened { number, url })) => {
                    // Its webhook may have no server to go to: the subject is marked from here as well.
                    store.mark(&[Subject::Issue(repository.id, number)]).await?;
                    opened = Some((number, url));
                }
                (OutboxState::Dead, _) => bail!("the issue could not be opened: {}", note.unwrap_or_default()),
                (OutboxState::Pending | OutboxState::Running | OutboxState::Done | OutboxState::Superseded, _) => {}
            }
        }
        if done == 0 {
            tokio::time::sleep(LOOK).await;
        }
    }
}
