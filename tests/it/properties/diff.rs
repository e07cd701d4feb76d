//! Diffs: every line that is said to be added stands in the text as one, by the same number for everybody who counts.

use std::collections::BTreeSet;
use std::io::BufReader;
use std::sync::LazyLock;

use stationmaster::decide::secrets::{ScanOptions, scan_added};
use stationmaster::model::{ChangeKind, FileChange};
use stationmaster::policy::{RuleFile, SecretRules};
use stationmaster::receive::{DiffFault, parse_diff, read_diff};

/// A secret is every word: what the scan of secrets says of lines can then be compared with what the review says.
static EVERY_WORD: LazyLock<SecretRules> = LazyLock::new(|| {
    let text = "[[rules]]\nid = \"word\"\nregex = '''\\S+'''\n";
    SecretRules::read(RuleFile::new("words.toml", text), None).expect("good rules")
});

/// Any diff.
pub fn check(data: &[u8]) {
    let text = super::text(data);
    let read: Vec<Result<FileChange, DiffFault>> = read_diff(text.as_bytes()).collect();
    let halting: Vec<_> = read_diff(BufReader::with_capacity(3, text.as_bytes())).collect();
    assert_eq!(format!("{read:?}"), format!("{halting:?}"), "what is read depends on how it arrives");
    let lines: BTreeSet<&str> = text.split('\n').collect();
    let mut bytes = 0;
    for change in read {
        match change {
            Ok(change) => {
                bytes += change.patch.as_ref().map_or(0, String::len);
                stands_in_the_text(&change, &lines);
                is_counted_alike(&change);
                is_read_again(&change);
            }
            Err(DiffFault::Combined { line } | DiffFault::Hunk { line } | DiffFault::Truncated { line }) => {
                assert!((1..=text.split('\n').count() as u64).contains(&line), "no line {line}");
            }
            Err(DiffFault::NotADiff) => assert!(!text.is_empty()),
            Err(DiffFault::Unreadable(fault)) => panic!("{fault}"),
        }
    }
    assert!(bytes <= text.len(), "{bytes} bytes of patches in {} bytes of text", text.len());
}

fn stands_in_the_text(change: &FileChange, lines: &BTreeSet<&str>) {
    let added: Vec<_> = change.added_lines().collect();
    assert_eq!(added.len(), usize::try_from(change.additions).unwrap(), "{change:?}");
    for one in &added {
        let (plain, carriage) = (format!("+{}", one.text), format!("+{}\r", one.text));
        assert!(lines.contains(plain.as_str()) || lines.contains(carriage.as_str()), "{one:?} is nowhere");
    }
    let removed = change.patch.iter().flat_map(|patch| patch.split('\n')).filter(|line| line.starts_with('-')).count();
    assert_eq!(removed, usize::try_from(change.deletions).unwrap());
}

/// The review and the scan for secrets point to the same lines.
fn is_counted_alike(change: &FileChange) {
    if matches!(change.kind, ChangeKind::Removed | ChangeKind::ModeChanged) || change.path == ".gitleaks.toml" {
        return;
    }
    let options = ScanOptions { honour_allow_comments: false, ..ScanOptions::default() };
    let secrets: BTreeSet<u32> = scan_added(&EVERY_WORD, change, options).iter().map(|leak| leak.line).collect();
    let is_said = |text: &str| text.bytes().any(|byte| byte.is_ascii_graphic());
    let review = change.added_lines().filter(|added| added.text.is_ascii() && is_said(added.text));
    for line in review.map(|added| added.line).filter(|line| *line > 0 && *line < u32::MAX) {
        assert!(secrets.contains(&line), "line {line} is new to the review, and {secrets:?} to the scan: {change:?}");
    }
}

/// Written as git does, it is the same change.
fn is_read_again(change: &FileChange) {
    let name = "a plain/path.txt";
    let Some(patch) = &change.patch else { return };
    let written = format!("diff --git a/{name} b/{name}\n--- a/{name}\n+++ b/{name}\n{patch}\n");
    let again = parse_diff(&written).unwrap_or_else(|fault| panic!("{fault} in {written:?}"));
    let [again] = again.as_slice() else { panic!("{again:?}") };
    assert_eq!(again.path, name);
    assert_eq!(
        (again.patch.as_ref(), again.additions, again.deletions),
        (Some(patch), change.additions, change.deletions)
    );
}
