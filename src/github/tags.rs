//! Tags: list them all, find where one stands, create one.

use http::Method;
use serde::{Deserialize, Serialize};

use super::nodes::Nodes;
use super::{GithubError, InstallationClient, Path};
use crate::model::{RepositoryName, Sha, Tag, TagName};

const TAGS_QUERY: &str = include_str!("graphql/tags_page.graphql");
/// More pages of 100 tags than this are an error.
const PAGES_LIMIT: usize = 100;
/// A tag may stand at a tag; more in a row than this are followed by nobody.
const TAGS_IN_A_ROW: usize = 5;
/// Git's word for a commit, in REST and, with a capital, in GraphQL.
const COMMIT: &str = "commit";

/// What came of creating a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagCreation {
    /// It is there now.
    Created,
    /// There was one of this name already, wherever it stands; it was not touched.
    Exists,
}

#[derive(Serialize)]
struct TagsVariables<'a> {
    owner: &'a str,
    name: &'a str,
    after: Option<String>,
}

#[derive(Deserialize)]
struct TagsData {
    repository: Option<TagsRepository>,
}

#[derive(Deserialize)]
struct TagsRepository {
    refs: Option<Nodes<RefNode>>,
}

#[derive(Deserialize)]
struct RefNode {
    name: TagName,
    target: Option<TargetNode>,
}

#[derive(Deserialize)]
struct TargetNode {
    #[serde(rename = "__typename")]
    kind: String,
    oid: Sha,
    #[serde(default)]
    target: Option<Box<TargetNode>>,
}

impl TargetNode {
    fn innermost(self) -> Self {
        match self.target {
            Some(target) => target.innermost(),
            None => self,
        }
    }
}

#[derive(Deserialize)]
struct RefBody {
    object: ObjectBody,
}

#[derive(Deserialize)]
struct ObjectBody {
    sha: Sha,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct ShaBody {
    sha: Sha,
}

#[derive(Serialize)]
struct NewTag<'a> {
    tag: &'a TagName,
    message: &'a str,
    object: &'a Sha,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
struct NewRef<'a> {
    #[serde(rename = "ref")]
    name: String,
    sha: &'a Sha,
}

impl InstallationClient {
    /// Every tag that stands at a commit, annotated ones followed to theirs
    /// (<https://docs.github.com/en/graphql/reference/objects#refconnection>).
    ///
    /// # Errors
    /// [`GithubError::NotFound`] when the repository is not there.
    pub async fn tags(&self, repository: &RepositoryName) -> Result<Vec<Tag>, GithubError> {
        let (mut tags, mut after) = (Vec::new(), None);
        for _ in 0..PAGES_LIMIT {
            let variables = TagsVariables { owner: &repository.owner, name: &repository.name, after };
            let data: TagsData = self.caller.query(TAGS_QUERY, variables).await?;
            let refs = data.repository.and_then(|node| node.refs).ok_or_else(|| GithubError::NotFound {
                call: "POST /graphql".to_owned(),
                message: format!("the tags of {repository} are not there"),
            })?;
            let (nodes, next) = refs.into_entries_and_next();
            for node in nodes {
                let Some(target) = node.target.map(TargetNode::innermost) else { continue };
                let sha = match target.kind.as_str() {
                    "Commit" => Some(target.oid),
                    "Tag" => self.peeled(repository, target.oid).await?,
                    // Trees and blobs can be tagged, but not released.
                    _ => None,
                };
                tags.extend(sha.map(|sha| Tag { name: node.name, sha }));
            }
            match next {
                Some(cursor) => after = Some(cursor),
                None => return Ok(tags),
            }
        }
        Err(GithubError::TooManyPages { call: "POST /graphql".to_owned(), pages: PAGES_LIMIT })
    }

    /// The commit that a tag stands at, through its own object where it has one; `None` when there is no such tag, or
    /// it stands at something else (<https://docs.github.com/en/rest/git/refs#get-a-reference>).
    pub async fn tag_sha(&self, repository: &RepositoryName, tag: &TagName) -> Result<Option<Sha>, GithubError> {
        let parts = ["git", "ref", "tags"].into_iter().chain(tag.as_str().split('/'));
        let object = match self.caller.read::<RefBody>(Path::repository(repository, parts)?).await {
            Ok(body) => body.object,
            Err(GithubError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        match object.kind.as_str() {
            COMMIT => Ok(Some(object.sha)),
            "tag" => self.peeled(repository, object.sha).await,
            _ => Ok(None),
        }
    }

    /// The commit below a tag's own object (<https://docs.github.com/en/rest/git/tags#get-a-tag>).
    async fn peeled(&self, repository: &RepositoryName, mut object: Sha) -> Result<Option<Sha>, GithubError> {
        for _ in 0..TAGS_IN_A_ROW {
            let path = Path::repository(repository, ["git", "tags", object.as_str()])?;
            let below = self.caller.read::<RefBody>(path).await?.object;
            match below.kind.as_str() {
                COMMIT => return Ok(Some(below.sha)),
                "tag" => object = below.sha,
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// Creates a tag on a commit: a bare ref, or an object of its own with a message
    /// (<https://docs.github.com/en/rest/git/tags#create-a-tag-object>,
    /// <https://docs.github.com/en/rest/git/refs#create-a-reference>).
    ///
    /// # Errors
    /// [`GithubError::Forbidden`] among others where workflow files of the commit differ from those of every branch's
    /// head and the App lacks the permission to write workflows.
    pub async fn create_tag(
        &self,
        repository: &RepositoryName,
        tag: &TagName,
        sha: &Sha,
        annotation: Option<&str>,
    ) -> Result<TagCreation, GithubError> {
        let object = match annotation {
            Some(message) => {
                let new = NewTag { tag, message, object: sha, kind: COMMIT };
                let path = Path::repository(repository, ["git", "tags"])?;
                self.caller.write(Method::POST, path, &new).await?.decode::<ShaBody>()?.sha
            }
            None => sha.clone(),
        };
        let new = NewRef { name: format!("refs/tags/{tag}"), sha: &object };
        match self.caller.write(Method::POST, Path::repository(repository, ["git", "refs"])?, &new).await {
            Ok(_) => Ok(TagCreation::Created),
            Err(GithubError::Validation { message, .. }) if message.to_ascii_lowercase().contains("already exists") => {
                Ok(TagCreation::Exists)
            }
            Err(error) => Err(error),
        }
    }
}
