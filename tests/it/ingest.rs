//! What a sender is told when deliveries share commits, and that the store holds each id once.

use std::sync::{Arc, Mutex};

use sqlx::{AnyConnection, Connection as _, Executor as _};
use stationmaster::model::{
    Clock, Delivery, DeliveryGuid, DeliverySource, DeliveryState, EventName, ManualClock, Timestamp,
};
use stationmaster::store::{Accepted, Ingest, IngestReport, IntakeResult, Store};

const BATCH_MAX: usize = 256;

fn delivery(guid: &str, body: &str) -> Delivery {
    Delivery {
        guid: DeliveryGuid::new(guid),
        source: DeliverySource::Github,
        event: EventName("issues".to_owned()),
        received: Timestamp(1_000),
        body: body.to_owned().into(),
    }
}

async fn open(address: &str) -> Store {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(Timestamp(1_000_000)));
    Store::open(address, clock).await.unwrap()
}

/// Sizes of the commits, in their order.
fn recorded() -> (IngestReport, Arc<Mutex<Vec<usize>>>) {
    let sizes = Arc::new(Mutex::new(Vec::new()));
    let to = Arc::clone(&sizes);
    (Arc::new(move |size| to.lock().unwrap().push(size)), sizes)
}

/// Hands all in at once and waits for all answers.
async fn accept_all(ingest: &Ingest, deliveries: Vec<Delivery>) -> Vec<Result<Accepted, String>> {
    let answers = deliveries.into_iter().map(|one| async { ingest.accept(one).await.map_err(|e| e.to_string()) });
    futures::future::join_all(answers).await
}

async fn rows(store: &Store) -> i64 {
    store.delivery_counts().await.unwrap().iter().map(|(_, count)| count).sum()
}

fn sqlite(folder: &tempfile::TempDir) -> String {
    format!("sqlite://{}/ingest.db", folder.path().display())
}

/// A new database of the PostgreSQL that `tests/run` starts.
async fn postgres(name: &str) -> String {
    let admin = std::env::var("STATIONMASTER_TEST_POSTGRES")
        .expect("STATIONMASTER_TEST_POSTGRES is not set: run tests/run, which starts a PostgreSQL for the tests");
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(&admin).await.unwrap();
    let database = format!("{name}_{}", std::process::id());
    connection.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {database}"))).await.unwrap();
    let (server, _) = admin.rsplit_once('/').unwrap();
    format!("{server}/{database}")
}

async fn duplicates_in_one_batch_and_across_batches(address: &str) {
    let store = open(address).await;
    let (report, sizes) = recorded();
    let (ingest, writing) = Ingest::start(store.clone(), BATCH_MAX, report);
    let first = accept_all(&ingest, vec![delivery("a", "1"), delivery("b", "2")]).await;
    assert_eq!(first, [Ok(Accepted::Stored), Ok(Accepted::Stored)]);
    // `c` comes twice in one batch: it is on disk, whichever of the two brought it. `a` was there before.
    let second =
        accept_all(&ingest, vec![delivery("c", "3"), delivery("a", "other"), delivery("c", "3"), delivery("d", "4")])
            .await;
    assert_eq!(second, [Ok(Accepted::Stored), Ok(Accepted::Duplicate), Ok(Accepted::Stored), Ok(Accepted::Stored)]);
    assert_eq!(accept_all(&ingest, vec![delivery("c", "3")]).await, [Ok(Accepted::Duplicate)]);
    assert_eq!(sizes.lock().unwrap().iter().sum::<usize>(), 7, "every delivery is in one batch");
    assert_eq!(rows(&store).await, 4);
    let (kept, state, _) = store.delivery(&DeliveryGuid::new("a")).await.unwrap().unwrap();
    assert_eq!((kept.body.as_ref(), state), (b"1".as_slice(), DeliveryState::New), "the first to come is kept");
    drop(ingest);
    writing.await.unwrap();
}

