//! Moments and spans of time as people read them.

use crate::model::Timestamp;

/// A moment: how long ago or ahead it is, and exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct When {
    /// Such as `3 min ago` or `in 2 h`.
    pub(super) words: String,
    /// For machines, as RFC 3339 has it.
    pub(super) iso: String,
    /// For people who point at it, in UTC.
    pub(super) exact: String,
}

impl When {
    pub(super) fn new(at: Timestamp, now: Timestamp) -> Self {
        let ms = now.since_ms(at);
        let words = match ms {
            -999..=999 => "now".to_owned(),
            past if past > 0 => format!("{} ago", span(past)),
            ahead => format!("in {}", span(-ahead)),
        };
        let iso = at.to_string();
        let exact =
            iso.replace('T', " ").trim_end_matches('Z').split('.').next().unwrap_or_default().to_owned() + " UTC";
        Self { words, iso, exact }
    }
}

/// A span of time in its largest unit that fits: `45 s`, `12 min`, `3 h`, `5 d`.
pub(super) fn span(ms: i64) -> String {
    let s = ms / 1000;
    match s {
        ..60 => format!("{s} s"),
        60..3600 => format!("{} min", s / 60),
        3600..172_800 => format!("{} h", s / 3600),
        _ => format!("{} d", s / 86_400),
    }
}
