//! What follows from a request that came by another door than a webhook.

use crate::model::{Action, DeliveryGuid, Planned, Request, Subject};

/// The effect of a request, named by the delivery that brought it, so that the same delivery has it once.
#[must_use]
pub fn answer(delivery: &DeliveryGuid, request: &Request) -> (Subject, Planned) {
    match request {
        Request::OpenIssue { repository, title, body } => (
            Subject::Repository(repository.id),
            Planned {
                key: key_of(delivery),
                slot: None,
                action: Action::OpenIssue { repository: repository.clone(), title: title.clone(), body: body.clone() },
            },
        ),
    }
}

/// The key of the action that answers the request of this delivery.
#[must_use]
pub fn key_of(delivery: &DeliveryGuid) -> String {
    format!("asked/{delivery}")
}
