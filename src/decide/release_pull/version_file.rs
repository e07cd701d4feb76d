//! The files in which a release pull request writes the version: which kinds there are, and what each needs of the others.

use semver::Version;

use super::sheet::Sheet;
use super::{cargo, npm, python};
use crate::model::ReleaseFiles;
use crate::policy::{Complaint, RuleFault};

/// The kinds of files that are known, each by its file name. A lock file is written only where `version_files` names
/// it, as everything else: one that is not named is not touched, even beside a file that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    CargoManifest,
    CargoLock,
    NpmPackage,
    NpmLock,
    PythonProject,
}

impl Kind {
    fn of(path: &str) -> Option<Self> {
        match parts(path).1 {
            "Cargo.toml" => Some(Self::CargoManifest),
            "Cargo.lock" => Some(Self::CargoLock),
            "package.json" => Some(Self::NpmPackage),
            "package-lock.json" => Some(Self::NpmLock),
            "pyproject.toml" => Some(Self::PythonProject),
            _ => None,
        }
    }
}

/// Writes the version in all files, each as far as it states one; or tells every fault of every file.
pub(super) fn write(
    paths: &[&str],
    files: &ReleaseFiles,
    version: &Version,
) -> Result<Vec<(String, String)>, Vec<String>> {
    let mut faults = Vec::new();
    let mut sheets = Vec::new();
    for path in paths {
        match open(path, files) {
            Ok(opened) => sheets.push(opened),
            Err(fault) => faults.push(fault),
        }
    }
    let folders = manifests(&mut sheets, version);
    // What is wrong with a manifest would only be said a second time of its lock file.
    if faults.is_empty() && !sheets.iter().any(|(_, sheet)| sheet.is_faulty()) {
        locks(&mut sheets, version, &folders);
    }
    let mut written = Vec::new();
    for (_, sheet) in sheets {
        match sheet.finish() {
            Ok(file) => written.push(file),
            Err(found) => faults.extend(found),
        }
    }
    if faults.is_empty() { Ok(written) } else { Err(faults) }
}

fn open(path: &str, files: &ReleaseFiles) -> Result<(Kind, Sheet), String> {
    let fault = |message: &str, expected: &str, help: &str| {
        Err(RuleFault::of_file(path, Complaint::new(message, expected, help)).to_string())
    };
    let Some(kind) = Kind::of(path) else {
        return fault(
            "no version can be written to a file of this name",
            "Cargo.toml, package.json, pyproject.toml, Cargo.lock or package-lock.json",
            "take it out of `version_files`",
        );
    };
    match text_of(path, files) {
        Some(text) => Ok((kind, Sheet::new(path, text))),
        None => fault(
            "there is no such file on the release branch",
            "a file that states the version",
            "add it there, or take it out of `version_files`",
        ),
    }
}

/// A file's text; `None` where there is no such file.
fn text_of<'f>(path: &str, files: &'f ReleaseFiles) -> Option<&'f str> {
    files.files.iter().find(|(name, _)| name == path).and_then(|(_, text)| text.as_deref())
}

/// The packages that manifests are of: what their lock files call them.
#[derive(Debug, Default)]
struct Packages {
    /// Folders of `Cargo.toml` files, with the packages' names.
    crates: Vec<(String, String)>,
    /// Folders of `package.json` files.
    npm: Vec<String>,
}

fn manifests(sheets: &mut [(Kind, Sheet)], version: &Version) -> Packages {
    let mut packages = Packages::default();
    let mut handed_on = false;
    let mut orphans = Vec::new();
    for (index, (kind, sheet)) in sheets.iter_mut().enumerate() {
        let folder = parts(sheet.path()).0.to_owned();
        match kind {
            Kind::CargoManifest => {
                let manifest = cargo::manifest(sheet, version);
                handed_on |= manifest.hands_on;
                orphans.extend(manifest.inherits.map(|place| (index, place)));
                packages.crates.extend(manifest.name.map(|name| (folder, name)));
            }
            Kind::NpmPackage => {
                npm::package(sheet, version);
                packages.npm.push(folder);
            }
            Kind::PythonProject => python::project(sheet, version),
            Kind::CargoLock | Kind::NpmLock => {}
        }
    }
    for (index, place) in orphans.into_iter().filter(|_| !handed_on) {
        if let Some((_, sheet)) = sheets.get_mut(index) {
            cargo::orphan(sheet, place);
        }
    }
    packages
}

fn locks(sheets: &mut [(Kind, Sheet)], version: &Version, packages: &Packages) {
    for (kind, sheet) in sheets {
        let folder = parts(sheet.path()).0.to_owned();
        match kind {
            Kind::CargoLock => {
                let below = packages.crates.iter().filter(|(package, _)| below(package, &folder).is_some());
                let names: Vec<&str> = below.map(|(_, name)| name.as_str()).collect();
                cargo::lock(sheet, version, &names);
            }
            Kind::NpmLock => {
                let folders: Vec<&str> = packages.npm.iter().filter_map(|package| below(package, &folder)).collect();
                npm::lock(sheet, version, &folders);
            }
            Kind::CargoManifest | Kind::NpmPackage | Kind::PythonProject => {}
        }
    }
}

/// Folder and file name.
fn parts(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// A folder relative to another that contains it or is the same.
fn below<'f>(folder: &'f str, other: &str) -> Option<&'f str> {
    if other.is_empty() || folder == other {
        return Some(folder.get(other.len()..).unwrap_or_default());
    }
    folder.strip_prefix(other)?.strip_prefix('/')
}
