//! Merging a pull request, and deleting the branch that it came from.
//!
//! A merge is pinned to the head that was judged, so GitHub itself refuses any other. An answer that was lost, or a
//! 500 after the deed, is cleared up by looking: whether the pull is merged is what counts, not what was answered.

use super::{Deed, Hands, performed};
use crate::github::{GithubError, InstallationClient, MergeRefusal, MergeRequest};
use crate::model::{BranchName, Fact, MergeOrder, Outcome, PullState, Refusal, Repository, Sha};

pub(super) async fn merge(hands: &Hands, deed: &Deed<'_>, order: &MergeOrder) -> Result<Outcome, GithubError> {
    let client = hands.github.installation(order.repository.installation);
    if !deed.fresh
        && let Some(outcome) = already(hands, &client, order).await?
    {
        return Ok(outcome);
    }
    let request = MergeRequest {
        sha: order.head.clone(),
        method: order.method.as_str().to_owned(),
        title: order.title.clone(),
        message: order.message.clone(),
    };
    match client.merge_pull(&order.repository.name, order.number, &request).await {
        Ok(commit) => Ok(merged(Some(commit), "merged")),
        Err(error) if refused(&error) => {
            // Somebody else may have merged it a moment ago, and GitHub then says only that it cannot.
            if let Some(outcome) = already(hands, &client, order).await? {
                return Ok(outcome);
            }
            Ok(refusal(hands, order, &error))
        }
        Err(error) => match already(hands, &client, order).await {
            Ok(Some(outcome)) => Ok(outcome),
            Ok(None) | Err(_) => Err(error),
        },
    }
}

fn merged(commit: Option<Sha>, note: &str) -> Outcome {
    let note = commit.as_ref().map_or_else(|| note.to_owned(), |commit| format!("{note} as {}", commit.short()));
    Outcome::Performed { note, learned: Some(Fact::Merged { commit }) }
}

/// The merge as it was found, if the pull is merged with this very head. Nothing follows from somebody else's.
async fn already(
    hands: &Hands,
    client: &InstallationClient,
    order: &MergeOrder,
) -> Result<Option<Outcome>, GithubError> {
    let standing = client.pull_state(&order.repository.name, order.number).await?;
    if standing.state != PullState::Merged || standing.head != order.head {
        return Ok(None);
    }
    let own = hands.github.own_login().await?;
    Ok(Some(match standing.merged_by {
        Some(other) if !other.is(&own) => performed(format!("{other} had merged it")),
        Some(_) | None => merged(standing.merge_commit, "it was merged already"),
    }))
}

/// Whether GitHub said no, as opposed to saying nothing.
fn refused(error: &GithubError) -> bool {
    matches!(
        error,
        GithubError::NotAllowed { .. }
            | GithubError::Conflict { .. }
            | GithubError::Validation { .. }
            | GithubError::Forbidden { .. }
            | GithubError::NotFound { .. }
    )
}

/// What passes by itself is tried again after a pause that grows; the rest when something has changed.
fn refusal(hands: &Hands, order: &MergeOrder, error: &GithubError) -> Outcome {
    let (message, may_pass) = match MergeRefusal::of(error) {
        MergeRefusal::HeadMoved => ("the head has moved since it was judged".to_owned(), true),
        MergeRefusal::BaseMoved => ("the base has moved at the same time".to_owned(), true),
        MergeRefusal::Draft => ("it is a draft by now".to_owned(), true),
        MergeRefusal::NotMergeable => ("it cannot be merged by now, or not yet".to_owned(), true),
        MergeRefusal::AlreadyMerged => ("it is merged already".to_owned(), true),
        MergeRefusal::MethodForbidden => {
            let message = format!(
                "merging by `{}` is not allowed here; set another `method` under `[merge]` in the policy",
                order.method.as_str()
            );
            (message, false)
        }
        MergeRefusal::ProtectionUnmet(said) => (said, true),
        MergeRefusal::Other(said) => (said, false),
    };
    let now = hands.clock.now();
    let refusal = Refusal::after(order.refusals, order.head.clone(), message, (may_pass, now));
    Outcome::Performed { note: format!("not merged: {}", refusal.message), learned: Some(Fact::MergeRefused(refusal)) }
}

/// Deletes a branch that still points at what was merged: a commit pushed since would be lost.
pub(super) async fn delete_branch(
    hands: &Hands,
    repository: &Repository,
    (branch, head): (&BranchName, &Sha),
) -> Result<Outcome, GithubError> {
    let client = hands.github.installation(repository.installation);
    match client.ref_sha(&repository.name, branch).await? {
        None => Ok(performed("the branch was gone already")),
        Some(found) if found == *head => {
            // GitHub closes pulls whose base is deleted by the API.
            if let Some(dependent) = client.open_pulls_onto(&repository.name, branch).await?.first() {
                return Ok(performed(format!("kept the branch {branch}: #{} is based on it", dependent.number)));
            }
            client.delete_branch(&repository.name, branch).await?;
            Ok(performed(format!("deleted the branch {branch}")))
        }
        Some(found) => Ok(performed(format!("kept the branch {branch}: it has moved on to {}", found.short()))),
    }
}
