//! Publishes messages for people, and messages of the protocol for machines.

use super::{Deed, performed};
use crate::model::{Envelope, Outcome, PeopleMessage};
use crate::notify::{Notifier, NotifyError};

/// After a failed attempt the message may be out although its answer was lost, so the topic is looked at first.
pub(super) async fn publish(
    notifier: &Notifier,
    deed: &Deed<'_>,
    message: &PeopleMessage,
) -> Result<Outcome, NotifyError> {
    if deed.attempts > 0 && notifier.already_published(message, deed.first_attempt).await? {
        return Ok(performed("the message had been published already"));
    }
    match notifier.publish(message).await {
        Ok(published) if published.by_fallback => Ok(performed(format!("told over the fallback: {}", message.title))),
        Ok(_) => Ok(performed(format!("told: {}", message.title))),
        // Whoever sets no topic does not want to be told; there is nothing to give up.
        Err(NotifyError::NoTopic) => Ok(performed("nobody is told: NTFY_TOPIC is not set")),
        Err(error) => Err(error),
    }
}

/// Publishes a message of the protocol; looked for by its id after a failed attempt, which may have got as far.
pub(super) async fn publish_machine(
    notifier: &Notifier,
    deed: &Deed<'_>,
    (topic, message): (Option<&str>, &Envelope),
) -> Result<Outcome, NotifyError> {
    if deed.attempts > 0 {
        match notifier.machine_published(topic, message, deed.first_attempt).await {
            Ok(true) => return Ok(performed("the message had been published already")),
            Ok(false) | Err(NotifyError::NoTopic) => {}
            Err(error) => return Err(error),
        }
    }
    match notifier.publish_machine(topic, message).await {
        Ok(_) => Ok(performed(format!("machines are told: {} {}", message.kind, message.id))),
        // Whoever sets no topic has no machines that listen; there is nothing to give up.
        Err(NotifyError::NoTopic) => Ok(performed("no machine is told: NTFY_PROTOCOL_TOPIC is not set")),
        Err(error) => Err(error),
    }
}
