//! One request to GitHub and its answer, with the headers that typed clients throw away.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, StatusCode};
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::{GithubError, Path};

/// What GitHub recommends to ask for (<https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api#accept>).
const ACCEPT_JSON: &str = "application/vnd.github+json";
/// The bare content of a file (<https://docs.github.com/en/rest/repos/contents#get-repository-content>).
const ACCEPT_RAW: &str = "application/vnd.github.raw+json";

/// Largest answer that is read; GitHub's largest file by the contents API has 100 MB, our policies have a few KB.
const BODY_LIMIT_BYTES: usize = 32 * 1024 * 1024;

/// Whether an answer that GitHub confirms as unchanged may come from memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Asks with `If-None-Match`; a 304 does not count against the rate limit.
    Conditional,
    /// Asks for the whole answer.
    Bypass,
}

/// A request that has not been sent.
#[derive(Debug, Clone)]
pub struct Call {
    pub(super) method: Method,
    pub(super) path: Path,
    pub(super) body: Option<Bytes>,
    pub(super) accept: &'static str,
    pub(super) freshness: Freshness,
    pub(super) limit_bytes: usize,
    /// A GraphQL query: it goes by POST, beside the base of the REST API, and changes nothing.
    pub(super) graphql: bool,
}

impl Call {
    /// A read.
    #[must_use]
    pub fn get(path: Path) -> Self {
        Self { freshness: Freshness::Conditional, ..Self::new(Method::GET, path) }
    }

    /// A request with another method; without a body until [`Call::json`] gives it one.
    #[must_use]
    pub const fn new(method: Method, path: Path) -> Self {
        Self {
            method,
            path,
            body: None,
            accept: ACCEPT_JSON,
            freshness: Freshness::Bypass,
            limit_bytes: BODY_LIMIT_BYTES,
            graphql: false,
        }
    }

    /// A GraphQL query (<https://docs.github.com/en/graphql/guides/forming-calls-with-graphql>).
    pub(super) fn query(body: &(impl Serialize + ?Sized)) -> Result<Self, GithubError> {
        Ok(Self { graphql: true, ..Self::new(Method::POST, Path::new(["graphql"])?).json(body)? })
    }

    /// Takes no answer of more than `limit_bytes`; one of more than 32 MB is never taken.
    #[must_use]
    pub fn at_most(mut self, limit_bytes: usize) -> Self {
        self.limit_bytes = self.limit_bytes.min(limit_bytes);
        self
    }

    /// Sends `body` as JSON.
    ///
    /// # Errors
    /// [`GithubError::Config`] when the value has no form in JSON, which none of ours lacks.
    pub fn json(mut self, body: &(impl Serialize + ?Sized)) -> Result<Self, GithubError> {
        let text = serde_json::to_vec(body)
            .map_err(|fault| GithubError::Config { setting: "request body", fault: fault.to_string() })?;
        self.body = Some(text.into());
        Ok(self)
    }

    /// Asks for the bare content of a file instead of JSON about it.
    #[must_use]
    pub const fn raw(mut self) -> Self {
        self.accept = ACCEPT_RAW;
        self
    }

    /// Whether the answer may come from memory.
    #[must_use]
    pub const fn fresh(mut self, freshness: Freshness) -> Self {
        self.freshness = freshness;
        self
    }

    /// The method as a word that lives as long as the program, for the labels of metrics.
    pub(super) fn method_word(&self) -> &'static str {
        match self.method.as_str() {
            "GET" => "GET",
            "POST" => "POST",
            "PATCH" => "PATCH",
            "PUT" => "PUT",
            "DELETE" => "DELETE",
            _ => "OTHER",
        }
    }

    /// Whether it changes anything, so that an unclear end leaves the effect unclear.
    #[must_use]
    pub fn writes(&self) -> bool {
        !self.method.is_safe() && !self.graphql
    }
}

impl fmt::Display for Call {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.method, self.path)
    }
}

/// An answer of GitHub.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status code; of a 304 from the cache, that of the answer it confirms.
    pub status: StatusCode,
    /// The body, whole.
    pub body: Bytes,
    /// Whether GitHub confirmed an answer that was known, which does not count against the rate limit.
    pub confirmed: bool,
    pub(super) headers: HeaderMap,
}

impl Response {
    /// The headers that anything of ours reads; the others are not kept.
    pub(super) const KEPT_HEADERS: [HeaderName; 11] = [
        http::header::ETAG,
        http::header::LINK,
        http::header::LOCATION,
        http::header::RETRY_AFTER,
        HeaderName::from_static("x-ratelimit-limit"),
        HeaderName::from_static("x-ratelimit-remaining"),
        HeaderName::from_static("x-ratelimit-reset"),
        HeaderName::from_static("x-ratelimit-resource"),
        HeaderName::from_static("x-accepted-github-permissions"),
        HeaderName::from_static("x-github-request-id"),
        http::header::CONTENT_TYPE,
    ];

    /// A header of the answer, where it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A header of the answer as a number.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<i64> {
        self.header(name).and_then(|text| text.trim().parse().ok())
    }

    /// That a success is one of GitHub's and not of whatever stands on the way: a proxy's or a portal's page is no
    /// sign that anything was done, and no content of a file. What breaks off in the middle must not be kept under the
    /// tag of the whole: GitHub would confirm it for ever.
    ///
    /// # Errors
    /// [`GithubError::Decode`] where the body is of another kind than what was asked for, or JSON that is not whole.
    pub(super) fn is_of_github(&self, call: &Call) -> Result<(), GithubError> {
        let kind = self.header("content-type").unwrap_or_default().to_ascii_lowercase();
        let foreign = if call.accept == ACCEPT_RAW { kind.contains("html") } else { !kind.contains("json") };
        let fault = if self.body.is_empty() {
            None
        } else if foreign && !kind.is_empty() {
            Some(format!("it is of the kind `{kind}`, as of a proxy on the way"))
        } else if call.accept == ACCEPT_JSON {
            // What was wrong quotes nothing of the answer.
            serde_json::from_slice::<IgnoredAny>(&self.body).err().map(|fault| fault.to_string())
        } else {
            None
        };
        fault.map_or(Ok(()), |fault| {
            Err(GithubError::Decode { call: call.to_string(), fault, performed: call.writes() })
        })
    }

    /// The body as a value of ours; `call` is for the error.
    ///
    /// # Errors
    /// [`GithubError::Decode`] with the place in the JSON.
    pub fn decode<T: DeserializeOwned>(&self, call: &Call) -> Result<T, GithubError> {
        let mut reader = serde_json::Deserializer::from_slice(&self.body);
        serde_path_to_error::deserialize(&mut reader).map_err(|fault| GithubError::Decode {
            call: call.to_string(),
            fault: format!("at {}: {}", fault.path(), fault.inner()),
            performed: call.writes(),
        })
    }
}
