//! The version in `Cargo.toml` and `Cargo.lock`.

use std::ops::Range;

use semver::Version;
use toml_edit::Item;

use super::sheet::Sheet;
use super::toml_version::{find, parse, write};
use crate::policy::Complaint;

/// What one `Cargo.toml` says of itself and of others.
#[derive(Debug, Default)]
pub(super) struct Manifest {
    /// The package's name; none in a workspace without a package of its own.
    pub(super) name: Option<String>,
    /// Where it says `version.workspace = true` without saying itself which version that is.
    pub(super) inherits: Option<Range<usize>>,
    /// It hands its version to the workspace's members.
    pub(super) hands_on: bool,
}

/// Writes the version in `[package]`, or in `[workspace.package]`, from which members inherit it
/// (<https://doc.rust-lang.org/cargo/reference/workspaces.html#the-package-table>). Where a root package states the
/// same version beside that of its workspace, both are written; a different one of the workspace is left alone.
pub(super) fn manifest(sheet: &mut Sheet, version: &Version) -> Manifest {
    let file = sheet.file();
    let Some(document) = parse(sheet, &file.text) else { return Manifest::default() };
    let root = document.as_item();
    let own = find(root, &["package", "version"]);
    let inherited = own.filter(|item| is_inherited(item));
    let own = own.filter(|item| !is_inherited(item));
    let shared = find(root, &["workspace", "package", "version"]);

    let was = own.and_then(|item| write(sheet, item, version));
    if let Some(shared) = shared
        && (own.is_none() || shared.as_str().is_some_and(|text| was.as_deref() == Some(text)))
    {
        write(sheet, shared, version);
    }
    if own.is_none() && inherited.is_none() && shared.is_none() {
        let place = find(root, &["package"]).and_then(Item::span);
        let expected = format!("`version = \"{version}\"` below `[package]` or `[workspace.package]`");
        let help = "add it on the release branch, or take the file out of `version_files`";
        sheet.fault(place, Complaint::new("no version is stated", expected, help));
    }
    Manifest {
        name: find(root, &["package", "name"]).and_then(Item::as_str).map(str::to_owned),
        inherits: inherited.filter(|_| shared.is_none()).map(|item| item.span().unwrap_or_default()),
        hands_on: shared.is_some(),
    }
}

fn is_inherited(version: &Item) -> bool {
    version.get("workspace").and_then(Item::as_bool) == Some(true)
}

/// Says that nobody states the version that this manifest inherits.
pub(super) fn orphan(sheet: &mut Sheet, place: Range<usize>) {
    let complaint = Complaint::new(
        "the version is that of the workspace, and no file of `version_files` states it",
        "the workspace's own Cargo.toml beside it in `version_files`",
        "add that file to `version_files`",
    );
    sheet.fault(Some(place), complaint);
}

/// Writes the version of the named packages in a lock file, and in what refers to them by name and version. Packages
/// that come from a registry or from git have a `source`, and are left alone even where they have one of the names.
pub(super) fn lock(sheet: &mut Sheet, version: &Version, names: &[&str]) {
    let file = sheet.file();
    let Some(document) = parse(sheet, &file.text) else { return };
    let entries = document.as_item().get("package").and_then(Item::as_array_of_tables);
    let mut references = Vec::new();
    for entry in entries.iter().flat_map(|entries| entries.iter()) {
        let name = entry.get("name").and_then(Item::as_str).unwrap_or_default();
        if entry.get("source").is_none()
            && names.contains(&name)
            && let Some(old) = entry.get("version").and_then(|item| write(sheet, item, version))
        {
            references.push((format!("{name} {old}"), format!("\"{name} {version}\"")));
        }
    }
    if references.is_empty() && !sheet.is_faulty() {
        let message = match names {
            [] => "no Cargo.toml of `version_files` in its folder or below says which package is meant".to_owned(),
            names => format!("it has no package of this repository named {}", names.join(", ")),
        };
        let help = "name the package's Cargo.toml in `version_files`, or bring the lock file up to date";
        sheet.fault(None, Complaint::new(message, "a `[[package]]` of a listed Cargo.toml", help));
    }
    for entry in entries.iter().flat_map(|entries| entries.iter()) {
        let depends = entry.get("dependencies").and_then(Item::as_array);
        for value in depends.iter().flat_map(|depends| depends.iter()) {
            let new = references.iter().find(|(old, _)| value.as_str() == Some(old.as_str()));
            if let (Some((_, new)), Some(span)) = (new, value.span()) {
                sheet.replace(span, new.clone());
            }
        }
    }
}
