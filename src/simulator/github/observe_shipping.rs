//! Tags, releases, deployments and dispatched events as tests and the demo look at them.

use serde_json::Value;

use super::GithubSimulator;
use super::entities::Repository;
use super::observe::View;
use super::shipping::Dispatch;

/// A release as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseView {
    /// Its tag.
    pub tag: String,
    /// Its title; empty when it has none.
    pub name: String,
    /// Its notes; empty when it has none.
    pub body: String,
    /// Whether it is a pre-release.
    pub prerelease: bool,
    /// Whether it is not published yet.
    pub draft: bool,
    /// Its page.
    pub url: String,
    /// What the tag was made from, or would be.
    pub target: String,
}

/// A deployment as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeploymentView {
    /// Its id.
    pub id: i64,
    /// Where to.
    pub environment: String,
    /// The commit.
    pub sha: String,
    /// The ref that was asked for.
    pub git_ref: String,
    /// What its creator attached.
    pub payload: Value,
    /// Whether the environment is production.
    pub production: bool,
    /// What was said of it, oldest first, as (state, description, login).
    pub statuses: Vec<(String, String, String)>,
}

impl View<'_> {
    /// The tags of a repository with the commits that they mean, by name.
    #[must_use]
    pub fn tags(&self, repository: &str) -> Vec<(String, String)> {
        self.repository(repository).and_then(|home| home.git.tags().ok()).unwrap_or_default()
    }

    /// The releases of a repository, oldest first.
    #[must_use]
    pub fn releases(&self, repository: &str) -> Vec<ReleaseView> {
        let Some(home) = self.repository(repository) else { return Vec::new() };
        let show = |release: &super::shipping::Release| ReleaseView {
            tag: release.tag.clone(),
            name: release.name.clone().unwrap_or_default(),
            body: release.body.clone().unwrap_or_default(),
            prerelease: release.prerelease,
            draft: release.draft,
            url: self.views().release_page(home, release),
            target: release.target.clone(),
        };
        home.shipping.releases.iter().map(show).collect()
    }

    /// The deployments of a repository, oldest first.
    #[must_use]
    pub fn deployments(&self, repository: &str) -> Vec<DeploymentView> {
        let all = self.repository(repository).map_or(&[][..], |home| home.shipping.deployments.as_slice());
        let said = |status: &super::shipping::DeploymentStatus| {
            (status.state.clone(), status.description.clone(), status.creator.clone())
        };
        let show = |deployment: &super::shipping::Deployment| DeploymentView {
            id: deployment.id,
            environment: deployment.environment.clone(),
            sha: deployment.sha.clone(),
            git_ref: deployment.git_ref.clone(),
            payload: deployment.payload.clone(),
            production: deployment.production,
            statuses: deployment.statuses.iter().map(said).collect(),
        };
        all.iter().map(show).collect()
    }

    /// What `repository_dispatch` was sent, oldest first.
    #[must_use]
    pub fn dispatches(&self, repository: &str) -> Vec<Dispatch> {
        self.repository(repository).map(|home: &Repository| home.shipping.dispatches.clone()).unwrap_or_default()
    }
}

impl GithubSimulator {
    /// The tags of a repository with the commits that they mean, by name.
    #[must_use]
    pub fn tags(&self, repository: &str) -> Vec<(String, String)> {
        self.look(|view| view.tags(repository))
    }

    /// The releases of a repository, oldest first.
    #[must_use]
    pub fn releases(&self, repository: &str) -> Vec<ReleaseView> {
        self.look(|view| view.releases(repository))
    }

    /// The deployments of a repository, oldest first.
    #[must_use]
    pub fn deployments(&self, repository: &str) -> Vec<DeploymentView> {
        self.look(|view| view.deployments(repository))
    }

    /// What `repository_dispatch` was sent, oldest first.
    #[must_use]
    pub fn dispatches(&self, repository: &str) -> Vec<Dispatch> {
        self.look(|view| view.dispatches(repository))
    }
}
