//! One connection has a SQLite database to itself: nobody else reads or writes it until that connection ends.

use std::time::{Duration, Instant};

use sqlx::Executor;

/// How long the end of whoever uses it is waited for, and how often it is looked at meanwhile.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(50);

/// Keeps everybody else out, with everything in the database's one file.
///
/// Whoever was just stopped may not have closed the database yet, so that is waited for a little: SQLite itself does not
/// wait for the lock that leaving WAL mode takes, whatever the `busy_timeout`.
///
/// # Errors
/// One that [`is_locked`] when somebody else has it open; any other when it cannot be read or written.
pub(super) async fn keep_others_out<C>(connection: &mut C) -> Result<(), sqlx::Error>
where
    for<'c> &'c mut C: Executor<'c>,
{
    let until = Instant::now() + PATIENCE;
    loop {
        match leave_wal_and_begin(connection).await {
            Err(error) if is_locked(&error) && Instant::now() < until => tokio::time::sleep(PAUSE).await,
            tried => return tried,
        }
    }
}

/// Whoever has a database in WAL mode open holds a shared lock on it, and leaving that mode takes an exclusive one
/// (<https://www.sqlite.org/wal.html#persistence_of_wal_mode>). Only then can one transaction keep readers and writers
/// out (<https://www.sqlite.org/lang_transaction.html>).
async fn leave_wal_and_begin<C>(connection: &mut C) -> Result<(), sqlx::Error>
where
    for<'c> &'c mut C: Executor<'c>,
{
    connection.execute("PRAGMA journal_mode = DELETE").await?;
    connection.execute("BEGIN EXCLUSIVE").await?;
    Ok(())
}

/// `SQLITE_BUSY` and `SQLITE_LOCKED` (<https://www.sqlite.org/rescode.html>), whose low byte is the kind.
pub(super) fn is_locked(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<i64>().ok());
    code.is_some_and(|code| matches!(code & 0xff, 5 | 6))
}
