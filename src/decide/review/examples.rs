//! Whether structural rules find what their examples say.

use super::file::{FileToReview, review_file};
use super::rule;
use crate::model::{ChangeKind, FileChange};
use crate::policy::{Complaint, ReviewRules, ReviewSettings, RuleFault};

/// Every example that is not as it says, and every structural rule without any. Those of `review.toml` are checked
/// when it is read.
#[must_use]
pub fn check_examples(rules: &ReviewRules) -> Vec<RuleFault> {
    let mut faults = Vec::new();
    for rows in &rules.examples {
        let mut endings: Vec<&str> = rules
            .structural
            .iter()
            .filter(|one| one.id == rows.id)
            .map(|one| ending(&format!("{:?}", one.language())))
            .collect();
        if rows.id == rule::UNGROUPED_IMPORTS {
            endings.push("py");
        }
        let mut complain = |message: String| {
            let complaint = Complaint::new(message, "examples that hold", "mend the rule or the example");
            faults.push(RuleFault::of_file(&rows.file, complaint));
        };
        if endings.is_empty() {
            complain(format!("there is no rule `{}`", rows.id));
        }
        for ending in endings {
            for (texts, wanted) in [(&rows.invalid, true), (&rows.valid, false)] {
                for text in texts.iter().filter(|text| finds(rules, &rows.id, ending, text) != wanted) {
                    let says = if wanted { "finds nothing in" } else { "must not find anything in" };
                    complain(format!("`{}` {says} the .{ending} example {text:?}", rows.id));
                }
            }
        }
    }
    for rule in &rules.structural {
        let shown =
            rules.examples.iter().any(|rows| rows.id == rule.id && !rows.invalid.is_empty() && !rows.valid.is_empty());
        if !shown {
            let message = format!("`{}` does not show what it finds and what it leaves alone", rule.id);
            let help = "add a document with `id`, `valid` and `invalid` to structural/tests/";
            faults.push(rule.fault(Complaint::new(message, "examples of both", help)));
        }
    }
    faults
}

fn ending(language: &str) -> &'static str {
    match language {
        "Go" => "go",
        "Java" => "java",
        "JavaScript" => "js",
        "Python" => "py",
        "Rust" => "rs",
        "Tsx" => "tsx",
        _ => "ts",
    }
}

fn finds(rules: &ReviewRules, id: &str, ending: &str, text: &str) -> bool {
    let change = FileChange {
        path: format!("app/example.{ending}"),
        previous_path: None,
        kind: ChangeKind::Added,
        blob: None,
        patch: None,
        additions: u32::try_from(text.lines().count()).unwrap_or(u32::MAX),
        deletions: 0,
    };
    let file = FileToReview { change: &change, content: Some(text.as_bytes()) };
    review_file(rules, &ReviewSettings::default(), file).iter().any(|finding| finding.rule == id)
}
