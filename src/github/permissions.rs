//! What a person may do in a repository, which is what commands ask for.

use std::fmt;

use serde::Deserialize;

use super::request::Call;
use super::{GithubError, InstallationClient, Path};
use crate::model::{Login, RepositoryName};

/// A collaborator's permission, rising
/// (<https://docs.github.com/en/organizations/managing-user-access-to-your-organizations-repositories/managing-repository-roles/repository-roles-for-an-organization>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

    fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|permission| permission.as_str() == word)
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// GitHub's answer (<https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user>).
#[derive(Deserialize)]
struct PermissionBody {
    permission: String,
    role_name: Option<String>,
}

impl InstallationClient {
    /// What `login` may do. `permission` knows neither triage nor maintain, so `role_name` is read first; an
    /// organisation's own role has a name of its own there, and counts as the permission it is built on.
    ///
    /// # Errors
    /// Whatever keeps the answer from being known, and [`GithubError::Decode`] for a word that is not: nobody may do
    /// anything on the strength of an error. Only "not found" is an answer, [`Permission::None`].
    pub async fn permission(&self, repository: &RepositoryName, login: &Login) -> Result<Permission, GithubError> {
        let call = Call::get(Path::repository(repository, ["collaborators", login.as_str(), "permission"])?);
        let body: PermissionBody = match self.caller.call(call.clone()).await {
            Ok(response) => response.decode(&call)?,
            Err(GithubError::NotFound { .. }) => return Ok(Permission::None),
            Err(error) => return Err(error),
        };
        let role = body.role_name.as_deref().and_then(Permission::named);
        role.or_else(|| Permission::named(&body.permission)).ok_or_else(|| GithubError::Decode {
            call: call.to_string(),
            fault: format!("the permission {:?} is not known", body.permission),
            performed: false,
        })
    }
}
