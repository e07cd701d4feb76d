//! Whether the database does its work: what its errors mean, and a look whether it can be written to again.

use std::time::Duration;

use sqlx::migrate::MigrateError;

use super::{Store, StoreError};
use crate::trouble::{Cause, Strike};

/// A database that has no answer to the simplest question for so long does not answer.
const PING_TIMEOUT: Duration = Duration::from_secs(3);
/// What failed for the database is tried again after about so long.
const AGAIN_MS: i64 = 10_000;
/// Where a part of the server fails that asks only now and then, it is asked for it whether writing works again.
const DOOR: &str = "door";
/// As large as the bodies of a few webhooks: on a disk that is full, a few bytes may still find room.
const PROBE_BYTES: usize = 256 * 1024;
/// The fact that is written for nothing but to see whether it can be.
const PROBE: &str = "probe";

impl StoreError {
    /// What keeps the database from its work; `None` where it does it, and what was asked is at fault.
    #[must_use]
    pub fn cause(&self) -> Option<Cause> {
        match self {
            Self::Database(sqlx::Error::Database(said))
            | Self::Migration(MigrateError::Execute(sqlx::Error::Database(said))) => cause_of_code(&said.code()?),
            Self::Database(error) => matches!(
                error,
                sqlx::Error::Io(_)
                    | sqlx::Error::Tls(_)
                    | sqlx::Error::Protocol(_)
                    | sqlx::Error::PoolTimedOut
                    | sqlx::Error::PoolClosed
                    | sqlx::Error::WorkerCrashed
            )
            .then_some(Cause::Database),
            Self::Moved(_) => Some(Cause::Database),
            Self::Migration(_)
            | Self::Corrupt(_)
            | Self::Address(_)
            | Self::Taken(_)
            | Self::TooOld { .. }
            | Self::ShuttingDown
            | Self::TooSlow => None,
        }
    }

    /// Whether two transactions stood in each other's way and this one made room for the other: nothing of it is done, and
    /// it is to be tried again (<https://www.postgresql.org/docs/current/errcodes-appendix.html>, class 40).
    fn made_room(&self) -> bool {
        let Self::Database(sqlx::Error::Database(said)) = self else { return false };
        said.code().is_some_and(|code| matches!(code.as_ref(), "40P01" | "40001"))
    }

    /// Whether it may pass by itself, as while a database server starts.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            // Going down, crashed, starting, no room for one more.
            Self::Database(sqlx::Error::Database(said)) => {
                said.code().is_some_and(|code| matches!(code.as_ref(), "57P01" | "57P02" | "57P03" | "53300"))
            }
            // A line that is cut in the middle of a handshake is told as a fault of the protocol.
            Self::Database(error) => {
                matches!(error, sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::PoolTimedOut)
            }
            Self::Migration(_)
            | Self::Corrupt(_)
            | Self::Address(_)
            | Self::Taken(_)
            | Self::TooOld { .. }
            | Self::ShuttingDown
            | Self::TooSlow
            | Self::Moved(_) => false,
        }
    }
}

/// `SQLite`'s numbers have up to four digits, of which the lower byte tells the kind
/// (<https://www.sqlite.org/rescode.html>); PostgreSQL's codes have five characters, of which the first two do
/// (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
pub(super) fn cause_of_code(code: &str) -> Option<Cause> {
    if code.len() == 5 {
        return match (code, &code[..2]) {
            // No room, an error of the disk, a database that takes no changes.
            ("53100" | "58030" | "25006", _) => Some(Cause::Disk),
            // Connections, resources, an operator, the system; no such database, not let in.
            (_, "08" | "53" | "57" | "58" | "3D" | "28") | ("55000", _) => Some(Cause::Database),
            (_, _) => None,
        };
    }
    match code.parse::<u32>().ok()? & 0xff {
        // READONLY, IOERR, FULL, CANTOPEN.
        8 | 10 | 13 | 14 => Some(Cause::Disk),
        // BUSY, LOCKED, NOMEM, CORRUPT, PROTOCOL, NOTADB.
        5 | 6 | 7 | 11 | 15 | 26 => Some(Cause::Database),
        _ => None,
    }
}

impl Store {
    /// Whether the file of the database is still the one that was opened.
    pub fn check_file(&self) -> Result<(), StoreError> {
        self.database.check_file()
    }

    /// Whether the database answers; one that takes long does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.check_file()?;
        sqlx::query("SELECT 1").execute(&self.database.reader().within(PING_TIMEOUT)).await?;
        Ok(())
    }

    /// Whether the database takes changes, as far as can be told without one.
    pub async fn may_write(&self) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        // A file that is only read may be locked all the same; that nothing is changed does not matter to it.
        sqlx::query("UPDATE facts SET updated_ms = updated_ms WHERE name = $1")
            .bind(PROBE)
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.rollback().await?)
    }

    /// What keeps the database from its work at present, as far as it is known without asking.
    #[must_use]
    pub fn in_trouble(&self) -> Vec<Cause> {
        let standing = self.troubles.standing().into_iter().map(|standing| standing.cause);
        standing.filter(|cause| matches!(cause, Cause::Database | Cause::Disk)).collect()
    }

    /// Notes that the database failed `who`, a part of the server; it is told once, whoever else it fails.
    pub fn struck(&self, who: &str, error: &StoreError) {
        if error.made_room() {
            tracing::debug!(who, %error, "another transaction went first, and this one is tried again");
            return;
        }
        let Some(cause) = error.cause() else {
            tracing::error!(who, %error, "the store failed");
            return;
        };
        let again = self.clock.now().plus_ms(AGAIN_MS);
        self.troubles.struck(cause, Strike { who, detail: &error.to_string(), again });
    }

    /// Notes that the database failed somebody at the door, who is told and comes back at a time that nobody knows.
    pub(super) fn struck_at_door(&self, error: &StoreError) {
        self.struck(DOOR, error);
    }

    /// Somebody at the door was served.
    pub(super) fn passed_at_door(&self) {
        self.troubles.passed(DOOR);
    }

    /// Where the database has failed somebody at the door, looks whether it takes as much as they bring by now. To be
    /// called every now and then: whoever was refused does not come back by themselves to find out.
    pub async fn look_at_door(&self) -> Result<(), StoreError> {
        if self.in_trouble().is_empty() {
            return Ok(());
        }
        let written = self.write_probe().await;
        match &written {
            Ok(()) => self.passed_at_door(),
            Err(error) => self.struck_at_door(error),
        }
        written
    }

    async fn write_probe(&self) -> Result<(), StoreError> {
        let now = self.clock.now().ms();
        // The second leaves nothing of the first behind.
        for (value, at) in [("x".repeat(PROBE_BYTES), now), (String::new(), now + 1)] {
            self.remember_fact(PROBE, &format!("{at} {value}")).await?;
        }
        Ok(())
    }
}
