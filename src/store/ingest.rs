//! The door's side of the inbox: stores deliveries durably, many in one commit.
//!
//! A request hands its delivery to one writing task and waits. The task takes all that have gathered while the
//! last commit was under way and stores them in one transaction, so the cost of making a commit durable is shared
//! by everybody who waited. Nobody is answered before the commit that holds their delivery.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use sqlx::{Any, Executor};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::database::Tx;
use super::durable::Durable as _;
use super::{Bell, Store, StoreError};
use crate::model::{Delivery, DeliveryGuid};

/// Deliveries that may wait for the writing task before the door itself has to wait.
const QUEUE_LENGTH: usize = 1024;
/// zstd's fastest ordinary level: bodies shrink to about a fifth, and higher levels only cost time.
const ZSTD_LEVEL: i32 = 1;
/// The most rows of one statement. Up to here a batch is one statement that commits by itself, which saves a turn to
/// the database and back for each of `BEGIN` and `COMMIT`, and SQLite a copy of every page it changes.
const INSERT_MAX: usize = 64;

/// The statement for each number of rows up to [`INSERT_MAX`], so that the database keeps them prepared.
static INSERTS: LazyLock<Vec<String>> = LazyLock::new(|| (1..=INSERT_MAX).map(insert_sql).collect());

/// What became of a delivery at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// It is on disk now.
    Stored,
    /// Its id was there before; nothing was changed.
    Duplicate,
}

/// Told after each commit, for the metrics.
pub type IngestReport = Arc<dyn Fn(usize) + Send + Sync>;

struct Waiting {
    row: Row,
    answer: oneshot::Sender<Result<Accepted, StoreError>>,
}

struct Row {
    guid: DeliveryGuid,
    source: &'static str,
    event: String,
    received_ms: i64,
    body: Vec<u8>,
}

impl Row {
    fn of(delivery: Delivery) -> Result<Self, StoreError> {
        Ok(Self {
            source: delivery.source.as_str(),
            received_ms: delivery.received.ms(),
            body: compress(&delivery.body)?,
            guid: delivery.guid,
            event: delivery.event.0,
        })
    }
}

/// The way in for deliveries. Clones share one writing task.
#[derive(Debug, Clone)]
pub struct Ingest {
    queue: mpsc::Sender<Waiting>,
}

impl Ingest {
    /// Starts the writing task, which ends when every clone of the returned value is gone.
    ///
    /// `batch_max` is the greatest number of deliveries in one commit; 1 gives each delivery its own.
    pub fn start(store: Store, batch_max: usize, report: IngestReport) -> (Self, JoinHandle<()>) {
        let (queue, waiting) = mpsc::channel(QUEUE_LENGTH);
        let task = tokio::spawn(write_batches(store, waiting, batch_max.max(1), report));
        (Self { queue }, task)
    }

    /// Stores a delivery; returns once it is durable.
    pub async fn accept(&self, delivery: Delivery) -> Result<Accepted, StoreError> {
        let row = Row::of(delivery)?;
        let (answer, answered) = oneshot::channel();
        self.queue.send(Waiting { row, answer }).await.map_err(|_| StoreError::ShuttingDown)?;
        answered.await.map_err(|_| StoreError::ShuttingDown)?
    }
}

impl Store {
    /// Stores one delivery in a commit of its own, for whoever has no [`Ingest`] running, such as a command.
    pub async fn accept(&self, delivery: Delivery) -> Result<Accepted, StoreError> {
        let mut row = Row::of(delivery)?;
        let duplicates = insert(self, std::slice::from_mut(&mut row)).await?;
        self.database.ring(Bell::Intake);
        Ok(if duplicates.is_empty() { Accepted::Stored } else { Accepted::Duplicate })
    }
}

impl Store {
    /// Stores a delivery within a transaction.
    pub(super) async fn accept_in(&self, transaction: &mut Tx, delivery: Delivery) -> Result<Accepted, StoreError> {
        let mut row = Row::of(delivery)?;
        let stored = insert_chunk(self, &mut **transaction, std::slice::from_mut(&mut row)).await?;
        Ok(if stored == 1 { Accepted::Stored } else { Accepted::Duplicate })
    }
}

/// A compressor and the space it writes to, made once a thread: setting them up costs more than compressing a payload.
struct Press {
    compressor: zstd::bulk::Compressor<'static>,
    space: Vec<u8>,
}

/// Space for a larger body is given back, or one of them would be paid for in memory for ever.
const SPACE_KEPT_BYTES: usize = 256 * 1024;

thread_local! {
    static PRESS: RefCell<Option<Press>> = const { RefCell::new(None) };
}

