//! Makes plain text of what a model said: nothing in it mentions, commands, links, formats or shows anything.

use serde::Deserialize;

use crate::model::TaskType;

/// Remarks are cut after so many characters.
const TEXT_CHARS: usize = 4_000;
/// And after so many lines.
const LINES: usize = 60;
/// A reason is cut after so many characters.
const REASON_CHARS: usize = 300;

/// The same as plain text, short enough to be read; empty where nothing is left.
#[must_use]
pub fn plain(text: &str) -> String {
    let text = without_tags(text);
    let lines = text.lines().map(line).collect::<Vec<_>>();
    let mut out = String::new();
    for (place, line) in lines.iter().enumerate() {
        let is_second_blank = line.is_empty() && (out.is_empty() || out.ends_with("\n\n"));
        if is_second_blank {
            continue;
        }
        if place >= LINES || out.chars().count() + line.chars().count() > TEXT_CHARS {
            out.extend(line.chars().take(TEXT_CHARS.saturating_sub(out.chars().count())));
            out.push('…');
            break;
        }
        out.push_str(line);
        out.push('\n');
    }
    out.trim().to_owned()
}

/// What a model answered to the question for a type: one of `types`, and a reason. `None` for everything else.
#[must_use]
pub fn type_said(text: &str, types: &[String]) -> Option<(TaskType, String)> {
    #[derive(Deserialize)]
    struct Said {
        #[serde(rename = "type")]
        task_type: String,
        #[serde(default)]
        reason: String,
    }
    let (from, to) = (text.find('{')?, text.rfind('}')?);
    let said: Said = serde_json::from_str(text.get(from..=to)?).ok()?;
    let wanted = said.task_type.trim().trim_start_matches("type/");
    let known = types.iter().find(|known| known.eq_ignore_ascii_case(wanted))?;
    let reason: String = plain(&said.reason).replace('\n', " ").chars().take(REASON_CHARS).collect();
    let reason = if reason.is_empty() { "it gave no reason".to_owned() } else { reason };
    Some((TaskType::new(known), reason))
}

/// Without HTML tags and comments, and without images; what a link says stays, where it leads does not.
fn without_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        let (before, tag) = rest.split_at(open);
        out.push_str(before);
        let looks_like_one =
            tag.chars().nth(1).is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        let end =
            if tag.starts_with("<!--") { tag.find("-->").map(|end| end + 3) } else { tag.find('>').map(|end| end + 1) };
        if let Some(end) = end.filter(|_| looks_like_one) {
            rest = tag.get(end..).unwrap_or_default();
        } else {
            out.push('‹');
            rest = tag.get(1..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    without_links(&out)
}

/// `[text](address)` becomes its text, `![text](address)` nothing.
fn without_links(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(middle) = rest.find("](") {
        let (before, after) = rest.split_at(middle);
        let (Some(open), Some(close)) = (before.rfind('['), after.find(')')) else {
            out.push_str(before);
            rest = after.get(1..).unwrap_or_default();
            continue;
        };
        let (lead, words) = before.split_at(open);
        if let Some(lead) = lead.strip_suffix('!') {
            out.push_str(lead);
        } else {
            out.push_str(lead);
            out.push_str(words.trim_start_matches('['));
        }
        rest = after.get(close + 1..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// One line: no bare addresses, no control and no reordering characters, and no sign that means something to GitHub.
fn line(line: &str) -> String {
    let words: Vec<String> =
        line.split(' ').map(|word| if is_address(word) { "(link)".to_owned() } else { word.to_owned() }).collect();
    let joined = words.join(" ");
    let mut out = String::with_capacity(joined.len());
    for c in joined.trim_end().chars() {
        match c {
            // Zero-width and bidirectional signs hide what a text says.
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => {}
            c if c.is_control() => out.push(' '),
            '@' => out.push_str("@\u{200b}"),
            '#' => out.push_str("#\u{200b}"),
            // At the beginning of a line it could be a command.
            '/' if out.trim().is_empty() => out.push('∕'),
            '`' | '|' | '[' | ']' | '*' | '_' | '~' | '\\' | '!' | '>' | '<' | '$' | '&' => {
                out.push('\\');
                out.push(c);
            }
            other => out.push(other),
        }
    }
    out.trim().to_owned()
}

fn is_address(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    word.contains("://") || word.contains("www.") || word.contains("mailto:")
}
