//! Asks something of an environment by the same door as everybody, and sees it through where no server does.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};

use super::outcome::{Outcome, outcome};
use super::{DeployCommand, HistoryArgs, InRepository, TestArgs};
use crate::app::App;
use crate::cli::drive;
use crate::config::Config;
use crate::decide::tracking::{AskContext, AskWords, RefusalKind, ask};
use crate::engine::Engine;
use crate::model::{
    Authority, Delivery, DeliveryGuid, DeliverySource, EnvironmentAsk, EnvironmentName, EventName, Repository,
    RepositoryName, Request, Subject, SystemClock,
};
use crate::policy::Policy;

/// How long it may take until it is decided what comes of an ask.
const PATIENCE: Duration = Duration::from_mins(5);
/// How long a deployment may take that is waited for.
const PATIENCE_WAIT: Duration = Duration::from_hours(2);
/// Bad input, as `clap` has it too.
const BAD_INPUT: u8 = 2;

/// What is asked, where, and whether its end is waited for.
pub(super) struct Asked {
    repo: Option<RepositoryName>,
    /// An environment without a name stands for the default.
    words: AskWords,
    wait: bool,
}

/// A command that asks nothing of an environment.
pub(super) enum Other {
    Status(InRepository),
    History(HistoryArgs),
    Test(TestArgs),
}

/// What a command asks of an environment, if it does.
pub(super) fn of(command: DeployCommand) -> Result<Asked, Other> {
    let (repo, words, wait) = match command {
        DeployCommand::Run(args) => {
            let env = args.env.unwrap_or_default();
            (args.place.repo, AskWords::Deploy { env, version: args.tag, overrides: args.r#override }, args.wait)
        }
        DeployCommand::Rollback(args) => {
            (args.place.repo, AskWords::Rollback { env: args.env, why: args.why }, args.wait)
        }
        DeployCommand::Approve(args) => {
            (args.place.repo, AskWords::Approve { env: args.env, version: args.tag }, args.wait)
        }
        DeployCommand::Reject(args) => (args.place.repo, AskWords::Reject { env: args.env, why: args.why }, false),
        DeployCommand::Freeze(args) => {
            (args.place.repo, AskWords::Freeze { env: args.env, until: args.until, why: args.why }, false)
        }
        DeployCommand::Unfreeze(args) => (args.place.repo, AskWords::Unfreeze { env: args.env }, false),
        DeployCommand::Status(place) => return Err(Other::Status(place)),
        DeployCommand::History(args) => return Err(Other::History(args)),
        DeployCommand::Test(args) => return Err(Other::Test(args)),
    };
    Ok(Asked { repo, words, wait })
}

/// Asks, and prints in one sentence what came of it: status 0 when it is done or under way, 1 when it was refused or
/// failed, 2 when what was written cannot be.
pub(super) async fn run(asked: Asked, config: Config, out: &mut dyn Write) -> Result<ExitCode> {
    let app = App::connect(config, Arc::new(SystemClock)).await?;
    let engine = Engine::new(app.clone());
    let code = see_to(&engine, asked, out).await;
    app.store.database().close().await;
    code
}

async fn see_to(engine: &Arc<Engine>, asked: Asked, out: &mut dyn Write) -> Result<ExitCode> {
    let store = &engine.app().store;
    let (repository, policy) = home(engine, asked.repo.as_ref()).await?;
    if let Some(fault) = &policy.unreadable {
        return refused(&format!("Nothing is deployed while the policy cannot be read: {fault}"), ExitCode::FAILURE);
    }
    let words = match with_default(asked.words, &policy) {
        Ok(words) => words,
        Err(sentence) => return refused(&sentence, ExitCode::from(BAD_INPUT)),
    };
    let context = AskContext {
        environments: &policy.environments,
        records: &store.environments(repository.id).await?,
        releases: &store.releases(repository.id).await?,
        now: engine.app().clock.now(),
    };
    let (environment, wish) = match ask(&words, &context) {
        Ok(understood) => understood,
        Err(refusal) => {
            let code = match refusal.kind() {
                RefusalKind::Unknown | RefusalKind::Unclear => ExitCode::from(BAD_INPUT),
                RefusalKind::Unfitting => ExitCode::FAILURE,
            };
            return refused(&refusal.sentence(), code);
        }
    };
    let before = store.environment(repository.id, &environment).await?;
    hand_in(engine, &repository, (&environment, &wish)).await?;
    let subject = Subject::Environment(repository.id, environment.clone());
    drive::until_quiet(engine, &subject, PATIENCE).await?;
    if asked.wait {
        drive::until_at_rest(engine, (repository.id, &environment), PATIENCE_WAIT).await?;
    }
    let Outcome { sentence, good } = outcome(store, &subject, (&wish, &before), asked.wait).await?;
    writeln!(out, "{sentence}")?;
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The repository and its policy on its default branch.
pub(super) async fn home(engine: &Arc<Engine>, wanted: Option<&RepositoryName>) -> Result<(Repository, Arc<Policy>)> {
    let name = drive::chosen(engine, wanted).await?;
    let known = drive::repository(engine, &name).await?;
    engine.policy_of(&known.name).await?.with_context(|| format!("{name} is not usable for the App"))
}

/// Whoever names no environment means the first that does not serve the public.
fn with_default(words: AskWords, policy: &Policy) -> Result<AskWords, String> {
    match words {
        AskWords::Deploy { env, version, overrides } if env.is_empty() => {
            let first = policy.environments.iter().find(|environment| !environment.production);
            let env = first.map(|environment| environment.name.to_string()).ok_or_else(|| none_by_default(policy))?;
            Ok(AskWords::Deploy { env, version, overrides })
        }
        words @ (AskWords::Deploy { .. }
        | AskWords::Rollback { .. }
        | AskWords::Freeze { .. }
        | AskWords::Unfreeze { .. }
        | AskWords::Approve { .. }
        | AskWords::Reject { .. }) => Ok(words),
    }
}

fn none_by_default(policy: &Policy) -> String {
    let names: Vec<&str> = policy.environments.iter().map(|environment| environment.name.as_str()).collect();
    match names.as_slice() {
        [] => "The policy names no environment; `[[environment]]` in .github/stationmaster.toml does.".to_owned(),
        names => format!("Every environment serves the public, so say which with --env: {}.", names.join(", ")),
    }
}

async fn hand_in(
    engine: &Engine,
    repository: &Repository,
    (environment, wish): (&EnvironmentName, &EnvironmentAsk),
) -> Result<()> {
    let app = engine.app();
    let request = Request::Environment {
        repository: repository.clone(),
        environment: environment.clone(),
        wish: wish.clone(),
        authority: Authority::Operator { name: "the operator".to_owned() },
    };
    app.store
        .accept(Delivery {
            guid: DeliveryGuid::new(format!("cli-{:016x}", rand::random::<u64>())),
            source: DeliverySource::Cli,
            event: EventName(request.event_name().to_owned()),
            received: app.clock.now(),
            body: serde_json::to_vec(&request)?.into(),
        })
        .await?;
    Ok(())
}

fn refused(sentence: &str, code: ExitCode) -> Result<ExitCode> {
    writeln!(io::stderr(), "error: {sentence}")?;
    Ok(code)
}
