//! Foreign text in release notes: it must not call anybody, format anything or break out of its line.

/// Between an `@` and a name it is invisible, and no mention any more.
const ZERO_WIDTH_SPACE: char = '\u{200b}';
/// Titles are cut at so many characters.
const TITLE_CHARS: usize = 250;

/// A title as one line of Markdown that shows it as it is. Code spans stay code, `#12` still leads to its issue.
pub(super) fn title(raw: &str) -> String {
    let line = one_line(raw);
    let mut out = String::with_capacity(line.len() + 8);
    let mut rest = line.as_str();
    let mut before = None;
    escape_marker(&mut rest, &mut out);
    while let Some(sign) = rest.chars().next() {
        if let Some(length) = code_span(rest) {
            let (span, after) = rest.split_at(length);
            calm(span, &mut out);
            (rest, before) = (after, Some('`'));
            continue;
        }
        let after = rest.get(sign.len_utf8()..).unwrap_or_default();
        if needs_escape(sign, before, after.chars().next()) {
            out.push('\\');
        }
        out.push(sign);
        if sign == '@' {
            out.push(ZERO_WIDTH_SPACE);
        }
        (rest, before) = (after, Some(sign));
    }
    out
}

/// One line of at most [`TITLE_CHARS`] characters, without what cannot be seen.
fn one_line(raw: &str) -> String {
    let unseen = |c: char| {
        c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let line: String = raw.trim().chars().map(|c| if unseen(c) { ' ' } else { c }).collect();
    let line = line.trim();
    if line.chars().count() <= TITLE_CHARS {
        return line.to_owned();
    }
    let head: String = line.chars().take(TITLE_CHARS - 1).collect();
    format!("{}…", head.trim_end())
}

/// What would begin a heading or another list, at the beginning of a list's item.
fn escape_marker(rest: &mut &str, out: &mut String) {
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, after) = rest.split_at(digits);
    let spaced = |behind: &str| behind.is_empty() || behind.starts_with(' ');
    let ordered = digits > 0 && after.strip_prefix(['.', ')']).is_some_and(spaced);
    let heading = after.starts_with('#') && spaced(after.trim_start_matches('#'));
    if ordered || digits == 0 && (heading || after.starts_with(['+', '-', '='])) {
        out.push_str(number);
        out.push('\\');
        out.extend(after.chars().next());
        *rest = after.get(1..).unwrap_or_default();
    }
}

fn needs_escape(sign: char, before: Option<char>, after: Option<char>) -> bool {
    let in_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    match sign {
        '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '~' | '|' | '$' => true,
        '_' => !(in_word(before) && in_word(after)),
        '&' => in_word(after) || after == Some('#'),
        _ => false,
    }
}

/// How many bytes at the beginning are a code span, which ends with as many backticks as it begins with.
fn code_span(text: &str) -> Option<usize> {
    let ticks = text.len() - text.trim_start_matches('`').len();
    if ticks == 0 {
        return None;
    }
    let mut end = ticks;
    while let Some(rest) = text.get(end..).filter(|rest| !rest.is_empty()) {
        let closing = rest.len() - rest.trim_start_matches('`').len();
        if closing == ticks {
            return Some(end + closing);
        }
        end += if closing > 0 { closing } else { rest.chars().next().map_or(1, char::len_utf8) };
    }
    None
}

/// Takes the call out of mentions.
fn calm(text: &str, out: &mut String) {
    for sign in text.chars() {
        out.push(sign);
        if sign == '@' {
            out.push(ZERO_WIDTH_SPACE);
        }
    }
}

/// An address that a Markdown link can hold; `None` for one that would break out of it.
pub(super) fn address(url: &str) -> Option<&str> {
    let good = url.starts_with("https://") || url.starts_with("http://");
    let breaks_out = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '(' | ')' | '<' | '>' | '\\' | '@');
    (good && !url.chars().any(breaks_out)).then_some(url)
}

/// A link where there is an address for it, else its text alone. The text is Markdown already.
pub(super) fn link(text: &str, url: Option<&str>) -> String {
    match url.and_then(address) {
        Some(url) => format!("[{text}]({url})"),
        None => text.to_owned(),
    }
}

/// A part of an address: what is not plain in one is written by its number.
pub(super) fn path_part(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for byte in raw.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            out.push(char::from(byte));
        } else {
            out.extend(["%", &format!("{byte:02X}")]);
        }
    }
    out
}
