//! Slash-commands in a comment: lines of its top-level paragraphs that begin with a slash and a name.

mod arguments;
mod place;

use std::ops::Range;

use crate::model::Command;
use place::Places;

/// GitHub takes a line that is indented further for code.
const INDENT_MAX: usize = 3;
/// No command of ours comes near it.
const NAME_MAX_CHARS: usize = 40;

/// Every command in the text of a comment, in order.
///
/// What stands in code, quotes, HTML, lists, tables, headings or links is not meant for us; which that is, a `CommonMark`
/// parser decides (<https://github.github.com/gfm/>), because that is how people saw it when they sent it.
#[must_use]
pub fn parse(text: &str) -> Vec<Command> {
    if let Some(command) = in_code(text) {
        return vec![command];
    }
    // Most comments hold no slash at the beginning of a line, and need no parser.
    if !lines(text, 0..text.len()).any(|line| named(&text[line]).is_some()) {
        return Vec::new();
    }
    let places = Places::of(text);
    let mut found: Vec<(Range<usize>, &str)> = Vec::new();
    for paragraph in &places.paragraphs {
        for line in lines(text, paragraph.clone()) {
            let Some(name) = named(&text[line.clone()]) else { continue };
            let slash = line.start + indent(&text[line.clone()]);
            if !places.covers(slash) {
                found.push((line, name));
            }
        }
    }
    let ends: Vec<usize> = found.iter().skip(1).map(|(next, _)| next.start).chain([text.len()]).collect();
    found.into_iter().zip(ends).map(|((line, name), end)| command(text, line, name, end)).collect()
}

fn command(text: &str, line: Range<usize>, name: &str, end: usize) -> Command {
    let body = &text[line.end..end];
    let line = text[line].trim();
    Command {
        line: line.to_owned(),
        name: name.to_ascii_lowercase(),
        arguments: arguments::read(&line[1 + name.len()..]),
        body: trim_empty_lines(body).to_owned(),
        in_code: false,
    }
}

/// A text that is nothing but a command in backticks: whoever shows how it is written writes more around it.
fn in_code(text: &str) -> Option<Command> {
    let line = text.trim();
    let inner = line.trim_start_matches('`');
    let ticks = &line[..line.len() - inner.len()];
    let inner = inner.strip_suffix(ticks)?.trim();
    // What goes over several lines is a block, and shows something.
    if ticks.is_empty() || line.contains(['\n', '\r']) || inner.contains('`') {
        return None;
    }
    let name = named(inner)?;
    let command = command(inner, 0..inner.len(), name, inner.len());
    Some(Command { line: line.to_owned(), in_code: true, ..command })
}

fn indent(line: &str) -> usize {
    line.bytes().take_while(|byte| *byte == b' ').count()
}

/// The name of the command on this line. `/usr/bin` and `/50%` are none.
fn named(line: &str) -> Option<&str> {
    let indent = indent(line);
    if indent > INDENT_MAX {
        return None;
    }
    let rest = line[indent..].strip_prefix('/')?;
    let name = rest.split(char::is_whitespace).next().unwrap_or_default();
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
    let good = name.len() <= NAME_MAX_CHARS && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (begins && good).then_some(name)
}

/// The lines that overlap `part`, whole, without their ends; a line ends with LF, CR or both, as in `CommonMark`.
fn lines(text: &str, part: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let is_end = |c: char| matches!(c, '\n' | '\r');
    let mut start = text[..part.start].rfind(is_end).map_or(0, |at| at + 1);
    std::iter::from_fn(move || {
        if start >= part.end {
            return None;
        }
        let end = text[start..].find(is_end).map_or(text.len(), |length| start + length);
        let line = start..end;
        let two = text[end..].starts_with("\r\n");
        start = end + if two { 2 } else { 1 };
        Some(line)
    })
}

/// Leaves the indentation of the first line that says something: it may be code.
fn trim_empty_lines(text: &str) -> &str {
    let said = text.len() - text.trim_start().len();
    let start = text[..said].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    text[start.min(text.len())..].trim_end()
}
