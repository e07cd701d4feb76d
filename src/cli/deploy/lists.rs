//! `deploy status` and `deploy history`: what was deployed, from the database alone.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Result, bail};
use serde::Serialize;

use super::{HistoryArgs, InRepository};
use crate::cli::{drive, table};
use crate::http::DeploymentShown;
use crate::model::{DeployEnd, DeploymentRow, EnvironmentName, RepositoryId, RepositoryName, Sha, Timestamp};
use crate::store::{DeployCounts, Store};

/// Deployments that `deploy status` lists.
const RECENT: i64 = 10;
const RECENT_MAX: usize = 10;

/// What `deploy status` prints, as the design words it.
#[derive(Serialize)]
struct Status {
    worker: &'static str,
    last_checked: Option<String>,
    last_deployed_commit: Option<Sha>,
    total_deployments: i64,
    failed_deployments: i64,
    success_rate: f64,
    errors: i64,
    recent_deployments: Vec<Recent>,
}

#[derive(Serialize)]
struct Recent {
    /// Where several repositories are counted together.
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<RepositoryName>,
    #[serde(flatten)]
    shown: DeploymentShown,
}

/// Counts deployments of one repository or of all, and lists the newest.
pub(super) async fn status(store: &Store, place: &InRepository, out: &mut dyn Write) -> Result<ExitCode> {
    writeln!(out, "{}", status_text(store, place.repo.as_ref()).await?)?;
    Ok(ExitCode::SUCCESS)
}

/// The JSON of `deploy status`, for one repository or for all.
pub(in crate::cli) async fn status_text(store: &Store, wanted: Option<&RepositoryName>) -> Result<String> {
    let repositories = match wanted {
        Some(name) => vec![drive::known(store, Some(name)).await?],
        None => store.repositories().await?,
    };
    let mut rows = Vec::new();
    for known in &repositories {
        let name = (repositories.len() > 1).then(|| known.name.clone());
        let of_one = store.deployments(known.id, None, RECENT).await?;
        rows.extend(of_one.into_iter().map(|row| (row.1.began, name.clone(), row)));
    }
    rows.sort_by_key(|(began, ..)| std::cmp::Reverse(*began));
    rows.truncate(RECENT_MAX);
    let only: Option<RepositoryId> = wanted.and_then(|_| repositories.first().map(|known| known.id));
    let DeployCounts { deployments, succeeded, failed, errors, last_checked, last_commit } =
        store.deploy_counts(only).await?;
    let told = succeeded + failed;
    let permille = if told == 0 { 0 } else { succeeded * 1000 / told };
    let recent = rows.into_iter().map(|(_, repository, row)| Recent { repository, shown: row.into() });
    let status = Status {
        worker: "deployment_worker",
        last_checked: last_checked.map(Timestamp::to_rfc3339),
        last_deployed_commit: last_commit,
        total_deployments: deployments,
        failed_deployments: failed,
        success_rate: f64::from(u32::try_from(permille).unwrap_or_default()) / 1000.0,
        errors,
        recent_deployments: recent.collect(),
    };
    Ok(serde_json::to_string(&status)?)
}

/// Lists deployments, newest first.
pub(super) async fn history(store: &Store, args: &HistoryArgs, out: &mut dyn Write) -> Result<ExitCode> {
    let known = drive::known(store, args.place.repo.as_ref()).await?;
    let environment = match &args.env {
        Some(asked) => Some(environment(store, known.id, asked).await?),
        None => None,
    };
    let rows = store.deployments(known.id, environment.as_ref(), args.limit).await?;
    if args.json {
        for row in rows {
            writeln!(out, "{}", serde_json::to_string(&DeploymentShown::from(row))?)?;
        }
    } else if rows.is_empty() {
        writeln!(out, "Nothing was deployed yet.")?;
    } else {
        let mut shown = table(&["began", "environment", "version", "commit", "outcome", "by", "note"]);
        for row in rows {
            shown.add_row(cells(row));
        }
        writeln!(out, "{shown}")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn cells((environment, row): (EnvironmentName, DeploymentRow)) -> [String; 7] {
    let version = match &row.rollback_from {
        Some(from) => format!("{} (back from {from})", row.tag),
        None => row.tag.to_string(),
    };
    let outcome = row.end.map_or("under way", DeployEnd::as_str);
    let by = row.by.unwrap_or_else(|| "the policy".to_owned());
    let commit = row.sha.short().to_owned();
    [row.began.to_rfc3339(), environment.to_string(), version, commit, outcome.to_owned(), by, row.note]
}

async fn environment(store: &Store, repository: RepositoryId, asked: &str) -> Result<EnvironmentName> {
    let known = store.environments(repository).await?;
    if let Some(name) = known.keys().find(|name| name.as_str().eq_ignore_ascii_case(asked)) {
        return Ok(name.clone());
    }
    let names: Vec<&str> = known.keys().map(EnvironmentName::as_str).collect();
    match names.as_slice() {
        [] => bail!("nothing was deployed to {asked} yet, nor to any other environment"),
        names => bail!("nothing was deployed to {asked} yet, only to {}", names.join(", ")),
    }
}
