//! Reactions, which GitHub keeps once however often they are given.

use super::performed;
use crate::github::{Github, GithubError};
use crate::model::{CommentId, Number, Outcome, Reaction, Repository};

pub(super) async fn react(
    github: &Github,
    (repository, number): (&Repository, Number),
    comment: Option<CommentId>,
    reaction: Reaction,
) -> Result<Outcome, GithubError> {
    let client = github.installation(repository.installation);
    let done = match comment {
        Some(comment) => client.add_reaction(&repository.name, comment, reaction).await,
        None => client.add_text_reaction(&repository.name, number, reaction).await,
    };
    match done {
        Ok(()) => Ok(performed(format!("reacted with {}", reaction.as_str()))),
        // Whoever wrote it took it back, and needs no answer.
        Err(GithubError::NotFound { .. } | GithubError::Gone { .. }) => {
            Ok(performed("the comment to react to is gone"))
        }
        Err(error) => Err(error),
    }
}
