//! `audit`: who did what and when, from the database alone.

use std::collections::HashMap;
use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::item::Named;
use super::{drive, given, table};
use crate::model::{Door, EnvironmentName, RepositoryId, RepositoryName, Subject, Timestamp};
use crate::store::{AuditQuery, AuditRow, Store};

/// What `audit` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stationmaster audit --item octo/station#12             # all that was decided and asked about it
  stationmaster audit --actor \"worker builder-1\" --from 2026-11-20
  stationmaster audit --kind claim --limit 20 --json | jq .summary")]
pub struct AuditArgs {
    /// Only about issues and pull requests of this repository
    #[arg(long, value_name = "OWNER/NAME", conflicts_with = "item")]
    repo: Option<RepositoryName>,
    /// Only about this: owner/name#12, releases as owner/name, or an environment as owner/name@prod
    #[arg(long)]
    item: Option<Named>,
    /// Only by this one, as it is listed: stationmaster, @ann, worker builder-1, cli
    #[arg(long)]
    actor: Option<String>,
    /// Only of this kind, as it is listed: decision, ask, claim, replay
    #[arg(long)]
    kind: Option<String>,
    /// Only what came by this door: github, api, page, ntfy, cli or clock
    #[arg(long, value_parser = door)]
    door: Option<Door>,
    /// Not before: 2026-11-20 (in UTC) or 2026-11-20T08:00:00Z
    #[arg(long, value_name = "TIME", value_parser = given::moment)]
    from: Option<Timestamp>,
    /// Before: 2026-11-21 (in UTC) or 2026-11-21T08:00:00Z
    #[arg(long, value_name = "TIME", value_parser = given::moment)]
    until: Option<Timestamp>,
    /// At most so many, of the newest
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=100_000))]
    limit: i64,
    /// Print JSON, one object a line
    #[arg(long)]
    json: bool,
}

/// A line as it is printed.
#[derive(Serialize)]
struct Shown {
    at: String,
    actor: String,
    door: Option<String>,
    about: Option<String>,
    kind: String,
    decision: Option<i64>,
    summary: String,
}

/// Prints lines of the audit, the newest first.
pub async fn run(args: AuditArgs, store: &Store, out: &mut dyn Write) -> Result<ExitCode> {
    let json = args.json;
    let names: HashMap<RepositoryId, RepositoryName> =
        store.repositories().await?.into_iter().map(|known| (known.id, known.name)).collect();
    let lines = rows(args, store).await?.into_iter().map(|row| shown(row, &names));
    if json {
        for line in lines {
            writeln!(out, "{}", serde_json::to_string(&line)?)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let mut listed = table(&["when", "who", "from", "about", "kind", "what"]);
    for line in lines {
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        listed.add_row([line.at, line.actor, or_dash(line.door), or_dash(line.about), line.kind, line.summary]);
    }
    if listed.is_empty() {
        writeln!(out, "The audit has no such lines.")?;
    } else {
        writeln!(out, "{listed}")?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn rows(args: AuditArgs, store: &Store) -> Result<Vec<AuditRow>> {
    let repository = match &args.repo {
        Some(name) => Some(drive::known(store, Some(name)).await?.id),
        None => None,
    };
    let query = AuditQuery {
        repository,
        actor: args.actor,
        kind: args.kind,
        door: args.door,
        from: args.from,
        until: args.until,
        limit: args.limit,
        ..AuditQuery::default()
    };
    let Some(item) = &args.item else { return Ok(store.audit_rows(&query).await?) };
    let mut found = Vec::new();
    for subject in subjects(item, store).await? {
        found.extend(store.audit_rows(&AuditQuery { subject: Some(subject), ..query.clone() }).await?);
    }
    found.sort_by_key(|row| std::cmp::Reverse(row.id));
    found.truncate(usize::try_from(args.limit)?);
    Ok(found)
}

/// Issues and pull requests share their numbers, so a number may mean either.
async fn subjects(named: &Named, store: &Store) -> Result<Vec<Subject>> {
    let (Named::Item(super::item::Item { repository: name, .. }) | Named::Releases(name) | Named::Environment(name, _)) =
        named;
    let id = drive::known(store, Some(name)).await?.id;
    Ok(match named {
        Named::Item(item) => vec![Subject::Issue(id, item.number), Subject::Pull(id, item.number)],
        Named::Releases(_) => vec![Subject::Releases(id)],
        Named::Environment(_, name) => vec![Subject::Environment(id, EnvironmentName::new(name.as_str()))],
    })
}

fn shown(row: AuditRow, names: &HashMap<RepositoryId, RepositoryName>) -> Shown {
    let at = row.at().to_rfc3339();
    let about = row.subject.map(|text| called(&text, names).unwrap_or(text));
    let AuditRow { actor, door, kind, decision, summary, .. } = row;
    Shown { at, actor, door, about, kind, decision, summary }
}

/// A subject as people call it; `None` where its repository is not known any more.
fn called(subject: &str, names: &HashMap<RepositoryId, RepositoryName>) -> Option<String> {
    let subject: Subject = subject.parse().ok()?;
    let name = names.get(&subject.repository())?;
    Some(match &subject {
        Subject::Issue(_, number) | Subject::Pull(_, number) => format!("{name}#{number}"),
        Subject::Branch(_, branch) => format!("{name}:{branch}"),
        Subject::Environment(_, environment) => format!("{name}@{environment}"),
        Subject::Repository(_) | Subject::Releases(_) => name.to_string(),
    })
}

fn door(text: &str) -> Result<Door, String> {
    let all = [Door::Github, Door::Api, Door::Page, Door::Ntfy, Door::Cli, Door::Clock];
    let found = all.into_iter().find(|door| door.as_str() == text);
    found.ok_or_else(|| format!("{text:?} is not one of github, api, page, ntfy, cli, clock"))
}
