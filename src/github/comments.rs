//! Comments of issues and pull requests: list, create, edit.

use http::Method;
use serde::{Deserialize, Serialize};

use super::account::AccountBody;
use super::issues::issue_path;
use super::request::Call;
use super::{GithubError, InstallationClient, Path};
use crate::model::{ActorKind, CommentId, Login, Number, RepositoryName, Timestamp};

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its id.
    pub id: CommentId,
    /// Who wrote it; `ghost` when that account is gone.
    pub author: Login,
    /// What kind of account that is.
    pub author_kind: ActorKind,
    /// The App through which it was written, by id.
    pub app_id: Option<i64>,
    /// Its text.
    pub body: String,
    /// Where people read it.
    pub url: String,
    /// When it was written.
    pub created: Timestamp,
    /// When it was last edited.
    pub updated: Timestamp,
}

/// A comment as GitHub tells it (<https://docs.github.com/en/rest/issues/comments#get-an-issue-comment>).
#[derive(Deserialize)]
struct CommentBody {
    id: i64,
    user: Option<AccountBody>,
    #[serde(default)]
    performed_via_github_app: Option<WritingApp>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    html_url: String,
    created_at: String,
    #[serde(default)]
    updated_at: Option<String>,
}

#[derive(Deserialize)]
struct WritingApp {
    id: i64,
}

#[derive(Serialize)]
struct CommentText<'a> {
    body: &'a str,
}

impl From<CommentBody> for Comment {
    fn from(body: CommentBody) -> Self {
        let (author, author_kind) = AccountBody::author(body.user);
        let created = Timestamp::parse_rfc3339(&body.created_at).unwrap_or(Timestamp(0));
        Self {
            id: CommentId(body.id),
            author,
            author_kind,
            app_id: body.performed_via_github_app.map(|app| app.id),
            body: body.body.unwrap_or_default(),
            url: body.html_url,
            created,
            updated: body.updated_at.as_deref().and_then(Timestamp::parse_rfc3339).unwrap_or(created),
        }
    }
}

impl InstallationClient {
    /// All comments of an issue or pull request, oldest first.
    pub async fn list_comments(
        &self,
        repository: &RepositoryName,
        number: Number,
    ) -> Result<Vec<Comment>, GithubError> {
        let bodies: Vec<CommentBody> = self.caller.list(issue_path(repository, number, &["comments"])?).await?;
        Ok(bodies.into_iter().map(Comment::from).collect())
    }

    /// Writes a new comment. Done twice it is there twice: the caller looks for its marker first.
    pub async fn create_comment(
        &self,
        repository: &RepositoryName,
        number: Number,
        text: &str,
    ) -> Result<Comment, GithubError> {
        let path = issue_path(repository, number, &["comments"])?;
        let body: CommentBody = self.caller.write(Method::POST, path, &CommentText { body: text }).await?.decode()?;
        Ok(body.into())
    }

    /// Replaces the text of a comment.
    ///
    /// # Errors
    /// [`GithubError::NotFound`] when somebody deleted it.
    pub async fn edit_comment(
        &self,
        repository: &RepositoryName,
        comment: CommentId,
        text: &str,
    ) -> Result<Comment, GithubError> {
        let path = Path::repository(repository, ["issues", "comments", &comment.to_string()])?;
        let body: CommentBody = self.caller.write(Method::PATCH, path, &CommentText { body: text }).await?.decode()?;
        Ok(body.into())
    }

    /// Removes a comment (<https://docs.github.com/en/rest/issues/comments#delete-an-issue-comment>).
    ///
    /// # Errors
    /// [`GithubError::NotFound`] when it is gone already.
    pub async fn delete_comment(&self, repository: &RepositoryName, comment: CommentId) -> Result<(), GithubError> {
        let path = Path::repository(repository, ["issues", "comments", &comment.to_string()])?;
        self.caller.call(Call::new(Method::DELETE, path)).await?;
        Ok(())
    }
}
