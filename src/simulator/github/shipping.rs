//! What a repository remembers of what was shipped from it: releases, deployments, and what others were told to do.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::model::Timestamp;

/// What was shipped from one repository.
#[derive(Debug, Default)]
pub struct Shipping {
    /// Oldest first.
    pub releases: Vec<Release>,
    /// The release that is marked as the latest.
    pub latest: Option<i64>,
    /// Oldest first.
    pub deployments: Vec<Deployment>,
    /// Environments by name with id and birth; each begins with its first deployment.
    pub environments: BTreeMap<String, (i64, Timestamp)>,
    /// What `repository_dispatch` was sent, oldest first.
    pub dispatches: Vec<Dispatch>,
    /// Whether GitHub minds that a tag brings in workflow files that no branch has.
    pub workflows_guarded: bool,
}

/// A release.
#[derive(Debug, Clone)]
pub struct Release {
    pub id: i64,
    pub tag: String,
    /// What the tag was made from, or would be.
    pub target: String,
    pub name: Option<String>,
    pub body: Option<String>,
    pub draft: bool,
    pub prerelease: bool,
    pub author: String,
    pub created_at: Timestamp,
    pub published_at: Option<Timestamp>,
    pub updated_at: Timestamp,
}

/// A deployment.
#[derive(Debug, Clone)]
pub struct Deployment {
    pub id: i64,
    pub sha: String,
    pub git_ref: String,
    pub task: String,
    pub payload: Value,
    pub original_environment: String,
    pub environment: String,
    pub description: Option<String>,
    pub transient: bool,
    pub production: bool,
    pub creator: String,
    pub via_app: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Oldest first.
    pub statuses: Vec<DeploymentStatus>,
}

impl Deployment {
    /// The newest state; none while nobody has said anything.
    pub fn state(&self) -> Option<&str> {
        self.statuses.last().map(|status| status.state.as_str())
    }
}

/// What somebody said of a deployment.
#[derive(Debug, Clone)]
pub struct DeploymentStatus {
    pub id: i64,
    pub state: String,
    pub description: String,
    pub log_url: String,
    pub environment_url: String,
    pub environment: String,
    pub creator: String,
    pub via_app: bool,
    pub created_at: Timestamp,
}

/// What `repository_dispatch` sent to a repository's workflows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispatch {
    /// `event_type`.
    pub event: String,
    /// `client_payload`.
    pub payload: Value,
    /// When it was sent.
    pub at: Timestamp,
}

impl Shipping {
    pub fn release(&self, id: i64) -> Option<&Release> {
        self.releases.iter().find(|release| release.id == id)
    }

    pub fn release_mut(&mut self, id: i64) -> Option<&mut Release> {
        self.releases.iter_mut().find(|release| release.id == id)
    }

    /// The published release of a tag: there is at most one.
    pub fn release_of(&self, tag: &str) -> Option<&Release> {
        self.releases.iter().find(|release| !release.draft && release.tag == tag)
    }

    pub fn deployment(&self, id: i64) -> Option<&Deployment> {
        self.deployments.iter().find(|deployment| deployment.id == id)
    }

    pub fn deployment_mut(&mut self, id: i64) -> Option<&mut Deployment> {
        self.deployments.iter_mut().find(|deployment| deployment.id == id)
    }

    /// The release that is shown as the latest: the one marked, else the newest that is no pre-release.
    ///
    /// <https://docs.github.com/en/rest/releases/releases#get-the-latest-release>
    pub fn latest_release(&self) -> Option<&Release> {
        let full = |release: &&Release| !release.draft && !release.prerelease;
        let marked = self.latest.and_then(|id| self.release(id)).filter(full);
        marked.or_else(|| self.releases.iter().filter(full).max_by_key(|release| (release.created_at, release.id)))
    }
}
