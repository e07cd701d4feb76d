//! Who is signed in to the pages; of what their browsers hold only hashes are kept.

use super::durable::Durable as _;
use super::{Store, StoreError};
use crate::model::{Login, Timestamp};

/// Who a session belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionOf {
    /// A person on GitHub.
    Person(Login),
    /// Whoever gave the token of this id.
    Token(String),
}

/// A session that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Whose it is.
    pub of: SessionOf,
    /// When it was last used, to the minute.
    pub seen: Timestamp,
    /// When it ends, whatever happens.
    pub ends: Timestamp,
}

/// A sign-in by GitHub that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInBegun {
    /// PKCE's secret (RFC 7636).
    pub verifier: String,
    /// The path that the person wanted to see.
    pub back_to: String,
}

/// How exactly it is known when a session was last used.
const SEEN_MS: i64 = 60_000;

impl Store {
    /// Keeps a session by the hash of its secret.
    pub async fn begin_session(&self, hash: &str, of: &SessionOf, ends: Timestamp) -> Result<(), StoreError> {
        let (login, token) = match of {
            SessionOf::Person(login) => (Some(login.as_str()), None),
            SessionOf::Token(token) => (None, Some(token.as_str())),
        };
        let now = self.clock.now().ms();
        sqlx::query(
            "INSERT INTO sessions (hash, login, token, created_ms, seen_ms, ends_ms) VALUES ($1, $2, $3, $4, $4, $5)",
        )
        .bind(hash)
        .bind(login)
        .bind(token)
        .bind(now)
        .bind(ends.ms())
        .execute(self.database.writer())
        .durably("begin_session")
        .await?;
        Ok(())
    }

    /// The session with this hash, unless it has ended or was not used for `idle_ms`.
    pub async fn session(&self, hash: &str, idle_ms: i64) -> Result<Option<Session>, StoreError> {
        let row: Option<(Option<String>, Option<String>, i64, i64)> =
            sqlx::query_as("SELECT login, token, seen_ms, ends_ms FROM sessions WHERE hash = $1")
                .bind(hash)
                .fetch_optional(self.database.reader())
                .await?;
        let Some((login, token, seen_ms, ends_ms)) = row else { return Ok(None) };
        let now = self.clock.now();
        let of = match (login, token) {
            (Some(login), _) => SessionOf::Person(Login::new(login)),
            (None, Some(token)) => SessionOf::Token(token),
            (None, None) => return Ok(None),
        };
        let session = Session { of, seen: Timestamp(seen_ms), ends: Timestamp(ends_ms) };
        if now >= session.ends || now.since_ms(session.seen) >= idle_ms {
            return Ok(None);
        }
        if now.since_ms(session.seen) >= SEEN_MS {
            sqlx::query("UPDATE sessions SET seen_ms = $1 WHERE hash = $2")
                .bind(now.ms())
                .bind(hash)
                .execute(self.database.writer())
                .durably("session")
                .await?;
        }
        Ok(Some(session))
    }

    /// Ends a session.
    pub async fn end_session(&self, hash: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM sessions WHERE hash = $1")
            .bind(hash)
            .execute(self.database.writer())
            .durably("end_session")
            .await?;
        Ok(())
    }

    /// Notes that somebody is on the way through GitHub's sign-in, by the hash of the state that will come back. Those
    /// who took too long make room at once: anybody can begin, as often as they like.
    pub async fn begin_sign_in(&self, state: &str, begun: &SignInBegun, ends: Timestamp) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM sign_ins WHERE ends_ms <= $1")
            .bind(self.clock.now().ms())
            .execute(self.database.writer())
            .durably("begin_sign_in")
            .await?;
        sqlx::query("INSERT INTO sign_ins (state_hash, verifier, back_to, ends_ms) VALUES ($1, $2, $3, $4)")
            .bind(state)
            .bind(begun.verifier.as_str())
            .bind(begun.back_to.as_str())
            .bind(ends.ms())
            .execute(self.database.writer())
            .durably("begin_sign_in/second")
            .await?;
        Ok(())
    }

    /// Takes a begun sign-in, which can be done once; `None` where there is none, or it took too long.
    pub async fn end_sign_in(&self, state: &str) -> Result<Option<SignInBegun>, StoreError> {
        let row: Option<(String, String, i64)> =
            sqlx::query_as("DELETE FROM sign_ins WHERE state_hash = $1 RETURNING verifier, back_to, ends_ms")
                .bind(state)
                .fetch_optional(self.database.writer())
                .durably("end_sign_in")
                .await?;
        let now = self.clock.now().ms();
        Ok(row.filter(|(.., ends_ms)| now < *ends_ms).map(|(verifier, back_to, _)| SignInBegun { verifier, back_to }))
    }
}
