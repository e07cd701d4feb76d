//! What is done about webhooks that did not come: which are asked for again, how often, and when they are given up.

use crate::model::{Action, DeliveryGuid, Planned, Timestamp};

/// GitHub keeps its log for three days
/// (<https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/viewing-webhook-deliveries>).
pub const LOG_KEPT_MS: i64 = 3 * 86_400_000;
/// A webhook is asked for so often: with the first attempt it has then failed three times.
pub const ASKS_MAX: i64 = 2;
/// The pause before it is asked for once more.
const PAUSE_MS: i64 = 3_600_000;
/// A webhook that was asked for comes within so long, or failed.
const COMES_WITHIN_MS: i64 = 600_000;
/// So many are asked for in one turn.
const ASKS_A_TURN: i64 = 40;

/// What a turn asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskTurn {
    /// At most so many.
    pub most: i64,
    /// Those that were asked for before are asked for again only if that was before this.
    pub again_before: Timestamp,
    /// Those that were asked for often enough are given up if the last time was before this.
    pub given_up_before: Timestamp,
}

/// What this turn asks for. While nothing has come since GitHub failed last, the door may still be shut: then one webhook
/// finds out, so that the others do not use up their attempts in vain.
#[must_use]
pub fn ask_turn(newest_failure: Option<Timestamp>, newest_came: Option<Timestamp>, now: Timestamp) -> AskTurn {
    let is_open = newest_failure.is_none_or(|failed| newest_came.is_some_and(|came| came >= failed));
    AskTurn {
        most: if is_open { ASKS_A_TURN } else { 1 },
        again_before: now.plus_ms(-PAUSE_MS),
        given_up_before: now.plus_ms(-COMES_WITHIN_MS),
    }
}

/// From when on GitHub's log is read: from where it was read to, as far as GitHub keeps it, and no further than the inbox
/// keeps what was processed, for what was pruned there is not missing.
#[must_use]
pub fn read_from(read_until: Timestamp, retention_ms: i64, now: Timestamp) -> Timestamp {
    read_until.max(now.plus_ms(-LOG_KEPT_MS.min(retention_ms)))
}

/// Asking for a webhook the `ask`-th time.
#[must_use]
pub fn redelivery(guid: &DeliveryGuid, attempt: i64, ask: i64) -> Planned {
    Planned {
        key: format!("redeliver/{guid}/{attempt}/{ask}"),
        slot: None,
        action: Action::Redeliver { guid: guid.clone(), attempt },
    }
}

/// Key, headline and text of the message that these were given up, the oldest of them first.
#[must_use]
pub fn given_up(webhooks: &[(&DeliveryGuid, &str, &str)]) -> Option<(String, String, String)> {
    let (guid, event, outcome) = webhooks.first()?;
    let (title, they) = match webhooks.len() {
        1 => ("A webhook did not arrive".to_owned(), "it"),
        count => (format!("{count} webhooks did not arrive"), "each of them"),
    };
    let text = format!(
        "GitHub tried to deliver {they} three times. The first is {guid} ({event}): {outcome}. What changed on GitHub is \
         found by the sweep all the same; `stationmaster doctor` says what keeps webhooks away."
    );
    Some((format!("missed/{guid}"), title, text))
}
