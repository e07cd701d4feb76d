//! `release`: what was released, and what the next release waits for, from the database alone.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use serde::Serialize;

use super::{drive, table};
use crate::http::{EnvironmentShown, ReleaseShown};
use crate::model::{BranchName, RepositoryName, Subject};
use crate::store::{KnownRepository, LastDecision, Store};

/// What to do with releases.
#[derive(Debug, Subcommand)]
pub enum ReleaseCommand {
    /// Say what was released last, what the next release waits for, and what runs where.
    Status {
        /// The repository [default: the only one that the App is installed on]
        #[arg(long, value_name = "OWNER/NAME")]
        repo: Option<RepositoryName>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List releases, newest first, at most 50.
    List {
        /// The repository [default: the only one that the App is installed on]
        #[arg(long, value_name = "OWNER/NAME")]
        repo: Option<RepositoryName>,
        /// Print JSON, one object a line
        #[arg(long)]
        json: bool,
    },
}

/// What `release status --json` prints.
#[derive(Serialize)]
struct Status {
    repository: RepositoryName,
    branch: Option<BranchName>,
    last: Option<ReleaseShown>,
    summary: Option<String>,
    blockers: Vec<String>,
    environments: Vec<EnvironmentShown>,
}

/// Runs one `release` command.
pub async fn run(command: ReleaseCommand, store: &Store, out: &mut dyn Write) -> Result<ExitCode> {
    match command {
        ReleaseCommand::Status { repo, json } => {
            let status = status(store, drive::known(store, repo.as_ref()).await?).await?;
            if json {
                writeln!(out, "{}", serde_json::to_string(&status)?)?;
            } else {
                print(&status, out)?;
            }
        }
        ReleaseCommand::List { repo, json } => {
            list(store, drive::known(store, repo.as_ref()).await?, json, out).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn status(store: &Store, known: KnownRepository) -> Result<Status> {
    let last: Option<LastDecision> = store.last_decision(&Subject::Releases(known.id)).await?;
    let mut environments = Vec::new();
    for (name, record) in store.environments(known.id).await? {
        let decision = store.last_decision(&Subject::Environment(known.id, name.clone())).await?;
        environments.push(EnvironmentShown::new(name, record, decision));
    }
    Ok(Status {
        branch: store.release_branch(known.id).await?,
        last: store.releases(known.id).await?.into_iter().next().map(ReleaseShown::from),
        blockers: last.iter().flat_map(|last| &last.explanation.blockers).map(ToString::to_string).collect(),
        summary: last.map(|last| last.summary),
        repository: known.name,
        environments,
    })
}

fn print(status: &Status, out: &mut dyn Write) -> Result<()> {
    let from = status.branch.as_ref().map(|branch| format!(" from {branch}")).unwrap_or_default();
    match &status.last {
        Some(last) => writeln!(out, "{} releases{from}; the newest is {last}.", status.repository)?,
        None => writeln!(out, "{} releases{from}; nothing was released yet.", status.repository)?,
    }
    match &status.summary {
        Some(summary) => writeln!(out, "{summary}")?,
        None => writeln!(out, "Nothing has been decided about its releases yet.")?,
    }
    for blocker in &status.blockers {
        writeln!(out, "- {blocker}")?;
    }
    if status.environments.is_empty() {
        return Ok(());
    }
    let mut shown = table(&["environment", "runs", "since", "next", "last decision"]);
    for environment in &status.environments {
        shown.add_row(cells(environment));
    }
    writeln!(out, "\n{shown}")?;
    Ok(())
}

fn cells(environment: &EnvironmentShown) -> [String; 5] {
    let runs = environment.running.as_ref();
    let healthy = runs.is_some_and(|running| running.verified == Some(true));
    let version = runs.map_or_else(
        || "nothing of ours".to_owned(),
        |running| if healthy { running.tag.to_string() } else { format!("{} (not verified)", running.tag) },
    );
    let next = match (&environment.deploying, &environment.wanted) {
        (Some(deploying), _) => format!("{} is being deployed", deploying.tag),
        (None, Some(wanted)) => format!("{} waits", wanted.tag),
        (None, None) => String::new(),
    };
    [
        environment.name().to_string(),
        version,
        runs.map(|running| running.since.clone()).unwrap_or_default(),
        next,
        environment.summary().unwrap_or_default().to_owned(),
    ]
}

async fn list(store: &Store, known: KnownRepository, json: bool, out: &mut dyn Write) -> Result<()> {
    let releases = store.releases(known.id).await?;
    if json {
        for released in releases {
            writeln!(out, "{}", serde_json::to_string(&ReleaseShown::from(released))?)?;
        }
        return Ok(());
    }
    if releases.is_empty() {
        writeln!(out, "Nothing was released yet.")?;
        return Ok(());
    }
    let mut shown = table(&["released", "version", "commit", "pulls", "issue", "address"]);
    for released in releases {
        let pulls: Vec<String> = released.pulls.iter().map(|pull| format!("#{pull}")).collect();
        let issue = released.version.issue.map(|issue| format!("#{issue}")).unwrap_or_default();
        let commit = released.version.sha.short().to_owned();
        let (tag, url) = (released.version.tag.to_string(), released.version.url);
        shown.add_row([released.at.to_rfc3339(), tag, commit, pulls.join(" "), issue, url]);
    }
    writeln!(out, "{shown}")?;
    Ok(())
}
