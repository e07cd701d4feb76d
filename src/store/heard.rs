//! Messages that came over ntfy: each is taken in once, with its nonce, its delivery and its line of the audit.

use super::database::Tx;
use super::durable::Durable as _;
use super::ingest::Accepted;
use super::{Bell, Store, StoreError};
use crate::model::{Delivery, Timestamp};

/// The fact that remembers up to when the topic was listened to.
const HEARD_FACT: &str = "ntfy";

/// A message that is taken in, or put aside.
#[derive(Debug)]
pub struct HeardEntry<'a> {
    /// ntfy's id of it, by which it is known when it comes again.
    pub ntfy_id: &'a str,
    /// When ntfy took it.
    pub published: Timestamp,
    /// Who says that they sent it.
    pub actor: &'a str,
    /// A sentence for the audit.
    pub summary: &'a str,
    /// What it becomes, with its nonce; `None` for what is refused.
    pub taken: Option<(&'a str, Delivery)>,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeardAs {
    /// It was heard before, by this server or another.
    Known,
    /// It is put aside, and the audit says why.
    Refused,
    /// Its nonce was used before: somebody plays a message back.
    Replayed,
    /// Its sender sent it before, and now once more.
    Duplicate,
    /// It is on disk now.
    Stored,
}

impl Store {
    /// Takes a message in, in one transaction: a server that dies before the end has not heard it.
    pub async fn hear(&self, entry: HeardEntry<'_>) -> Result<HeardAs, StoreError> {
        let mut transaction = self.database.begin().await?;
        if !self.note_nonce(&mut transaction, &format!("ntfy:{}", entry.ntfy_id)).await? {
            transaction.rollback().await?;
            return Ok(HeardAs::Known);
        }
        let HeardEntry { published, actor, summary, taken, .. } = entry;
        let (became, line) = match taken {
            None => (HeardAs::Refused, summary.to_owned()),
            Some((nonce, delivery)) => {
                if self.note_nonce(&mut transaction, nonce).await? {
                    match self.accept_in(&mut transaction, delivery).await? {
                        Accepted::Stored => (HeardAs::Stored, summary.to_owned()),
                        Accepted::Duplicate => (HeardAs::Duplicate, format!("{summary} It was sent before.")),
                    }
                } else {
                    (HeardAs::Replayed, format!("{summary} It is refused: its nonce was used before."))
                }
            }
        };
        self.audit_message(&mut transaction, actor, &line).await?;
        self.change_fact(&mut transaction, HEARD_FACT, &published.ms().to_string()).await?;
        transaction.commit().durably("hear").await?;
        self.database.ring(Bell::Intake);
        Ok(became)
    }

    /// Remembers when the topic was first listened to, unless that or more is known.
    pub async fn begin_hearing(&self, at: Timestamp) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO facts (name, value, updated_ms) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING")
            .bind(HEARD_FACT)
            .bind(at.ms().to_string())
            .bind(self.clock.now().ms())
            .execute(self.database.writer())
            .durably("begin_hearing")
            .await?;
        Ok(())
    }

    /// When the newest message was published that was heard, or the topic was first listened to; `None` before.
    pub async fn heard_until(&self) -> Result<Option<Timestamp>, StoreError> {
        let fact = self.fact(HEARD_FACT).await?;
        fact.map(|text| text.parse().map(Timestamp).map_err(StoreError::corrupt)).transpose()
    }

    /// `false` when it was there before.
    async fn note_nonce(&self, transaction: &mut Tx, nonce: &str) -> Result<bool, StoreError> {
        let noted = sqlx::query("INSERT INTO nonces (nonce, at_ms) VALUES ($1, $2) ON CONFLICT (nonce) DO NOTHING")
            .bind(nonce)
            .bind(self.clock.now().ms())
            .execute(&mut **transaction)
            .await?;
        Ok(noted.rows_affected() == 1)
    }

    async fn audit_message(&self, transaction: &mut Tx, actor: &str, summary: &str) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO audit (id, at_ms, actor, kind, summary, door) VALUES ($1, $2, $3, 'message', $4, 'ntfy')",
        )
        .bind(self.next_id())
        .bind(self.clock.now().ms())
        .bind(actor)
        .bind(summary)
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }
}
