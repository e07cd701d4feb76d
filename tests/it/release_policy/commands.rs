//! `commands.toml`: what the server lets repositories run.

use stationmaster::policy::{Faults, Policy, RuleFile, Rules, read_file};

fn commands(text: &str) -> Result<Rules, Faults> {
    Rules::from_files(vec![RuleFile::new("rules/commands.toml", text)])
}

#[test]
fn commands_are_the_servers_own_and_optional() {
    let text = "[[command]]\nname = \"restart-qa\"\nrun = [\"/bin/deploy\", \"--to\", \"qa\", \"{tag}\", \"a {b\"]\n";
    let rules = commands(text).unwrap();
    assert_eq!(rules.commands["restart-qa"], ["/bin/deploy", "--to", "qa", "{tag}", "a {b"]);
    let policy = Policy::combine(&rules, None);
    assert_eq!(policy.commands, rules.commands);

    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("routing.toml"), "").unwrap();
    let without = Rules::load(folder.path()).unwrap();
    assert!(without.commands.is_empty());
    std::fs::write(folder.path().join("commands.toml"), text).unwrap();
    let with = Rules::load(folder.path()).unwrap();
    assert_eq!(with.commands.len(), 1);
    assert_ne!(without.fingerprint(), with.fingerprint(), "an edit is noticed");
    assert!(Rules::builtin().unwrap().commands.is_empty());
}

#[test]
fn the_shipped_file_of_commands_has_none_and_its_example_is_good() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/commands.toml");
    let file = read_file(&path).unwrap();
    assert!(file.text.lines().all(|line| line.starts_with('#')));
    let example = file.text.split("\n#\n").last().unwrap().replace("# ", "");
    assert_eq!(commands(&example).unwrap().commands["restart-qa"].last().map(String::as_str), Some("{tag}"));
}

#[test]
fn faults_of_commands_are_found_at_once() {
    let text = r#"[[command]]
name = "restart qa"
run = ["{tag}", "{tagg}"]

[[command]]
run = []

[[command]]
name = "x"

[[command]]
name = "x"
run = "deploy {tag}"
shell = true

[[command]]
name = "y"
run = ["", 3]
"#;
    insta::assert_snapshot!(commands(text).unwrap_err().to_string(), @r###"
    rules/commands.toml:2:8: "restart qa" cannot be the name of a command: expected at most 100 letters, digits, `_`, `-` and `.`; write one word
    rules/commands.toml:3:9: `{tag}` is not filled in here: expected text without placeholders; write the program itself, and placeholders as its arguments
    rules/commands.toml:3:18: `{tagg}` stands for nothing: expected one of `{tag}`, `{version}`, `{sha}`, `{environment}`, `{deployment}`, `{previous}`; did you mean `{tag}`?
    rules/commands.toml:5:1: `name` is missing here: expected `name = "restart-qa"`; add a line `name = "restart-qa"`
    rules/commands.toml:6:7: `run` is empty: expected a list such as ["/usr/local/bin/deploy", "{tag}"]; write the program and its arguments
    rules/commands.toml:8:1: `run` is missing here: expected a list such as ["/usr/local/bin/deploy", "{tag}"]; add `run` with the program and its arguments
    rules/commands.toml:12:8: there is a command `x` already, at line 9: expected a name of its own; rename or remove one of the two
    rules/commands.toml:13:7: `run` is of type string: expected a list in square brackets; write a list in square brackets after `run =`
    rules/commands.toml:14:1: `shell` is not a known key here: expected one of `name`, `run`; remove `shell`
    rules/commands.toml:18:8: the program has no name: expected a program; write the program's name or its whole path
    rules/commands.toml:18:12: `run` is of type integer: expected a list of texts in quotes; write a list of texts in quotes after `run =`
    "###);
}
