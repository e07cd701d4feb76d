//! Reactions to comments and to the texts that they stand under, our quiet acknowledgement of commands.

use http::Method;
use serde::Serialize;

use super::issues::issue_path;
use super::{GithubError, InstallationClient, Path};
pub use crate::model::Reaction;
use crate::model::{CommentId, Number, RepositoryName};

#[derive(Serialize)]
struct ReactionBody {
    content: &'static str,
}

impl InstallationClient {
    /// Reacts to a comment; one that is there already stays as it is
    /// (<https://docs.github.com/en/rest/reactions/reactions#create-reaction-for-an-issue-comment>).
    pub async fn add_reaction(
        &self,
        repository: &RepositoryName,
        comment: CommentId,
        content: Reaction,
    ) -> Result<(), GithubError> {
        self.react_at(Path::repository(repository, ["issues", "comments", &comment.to_string(), "reactions"])?, content)
            .await
    }

    /// Reacts to the text of an issue or pull request; one that is there already stays as it is
    /// (<https://docs.github.com/en/rest/reactions/reactions#create-reaction-for-an-issue>).
    pub async fn add_text_reaction(
        &self,
        repository: &RepositoryName,
        number: Number,
        content: Reaction,
    ) -> Result<(), GithubError> {
        self.react_at(issue_path(repository, number, &["reactions"])?, content).await
    }

    async fn react_at(&self, path: Path, content: Reaction) -> Result<(), GithubError> {
        self.caller.write(Method::POST, path, &ReactionBody { content: content.as_str() }).await.map(drop)
    }
}
