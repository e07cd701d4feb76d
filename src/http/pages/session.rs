//! The cookie of a session, and the token that its forms carry.

use std::fmt::{self, Write as _};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::http::{HeaderMap, HeaderValue, header};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

/// A session ends so long after it began, whatever happens.
pub(super) const LIFETIME_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// And so long after it was last used.
pub(super) const IDLE_MS: i64 = 24 * 60 * 60 * 1000;

/// What the browser holds.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(…)")
    }
}

impl Secret {
    /// A new one, of 256 bits.
    pub(super) fn new() -> Self {
        Self(hexadecimal(&rand::random::<[u8; 32]>()))
    }

    /// The one that came with a request.
    pub(super) fn of(headers: &HeaderMap, secure: bool) -> Option<Self> {
        cookie(headers, name(secure)).map(|value| Self(value.to_owned()))
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// The name under which the store knows it.
    pub(super) fn hash(&self) -> String {
        hashed("", &self.0)
    }

    /// What forms of this session carry.
    pub(super) fn csrf(&self) -> String {
        hashed("form:", &self.0)
    }

    /// Whether a form is of this session.
    pub(super) fn is_csrf(&self, given: &str) -> bool {
        verify_slices_are_equal(self.csrf().as_bytes(), given.as_bytes()).is_ok()
    }

    /// What binds this session to the token of the setting, so that it ends when the setting is changed. Without the
    /// secret nobody can tell from it what the token is.
    pub(super) fn bound_to(&self, token: &SecretString) -> String {
        hashed(&format!("operator:{}:", self.0), token.expose_secret())
    }

    /// Has the browser hold it.
    pub(super) fn set(&self, secure: bool) -> HeaderValue {
        line(name(secure), &self.0, (secure, LIFETIME_MS / 1000))
    }
}

/// Has the browser forget its session.
pub(super) fn forget(secure: bool) -> HeaderValue {
    line(name(secure), "", (secure, 0))
}

/// A cookie that scripts cannot read and other sites cannot send along. Where the server is reached over TLS it is bound
/// to this host (<https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes>).
pub(super) fn line(name: &str, value: &str, (secure, seconds): (bool, i64)) -> HeaderValue {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

/// The name of the cookie that binds a sign-in by GitHub to the browser that began it.
pub(super) const fn state_name(secure: bool) -> &'static str {
    if secure { "__Host-sign-in" } else { "sign-in" }
}

const fn name(secure: bool) -> &'static str {
    if secure { "__Host-stationmaster" } else { "stationmaster" }
}

/// A cookie of a request.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

pub(super) fn hashed(salt: &str, text: &str) -> String {
    hexadecimal(&Sha256::new().chain_update(salt).chain_update(text).finalize())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
