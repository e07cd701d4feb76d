//! The scan for secrets: no text hides a secret that follows it, none is ever repeated, and a change is scanned as a file.

use std::sync::LazyLock;

use stationmaster::decide::secrets::{Leak, ScanOptions, scan_added, scan_text};
use stationmaster::policy::{IgnoredLeaks, RuleFile, SecretRules};

static SHIPPED: LazyLock<SecretRules> =
    LazyLock::new(|| SecretRules::read(SecretRules::builtin_file(), None).expect("the shipped rules are good"));

const PATH: &str = "src/settings.py";
/// Put together here, so that no scanner of this repository takes it for one.
static SECRET: LazyLock<String> = LazyLock::new(|| ["AKIA", "Q3EGRQ7X", "2ZK4BDTM"].concat());

/// A file in gitleaks' format, and a text that is scanned by it and by the shipped rules.
pub fn check(data: &[u8]) {
    let (config, text) = super::parts(data);
    match SecretRules::read(RuleFile::new(".gitleaks.toml", config.as_str()), None) {
        Ok(rules) => {
            let leaks = scan_text(&rules, PATH, text.as_bytes(), ScanOptions::default());
            are_within(&leaks, &text);
        }
        Err(faults) => super::faults_are_useful(&faults, &config),
    }
    for text in [&config, &text] {
        let leaks = scan_text(&SHIPPED, PATH, text.as_bytes(), ScanOptions::default());
        are_within(&leaks, text);
        can_be_ignored(&leaks, text);
        a_secret_behind_it_is_found(text);
        a_change_is_scanned_as_a_file(text);
    }
}

fn are_within(leaks: &[Leak], text: &str) {
    let lines = text.split('\n').count();
    for leak in leaks {
        let (line, end) = (usize::try_from(leak.line).unwrap(), usize::try_from(leak.end_line).unwrap());
        assert!(1 <= line && line <= end && end <= lines && leak.column >= 1, "{leak:?}");
        assert!(leak.fingerprint.starts_with(&format!("{PATH}:{}:", leak.rule)), "{leak:?}");
        assert!(leak.finding().blocks());
    }
    // Overlapping findings of many rules are told one by one; still there is an end to them.
    assert!(leaks.len() <= 400 * lines.max(text.len() / 4).max(1), "{} leaks in {} bytes", leaks.len(), text.len());
}

fn can_be_ignored(leaks: &[Leak], text: &str) {
    let list: Vec<_> = leaks.iter().map(|leak| leak.fingerprint.clone()).collect();
    let ignored = IgnoredLeaks::parse(&format!("# known\n{}\r\n", list.join("\r\n")));
    let left =
        scan_text(&SHIPPED, PATH, text.as_bytes(), ScanOptions { ignored: Some(&ignored), ..ScanOptions::default() });
    assert!(left.is_empty(), "{left:?}");
}

fn a_secret_behind_it_is_found(before: &str) {
    let text = format!("{before}\nkey = \"{}\"\n", *SECRET);
    let leaks = scan_text(&SHIPPED, PATH, text.as_bytes(), ScanOptions::default());
    let line = u32::try_from(text.split('\n').count() - 1).unwrap();
    let found = leaks.iter().any(|leak| leak.rule == "aws-access-key-id" && leak.line == line);
    assert!(found, "hidden by {before:?}: {leaks:?}");
    for leak in &leaks {
        let told = format!("{leak:?} {:?} {}", leak.finding(), serde_json::to_string(leak).unwrap());
        assert!(!told.contains(SECRET.as_str()), "{told}");
    }
}

fn a_change_is_scanned_as_a_file(text: &str) {
    let text = format!("{text}\n");
    let lines: Vec<&str> = text.split('\n').collect();
    let (_, lines) = lines.split_last().expect("a line");
    let change = super::added_file(PATH, lines);
    let whole = scan_text(&SHIPPED, PATH, text.as_bytes(), ScanOptions::default());
    assert_eq!(scan_added(&SHIPPED, &change, ScanOptions::default()), whole, "of {text:?}");
}
