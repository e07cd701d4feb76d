//! Bells that say there is something new to do, within the server and, on PostgreSQL, between servers.
//!
//! A lost ring costs a little time and nothing else: every loop also looks by itself.

use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::postgres::PgListener;
use tokio::sync::Notify;

use super::{Database, DatabaseKind, StoreError};

/// The PostgreSQL channel that all servers of one database listen on.
const CHANNEL: &str = "stationmaster";

/// Which loop has something new to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bell {
    /// A delivery was stored.
    Intake,
    /// A subject was marked.
    Subjects,
    /// An action was queued.
    Outbox,
}

impl Bell {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Subjects => "subjects",
            Self::Outbox => "outbox",
        }
    }
}

/// One bell for each loop.
#[derive(Debug, Default)]
pub struct Wake {
    intake: Notify,
    subjects: Notify,
    outbox: Notify,
    telling_others: AtomicBool,
}

impl Wake {
    /// The bell itself, to wait on.
    pub const fn bell(&self, bell: Bell) -> &Notify {
        match bell {
            Bell::Intake => &self.intake,
            Bell::Subjects => &self.subjects,
            Bell::Outbox => &self.outbox,
        }
    }
}

impl Database {
    /// Rings a bell here and, on PostgreSQL, in every other server.
    pub(super) fn ring(&self, bell: Bell) {
        self.wake().bell(bell).notify_one();
        if self.kind() == DatabaseKind::Postgres && !self.wake().telling_others.swap(true, Ordering::SeqCst) {
            let database = self.clone();
            // Nobody waits for it: the others would look by themselves a moment later.
            tokio::spawn(async move {
                let told = sqlx::query("SELECT pg_notify($1, $2)")
                    .bind(CHANNEL)
                    .bind(bell.as_str())
                    .execute(database.writer())
                    .await;
                database.wake().telling_others.store(false, Ordering::SeqCst);
                if let Err(error) = told {
                    tracing::debug!(%error, "other servers could not be woken; they look by themselves");
                }
            });
        }
    }

    /// Passes on the bells that other servers ring, until the connection is lost; on SQLite, for ever and nothing.
    pub async fn listen(&self) -> Result<(), StoreError> {
        match self.kind() {
            DatabaseKind::Sqlite => std::future::pending().await,
            DatabaseKind::Postgres => {
                let mut listener = PgListener::connect(self.address()).await?;
                listener.listen(CHANNEL).await?;
                loop {
                    let rung = listener.recv().await?;
                    for bell in [Bell::Intake, Bell::Subjects, Bell::Outbox] {
                        if rung.payload() == bell.as_str() {
                            self.wake().bell(bell).notify_one();
                        }
                    }
                }
            }
        }
    }
}
