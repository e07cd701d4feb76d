//! How a review is shown to people.

use stationmaster::decide::review::{present, review_body};
use stationmaster::model::{Conclusion, Finding, FindingKind, Severity};

fn finding(rule: &str, severity: Severity, path: &str, line: u32) -> Finding {
    Finding {
        kind: FindingKind::Code,
        rule: rule.to_owned(),
        severity,
        path: path.to_owned(),
        line,
        end_line: line,
        message: format!("Mend {rule}."),
        fingerprint: format!("{path}:{rule}:{line}"),
    }
}

#[test]
fn nothing_found_is_said_in_so_many_words() {
    let shown = present(&[]);
    assert_eq!((shown.title.as_str(), shown.conclusion), ("Nothing found", Conclusion::Success));
    assert!(shown.pages.is_empty());
    assert_eq!(review_body(&[]), "Automated review: nothing found.");
}

#[test]
fn warnings_stop_nothing_and_a_block_does() {
    let warning = finding("w", Severity::Warn, "a.py", 3);
    let block = finding("b", Severity::Block, "z.py", 9);
    let shown = present(std::slice::from_ref(&warning));
    assert_eq!((shown.title.as_str(), shown.conclusion), ("1 warning", Conclusion::Success));
    let shown = present(&[warning.clone(), block.clone()]);
    assert_eq!(
        (shown.title.as_str(), shown.conclusion),
        ("1 finding blocks the merge, 1 warning", Conclusion::Failure)
    );
    assert!(shown.summary.starts_with(
        "| rule | severity | findings |\n| --- | --- | ---: |\n| `b` | block | 1 |\n| `w` | warn | 1 |\n"
    ));
    assert!(shown.summary.contains("- **block** `b` `z.py:9`: Mend b.\n- **warn** `w` `a.py:3`: Mend w.\n"));
    assert!(shown.summary.contains("`stationmaster:allow rule-id reason`"));
    let levels: Vec<&str> = shown.pages[0].iter().map(|annotation| annotation.level.as_str()).collect();
    assert_eq!(levels, ["failure", "warning"]);
    assert!(review_body(&[warning, block]).starts_with("Automated review: 1 finding blocks the merge, 1 warning.\n"));
}

#[test]
fn annotations_come_in_pages_of_fifty_and_not_without_end() {
    let many = |count: u32| (1..=count).map(|line| finding("w", Severity::Warn, "a.py", line)).collect::<Vec<_>>();
    let sizes = |count| present(&many(count)).pages.iter().map(Vec::len).collect::<Vec<_>>();
    assert_eq!(sizes(50), [50]);
    assert_eq!(sizes(51), [50, 1]);
    assert_eq!(sizes(900), [50; 10]);
    let summary = present(&many(900)).summary;
    assert!(summary.contains("- and 880 more\n") && summary.contains("The first 500 are shown"), "{summary}");
}

#[test]
fn a_path_cannot_break_out_of_its_place_or_call_anybody() {
    let mut sly = finding("w", Severity::Warn, "a`| @octocat\n# big.py", 1);
    sly.message = "hello @octocat\n# big <img>".to_owned();
    let summary = present(&[sly]).summary;
    assert!(
        !summary.contains("\n# big") && !summary.contains("hello @octocat") && !summary.contains("<img"),
        "{summary}"
    );
    assert!(!summary.contains("a`|"), "{summary}");
}
