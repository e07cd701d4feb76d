//! Foreign text within sentences of ours: what somebody else wrote must not format, mention or close anything.

use crate::model::Timestamp;

/// What can stand in a code span, inside a table too.
#[must_use]
pub fn code(value: &str) -> String {
    value.chars().map(|c| if c.is_control() || matches!(c, '`' | '|') { ' ' } else { c }).collect()
}

/// The same on one line of at most so many characters.
#[must_use]
pub fn short_code(value: &str, most_chars: usize) -> String {
    let line = value.lines().next().unwrap_or_default();
    if line.chars().count() <= most_chars {
        return code(line);
    }
    let head: String = line.chars().take(most_chars.saturating_sub(1)).collect();
    format!("{}…", code(head.trim_end()))
}

/// A link where the address is one that a link can hold, else the text alone. The text stands as code.
#[must_use]
pub fn linked_code(text: &str, url: Option<&str>) -> String {
    let text = code(text);
    let good = |url: &&str| {
        (url.starts_with("https://") || url.starts_with("http://"))
            && !url.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '(' | ')' | '<' | '>' | '\\'))
    };
    match url.filter(good) {
        Some(url) => format!("[`{text}`]({url})"),
        None => format!("`{text}`"),
    }
}

/// The most characters of one sentence on a card: a fault may quote a whole file.
const CELL_CHARS: usize = 600;

/// What can stand in a table's cell or a list's item: on one line, opening no block, and calling nobody by an `@`.
#[must_use]
pub fn cell(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in one_line(text).chars().take(CELL_CHARS) {
        match c {
            '|' => escaped.push_str("\\|"),
            '<' => escaped.push_str("&lt;"),
            '@' => escaped.push_str("@\u{200b}"),
            other => escaped.push(other),
        }
    }
    if text.chars().count() > CELL_CHARS {
        escaped.push('…');
    }
    escaped
}

/// The text without breaks and other control characters.
#[must_use]
pub fn one_line(text: &str) -> String {
    text.split(char::is_control).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A moment as people read it, in UTC.
#[must_use]
pub fn moment(at: Timestamp) -> String {
    at.to_utc().format("%Y-%m-%d %H:%M UTC").to_string()
}
