//! What somebody may do in a repository, for pages: asked of GitHub, never guessed.

use anyhow::Result;

use super::Engine;
use crate::github::GithubError;
use crate::model::{Login, Permission};
use crate::store::KnownRepository;

impl Engine {
    /// What a person may do in a repository; `None` stands for a stranger, who may read what is public.
    ///
    /// # Errors
    /// Whatever keeps the answer from being known; then nothing may be shown.
    pub async fn permission_of(&self, known: &KnownRepository, login: Option<&Login>) -> Result<Permission> {
        let client = self.app.hands.github.installation(known.installation);
        if let Some(login) = login {
            return Ok(client.permission_by_id(known.id, login).await?);
        }
        match client.repository_by_id(known.id).await {
            Ok(repository) if !repository.private => Ok(Permission::Read),
            Ok(_) | Err(GithubError::NotFound { .. }) => Ok(Permission::None),
            Err(error) => Err(error.into()),
        }
    }
}
