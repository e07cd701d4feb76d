//! Answers that GitHub may confirm with a 304, which does not count against the rate limit.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use moka::future::Cache;

use super::request::{Call, Freshness, Response};
use crate::model::InstallationId;

/// All answers together.
const CAPACITY_BYTES: u64 = 10 * 1024 * 1024;
/// Answers from this size on are not kept.
const ENTRY_LIMIT_BYTES: usize = 256 * 1024;
/// What an entry weighs besides its path and body: headers and bookkeeping, roughly.
const ENTRY_OVERHEAD_BYTES: usize = 2048;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    /// One installation never sees what another may read; `None` is the App itself.
    installation: Option<InstallationId>,
    accept: &'static str,
    path: String,
}

/// Answers with an `ETag`, bounded by bytes.
#[derive(Clone)]
pub(super) struct Answers {
    cache: Cache<Key, Response>,
}

impl Answers {
    pub(super) fn new() -> Self {
        let weigh = |key: &Key, response: &Response| {
            u32::try_from(key.path.len() + response.body.len() + ENTRY_OVERHEAD_BYTES).unwrap_or(u32::MAX)
        };
        Self { cache: Cache::builder().max_capacity(CAPACITY_BYTES).weigher(weigh).build() }
    }

    /// The answer to the same question, with the tag to ask GitHub whether it still holds.
    pub(super) async fn known(
        &self,
        installation: Option<InstallationId>,
        call: &Call,
    ) -> Option<(HeaderValue, Response)> {
        if call.writes() || call.freshness == Freshness::Bypass {
            return None;
        }
        let response = self.cache.get(&key(installation, call)).await?;
        let tag = response.headers.get(header::ETAG)?.clone();
        Some((tag, response))
    }

    /// Keeps an answer, if it is one that can be confirmed later.
    pub(super) async fn keep(&self, installation: Option<InstallationId>, call: &Call, response: &Response) {
        let wanted = call.method == http::Method::GET
            && response.status == http::StatusCode::OK
            && response.headers.contains_key(header::ETAG)
            && response.body.len() < ENTRY_LIMIT_BYTES;
        if wanted {
            self.cache.insert(key(installation, call), copied(response)).await;
        }
    }
}

/// The same answer in memory of its own. As it comes, each header and a short body are views of the connection's read
/// buffer, and one of them would keep all of it: thousands of answers then hold several times what they weigh.
fn copied(response: &Response) -> Response {
    let own = |value: &HeaderValue| HeaderValue::from_bytes(value.as_bytes()).ok();
    let mut headers = HeaderMap::with_capacity(response.headers.len());
    headers.extend(response.headers.iter().filter_map(|(name, value)| Some((name.clone(), own(value)?))));
    let body = Bytes::copy_from_slice(&response.body);
    Response { status: response.status, body, headers, confirmed: false }
}

fn key(installation: Option<InstallationId>, call: &Call) -> Key {
    Key { installation, accept: call.accept, path: call.path.as_str().to_owned() }
}
