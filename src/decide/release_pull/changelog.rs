//! The changelog: one section for each version, the newest on top, everything else as people wrote it.

use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag};
use semver::Version;

use super::sheet::BYTE_ORDER_MARK;

/// What a version's section says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Section<'a> {
    /// The version that it is of.
    pub(super) version: &'a Version,
    /// What stands before the number in a tag.
    pub(super) prefix: &'a str,
    /// What stands in the headline: the tag, and the date.
    pub(super) headline: &'a str,
    /// The notes, in Markdown.
    pub(super) notes: &'a str,
}

/// The changelog with this section: in place of the same version's where there is one, else below the preamble and
/// what is unreleased, above the version that was the newest. Without a changelog, a new one.
pub(super) fn with_section(text: Option<&str>, section: Section<'_>) -> String {
    let whole = text.unwrap_or_default();
    let bare = whole.strip_prefix(BYTE_ORDER_MARK);
    let text = bare.unwrap_or(whole);
    let written = if text.trim().is_empty() {
        let eol = line_ending(text);
        format!("# Changelog{eol}{eol}{}{eol}", block(section, eol))
    } else {
        insert(text, section)
    };
    if bare.is_some() { format!("{BYTE_ORDER_MARK}{written}") } else { written }
}

fn insert(text: &str, section: Section<'_>) -> String {
    let eol = line_ending(text);
    let place = place(text, section);
    let (before, after) = (text.get(..place.start).unwrap_or(text), text.get(place.end..).unwrap_or_default());
    let mut written = before.to_owned();
    let body = before.trim_end_matches(['\r', '\n']);
    let newlines = before.get(body.len()..).unwrap_or_default().matches('\n').count();
    if !body.is_empty() {
        (newlines..2).for_each(|_| written.push_str(eol));
    }
    written.push_str(&block(section, eol));
    if !after.is_empty() {
        written.push_str(eol);
        written.push_str(eol);
    } else if text.ends_with('\n') {
        written.push_str(eol);
    }
    written.push_str(after);
    written
}

fn line_ending(text: &str) -> &'static str {
    if text.find('\n').is_some_and(|at| text.get(..at).is_some_and(|line| line.ends_with('\r'))) {
        "\r\n"
    } else {
        "\n"
    }
}

/// The section's own text, without a newline at its end.
fn block(section: Section<'_>, eol: &str) -> String {
    let notes = section.notes.replace("\r\n", "\n");
    let text = format!("## {}\n\n{}", section.headline, below_headline(notes.trim()));
    text.trim_end().replace('\n', eol)
}

/// The notes with headlines small enough to stand below that of the version, so that the section ends where they do.
fn below_headline(notes: &str) -> String {
    let mut found = headings(notes);
    let highest = found.iter().map(|heading| heading.level).min().unwrap_or(3);
    found.reverse();
    let mut text = notes.to_owned();
    // One that is underlined has no marks that could be added to.
    for heading in found.into_iter().filter(|heading| notes.get(heading.start..).is_some_and(|it| it.starts_with('#')))
    {
        let more = 3_usize.saturating_sub(highest).min(6 - heading.level);
        text.insert_str(heading.start, &"#".repeat(more));
    }
    text
}

/// A headline outside of lists, quotes and code.
#[derive(Debug)]
struct Heading {
    start: usize,
    level: usize,
    text: String,
}

fn headings(text: &str) -> Vec<Heading> {
    let mut found: Vec<Heading> = Vec::new();
    let mut depth = 0_usize;
    let mut inside = false;
    for (event, range) in Parser::new(text).into_offset_iter() {
        if let Event::Start(tag) = &event {
            if let Tag::Heading { level, .. } = tag
                && depth == 0
            {
                found.push(Heading { start: range.start, level: number(*level), text: String::new() });
                inside = true;
            }
            depth += 1;
        } else if let Event::End(_) = &event {
            depth = depth.saturating_sub(1);
            inside &= depth > 0;
        } else if let (true, Event::Text(part) | Event::Code(part)) = (inside, &event)
            && let Some(heading) = found.last_mut()
        {
            heading.text.push_str(part);
        }
    }
    found
}

