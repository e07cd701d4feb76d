//! What can go wrong with a call to GitHub, told apart as far as callers act differently.

use std::fmt;

use serde::Deserialize;

use super::request::{Call, Response};
use crate::model::{InstallationId, Timestamp};

/// How much of a message from the other side is kept, in characters.
const MESSAGE_LIMIT_CHARACTERS: usize = 500;

/// Why a call to GitHub did not do what was asked.
///
/// `call` is always the method and the path, and `message` is what GitHub said. No variant carries a header, so
/// neither a key nor a token can be in one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GithubError {
    /// The client cannot be built from its configuration.
    #[error("{setting}: {fault}")]
    Config {
        /// The setting to change.
        setting: &'static str,
        /// What is wrong with it, without its value.
        fault: String,
    },
    /// The request was not made, because it cannot be addressed safely.
    #[error("{segment:?} cannot be a part of a path on GitHub")]
    Path {
        /// The part that is empty or made of dots, which would address something else.
        segment: String,
    },
    /// A rate limit is used up; no request is made until it ends.
    #[error("GitHub's {} rate limit is used up until {until}", if *.secondary { "secondary" } else { "hourly" })]
    RateLimited {
        /// When a request is worth making again.
        until: Timestamp,
        /// Whether it is the limit on bursts and on content rather than the hourly one.
        secondary: bool,
    },
    /// The credential was refused twice, with a fresh one the second time.
    #[error("{call}: GitHub does not accept the App's credential: {message}")]
    Unauthorized {
        /// Method and path.
        call: String,
        /// What GitHub said.
        message: String,
    },
    /// The App may not do this.
    #[error("{call}: {message}{}", permission_sentence(.needed_permissions.as_deref()))]
    Forbidden {
        /// Method and path.
        call: String,
        /// What GitHub said.
        message: String,
        /// What would be needed, from `X-Accepted-GitHub-Permissions`, in words.
        needed_permissions: Option<String>,
    },
    /// The installation is suspended, so every call is refused.
    #[error("{call}: the installation{} is suspended", installation_number(*.installation))]
    Suspended {
        /// Method and path.
        call: String,
        /// Which one, where the call was made for one.
        installation: Option<InstallationId>,
    },
    /// It is not there, or the App may not know that it is.
    #[error("{call}: not found: {message}")]
    NotFound {
        /// Method and path.
        call: String,
        /// What GitHub said.
        message: String,
    },
    /// It was deleted, moved away or switched off.
    #[error("{call}: gone: {message}")]
    Gone {
        /// Method and path.
        call: String,
        /// What GitHub said.
        message: String,
    },
    /// 405: not possible in the present state, such as a merge of an unmergeable pull request.
    #[error("{call}: not allowed: {message}")]
    NotAllowed {
        /// Method and path.
        call: String,
        /// What GitHub said.
        message: String,
    },
    /// 409: the state changed meanwhile.
    #[error("{call}: conflict: {message}")]
    Conflict {
        /// Method and path.
        call: String,
        /// What GitHub said.
        message: String,
    },
    /// 422: the request is understood and refused.
    #[error("{call}: refused: {message}{}", list(.errors))]
    Validation {
        /// Method and path.
        call: String,
        /// What GitHub said.
        message: String,
        /// Each field's fault, such as `name already_exists`.
        errors: Vec<String>,
    },
    /// 5xx: GitHub failed, perhaps after doing it.
    #[error("{call}: GitHub failed with {status}: {message}")]
    Server {
        /// Method and path.
        call: String,
        /// The status code.
        status: u16,
        /// What GitHub said.
        message: String,
        /// Whether the request may have taken effect.
        ambiguous: bool,
    },
    /// No whole answer came: connection refused, cut or timed out.
    #[error("{call}: {fault}")]
    Transport {
        /// Method and path.
        call: String,
        /// What happened.
        fault: String,
        /// Whether the request may have taken effect.
        ambiguous: bool,
    },
    /// The answer is not what GitHub documents.
    #[error("{call}: GitHub's answer cannot be read: {fault}")]
    Decode {
        /// Method and path.
        call: String,
        /// Where and what.
        fault: String,
        /// Whether the request has taken effect, since it was answered with success.
        performed: bool,
    },
    /// The answer is larger than is taken.
    #[error("{call}: the answer has more than {limit_bytes} bytes")]
    TooLarge {
        /// Method and path.
        call: String,
        /// The most that is taken.
        limit_bytes: usize,
        /// Whether the request may have taken effect.
        performed: bool,
    },
    /// A list went on for longer than is reasonable.
    #[error("{call}: the list has more than {pages} pages")]
    TooManyPages {
        /// Method and path of the last page read.
        call: String,
        /// How many were read.
        pages: usize,
    },
    /// Any other status.
    #[error("{call}: GitHub answered {status}: {message}")]
    Unexpected {
        /// Method and path.
        call: String,
        /// The status code.
        status: u16,
        /// What GitHub said.
        message: String,
    },
}

