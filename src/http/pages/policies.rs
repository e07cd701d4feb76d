//! Policies for pages: a page is shown without one where GitHub does not tell it soon.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;

use super::fault::PageFault;
use crate::decide::tracking::{AskRefusal, RefusalKind};
use crate::http::Door;
use crate::http::environments::{self, AskFault};
use crate::model::{RepositoryId, RepositoryName};
use crate::policy::Policy;
use crate::store::KnownRepository;

/// Nobody waits longer for a page because of a policy; it mostly is known already.
const PATIENCE: Duration = Duration::from_secs(2);
/// So many are asked for at once.
const AT_ONCE: usize = 8;

/// The policy of a repository; `None` where it is not known now.
pub(super) async fn policy(door: &Door, name: &RepositoryName) -> Option<Arc<Policy>> {
    let api = door.api.as_ref()?;
    let found = tokio::time::timeout(PATIENCE, environments::repository(api, name)).await;
    found.ok()?.ok().map(|(_, policy)| policy)
}

/// The policies of several repositories, those left out that are not known now.
pub(super) async fn policies(door: &Door, repositories: &[&KnownRepository]) -> HashMap<RepositoryId, Arc<Policy>> {
    let asked: Vec<_> = repositories.iter().map(|known| of_one(door, (*known).clone())).collect();
    futures::stream::iter(asked).buffer_unordered(AT_ONCE).filter_map(std::future::ready).collect().await
}

async fn of_one(door: &Door, known: KnownRepository) -> Option<(RepositoryId, Arc<Policy>)> {
    Some((known.id, policy(door, &known.name).await?))
}

/// Why nothing is asked of an environment, as a page.
pub(super) fn of_ask(name: &RepositoryName, fault: AskFault) -> PageFault {
    match fault {
        AskFault::NotReached => PageFault::NotFound,
        AskFault::Store(fault) => fault.into(),
        AskFault::PolicyUnknown => PageFault::Unavailable(format!(
            "GitHub does not tell the policy of {name} at the moment, so nothing was asked; try again later."
        )),
        AskFault::PolicyUnreadable(fault) => {
            PageFault::Unfitting(format!("Nothing is deployed while the policy cannot be read: {fault}"))
        }
        AskFault::Refused(refusal) => refused(&refusal),
    }
}

/// What does not fit any more was seen on an older page.
fn refused(refusal: &AskRefusal) -> PageFault {
    match refusal.kind() {
        RefusalKind::Unknown | RefusalKind::Unclear => PageFault::Unfitting(refusal.sentence()),
        RefusalKind::Unfitting => PageFault::Stale(format!("{} Load the page again.", refusal.sentence())),
    }
}
