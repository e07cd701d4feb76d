//! Limits of size, and that the review itself stays within bounds.

use std::fmt::Write as _;
use std::time::Instant;

use stationmaster::decide::review::{PARSE_LIMIT_BYTES, PullTotals, finish};
use stationmaster::model::ChangeKind;

use super::{brief, change, new_file, review, settings, shipped};

#[test]
fn a_file_is_large_from_one_line_above_the_limit() {
    let own = "[review]\nmax_file_lines = 3\n";
    assert_eq!(review(&new_file("a.txt", "1\n2\n3\n"), None, own), []);
    let found = review(&new_file("a.txt", "1\n2\n3\n4\n"), None, own);
    assert_eq!(brief(&found), ["large-file:1"]);
    assert!(!found[0].blocks());
}

#[test]
fn a_file_of_too_many_bytes_blocks() {
    let own = "[review]\nmax_file_bytes = 10\n";
    assert_eq!(review(&new_file("a.txt", "123456789\n"), None, own), []);
    let found = review(&new_file("a.txt", "1234567890\n"), None, own);
    assert_eq!(brief(&found), ["huge-file:1"]);
    assert!(found[0].blocks());
}

#[test]
fn making_a_large_file_smaller_is_no_finding() {
    let patch = "@@ -1,3 +1,2 @@\n-a\n-b\n+c";
    let change = change("a.txt", ChangeKind::Modified, Some(patch));
    assert_eq!(review(&change, Some("c\nd\ne\nf\n"), "[review]\nmax_file_lines = 3\n"), []);
}

#[test]
fn the_pull_as_a_whole_has_limits_of_its_own() {
    let own = settings("[review]\nmax_pull_lines = 100\nmax_pull_files = 5\n");
    assert_eq!(finish(&shipped(), &own, PullTotals { files: 5, lines: 100 }), []);
    let found = finish(&shipped(), &own, PullTotals { files: 6, lines: 101 });
    assert_eq!(found.len(), 2);
    assert!(found[0].message.contains("changes 6 files, which is more than 5 (`max_pull_files`)"));
}

#[test]
fn a_file_above_the_parse_limit_says_that_it_was_not_parsed() {
    let text = "print(1)\n".repeat(PARSE_LIMIT_BYTES / 9 + 1);
    let own = "[review]\nmax_file_lines = 10000000\nmax_file_bytes = 10000000\n";
    assert_eq!(brief(&review(&new_file("a.py", &text), None, own)), ["unparsed-file:1"]);
}

#[test]
fn ten_thousand_lines_are_reviewed_at_once_and_their_findings_are_bounded() {
    let mut text = String::new();
    for index in 0..2500 {
        writeln!(text, "def f{index}(a):\n    print(a)\n\n").unwrap();
    }
    text.push_str("<<<<<<< HEAD\n");
    let file = new_file("a.py", &text);
    shipped();
    let began = Instant::now();
    let found = review(&file, None, "");
    assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
    assert_eq!(found.len(), 200);
    assert!(found.iter().any(|finding| finding.rule == "merge-conflict"), "what blocks is kept");
}

#[test]
fn thousands_of_files_are_reviewed_one_by_one() {
    let mut count = 0;
    for index in 0..3000 {
        let file = new_file(&format!("app/f{index}.py"), "print(1)\n");
        count += review(&file, None, "").len();
    }
    assert_eq!(count, 3000);
}
