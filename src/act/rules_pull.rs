//! Writes the pull request that proposes rules.

use super::Deed;
use super::outcome::will_not_pass;
use super::own_pull::{self, Others, OwnPull, Written};
use crate::github::{Github, GithubError};
use crate::model::{Fact, Outcome, RepositoryReport, RulesPullOrder};

/// What people have pushed to its branch stays: they have taken it over.
pub(super) async fn write(github: &Github, _deed: &Deed<'_>, order: &RulesPullOrder) -> Result<Outcome, GithubError> {
    let client = github.installation(order.repository.installation);
    let digest = order.digest.clone();
    let wanted = OwnPull {
        name: &order.repository.name,
        base: &order.base,
        base_sha: &order.base_sha,
        branch: &order.branch,
        message: &order.title,
        files: std::slice::from_ref(&order.file),
        title: &order.title,
        body: &order.body,
        others: Others::Kept(order.ours.as_ref()),
    };
    match own_pull::write(&client, wanted).await {
        Ok(Written::Done(number, tip)) => Ok(Outcome::Performed {
            note: format!("#{number} proposes rules"),
            learned: Some(Fact::Repository { report: RepositoryReport::RulesPullWritten { number, digest, tip } }),
        }),
        Ok(Written::NotShown) => Ok(Outcome::Failed {
            reason: format!("GitHub says that {} has a pull request and does not show it", order.branch),
        }),
        Ok(Written::LeftAlone) => {
            Ok(refused(digest, format!("somebody else has pushed to {}, which is left as it is", order.branch)))
        }
        Err(error) if will_not_pass(&error) => Ok(refused(digest, format!("GitHub refuses it: {error}"))),
        Err(error) => Err(error),
    }
}

fn refused(digest: String, why: String) -> Outcome {
    Outcome::Performed {
        note: format!("not done: {why}"),
        learned: Some(Fact::Repository { report: RepositoryReport::RulesPullRefused { digest, why } }),
    }
}
