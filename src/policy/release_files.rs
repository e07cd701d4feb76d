//! Reads the files that a release pull request writes: the changelog, and those that hold the version.

use toml::Spanned;

use super::fault::Complaint;
use super::reader::{Document, Section};

/// The files in which a version can be written, told by their names.
const VERSION_FILES: [&str; 5] = ["Cargo.toml", "package.json", "pyproject.toml", "Cargo.lock", "package-lock.json"];

/// Reads `changelog` and `version_files`, which exclude pre-releases: both say how a version comes about.
pub(super) fn read_release_files(table: &mut Section<'_>, prerelease: bool) -> (Option<String>, Vec<String>) {
    let document = table.document;
    let changelog = table.text("changelog");
    let version_files = table.texts("version_files").unwrap_or_default();
    if prerelease && let Some(first) = changelog.iter().chain(&version_files).next() {
        let complaint = Complaint::new(
            "`prerelease` and files of a release pull request are two ways to a version at once",
            "either `prerelease`, or `changelog` and `version_files`",
            "remove the one or the other",
        );
        document.fault(first.span(), complaint);
    }
    let mut paths: Vec<&str> = Vec::new();
    if let Some(path) = &changelog {
        check_path(document, path, "CHANGELOG.md");
        paths.push(path.get_ref());
    }
    for path in &version_files {
        if check_path(document, path, "crates/app/Cargo.toml") {
            check_kind(document, path);
        }
        if paths.contains(path.get_ref()) {
            let message = format!("{:?} is named twice", path.get_ref());
            document.fault(path.span(), Complaint::new(message, "each file once", "remove one of the two"));
        }
        paths.push(path.get_ref());
    }
    check_lock(document, &version_files);
    let version_files = version_files.into_iter().map(|path| path.into_inner().to_owned()).collect();
    (changelog.map(|path| path.into_inner().to_owned()), version_files)
}

/// Whether it leads from the root of the repository to a file within it.
fn check_path(document: &Document<'_>, path: &Spanned<&str>, example: &str) -> bool {
    let bad = |part: &str| matches!(part, "" | "." | "..") || part.eq_ignore_ascii_case(".git");
    let signs = |c: char| c == '\\' || c.is_control();
    if !path.get_ref().contains(signs) && !path.get_ref().split('/').any(bad) {
        return true;
    }
    let message = format!("{:?} is not the path of a file in the repository", path.get_ref());
    let help = "write the way from the repository's root, with `/` between folders, without `.` and `..`";
    document.fault(path.span(), Complaint::new(message, format!("a path such as \"{example}\""), help));
    false
}

fn file_name<'p>(path: &Spanned<&'p str>) -> &'p str {
    path.get_ref().rsplit('/').next().unwrap_or_default()
}

fn check_kind(document: &Document<'_>, path: &Spanned<&str>) {
    if VERSION_FILES.contains(&file_name(path)) {
        return;
    }
    let message = format!("it is not known where the version stands in {:?}", path.get_ref());
    let expected = format!("a file called {}", VERSION_FILES.join(", "));
    let help = "name such a file, or have a workflow write the version when the release is made";
    document.fault(path.span(), Complaint::new(message, expected, help));
}

/// A `Cargo.lock` holds many packages; which are meant is told by the manifests.
fn check_lock(document: &Document<'_>, files: &[Spanned<&str>]) {
    let Some(lock) = files.iter().find(|path| file_name(path) == "Cargo.lock") else { return };
    if !files.iter().any(|path| file_name(path) == "Cargo.toml") {
        let message = "`Cargo.lock` alone does not say whose version is meant";
        let help = "add the Cargo.toml of the package to `version_files`";
        document.fault(lock.span(), Complaint::new(message, "a Cargo.toml beside it", help));
    }
}
