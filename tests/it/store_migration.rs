//! What was stored by the release before workers could register is read, decided on and claimed as before.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use sqlx::Executor;
use sqlx::any::AnyPoolOptions;
use sqlx::migrate::Migrator;
use stationmaster::model::{ManualClock, TaskState, Timestamp, WorkerId};
use stationmaster::store::{AuditQuery, Store};

use crate::store_tasks::{HOME, LEASE_MS, claimable, decided, know, stored, worker};
use crate::world::{On, drop_database, fresh_database};

/// A task as the release before has stored it.
fn row(number: i64, state: &str, worker: &str) -> String {
    format!(
        "INSERT INTO tasks (repository_id, number, title, state, task_type, role, worker, priority, assignment, fence, \
           projected, ours, assignees, policy_fingerprint, created_ms, updated_ms) \
         VALUES (7, {number}, 'Title {number}', '{state}', 'bug', 'dev', {worker}, 'high', \
           '{{\"reasons\":[],\"blockers\":[]}}', 4, '[\"status/{state}\"]', '[]', '[]', 'f', 1, 2)"
    )
}

/// A database of the schema before, with rows in it.
async fn populate(address: &str, folder: &Path) {
    let before = folder.join("migrations");
    fs::create_dir(&before).unwrap();
    for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations")).unwrap() {
        let file = file.unwrap();
        if file.file_name().to_str().unwrap() < "0006" {
            fs::copy(file.path(), before.join(file.file_name())).unwrap();
        }
    }
    sqlx::any::install_default_drivers();
    let address = if address.starts_with("sqlite") { format!("{address}?mode=rwc") } else { address.to_owned() };
    let pool = AnyPoolOptions::new().max_connections(1).connect(&address).await.unwrap();
    Migrator::new(before).await.unwrap().run(&pool).await.unwrap();
    for sql in [
        row(1, "ready", "NULL"),
        row(2, "assigned", "'ada'"),
        row(3, "cancelled", "NULL"),
        "INSERT INTO audit (id, at_ms, actor, subject, decision, kind, summary) \
         VALUES (1, 1, 'stationmaster', 'issue/7/1', 1, 'decision', 'Routed.')"
            .to_owned(),
    ] {
        pool.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
    }
    pool.close().await;
}

async fn migrated(on: On) {
    let folder = tempfile::tempdir().unwrap();
    let address = fresh_database(on, folder.path()).await;
    populate(&address, folder.path()).await;
    let clock = ManualClock::at(Timestamp(1_795_262_400_000));
    let store = Store::open(&address, Arc::new(clock.clone())).await.unwrap();
    know(&store, HOME, "octo/station").await;

    let (ready, assigned, cancelled) = (stored(&store, 1).await, stored(&store, 2).await, stored(&store, 3).await);
    assert_eq!((ready.state, ready.version, ready.fence), (TaskState::Ready, 0, 4));
    assert_eq!(assigned.worker, Some(WorkerId::new("ada")));
    assert_eq!((cancelled.state, cancelled.work.closed), (TaskState::Cancelled, true));
    assert_eq!(
        store.audit_rows(&AuditQuery { limit: 9, ..AuditQuery::default() }).await.unwrap()[0].summary,
        "Routed."
    );
    let ada = worker("ada", "dev");
    assert_eq!(store.claim_next(&ada, None, LEASE_MS).await.unwrap(), None, "no decision has said that it may be");
    decided(&store, &clock, ready, claimable()).await;
    decided(&store, &clock, cancelled, claimable()).await;
    assert!(store.task_ends(Timestamp(0), 9).await.unwrap().is_empty(), "it had ended before ends were noted");
    let claimed = store.claim_next(&ada, None, LEASE_MS).await.unwrap().unwrap();
    assert_eq!((claimed.number.0, claimed.fence), (1, 5));

    store.database().close().await;
    drop_database(&address).await;
}

#[tokio::test]
async fn what_the_release_before_has_stored_goes_on_on_sqlite() {
    Box::pin(migrated(On::Sqlite)).await;
}

#[tokio::test]
async fn what_the_release_before_has_stored_goes_on_on_postgres() {
    Box::pin(migrated(On::Postgres)).await;
}
