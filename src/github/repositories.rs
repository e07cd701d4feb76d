//! Repositories: by name and by id, the files in them, and which of them an installation sees.

use serde::Deserialize;

use super::request::Call;
use super::{GithubError, InstallationClient, Path};
use crate::model::{BranchName, InstallationId, Repository, RepositoryId, RepositoryName, Timestamp};

/// A repository as GitHub tells it (<https://docs.github.com/en/rest/repos/repos#get-a-repository>).
#[derive(Deserialize)]
struct RepositoryBody {
    id: i64,
    full_name: RepositoryName,
    private: bool,
    default_branch: Option<String>,
    pushed_at: Option<String>,
}

/// A repository in the list of those that an installation sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRepository {
    /// The repository.
    pub repository: Repository,
    /// When anything was pushed there last, to whichever branch or tag; `None` where nothing ever was.
    pub pushed: Option<Timestamp>,
}

impl RepositoryBody {
    fn into_model(self, installation: InstallationId) -> Repository {
        Repository {
            id: RepositoryId(self.id),
            name: self.full_name,
            installation,
            default_branch: BranchName::new(self.default_branch.unwrap_or_else(|| "main".to_owned())),
            private: self.private,
        }
    }
}

#[derive(Deserialize)]
struct RepositoryPage {
    repositories: Vec<RepositoryBody>,
}

impl InstallationClient {
    /// A repository by its present or a former name.
    pub async fn repository(&self, name: &RepositoryName) -> Result<Repository, GithubError> {
        let body: RepositoryBody = self.caller.read(Path::repository(name, [])?).await?;
        Ok(body.into_model(self.id()))
    }

    /// A repository by its id, which finds it under whatever name it has now.
    pub async fn repository_by_id(&self, id: RepositoryId) -> Result<Repository, GithubError> {
        let body: RepositoryBody = self.caller.read(Path::new(["repositories", &id.to_string()])?).await?;
        Ok(body.into_model(self.id()))
    }

    /// Every repository that this installation sees
    /// (<https://docs.github.com/en/rest/apps/installations#list-repositories-accessible-to-the-app-installation>).
    pub async fn repositories(&self) -> Result<Vec<Repository>, GithubError> {
        Ok(self.listed_repositories().await?.into_iter().map(|listed| listed.repository).collect())
    }

    /// The same, with what the list tells beside.
    pub async fn listed_repositories(&self) -> Result<Vec<ListedRepository>, GithubError> {
        let path = Path::new(["installation", "repositories"])?;
        let bodies = self.caller.list_within(path, |page: RepositoryPage| page.repositories).await?;
        let listed = bodies.into_iter().map(|body| {
            let pushed = body.pushed_at.as_deref().and_then(Timestamp::parse_rfc3339);
            ListedRepository { repository: body.into_model(self.id()), pushed }
        });
        Ok(listed.collect())
    }

    /// The text of a file on the default branch, such as `.github/stationmaster.toml`; `None` when there is none
    /// (<https://docs.github.com/en/rest/repos/contents#get-repository-content>).
    ///
    /// # Errors
    /// [`GithubError::Decode`] when it is not UTF-8. GitHub answers "not found" for a missing file as well as for a
    /// repository that the App cannot see, so ask for the repository first where that matters.
    pub async fn file(&self, repository: &RepositoryName, file: &str) -> Result<Option<String>, GithubError> {
        let call = Call::get(Path::repository(repository, ["contents"].into_iter().chain(file.split('/')))?).raw();
        match self.caller.call(call.clone()).await {
            Ok(response) => match String::from_utf8(response.body.to_vec()) {
                Ok(text) => Ok(Some(text)),
                Err(fault) => {
                    Err(GithubError::Decode { call: call.to_string(), fault: fault.to_string(), performed: false })
                }
            },
            Err(GithubError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
