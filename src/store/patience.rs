//! Bounds how long a statement may take, so that a database that says nothing holds nothing up for ever.
//!
//! A driver waits for an answer without end, and a connection whose other side is gone without a word never gives one.
//! Everything that goes to the database goes through one of the two executors here: [`Connections`] for single
//! statements, [`Tx`] for transactions. What takes too long fails as a broken connection does; whether it was done is
//! then unknown, which whoever asked has to bear anyway.

use std::fmt;
use std::io::{Error as IoError, ErrorKind};
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use futures::stream::{BoxStream, StreamExt as _, TryStreamExt as _, try_unfold};
use sqlx::any::{AnyPoolOptions, AnyQueryResult, AnyRow, AnyStatement, AnyTypeInfo};
use sqlx::{Any, AnyConnection, AnyPool, Describe, Either, Error, Execute, Executor, SqlStr, Transaction};

use super::health::cause_of_code;

/// For so long after a connection broke, or was left in the middle of an answer, connections that are given back are
/// closed: that very one is among the first.
const SUSPICION: Duration = Duration::from_secs(2);

/// Raises suspicion unless the answer has come: whoever waits may go away at any point.
struct Waiting<'p> {
    patience: &'p Patience,
    answered: bool,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.patience.suspect();
        }
    }
}

/// Whether a connection can be used again after this error. After some, `SQLite` has ended the transaction by itself; the
/// driver then takes it for one that is still open, and begins none ever after.
fn leaves_sound(error: &Error) -> bool {
    if let Error::Database(said) = error {
        return said.code().is_some_and(|code| cause_of_code(&code).is_none());
    }
    matches!(error, Error::RowNotFound | Error::ColumnDecode { .. } | Error::PoolTimedOut | Error::PoolClosed)
}

/// How long an answer is waited for, and whether one has lately not come.
#[derive(Debug, Clone)]
pub(super) struct Patience {
    timeout: Duration,
    /// Until when connections are closed rather than kept.
    suspicious: Arc<Mutex<Option<Instant>>>,
}

impl Patience {
    pub(super) fn of(timeout: Duration) -> Self {
        Self { timeout, suspicious: Arc::default() }
    }

    /// Has connections closed when they are given back, while some have lately broken: the pool would ask each whether
    /// it still answers, and wait for that without end.
    pub(super) fn guard(&self, options: AnyPoolOptions) -> AnyPoolOptions {
        let patience = self.clone();
        options.after_release(move |_, _| {
            let sound = !patience.is_suspicious();
            Box::pin(async move { Ok(sound) })
        })
    }

    fn is_suspicious(&self) -> bool {
        let mut until = self.suspicious.lock().unwrap_or_else(PoisonError::into_inner);
        until.take_if(|until| *until <= Instant::now());
        until.is_some()
    }

    fn suspect(&self) {
        let until = Instant::now() + SUSPICION;
        *self.suspicious.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
    }

    /// Waits for an answer for as long as there is patience.
    pub(super) async fn wait<T>(&self, answer: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let mut waiting = Waiting { patience: self, answered: false };
        let answered = tokio::time::timeout(self.timeout, answer).await;
        let answered = answered.unwrap_or_else(|_| {
            let words = format!("no answer came within {} s", self.timeout.as_secs_f32());
            Err(Error::Io(IoError::new(ErrorKind::TimedOut, words)))
        });
        waiting.answered = answered.as_ref().err().is_none_or(leaves_sound);
        answered
    }

    fn rows<'e, T: Send + 'e>(&self, rows: BoxStream<'e, Result<T, Error>>) -> BoxStream<'e, Result<T, Error>> {
        try_unfold((rows, self.clone()), |(mut rows, patience)| async move {
            let next = patience.wait(rows.try_next()).await?;
            Ok(next.map(|row| (row, (rows, patience))))
        })
        .boxed()
    }

    fn row<'e, T: Send + 'e>(&self, row: BoxFuture<'e, Result<T, Error>>) -> BoxFuture<'e, Result<T, Error>> {
        let patience = self.clone();
        Box::pin(async move { patience.wait(row).await })
    }
}

/// Connections for statements that each stand alone.
#[derive(Debug, Clone)]
pub(super) struct Connections {
    pool: AnyPool,
    patience: Patience,
}

impl Connections {
    pub(super) const fn new(pool: AnyPool, patience: Patience) -> Self {
        Self { pool, patience }
    }

    /// The connections themselves, for what may take as long as it likes.
    pub(super) const fn unbounded(&self) -> &AnyPool {
        &self.pool
    }

    /// The same connections with another patience.
    pub(super) fn within(&self, timeout: Duration) -> Self {
        let patience = Patience { timeout, ..self.patience.clone() };
        Self { pool: self.pool.clone(), patience }
    }

    /// Begins a transaction with these words.
    pub(super) async fn begin(&self, words: &'static str) -> Result<Tx, Error> {
        let inner = self.patience.wait(self.pool.begin_with(words)).await?;
        Ok(Tx(Transacting { inner, patience: self.patience.clone() }))
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

/// A transaction on either database; one that is dropped is rolled back.
pub(super) struct Tx(Transacting);

/// The connection of a transaction.
pub(super) struct Transacting {
    inner: Transaction<'static, Any>,
    patience: Patience,
}

impl Tx {
    /// Puts everything into force. After an error it may be in force all the same: the answer alone may have been lost.
    pub(super) async fn commit(self) -> Result<(), Error> {
        let Transacting { inner, patience } = self.0;
        patience.wait(inner.commit()).await
    }

    pub(super) async fn rollback(self) -> Result<(), Error> {
        let Transacting { inner, patience } = self.0;
        patience.wait(inner.rollback()).await
    }
}

impl Deref for Tx {
    type Target = Transacting;

    fn deref(&self) -> &Transacting {
        &self.0
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Transacting {
        &mut self.0
    }
}

impl Deref for Transacting {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.inner
    }
}

impl DerefMut for Transacting {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }
}

impl fmt::Debug for Transacting {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Transacting").finish_non_exhaustive()
    }
}

/// Writes an executor whose answers are waited for with patience; the two differ only in what they ask.
macro_rules! patiently {
    ($of:ty, |$this:ident| $inner:expr) => {
        impl<'c> Executor<'c> for $of {
            type Database = Any;

            fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Either<AnyQueryResult, AnyRow>, Error>>
            where
                'c: 'e,
                E: 'q + Execute<'q, Any>,
            {
                let $this = self;
                let patience = $this.patience.clone();
                patience.rows($inner.fetch_many(query))
            }

            fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<AnyRow>, Error>>
            where
                'c: 'e,
                E: 'q + Execute<'q, Any>,
            {
                let $this = self;
                let patience = $this.patience.clone();
                patience.row($inner.fetch_optional(query))
            }

            fn prepare_with<'e>(
                self,
                sql: SqlStr,
                parameters: &'e [AnyTypeInfo],
            ) -> BoxFuture<'e, Result<AnyStatement, Error>>
            where
                'c: 'e,
            {
                let $this = self;
                let patience = $this.patience.clone();
                patience.row($inner.prepare_with(sql, parameters))
            }

            fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Any>, Error>>
            where
                'c: 'e,
            {
                let $this = self;
                let patience = $this.patience.clone();
                patience.row($inner.describe(sql))
            }
        }
    };
}

patiently!(&'c Connections, |this| &this.pool);
patiently!(&'c mut Transacting, |this| &mut *this.inner);
