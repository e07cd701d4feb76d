//! What follows from a request that came by another door than a webhook.

use crate::model::{Action, DeliveryGuid, EnvironmentReport, Planned, Request, Subject, Timestamp};

/// What a request comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Something is done.
    Act(Subject, Planned),
    /// A subject is told, and looks.
    Tell(Subject, EnvironmentReport),
}

/// The effect of a request, named by the delivery that brought it, so that the same delivery has it once.
#[must_use]
pub fn answer(delivery: &DeliveryGuid, request: &Request, received: Timestamp) -> Answer {
    match request {
        Request::OpenIssue { repository, title, body } => Answer::Act(
            Subject::Repository(repository.id),
            Planned {
                key: key_of(delivery),
                slot: None,
                action: Action::OpenIssue { repository: repository.clone(), title: title.clone(), body: body.clone() },
            },
        ),
        Request::Environment { repository, environment, wish, authority } => Answer::Tell(
            Subject::Environment(repository.id, environment.clone()),
            EnvironmentReport::Asked { ask: wish.clone(), authority: authority.clone(), at: received },
        ),
    }
}

/// The key of the action that answers the request of this delivery.
#[must_use]
pub fn key_of(delivery: &DeliveryGuid) -> String {
    format!("asked/{delivery}")
}
