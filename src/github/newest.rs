//! What changed last in a repository, by one request that costs nothing while it is the same.

use serde::Deserialize;

use super::request::Call;
use super::{GithubError, InstallationClient, Path};
use crate::model::{RepositoryName, Timestamp};

/// The issue or pull request that changed last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewestChange {
    /// Which one and when, as text to be compared; `nothing` in a repository without any.
    pub mark: String,
    /// When.
    pub at: Option<Timestamp>,
    /// Whether GitHub only confirmed what was known.
    pub confirmed: bool,
}

#[derive(Deserialize)]
struct EntryBody {
    number: i64,
    updated_at: String,
}

impl InstallationClient {
    /// The issue or pull request that changed last: whatever happens to any of them makes it the first of this list
    /// (<https://docs.github.com/en/rest/issues/issues#list-repository-issues>).
    pub async fn newest_change(&self, repository: &RepositoryName) -> Result<NewestChange, GithubError> {
        let path = Path::repository(repository, ["issues"])?.query("state", "all");
        let path = path.query("sort", "updated").query("direction", "desc").query("per_page", "1");
        let call = Call::get(path);
        let response = self.caller.call(call.clone()).await?;
        let entries: Vec<EntryBody> = response.decode(&call)?;
        let confirmed = response.confirmed;
        Ok(match entries.first() {
            Some(EntryBody { number, updated_at }) => NewestChange {
                mark: format!("{number} at {updated_at}"),
                at: Timestamp::parse_rfc3339(updated_at),
                confirmed,
            },
            None => NewestChange { mark: "nothing".to_owned(), at: None, confirmed },
        })
    }
}
