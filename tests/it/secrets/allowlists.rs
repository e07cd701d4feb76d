//! Allowlists: what they hold their regexes against, and what AND and OR mean.

use stationmaster::decide::secrets::{ScanOptions, scan_text};

use super::{found, named, rules};

const RULE: &str = "[[rules]]\nid = \"r\"\nregex = '''key=\"(\\w+)\"'''\n";

fn with(allowlist: &str) -> stationmaster::policy::SecretRules {
    rules(&format!("{RULE}[[rules.allowlists]]\n{allowlist}"))
}

#[test]
fn by_default_one_of_the_conditions_is_enough() {
    let rules = with("paths = ['''^test/''']\nregexes = ['''^fake''']\nstopwords = [\"EXAMPLE\"]");
    for (path, text, expected) in [
        ("src/a", "key=\"real\"", 1),
        ("test/a", "key=\"real\"", 0),
        ("src/a", "key=\"fake1\"", 0),
        ("src/a", "key=\"myexample1\"", 0),
    ] {
        assert_eq!(found(&rules, path, text).len(), expected, "{path} {text}");
    }
}

#[test]
fn with_and_all_of_the_conditions_must_hold() {
    let rules = with("condition = \"AND\"\npaths = ['''^test/''']\nregexes = ['''^fake''']\nstopwords = [\"example\"]");
    for (path, text, expected) in [
        ("test/a", "key=\"fake_example\"", 0),
        ("src/a", "key=\"fake_example\"", 1),
        ("test/a", "key=\"real_example\"", 1),
        ("test/a", "key=\"fake_thing\"", 1),
    ] {
        assert_eq!(found(&rules, path, text).len(), expected, "{path} {text}");
    }
    let paths_and_commits = with("condition = \"&&\"\npaths = ['''^test/''']\ncommits = [\"abc\"]");
    let at = |path, commit| {
        let options = ScanOptions { commit, ..ScanOptions::default() };
        scan_text(&paths_and_commits, path, b"key=\"real\"", options).len()
    };
    assert_eq!(
        (at("test/a", Some("abc")), at("test/a", Some("def")), at("test/a", None), at("src/a", Some("abc"))),
        (0, 1, 1, 1)
    );
}

#[test]
fn a_commit_is_allowed_as_a_whole() {
    let rules = with("commits = [\"abc\"]");
    let options = |commit| ScanOptions { commit, ..ScanOptions::default() };
    assert!(scan_text(&rules, "f", b"key=\"real\"", options(Some("abc"))).is_empty());
    assert_eq!(named(&scan_text(&rules, "f", b"key=\"real\"", options(Some("abd")))), ["r:1"]);
}

#[test]
fn the_target_of_a_regex_is_the_secret_the_match_or_the_line() {
    let text = "const key=\"abc\" // test value";
    for (target, regex, allowed) in [
        ("secret", "^abc$", true),
        ("secret", "key", false),
        ("match", "^key=", true),
        ("match", "const", false),
        ("line", "test value$", true),
        ("line", "^key", false),
    ] {
        let rules = with(&format!("regexTarget = \"{target}\"\nregexes = ['''{regex}''']"));
        assert_eq!(found(&rules, "f", text).is_empty(), allowed, "{target} {regex}");
    }
}

#[test]
fn allowlists_of_the_file_hold_for_all_rules_or_for_those_that_they_name() {
    let both = "[[rules]]\nid = \"other\"\nregex = '''pin=(\\w+)'''\n";
    let all = rules(&format!("{RULE}{both}[[allowlists]]\nstopwords = [\"fake\"]"));
    assert!(found(&all, "f", "key=\"fake\"\npin=fake").is_empty());
    let one = rules(&format!("{RULE}{both}[[allowlists]]\ntargetRules = [\"other\"]\nstopwords = [\"fake\"]"));
    assert_eq!(found(&one, "f", "key=\"fake\"\npin=fake"), ["r:1"]);
}
