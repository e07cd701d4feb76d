//! A delivery's typed meaning: what happened, who did it, and which subjects to look at again.

use serde::{Deserialize, Serialize};

use super::{InstallationId, Login, RepositoryId, RepositoryName, Subject};

/// What parsing a delivery comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parsed {
    /// Something that we act on.
    Known(Event),
    /// Something that is well formed and means nothing to us, with the reason.
    Ignored(String),
}

/// The typed meaning of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// Who did it, where the payload says so.
    pub actor: Option<Actor>,
    /// The installation that the webhook was sent for.
    pub installation: Option<InstallationId>,
    /// The repository it happened in, by id and present name.
    pub repository: Option<(RepositoryId, RepositoryName)>,
    /// What to look at again; empty for events about an installation.
    pub subjects: Vec<Subject>,
}

/// What happened, as far as anything of ours depends on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EventKind {
    /// `issues`: opened, edited, labelled, closed and the rest.
    Issue {
        /// GitHub's `action`, kept as text: new ones appear and must not fail.
        action: String,
    },
    /// `issue_comment` on an issue.
    IssueComment {
        /// GitHub's `action`.
        action: String,
    },
    /// `pull_request`, `pull_request_review` and their comments.
    Pull {
        /// GitHub's `action`.
        action: String,
    },
    /// `check_run`, `check_suite` or `status`.
    Check {
        /// GitHub's `action`, or the state of a `status`.
        action: String,
        /// The commit that was checked. For a head in a fork GitHub names no pull, so this is how it is found.
        head_sha: Option<String>,
    },
    /// `workflow_run`: one that we have dispatched is told as our own doing, and its end is not.
    Run {
        /// GitHub's `action`.
        action: String,
        /// The commit that it runs on.
        head_sha: Option<String>,
    },
    /// `push`, `create` or `delete` of a branch.
    Branch {
        /// `push`, `create` or `delete`.
        action: String,
    },
    /// `deployment_status`: somebody says how far a deployment has come.
    Deployment {
        /// GitHub's `action`.
        action: String,
    },
    /// `installation` and `installation_repositories`.
    Installation(InstallationChange),
    /// `repository`: renamed, transferred, deleted and the rest.
    Repository(RepositoryChange),
}

/// What became of an installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum InstallationChange {
    /// Created, or its permissions accepted, or unsuspended: usable, with these repositories added.
    Usable {
        /// Repositories named by the payload.
        added: Vec<(RepositoryId, RepositoryName)>,
    },
    /// Some repositories were taken out.
    Removed {
        /// Repositories named by the payload.
        removed: Vec<RepositoryId>,
    },
    /// Suspended: every call would be refused.
    Suspended,
    /// Deleted.
    Deleted,
}

/// What became of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum RepositoryChange {
    /// Its name or owner is now the one in [`Event::repository`].
    Renamed,
    /// It is gone.
    Deleted,
    /// Something else about it changed, such as its default branch.
    Changed,
}

/// Who caused an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The account's login.
    pub login: Login,
    /// What kind of account it is.
    pub kind: ActorKind,
}

/// What kind of account acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A person, or an account that is used like one.
    User,
    /// A GitHub App or Actions.
    Bot,
    /// An organisation, or a kind that GitHub has added since.
    Other,
}
