//! Sentences of ours and other people's, in which what stands between backticks is shown as code.

/// A part of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) is_code: bool,
}

/// The parts of a sentence, in their order; a backtick without another one is shown as it is.
pub(super) fn pieces(sentence: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = sentence;
    let mut push = |text: &str, is_code| {
        if !text.is_empty() {
            pieces.push(Piece { text: text.to_owned(), is_code });
        }
    };
    while let Some((before, behind)) = rest.split_once('`') {
        let Some((code, after)) = behind.split_once('`') else { break };
        push(before, false);
        push(code, true);
        rest = after;
    }
    push(rest, false);
    pieces
}

/// An address that a page may lead to: other schemes than the web's are none.
pub(super) fn web_address(address: &str) -> Option<String> {
    let is_web = ["https://", "http://"].iter().any(|scheme| address.starts_with(scheme));
    is_web.then(|| address.to_owned())
}

#[cfg(test)]
mod tests;
