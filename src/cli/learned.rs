//! `rules learn`: rules that history suggests, with their evidence; printed, or proposed by a pull request.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use super::drive;
use crate::app::App;
use crate::config::Config;
use crate::decide::learn::{Proposal, Told, rule_toml};
use crate::engine::Engine;
use crate::model::{
    Authority, Delivery, DeliveryGuid, DeliverySource, Door, EventName, RepositoryId, RepositoryName, Request, Subject,
    SystemClock,
};
use crate::policy::LearnRules;
use crate::store::RequestState;

/// How long the pull request may take.
const PATIENCE: Duration = Duration::from_mins(5);

/// What `rules learn` takes.
#[derive(Debug, Args)]
pub struct LearnArgs {
    /// The repository
    #[arg(long, value_name = "OWNER/NAME")]
    pub repo: RepositoryName,
    /// Print JSON, one object a line
    #[arg(long, conflicts_with = "pull")]
    pub json: bool,
    /// Open a pull request that adds the rules to the repository's policy
    #[arg(long)]
    pub pull: bool,
}

/// A proposal as JSON.
#[derive(Serialize)]
struct Shown<'p> {
    #[serde(flatten)]
    proposal: &'p Proposal,
    reason: String,
    toml: String,
}

/// Prints what history suggests, or has it proposed: status 0 when it was, 1 when there is nothing to propose.
pub async fn run(args: &LearnArgs, config: Config, out: &mut dyn Write) -> Result<ExitCode> {
    let app = App::connect(config, Arc::new(SystemClock)).await?;
    let engine = Engine::new(app.clone());
    let code = if args.pull { propose(&engine, &args.repo, out).await } else { show(&engine, args, out).await };
    app.store.database().close().await;
    code
}

async fn show(engine: &Arc<Engine>, args: &LearnArgs, out: &mut dyn Write) -> Result<ExitCode> {
    let known = drive::repository(engine, &args.repo).await?;
    let found = engine.policy_of(&known.name).await?;
    let (repository, policy) = found.with_context(|| format!("{} is not usable for the App", args.repo))?;
    let name = &repository.name;
    if policy.learn.rules == LearnRules::Off {
        writeln!(io::stderr(), "The policy of {name} says [learn] rules = \"off\", so no rule is suggested.")?;
        return Ok(ExitCode::SUCCESS);
    }
    let (proposals, record) = engine.proposed_rules(&repository, &policy).await?;
    if args.json {
        for proposal in &proposals {
            let shown = Shown { proposal, reason: proposal.reason(), toml: rule_toml(proposal) };
            writeln!(out, "{}", serde_json::to_string(&shown)?)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    if proposals.is_empty() {
        writeln!(
            out,
            "History of {name} suggests no rule: it takes three titles with something in common that no rule matches and \
             that people gave the same type."
        )?;
    }
    for proposal in &proposals {
        print(proposal, out)?;
    }
    match record.declined.len() {
        0 => {}
        1 => writeln!(out, "1 rule was turned down, and is not proposed again.")?,
        many => writeln!(out, "{many} rules were turned down, and are not proposed again.")?,
    }
    if let Some(number) = record.pull.as_ref().and_then(|pull| pull.number) {
        writeln!(out, "{name}#{number} proposes rules.")?;
    } else if !proposals.is_empty() {
        writeln!(out, "Add them to .github/stationmaster.toml, or have it proposed with --pull.")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn print(proposal: &Proposal, out: &mut dyn Write) -> Result<()> {
    writeln!(out, "{}: {}", proposal.name, proposal.reason())?;
    let mut list = |says: &str, titles: &[Told]| -> Result<()> {
        if !titles.is_empty() {
            writeln!(out, "  {says}:")?;
        }
        for told in titles {
            writeln!(out, "    #{} {} ({})", told.number, told.title.escape_debug(), told.task_type)?;
        }
        Ok(())
    };
    list("given this type by people", &proposal.support)?;
    list("matched, but of another type", &proposal.disagree)?;
    list("in triage, and would have been routed", &proposal.waiting)?;
    writeln!(out, "\n{}", rule_toml(proposal))?;
    Ok(())
}

async fn propose(engine: &Arc<Engine>, name: &RepositoryName, out: &mut dyn Write) -> Result<ExitCode> {
    let known = drive::repository(engine, name).await?;
    let guid = hand_in(engine, known.id).await?;
    drive::until_quiet(engine, &Subject::Repository(known.id), PATIENCE).await?;
    let store = &engine.app().store;
    let refused = match store.what_became_of(&guid).await? {
        Some(RequestState::Refused { note }) => Some(note.unwrap_or_default()),
        Some(RequestState::Done { .. } | RequestState::Waiting) | None => None,
    };
    if let Some(why) = refused {
        writeln!(io::stderr(), "error: {why}")?;
        return Ok(ExitCode::FAILURE);
    }
    match store.rules_record(known.id).await?.pull {
        Some(pull) => match (pull.number, pull.refused) {
            (_, Some(why)) => {
                writeln!(io::stderr(), "error: the pull request was not written: {why}")?;
                return Ok(ExitCode::FAILURE);
            }
            (Some(number), None) => writeln!(out, "{}#{number} proposes {}.", known.name, rules(pull.rules.len()))?,
            (None, None) => {
                writeln!(out, "A pull request in {} is being written; a server goes on with it.", known.name)?;
            }
        },
        None => writeln!(out, "It is asked for, and is not decided on yet; a server goes on with it.")?,
    }
    Ok(ExitCode::SUCCESS)
}

fn rules(count: usize) -> String {
    if count == 1 { "1 rule".to_owned() } else { format!("{count} rules") }
}

async fn hand_in(engine: &Engine, repository: RepositoryId) -> Result<DeliveryGuid> {
    let app = engine.app();
    let authority = Authority::Operator { name: "the operator".to_owned() };
    let request = Request::ProposeRules { repository, authority, door: Door::Cli };
    let guid = DeliveryGuid::new(format!("cli-{:016x}", rand::random::<u64>()));
    let delivery = Delivery {
        guid: guid.clone(),
        source: DeliverySource::Cli,
        event: EventName(request.event_name().to_owned()),
        received: app.clock.now(),
        body: serde_json::to_vec(&request)?.into(),
    };
    app.store.accept(delivery).await?;
    Ok(guid)
}
