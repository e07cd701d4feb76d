//! Shorter forms of what people wrote, for titles and for lines of a history.

use crate::decide::quote::one_line;

/// So much of a text stands in a line of a task's history.
const LINE_MAX_CHARS: usize = 160;

/// The text on one line, cut where it is long.
pub(super) fn line(text: &str) -> String {
    cut(&one_line(text), LINE_MAX_CHARS)
}

/// `: why` where there is a reason.
pub(super) fn because(why: Option<&str>) -> String {
    why.map(line).filter(|why| !why.is_empty()).map(|why| format!(": {why}")).unwrap_or_default()
}

/// The first sentence of a text without its end, cut where it is long.
pub(super) fn headline(text: &str, max_chars: usize) -> String {
    let first = text.trim().lines().next().unwrap_or_default();
    let ends = [". ", "! ", "? "].into_iter().filter_map(|end| first.find(end).map(|at| at + 1));
    let sentence = ends.min().map_or(first, |end| &first[..end]);
    cut(&one_line(sentence.trim_end_matches('.')), max_chars)
}

fn cut(line: &str, max_chars: usize) -> String {
    if line.chars().count() <= max_chars {
        return line.to_owned();
    }
    let head: String = line.chars().take(max_chars.saturating_sub(1)).collect();
    format!("{}…", head.trim_end())
}