const fn number(level: HeadingLevel) -> usize {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

/// Where the section goes: the place of the same version's, or an empty place.
fn place(text: &str, section: Section<'_>) -> Range<usize> {
    let headings = headings(text);
    let entry = |heading: &Heading| version_in(heading, section.prefix).is_some();
    let same = |heading: &Heading| {
        version_in(heading, section.prefix).and_then(|number| Version::parse(number).ok()).as_ref()
            == Some(section.version)
    };
    // A section ends at the next of its own rank or above, and at the next version of whatever rank: some tools write
    // small versions with smaller headlines.
    let end_of = |index: usize| {
        let level = headings.get(index).map_or(0, |heading| heading.level);
        let next = headings.iter().skip(index + 1).find(|heading| heading.level <= level || entry(heading));
        next.map_or_else(|| foot(text), |heading| start_of(text, heading))
    };
    if let Some(index) = headings.iter().position(same) {
        let start = headings.get(index).map_or(0, |heading| line_start(text, heading.start));
        return start..end_of(index);
    }
    let newest = headings.iter().position(entry);
    let unreleased = headings.iter().position(is_unreleased).filter(|at| newest.is_none_or(|newest| *at < newest));
    let at = match (unreleased, newest.and_then(|newest| headings.get(newest))) {
        (Some(unreleased), _) => end_of(unreleased),
        (None, Some(newest)) => start_of(text, newest),
        (None, None) => foot(text),
    };
    at..at
}

fn is_unreleased(heading: &Heading) -> bool {
    let text = heading.text.trim_start_matches(|c: char| c == '[' || c.is_whitespace());
    text.get(..10).is_some_and(|word| word.eq_ignore_ascii_case("unreleased"))
}

/// The number that a version's headline begins with: `1.2.0` of `[1.2.0] - 2026-11-21`, `v1.2.0 (2026-11-21)` or
/// `Version 1.2.0`. A number with words after it, such as `3 rules for this file`, is none.
fn version_in<'h>(heading: &'h Heading, prefix: &str) -> Option<&'h str> {
    let text = heading.text.trim().trim_start_matches('[');
    let word =
        text.get(..8).is_some_and(|word| ["version ", "release "].iter().any(|it| word.eq_ignore_ascii_case(it)));
    let text = if word { text.get(8..).unwrap_or_default().trim_start() } else { text };
    let text = text.strip_prefix(prefix).or_else(|| text.strip_prefix(['v', 'V'])).unwrap_or(text);
    // Without a prefix in the settings there may be one in the changelog all the same.
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '+' | '-')).unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    let rest = rest.trim_start_matches(']').trim_start();
    if !number.starts_with(|c: char| c.is_ascii_digit()) || rest.starts_with(char::is_alphabetic) {
        return None;
    }
    (heading.level <= 2 || (heading.level == 3 && Version::parse(number).is_ok())).then_some(number)
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
}

/// Where a headline begins, with the anchor for links that some tools write on the line before.
fn start_of(text: &str, heading: &Heading) -> usize {
    let start = line_start(text, heading.start);
    let before = line_start(text, start.saturating_sub(1));
    let anchored = text.get(before..start).is_some_and(|line| line.starts_with("<a "));
    if anchored { before } else { start }
}

/// Where the addresses of links begin that stand at a changelog's end, or its end where there are none.
fn foot(text: &str) -> usize {
    let mut at = text.len();
    let mut foot = at;
    for line in text.split_inclusive('\n').rev() {
        at -= line.len();
        if line.starts_with('[') && line.contains("]: ") {
            foot = at;
        } else if !line.trim().is_empty() {
            break;
        }
    }
    foot
}
