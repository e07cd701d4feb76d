//! The sweep: what changed since the last one is marked as if a webhook had told of it, so that a lost one is healed.

use anyhow::Result;

use super::Engine;
use crate::github::{GithubError, ListedPull};
use crate::model::Subject;
use crate::store::{KnownRepository, RepositoryUpdate};

/// A sweep looks back over the end of the last one by so much: GitHub's lists lag, and clocks differ.
const OVERLAP_MS: i64 = 120_000;

impl Engine {
    /// Learns where the App is installed and marks every issue that changed since the last sweep.
    pub async fn sweep(&self) -> Result<()> {
        if let Err(error) = self.learn_installations().await {
            tracing::warn!(%error, "the sweep could not ask GitHub where the App is installed");
        }
        for repository in self.app.store.repositories().await? {
            match self.sweep_repository(&repository).await? {
                Ok(()) => {}
                Err(error) => {
                    tracing::warn!(repository = %repository.name, %error, "a repository could not be swept; the next sweep covers the same time");
                }
            }
        }
        Ok(())
    }

    /// Asks GitHub on which repositories the App is installed, and remembers them.
    pub async fn learn_installations(&self) -> Result<(), GithubError> {
        let mut updates = Vec::new();
        for installation in self.app.hands.github.app().installations().await? {
            // Whatever is not in the list any more was taken off the App.
            updates.push(RepositoryUpdate::Installation(installation.id, false));
            if !installation.suspended {
                let client = self.app.hands.github.installation(installation.id);
                let repositories = client.repositories().await?;
                updates.extend(
                    repositories
                        .into_iter()
                        .map(|repository| RepositoryUpdate::Seen(repository.id, repository.name, installation.id)),
                );
            }
        }
        if let Err(error) = self.app.store.note_repositories(&updates).await {
            tracing::warn!(%error, "what the sweep learned of installations could not be stored");
        }
        Ok(())
    }

    /// Pulls that GitHub's list shows changed, those that are missing from it, and those that wait for what shows in no
    /// list: a check, a computation, the clock.
    async fn pulls_to_look_at(&self, repository: &KnownRepository, listed: &[ListedPull]) -> Result<Vec<Subject>> {
        let known = self.app.store.open_pulls(repository.id).await?;
        let unchanged = |pull: &ListedPull| {
            known.iter().any(|known| known.number == pull.number && known.idle && known.listed == pull.updated)
        };
        let changed = listed.iter().filter(|pull| !unchanged(pull)).map(|pull| pull.number);
        let gone =
            known.iter().map(|pull| pull.number).filter(|number| !listed.iter().any(|pull| pull.number == *number));
        Ok(changed.chain(gone).map(|number| Subject::Pull(repository.id, number)).collect())
    }

    /// The outer error is the store's, the inner one GitHub's.
    async fn sweep_repository(&self, repository: &KnownRepository) -> Result<Result<(), GithubError>> {
        let began = self.app.clock.now();
        let client = self.app.hands.github.installation(repository.installation);
        let since = repository.swept.plus_ms(-OVERLAP_MS);
        let changed = match client.issues_updated_since(&repository.name, since).await {
            Ok(changed) => changed,
            Err(error) => return Ok(Err(error)),
        };
        let mut subjects: Vec<Subject> =
            changed.iter().map(|issue| Subject::Issue(repository.id, issue.number)).collect();
        let listed = match client.open_pulls(&repository.name).await {
            Ok(listed) => listed,
            Err(error) => return Ok(Err(error)),
        };
        subjects.extend(self.pulls_to_look_at(repository, &listed).await?);
        let queues = self.app.store.queued_branches(repository.id).await?;
        subjects.extend(queues.into_iter().map(|base| Subject::Branch(repository.id, base)));
        subjects.push(Subject::Repository(repository.id));
        self.app.store.mark(&subjects).await?;
        for pull in &listed {
            self.app.store.set_listed(repository.id, pull.number, pull.updated).await?;
        }
        self.app.store.set_swept(repository.id, began).await?;
        Ok(Ok(()))
    }
}
