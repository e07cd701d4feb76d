//! Effects of the merge queue: a batch merged on the staging branch, and the base moved to the commit that was tested.

use crate::github::{BranchMove, ComparisonStatus, Github, GithubError, InstallationClient, MergeInto};
use crate::model::{
    BranchName, Fact, Member, Number, Outcome, PullState, Repository, Sha, StagingReport, queue_branch,
};

/// A batch, and where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) repository: &'a Repository,
    pub(super) base: &'a BranchName,
    pub(super) base_sha: &'a Sha,
    pub(super) members: &'a [Member],
    pub(super) batch: i64,
}

/// Merges the members on the staging branch.
///
/// What an earlier attempt has got done is found there by the parents of its commits and is gone on from. In the end
/// every commit between the base and the newest one must have merged a member, so that whatever else is put on the
/// branch meanwhile, by a server that was thought dead or by a person, never is part of a batch.
pub(super) async fn build(github: &Github, place: Place<'_>) -> Result<Outcome, GithubError> {
    let client = github.installation(place.repository.installation);
    match try_build(&client, place).await {
        Ok(Some(report)) => Ok(reported(place.batch, report)),
        Ok(None) => {
            Ok(Outcome::Failed { reason: "the staging branch was changed while a batch was being merged".to_owned() })
        }
        Err(error) => refusal(place.batch, error),
    }
}

/// `None` when something else was put on the branch meanwhile.
async fn try_build(client: &InstallationClient, place: Place<'_>) -> Result<Option<StagingReport>, GithubError> {
    let (name, staging) = (&place.repository.name, queue_branch(place.base));
    if client.ref_sha(name, place.base).await?.as_ref() != Some(place.base_sha) {
        return Ok(Some(StagingReport::BaseMoved));
    }
    let done = start(client, place, &staging).await?;
    let (mut conflicts, mut there) = (Vec::new(), Vec::new());
    for member in place.members.iter().filter(|member| !done.contains(&member.head)) {
        let message = format!("Merge #{} into {}", member.number, place.base);
        match client.merge_into(name, &staging, &member.head, &message).await? {
            MergeInto::Merged(_) => {}
            MergeInto::Nothing => there.push(&member.head),
            MergeInto::Conflict => conflicts.push(member.number),
        }
    }
    let Some(tip) = client.ref_sha(name, &staging).await? else { return Ok(None) };
    let Some(merged) = merged_so_far(client, place, &tip).await? else { return Ok(None) };
    for member in place.members.iter().filter(|member| !conflicts.contains(&member.number)) {
        let is_in = merged.contains(&member.head)
            || (there.contains(&&member.head) && contains(client, place, (&tip, &member.head)).await?);
        if !is_in {
            return Ok(None);
        }
    }
    Ok(Some(StagingReport::Built { staging: tip, conflicts }))
}

/// Makes the staging branch ready to be merged into, and returns the heads that are merged there already.
async fn start(client: &InstallationClient, place: Place<'_>, staging: &BranchName) -> Result<Vec<Sha>, GithubError> {
    let name = &place.repository.name;
    let found = client.ref_sha(name, staging).await?;
    if let Some(tip) = &found
        && let Some(done) = merged_so_far(client, place, tip).await?
    {
        return Ok(done);
    }
    match found {
        Some(_) => drop(client.move_branch(name, staging, place.base_sha, true).await?),
        None => drop(client.create_branch(name, staging, place.base_sha).await?),
    }
    Ok(Vec::new())
}

/// The heads that lead from the base to `tip`, if nothing but members does.
async fn merged_so_far(
    client: &InstallationClient,
    place: Place<'_>,
    tip: &Sha,
) -> Result<Option<Vec<Sha>>, GithubError> {
    let mut done = Vec::new();
    let mut at = tip.clone();
    while at != *place.base_sha {
        if done.len() == place.members.len() {
            return Ok(None);
        }
        let parents = client.commit(&place.repository.name, &at).await?.parents;
        let [before, merged] = parents.as_slice() else { return Ok(None) };
        if done.contains(merged) || !place.members.iter().any(|member| member.head == *merged) {
            return Ok(None);
        }
        done.push(merged.clone());
        at = before.clone();
    }
    Ok(Some(done))
}

