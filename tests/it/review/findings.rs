//! What is found, where, and what is left alone.

use stationmaster::decide::review::{FileToReview, review_file};
use stationmaster::model::{ChangeKind, Severity};
use stationmaster::policy::RuleFile;

use super::{brief, change, new_file, review, settings, shipped};

const OLD_AND_NEW: &str = "import os\n\n\ndef old(a):\n    return a\n\n\ndef new(b):\n    return b\n";
const ONLY_NEW: &str = "@@ -4,2 +4,6 @@\n def old(a):\n     return a\n+\n+\n+def new(b):\n+    return b";

#[test]
fn a_person_is_not_blamed_for_old_code() {
    let change = change("app/a.py", ChangeKind::Modified, Some(ONLY_NEW));
    assert!(shipped().wants_content(&change));
    let found = review(&change, Some(OLD_AND_NEW), "");
    assert_eq!(brief(&found), ["python-missing-docstring:8", "python-missing-type-hints:8"]);
    assert_eq!(found[0].message, "The public function `new` has no docstring.");
}

#[test]
fn editing_the_body_of_an_old_function_says_nothing_of_its_signature() {
    let patch = "@@ -8,2 +8,2 @@\n def new(b):\n-    return 1\n+    return b";
    let change = change("app/a.py", ChangeKind::Modified, Some(patch));
    assert_eq!(review(&change, Some(OLD_AND_NEW), ""), []);
}

#[test]
fn regexes_look_at_added_lines_only() {
    let patch = "@@ -1,3 +1,3 @@\n <<<<<<< HEAD\n-a\n+b\n+>>>>>>> feature";
    let change = change("notes.txt", ChangeKind::Modified, Some(patch));
    assert!(!shipped().wants_content(&change));
    let found = review(&change, None, "");
    assert_eq!(brief(&found), ["merge-conflict:3"]);
    assert_eq!(found[0].fingerprint, "notes.txt:merge-conflict:3");
    assert!(found[0].blocks());
}

#[test]
fn a_new_file_needs_no_content_beside_its_patch() {
    let change = new_file("app/a.py", "try:\n    go()\nexcept:\n    pass\n");
    assert!(!shipped().wants_content(&change));
    assert_eq!(brief(&review(&change, None, "")), ["python-bare-except:3"]);
}

#[test]
fn a_comment_with_a_reason_allows_a_finding_on_its_line_or_the_next() {
    for text in [
        "print(1)  # stationmaster:allow python-print shown to people\n",
        "# stationmaster:allow python-print shown to people\nprint(1)\n",
    ] {
        assert_eq!(review(&new_file("a.py", text), None, ""), [], "{text}");
    }
    let other = "print(1)  # stationmaster:allow python-bare-except shown to people\n";
    assert_eq!(brief(&review(&new_file("a.py", other), None, "")), ["python-print:1"]);
    let far = "# stationmaster:allow python-print shown to people\n\nprint(1)\n";
    assert_eq!(brief(&review(&new_file("a.py", far), None, "")), ["python-print:3"]);
    let closed = "/* stationmaster:allow js-eval a calculator for ourselves */\neval(text);\n";
    assert_eq!(review(&new_file("a.js", closed), None, ""), []);
}

#[test]
fn a_comment_without_a_reason_allows_nothing_and_is_told_how() {
    let found = review(&new_file("a.js", "eval(a); /* stationmaster:allow js-eval */\n"), None, "");
    assert_eq!(brief(&found), ["allow-without-reason:1", "js-eval:1"]);
    assert!(found[0].message.contains("`stationmaster:allow js-eval why it is right here`"), "{}", found[0].message);
    assert_eq!(found[0].severity, Severity::Warn);
}

#[test]
fn a_directive_in_an_old_line_before_counts() {
    let text = "# stationmaster:allow python-print shown to people\nprint(2)\n";
    let patch = "@@ -1,2 +1,2 @@\n # stationmaster:allow python-print shown to people\n-print(1)\n+print(2)";
    let change = change("a.py", ChangeKind::Modified, Some(patch));
    assert_eq!(review(&change, Some(text), ""), []);
}

#[test]
fn a_repository_disables_weighs_ignores_and_adds_rules() {
    let file = new_file("app/a.py", "print(1)  # FIXME\n");
    assert_eq!(review(&file, None, "[review]\ndisable = ['python-print']\n"), []);
    assert_eq!(review(&file, None, "[review]\nignore = ['app/**']\n"), []);
    let weighed = review(&file, None, "[review.severity]\npython-print = 'block'\n");
    assert!(weighed[0].blocks());
    let own = "[[review.rule]]\nid = 'no-fixme'\nregex = 'FIXME'\nseverity = 'block'\nmessage = 'Open an issue.'\n";
    assert_eq!(brief(&review(&file, None, own)), ["no-fixme:1", "python-print:1"]);
}

#[test]
fn a_repositorys_structural_rules_stand_beside_the_servers() {
    let yaml = "id: own-exit\nlanguage: Python\nseverity: error\nmessage: 'No $CALL here.'\nrule: { pattern: $CALL(0), kind: call }\n---\nid: own-off\nlanguage: Python\nseverity: off\nmessage: No.\nrule: { kind: call }\n";
    let rules = shipped().with_repository(vec![RuleFile::new("own.yml", yaml)]).unwrap();
    let file = new_file("a.py", "exit(0)\n");
    let found = review_file(&rules, &settings(""), FileToReview { change: &file, content: None });
    assert_eq!(brief(&found), ["own-exit:1"]);
    assert_eq!(found[0].message, "No exit here.");
}

#[test]
fn ast_grep_s_own_ignore_comment_allows_nothing() {
    let found = review(&new_file("a.js", "// ast-grep-ignore\neval(a);\n"), None, "");
    assert_eq!(brief(&found), ["js-eval:2"]);
}

#[test]
fn keys_and_env_files_must_not_come_in_not_even_as_binary_files() {
    let binary = change("certs/server.p12", ChangeKind::Added, None);
    assert_eq!(brief(&review(&binary, None, "")), ["key-file:1"]);
    let env = new_file(".env", "A=1 # stationmaster:allow env-file because I say so\n");
    assert_eq!(brief(&review(&env, None, "")), ["env-file:1"]);
    let mut renamed = change("web/.env", ChangeKind::Renamed, None);
    renamed.previous_path = Some("env.txt".to_owned());
    assert_eq!(brief(&review(&renamed, None, "")), ["env-file:1"]);
    renamed.previous_path = Some(".env".to_owned());
    assert_eq!(review(&renamed, None, ""), []);
}

#[test]
fn binary_files_renames_modes_and_removals_have_no_findings() {
    let gone = change("a.py", ChangeKind::Removed, Some("@@ -1 +0,0 @@\n-print(1)"));
    assert_eq!(review(&gone, None, ""), []);
    for kind in [ChangeKind::Renamed, ChangeKind::ModeChanged, ChangeKind::Added] {
        let change = change("a.py", kind, None);
        assert!(!shipped().wants_content(&change));
        assert_eq!(review(&change, None, ""), []);
    }
    let mut binary = change("a.py", ChangeKind::Added, None);
    binary.additions = 1;
    assert_eq!(review(&binary, Some("eval\0print(1)"), ""), []);
}

#[test]
fn a_file_whose_diff_is_left_out_is_read_as_a_whole() {
    let mut large = change("a.py", ChangeKind::Modified, None);
    large.additions = 9000;
    assert!(shipped().wants_content(&large));
    assert_eq!(brief(&review(&large, Some("<<<<<<< HEAD\n"), "")), ["merge-conflict:1"]);
}