async fn more_than_one_statement_holds_in_one_batch(address: &str) {
    let store = open(address).await;
    store.accept(delivery("guid-70", "before")).await.unwrap();
    let (report, sizes) = recorded();
    let (ingest, _writing) = Ingest::start(store.clone(), BATCH_MAX, report);
    // Fewer than tokio lets one task do in a turn (128), so that they are handed in in their order.
    let all = (0..100).map(|number| delivery(&format!("guid-{number}"), &format!(r#"{{"number":{number}}}"#)));
    let answers = accept_all(&ingest, all.collect()).await;
    let duplicates: Vec<usize> = (0..100).filter(|at| answers[*at] == Ok(Accepted::Duplicate)).collect();
    assert_eq!(duplicates, [70], "only the one that was there before");
    assert!(answers.iter().all(Result::is_ok));
    assert!(sizes.lock().unwrap().iter().any(|size| *size > 64), "one commit of several statements");
    assert_eq!(rows(&store).await, 100);
    let seen = Mutex::new(Vec::new());
    let understand = |item: &stationmaster::store::IntakeItem| {
        seen.lock().unwrap().push((item.delivery.guid.to_string(), item.delivery.body.clone()));
        IntakeResult::at_rest(DeliveryState::Ignored, "seen")
    };
    assert_eq!(store.intake(500, understand).await.unwrap(), 100);
    let mut expected: Vec<(String, bytes::Bytes)> = vec![("guid-70".to_owned(), "before".into())];
    let others = (0..100).filter(|number| *number != 70);
    expected.extend(others.map(|n| (format!("guid-{n}"), format!(r#"{{"number":{n}}}"#).into())));
    assert_eq!(seen.into_inner().unwrap(), expected, "read back byte for byte, in the order of arrival");
}

async fn a_batch_that_cannot_be_stored(address: &str) {
    let store = open(address).await;
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(address).await.unwrap();
    connection.execute("ALTER TABLE deliveries RENAME TO mislaid").await.unwrap();
    let (report, _) = recorded();
    let (ingest, _writing) = Ingest::start(store.clone(), BATCH_MAX, report);
    let refused = accept_all(&ingest, (0..100).map(|n| delivery(&n.to_string(), "x")).collect()).await;
    assert!(refused.iter().all(|answer| answer.as_ref().is_err_and(|why| why.contains("deliveries"))), "{refused:?}");
    connection.execute("ALTER TABLE mislaid RENAME TO deliveries").await.unwrap();
    // The failure leaves nothing behind, and the next delivery is stored.
    assert_eq!(accept_all(&ingest, vec![delivery("5", "x")]).await, [Ok(Accepted::Stored)]);
    assert_eq!(rows(&store).await, 1);
}

#[tokio::test]
async fn sqlite_stores_an_id_once_within_a_batch_and_across_batches() {
    let folder = tempfile::tempdir().unwrap();
    duplicates_in_one_batch_and_across_batches(&sqlite(&folder)).await;
}

#[tokio::test]
async fn postgres_stores_an_id_once_within_a_batch_and_across_batches() {
    duplicates_in_one_batch_and_across_batches(&postgres("ingest_duplicates").await).await;
}

#[tokio::test]
async fn sqlite_keeps_a_large_batch_whole_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    more_than_one_statement_holds_in_one_batch(&sqlite(&folder)).await;
}

#[tokio::test]
async fn postgres_keeps_a_large_batch_whole_and_in_order() {
    more_than_one_statement_holds_in_one_batch(&postgres("ingest_large").await).await;
}

#[tokio::test]
async fn everybody_in_a_batch_that_fails_on_sqlite_is_told() {
    let folder = tempfile::tempdir().unwrap();
    a_batch_that_cannot_be_stored(&sqlite(&folder)).await;
}

#[tokio::test]
async fn everybody_in_a_batch_that_fails_on_postgres_is_told() {
    a_batch_that_cannot_be_stored(&postgres("ingest_failing").await).await;
}
