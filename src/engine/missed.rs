//! Webhooks that did not come: found in GitHub's log of deliveries, and asked for again.
//!
//! GitHub sends nothing a second time by itself. What its log names and the inbox does not have was lost on the way, was
//! refused, or came to a database that was put back to an older state since; which of these does not matter. Asking for
//! it is an action of the outbox, and what then comes is stored under the id that it always had, so that it takes effect
//! once. The log is read from the newest back to where it was read before; a long one over several turns.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::Engine;
use super::tick::SERVER;
use crate::decide::missed;
use crate::github::{GithubError, HookDelivery, HookLogPage};
use crate::model::{DeliveryGuid, Timestamp, Urgency5};
use crate::store::MissedDelivery;

/// Who is told of as failing when the log cannot be read.
const LOG: &str = "missed/log";
/// The fact that says how far the log was read.
const FACT: &str = "missed";
/// Pages of 100 deliveries that are read in one turn.
const PAGES_A_TURN: usize = 20;
/// A reading looks back over the end of the last one by so much: an attempt is listed once it is over.
const OVERLAP_MS: i64 = 600_000;
/// The pause between two turns while there is more to be read or to be asked for.
const GO_ON_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;

/// How far the log was read.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Reading {
    /// All that was sent before this was looked at.
    read_until: Timestamp,
    /// A reading that was too long for one turn.
    under_way: Option<UnderWay>,
    /// When the newest attempt was made that failed.
    newest_failure: Option<Timestamp>,
    /// Whether webhooks wait to be asked for, or the log to be read.
    more: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct UnderWay {
    /// GitHub's name of the next page.
    cursor: String,
    /// When its first page was read.
    began: Timestamp,
}

impl Engine {
    /// Looks for webhooks that did not come, unless a server has done so within the last `interval_ms`; sooner while it
    /// is not through.
    pub(super) async fn ask_again_on(&self, interval_ms: i64) -> Result<()> {
        let reading = self.reading().await?;
        let interval_ms = if reading.is_through() { interval_ms } else { interval_ms.min(GO_ON_MS) };
        if self.app.store.take_turn("missed", interval_ms).await? {
            self.ask_again().await?;
        }
        Ok(())
    }

    /// Reads on in GitHub's log and asks for what did not come, as much of it as one turn may.
    pub async fn ask_again(&self) -> Result<()> {
        let mut reading = self.reading().await?;
        let failed = self.read_log(&mut reading).await?.err();
        match &failed {
            None => self.app.troubles.passed(LOG),
            // The next look goes on from here.
            Some(error) => self.sweep_failed(LOG, (error, None), self.next_sweep()),
        }
        reading.more = self.ask_for_missing(reading.newest_failure).await? || failed.is_some();
        let reading = serde_json::to_string(&reading).context("a reading could not be written down")?;
        Ok(self.app.store.remember_fact(FACT, &reading).await?)
    }

    async fn reading(&self) -> Result<Reading> {
        if let Some(reading) = self.app.store.fact(FACT).await? {
            return serde_json::from_str(&reading).context("how far GitHub's log was read cannot be read");
        }
        // What was sent before this database knew any repository was not for it; else it was swept until then.
        let swept = self.app.store.repositories().await?.into_iter().map(|known| known.swept).min();
        let read_until = swept.unwrap_or_else(|| self.app.clock.now());
        // GitHub's log has whole seconds: what was sent within this one counts as sent at its beginning.
        let read_until = Timestamp::from_seconds(read_until.seconds());
        Ok(Reading { read_until, under_way: None, newest_failure: None, more: false })
    }

    /// The outer error is the store's, the inner one GitHub's.
    async fn read_log(&self, reading: &mut Reading) -> Result<Result<(), GithubError>> {
        let now = self.app.clock.now();
        let from = missed::read_from(reading.read_until, i64::from(self.app.config.retention_days) * DAY_MS, now);
        let app = self.app.hands.github.app();
        let (mut cursor, began) = match reading.under_way.take() {
            Some(UnderWay { cursor, began }) => (Some(cursor), began),
            None => (None, now),
        };
        for _ in 0..PAGES_A_TURN {
            let page = match app.hook_log(cursor.as_deref()).await {
                Ok(page) => page,
                Err(error) => {
                    // GitHub may have forgotten the name of the page; then the next turn begins at the newest again.
                    let kept = cursor.filter(|_| error.is_transient());
                    reading.under_way = kept.map(|cursor| UnderWay { cursor, began });
                    return Ok(Err(error));
                }
            };
            let ended = self.note_page(&page, from, &mut reading.newest_failure).await?;
            cursor = page.next;
            if ended || cursor.is_none() {
                reading.read_until = began.plus_ms(-OVERLAP_MS).max(reading.read_until);
                return Ok(Ok(()));
            }
        }
        reading.under_way = cursor.map(|cursor| UnderWay { cursor, began });
        Ok(Ok(()))
    }

