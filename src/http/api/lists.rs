//! `GET …/releases`, `…/environments` and `…/deployments`.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use super::{Asked, DeploymentShown, EnvironmentShown, ReleaseShown, SettingsShown};
use crate::decide::tracking::AskRefusal;
use crate::http::Door;
use crate::http::problem::{Problem, ProblemKind};
use crate::model::{EnvironmentName, RepositoryId, RepositoryName, Subject};
use crate::store::KnownRepository;

type InRepository = Result<Path<(String, String)>, PathRejection>;

/// Deployments in an answer where the call does not say how many.
const LIMIT: i64 = 30;
/// No answer holds more.
const LIMIT_MAX: i64 = 100;

/// `GET …/releases`: the newest first, at most 50.
pub(super) async fn releases(State(door): State<Arc<Door>>, path: InRepository) -> Result<Response, Problem> {
    let known = known(&door, &name(&door, path)?).await?;
    let releases = door.doors.store().releases(known.id).await.map_err(super::of_store(&door))?;
    let shown: Vec<ReleaseShown> = releases.into_iter().map(ReleaseShown::from).collect();
    Ok(Json(json!({"releases": shown})).into_response())
}

/// An environment with what the policy says of it; `None` where the policy does not name it any more.
#[derive(Serialize)]
struct WithPolicy {
    #[serde(flatten)]
    shown: EnvironmentShown,
    policy: Option<SettingsShown>,
}

/// `GET …/environments`: those that the policy names, in its order, and then those that it does not name any more.
pub(super) async fn environments(State(door): State<Arc<Door>>, path: InRepository) -> Result<Response, Problem> {
    let (repository, policy) = super::repository(&door, name(&door, path)?).await?;
    let store = door.doors.store();
    let mut records = store.environments(repository.id).await.map_err(super::of_store(&door))?;
    let mut listed = Vec::new();
    for settings in &policy.environments {
        let record = records.remove(&settings.name).unwrap_or_default();
        let shown = shown(&door, repository.id, (settings.name.clone(), record)).await?;
        listed.push(WithPolicy { shown, policy: Some(settings.into()) });
    }
    for left in records {
        listed.push(WithPolicy { shown: shown(&door, repository.id, left).await?, policy: None });
    }
    Ok(Json(json!({"environments": listed, "policy_fault": policy.unreadable})).into_response())
}

async fn shown(
    door: &Door,
    repository: RepositoryId,
    (name, record): (EnvironmentName, crate::model::EnvironmentRecord),
) -> Result<EnvironmentShown, Problem> {
    let subject = Subject::Environment(repository, name.clone());
    let last = door.doors.store().last_decision(&subject).await.map_err(super::of_store(door))?;
    Ok(EnvironmentShown::new(name, record, last))
}

/// A deployment with what only the API shows.
#[derive(Serialize)]
struct Listed {
    number: i64,
    #[serde(flatten)]
    shown: DeploymentShown,
    by: Option<String>,
    approved_by: Option<String>,
    github_id: Option<i64>,
}

/// `GET …/deployments?environment=&limit=`: the newest first.
pub(super) async fn deployments(
    State(door): State<Arc<Door>>,
    path: InRepository,
    query: Asked,
) -> Result<Response, Problem> {
    let name = name(&door, path)?;
    let (wanted, limit) = asked(query).map_err(|detail| ProblemKind::Unprocessable.counted(&door.metrics, detail))?;
    let known = known(&door, &name).await?;
    let store = door.doors.store();
    let environment = match wanted {
        Some(wanted) => Some(environment(&door, (&known, &wanted)).await?),
        None => None,
    };
    let rows = store.deployments(known.id, environment.as_ref(), limit).await.map_err(super::of_store(&door))?;
    let listed: Vec<Listed> = rows
        .into_iter()
        .map(|(name, row)| Listed {
            number: row.number,
            by: row.by.clone(),
            approved_by: row.approved_by.clone(),
            github_id: row.id.map(|id| id.0),
            shown: (name, row).into(),
        })
        .collect();
    Ok(Json(json!({"deployments": listed})).into_response())
}

/// What is asked for: an environment, and how many.
fn asked(query: Asked) -> Result<(Option<String>, i64), String> {
    let Query(pairs) = query.map_err(|error| format!("The query cannot be read: {error}."))?;
    let (mut environment, mut limit) = (None, LIMIT);
    for (key, value) in pairs {
        match key.as_str() {
            "environment" => environment = Some(value).filter(|name| !name.is_empty()),
            "limit" => {
                let number = value.parse().ok().filter(|number| (1..=LIMIT_MAX).contains(number));
                limit = number.ok_or_else(|| format!("limit should be a whole number from 1 to {LIMIT_MAX}."))?;
            }
            other => return Err(format!("There is no parameter {other:?}, only environment and limit.")),
        }
    }
    Ok((environment, limit))
}

/// The environment of this name, in whatever case it is written: one that was deployed to, or that the policy names.
async fn environment(door: &Door, (known, wanted): (&KnownRepository, &str)) -> Result<EnvironmentName, Problem> {
    let fits = |name: &&EnvironmentName| name.as_str().eq_ignore_ascii_case(wanted);
    let records: BTreeMap<_, _> = door.doors.store().environments(known.id).await.map_err(super::of_store(door))?;
    if let Some(name) = records.keys().find(fits) {
        return Ok(name.clone());
    }
    let (_, policy) = super::repository(door, known.name.clone()).await?;
    let mut names: Vec<EnvironmentName> = policy.environments.iter().map(|one| one.name.clone()).collect();
    if let Some(name) = names.iter().find(fits) {
        return Ok(name.clone());
    }
    names.extend(records.into_keys().filter(|name| policy.environment(name).is_none()));
    let refusal = AskRefusal::NoSuchEnvironment { asked: wanted.to_owned(), known: names };
    Err(ProblemKind::NotFound.counted(&door.metrics, refusal.sentence()))
}

fn name(door: &Door, path: InRepository) -> Result<RepositoryName, Problem> {
    let (owner, name) = super::path(door, path)?;
    super::repository_name(door, &owner, &name)
}

/// The repository as the store knows it: lists need no GitHub.
async fn known(door: &Door, name: &RepositoryName) -> Result<KnownRepository, Problem> {
    let known = door.doors.store().repository_named(name).await.map_err(super::of_store(door))?;
    known.ok_or_else(|| super::not_reached(door, name))
}
