//! Faults to be injected into answers: errors before or after the deed, cut connections, stalls and limits.

use std::fmt;

use regex::Regex;

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// This status is answered and nothing is done.
    Status(u16),
    /// The request is carried out in full, and then this status is answered.
    StatusAfterDoing(u16),
    /// This status is answered with this message, and nothing is done: for refusals told apart by their words.
    Refusal {
        /// The status.
        status: u16,
        /// GitHub's `message`.
        message: String,
    },
    /// The connection is closed without a byte, and nothing is done.
    CutConnection,
    /// The request is carried out, and then the connection is closed without a byte.
    CutAfterDoing,
    /// No answer ever comes.
    Stall,
    /// A page for people is answered with 200, as by a proxy or a portal on the way, and nothing is done.
    Page,
    /// The request is carried out, and such a page is answered all the same.
    PageAfterDoing,
    /// The request is carried out, and half of the JSON is answered as if it were the whole.
    TruncatedAfterDoing,
    /// The request is carried out, and the connection breaks off in the middle of the answer.
    BrokenOffAfterDoing,
    /// The primary limit is used up and resets in so many seconds.
    RateLimitPrimary {
        /// Seconds until the window begins anew.
        reset_in_s: i64,
    },
    /// The secondary limit is hit; `Retry-After` is sent only where given.
    SecondaryLimit {
        /// Seconds for `Retry-After`.
        retry_after_s: Option<u32>,
    },
    /// The secondary limit again, in its other dress: 429.
    TooManyRequests {
        /// Seconds for `Retry-After`.
        retry_after_s: Option<u32>,
    },
    /// The answer comes right, but late by this many real milliseconds.
    Slow {
        /// Milliseconds of delay.
        ms: u64,
    },
}

/// A fault and the requests that it hits.
#[derive(Debug, Clone)]
pub struct Fault {
    method: Option<String>,
    path: Matcher,
    left: u32,
    kind: FaultKind,
}

#[derive(Debug, Clone)]
enum Matcher {
    Contains(String),
    Pattern(Regex),
}

impl Fault {
    /// Hits one request whose path contains `path` (all paths, when empty).
    #[must_use]
    pub fn new(path: &str, kind: FaultKind) -> Self {
        Self { method: None, path: Matcher::Contains(path.to_owned()), left: 1, kind }
    }

    /// Hits one request whose path matches the pattern.
    #[must_use]
    pub const fn matching(path: Regex, kind: FaultKind) -> Self {
        Self { method: None, path: Matcher::Pattern(path), left: 1, kind }
    }

    /// Refuses one merge as GitHub does when the base moved while it was merging.
    #[must_use]
    pub fn base_modified() -> Self {
        let message = "Base branch was modified. Review and try the merge again.".to_owned();
        Self::new("/merge", FaultKind::Refusal { status: 405, message }).method("PUT")
    }

    /// Hits only requests of this method.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_ascii_uppercase());
        self
    }

    /// Hits this many requests instead of one.
    #[must_use]
    pub const fn times(mut self, times: u32) -> Self {
        self.left = times;
        self
    }

    fn hits(&self, method: &str, path: &str) -> bool {
        let path_hit = match &self.path {
            Matcher::Contains(part) => path.contains(part.as_str()),
            Matcher::Pattern(pattern) => pattern.is_match(path),
        };
        self.left > 0 && path_hit && self.method.as_deref().is_none_or(|wanted| wanted == method)
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self:?}")
    }
}

/// Takes the first fault that hits, and uses it up by one.
pub fn take(faults: &mut Vec<Fault>, method: &str, path: &str) -> Option<FaultKind> {
    let at = faults.iter().position(|fault| fault.hits(method, path))?;
    let fault = &mut faults[at];
    fault.left -= 1;
    let kind = fault.kind.clone();
    faults.retain(|fault| fault.left > 0);
    Some(kind)
}
