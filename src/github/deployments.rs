//! GitHub Deployments: create one, list them, say and read how far one has come.

use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::account::AccountBody;
use super::check_runs::time;
use super::request::Call;
use super::{GithubError, InstallationClient, Path};
use crate::model::{ActorKind, DeploymentId, DeploymentState, EnvironmentName, Login, RepositoryName, Sha, Timestamp};

/// Deployments that a list shows, newest first; older ones are not looked at.
const LISTED: &str = "30";
/// Longest description that GitHub takes, in characters.
const DESCRIPTION_LIMIT_CHARACTERS: usize = 140;

/// A deployment to be created (<https://docs.github.com/en/rest/deployments/deployments#create-a-deployment>).
#[derive(Debug, Clone, PartialEq)]
pub struct NewDeployment {
    /// The commit.
    pub sha: Sha,
    /// Where to.
    pub environment: EnvironmentName,
    /// What it is found again by, and whatever a deployer may need.
    pub payload: Value,
    /// For people; what goes beyond 140 characters is left out.
    pub description: String,
    /// It serves the public.
    pub production: bool,
    /// It will be gone some day.
    pub transient: bool,
}

/// A deployment as GitHub tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct DeploymentSeen {
    /// Its id.
    pub id: DeploymentId,
    /// The commit.
    pub sha: Sha,
    /// Where to.
    pub environment: EnvironmentName,
    /// What its creator wrote with it; a text that holds JSON is read as such.
    pub payload: Value,
    /// Who created it.
    pub creator: Login,
    /// When it was created.
    pub created: Timestamp,
}

/// What was said of a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusSeen {
    /// How far it has come.
    pub state: DeploymentState,
    /// What was written with it.
    pub description: String,
    /// Who said it.
    pub creator: Login,
    /// What kind of account that is.
    pub creator_kind: ActorKind,
    /// When.
    pub created: Timestamp,
}

/// What to say of a deployment
/// (<https://docs.github.com/en/rest/deployments/statuses#create-a-deployment-status>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDeploymentStatus {
    /// How far it has come.
    pub state: DeploymentState,
    /// For people; what goes beyond 140 characters is left out.
    pub description: String,
    /// Where people read what was done.
    pub log_url: Option<String>,
    /// Where it runs.
    pub environment_url: Option<String>,
}

impl NewDeploymentStatus {
    /// The description as GitHub shows it afterwards.
    #[must_use]
    pub fn described(&self) -> String {
        described(&self.description)
    }
}

#[derive(Serialize)]
struct DeploymentRequest<'a> {
    #[serde(rename = "ref")]
    git_ref: &'a Sha,
    task: &'static str,
    auto_merge: bool,
    required_contexts: [&'static str; 0],
    payload: &'a Value,
    environment: &'a EnvironmentName,
    description: String,
    production_environment: bool,
    transient_environment: bool,
}

#[derive(Deserialize)]
struct DeploymentBody {
    id: i64,
    sha: Sha,
    environment: EnvironmentName,
    #[serde(default)]
    payload: Value,
    creator: Option<AccountBody>,
    created_at: Option<String>,
}

#[derive(Deserialize)]
struct MessageBody {
    #[serde(default)]
    message: String,
}

#[derive(Serialize)]
struct StatusRequest<'a> {
    state: DeploymentState,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    log_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment_url: Option<&'a str>,
    auto_inactive: bool,
}

#[derive(Deserialize)]
struct StatusBody {
    id: i64,
    state: String,
    #[serde(default)]
    description: Option<String>,
    creator: Option<AccountBody>,
    created_at: Option<String>,
}

fn described(text: &str) -> String {
    text.chars().take(DESCRIPTION_LIMIT_CHARACTERS).collect()
}

impl From<DeploymentBody> for DeploymentSeen {
    fn from(body: DeploymentBody) -> Self {
        let inside = body.payload.as_str().and_then(|text| serde_json::from_str(text).ok());
        let payload = inside.unwrap_or(body.payload);
        Self {
            id: DeploymentId(body.id),
            sha: body.sha,
            environment: body.environment,
            payload,
            creator: AccountBody::author(body.creator).0,
            created: time(body.created_at.as_deref()).unwrap_or(Timestamp(0)),
        }
    }
}

