//! Writes the pull request that prepares the next release.

use super::Deed;
use super::outcome::will_not_pass;
use crate::github::{BranchCreation, Github, GithubError, InstallationClient, NewPull, PullCreation};
use crate::model::{Fact, Number, Outcome, ReleasePullOrder, ReleaseReport, Sha};

/// One commit on the base, the branch at it, and the pull request from there. Whatever an earlier attempt has got done
/// is found and gone on from; whatever else is on the branch, which is ours, is replaced.
pub(super) async fn write(github: &Github, _deed: &Deed<'_>, order: &ReleasePullOrder) -> Result<Outcome, GithubError> {
    let client = github.installation(order.repository.installation);
    let (tag, digest) = (order.tag.clone(), order.digest.clone());
    match try_write(&client, order).await {
        Ok(Some(number)) => Ok(Outcome::Performed {
            note: format!("#{number} prepares {tag}"),
            learned: Some(Fact::Release { report: ReleaseReport::PullWritten { number, tag, digest } }),
        }),
        Ok(None) => Ok(Outcome::Failed {
            reason: format!("GitHub says that {} has a pull request and does not show it", order.branch),
        }),
        Err(error) if will_not_pass(&error) => {
            let why = format!("GitHub refuses the pull request that prepares {tag}: {error}");
            Ok(Outcome::Performed {
                note: format!("not done: {why}"),
                learned: Some(Fact::Release { report: ReleaseReport::PullRefused { tag, digest, why } }),
            })
        }
        Err(error) => Err(error),
    }
}

async fn try_write(client: &InstallationClient, order: &ReleasePullOrder) -> Result<Option<Number>, GithubError> {
    push(client, order).await?;
    let name = &order.repository.name;
    if let Some(number) = bring_up_to_date(client, order).await? {
        return Ok(Some(number));
    }
    let new = NewPull {
        title: order.title.clone(),
        body: order.body.clone(),
        head: order.branch.clone(),
        base: order.base.clone(),
    };
    match client.create_pull(name, &new).await? {
        PullCreation::Created(number) => Ok(Some(number)),
        PullCreation::Exists => bring_up_to_date(client, order).await,
    }
}

/// Puts the branch at a commit with the wanted files on the base.
async fn push(client: &InstallationClient, order: &ReleasePullOrder) -> Result<(), GithubError> {
    let name = &order.repository.name;
    let base = client.commit(name, &order.base_sha).await?;
    let tree = client.create_tree(name, &base.tree, &order.files).await?;
    let tip = client.ref_sha(name, &order.branch).await?;
    if let Some(tip) = &tip
        && is_wanted(client, order, (tip, &tree)).await?
    {
        return Ok(());
    }
    let commit = client.create_commit(name, &order.message, &tree, std::slice::from_ref(&order.base_sha)).await?;
    if tip.is_none() && client.create_branch(name, &order.branch, &commit).await? == BranchCreation::Created {
        return Ok(());
    }
    client.move_branch(name, &order.branch, &commit, true).await.map(drop)
}

async fn is_wanted(
    client: &InstallationClient,
    order: &ReleasePullOrder,
    (tip, tree): (&Sha, &Sha),
) -> Result<bool, GithubError> {
    let commit = client.commit(&order.repository.name, tip).await?;
    Ok(commit.tree == *tree && commit.parents == [order.base_sha.clone()])
}

/// Finds the pull request and gives it the wanted title and text; `None` when there is none open.
async fn bring_up_to_date(
    client: &InstallationClient,
    order: &ReleasePullOrder,
) -> Result<Option<Number>, GithubError> {
    let name = &order.repository.name;
    let Some(pull) = client.pull_of_branch(name, &order.branch, &order.base).await? else { return Ok(None) };
    if pull.title != order.title || !same_text(&pull.body, &order.body) {
        client.update_pull(name, pull.number, &order.title, &order.body).await?;
    }
    Ok(Some(pull.number))
}

/// Who edits a text in the browser leaves other ends of lines.
fn same_text(shown: &str, wanted: &str) -> bool {
    shown.trim().lines().eq(wanted.trim().lines())
}
