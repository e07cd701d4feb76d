//! `rules learn` and `pr flaky`, as the program prints them.

use serde_json::Value;

use crate::pr_cli::Desk;
use crate::world::REPOSITORY;

#[tokio::test]
async fn rules_learn_prints_what_history_suggests_and_has_it_proposed() {
    let desk = Desk::new().await;
    let nothing = desk.says(&["rules", "learn", "--repo", REPOSITORY]).await;
    assert!(nothing.contains("History of octo/station suggests no rule: it takes three titles"), "{nothing}");
    let refused = desk.run(&["rules", "learn", "--repo", REPOSITORY, "--pull"]).await;
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && told.contains("history suggests no rule"), "{told}");

    for title in ["Polish the bell", "Polish the rails", "Polish the lamps"] {
        desk.github.open_labelled_issue(REPOSITORY, "alice", (title, ""), &["type/development"]).unwrap();
    }
    desk.says(&["pr", "sweep"]).await;
    let text = desk.says(&["rules", "learn", "--repo", REPOSITORY]).await;
    for words in ["learned-polish: people gave 3 titles", "#2 Polish the rails (development)", "title = '^polish\\b'"] {
        assert!(text.contains(words), "{words:?} is missing:\n{text}");
    }
    let json: Value =
        serde_json::from_str(&desk.says(&["rules", "learn", "--repo", REPOSITORY, "--json"]).await).unwrap();
    assert_eq!((&json["name"], &json["type"]), (&Value::from("learned-polish"), &Value::from("development")));
    assert_eq!(json["support"].as_array().unwrap().len(), 3);

    let pulled = desk.says(&["rules", "learn", "--repo", REPOSITORY, "--pull"]).await;
    assert_eq!(pulled.trim(), "octo/station#4 proposes 1 rule.");
    assert!(desk.github.pull(REPOSITORY, 4).unwrap().head.starts_with("stationmaster/learn/"));
    assert_eq!(desk.says(&["rules", "learn", "--repo", REPOSITORY, "--pull"]).await.trim(), pulled.trim());
    let why = desk.says(&["why", "octo/station#4"]).await;
    assert!(why.contains("nobody but a person decides on that"), "{why}");
    assert!(why.contains("There is too little history to say how long it may take"), "{why}");
}

#[tokio::test]
async fn pr_flaky_names_checks_that_failed_and_then_passed() {
    let desk = Desk::new().await;
    let none = desk.says(&["pr", "flaky", "--repo", REPOSITORY]).await;
    assert!(none.contains("No check of octo/station failed and then passed on more than one commit."), "{none}");
    let unknown = desk.run(&["pr", "flaky", "--repo", "octo/nowhere"]).await;
    assert!(!unknown.status.success());
}
