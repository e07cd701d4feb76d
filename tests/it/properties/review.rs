//! The review: findings point into the file, never grow without end, and call nobody; rules of others are refused usefully.

use std::sync::LazyLock;

use stationmaster::decide::review::{FileToReview, present, review_body, review_file};
use stationmaster::policy::{ReviewRules, ReviewSettings, ReviewSource, RuleFile};

static SHIPPED: LazyLock<ReviewRules> =
    LazyLock::new(|| ReviewRules::compile(ReviewSource::builtin()).expect("the shipped rules are good"));

/// Structural rules in ast-grep's format, and a file that is reviewed by them and by the shipped ones.
pub fn check(data: &[u8]) {
    let (rules, file) = super::parts(data);
    let own = RuleFile::new("own.yml", rules.as_str());
    match ReviewRules::check_structural(own.clone()) {
        Ok(()) => {
            if let Ok(joined) = SHIPPED.with_repository(vec![own]) {
                reviewed(&joined, "app/a.py", &file);
            }
        }
        Err(faults) => super::faults_are_useful(&faults, &rules),
    }
    for path in ["app/a.py", "src/a.rs", "web/a.ts", "a.js", "A.java", "a.go", "notes.txt"] {
        for text in [&rules, &file] {
            reviewed(&SHIPPED, path, text);
        }
    }
}

fn reviewed(rules: &ReviewRules, path: &str, text: &str) {
    let lines: Vec<&str> = text.split('\n').collect();
    let change = super::added_file(path, &lines);
    let found = review_file(rules, &ReviewSettings::default(), FileToReview { change: &change, content: None });
    for finding in &found {
        let (line, end) = (usize::try_from(finding.line).unwrap(), usize::try_from(finding.end_line).unwrap());
        assert!(1 <= line && line <= end && end <= lines.len() + 1, "{finding:?} in {} lines", lines.len());
        assert!(!finding.message.is_empty() && finding.fingerprint.starts_with(path), "{finding:?}");
    }
    assert!(found.len() <= 210, "{} findings", found.len());
    let shown = present(&found);
    assert!(shown.pages.len() <= 10 && shown.pages.iter().all(|page| page.len() <= 50));
    for text in [shown.summary.as_str(), &review_body(&found)] {
        // What GitHub takes of a check run's summary and of a review's text.
        assert!(text.chars().count() <= 65_535);
        let calls = text.split('@').skip(1).any(|after| after.starts_with(|c: char| c.is_ascii_alphanumeric()));
        assert!(!calls, "somebody is called: {text}");
    }
}
