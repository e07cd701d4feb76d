//! The HTTP API of releases and environments: what there is, and what may be asked; for whoever has the token.

mod asks;
mod lists;
mod shown;
mod wish;

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::Router;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, header};
use axum::routing::{get, post};
use futures::future::BoxFuture;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest as _, Sha256};
use tracing::{error, warn};

pub use shown::{DeploymentShown, EnvironmentShown, ReleaseShown, SettingsShown};

use super::Door;
use super::problem::{Problem, ProblemKind};
use crate::model::{Repository, RepositoryName};
use crate::policy::Policy;
use crate::store::StoreError;

/// Finds the repository of a name with its policy in force; `None` where the App does not reach it, and a sentence part
/// where that could not be found out.
pub type PolicyOf =
    Arc<dyn Fn(RepositoryName) -> BoxFuture<'static, Result<Option<(Repository, Arc<Policy>)>, String>> + Send + Sync>;

/// What the API needs beside the server's door.
#[derive(Clone)]
pub struct Api {
    token: Option<SecretString>,
    policy_of: PolicyOf,
}

impl fmt::Debug for Api {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Api").field("token", &self.token).finish_non_exhaustive()
    }
}

impl Api {
    /// An API for whoever has this token; without one it is for nobody.
    #[must_use]
    pub const fn new(token: Option<SecretString>, policy_of: PolicyOf) -> Self {
        Self { token, policy_of }
    }
}

/// All routes of the API.
pub(super) fn routes() -> Router<Arc<Door>> {
    let of = |what: &str| format!("/api/v1/repositories/{{owner}}/{{name}}/{what}");
    Router::new()
        .route(&of("releases"), get(lists::releases))
        .route(&of("environments"), get(lists::environments))
        .route(&of("deployments"), get(lists::deployments))
        .route(&of("environments/{environment}/{verb}"), post(asks::ask))
}

/// Lets pass whoever has the token.
fn admitted<'a>(door: &'a Door, headers: &HeaderMap) -> Result<&'a Api, Problem> {
    let refuse = |kind: ProblemKind, detail: &str| kind.counted(&door.metrics, detail);
    let disabled = "The API is not enabled: set STATIONMASTER_API_TOKEN to a token of at least 20 characters.";
    let api = door.api.as_ref().ok_or_else(|| refuse(ProblemKind::ApiDisabled, disabled))?;
    let token = api.token.as_ref().ok_or_else(|| refuse(ProblemKind::ApiDisabled, disabled))?;
    let given = headers.get(header::AUTHORIZATION).and_then(|value| bearer(value.as_bytes())).ok_or_else(|| {
        refuse(ProblemKind::WrongToken, "Send the token of STATIONMASTER_API_TOKEN as `Authorization: Bearer …`.")
    })?;
    if same(given, token.expose_secret().as_bytes()) {
        Ok(api)
    } else {
        Err(refuse(ProblemKind::WrongToken, "This is not the token of STATIONMASTER_API_TOKEN."))
    }
}

/// The token in a header (<https://www.rfc-editor.org/rfc/rfc6750#section-2.1>); the scheme's case does not matter.
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked("bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"bearer ").then(|| token.trim_ascii())
}

/// How long it takes tells neither how much of a token is right nor how long the right one is.
fn same(given: &[u8], wanted: &[u8]) -> bool {
    verify_slices_are_equal(&Sha256::digest(given), &Sha256::digest(wanted)).is_ok()
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
async fn repository(door: &Door, api: &Api, name: RepositoryName) -> Result<(Repository, Arc<Policy>), Problem> {
    match (api.policy_of)(name.clone()).await {
        Ok(Some(found)) => Ok(found),
        Ok(None) => Err(not_reached(door, &name)),
        Err(fault) => {
            warn!(repository = %name, fault, "a call of the API has to wait for the policy");
            let detail = format!("The policy of {name} cannot be read from GitHub now; call again later.");
            Err(ProblemKind::NotReady.counted(&door.metrics, detail))
        }
    }
}

/// A store that fails is a fault of ours, which the log explains.
fn of_store(door: &Door) -> impl Fn(StoreError) -> Problem + '_ {
    |fault| {
        error!(error = %fault, "a call of the API could not be answered");
        ProblemKind::StoreUnavailable
            .counted(&door.metrics, "The database cannot be read or written; call again later.")
    }
}
