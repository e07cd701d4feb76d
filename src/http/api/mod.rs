//! The HTTP API of tasks, workers, releases and environments; for whoever has a token.

mod ask_task;
mod asks;
mod audit;
pub(super) mod auth;
pub(super) mod call;
mod claims;
mod find;
mod given;
pub(super) mod keys;
mod learnings;
mod lists;
mod notes;
mod openapi;
mod projects;
mod reference;
mod registration;
mod rehearsal;
mod requests;
pub(super) mod shapes;
mod shown;
mod stats;
pub(super) mod table;
mod tasks;
mod verbs;
mod wish;
mod workers;

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, Request};
use axum::middleware::{self, Next};
use axum::routing::get;
use futures::future::BoxFuture;
use secrecy::SecretString;
use tracing::{debug, error};

pub use reference::api_markdown;
pub use shown::{DeploymentShown, EnvironmentShown, ReleaseShown, SettingsShown};

use super::Door;
use super::environments::{self, AskFault};
use super::problem::{Problem, ProblemKind};
use crate::metrics::DeliveryResult;
use crate::model::{
    self, Delivery, DeliveryGuid, DeliverySource, EventName, Repository, RepositoryName, Subject, TaskBlocker,
};
use crate::policy::{Faults, Policy, Rules};
use crate::store::{Accepted, AuditEntry, StoreError};

/// Finds the repository of a name with its policy in force; `None` where the App does not reach it, and a sentence part
/// where that could not be found out.
pub type PolicyOf =
    Arc<dyn Fn(RepositoryName) -> BoxFuture<'static, Result<Option<(Repository, Arc<Policy>)>, String>> + Send + Sync>;
/// The server's rules in force.
pub type RulesOf = Arc<dyn Fn() -> Arc<Rules> + Send + Sync>;
/// The faults of the server's rule files, if they cannot be read as they are now.
pub type FaultsOf = Arc<dyn Fn() -> Option<Arc<Faults>> + Send + Sync>;

/// A query, as it is written.
type Asked = Result<Query<Vec<(String, String)>>, QueryRejection>;

/// What the API needs beside the server's door.
#[derive(Clone)]
pub struct Api {
    token: Option<SecretString>,
    policy_of: PolicyOf,
    rules_of: RulesOf,
    faults_of: Option<FaultsOf>,
    under_way: call::UnderWay,
}

impl fmt::Debug for Api {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Api").field("token", &self.token).finish_non_exhaustive()
    }
}

impl Api {
    /// An API for whoever has a token of the store, or the operator's own, if there is one.
    #[must_use]
    pub fn new(token: Option<SecretString>, policy_of: PolicyOf, rules_of: RulesOf) -> Self {
        Self { token, policy_of, rules_of, faults_of: None, under_way: call::UnderWay::default() }
    }

    /// The same, which also tells what is wrong with rule files.
    #[must_use]
    pub fn telling_faults(self, faults_of: FaultsOf) -> Self {
        Self { faults_of: Some(faults_of), ..self }
    }

    /// The server's rules in force.
    pub(super) fn rules(&self) -> Arc<Rules> {
        (self.rules_of)()
    }

    /// What is wrong with the rule files; then older rules are in force.
    pub(super) fn rule_faults(&self) -> Option<Arc<Faults>> {
        self.faults_of.as_ref().and_then(|faults_of| faults_of())
    }

    /// How a repository's policy is found.
    pub(super) const fn policy_of(&self) -> &PolicyOf {
        &self.policy_of
    }

    /// The operator's own token, if there is one.
    pub(super) const fn token(&self) -> Option<&SecretString> {
        self.token.as_ref()
    }
}

/// All routes of the API, each behind its own scopes.
pub(super) fn routes(door: &Arc<Door>) -> Router<Arc<Door>> {
    let mut router = Router::new().route("/api/openapi.json", get(openapi::openapi));
    for route in table::routes() {
        let (door, admits) = (Arc::clone(door), route.admits);
        let admit = move |request: Request, next: Next| auth::admit(Arc::clone(&door), admits, request, next);
        router = router.route(&route.path, route.handler.route_layer(middleware::from_fn(admit)));
    }
    router
}

/// The rules in force.
fn rules(door: &Door) -> Result<Arc<Rules>, Problem> {
    let api = door.api.as_ref().ok_or_else(|| nothing_here(door))?;
    Ok(api.rules())
}

