//! `GET /releases/{owner}/{name}/{environment}`: what runs there, what was deployed, and what somebody can do about it.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Html;
use serde::Deserialize;

use super::environment_forms::Forms;
use super::fault::PageFault;
use super::looking::Looking;
use super::pages;
use super::shell::{Part, Shell};
use super::standing::{Known, Standing, short};
use super::viewer::Viewer;
use super::when::{When, span};
use crate::http::Door;
use crate::model::{DeployEnd, DeploymentRow, EnvironmentName, EnvironmentRecord, Subject, Timestamp};
use crate::policy::{EnvironmentSettings, Policy};
use crate::store::KnownRepository;

/// So many deployments are on a page.
const SHOWN: i64 = 30;

#[derive(Template)]
#[template(path = "environment.html", config = ".askama.toml")]
struct EnvironmentPage {
    shell: Shell,
    repository: String,
    standing: Standing,
    summary: Option<String>,
    /// Why nothing can be asked here now.
    closed: Option<String>,
    forms: Option<Forms>,
    rows: Vec<Row>,
    older: Option<i64>,
}

/// A deployment.
struct Row {
    number: i64,
    tag: String,
    commit: String,
    from: Option<String>,
    word: &'static str,
    tone: &'static str,
    began: When,
    took: String,
    by: String,
    approved_by: String,
    note: String,
    errors: u32,
}

/// Which deployments are shown.
#[derive(Deserialize)]
pub(super) struct Before {
    before: Option<i64>,
}

/// An environment as it is found by its path.
pub(super) struct Found {
    pub(super) repository: KnownRepository,
    pub(super) name: EnvironmentName,
    pub(super) record: EnvironmentRecord,
    policy: Option<Arc<Policy>>,
}

impl Found {
    /// What the policy says of it.
    pub(super) fn settings(&self) -> Option<&EnvironmentSettings> {
        self.policy.as_ref().and_then(|policy| policy.environment(&self.name))
    }

    /// Why nothing can be asked of it now.
    fn closed(&self) -> Option<String> {
        match &self.policy {
            None => Some("GitHub does not tell the policy at the moment, so nothing can be asked here.".to_owned()),
            Some(policy) => match (&policy.unreadable, self.settings()) {
                (Some(fault), _) => Some(format!("Nothing is deployed while the policy cannot be read: {fault}")),
                (None, None) => Some("The policy does not name this environment any more.".to_owned()),
                (None, Some(_)) => None,
            },
        }
    }
}

/// The environment that a path names: one that was deployed to, or that the policy names.
pub(super) async fn find(
    door: &Door,
    viewer: &Viewer,
    (owner, name, environment): &(String, String, String),
) -> Result<Found, PageFault> {
    let repository = viewer.named(owner, name)?.repository.clone();
    let fits = |name: &&EnvironmentName| name.as_str().eq_ignore_ascii_case(environment);
    let mut records: BTreeMap<_, _> = door.doors.store().environments(repository.id).await?;
    let policy = pages(door)?.policies.of(door, &repository).await;
    let settings = policy.as_ref().map(|policy| policy.environments.as_slice()).unwrap_or_default();
    let name = records.keys().find(fits).or_else(|| settings.iter().map(|settings| &settings.name).find(fits));
    let name = name.cloned().ok_or(PageFault::NotFound)?;
    let record = records.remove(&name).unwrap_or_default();
    Ok(Found { repository, name, record, policy })
}

/// `GET /releases/{owner}/{name}/{environment}`
pub(super) async fn page(
    State(door): State<Arc<Door>>,
    looking: Looking,
    Path(path): Path<(String, String, String)>,
    Query(asked): Query<Before>,
) -> Result<Html<String>, PageFault> {
    let viewer = &looking.viewer;
    let found = find(&door, viewer, &path).await?;
    let (store, now) = (door.doors.store(), door.clock.now());
    let Found { repository, name, record, .. } = &found;
    let last = store.last_decision(&Subject::Environment(repository.id, name.clone())).await?;
    let known = Known { repository: &repository.name, name, record, settings: found.settings(), last: last.as_ref() };
    let standing = Standing::new(&known, now);
    let before = asked.before.unwrap_or(i64::MAX);
    let rows = store.deployment_history((repository.id, name), before, SHOWN + 1).await?;
    let has_more = rows.len() > usize::try_from(SHOWN).unwrap_or_default();
    let rows: Vec<DeploymentRow> = rows.into_iter().take(usize::try_from(SHOWN).unwrap_or_default()).collect();
    let closed = found.closed();
    let forms = match &closed {
        None => Forms::new(&found, viewer.of_environment(repository.id), &store.releases(repository.id).await?, now),
        Some(_) => None,
    };
    let shell = looking.shell(&door, Part::Releases, format!("{} of {}", name, repository.name)).await?;
    let page = EnvironmentPage {
        shell,
        repository: repository.name.to_string(),
        standing,
        summary: last.map(|last| last.summary),
        closed,
        forms,
        older: rows.last().filter(|_| has_more).map(|row| row.number),
        rows: rows.into_iter().map(|row| shown(row, now)).collect(),
    };
    Ok(Html(page.render()?))
}

fn shown(row: DeploymentRow, now: Timestamp) -> Row {
    let (word, tone) = match row.end {
        None => ("under way", "waits"),
        Some(end @ DeployEnd::Succeeded) => (end.as_str(), "ok"),
        Some(end @ (DeployEnd::Failed | DeployEnd::Error)) => (end.as_str(), "bad"),
    };
    Row {
        number: row.number,
        tag: row.tag.to_string(),
        commit: short(&row.sha),
        from: row.rollback_from.map(|from| from.to_string()),
        word,
        tone,
        began: When::new(row.began, now),
        took: span(row.ended.unwrap_or(now).since_ms(row.began)),
        by: row.by.unwrap_or_else(|| "the policy".to_owned()),
        approved_by: row.approved_by.unwrap_or_default(),
        note: row.note,
        errors: row.errors,
    }
}
