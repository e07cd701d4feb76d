//! Writes a pull request of our own: one commit on its base, a branch of ours at it, and the pull request from there.

use crate::github::{BranchCreation, GithubError, InstallationClient, NewPull, PullCreation};
use crate::model::{BranchName, Number, RepositoryName, Sha};

/// A pull request as it is wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct OwnPull<'o> {
    /// The repository.
    pub(super) name: &'o RepositoryName,
    /// The branch into which it is merged.
    pub(super) base: &'o BranchName,
    /// The commit of that branch that it is made on.
    pub(super) base_sha: &'o Sha,
    /// The branch of ours.
    pub(super) branch: &'o BranchName,
    /// The commit's message.
    pub(super) message: &'o str,
    /// Files with their whole new text.
    pub(super) files: &'o [(String, String)],
    /// Its title.
    pub(super) title: &'o str,
    /// Its text.
    pub(super) body: &'o str,
    /// What else is on the branch.
    pub(super) others: Others<'o>,
}

/// What becomes of commits that somebody else has pushed to the branch.
#[derive(Debug, Clone, Copy)]
pub(super) enum Others<'o> {
    /// They are replaced.
    Replaced,
    /// They stay, and the pull request is left alone. This is the commit of ours that the branch may be at.
    Kept(Option<&'o Sha>),
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Written {
    /// The pull request is as wanted, and its branch at this commit.
    Done(Number, Sha),
    /// Somebody else has pushed to the branch.
    LeftAlone,
    /// GitHub says that the branch has a pull request, and shows none.
    NotShown,
}

/// Whatever an earlier attempt has got done is found and gone on from.
pub(super) async fn write(client: &InstallationClient, wanted: OwnPull<'_>) -> Result<Written, GithubError> {
    let Some(tip) = push(client, wanted).await? else { return Ok(Written::LeftAlone) };
    if let Some(number) = bring_up_to_date(client, wanted).await? {
        return Ok(Written::Done(number, tip));
    }
    let new = NewPull {
        title: wanted.title.to_owned(),
        body: wanted.body.to_owned(),
        head: wanted.branch.clone(),
        base: wanted.base.clone(),
    };
    let number = match client.create_pull(wanted.name, &new).await? {
        PullCreation::Created(number) => Some(number),
        PullCreation::Exists => bring_up_to_date(client, wanted).await?,
    };
    Ok(number.map_or(Written::NotShown, |number| Written::Done(number, tip)))
}

/// Puts the branch at a commit with the wanted files on the base; `None` where it is left alone.
async fn push(client: &InstallationClient, wanted: OwnPull<'_>) -> Result<Option<Sha>, GithubError> {
    let name = wanted.name;
    let base = client.commit(name, wanted.base_sha).await?;
    let tree = client.create_tree(name, &base.tree, wanted.files).await?;
    let tip = client.ref_sha(name, wanted.branch).await?;
    if let Some(tip) = &tip {
        if is_wanted(client, wanted, (tip, &tree)).await? {
            return Ok(Some(tip.clone()));
        }
        match wanted.others {
            Others::Replaced => {}
            Others::Kept(ours) if ours == Some(tip) => {}
            Others::Kept(_) => return Ok(None),
        }
    }
    let commit = client.create_commit(name, wanted.message, &tree, std::slice::from_ref(wanted.base_sha)).await?;
    if tip.is_none() && client.create_branch(name, wanted.branch, &commit).await? == BranchCreation::Created {
        return Ok(Some(commit));
    }
    client.move_branch(name, wanted.branch, &commit, true).await?;
    Ok(Some(commit))
}

async fn is_wanted(
    client: &InstallationClient,
    wanted: OwnPull<'_>,
    (tip, tree): (&Sha, &Sha),
) -> Result<bool, GithubError> {
    let commit = client.commit(wanted.name, tip).await?;
    Ok(commit.tree == *tree && commit.parents == [wanted.base_sha.clone()])
}

/// Finds the pull request and gives it the wanted title and text; `None` when there is none open.
async fn bring_up_to_date(client: &InstallationClient, wanted: OwnPull<'_>) -> Result<Option<Number>, GithubError> {
    let Some(pull) = client.pull_of_branch(wanted.name, wanted.branch, wanted.base).await? else { return Ok(None) };
    if pull.title != wanted.title || !same_text(&pull.body, wanted.body) {
        client.update_pull(wanted.name, pull.number, wanted.title, wanted.body).await?;
    }
    Ok(Some(pull.number))
}

/// Who edits a text in the browser leaves other ends of lines.
fn same_text(shown: &str, wanted: &str) -> bool {
    shown.trim().lines().eq(wanted.trim().lines())
}
