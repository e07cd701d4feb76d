//! Where in a comment a command can stand: top-level paragraphs, without what is code, link or HTML in them.

use std::collections::HashMap;
use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag};

/// A comment's text, sorted into where commands can stand and where not.
pub(super) struct Places {
    /// The paragraphs that stand in nothing else, in order.
    pub(super) paragraphs: Vec<Range<usize>>,
    /// What is not meant for us within them, in order and apart from each other.
    covered: Vec<Range<usize>>,
}

impl Places {
    pub(super) fn of(text: &str) -> Self {
        let mut paragraphs = Vec::new();
        let mut covered = Vec::new();
        let mut tags = OpenTags::default();
        let mut depth = 0_usize;
        for (event, range) in Parser::new_ext(text, github_options()).into_offset_iter() {
            match event {
                Event::Start(tag) => {
                    // Emphasis is still said; what other blocks hold stands deeper than the top.
                    if tag == Tag::Paragraph && depth == 0 {
                        paragraphs.push(range);
                    } else if tag == Tag::HtmlBlock {
                        tags.read(text, range, &mut covered);
                    } else if matches!(tag, Tag::Link { .. } | Tag::Image { .. } | Tag::Strikethrough) {
                        covered.push(range);
                    }
                    depth += 1;
                }
                Event::End(_) => depth = depth.saturating_sub(1),
                Event::Code(_) | Event::InlineMath(_) | Event::DisplayMath(_) => covered.push(range),
                Event::InlineHtml(_) => {
                    covered.push(range.clone());
                    tags.read(text, range, &mut covered);
                }
                Event::Text(_)
                | Event::Html(_)
                | Event::FootnoteReference(_)
                | Event::SoftBreak
                | Event::HardBreak
                | Event::Rule
                | Event::TaskListMarker(_) => {}
            }
        }
        Self { paragraphs, covered: joined(covered) }
    }

    /// Whether what stands at this byte is not meant for us.
    pub(super) fn covers(&self, at: usize) -> bool {
        let after = self.covered.partition_point(|range| range.start <= at);
        after.checked_sub(1).is_some_and(|last| at < self.covered[last].end)
    }
}

/// What GitHub's Markdown knows beyond `CommonMark`, as far as it decides what is a paragraph.
fn github_options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_MATH
        | Options::ENABLE_GFM
}

fn joined(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            Some(_) | None => joined.push(range),
        }
    }
    joined
}

/// HTML elements that were opened. A paragraph between `<details>` and `</details>` is one of its own to `CommonMark`,
/// and inside an element to whoever reads it. An element that is never closed covers nothing.
#[derive(Default)]
struct OpenTags(HashMap<String, Vec<usize>>);

impl OpenTags {
    fn read(&mut self, text: &str, range: Range<usize>, covered: &mut Vec<Range<usize>>) {
        let mut at = range.start;
        while let Some(start) = text[at..range.end].find('<').map(|length| at + length) {
            let inside = &text[start + 1..range.end];
            if let Some(comment) = inside.strip_prefix("!--") {
                let Some(length) = comment.find("-->") else { return };
                at = start + 4 + length + 3;
                continue;
            }
            let (closes, name) = tag_name(inside);
            at = start + 1;
            if name.is_empty() {
                continue;
            }
            at += tag_length(inside);
            let name = name.to_ascii_lowercase();
            if !closes {
                self.0.entry(name).or_default().push(start);
            } else if let Some(opened) = self.0.get_mut(&name).and_then(Vec::pop) {
                covered.push(opened..at);
            }
        }
    }
}

fn tag_name(inside: &str) -> (bool, &str) {
    let (closes, rest) = inside.strip_prefix('/').map_or((false, inside), |rest| (true, rest));
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(rest.len());
    (closes, &rest[..end])
}

/// Up to and with the bracket that ends the tag; one within an attribute's quotation marks does not.
fn tag_length(inside: &str) -> usize {
    let mut quote = None;
    for (at, byte) in inside.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            (None | Some(_), _) => {}
        }
    }
    inside.len()
}
