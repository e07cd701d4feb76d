//! The code review: its rules, what they find, and how that is shown.

mod examples;
mod faults;
mod findings;
mod shown;
mod sizes;

use std::path::Path;
use std::sync::{Arc, LazyLock};

use stationmaster::decide::review::{FileToReview, review_file};
use stationmaster::model::{ChangeKind, FileChange, Finding};
use stationmaster::policy::{RepositoryPolicy, ReviewRules, ReviewRulesOnce, ReviewSettings, RulesPlace};

/// The shipped rules with their examples.
fn shipped() -> Arc<ReviewRules> {
    static RULES: LazyLock<ReviewRulesOnce> =
        LazyLock::new(|| ReviewRulesOnce::new(RulesPlace::Folder(Path::new(env!("CARGO_MANIFEST_DIR")).join("rules"))));
    RULES.get().unwrap_or_else(|faults| panic!("{faults}"))
}

fn settings(text: &str) -> ReviewSettings {
    RepositoryPolicy::parse(text, "stationmaster.toml").unwrap_or_else(|faults| panic!("{faults}")).review
}

fn change(path: &str, kind: ChangeKind, hunks: Option<&str>) -> FileChange {
    let count = |sign: char| hunks.unwrap_or_default().lines().filter(|line| line.starts_with(sign)).count();
    FileChange {
        path: path.to_owned(),
        previous_path: None,
        kind,
        blob: None,
        patch: hunks.map(str::to_owned),
        additions: u32::try_from(count('+')).unwrap(),
        deletions: u32::try_from(count('-')).unwrap(),
    }
}

/// A new file as GitHub shows it.
fn new_file(path: &str, text: &str) -> FileChange {
    let lines = text.lines().count();
    let mut added = format!("@@ -0,0 +1,{lines} @@");
    for line in text.lines() {
        added.push_str("\n+");
        added.push_str(line);
    }
    change(path, ChangeKind::Added, Some(&added))
}

fn review(change: &FileChange, content: Option<&str>, own: &str) -> Vec<Finding> {
    let file = FileToReview { change, content: content.map(str::as_bytes) };
    review_file(&shipped(), &settings(own), file)
}

/// Findings as `rule:line`.
fn brief(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(|finding| format!("{}:{}", finding.rule, finding.line)).collect()
}
