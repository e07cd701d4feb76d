//! What a person may do in a repository.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A collaborator's permission, rising
/// (<https://docs.github.com/en/organizations/managing-user-access-to-your-organizations-repositories/managing-repository-roles/repository-roles-for-an-organization>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// None at all.
    None,
    /// See it and discuss; everybody's in a public repository.
    Read,
    /// Manage issues and pull requests without writing.
    Triage,
    /// Push and merge.
    Write,
    /// Manage the repository without what is dangerous.
    Maintain,
    /// Everything.
    Admin,
}

impl Permission {
    /// Every permission, rising.
    pub const ALL: [Self; 6] = [Self::None, Self::Read, Self::Triage, Self::Write, Self::Maintain, Self::Admin];

    /// GitHub's word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Read => "read",
            Self::Triage => "triage",
            Self::Write => "write",
            Self::Maintain => "maintain",
            Self::Admin => "admin",
        }
    }

    /// The permission of GitHub's word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|permission| permission.as_str() == word)
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}