/// `…/deployments/{id}/statuses`.
fn statuses(repository: &RepositoryName, deployment: DeploymentId) -> Result<Path, GithubError> {
    Path::repository(repository, ["deployments", &deployment.to_string(), "statuses"])
}

impl InstallationClient {
    /// Creates a deployment of the very commit: nothing is merged into it, and no status of it is asked for.
    ///
    /// # Errors
    /// [`GithubError::Conflict`] for 409, and [`GithubError::Unexpected`] for 202, by which GitHub says that it merged
    /// the default branch into the ref and created nothing; neither comes where what is asked for is honoured.
    pub async fn create_deployment(
        &self,
        repository: &RepositoryName,
        new: &NewDeployment,
    ) -> Result<DeploymentSeen, GithubError> {
        let request = DeploymentRequest {
            git_ref: &new.sha,
            task: "deploy",
            auto_merge: false,
            required_contexts: [],
            payload: &new.payload,
            environment: &new.environment,
            description: described(&new.description),
            production_environment: new.production,
            transient_environment: new.transient,
        };
        let call = Call::new(Method::POST, Path::repository(repository, ["deployments"])?).json(&request)?;
        let response = self.caller.call(call.clone()).await?;
        if response.status == StatusCode::ACCEPTED {
            let message = response.decode::<MessageBody>(&call).map_or_else(|_| String::new(), |body| body.message);
            return Err(GithubError::Unexpected { call: call.to_string(), status: 202, message });
        }
        Ok(response.decode::<DeploymentBody>(&call)?.into())
    }

    /// The 30 newest deployments to an environment, of one commit or of any, newest first
    /// (<https://docs.github.com/en/rest/deployments/deployments#list-deployments>).
    pub async fn deployments(
        &self,
        repository: &RepositoryName,
        environment: &EnvironmentName,
        sha: Option<&Sha>,
    ) -> Result<Vec<DeploymentSeen>, GithubError> {
        let mut path = Path::repository(repository, ["deployments"])?.query("environment", environment.as_str());
        if let Some(sha) = sha {
            path = path.query("sha", sha.as_str());
        }
        let bodies: Vec<DeploymentBody> = self.caller.read(path.query("per_page", LISTED)).await?;
        let mut seen: Vec<DeploymentSeen> = bodies.into_iter().map(DeploymentSeen::from).collect();
        seen.sort_by_key(|deployment| std::cmp::Reverse(deployment.id));
        Ok(seen)
    }

    /// All that was said of a deployment, oldest first; states that are not known are left out
    /// (<https://docs.github.com/en/rest/deployments/statuses#list-deployment-statuses>).
    pub async fn deployment_statuses(
        &self,
        repository: &RepositoryName,
        deployment: DeploymentId,
    ) -> Result<Vec<StatusSeen>, GithubError> {
        let mut bodies: Vec<StatusBody> = self.caller.list(statuses(repository, deployment)?).await?;
        bodies.sort_by_key(|body| body.id);
        let seen = bodies.into_iter().filter_map(|body| {
            let (creator, creator_kind) = AccountBody::author(body.creator);
            Some(StatusSeen {
                state: DeploymentState::named(&body.state)?,
                description: body.description.unwrap_or_default(),
                creator,
                creator_kind,
                created: time(body.created_at.as_deref()).unwrap_or(Timestamp(0)),
            })
        });
        Ok(seen.collect())
    }

    /// Says how far a deployment has come. With a success GitHub marks the earlier ones of the environment as inactive,
    /// unless it serves the public.
    pub async fn create_deployment_status(
        &self,
        repository: &RepositoryName,
        deployment: DeploymentId,
        new: &NewDeploymentStatus,
    ) -> Result<(), GithubError> {
        let request = StatusRequest {
            state: new.state,
            description: new.described(),
            log_url: new.log_url.as_deref(),
            environment_url: new.environment_url.as_deref(),
            auto_inactive: true,
        };
        self.caller.write(Method::POST, statuses(repository, deployment)?, &request).await.map(drop)
    }
}
