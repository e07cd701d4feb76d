//! Writes the pull request that prepares the next release.

use super::Deed;
use super::outcome::will_not_pass;
use super::own_pull::{self, Others, OwnPull, Written};
use crate::github::{Github, GithubError};
use crate::model::{Fact, Outcome, ReleasePullOrder, ReleaseReport};

/// Whatever else is on the branch, which is ours, is replaced.
pub(super) async fn write(github: &Github, _deed: &Deed<'_>, order: &ReleasePullOrder) -> Result<Outcome, GithubError> {
    let client = github.installation(order.repository.installation);
    let (tag, digest) = (order.tag.clone(), order.digest.clone());
    let wanted = OwnPull {
        name: &order.repository.name,
        base: &order.base,
        base_sha: &order.base_sha,
        branch: &order.branch,
        message: &order.message,
        files: &order.files,
        title: &order.title,
        body: &order.body,
        others: Others::Replaced,
    };
    match own_pull::write(&client, wanted).await {
        Ok(Written::Done(number, _)) => Ok(Outcome::Performed {
            note: format!("#{number} prepares {tag}"),
            learned: Some(Fact::Release { report: ReleaseReport::PullWritten { number, tag, digest } }),
        }),
        Ok(Written::LeftAlone | Written::NotShown) => Ok(Outcome::Failed {
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
