//! The version in `pyproject.toml`.

use semver::Version;
use toml_edit::Item;

use super::sheet::Sheet;
use super::toml_version::{find, parse, write};
use crate::policy::Complaint;

/// Writes the version in `[project]`
/// (<https://packaging.python.org/en/latest/specifications/pyproject-toml/#version>), or else in `[tool.poetry]`.
/// A version that is named in `dynamic` and stated nowhere is computed by the build, so that nothing can be written.
pub(super) fn project(sheet: &mut Sheet, version: &Version) {
    let file = sheet.file();
    let Some(document) = parse(sheet, &file.text) else { return };
    let root = document.as_item();
    let stated = find(root, &["project", "version"]).or_else(|| find(root, &["tool", "poetry", "version"]));
    if let Some(item) = stated {
        write(sheet, item, version);
        return;
    }
    let expected = format!("`version = \"{version}\"` below `[project]` or `[tool.poetry]`");
    if let Some(dynamic) = find(root, &["project", "dynamic"]).filter(|item| names_version(item)) {
        let message = "the version is dynamic: the build computes it";
        let help = "state it and take it out of `dynamic`, or take the file out of `version_files`";
        sheet.fault(dynamic.span(), Complaint::new(message, expected, help));
        return;
    }
    let help = "add it on the release branch, or take the file out of `version_files`";
    let place = find(root, &["project"]).and_then(Item::span);
    sheet.fault(place, Complaint::new("no version is stated", expected, help));
}

fn names_version(dynamic: &Item) -> bool {
    dynamic.as_array().is_some_and(|names| names.iter().any(|name| name.as_str() == Some("version")))
}
