//! What is told to GitHub, to deploy targets and to health pages of a deployment.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{DeploymentId, EnvironmentName, Repository, TagName, Version};

/// A GitHub Deployment to be created (<https://docs.github.com/en/rest/deployments/deployments#create-a-deployment>).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentOrder {
    /// The repository.
    pub repository: Repository,
    /// The environment.
    pub environment: EnvironmentName,
    /// The number of ours; with the environment it finds the deployment again, by its payload.
    pub number: i64,
    /// What is deployed.
    pub version: Version,
    /// In at most 140 characters.
    pub description: String,
    /// It serves the public.
    pub production: bool,
}

/// How a deploy target is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "trigger", rename_all = "snake_case")]
pub enum Trigger {
    /// A workflow of the repository is dispatched.
    Workflow {
        /// Its file name.
        workflow: String,
        /// The ref it runs on; `None` for the version's tag.
        git_ref: Option<String>,
        /// Its inputs; `{tag}`, `{version}`, `{sha}`, `{environment}`, `{deployment}` and `{previous}` are filled in.
        inputs: BTreeMap<String, String>,
    },
    /// A `repository_dispatch` event is sent.
    Dispatch {
        /// Its `event_type`.
        event: String,
    },
    /// A signed hook is called.
    Hook {
        /// Where to.
        url: String,
        /// The environment variable that holds the key.
        secret_env: String,
        /// A 2xx says that it is done; otherwise it says that it has begun, and a status is waited for.
        finishes: bool,
    },
    /// A command that the server's own rules name is run on the server.
    Command {
        /// Its name there.
        name: String,
        /// Program and arguments, after the placeholders were filled in.
        run: Vec<String>,
    },
    /// Nobody is told: whoever watches GitHub's deployments does it and reports by a deployment status.
    None,
}

/// What a deploy target is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriggerOrder {
    /// The repository.
    pub repository: Repository,
    /// The environment.
    pub environment: EnvironmentName,
    /// The number of ours.
    pub number: i64,
    /// Which attempt this is, beginning with 1.
    pub attempt: u32,
    /// GitHub's id of the deployment.
    pub deployment: DeploymentId,
    /// What is deployed.
    pub version: Version,
    /// What ran there before.
    pub previous: Option<TagName>,
    /// How the target is told, its placeholders filled in.
    pub trigger: Trigger,
    /// How long its answer is waited for, in seconds.
    pub timeout_s: u32,
}

/// A look at whether a version is healthy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeOrder {
    /// The number of the deployment.
    pub number: i64,
    /// Counts the probes of a deployment, beginning with 1.
    pub probe: u32,
    /// What is asked for, its placeholders filled in.
    pub url: String,
    /// The status that must come.
    pub status: u16,
    /// A regex that the body must match.
    pub body: Option<String>,
    /// How long the answer is waited for, in seconds.
    pub timeout_s: u32,
}
