//! What `rules check`, `rules test` and `router classify` print.

use std::fs::{create_dir_all, write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use stationmaster::cli::router::{self, RouterCommand};
use stationmaster::cli::rules::{self, RulesCommand};

#[derive(Parser)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    #[command(subcommand)]
    Rules(RulesCommand),
    #[command(subcommand)]
    Router(RouterCommand),
}

/// Runs a command line and returns what it printed and whether it succeeded.
fn run(line: &[&str]) -> (String, bool) {
    let mut out = Vec::new();
    let parsed = Line::try_parse_from([&["stationmaster"], line].concat()).unwrap();
    let code = match parsed.command {
        Command::Rules(RulesCommand::Check(args)) => rules::check(&args, &mut out),
        Command::Rules(RulesCommand::Test(args)) => rules::test(&args, &mut out),
        Command::Router(RouterCommand::Classify(args)) => router::classify(&args, &mut out),
        Command::Rules(RulesCommand::Backtest(_)) => panic!("a backtest needs GitHub"),
        Command::Rules(RulesCommand::Learn(_)) => panic!("learning needs GitHub"),
        Command::Router(other) => panic!("{other:?} needs a store"),
    }
    .unwrap();
    (String::from_utf8(out).unwrap(), code == ExitCode::SUCCESS)
}

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("rules")
}

#[test]
fn the_shipped_rules_pass_their_own_table() {
    let folder = shipped();
    let table = folder.join("tests/routing.toml");
    let printed = run(&["rules", "test", table.to_str().unwrap(), "--rules", folder.to_str().unwrap()]);
    assert_eq!(printed, ("35 rows, 0 failing\n".to_owned(), true));
}

#[test]
fn a_row_that_fails_prints_what_won_and_why() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rows.toml");
    let rows = "[[expect]]\ntitle = \"Deploy v2\"\nrule = \"fix\"\npriority = 70\n\n[[expect]]\ntitle = \"hello\"\ntype = \"testing\"\n";
    write(&file, rows).unwrap();
    let (text, succeeded) = run(&["rules", "test", file.to_str().unwrap(), "--rules", shipped().to_str().unwrap()]);
    let text = text.replace(file.to_str().unwrap(), "rows.toml").replace(shipped().to_str().unwrap(), "rules");
    assert!(!succeeded);
    insta::assert_snapshot!(text, @r###"
    rows.toml:1: "Deploy v2": expected rule fix, got deploy, expected priority 70, got 100
        rule `deploy` (rules/routing.toml:31) matches `deploy%` at "Deploy" in the title and has priority 100
    rows.toml:6: "hello": expected type testing, got triage
        no rule matches the title, text, labels, author and repository
    2 rows, 2 failing
    "###);
}

#[test]
fn check_says_in_a_line_each_that_all_is_fine() {
    let folder = shipped();
    let (text, succeeded) = run(&["rules", "check", "--rules", folder.to_str().unwrap()]);
    assert_eq!(
        (text.as_str(), succeeded),
        ("rules: 13 rules, 9 roles, 15 workers, no faults\nreview: 32 rules, no faults\n", true)
    );
    for (file, end) in [
        ("routing.toml", "13 rules, 9 roles, 15 workers, no faults\n"),
        ("workers.toml", "0 rules, 9 roles, 15 workers, no faults\n"),
        ("commands.toml", "0 commands, no faults\n"),
        ("secrets.toml", "169 rules for secrets, no faults\n"),
        ("tests/routing.toml", "35 rows, no faults\n"),
        ("review.toml", "3 rules of the review, no faults\n"),
        ("structural/rust.yml", "3 rules of the review, no faults\n"),
    ] {
        let (text, succeeded) = run(&["rules", "check", folder.join(file).to_str().unwrap()]);
        assert!(succeeded && text.ends_with(end), "{text}");
    }
}

#[test]
fn check_of_a_repository_policy_prints_each_fault_and_fails() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(".github/stationmaster.toml");
    create_dir_all(file.parent().unwrap()).unwrap();
    write(&file, "[cooking]\n\n[tasks]\nmanage = 1\n").unwrap();
    let (text, succeeded) = run(&["rules", "check", file.to_str().unwrap(), "--format", "plain"]);
    assert!(!succeeded);
    let shown = file.display();
    assert_eq!(
        text,
        format!(
            "{shown}:1:2: `cooking` is not a known key here: expected one of `rule`, `assignment`, `notify`, `tasks`, `evidence`, `merge`, `checks`, `trust`, `freeze`, `environment`, `review`, `model`, `learn`, `release`; remove `cooking`\n\
             {shown}:4:10: `manage` is of type integer: expected true or false without quotes; write true or false without quotes after `manage =`\n\
             2 faults\n"
        )
    );
    write(&file, "[tasks]\nmanage = true\n").unwrap();
    assert!(run(&["rules", "check", file.to_str().unwrap()]).1);
}

#[test]
fn classify_prints_one_line_of_json_and_nothing_else() {
    let folder = shipped();
    let (text, succeeded) =
        run(&["router", "classify", "fix(parser): off by one", "--rules", folder.to_str().unwrap()]);
    assert!(succeeded);
    assert_eq!(
        text,
        "{\"success\":true,\"task_type\":\"development\",\"session\":\"architect\",\"priority\":70,\"classification\":{\"matched_pattern\":\"fix%\",\"rule\":\"fix\",\"losers\":[]}}\n"
    );
}
