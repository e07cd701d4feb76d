//! Diffs as git writes them become changes.

use stationmaster::model::ChangeKind;
use stationmaster::receive::{DiffFault, parse_diff};

const DIFF: &str = "commit 1234
Author: a

    --- a message

diff --git a/src/a.rs b/src/a.rs
index 1111111111111111111111111111111111111111..2222222222222222222222222222222222222222 100644
--- a/src/a.rs
+++ b/src/a.rs
@@ -1,3 +1,3 @@ fn a() {
 one
--- two
+++ two
 three
\\ No newline at end of file
diff --git a/old name.txt b/new name.txt
similarity index 90%
rename from old name.txt
rename to new name.txt
index 1111111..2222222 100644
--- a/old name.txt\t
+++ b/new name.txt\t
@@ -5 +5,2 @@
 five
+six
diff --git a/logo.png b/logo.png
new file mode 100644
index 0000000..3333333
Binary files /dev/null and b/logo.png differ
diff --git a/gone.txt b/gone.txt
deleted file mode 100644
index 1111111..0000000
--- a/gone.txt
+++ /dev/null
@@ -1 +0,0 @@
-gone
diff --git a/run b/run
old mode 100644
new mode 100755
diff --git \"a/\\303\\244\\t.txt\" \"b/\\303\\244\\t.txt\"
new file mode 100644
index 0000000..4444444
--- /dev/null
+++ \"b/\\303\\244\\t.txt\"
@@ -0,0 +1 @@
+x
";

#[test]
fn a_diff_of_git_is_read_file_by_file() {
    let changes = parse_diff(DIFF).unwrap();
    let shape: Vec<_> = changes.iter().map(|c| (c.path.as_str(), c.kind, c.additions, c.deletions)).collect();
    assert_eq!(
        shape,
        [
            ("src/a.rs", ChangeKind::Modified, 1, 1),
            ("new name.txt", ChangeKind::Renamed, 1, 0),
            ("logo.png", ChangeKind::Added, 0, 0),
            ("gone.txt", ChangeKind::Removed, 0, 1),
            ("run", ChangeKind::ModeChanged, 0, 0),
            ("ä\t.txt", ChangeKind::Added, 1, 0),
        ]
    );
    assert_eq!(changes[0].blob.as_ref().unwrap().as_str(), "2".repeat(40));
    assert_eq!(changes[1].previous_path.as_deref(), Some("old name.txt"));
    assert_eq!(changes[2].patch, None, "a binary file has no patch");
    assert!(!changes[2].lacks_patch());
    let added: Vec<_> = changes[0].added_lines().map(|added| (added.line, added.text)).collect();
    assert_eq!(added, [(2, "++ two")], "content that looks like a header is content");
    assert_eq!(changes[1].added_lines().next().unwrap().line, 6);
}

#[test]
fn a_diff_of_another_program_is_read_too() {
    let text =
        "--- old.txt\t2026-01-01\n+++ new.txt\t2026-01-02\n@@ -1 +1 @@\n-a\n+b\n--- x\n+++ y\n@@ -1 +1 @@\n-c\n+d\n";
    let changes = parse_diff(text).unwrap();
    assert_eq!(changes.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(), ["new.txt", "y"]);
    assert_eq!(changes[1].added_lines().next().unwrap().text, "d");
}

#[test]
fn what_is_no_diff_is_refused_and_nothing_is_no_change() {
    assert!(parse_diff("").unwrap().is_empty());
    assert!(matches!(parse_diff("hello\nworld\n"), Err(DiffFault::NotADiff)));
    let merge = "diff --cc a\nindex 1,2..3\n--- a/a\n+++ b/a\n@@@ -1,1 -1,1 +1,1 @@@\n++x\n";
    assert!(matches!(parse_diff(merge), Err(DiffFault::Combined { line: 1 })));
    let short = "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n-x\n";
    assert!(matches!(parse_diff(short), Err(DiffFault::Truncated { .. })));
}