/// Whether a head came in with something else: with the base, or with another member.
async fn contains(
    client: &InstallationClient,
    place: Place<'_>,
    (tip, head): (&Sha, &Sha),
) -> Result<bool, GithubError> {
    let status = client.compare(&place.repository.name, head.as_str(), tip.as_str()).await?.status;
    Ok(matches!(status, ComparisonStatus::Ahead | ComparisonStatus::Identical))
}

/// Moves the base to the tested commit, after a last look at base, staging branch and every member's head.
pub(super) async fn land(github: &Github, place: Place<'_>, staging: &Sha) -> Result<Outcome, GithubError> {
    let client = github.installation(place.repository.installation);
    match try_land(&client, place, staging).await {
        Ok(report) => Ok(reported(place.batch, report)),
        // An answer that was lost may have been a yes.
        Err(error) if error.may_have_happened() && is_at(&client, place, staging).await? => {
            Ok(reported(place.batch, StagingReport::Landed { sha: staging.clone() }))
        }
        Err(error) => refusal(place.batch, error),
    }
}

async fn try_land(client: &InstallationClient, place: Place<'_>, staging: &Sha) -> Result<StagingReport, GithubError> {
    let name = &place.repository.name;
    let base_sha = client.ref_sha(name, place.base).await?;
    if base_sha.as_ref() == Some(staging) {
        return Ok(StagingReport::Landed { sha: staging.clone() });
    }
    if base_sha.as_ref() != Some(place.base_sha) {
        // The base may have gone on from the batch's own commit: it landed, and nobody was left to say so.
        let landed = match &base_sha {
            Some(base_sha) => contains(client, place, (base_sha, staging)).await?,
            None => false,
        };
        return Ok(if landed { StagingReport::Landed { sha: staging.clone() } } else { StagingReport::BaseMoved });
    }
    if client.ref_sha(name, &queue_branch(place.base)).await?.as_ref() != Some(staging) {
        return Ok(StagingReport::StagingMoved);
    }
    if let Some(number) = moved_member(client, place).await? {
        return Ok(StagingReport::MemberMoved { number });
    }
    Ok(match client.move_branch(name, place.base, staging, false).await? {
        BranchMove::Moved => StagingReport::Landed { sha: staging.clone() },
        BranchMove::NotFastForward => StagingReport::BaseMoved,
    })
}

async fn is_at(client: &InstallationClient, place: Place<'_>, sha: &Sha) -> Result<bool, GithubError> {
    Ok(client.ref_sha(&place.repository.name, place.base).await?.as_ref() == Some(sha))
}

async fn moved_member(client: &InstallationClient, place: Place<'_>) -> Result<Option<Number>, GithubError> {
    for member in place.members {
        let stays = match client.pull_state(&place.repository.name, member.number).await {
            Ok(now) => now.state == PullState::Open && now.head == member.head,
            Err(GithubError::NotFound { .. } | GithubError::Gone { .. }) => false,
            Err(error) => return Err(error),
        };
        if !stays {
            return Ok(Some(member.number));
        }
    }
    Ok(None)
}

/// What GitHub will not do until people have changed something is reported, so that the queue can say so.
fn refusal(batch: i64, error: GithubError) -> Result<Outcome, GithubError> {
    if matches!(
        error,
        GithubError::Forbidden { .. }
            | GithubError::NotFound { .. }
            | GithubError::Gone { .. }
            | GithubError::NotAllowed { .. }
            | GithubError::Conflict { .. }
            | GithubError::Validation { .. }
            | GithubError::Unexpected { .. }
    ) {
        return Ok(reported(batch, StagingReport::Refused { why: error.to_string() }));
    }
    Err(error)
}

fn reported(batch: i64, report: StagingReport) -> Outcome {
    let note = match &report {
        StagingReport::Built { staging, conflicts } if conflicts.is_empty() => {
            format!("batch {batch} is built as {}", staging.short())
        }
        StagingReport::Built { staging, conflicts } => {
            format!("batch {batch} is built as {}, without {} that conflict", staging.short(), conflicts.len())
        }
        StagingReport::Landed { sha } => format!("the base is at {}", sha.short()),
        StagingReport::BaseMoved => "not done: the base has moved".to_owned(),
        StagingReport::MemberMoved { number } => format!("not done: #{number} has changed"),
        StagingReport::StagingMoved => "not done: the staging branch has moved".to_owned(),
        StagingReport::Refused { why } => format!("GitHub refused: {why}"),
    };
    Outcome::Performed { note, learned: Some(Fact::Staging { batch, report }) }
}
