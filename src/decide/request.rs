//! What follows from a request that came by another door than a webhook.

use crate::model::{
    Action, DeliveryGuid, EnvironmentReport, Planned, PullReport, Report, RepositoryReport, Request, Subject,
    TaskReport, Timestamp,
};

/// What a request comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Something is done.
    Act(Subject, Planned),
    /// A subject is told, and looks.
    Tell(Subject, Report),
}

/// The effect of a request, named by the delivery that brought it, so that the same delivery has it once.
#[must_use]
pub fn answer(delivery: &DeliveryGuid, request: &Request, received: Timestamp) -> Answer {
    match request {
        Request::OpenIssue { repository, title, body, labels, parent } => Answer::Act(
            Subject::Repository(repository.id),
            Planned {
                key: key_of(delivery),
                slot: None,
                action: Action::OpenIssue {
                    repository: repository.clone(),
                    title: title.clone(),
                    body: body.clone(),
                    labels: labels.clone(),
                    parent: *parent,
                },
            },
        ),
        Request::Environment { repository, environment, wish, authority } => Answer::Tell(
            Subject::Environment(repository.id, environment.clone()),
            Report::Environment(EnvironmentReport::Asked {
                ask: wish.clone(),
                authority: authority.clone(),
                at: received,
                request: Some(delivery.clone()),
            }),
        ),
        Request::Pull { repository, number, wish, head, authority, door } => Answer::Tell(
            Subject::Pull(*repository, *number),
            Report::Pull(PullReport::Asked {
                ask: wish.clone(),
                head: head.clone(),
                authority: authority.clone(),
                door: *door,
                request: delivery.clone(),
                at: received,
            }),
        ),
        Request::ProposeRules { repository, authority, door } => Answer::Tell(
            Subject::Repository(*repository),
            Report::Repository(RepositoryReport::RulesAsked {
                authority: authority.clone(),
                door: *door,
                request: delivery.clone(),
                at: received,
            }),
        ),
        Request::Task { repository, number, wish, authority, door, answer_to } => Answer::Tell(
            Subject::Issue(*repository, *number),
            Report::Task(TaskReport::Asked {
                ask: wish.clone(),
                authority: authority.clone(),
                door: *door,
                answer_to: answer_to.clone(),
                request: Some(delivery.clone()),
                at: received,
            }),
        ),
    }
}

/// The key of the action that answers the request of this delivery.
#[must_use]
pub fn key_of(delivery: &DeliveryGuid) -> String {
    format!("asked/{delivery}")
}
