//! Finds the version in TOML files, and puts another one between the same quotes.

use std::ops::Range;

use semver::Version;
use toml_edit::{Document, Item};

use super::sheet::Sheet;
use crate::policy::Complaint;

/// Parses a file; what is wrong with it is a fault, and `None`.
pub(super) fn parse<'t>(sheet: &mut Sheet, text: &'t str) -> Option<Document<&'t str>> {
    match Document::parse(text) {
        Ok(document) => Some(document),
        Err(error) => {
            let message = format!("this is not TOML ({})", error.message().replace('\n', ", "));
            let span = in_text(error.span(), text);
            sheet.fault(span, Complaint::new(message, "a TOML file", "correct it on the release branch"));
            None
        }
    }
}

/// An error at the end of the file lies behind it, where no place is.
fn in_text(span: Option<Range<usize>>, text: &str) -> Option<Range<usize>> {
    span.map(|span| span.start.min(text.len())..span.end.min(text.len()))
}

/// The item at the end of a path of keys.
pub(super) fn find<'d>(from: &'d Item, keys: &[&str]) -> Option<&'d Item> {
    keys.iter().try_fold(from, |item, key| item.get(*key))
}

/// Writes the version in the item's place, in the quotes that stand there, and tells what it was.
pub(super) fn write(sheet: &mut Sheet, item: &Item, version: &Version) -> Option<String> {
    let file = sheet.file();
    let (Some(old), Some(span)) = (item.as_str(), item.span()) else {
        let expected = format!("a text such as \"{version}\"");
        let message = format!("the version is {} {}", article(item.type_name()), item.type_name());
        sheet
            .fault(item.span(), Complaint::new(message, expected, "write the version in quotes on the release branch"));
        return None;
    };
    let single = file.text.get(span.clone()).is_some_and(|text| text.starts_with('\''));
    let quote = if single { '\'' } else { '"' };
    sheet.replace(span, format!("{quote}{version}{quote}"));
    Some(old.to_owned())
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" }
}
