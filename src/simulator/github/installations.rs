//! Installations of the App, what they were permitted, and the tokens made for them.

use std::collections::BTreeMap;

use crate::model::Timestamp;

/// How far a permission reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Only looking.
    Read,
    /// Looking and changing.
    Write,
}

impl Access {
    /// GitHub's word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    /// Reads `read` or `write`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "read" => Some(Self::Read),
            "write" => Some(Self::Write),
            _ => None,
        }
    }
}

/// What an installation or one of its tokens may do, by GitHub's permission names.
pub type Permissions = BTreeMap<String, Access>;

/// What the App asks for, as its manifest does.
pub fn default_permissions() -> Permissions {
    let write = ["actions", "checks", "contents", "deployments", "issues", "pull_requests", "statuses"];
    let read = ["administration", "metadata"];
    let granted = write.into_iter().map(|name| (name, Access::Write));
    granted.chain(read.into_iter().map(|name| (name, Access::Read))).map(|(name, to)| (name.to_owned(), to)).collect()
}

/// The webhook events that the App is subscribed to; `installation*` and the like come unasked.
pub const EVENTS: &[&str] = &[
    "check_run",
    "check_suite",
    "create",
    "delete",
    "deployment",
    "deployment_status",
    "issue_comment",
    "issues",
    "label",
    "pull_request",
    "pull_request_review",
    "push",
    "release",
    "repository",
    "status",
    "workflow_run",
];

#[derive(Debug, Clone)]
pub struct Installation {
    pub id: i64,
    pub account: String,
    pub permissions: Permissions,
    pub suspended: Option<Suspended>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Debug, Clone)]
pub struct Suspended {
    pub at: Timestamp,
    pub by: String,
}

/// An installation access token.
#[derive(Debug, Clone)]
pub struct Token {
    pub installation: i64,
    pub permissions: Permissions,
    /// The repositories that it was narrowed to, if any.
    pub repositories: Option<Vec<i64>>,
    pub expires_at: Timestamp,
}

/// Tokens live for one hour.
///
/// <https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-an-installation-access-token-for-a-github-app>
pub const TOKEN_LIFETIME_MS: i64 = 3_600_000;
