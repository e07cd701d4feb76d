//! Makes a release: the tag on the tested commit, then the GitHub release on the tag.

use super::Deed;
use super::outcome::will_not_pass;
use crate::github::{Github, GithubError, InstallationClient, NewRelease, ReleaseCreation, ReleaseSeen, TagCreation};
use crate::model::{Fact, Outcome, ReleaseOrder, ReleaseReport, Sha};

/// All that GitHub says to an App that lacks a permission, whichever it is
/// (<https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#resource-not-accessible>).
const BARE_REFUSAL: &str = "Resource not accessible by integration";

/// Where the tag stands before the release is made.
enum Tagged {
    /// At the tested commit, since just now.
    Now,
    /// At the tested commit, since earlier.
    Before,
    /// At another commit.
    Elsewhere(Sha),
    /// At something that is no commit.
    Nowhere,
}

/// Looks before each step, so that a repeated attempt comes to the same tag and to one release.
pub(super) async fn release(github: &Github, deed: &Deed<'_>, order: &ReleaseOrder) -> Result<Outcome, GithubError> {
    let client = github.installation(order.repository.installation);
    let tagged = match tag(&client, order).await {
        Ok(tagged) => tagged,
        Err(error) if will_not_pass(&error) => return Ok(refused(order, tag_refusal(order, &error))),
        Err(error) => return Err(error),
    };
    let look = match tagged {
        Tagged::Now => !deed.fresh,
        Tagged::Before => true,
        Tagged::Elsewhere(at) => return Ok(reported(ReleaseReport::Elsewhere { tag: order.tag.clone(), at })),
        Tagged::Nowhere => {
            let why = format!("the tag {} stands at something that is no commit, and no tag is ever moved", order.tag);
            return Ok(refused(order, why));
        }
    };
    match publish(&client, order, look).await {
        Ok(Some(release)) => {
            let (tag, sha) = (order.tag.clone(), order.sha.clone());
            Ok(reported(ReleaseReport::Released { tag, sha, url: release.url }))
        }
        Ok(None) => Ok(Outcome::Failed {
            reason: format!("GitHub says that there is a release on {} and does not show it", order.tag),
        }),
        Err(error) if will_not_pass(&error) => {
            Ok(refused(order, format!("GitHub refuses the release on the tag {}, which is there: {error}", order.tag)))
        }
        Err(error) => Err(error),
    }
}

async fn tag(client: &InstallationClient, order: &ReleaseOrder) -> Result<Tagged, GithubError> {
    let (name, tag) = (&order.repository.name, &order.tag);
    if let Some(at) = client.tag_sha(name, tag).await? {
        return Ok(if at == order.sha { Tagged::Before } else { Tagged::Elsewhere(at) });
    }
    match client.create_tag(name, tag, &order.sha, order.annotation.as_deref()).await? {
        TagCreation::Created => Ok(Tagged::Now),
        // Somebody was quicker by a moment.
        TagCreation::Exists => Ok(match client.tag_sha(name, tag).await? {
            Some(at) if at == order.sha => Tagged::Before,
            Some(at) => Tagged::Elsewhere(at),
            None => Tagged::Nowhere,
        }),
    }
}

async fn publish(
    client: &InstallationClient,
    order: &ReleaseOrder,
    look: bool,
) -> Result<Option<ReleaseSeen>, GithubError> {
    let name = &order.repository.name;
    if look && let Some(release) = client.release_by_tag(name, &order.tag).await? {
        return Ok(Some(release));
    }
    let new = NewRelease {
        tag: order.tag.clone(),
        sha: order.sha.clone(),
        title: order.title.clone(),
        notes: order.notes.clone(),
        prerelease: order.prerelease,
    };
    match client.create_release(name, &new).await? {
        ReleaseCreation::Created(release) => Ok(Some(release)),
        ReleaseCreation::Exists => client.release_by_tag(name, &order.tag).await,
    }
}

/// GitHub does not say which permission is missing where a commit changes workflow files.
fn tag_refusal(order: &ReleaseOrder, error: &GithubError) -> String {
    let (sha, tag) = (order.sha.short(), &order.tag);
    let is_bare =
        matches!(error, GithubError::Forbidden { message, .. } if message.trim_end_matches('.') == BARE_REFUSAL);
    if !is_bare {
        return format!("GitHub refuses to tag {sha} as {tag}: {error}");
    }
    format!(
        "GitHub refuses to tag {sha} as {tag}: the App lacks *Contents: write* or, where its workflow files differ from \
         the branch heads', the *Workflows: write* permission beside it; grant it in the App's settings and accept it \
         for {}, and what lands next is released",
        order.repository.name.owner
    )
}

fn refused(order: &ReleaseOrder, why: String) -> Outcome {
    reported(ReleaseReport::Refused { tag: order.tag.clone(), sha: order.sha.clone(), why })
}

fn reported(report: ReleaseReport) -> Outcome {
    let note = match &report {
        ReleaseReport::Released { tag, sha, .. } => format!("{tag} is released at {}", sha.short()),
        ReleaseReport::Elsewhere { tag, at } => format!("not done: the tag {tag} stands at {}", at.short()),
        ReleaseReport::Refused { why, .. } | ReleaseReport::PullRefused { why, .. } => format!("not done: {why}"),
        ReleaseReport::PullWritten { number, tag, .. } => format!("#{number} prepares {tag}"),
        ReleaseReport::TrackedBy { tag, issue } => format!("{tag} is followed on #{issue}"),
        ReleaseReport::Verified { environment, version } => format!("{} is verified in {environment}", version.tag),
    };
    Outcome::Performed { note, learned: Some(Fact::Release { report }) }
}
