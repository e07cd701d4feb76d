//! Hidden markers by which we find our own comments and issues again.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// Stands at the end of every card; an HTML comment, which GitHub does not show.
pub const CARD_MARKER: &str = "<!-- stationmaster:card -->";

/// The marker of whatever an action of this key has written. The key itself could hold what closes a comment, so its
/// digest stands there.
#[must_use]
pub fn marker_of(key: &str) -> String {
    let digest = Sha256::digest(key.as_bytes());
    let mut marker = "<!-- stationmaster:".to_owned();
    for byte in digest.iter().take(16) {
        // Writing to a String cannot fail.
        let _ = write!(marker, "{byte:02x}");
    }
    marker.push_str(" -->");
    marker
}

/// GitHub refuses a comment of more characters.
const COMMENT_MAX_CHARS: usize = 65_536;

/// A text with its marker at the end, cut so that both fit into a comment.
pub(super) fn marked(text: &str, marker: &str) -> String {
    let cut = "\n\n… (cut)";
    let room = COMMENT_MAX_CHARS - marker.len() - 2;
    if text.chars().count() <= room {
        return format!("{text}\n\n{marker}");
    }
    let head: String = text.chars().take(room - cut.chars().count()).collect();
    format!("{head}{cut}\n\n{marker}")
}
