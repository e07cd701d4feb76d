//! What a person may do in a repository, which is what commands ask for.

use serde::Deserialize;

use super::request::Call;
use super::{GithubError, InstallationClient, Path};
use crate::model::{Login, Permission, RepositoryId, RepositoryName};

/// GitHub's answer (<https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user>).
#[derive(Deserialize)]
struct PermissionBody {
    permission: String,
    role_name: Option<String>,
}

impl InstallationClient {
    /// What `login` may do in the repository of this id, whatever it is called by now: a name may have passed on to
    /// another repository, whose permissions say nothing about this one.
    ///
    /// # Errors
    /// As [`Self::permission`].
    pub async fn permission_by_id(&self, repository: RepositoryId, login: &Login) -> Result<Permission, GithubError> {
        let id = repository.to_string();
        self.permission_at(Path::new(["repositories", &id, "collaborators", login.as_str(), "permission"])?).await
    }

    /// What `login` may do. `permission` knows neither triage nor maintain, so `role_name` is read first; an
    /// organisation's own role has a name of its own there, and counts as the permission it is built on.
    ///
    /// # Errors
    /// Whatever keeps the answer from being known, and [`GithubError::Decode`] for a word that is not: nobody may do
    /// anything on the strength of an error. Only "not found" is an answer, [`Permission::None`].
    pub async fn permission(&self, repository: &RepositoryName, login: &Login) -> Result<Permission, GithubError> {
        self.permission_at(Path::repository(repository, ["collaborators", login.as_str(), "permission"])?).await
    }

    async fn permission_at(&self, path: Path) -> Result<Permission, GithubError> {
        let call = Call::get(path);
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