    /// Notes what of this page is not in the inbox. `true` when the page goes back beyond `from`.
    async fn note_page(
        &self,
        page: &HookLogPage,
        from: Timestamp,
        newest_failure: &mut Option<Timestamp>,
    ) -> Result<bool> {
        let mut newest: BTreeMap<&str, (&HookDelivery, Timestamp)> = BTreeMap::new();
        let mut ended = false;
        for attempt in &page.deliveries {
            let Some(at) = Timestamp::parse_rfc3339(&attempt.delivered_at) else { continue };
            if at < from {
                ended = true;
                continue;
            }
            if !attempt.arrived() {
                *newest_failure = (*newest_failure).max(Some(at));
            }
            newest.entry(&attempt.guid).or_insert((attempt, at));
        }
        let guids: Vec<&str> = newest.keys().copied().collect();
        let missing = self.app.store.not_in_inbox(&guids).await?;
        let missed: Vec<MissedDelivery> = newest
            .into_iter()
            .filter(|(guid, _)| missing.contains(*guid))
            .map(|(guid, (attempt, delivered))| MissedDelivery {
                guid: DeliveryGuid::new(guid),
                attempt: attempt.id,
                event: attempt.event.clone(),
                outcome: attempt.status.clone(),
                delivered,
                asks: 0,
            })
            .collect();
        if !missed.is_empty() {
            let news = self.app.store.note_missed(&missed).await?;
            self.app.metrics.missed_deliveries("missing", news);
        }
        Ok(ended)
    }

    /// Asks for what is missing. `true` when some of it waits for the next turn.
    async fn ask_for_missing(&self, newest_failure: Option<Timestamp>) -> Result<bool> {
        let store = &self.app.store;
        let came = store.settle_missed().await?;
        if came > 0 {
            tracing::info!(came, "webhooks that had not come have come by now");
        }
        let now = self.app.clock.now();
        let turn = missed::ask_turn(newest_failure, store.newest_webhook().await?, now);
        // First it is told: under its key once, also where this server dies in between.
        self.tell_given_up(&store.missed_for_good(missed::ASKS_MAX, turn.given_up_before).await?).await?;
        store.give_up_missed(missed::ASKS_MAX, turn.given_up_before).await?;
        // One more than are asked for shows whether any are left.
        let mut wanted = store.missed_to_ask((turn.again_before, missed::ASKS_MAX), turn.most + 1).await?;
        let asked = wanted.len().min(usize::try_from(turn.most).unwrap_or_default());
        let more = wanted.len() > asked;
        wanted.truncate(asked);
        for one in wanted {
            let planned = missed::redelivery(&one.guid, one.attempt, one.asks + 1);
            if store.ask_for_missed(&one, (&SERVER, &planned)).await? {
                self.app.metrics.missed_deliveries("asked", 1);
                tracing::info!(delivery = %one.guid, event = one.event, outcome = one.outcome, sent = %one.delivered,
                    "a webhook did not come; GitHub is asked to send it again");
            }
        }
        Ok(more)
    }

    async fn tell_given_up(&self, given_up: &[MissedDelivery]) -> Result<()> {
        let told: Vec<_> = given_up.iter().map(|one| (&one.guid, one.event.as_str(), one.outcome.as_str())).collect();
        let Some((key, title, text)) = missed::given_up(&told) else { return Ok(()) };
        self.app.metrics.missed_deliveries("given_up", u64::try_from(given_up.len()).unwrap_or(u64::MAX));
        tracing::error!(count = given_up.len(), "{title}. {text}");
        self.tell_team(key, (title, text), (None, Urgency5::High, "mailbox_with_no_mail")).await
    }
}

impl Reading {
    const fn is_through(&self) -> bool {
        self.under_way.is_none() && !self.more
    }
}
