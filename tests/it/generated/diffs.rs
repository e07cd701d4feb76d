//! Diffs made of files of which it is known which lines are new.

use std::fmt::Write as _;

use proptest::collection::vec;
use proptest::prelude::*;
use stationmaster::receive::parse_diff;

use super::holds;

/// A line of a hunk; its text may look like anything that means something in a diff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Kept,
    Added,
    Removed,
}

type Hunk = (u32, Vec<(Sign, String)>);

fn hunk() -> impl Strategy<Value = Hunk> {
    let sign = prop_oneof![Just(Sign::Kept), Just(Sign::Added), Just(Sign::Removed)];
    let text = "|[ -~]{0,12}|\\+\\+\\+ b/x|--- a/x|diff --git a/y b/y|@@ -1 \\+1 @@|ünïcode 🚂|key\r";
    (0_u32..40, vec((sign, text), 1..12))
}

/// The hunks as git writes them, and the numbers and texts of the added lines.
fn written(hunks: &[Hunk], stripped: bool) -> (String, Vec<(u32, String)>) {
    let (mut text, mut added) = (String::new(), Vec::new());
    let (mut old, mut new) = (1_u32, 1_u32);
    for (gap, lines) in hunks {
        (old, new) = (old + gap, new + gap);
        let count = |skipped| lines.iter().filter(|(sign, _)| *sign != skipped).count();
        let (before, after) = (count(Sign::Added), count(Sign::Removed));
        writeln!(text, "@@ -{old},{before} +{new},{after} @@ fn x()").unwrap();
        for (sign, line) in lines {
            match sign {
                // Mail programs and editors take the space of an empty line away, and git reads it all the same.
                Sign::Kept if stripped && line.is_empty() => text.push('\n'),
                Sign::Kept => writeln!(text, " {line}").unwrap(),
                Sign::Removed => writeln!(text, "-{line}").unwrap(),
                Sign::Added => {
                    writeln!(text, "+{line}").unwrap();
                    added.push((new, line.strip_suffix('\r').unwrap_or(line).to_owned()));
                }
            }
            old += u32::from(*sign != Sign::Added);
            new += u32::from(*sign != Sign::Removed);
        }
    }
    (text, added)
}

#[test]
fn every_added_line_is_found_with_its_number_whatever_it_looks_like() {
    let files = vec((vec(hunk(), 1..4), "[a-z]{1,6}(/[a-z .-]{1,6}[a-z])?"), 1..4);
    holds(256, (files, any::<bool>()), |(files, stripped)| {
        let mut diff = String::from("From: somebody\nSubject: a change\n\n");
        let mut expected = Vec::new();
        for (hunks, path) in &files {
            let (text, added) = written(hunks, stripped);
            write!(diff, "diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n{text}").unwrap();
            expected.push((path.clone(), added));
        }
        let found: Vec<_> = parse_diff(&diff)
            .unwrap_or_else(|fault| panic!("{fault}\n{diff}"))
            .iter()
            .map(|change| {
                let added = change.added_lines().map(|added| (added.line, added.text.to_owned())).collect();
                (change.path.clone(), added)
            })
            .collect::<Vec<(String, Vec<_>)>>();
        assert_eq!(found, expected, "{diff}");
        crate::properties::diff::check(diff.as_bytes());
    });
}
