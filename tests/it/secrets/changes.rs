//! What a change brings in is found, at its line in the head; what it removes or leaves is not.

use stationmaster::decide::secrets::{ScanOptions, scan_added};
use stationmaster::model::{ChangeKind, FileChange};
use stationmaster::policy::{RulesPlace, SecretRules};

use super::{filled, named};

fn change(kind: ChangeKind, patch: &str) -> FileChange {
    let of = |sign| u32::try_from(patch.lines().filter(|line| line.starts_with(sign)).count()).unwrap();
    FileChange {
        path: "src/app.rs".to_owned(),
        previous_path: (kind == ChangeKind::Renamed).then(|| "src/old.rs".to_owned()),
        kind,
        blob: None,
        patch: (!patch.is_empty()).then(|| filled(patch)),
        additions: of('+'),
        deletions: of('-'),
    }
}

fn found(change: &FileChange) -> Vec<String> {
    let rules = SecretRules::load(&RulesPlace::Builtin).unwrap();
    named(&scan_added(&rules, change, ScanOptions::default()))
}

#[test]
fn an_added_secret_is_found_at_its_line_and_a_removed_one_is_not() {
    let patch = "@@ -10,3 +10,3 @@ fn main() {\n let a = 1;\n-let old = \"ghp_<a36>\";\n+let new = \"ghp_<a36>\";\n let b = 2;\n\
                 @@ -40,2 +40,4 @@\n x\n+let c = \"glpat-<a20>\";\n+\n y\n\\ No newline at end of file";
    assert_eq!(found(&change(ChangeKind::Modified, patch)), ["github-personal-token:11", "gitlab-personal-token:41"]);
    let removed = "@@ -1,2 +1,1 @@\n-let old = \"ghp_<a36>\";\n let b = 2;";
    assert!(found(&change(ChangeKind::Modified, removed)).is_empty());
    assert!(found(&change(ChangeKind::Removed, "@@ -1 +0,0 @@\n-let old = \"ghp_<a36>\";")).is_empty());
}

#[test]
fn a_secret_that_was_there_before_is_not_found_again() {
    let patch = "@@ -1,2 +1,3 @@\n let old = \"ghp_<a36>\";\n+let b = 2;\n let c = 3;";
    assert!(found(&change(ChangeKind::Modified, patch)).is_empty());
}

#[test]
fn a_renamed_file_is_scanned_by_its_new_lines() {
    let patch = "@@ -3 +3,2 @@\n let a = 1;\n+let new = \"ghp_<a36>\";";
    assert_eq!(found(&change(ChangeKind::Renamed, patch)), ["github-personal-token:4"]);
    assert!(found(&change(ChangeKind::Renamed, "")).is_empty());
    let mut moved = change(ChangeKind::Renamed, "");
    moved.path = "deploy/.env".to_owned();
    assert_eq!(found(&moved), ["file-environment:1"], "its new name is a finding by itself");
}

#[test]
fn a_private_key_over_several_added_lines_is_one_finding() {
    let patch =
        "@@ -0,0 +1,6 @@\n+# key\n+-----BEGIN RSA PRIVATE KEY-----\n+<a64>\n+<a64>\n+-----END RSA PRIVATE KEY-----\n+";
    let rules = SecretRules::load(&RulesPlace::Builtin).unwrap();
    let leaks = scan_added(&rules, &change(ChangeKind::Added, patch), ScanOptions::default());
    assert_eq!(named(&leaks), ["private-key:2"]);
    assert_eq!((leaks[0].line, leaks[0].end_line), (2, 5));
}

#[test]
fn a_key_whose_first_line_was_there_before_is_found_by_its_new_lines() {
    let patch =
        "@@ -1,3 +1,4 @@\n -----BEGIN RSA PRIVATE KEY-----\n+<a64>\n+<a64>\n-<a64>\n -----END RSA PRIVATE KEY-----";
    assert_eq!(found(&change(ChangeKind::Modified, patch)), ["private-key:1"]);
}

#[test]
fn hunks_do_not_run_together() {
    let patch = "@@ -1 +1,2 @@\n a\n+-----BEGIN RSA PRIVATE KEY-----\n@@ -90 +91,2 @@\n+<a64>\n b";
    assert!(found(&change(ChangeKind::Modified, patch)).is_empty());
}

#[test]
fn lines_of_a_windows_file_are_searched_as_well() {
    assert_eq!(found(&change(ChangeKind::Added, "@@ -0,0 +1 @@\n+k = \"ghp_<a36>\"\r")), ["github-personal-token:1"]);
}
