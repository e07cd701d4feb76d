//! To which tasks a pull says that it belongs.

use stationmaster::decide::evidence::tasks_of_pull;

use super::home;

fn tasks(branch: &str, title: &str, body: &str) -> Vec<String> {
    tasks_of_pull(&home(), (branch, title, body)).iter().map(ToString::to_string).collect()
}

#[test]
fn a_branch_a_title_and_a_text_each_link_a_pull() {
    for (branch, title, body) in [
        ("task/12-signals", "", ""),
        ("feature/12", "", ""),
        ("fix/12_signals", "", ""),
        ("x", "#12: Show signals", ""),
        ("x", "[#12] Show signals", ""),
        ("x", "Show signals, fixes #12", ""),
        ("x", "", "It is red now.\n\nCloses: #12."),
        ("x", "", "resolves octo/station#12"),
        ("x", "", "Fixes https://github.com/octo/station/issues/12"),
    ] {
        assert_eq!(tasks(branch, title, body), ["octo/station#12"], "{branch:?} {title:?} {body:?}");
    }
    assert_eq!(
        tasks("task/12", "#13: x", "fixes #12, fixes octo/other#3"),
        ["octo/station#12", "octo/station#13", "octo/other#3"]
    );
}

#[test]
fn numbers_that_mean_something_else_link_nothing() {
    for (branch, title, body) in [
        ("release/12", "", ""),
        ("feature/12.3", "", ""),
        ("feature/twelve", "", ""),
        ("12-signals", "", ""),
        ("x", "Show signals (#12)", ""),
        ("x", "#12th signal", ""),
        ("x", "", "see #12"),
        ("x", "", "```\nfixes #12\n```"),
        ("x", "", "<!-- fixes #12 -->"),
        ("x", "", "fixes https://github.com/octo/station/pull/12"),
        ("x", "", "fixes #0"),
    ] {
        assert_eq!(tasks(branch, title, body), Vec::<String>::new(), "{branch:?} {title:?} {body:?}");
    }
}
