//! Deliveries as the store keeps them, many and old: GitHub's examples again and again, over the last thirty days.

use std::sync::Arc;

use bytes::Bytes;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};
use stationmaster::model::{Delivery, DeliveryGuid, DeliverySource, EventName, SystemClock, Timestamp};
use stationmaster::store::Store;

use crate::payloads::Prepared;

/// So many rows go into one statement.
const ROWS: u64 = 50_000;
const MONTH_MS: i64 = 30 * 24 * 3_600_000;

/// Stores `rows` deliveries that came to rest. Their ids begin with any eight digits, as the clock's of some day do, so
/// that new ones come to lie between them.
pub async fn fill(address: &str, rows: u64, examples: &[Prepared]) {
    let now_ms = chrono::Utc::now().timestamp_millis();
    let store = Store::open(address, Arc::new(SystemClock)).await.expect("the database can be opened");
    if rows == 0 {
        return store.database().close().await;
    }
    for (example, number) in examples.iter().zip(1_000..) {
        let delivery = Delivery {
            guid: DeliveryGuid::new(format!("example-{number}")),
            source: DeliverySource::Github,
            event: EventName("issues".to_owned()),
            received: Timestamp(now_ms - MONTH_MS),
            body: Bytes::copy_from_slice(&example.body),
        };
        store.accept(delivery).await.expect("it is stored");
    }
    store.database().close().await;
    let may_write = if address.starts_with("sqlite") { format!("{address}?mode=rw") } else { address.to_owned() };
    let mut database = AnyConnection::connect(&may_write).await.expect("the database is there");
    let examples = "CREATE TEMP TABLE examples AS \
                    SELECT row_number() OVER (ORDER BY guid) - 1 AS place, event, body FROM deliveries";
    database.execute(examples).await.expect("the examples can be read");
    database.execute("DELETE FROM deliveries").await.expect("they can be taken out again");
    let first_ms = now_ms - MONTH_MS;
    let step_ms = MONTH_MS / i64::try_from(rows).expect("a small number") - 1;
    for from in (0..rows).step_by(usize::try_from(ROWS).expect("a small number")) {
        let sql = statement((from, rows.min(from + ROWS)), (first_ms, step_ms));
        database.execute(AssertSqlSafe(sql)).await.expect("the rows are good");
    }
    // SQLite keeps no statistics in the server's own use either; PostgreSQL makes them by itself in a while.
    if database.backend_name() == "PostgreSQL" {
        database.execute("VACUUM ANALYZE deliveries").await.expect("the statistics are made");
    }
    database.close().await.expect("it closes");
}

fn statement((from, until): (u64, u64), (first_ms, step_ms): (i64, i64)) -> String {
    let mixed = "(i * 2654435761 % 4294967296)";
    let digit = |place: u32| {
        format!("substr('0123456789abcdef', CAST(1 + {mixed} / {} % 16 AS INTEGER), 1)", 16_u64.pow(place))
    };
    let digits: Vec<String> = (0..8).map(digit).collect();
    let guid = format!("{} || '-0000-1000-8000-' || CAST(100000000000 + i AS TEXT)", digits.join(" || "));
    format!(
        "WITH RECURSIVE numbers(i) AS (SELECT CAST({from} AS BIGINT) UNION ALL \
           SELECT i + 1 FROM numbers WHERE i + 1 < {until}) \
         INSERT INTO deliveries (guid, id, source, event, received_ms, state, body) \
         SELECT {guid}, ({first_ms} + i * {step_ms}) * 1048576, 'github', event, {first_ms} + i * {step_ms}, 'done', body \
         FROM numbers JOIN examples ON place = i % (SELECT COUNT(*) FROM examples)"
    )
}
