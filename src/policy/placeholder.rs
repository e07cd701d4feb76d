//! What can stand between braces in texts that a deploy target is told.

use std::ops::Range;

use toml::Spanned;

use super::fault::Complaint;
use super::reader::{Document, nearest};
use super::rule::within;

/// The words that are filled in for each deployment: `{tag}` and so on.
pub const PLACEHOLDERS: [&str; 6] = ["tag", "version", "sha", "environment", "deployment", "previous"];

/// Every `{word}` of a text, with its place. Braces around anything else, as in JSON, are text.
fn words(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    text.match_indices('{').filter_map(move |(start, _)| {
        let (word, _) = text.get(start + 1..)?.split_once('}')?;
        (!word.is_empty() && word.chars().all(good)).then(|| (start..start + word.len() + 2, word))
    })
}

/// Notes every `{word}` that stands for nothing.
pub(super) fn check_placeholders(document: &Document<'_>, text: &Spanned<&str>) {
    for (part, word) in words(text.get_ref()).filter(|(_, word)| !PLACEHOLDERS.contains(word)) {
        let help = match nearest(word, &PLACEHOLDERS) {
            Some(near) => format!("did you mean `{{{near}}}`?"),
            None => format!("remove `{{{word}}}`"),
        };
        let span = within(document, text, part).unwrap_or_else(|| text.span());
        let expected = format!("one of {}", listed());
        document.fault(span, Complaint::new(format!("`{{{word}}}` stands for nothing"), expected, help));
    }
}

/// Notes a `{word}` where none is filled in; `help` says what to do instead.
pub(super) fn refuse_placeholders(document: &Document<'_>, text: &Spanned<&str>, help: &str) -> bool {
    let Some((part, word)) = words(text.get_ref()).next() else { return false };
    let span = within(document, text, part).unwrap_or_else(|| text.span());
    let message = format!("`{{{word}}}` is not filled in here");
    document.fault(span, Complaint::new(message, "text without placeholders", help));
    true
}

/// The text with a digit for each placeholder, to see what it becomes.
pub(super) fn sample(text: &str) -> String {
    PLACEHOLDERS.iter().fold(text.to_owned(), |text, word| text.replace(&format!("{{{word}}}"), "1"))
}

fn listed() -> String {
    PLACEHOLDERS.map(|word| format!("`{{{word}}}`")).join(", ")
}
