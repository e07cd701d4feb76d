//! Foreign text within sentences of ours: what somebody else wrote must not format, mention or close anything.

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
