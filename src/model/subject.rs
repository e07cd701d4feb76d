//! What is looked at again: an issue, a pull request, a branch, an environment, releases or a whole repository.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{BranchName, EnvironmentName, IdError, Number, RepositoryId};

/// A thing that is observed and decided on as one; also the name of its lane.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Subject {
    /// An issue, that is a task.
    Issue(RepositoryId, Number),
    /// A pull request.
    Pull(RepositoryId, Number),
    /// A branch.
    Branch(RepositoryId, BranchName),
    /// A repository as a whole: its policy, its name, its installation.
    Repository(RepositoryId),
    /// A repository's releases: its release branch and what is made of it.
    Releases(RepositoryId),
    /// An environment that a repository deploys to.
    Environment(RepositoryId, EnvironmentName),
}

/// What the name of a queue's own branch begins with; the base's name follows.
const QUEUE_PREFIX: &str = "stationmaster/queue/";

/// The branch on which a queue tests what is to be merged into `base`.
#[must_use]
pub fn queue_branch(base: &BranchName) -> BranchName {
    BranchName::new(format!("{QUEUE_PREFIX}{base}"))
}

/// The base of a queue's own branch; `None` for every other branch.
#[must_use]
pub fn queue_base(branch: &BranchName) -> Option<BranchName> {
    branch.as_str().strip_prefix(QUEUE_PREFIX).map(BranchName::new)
}

/// The kind of a subject, without which one it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubjectKind {
    /// [`Subject::Issue`]
    Issue,
    /// [`Subject::Pull`]
    Pull,
    /// [`Subject::Branch`]
    Branch,
    /// [`Subject::Repository`]
    Repository,
    /// [`Subject::Releases`]
    Releases,
    /// [`Subject::Environment`]
    Environment,
}

impl SubjectKind {
    /// The word in keys and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::Pull => "pull",
            Self::Branch => "branch",
            Self::Repository => "repository",
            Self::Releases => "releases",
            Self::Environment => "environment",
        }
    }
}

impl Subject {
    /// The kind of subject this is.
    #[must_use]
    pub const fn kind(&self) -> SubjectKind {
        match self {
            Self::Issue(..) => SubjectKind::Issue,
            Self::Pull(..) => SubjectKind::Pull,
            Self::Branch(..) => SubjectKind::Branch,
            Self::Repository(_) => SubjectKind::Repository,
            Self::Releases(_) => SubjectKind::Releases,
            Self::Environment(..) => SubjectKind::Environment,
        }
    }

    /// The repository that it belongs to.
    #[must_use]
    pub const fn repository(&self) -> RepositoryId {
        match self {
            Self::Issue(id, _)
            | Self::Pull(id, _)
            | Self::Branch(id, _)
            | Self::Repository(id)
            | Self::Releases(id)
            | Self::Environment(id, _) => *id,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Issue(repository, number) => write!(out, "issue/{repository}/{number}"),
            Self::Pull(repository, number) => write!(out, "pull/{repository}/{number}"),
            Self::Branch(repository, branch) => write!(out, "branch/{repository}/{branch}"),
            Self::Repository(repository) => write!(out, "repository/{repository}"),
            Self::Releases(repository) => write!(out, "releases/{repository}"),
            Self::Environment(repository, name) => write!(out, "environment/{repository}/{name}"),
        }
    }
}

impl FromStr for Subject {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let wrong = || IdError { text: text.to_owned(), expected: "a subject such as issue/1296269/12" };
        let mut parts = text.splitn(3, '/');
        let kind = parts.next().ok_or_else(wrong)?;
        let repository = parts.next().and_then(|id| id.parse().ok()).map(RepositoryId).ok_or_else(wrong)?;
        let rest = parts.next();
        let number = || rest.and_then(|n| n.parse().ok()).map(Number).ok_or_else(wrong);
        match kind {
            "issue" => Ok(Self::Issue(repository, number()?)),
            "pull" => Ok(Self::Pull(repository, number()?)),
            "branch" => Ok(Self::Branch(repository, BranchName::new(rest.ok_or_else(wrong)?))),
            "repository" if rest.is_none() => Ok(Self::Repository(repository)),
            "releases" if rest.is_none() => Ok(Self::Releases(repository)),
            "environment" => Ok(Self::Environment(repository, EnvironmentName::new(rest.ok_or_else(wrong)?))),
            _ => Err(wrong()),
        }
    }
}

impl TryFrom<String> for Subject {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<Subject> for String {
    fn from(subject: Subject) -> Self {
        subject.to_string()
    }
}