fn compress(body: &[u8]) -> Result<Vec<u8>, StoreError> {
    let failed = |error: std::io::Error| StoreError::Corrupt(format!("a body could not be compressed: {error}"));
    PRESS.with_borrow_mut(|slot| {
        let press = if let Some(press) = slot {
            press
        } else {
            let compressor = zstd::bulk::Compressor::new(ZSTD_LEVEL).map_err(failed)?;
            slot.insert(Press { compressor, space: Vec::new() })
        };
        press.space.clear();
        press.space.reserve(zstd::zstd_safe::compress_bound(body.len()));
        press.compressor.compress_to_buffer(body, &mut press.space).map_err(failed)?;
        // As short as it became: it waits in memory for its commit.
        let compressed = press.space.as_slice().to_vec();
        press.space.shrink_to(SPACE_KEPT_BYTES);
        Ok(compressed)
    })
}

async fn write_batches(store: Store, mut waiting: mpsc::Receiver<Waiting>, batch_max: usize, report: IngestReport) {
    let mut batch = Vec::with_capacity(batch_max);
    while waiting.recv_many(&mut batch, batch_max).await > 0 {
        let (mut rows, answers): (Vec<Row>, Vec<_>) = batch.drain(..).map(|one| (one.row, one.answer)).unzip();
        let result = insert(&store, &mut rows).await;
        report(rows.len());
        match result {
            Ok(duplicates) => {
                store.passed_at_door();
                for (row, answer) in rows.iter().zip(answers) {
                    // Somebody who no longer waits needs no answer.
                    let accepted =
                        if duplicates.contains(row.guid.as_str()) { Accepted::Duplicate } else { Accepted::Stored };
                    let _ = answer.send(Ok(accepted));
                }
                store.database.ring(Bell::Intake);
            }
            Err(error) => {
                store.struck_at_door(&error);
                tracing::debug!(%error, deliveries = rows.len(), "deliveries could not be stored; their senders are told");
                for answer in answers {
                    let _ = answer.send(Err(StoreError::Corrupt(error.to_string())));
                }
            }
        }
    }
}

/// Makes all rows durable at once and returns the ids that were there before.
async fn insert(store: &Store, rows: &mut [Row]) -> Result<HashSet<String>, StoreError> {
    store.check_file()?;
    let first_id = store.next_id();
    let stored = if rows.len() <= INSERT_MAX {
        insert_chunk(store, store.database.writer(), rows).durably("insert").await?
    } else {
        let mut transaction = store.database.begin().await?;
        let mut stored = 0;
        for chunk in rows.chunks_mut(INSERT_MAX) {
            stored += insert_chunk(store, &mut *transaction, chunk).await?;
        }
        transaction.commit().durably("insert").await?;
        stored
    };
    if stored < rows.len() as u64 { older_than(store, rows, first_id).await } else { Ok(HashSet::new()) }
}

/// One statement; takes the bodies out of the rows. Returns how many of them were new.
async fn insert_chunk(
    store: &Store,
    to: impl Executor<'_, Database = Any>,
    chunk: &mut [Row],
) -> Result<u64, StoreError> {
    // There is a statement for every length from 1 on.
    let sql: &'static str = &INSERTS[chunk.len() - 1];
    let mut query = sqlx::query(sql);
    for row in chunk {
        query = query
            .bind(row.guid.as_str().to_owned())
            .bind(store.next_id())
            .bind(row.source)
            .bind(std::mem::take(&mut row.event))
            .bind(row.received_ms)
            .bind(std::mem::take(&mut row.body));
    }
    Ok(query.execute(to).await?.rows_affected())
}

fn insert_sql(rows: usize) -> String {
    let mut sql = "INSERT INTO deliveries (guid, id, source, event, received_ms, body) VALUES ".to_owned();
    for row in 0..rows {
        let base = row * 6;
        let comma = if row == 0 { "" } else { "," };
        // Writing to a String cannot fail.
        let _ =
            write!(sql, "{comma}(${},${},${},${},${},${})", base + 1, base + 2, base + 3, base + 4, base + 5, base + 6);
    }
    sql.push_str(" ON CONFLICT (guid) DO NOTHING");
    sql
}

/// Which ids were stored before these rows were. An id that stands twice among the rows is stored once and both its
/// senders are told "stored", which is true.
async fn older_than(store: &Store, rows: &[Row], first_id: i64) -> Result<HashSet<String>, StoreError> {
    let mut older = HashSet::new();
    for row in rows {
        let id: Option<i64> = sqlx::query_scalar("SELECT id FROM deliveries WHERE guid = $1")
            .bind(row.guid.as_str().to_owned())
            .fetch_optional(store.database.writer())
            .await?;
        if id.is_some_and(|id| id < first_id) {
            older.insert(row.guid.as_str().to_owned());
        }
    }
    Ok(older)
}
