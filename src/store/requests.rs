//! What became of something that was asked for by another door than a webhook.

use super::conditions::{Conditions, containing};
use super::{OutboxState, Store, StoreError};
use crate::model::{Action, Blocker, DeliveryGuid, DeliveryState, Explanation, Fact, Item, Subject};

/// The event of deliveries that ask something of an environment.
const ENVIRONMENT: &str = "environment";

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestState {
    /// It was not judged yet, or what it led to is not done yet.
    Waiting,
    /// It was judged, and done where that was allowed.
    Done {
        /// The issue that was opened.
        item: Option<Item>,
        /// Where people read it.
        url: Option<String>,
        /// What the audit says of it.
        note: Option<String>,
    },
    /// It was not done.
    Refused {
        /// Why.
        note: Option<String>,
    },
}

impl Store {
    /// What became of a request, by the id of its delivery; `None` where it is not known, or known no more.
    pub async fn what_became_of(&self, guid: &DeliveryGuid) -> Result<Option<RequestState>, StoreError> {
        let row: Option<(String, Option<String>, i64, String)> =
            sqlx::query_as("SELECT state, note, received_ms, event FROM deliveries WHERE guid = $1")
                .bind(guid.as_str())
                .fetch_optional(self.database.reader())
                .await?;
        let Some((state, note, received_ms, event)) = row else { return Ok(None) };
        let judged = match state.parse().map_err(StoreError::corrupt)? {
            DeliveryState::New | DeliveryState::Marked => RequestState::Waiting,
            DeliveryState::Done if event == ENVIRONMENT => self.decided_there(guid, received_ms).await?,
            DeliveryState::Done => self.judged(guid, received_ms).await?,
            DeliveryState::Ignored | DeliveryState::Dead => RequestState::Refused { note },
        };
        // Looked for last: whatever the decision that was found wants opened is there by now.
        Ok(Some(self.what_was_opened(guid).await?.unwrap_or(judged)))
    }

    /// What the audit says of an ask that was taken in. It waits until a decision has seen it.
    async fn judged(&self, guid: &DeliveryGuid, since_ms: i64) -> Result<RequestState, StoreError> {
        // In this order: what is read between the two looks has its sentence by the second.
        let unread = self.is_unread(guid).await?;
        let (sentences, refused) = self.sentences_about(guid, since_ms).await?;
        if sentences.is_empty() && unread {
            return Ok(RequestState::Waiting);
        }
        let note = (!sentences.is_empty()).then(|| sentences.join(" "));
        Ok(if refused { RequestState::Refused { note } } else { RequestState::Done { item: None, url: None, note } })
    }

    /// Whether whoever was asked has not judged it yet: until then it stands among what they are told.
    async fn is_unread(&self, guid: &DeliveryGuid) -> Result<bool, StoreError> {
        let mut conditions = Conditions::default();
        conditions.add(r"LOWER(report) LIKE ? ESCAPE '\'", [containing(&format!("\"request\":\"{guid}\""))]);
        let rows: Vec<(i64,)> = conditions.fetch(self, ("SELECT id FROM reports", "id"), 1).await?;
        Ok(!rows.is_empty())
    }

    async fn what_was_opened(&self, guid: &DeliveryGuid) -> Result<Option<RequestState>, StoreError> {
        let Some((action, state, note, fact)) = self.action(&format!("asked/{guid}")).await? else { return Ok(None) };
        Ok(Some(match state {
            OutboxState::Pending | OutboxState::Running => RequestState::Waiting,
            OutboxState::Dead | OutboxState::Superseded => RequestState::Refused { note },
            OutboxState::Done => match (action, fact) {
                (Action::OpenIssue { repository, .. }, Some(Fact::IssueOpened { number, url })) => RequestState::Done {
                    item: Some(Item { repository: repository.name, number }),
                    url: Some(url),
                    note,
                },
                _other => RequestState::Done { item: None, url: None, note },
            },
        }))
    }

    /// What was decided about the environment of which it was asked, and whether the ask was refused there. It waits
    /// until a decision has seen it.
    async fn decided_there(&self, guid: &DeliveryGuid, since_ms: i64) -> Result<RequestState, StoreError> {
        let mut conditions = Conditions::default();
        conditions.add("at_ms >= ?", [since_ms.into()]);
        conditions.add("kind = 'decision'", []);
        conditions.add("subject LIKE 'environment/%'", []);
        conditions.add(r"LOWER(saw) LIKE ? ESCAPE '\'", [containing(&format!("\"{guid}\""))]);
        let select = "SELECT subject, summary, explanation FROM audit";
        let mut rows: Vec<(String, String, Option<String>)> = conditions.fetch(self, (select, "id"), 1).await?;
        let Some((subject, summary, explanation)) = rows.pop() else { return Ok(RequestState::Waiting) };
        let explanation = explanation.map(|text| serde_json::from_str::<Explanation>(&text)).transpose();
        let blockers = explanation.map_err(StoreError::corrupt)?.unwrap_or_default().blockers;
        let of_request = |blocker: &Blocker| matches!(blocker, Blocker::Deploy { reason } if reason.is_of_a_request());
        // What can also be said of a version that is on its way is of the ask if the environment remembers it as such.
        let refusal = match subject.parse::<Subject>() {
            Ok(Subject::Environment(repository, name)) => self.environment(repository, &name).await?.last_refusal,
            Ok(
                Subject::Issue(..)
                | Subject::Pull(..)
                | Subject::Branch(..)
                | Subject::Repository(_)
                | Subject::Releases(_),
            )
            | Err(_) => None,
        };
        let told = |blocker: &Blocker| refusal.as_ref().is_some_and(|told| told.contains(&blocker.to_string()));
        if blockers.iter().any(|blocker| of_request(blocker) || told(blocker)) {
            return Ok(RequestState::Refused { note: Some(refusal.unwrap_or(summary)) });
        }
        Ok(RequestState::Done { item: None, url: None, note: Some(summary) })
    }

    /// What the audit says of a judged ask, and whether it was refused. Where no line is about this delivery alone, those
    /// of all that were judged with it.
    async fn sentences_about(&self, guid: &DeliveryGuid, since_ms: i64) -> Result<(Vec<String>, bool), StoreError> {
        let mut conditions = Conditions::default();
        conditions.add("at_ms >= ?", [since_ms.into()]);
        conditions.one_of("kind", vec!["ask".into(), "refused".into()]);
        conditions.add(r"LOWER(deliveries) LIKE ? ESCAPE '\'", [containing(&format!("\"{guid}\""))]);
        let mut rows: Vec<(String, String, String)> =
            conditions.fetch(self, ("SELECT summary, kind, deliveries FROM audit", "id"), 10).await?;
        let alone = format!("[\"{guid}\"]");
        if rows.iter().any(|(.., deliveries)| *deliveries == alone) {
            rows.retain(|(.., deliveries)| *deliveries == alone);
        }
        let refused = !rows.is_empty() && rows.iter().all(|(_, kind, _)| kind == "refused");
        Ok((rows.into_iter().map(|(sentence, ..)| sentence).collect(), refused))
    }
}
