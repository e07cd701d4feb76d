//! GitHub releases on tags: find one, create one.

use http::Method;
use serde::{Deserialize, Serialize};

use super::{GithubError, InstallationClient, Path};
use crate::model::{RepositoryName, Sha, TagName};

/// A release to be made (<https://docs.github.com/en/rest/releases/releases#create-a-release>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRelease {
    /// Its tag, which is there already.
    pub tag: TagName,
    /// The commit that the tag stands at: GitHub would put a tag that is not there on it.
    pub sha: Sha,
    /// Its title.
    pub title: String,
    /// Its notes, in Markdown; GitHub takes 125,000 characters.
    pub notes: String,
    /// It is marked as a pre-release, and is never shown as the latest.
    pub prerelease: bool,
}

/// A release as GitHub tells it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ReleaseSeen {
    /// Its id.
    pub id: i64,
    /// Where people read it.
    #[serde(rename = "html_url")]
    pub url: String,
}

/// What came of creating a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReleaseCreation {
    /// It is there now.
    Created(ReleaseSeen),
    /// The tag has one already; it was not touched.
    Exists,
}

#[derive(Serialize)]
struct ReleaseRequest<'a> {
    tag_name: &'a TagName,
    target_commitish: &'a Sha,
    name: &'a str,
    body: &'a str,
    draft: bool,
    prerelease: bool,
    make_latest: &'static str,
}

impl InstallationClient {
    /// The published release of a tag (<https://docs.github.com/en/rest/releases/releases#get-a-release-by-tag-name>).
    pub async fn release_by_tag(
        &self,
        repository: &RepositoryName,
        tag: &TagName,
    ) -> Result<Option<ReleaseSeen>, GithubError> {
        match self.caller.read(Path::repository(repository, ["releases", "tags", tag.as_str()])?).await {
            Ok(release) => Ok(Some(release)),
            Err(GithubError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Publishes a release; which one is the latest is left to GitHub, which goes by date and version.
    pub async fn create_release(
        &self,
        repository: &RepositoryName,
        new: &NewRelease,
    ) -> Result<ReleaseCreation, GithubError> {
        let request = ReleaseRequest {
            tag_name: &new.tag,
            target_commitish: &new.sha,
            name: &new.title,
            body: &new.notes,
            draft: false,
            prerelease: new.prerelease,
            make_latest: if new.prerelease { "false" } else { "legacy" },
        };
        match self.caller.write(Method::POST, Path::repository(repository, ["releases"])?, &request).await {
            Ok(answer) => Ok(ReleaseCreation::Created(answer.decode()?)),
            Err(GithubError::Validation { errors, .. })
                if errors.iter().any(|fault| fault.contains("already_exists")) =>
            {
                Ok(ReleaseCreation::Exists)
            }
            Err(error) => Err(error),
        }
    }
}
