//! What a table looks like on a terminal and in a pipe.

use super::{Listing, Style};

fn shown(style: Style, width: Option<u16>) -> String {
    let mut listing = Listing::styled(&["task", "title"], style, width);
    listing.add_row(["octo/station#1", "Set the distant signal back to caution once the train has passed"]);
    listing.to_string()
}

#[test]
fn a_piped_table_is_plain_and_has_a_line_for_each_row() {
    let text = shown(Style::Plain, Some(30));
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.is_ascii() && !text.contains('|'), "{text}");
}

#[test]
fn a_table_on_a_terminal_has_borders_a_bold_header_and_keeps_to_the_width() {
    let text = shown(Style::Bordered { bold: true }, Some(50));
    assert!(text.contains("\u{1b}[1m│ task") && text.contains('┌'), "{text}");
    assert_eq!(text.matches("\u{1b}[1m").count(), 1, "{text}");
    for line in text.replace("\u{1b}[1m", "").replace("\u{1b}[0m", "").lines() {
        assert!(line.chars().count() <= 50, "{line}");
    }
}

#[test]
fn without_colours_nothing_is_bold() {
    assert!(!shown(Style::Bordered { bold: false }, Some(50)).contains('\u{1b}'));
}
