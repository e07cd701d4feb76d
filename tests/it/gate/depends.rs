//! `Depends-On:` lines, and what they do at the gate.

use stationmaster::decide::{depends_on, waits_for};
use stationmaster::model::{Dependency, MergeBlocker, Number, RepositoryName};

use super::{blockers, gate, policy, ready, sentences};

fn found(body: &str) -> Vec<String> {
    let named = depends_on(body, &RepositoryName::new("octo", "station"));
    named.found.into_iter().map(|(repository, number)| format!("{repository}#{number}")).collect()
}

#[test]
fn numbers_names_and_addresses_are_understood_each_once() {
    let body = "Needs more track.\r\n\r\nDepends-On: #12\r\ndepends-on: octo/rails#3, #12 and Octo/Station#12\n   \
                Depends-On: https://github.com/octo/trains/pull/7/files https://ghe.example/a/b/issues/9#issuecomment-1.\n";
    assert_eq!(found(body), ["octo/station#12", "octo/rails#3", "octo/trains#7", "a/b#9"]);
}

#[test]
fn code_comments_quotes_and_mid_sentence_words_name_nothing() {
    let body = "```\nDepends-On: #1\n```\n~~~~ text\n```\nDepends-On: #2\n~~~\nDepends-On: #3\n~~~~\n\
                <!-- Depends-On: #4 -->\n<!--\nDepends-On: #5\n-->\n    Depends-On: #6\n> Depends-On: #7\n\
                It Depends-On: #8\nDepends-On: #0\nDepends-On: #-1\nDepends-On: https://github.com/octo/x/commit/12\n";
    assert_eq!(found(body), Vec::<String>::new());
    assert_eq!(found("<!-- x --> Depends-On: #9"), ["octo/station#9"]);
    assert_eq!(found("`<!--` opens a comment\nDepends-On: #10\n`-->`"), ["octo/station#10"]);
}

#[test]
fn an_issue_waits_for_what_its_lines_name_in_either_spelling_until_a_word_names_nothing() {
    let body = "Depends on #1 and octo/rails#3, which is late, as is #9\n- depends-on: #2, #1\n* Depends On #4.\n\
                Depends on the weather and #5\nIt depends on #6\n`Depends on #7`\n```\nDepends on #8\n```\n\
                <!-- Depends on #8 -->\n    Depends on #8\nDepends\nDepends on\nDepends ön #8\n";
    let found = waits_for(body, &RepositoryName::new("octo", "station"));
    let shown: Vec<String> = found.into_iter().map(|(repository, number)| format!("{repository}#{number}")).collect();
    assert_eq!(shown, ["octo/station#1", "octo/rails#3", "octo/station#2", "octo/station#4"]);
}

#[test]
fn words_that_name_nothing_are_said_and_do_not_block() {
    let mut snapshot = ready();
    snapshot.pull.body = "Depends-On: tomorrow".to_owned();
    let gate = gate(&snapshot, &policy(""));
    assert!(gate.is_open());
    assert!(gate.reasons.iter().any(|reason| reason.contains("“tomorrow”")), "{gate:?}");
}

#[test]
fn an_open_dependency_blocks_and_one_that_nobody_has_looked_at_counts_as_open() {
    let mut snapshot = ready();
    snapshot.pull.body = "Depends-On: #3\nDepends-On: #4".to_owned();
    let state = "closed without a merge".to_owned();
    let repository = RepositoryName::new("Octo", "Station");
    snapshot.dependencies = vec![Dependency { repository, number: Number(3), met: false, state }];
    insta::assert_snapshot!(sentences(&gate(&snapshot, &policy(""))).join("\n"), @r"
    it depends on Octo/Station#3, which is closed without a merge
    it depends on octo/station#4, which is not looked at yet
    ");
    snapshot.dependencies[0].met = true;
    snapshot.pull.body = "Depends-On: #3".to_owned();
    assert_eq!(blockers(&snapshot), Vec::<MergeBlocker>::new());
}
