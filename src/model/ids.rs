//! Identifiers as types of their own, so that no bare string or number travels inside.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a text is not the identifier it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {expected}")]
pub struct IdError {
    /// What was given.
    pub text: String,
    /// What would have been right, with an article: `a repository such as owner/name`.
    pub expected: &'static str,
}

macro_rules! text_id {
    ($(#[$doc:meta] $name:ident;)+) => {$(
        #[$doc]
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps the text as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    )+};
}

macro_rules! number_id {
    ($(#[$doc:meta] $name:ident;)+) => {$(
        #[$doc]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(out)
            }
        }
    )+};
}

text_id! {
    /// A GitHub login (`octocat`, `stationmaster[bot]`); GitHub compares them without case, and so do we where it matters.
    Login;
    /// A worker's id from `rules/workers.toml` or from registration, such as `dev_worker1`.
    WorkerId;
    /// A role that workers fill, such as `deployment_worker`.
    RoleName;
    /// What kind of task it is, such as `deployment`; the part after `type/`.
    TaskType;
    /// A label's whole name, such as `status/ready`.
    LabelName;
    /// GitHub's `X-GitHub-Delivery`, or the id that another source gave to what it sent.
    DeliveryGuid;
    /// A branch's short name, without `refs/heads/`.
    BranchName;
    /// A tag's short name, without `refs/tags/`.
    TagName;
    /// The name of an environment that is deployed to, such as `qa`; GitHub compares them without case.
    EnvironmentName;
    /// The name of a git object, in hexadecimal: of a commit where nothing else is said.
    Sha;
}

number_id! {
    /// An App installation's id.
    InstallationId;
    /// A repository's numeric id, which survives renames and transfers.
    RepositoryId;
    /// An issue's or pull request's number within its repository.
    Number;
    /// The numeric id of a comment.
    CommentId;
    /// The numeric id of a GitHub Deployment.
    DeploymentId;
    /// The numeric id of a check run.
    CheckRunId;
}

impl Sha {
    /// The first seven digits, as people write it.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..7).unwrap_or(&self.0)
    }
}

impl Login {
    /// Whether both are the same account: GitHub's logins differ in case only for show.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

/// A repository's full name, `owner/name`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RepositoryName {
    /// The account that owns it.
    pub owner: String,
    /// Its name within that account.
    pub name: String,
}

impl RepositoryName {
    /// Joins an owner and a name that are known to be good.
    pub fn new(owner: impl Into<String>, name: impl Into<String>) -> Self {
        Self { owner: owner.into(), name: name.into() }
    }

    /// Whether both are the same repository: GitHub's names differ in case only for show.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.owner.eq_ignore_ascii_case(&other.owner) && self.name.eq_ignore_ascii_case(&other.name)
    }
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.owner, self.name)
    }
}

impl FromStr for RepositoryName {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let wrong = || IdError { text: text.to_owned(), expected: "a repository such as owner/name" };
        let (owner, name) = text.split_once('/').ok_or_else(wrong)?;
        let good = |part: &str| {
            !part.is_empty()
                && part != "."
                && part != ".."
                && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        };
        if good(owner) && good(name) { Ok(Self::new(owner, name)) } else { Err(wrong()) }
    }
}

impl TryFrom<String> for RepositoryName {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<RepositoryName> for String {
    fn from(name: RepositoryName) -> Self {
        name.to_string()
    }
}