impl GithubError {
    /// Whether the same request may succeed later without anybody changing anything.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::RateLimited { .. } | Self::Server { .. } | Self::Transport { .. } => true,
            Self::Config { .. }
            | Self::Path { .. }
            | Self::Unauthorized { .. }
            | Self::Forbidden { .. }
            | Self::Suspended { .. }
            | Self::NotFound { .. }
            | Self::Gone { .. }
            | Self::NotAllowed { .. }
            | Self::Conflict { .. }
            | Self::Validation { .. }
            | Self::Decode { .. }
            | Self::TooLarge { .. }
            | Self::TooManyPages { .. }
            | Self::Unexpected { .. } => false,
        }
    }

    /// Whether the request may have taken effect nevertheless, so that one must look before repeating it.
    #[must_use]
    pub const fn may_have_happened(&self) -> bool {
        match self {
            Self::Server { ambiguous, .. } | Self::Transport { ambiguous, .. } => *ambiguous,
            Self::Decode { performed, .. } | Self::TooLarge { performed, .. } => *performed,
            Self::Config { .. }
            | Self::Path { .. }
            | Self::RateLimited { .. }
            | Self::Unauthorized { .. }
            | Self::Forbidden { .. }
            | Self::Suspended { .. }
            | Self::NotFound { .. }
            | Self::Gone { .. }
            | Self::NotAllowed { .. }
            | Self::Conflict { .. }
            | Self::Validation { .. }
            | Self::TooManyPages { .. }
            | Self::Unexpected { .. } => false,
        }
    }
}

/// GitHub's error body (<https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api>).
#[derive(Debug, Default, Deserialize)]
pub(super) struct ErrorBody {
    /// The sentence.
    #[serde(default)]
    pub(super) message: Option<String>,
    /// Where it is explained; names the secondary limit when that is the reason.
    #[serde(default)]
    pub(super) documentation_url: Option<String>,
    /// Field by field; objects with `resource`, `field` and `code`, or plain strings.
    #[serde(default)]
    errors: Vec<ErrorEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum ErrorEntry {
    Text(String),
    Field { field: Option<String>, code: Option<String>, message: Option<String> },
    Other(serde::de::IgnoredAny),
}

impl fmt::Display for ErrorEntry {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => out.write_str(text),
            Self::Field { field, code, message } => {
                let parts = [field.as_deref(), code.as_deref().filter(|code| *code != "custom"), message.as_deref()];
                out.write_str(&parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
            }
            Self::Other(_) => out.write_str("unnamed fault"),
        }
    }
}

impl ErrorBody {
    /// Reads the body of an answer that is no success; a page that is not JSON yields no message.
    pub(super) fn of(response: &Response) -> Self {
        serde_json::from_slice(&response.body).unwrap_or_default()
    }

    /// GitHub's sentence, or the name of the status where it said nothing.
    pub(super) fn sentence(&self, status: http::StatusCode) -> String {
        let said = self.message.as_deref().filter(|message| !message.is_empty());
        let text = said.unwrap_or_else(|| status.canonical_reason().unwrap_or("no reason given"));
        text.chars().take(MESSAGE_LIMIT_CHARACTERS).collect()
    }
}

/// The error that an answer without success means. Rate limits are recognised before this.
pub(super) fn refusal(call: &Call, response: &Response, installation: Option<InstallationId>) -> GithubError {
    let body = ErrorBody::of(response);
    let status = response.status;
    let (call_text, message) = (call.to_string(), body.sentence(status));
    match status.as_u16() {
        401 => GithubError::Unauthorized { call: call_text, message },
        403 if message.to_ascii_lowercase().contains("suspended") => {
            GithubError::Suspended { call: call_text, installation }
        }
        403 => GithubError::Forbidden {
            call: call_text,
            message,
            needed_permissions: response.header("x-accepted-github-permissions").and_then(permissions_in_words),
        },
        404 => GithubError::NotFound { call: call_text, message },
        405 => GithubError::NotAllowed { call: call_text, message },
        409 => GithubError::Conflict { call: call_text, message },
        410 => GithubError::Gone { call: call_text, message },
        422 => GithubError::Validation {
            call: call_text,
            message,
            errors: body.errors.iter().map(ToString::to_string).collect(),
        },
        code @ 500.. => GithubError::Server { call: call_text, status: code, message, ambiguous: call.writes() },
        code => GithubError::Unexpected { call: call_text, status: code, message },
    }
}

/// `issues=write,contents=read; checks=write` as "`issues: write` and `contents: read`, or `checks: write`"
/// (<https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#insufficient-permissions-errors>).
fn permissions_in_words(header: &str) -> Option<String> {
    let sets = header.split(';').map(|set| {
        let names = set.split(',').map(str::trim).filter(|name| !name.is_empty());
        names.map(|name| format!("`{}`", name.replacen('=', ": ", 1))).collect::<Vec<_>>().join(" and ")
    });
    let words = sets.filter(|set| !set.is_empty()).collect::<Vec<_>>().join(", or ");
    (!words.is_empty()).then_some(words)
}

fn permission_sentence(needed: Option<&str>) -> String {
    needed.map_or_else(String::new, |needed| {
        format!(" (the App needs the permission {needed}; an owner grants it in the App's settings)")
    })
}

fn installation_number(installation: Option<InstallationId>) -> String {
    installation.map_or_else(String::new, |id| format!(" {id}"))
}

fn list(errors: &[String]) -> String {
    if errors.is_empty() { String::new() } else { format!(" ({})", errors.join("; ")) }
}
