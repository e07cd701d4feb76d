//! Tokens of the API, of which only hashes are kept.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::durable::Durable as _;
use super::{Store, StoreError};
use crate::model::{ApiToken, Login, Scope, Timestamp};

/// What a secret begins with, so that whoever finds one knows what it is.
const PREFIX: &str = "sm_";
const SECRET_CHARACTERS: usize = 40;
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// How exactly it is known when a token was last used.
const LAST_USED_MS: i64 = 60_000;

type Row = (String, String, String, Option<String>, i64, Option<i64>, Option<i64>);

const SELECT: &str = "SELECT id, name, scope, person, created_ms, last_used_ms, revoked_ms FROM tokens";

impl Store {
    /// Makes a token. The second value is its secret, which is shown once and kept nowhere.
    pub async fn create_token(
        &self,
        name: &str,
        scope: &Scope,
        person: Option<&Login>,
    ) -> Result<(ApiToken, String), StoreError> {
        let secret = new_secret();
        let token = ApiToken {
            id: format!("{:08x}", rand::random::<u32>()),
            name: name.to_owned(),
            scope: scope.clone(),
            person: person.cloned(),
            created: self.clock.now(),
            last_used: None,
            revoked: None,
        };
        sqlx::query("INSERT INTO tokens (id, name, scope, person, hash, created_ms) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(token.id.as_str())
            .bind(name)
            .bind(scope.to_string())
            .bind(person.map(Login::as_str))
            .bind(hash(&secret))
            .bind(token.created.ms())
            .execute(self.database.writer())
            .durably("create_token")
            .await?;
        Ok((token, secret))
    }

    /// All tokens, the newest first, those that were revoked included.
    pub async fn tokens(&self) -> Result<Vec<ApiToken>, StoreError> {
        let sql = format!("{SELECT} ORDER BY created_ms DESC, name, id");
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(self.database.reader()).await?;
        rows.into_iter().map(read).collect()
    }

    /// Has a token, named by its id or its name, count no more. `false` when there is no such token that counts.
    pub async fn revoke_token(&self, id_or_name: &str) -> Result<bool, StoreError> {
        let revoked =
            sqlx::query("UPDATE tokens SET revoked_ms = $1 WHERE (id = $2 OR name = $2) AND revoked_ms IS NULL")
                .bind(self.clock.now().ms())
                .bind(id_or_name)
                .execute(self.database.writer())
                .durably("revoke_token")
                .await?
                .rows_affected();
        Ok(revoked > 0)
    }

    /// The token of this id, unless it was revoked.
    pub async fn token(&self, id: &str) -> Result<Option<ApiToken>, StoreError> {
        let sql = format!("{SELECT} WHERE id = $1 AND revoked_ms IS NULL");
        let row: Option<Row> =
            sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(self.database.reader()).await?;
        row.map(read).transpose()
    }

    /// The token with this secret, unless it was revoked.
    pub async fn token_of(&self, secret: &str) -> Result<Option<ApiToken>, StoreError> {
        let sql = format!("{SELECT} WHERE hash = $1 AND revoked_ms IS NULL");
        let row: Option<Row> =
            sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(hash(secret)).fetch_optional(self.database.reader()).await?;
        let Some(mut token) = row.map(read).transpose()? else { return Ok(None) };
        let now = self.clock.now();
        if token.last_used.is_none_or(|at| now.since_ms(at) >= LAST_USED_MS) {
            sqlx::query("UPDATE tokens SET last_used_ms = $1 WHERE id = $2")
                .bind(now.ms())
                .bind(token.id.as_str())
                .execute(self.database.writer())
                .durably("token_of")
                .await?;
            token.last_used = Some(now);
        }
        Ok(Some(token))
    }
}

fn new_secret() -> String {
    let random = (0..SECRET_CHARACTERS).map(|_| char::from(ALPHABET[rand::random_range(0..ALPHABET.len())]));
    PREFIX.chars().chain(random).collect()
}

/// The secrets are long and random, so a plain hash cannot be guessed backwards.
fn hash(secret: &str) -> String {
    Sha256::digest(secret.as_bytes()).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn read((id, name, scope, person, created_ms, last_used_ms, revoked_ms): Row) -> Result<ApiToken, StoreError> {
    Ok(ApiToken {
        id,
        name,
        scope: scope.parse().map_err(StoreError::corrupt)?,
        person: person.map(Login::new),
        created: Timestamp(created_ms),
        last_used: last_used_ms.map(Timestamp),
        revoked: revoked_ms.map(Timestamp),
    })
}
