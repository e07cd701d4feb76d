//! Sentences of decisions, in which code stands between backticks as on GitHub.

/// A part of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    /// It stood between backticks.
    pub(super) code: bool,
}

/// A sentence in pieces. A backtick without a partner is a letter like any other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Words(pub(super) Vec<Piece>);

impl Words {
    pub(super) fn new(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, code, after)) = next_code(rest) {
            push(&mut pieces, before, false);
            push(&mut pieces, code, true);
            rest = after;
        }
        push(&mut pieces, rest, false);
        Self(pieces)
    }
}

fn next_code(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('`')?;
    let (code, after) = rest.split_once('`')?;
    Some((before, code, after))
}

fn push(pieces: &mut Vec<Piece>, text: &str, code: bool) {
    if !text.is_empty() {
        pieces.push(Piece { text: text.to_owned(), code });
    }
}

/// An address that a link may lead to; it is whatever somebody has sent.
pub(super) fn web_address(url: &str) -> Option<String> {
    let known = url.starts_with("https://") || url.starts_with("http://");
    known.then(|| url.to_owned())
}
