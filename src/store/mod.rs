//! Stage 5, storing: the inbox, the lanes of subjects, the outbox, tasks and the audit, on SQLite and PostgreSQL from one set of SQL.
//!
//! Everything goes through sqlx's `Any` driver with text, bigint and blobs only, so that each statement is written
//! once. What differs between the two databases (locking clauses, connection settings, waking other servers) is in
//! [`database`] and nowhere else.
//!
//! Three rules keep concurrent servers honest:
//! - whoever works on a row holds a lease and a *fence*; the write that ends the work names the fence and changes
//!   nothing if somebody else has claimed the row since;
//! - a decision and all that follows from it (closed marks, task, outbox rows, audit) is one transaction;
//! - what must be unique is unique by an index, not by a check beforehand.

mod advice;
mod alone;
mod audit;
mod audit_list;
mod audit_page;
mod backup;
mod board;
mod board_figures;
mod calls;
mod channels;
mod chart_numbers;
mod check_history;
mod claims;
mod commit;
mod conditions;
mod copy;
mod database;
mod deploy_counts;
mod downtimes;
mod durable;
mod environments;
mod facts;
mod file;
mod foresight;
mod health;
mod heard;
mod inbox;
mod inbox_page;
mod ingest;
mod inspect;
mod intake;
mod jumps;
mod latest;
mod learnings;
mod learnings_page;
mod leases;
mod many;
mod missed;
mod only_server;
mod order;
mod outbox;
mod outbox_list;
mod outbox_page;
mod overview;
mod pace;
mod patience;
mod proposed_rules;
mod prune;
mod pull_list;
mod pulls;
mod queue;
mod queue_commit;
mod queue_list;
mod release_commit;
mod release_list;
mod releases;
mod replays;
mod reports;
mod repositories;
mod requests;
mod roster;
mod routes;
mod sessions;
mod subjects;
mod swept;
mod task_commit;
mod task_list;
mod task_page;
mod task_pulls;
mod tasks;
mod tokens;
mod tracking;
mod turns;
mod wake;
mod worker_list;
mod workers;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::MigrateError;

use crate::model::Clock;
use crate::trouble::Troubles;

pub use audit::{AuditEntry, AuditRow, LastDecision};
pub use audit_list::AuditQuery;
pub use audit_page::{AuditPage, AuditPageQuery};
pub use backup::{BackupError, Inspected, Restored, back_up, restore};
pub use board::{BoardFacets, BoardQuery, WaitsFor};
pub use board_figures::BoardDay;
pub use calls::RememberedCall;
pub use channels::ChannelsFor;
pub use chart_numbers::{ChartSpan, Deployed, FlakyCheck, Kept, MergeTime};
pub use claims::ClaimedTask;
pub use commit::{Committed, DecisionRecord};
pub use copy::{CopiedTable, CopyError, CopyProgress, copy};
pub use database::{Database, DatabaseKind};
pub use deploy_counts::DeployCounts;
pub use heard::{HeardAs, HeardEntry};
pub use inbox::{IntakeItem, IntakeResult, KnownBy, StoredDelivery};
pub use inbox_page::{InboxQuery, InboxRow, LedTo};
pub use ingest::{Accepted, Ingest, IngestReport};
pub use inspect::{DatabaseLook, inspect};
pub use jumps::SetBack;
pub use learnings::LearningQuery;
pub use learnings_page::{FoundLearning, LearningPageQuery};
pub use missed::MissedDelivery;
pub use only_server::OnlyServer;
use order::ArrivalOrder;
pub use outbox::{Attempt, OutboxState};
pub use outbox_list::{OutboxCounts, OutboxRow};
pub use outbox_page::{OutboxQuery, QueuedAction, Retried, WholeAction};
pub use pull_list::{Happened, ListedPull, PullAfter, PullPage, PullQuery};
pub use pulls::{PullCounts, StoredPull, SweptPull};
pub use queue::StoredQueue;
pub use queue_commit::{QueueCommit, QueueCommitted};
pub use queue_list::{ListedQueue, PutOutPull, QueuedEntry};
pub use release_commit::{LineChange, LineCommit, Told};
pub use reports::Reports;
pub use repositories::{KnownRepository, RepositoryUpdate};
pub use requests::RequestState;
pub use routes::{RouteRecord, RouteStatus};
pub use sessions::{Session, SessionOf, SignInBegun};
pub use subjects::{ClaimedSubject, MarkedDelivery};
pub use swept::SweepMark;
pub use task_list::{ListedTask, TaskQuery};
pub use task_page::{HistoryLine, HistoryQuery, NamedTask};
pub use wake::{Bell, Wake};
pub use worker_list::{EndCount, EndedTask, HeldTask};
pub use workers::HeldLease;

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or could not be reached.
    #[error("the database did not answer as it should: {}", detail(.0))]
    Database(sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database schema could not be brought up to date: {}", migration_detail(.0))]
    Migration(MigrateError),
    /// A row holds what this version cannot read.
    #[error("the database holds what this version cannot read: {0}")]
    Corrupt(String),
    /// The setting is not a database address.
    #[error("{0}")]
    Address(String),
    /// Another server works on this SQLite file.
    #[error(
        "another server runs on {}; SQLite is for one server: stop the other one, or move to PostgreSQL, which any \
         number of servers share", .0.display()
    )]
    Taken(PathBuf),
    /// The schema was changed so that this version would do harm.
    #[error(
        "the database needs a server that knows its schema {oldest} or a later one, and this version knows none beyond \
         {known}: start the newer version"
    )]
    TooOld {
        /// The oldest schema that a server has to know.
        oldest: i64,
        /// The newest that this one knows.
        known: i64,
    },
    /// The server is shutting down.
    #[error("the server is shutting down")]
    ShuttingDown,
    /// It takes longer than whoever asked can wait; it may be done all the same.
    #[error("the database takes too long")]
    TooSlow,
    /// The file of the database was deleted or replaced.
    #[error(
        "the database file {0} was deleted or replaced under the server, which writes nothing more; put the file back, or \
         stop the server and start it on the one that is there now"
    )]
    Moved(String),
}

