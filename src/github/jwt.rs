//! The App's own credential: a short-lived JWT signed with its private key.

use std::sync::{Arc, Mutex, PoisonError};

use http::HeaderValue;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use super::GithubError;
use crate::model::{Clock, Timestamp};

/// `iat` lies in the past, against clocks that differ (GitHub's advice).
const BACKDATED_S: i64 = 60;
/// `exp` lies this far ahead; GitHub refuses more than 10 minutes.
const LIFETIME_S: i64 = 9 * 60;
/// A token is replaced this long before its end.
const RENEWED_BEFORE_END_MS: i64 = 60_000;

/// Claims of the App's JWT
/// (<https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app>).
#[derive(Serialize)]
struct Claims {
    iat: i64,
    exp: i64,
    iss: String,
}

/// Signs and keeps the App's JWT.
pub(super) struct AppJwt {
    app_id: i64,
    key: EncodingKey,
    clock: Arc<dyn Clock>,
    current: Mutex<Option<(HeaderValue, Timestamp)>>,
}

impl AppJwt {
    /// Reads the key and proves that it can sign.
    ///
    /// # Errors
    /// [`GithubError::Config`] that names the settings and shows nothing of the key.
    pub(super) fn new(app_id: i64, pem: &SecretString, clock: Arc<dyn Clock>) -> Result<Self, GithubError> {
        let key = EncodingKey::from_rsa_pem(pem.expose_secret().as_bytes()).map_err(|_| bad_key())?;
        let jwt = Self { app_id, key, clock, current: Mutex::new(None) };
        jwt.bearer()?;
        Ok(jwt)
    }

    /// The `Authorization` header, from memory until near its end.
    pub(super) fn bearer(&self) -> Result<HeaderValue, GithubError> {
        let now = self.clock.now();
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((header, end)) = &*current
            && end.since_ms(now) > RENEWED_BEFORE_END_MS
        {
            return Ok(header.clone());
        }
        let end_s = now.seconds() + LIFETIME_S;
        let claims = Claims { iat: now.seconds() - BACKDATED_S, exp: end_s, iss: self.app_id.to_string() };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &self.key).map_err(|_| bad_key())?;
        let header = super::installation::bearer(&token).ok_or_else(bad_key)?;
        *current = Some((header.clone(), Timestamp::from_seconds(end_s)));
        Ok(header)
    }

    /// Forgets the present JWT, because GitHub refused it.
    pub(super) fn forget(&self) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

fn bad_key() -> GithubError {
    GithubError::Config {
        setting: "GITHUB_APP_PRIVATE_KEY",
        fault: "is not an RSA private key in PEM form, as GitHub generates it for an App (the same holds for the \
                file that GITHUB_APP_PRIVATE_KEY_PATH names)"
            .to_owned(),
    }
}