/// A query by its keys.
fn query(door: &Door, asked: Asked, keys: &[keys::Key]) -> Result<given::Given, Problem> {
    let Query(pairs) = asked.map_err(|error| {
        ProblemKind::Unprocessable.counted(&door.metrics, format!("The query cannot be read: {error}."))
    })?;
    given::Given::of_query(pairs, keys).map_err(|wrong| wrong.problem(door))
}

/// A reason why not, as a sentence.
fn sentence(blocker: &TaskBlocker) -> String {
    let text = blocker.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

/// Notes in the audit what a caller did without asking anybody.
async fn note(
    door: &Door,
    (caller, kind, subject): (&auth::Caller, &str, Option<&Subject>),
    summary: &str,
) -> Result<(), Problem> {
    let entry = AuditEntry {
        actor: &caller.actor(),
        subject: subject.map(ToString::to_string),
        kind,
        summary,
        door: Some(model::Door::Api),
        ..AuditEntry::default()
    };
    door.doors.store().audit(&entry).await.map_err(of_store(door))
}

/// Stores what is asked for as a delivery, which is judged like any other.
async fn store(door: &Door, guid: &DeliveryGuid, request: &model::Request) -> Result<(), Problem> {
    let event = EventName(request.event_name().to_owned());
    let body = serde_json::to_vec(request)
        .map_err(|_| ProblemKind::Internal.counted(&door.metrics, "The request cannot be written down."))?;
    let delivery = Delivery {
        guid: guid.clone(),
        source: DeliverySource::Api,
        event: event.clone(),
        received: door.clock.now(),
        body: body.into(),
    };
    let accepted = door.doors.accept(delivery).await;
    let result = match &accepted {
        Ok(Accepted::Stored) => DeliveryResult::Stored,
        Ok(Accepted::Duplicate) => DeliveryResult::Duplicate,
        Err(_) => DeliveryResult::Failed,
    };
    door.metrics.delivery(&event.0, result);
    accepted.map(drop).map_err(of_store(door))
}

/// The parts of a path; what cannot be read is not there.
fn path<T>(door: &Door, path: Result<Path<T>, PathRejection>) -> Result<T, Problem> {
    path.map(|Path(parts)| parts).map_err(|_| nothing_here(door))
}

fn nothing_here(door: &Door) -> Problem {
    ProblemKind::NotFound.counted(&door.metrics, "There is nothing at this path.")
}

fn repository_name(door: &Door, owner: &str, name: &str) -> Result<RepositoryName, Problem> {
    format!("{owner}/{name}").parse().map_err(|error| ProblemKind::NotFound.counted(&door.metrics, format!("{error}.")))
}

fn not_reached(door: &Door, name: &RepositoryName) -> Problem {
    let detail = format!("The App is not installed on {name}, or it does not exist.");
    ProblemKind::NotFound.counted(&door.metrics, detail)
}

/// The repository and its policy, which GitHub is asked for unless it was just asked.
async fn repository(door: &Door, name: RepositoryName) -> Result<(Repository, Arc<Policy>), Problem> {
    let api = door.api.as_ref().ok_or_else(|| nothing_here(door))?;
    environments::repository(api, &name).await.map_err(|fault| of_ask(door, &name, fault))
}

/// Why nothing was found or asked, as a problem.
fn of_ask(door: &Door, name: &RepositoryName, fault: AskFault) -> Problem {
    let (kind, detail) = match fault {
        AskFault::NotReached => return not_reached(door, name),
        AskFault::Store(fault) => return of_store(door)(fault),
        AskFault::PolicyUnknown => {
            let detail = format!("The policy of {name} cannot be read from GitHub now; call again later.");
            (ProblemKind::NotReady, detail)
        }
        AskFault::PolicyUnreadable(fault) => {
            (ProblemKind::Conflict, format!("Nothing is deployed while the policy cannot be read: {fault}"))
        }
        AskFault::Refused(refusal) => (asks::kind_of(&refusal), refusal.sentence()),
    };
    kind.counted(&door.metrics, detail)
}

/// A store that fails is a fault of ours, which the log explains; that the database is away is told there once.
fn of_store(door: &Door) -> impl Fn(StoreError) -> Problem + '_ {
    |fault| {
        if fault.cause().is_some() {
            debug!(error = %fault, "a call of the API could not be answered");
        } else {
            error!(error = %fault, "a call of the API could not be answered");
        }
        ProblemKind::StoreUnavailable
            .counted(&door.metrics, "The database cannot be read or written; call again later.")
    }
}
