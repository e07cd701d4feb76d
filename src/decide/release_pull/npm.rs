//! The version in `package.json` and `package-lock.json`.

use std::ops::Range;

use semver::Version;
use serde::de::IgnoredAny;

use super::json::members;
use super::sheet::Sheet;
use crate::policy::Complaint;

/// Writes the version that stands at the top of a `package.json`.
pub(super) fn package(sheet: &mut Sheet, version: &Version) {
    let file = sheet.file();
    if !is_object(sheet, &file.text, version) {
        return;
    }
    let whole = 0..file.text.len();
    if write(sheet, &file.text, whole, version) == 0 {
        let expected = format!("`\"version\": \"{version}\"` at the top of the file");
        let help = "add it on the release branch, or take the file out of `version_files`";
        sheet.fault(None, Complaint::new("no version is stated", expected, help));
    }
}

/// Writes the version of the packages in these folders, relative to the lock file's own; that of the root, which is
/// `""`, stands at the top of the file too
/// (<https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json#packages>).
pub(super) fn lock(sheet: &mut Sheet, version: &Version, folders: &[&str]) {
    let file = sheet.file();
    if !is_object(sheet, &file.text, version) {
        return;
    }
    let whole = 0..file.text.len();
    let mut written = write(sheet, &file.text, whole.clone(), version);
    for packages in named(&file.text, whole, "packages") {
        for (folder, package) in members(&file.text, packages) {
            if folder.is_empty() || folders.contains(&folder.as_str()) {
                written += write(sheet, &file.text, package, version);
            }
        }
    }
    if written == 0 {
        let expected = "a `\"version\"` at the top of the file or of the package `\"\"`";
        let help = "run `npm install` once the package.json has a version, or take the file out of `version_files`";
        sheet.fault(None, Complaint::new("no version is stated", expected, help));
    }
}

fn named(text: &str, object: Range<usize>, name: &str) -> Vec<Range<usize>> {
    members(text, object).into_iter().filter(|(member, _)| member == name).map(|(_, value)| value).collect()
}

/// Writes the member `version` of an object, and tells how many there were.
fn write(sheet: &mut Sheet, text: &str, object: Range<usize>, version: &Version) -> usize {
    let stated = named(text, object, "version");
    for (index, value) in stated.iter().enumerate() {
        let complaint = |message: &str, help: &str| {
            Complaint::new(message, format!("one text such as \"{version}\""), format!("{help} on the release branch"))
        };
        if index > 0 {
            let twice = complaint("the version is stated a second time", "take one of them out");
            sheet.fault(Some(value.clone()), twice);
        } else if text.get(value.clone()).is_some_and(|value| value.starts_with('"')) {
            sheet.replace(value.clone(), format!("\"{version}\""));
        } else {
            sheet.fault(Some(value.clone()), complaint("the version is no text", "write it in quotes"));
        }
    }
    stated.len()
}

/// Whether the text is JSON, and an object; all else is a fault.
fn is_object(sheet: &mut Sheet, text: &str, version: &Version) -> bool {
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        let at = offset(text, error.line(), error.column());
        let why = error.to_string();
        let why = why.split(" at line ").next().unwrap_or(&why);
        let complaint =
            Complaint::new(format!("this is not JSON ({why})"), "a JSON file", "correct it on the release branch");
        sheet.fault(Some(at..at), complaint);
        return false;
    }
    if !text.trim_start().starts_with('{') {
        let expected = format!("an object such as {{ \"version\": \"{version}\" }}");
        let complaint = Complaint::new("this is no JSON object", expected, "correct it on the release branch");
        sheet.fault(Some(0..0), complaint);
        return false;
    }
    true
}

/// The place of a line and a column, both counted from 1 and the column in bytes, as `serde_json` counts.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let at = (start + column.saturating_sub(1)).min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}
