//! The inbox as a page lists it: filtered, page by page, and fast however many deliveries there are.

use sqlx::FromRow;

use super::conditions::{Conditions, containing};
use super::order::ArrivalOrder;
use super::{Store, StoreError};
use crate::model::{DeliveryGuid, DeliveryState, Timestamp};

/// So many ids are found by a part of them: whoever looks for one writes enough of it.
const FOUND_MAX: i64 = 200;
/// What a delivery led to is looked for among so many lines of the audit after it came, and as many of the newest.
const LOOKED_AT: i64 = 2_000;
/// So many of them are told.
const TOLD: i64 = 50;

/// Which deliveries are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InboxQuery {
    /// Of one state.
    pub state: Option<DeliveryState>,
    /// Of one event, as the sender calls it.
    pub event: Option<String>,
    /// With this in their id, in whatever case.
    pub guid: Option<String>,
    /// Only those that came before this one.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: i64,
}

/// A delivery as it is listed, without its body.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct InboxRow {
    /// Its place in the order of arrival.
    pub id: i64,
    /// The sender's id for it.
    pub guid: String,
    /// The door it came through.
    pub source: String,
    /// What the sender says it is.
    pub event: String,
    received_ms: i64,
    /// How far it has come.
    pub state: String,
    /// Why it came to rest there.
    pub note: Option<String>,
}

impl InboxRow {
    /// When we had all of it.
    #[must_use]
    pub const fn received(&self) -> Timestamp {
        Timestamp(self.received_ms)
    }
}

/// A line of the audit that a delivery led to.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct LedTo {
    /// The line.
    pub id: i64,
    at_ms: i64,
    /// About what.
    pub subject: Option<String>,
    /// What kind of line it is.
    pub kind: String,
    /// One sentence.
    pub summary: String,
}

impl LedTo {
    /// When it was written.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        Timestamp(self.at_ms)
    }
}

impl Store {
    /// Deliveries, the newest first.
    pub async fn inbox(&self, query: &InboxQuery) -> Result<Vec<InboxRow>, StoreError> {
        let mut conditions = Conditions::default();
        if let Some(state) = query.state {
            conditions.add("state = ?", [state.as_str().into()]);
        }
        if let Some(event) = &query.event {
            // Few deliveries are in these states, so the index of states leads to them, and must be taken.
            let few = matches!(query.state, Some(DeliveryState::New | DeliveryState::Marked | DeliveryState::Dead));
            conditions.add(if few { "(event || '') = ?" } else { "event = ?" }, [event.as_str().into()]);
        }
        if let Some(guid) = &query.guid {
            // The ids alone are an index; the rows with their bodies would have to be read one by one.
            let found = r"guid IN (SELECT guid FROM deliveries WHERE LOWER(guid) LIKE ? ESCAPE '\' LIMIT ?)";
            conditions.add(found, [containing(guid), FOUND_MAX.into()]);
        }
        if let Some(before) = query.before {
            conditions.add("id < ?", [before.into()]);
        }
        let select = "SELECT id, guid, source, event, received_ms, state, \
             CASE WHEN EXISTS (SELECT 1 FROM missed_deliveries m WHERE m.guid = deliveries.guid AND m.asks > 0) \
               THEN COALESCE(note || '; ', '') || 'it came when it was asked for again' ELSE note END AS note \
             FROM deliveries";
        conditions.fetch(self, (select, "id DESC"), query.limit).await
    }

    /// The subjects that wait for a look because of a delivery.
    pub async fn waiting_for(&self, guid: &DeliveryGuid) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT DISTINCT subject FROM marks WHERE delivery_guid = $1 ORDER BY subject LIMIT $2";
        let query = sqlx::query_scalar(sql).bind(guid.as_str()).bind(TOLD);
        Ok(query.fetch_all(self.database.reader()).await?)
    }

    /// Lines of the audit that name a delivery, oldest first, among those written right after it came and the newest.
    pub async fn led_to(&self, guid: &DeliveryGuid, received: Timestamp) -> Result<Vec<LedTo>, StoreError> {
        let mut conditions = Conditions::default();
        let among = "id IN (SELECT id FROM (SELECT id FROM audit WHERE id >= ? ORDER BY id LIMIT ?) AS after_it \
            UNION SELECT id FROM (SELECT id FROM audit ORDER BY id DESC LIMIT ?) AS newest)";
        conditions.add(among, [ArrivalOrder::floor(received).into(), LOOKED_AT.into(), LOOKED_AT.into()]);
        conditions.add(r"LOWER(deliveries) LIKE ? ESCAPE '\'", [containing(&format!("\"{guid}\""))]);
        conditions.fetch(self, ("SELECT id, at_ms, subject, kind, summary FROM audit", "id"), TOLD).await
    }
}