// What is displayed says all there is to say, so the driver's error is no further source of it: printed with its
// sources, the same sentence would stand there three times.
impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        Self::Migration(error)
    }
}

/// The database's own words, where it said any.
fn detail(error: &sqlx::Error) -> String {
    if let sqlx::Error::Database(said) = error {
        said.message().to_owned()
    } else if matches!(error, sqlx::Error::PoolTimedOut) {
        "no connection came about in time".to_owned()
    } else {
        error.to_string()
    }
}

fn migration_detail(error: &MigrateError) -> String {
    if let MigrateError::Execute(error) = error { detail(error) } else { error.to_string() }
}

impl StoreError {
    fn corrupt(what: impl std::fmt::Display) -> Self {
        Self::Corrupt(what.to_string())
    }
}

/// Everything that is remembered. Clones share the same connections.
#[derive(Debug, Clone)]
pub struct Store {
    database: Database,
    order: Arc<ArrivalOrder>,
    troubles: Troubles,
    channels: channels::Wanting,
    clock: Arc<dyn Clock>,
}

/// How long an answer of the database is waited for where nobody says otherwise.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

impl Store {
    /// Opens the database at `address` (`sqlite://…` or `postgres://…`), creating a SQLite file that is missing,
    /// and brings its schema up to date.
    pub async fn open(address: &str, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        Self::open_within(address, clock, ANSWER_TIMEOUT).await
    }

    /// The same with another time within which the database must answer a statement; its schema is brought up to date
    /// in whatever time that takes.
    pub async fn open_within(address: &str, clock: Arc<dyn Clock>, timeout: Duration) -> Result<Self, StoreError> {
        let database = Database::connect(address, timeout).await?;
        database.migrate().await?;
        let troubles = Troubles::new(Arc::clone(&clock));
        let store = Self {
            database,
            order: Arc::new(ArrivalOrder::new()),
            troubles,
            channels: channels::Wanting::nobody(),
            clock,
        };
        store.follow_on().await?;
        Ok(store)
    }

    /// What keeps the server from its work.
    #[must_use]
    pub const fn troubles(&self) -> &Troubles {
        &self.troubles
    }

    /// Which database it is, and how to be woken by it.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    fn next_id(&self) -> i64 {
        self.order.next(self.clock.now())
    }
}
