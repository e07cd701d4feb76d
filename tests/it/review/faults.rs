//! What is wrong in a rule is named by file, line and column.

use stationmaster::policy::{RepositoryPolicy, RuleFile};

use super::shipped;

fn faults_of(yaml: &str) -> String {
    let files = vec![RuleFile::new(".github/stationmaster/rules/own.yml", yaml)];
    shipped().with_repository(files).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn yaml_that_cannot_be_read_is_named_by_line_and_column() {
    let shown = faults_of("id: own\nlanguage: Python\nrule: [unclosed\n");
    assert!(shown.starts_with(".github/stationmaster/rules/own.yml:"), "{shown}");
    let place: Vec<&str> = shown.split(':').collect();
    assert!(place[1].parse::<u32>().unwrap() >= 3, "{shown}");
    assert!(place[2].parse::<u32>().unwrap() >= 1, "{shown}");
}

#[test]
fn a_language_that_is_not_built_in_is_a_sentence_and_no_panic() {
    let shown = faults_of("id: own\nlanguage: Ruby\nmessage: No.\nrule: { pattern: puts $A }\n");
    assert!(shown.contains("own.yml:1:1: the language Ruby is not built into Stationmaster"), "{shown}");
    let shown = faults_of("id: own\nlanguage: Klingon\nmessage: No.\nrule: { pattern: a }\n");
    assert!(shown.contains("Klingon is not supported"), "{shown}");
}

#[test]
fn a_structural_rule_that_cannot_be_compiled_says_why_at_its_id() {
    let shown = faults_of("# one\nid: own\nlanguage: Python\nmessage: No.\nrule: { kind: no_such_kind }\n");
    assert!(shown.contains("own.yml:2:1: this structural rule cannot be used"), "{shown}");
    assert!(shown.contains("no_such_kind"), "{shown}");
}

#[test]
fn a_second_rule_of_the_same_name_and_language_is_a_fault() {
    let shown = faults_of("id: rust-dbg\nlanguage: Rust\nmessage: No.\nrule: { kind: macro_invocation }\n");
    assert!(shown.contains("`rust-dbg` already"), "{shown}");
}

#[test]
fn a_repositorys_regex_is_underlined_where_it_is_wrong() {
    let text = "[[review.rule]]\nid = 'own'\nregex = 'a(b'\nmessage = 'No.'\n";
    let shown = RepositoryPolicy::parse(text, ".github/stationmaster.toml").unwrap_err().to_string();
    assert!(shown.starts_with(".github/stationmaster.toml:3:11: this regex cannot be used: unclosed group"), "{shown}");
}

#[test]
fn settings_that_are_not_known_or_not_sensible_are_faults() {
    let text = "[review]\ndisabled = ['a']\nmax_file_lines = 0\nseverity = { a = 'fatal' }\n";
    let shown = RepositoryPolicy::parse(text, "own.toml").unwrap_err().to_string();
    assert!(shown.contains("own.toml:2:1") && shown.contains("did you mean `disable`?"), "{shown}");
    assert!(shown.contains("own.toml:3:18: `max_file_lines` must be above zero"), "{shown}");
    assert!(shown.contains("\"fatal\" is not a severity"), "{shown}");
}
