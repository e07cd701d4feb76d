//! Asks GitHub to send a webhook again that did not come.

use super::{Deed, performed};
use crate::github::{Github, GithubError, HookDelivery};
use crate::model::{DeliveryGuid, Outcome, Timestamp};

/// Pages of the log that are looked at for an attempt that was asked for before.
const PAGES: usize = 5;
/// GitHub's clock may be behind ours by so much.
const CLOCKS_APART_MS: i64 = 60_000;

/// Has a delivery sent again, unless that was asked for before and the answer was lost.
pub(super) async fn redeliver(
    github: &Github,
    deed: &Deed<'_>,
    (guid, attempt): (&DeliveryGuid, i64),
) -> Result<Outcome, GithubError> {
    let since = deed.first_attempt.plus_ms(-CLOCKS_APART_MS);
    if !deed.fresh && was_sent_again(github, guid, (attempt, since)).await? {
        return Ok(performed("GitHub has sent it again already"));
    }
    match github.app().redeliver(attempt).await {
        Ok(()) => Ok(performed("GitHub was asked to send it again")),
        // What it was about is found by the sweep, so there is nothing for anybody to do.
        Err(error @ (GithubError::NotFound { .. } | GithubError::Gone { .. } | GithubError::Validation { .. })) => {
            Ok(performed(format!("GitHub does not send it again: {error}")))
        }
        Err(error) => Err(error),
    }
}

/// Whether the log has an attempt since then, other than the one that is repeated.
async fn was_sent_again(
    github: &Github,
    guid: &DeliveryGuid,
    (attempt, since): (i64, Timestamp),
) -> Result<bool, GithubError> {
    let mut cursor = None;
    for _ in 0..PAGES {
        let page = github.app().hook_log(cursor.as_deref()).await?;
        let is_later =
            |entry: &&HookDelivery| Timestamp::parse_rfc3339(&entry.delivered_at).is_some_and(|at| at >= since);
        let later: Vec<&HookDelivery> = page.deliveries.iter().take_while(is_later).collect();
        if later.iter().any(|entry| entry.guid == guid.as_str() && entry.id != attempt) {
            return Ok(true);
        }
        if later.len() < page.deliveries.len() || page.next.is_none() {
            return Ok(false);
        }
        cursor = page.next;
    }
    Ok(false)
}
