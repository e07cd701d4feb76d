//! Why a message was not sent, in the kinds that the caller treats differently.

use crate::model::Timestamp;

/// Why a message was not sent.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// The server wants fewer requests; none may be made before `until`.
    #[error("ntfy {} until {until}", if *.daily { "takes no more messages today, paused" } else { "limits our requests, paused" })]
    Limited {
        /// When to try again.
        until: Timestamp,
        /// Whether the day's quota is used up, rather than the rate too high.
        daily: bool,
    },
    /// No connection, no answer in time, or an answer that broke off: the message may have been published.
    #[error("ntfy cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// No answer came in time, or nothing more on a connection on which something has to come.
    #[error("ntfy says nothing")]
    Silent,
    /// The server, or a proxy before it, failed with this status: the message may have been published.
    #[error("ntfy failed with status {0}")]
    Server(u16),
    /// The answer was a success but not one of ntfy's, as from a captive portal.
    #[error("what answered does not speak as ntfy does")]
    NotNtfy,
    /// The server refused the message, and will refuse it again.
    #[error("ntfy refused with status {http}{}: {error}", .code.map(|code| format!(" ({code})")).unwrap_or_default())]
    Refused {
        /// ntfy's own number (<https://github.com/binwiederhier/ntfy/blob/main/server/errors.go>), where it gave one.
        code: Option<u32>,
        /// The HTTP status.
        http: u16,
        /// The server's sentence.
        error: String,
    },
    /// What cannot be cut is too long for one message of ntfy.
    #[error("the message is too long for ntfy, whatever is cut")]
    TooLong,
    /// Neither the message nor the configuration names a topic.
    #[error("no ntfy topic is configured")]
    NoTopic,
}

/// What to do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Try again after a while, having looked whether it was published after all.
    Retry,
    /// Try again at this time; it was not published.
    Wait(Timestamp),
    /// Trying again is of no use.
    GiveUp,
}

const UNAUTHORIZED: u16 = 401;
const FORBIDDEN: u16 = 403;

impl NotifyError {
    /// Whether the server does not accept the token, or does not let it do that.
    #[must_use]
    pub const fn is_of_token(&self) -> bool {
        matches!(self, Self::Refused { http: UNAUTHORIZED | FORBIDDEN, .. })
    }

    /// What to do about it.
    #[must_use]
    pub const fn next(&self) -> Next {
        match self {
            Self::Limited { until, .. } => Next::Wait(*until),
            Self::Unreachable(_) | Self::Silent | Self::Server(_) | Self::NotNtfy => Next::Retry,
            Self::Refused { .. } | Self::TooLong | Self::NoTopic => Next::GiveUp,
        }
    }
}

impl From<reqwest::Error> for NotifyError {
    /// Without the URL, since on a public server the topic in it is as good as a password.
    fn from(error: reqwest::Error) -> Self {
        Self::Unreachable(error.without_url())
    }
}
