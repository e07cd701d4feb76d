//! Who may publish and read.

use std::collections::BTreeSet;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

use super::error::{self, ErrorAnswer};

/// What a request wants with a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    Publish,
    Read,
}

/// The access rules (<https://docs.ntfy.sh/config/#access-control>).
#[derive(Debug, Default)]
pub(super) struct Access {
    /// The one token that is known; `None` is a server without access control.
    pub token: Option<String>,
    /// Topics that nobody may read.
    pub write_only: BTreeSet<String>,
}

impl Access {
    /// Whether credentials, if any are given, are good; as in ntfy, any are bad where no access control is set up.
    pub(super) fn authenticate(&self, headers: &HeaderMap) -> Result<(), ErrorAnswer> {
        match (headers.get(AUTHORIZATION), &self.token) {
            (None, _) => Ok(()),
            (Some(given), Some(token)) if given.as_bytes() == format!("Bearer {token}").as_bytes() => Ok(()),
            (Some(_), _) => Err(error::UNAUTHORIZED),
        }
    }

    /// Whether an authenticated request may do this with the topic.
    pub(super) fn authorize(&self, headers: &HeaderMap, wish: Wish, topic: &str) -> Result<(), ErrorAnswer> {
        let anonymous = !headers.contains_key(AUTHORIZATION);
        let unreadable = wish == Wish::Read && self.write_only.contains(topic);
        if unreadable || (self.token.is_some() && anonymous) {
            return Err(error::FORBIDDEN);
        }
        Ok(())
    }
}
