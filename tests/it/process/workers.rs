//! Orchestrators and workers at their command lines, beside a running server: from the token to the evidence.

use std::collections::BTreeMap;
use std::process::Output;

use serde_json::{Value, json};
use stationmaster::model::Number;
use stationmaster::simulator::github::NewPull;

use super::{Place, Server, on_both, text};
use crate::world::{REPOSITORY, within};

/// Somebody with a token of their own.
pub(super) struct Caller<'a> {
    place: &'a Place,
    settings: BTreeMap<&'static str, String>,
}

impl<'a> Caller<'a> {
    pub(super) async fn new(place: &'a Place, server: &Server, scope: &str) -> Self {
        let made = place.command(&["token", "create", "--name", scope, "--scope", scope]).await;
        assert!(made.status.success(), "{}", text(&made.stderr));
        let settings = BTreeMap::from([
            ("STATIONMASTER_URL", format!("http://{}", server.address)),
            ("STATIONMASTER_TOKEN", text(&made.stdout).trim().to_owned()),
        ]);
        Self { place, settings }
    }

    pub(super) async fn run(&self, arguments: &[&str]) -> Output {
        self.place.command_with(&self.settings, arguments).await
    }

    /// What is said on stdout by a command that succeeds.
    pub(super) async fn says(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        assert!(output.status.success(), "{arguments:?}: {}{}", text(&output.stdout), text(&output.stderr));
        text(&output.stdout).trim_end().to_owned()
    }

    pub(super) async fn shows(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.says(&[arguments, &["--json"]].concat()).await).unwrap()
    }

    /// Waits until a command's stdout begins with this: a decision may still be under way when everything else rests.
    pub(super) async fn comes_to_say(&self, arguments: &[&str], beginning: &str) {
        let look = async { while !self.says(arguments).await.starts_with(beginning) {} };
        within(&format!("{arguments:?} says {beginning:?}"), look).await;
    }

    /// The one line on stderr of a command that ends with this status and prints no result.
    pub(super) async fn refuses(&self, status: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        let told = text(&output.stderr).to_owned();
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {}{told}", text(&output.stdout));
        assert_eq!(text(&output.stdout), "", "{arguments:?}: {told}");
        assert_eq!(told.lines().count(), 1, "{told}");
        told
    }
}

pub(super) fn file(place: &Place, name: &str) -> String {
    std::fs::read_to_string(place.folder.path().join(".task-orchestrator").join(name)).unwrap()
}

pub(super) fn json_file(place: &Place, name: &str) -> Value {
    serde_json::from_str(&file(place, name)).unwrap()
}

/// A project with one task, given to a worker that has registered.
pub(super) async fn given<'a>(place: &'a Place, server: &Server) -> (Caller<'a>, Caller<'a>, String, String) {
    let planner = Caller::new(place, server, "orchestrator").await;
    let builder = Caller::new(place, server, "worker:builder-1").await;
    let registered = builder.says(&["worker", "register", "--role", "development", "--always", "--agent"]).await;
    assert_eq!(registered, "builder-1");
    // What the App is installed on is known once anything has come in.
    place.github.open_issue(REPOSITORY, "alice", "Monitor the lamps", "").unwrap();
    place.carded(1).await;
    let project = planner.says(&["orchestrate", "project", "Signals for the harbour line", "--repo", REPOSITORY]).await;
    let arguments = ["-r", "Shows caution", "-r", "Is tested", "-c", "The tests pass"];
    let create = [&["orchestrate", "create", &project, "Implement the distant signal"], &arguments[..]].concat();
    let task = planner.says(&create).await;
    assert_eq!(planner.says(&["orchestrate", "assign", &task, "builder-1"]).await, task);
    (planner, builder, project, task)
}

/// A pull request that belongs to issue 3, by its branch.
pub(super) fn open_pull(place: &Place) -> Number {
    let branch = "task/3-implement-the-distant-signal";
    let files = [("signal.txt", Some(b"caution".to_vec()))];
    place.github.commit_files(REPOSITORY, "alice", branch, &files, "Show caution").unwrap();
    let (title, head, base) = ("Show caution".to_owned(), branch.to_owned(), "main".to_owned());
    place.github.open_pull(REPOSITORY, "alice", NewPull { title, head, base, ..NewPull::default() }).unwrap()
}

on_both! {
    async fn a_project_goes_from_the_first_token_to_the_merged_pull(place: &Place) {
        let server = place.serve().await;
        let (planner, builder, project, task) = given(place, &server).await;
        assert_eq!((project.as_str(), task.as_str()), ("octo/station#2", "octo/station#3"));
        assert!(place.github.issue(REPOSITORY, 3).unwrap().body.contains("- Shows caution"));

        assert_eq!(builder.says(&["worker", "check"]).await, task);
        assert_eq!(file(place, "handoffs/pending_builder-1.txt"), format!("{task}\n"));
        let claimed = builder.shows(&["worker", "claim"]).await;
        assert_eq!(claimed["item"], json!(task));
        assert_eq!(file(place, "handoffs/pending_builder-1.txt"), "");
        let kept = &json_file(place, "workspace/builder-1/leases.json")[task.as_str()];
        assert_eq!((&kept["fence"], &kept["lease"]), (&claimed["fence"], &claimed["lease"]));
        let output = builder.run(&["worker", "claim"]).await;
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(3), ""));

        builder.says(&["worker", "get", &task, "--save"]).await;
        let handoff = json_file(place, "handoffs/octo-station-3_handoff.json");
        assert_eq!((&handoff["item_id"], &handoff["fence"]), (&json!(task), &claimed["fence"]));
        assert_eq!(handoff["task"]["requirements"], json!(["Shows caution", "Is tested"]));
        assert_eq!(builder.says(&["worker", "progress", &task, "The lamp is wired", "--percent", "40"]).await, task);
        assert_eq!(json_file(place, "handoffs/octo-station-3_progress.json")[0]["percent"], 40);
        let progress = planner.says(&["orchestrate", "progress", &project]).await;
        assert!(progress.starts_with("40%\n") && progress.contains("builder-1"), "{progress}");
        builder.says(&["worker", "discover", &task, "The bell rings twice", "--impact", "noise"]).await;
        let found = planner.shows(&["orchestrate", "discoveries", &project]).await;
        let first = &found["discoveries"][0];
        assert_eq!((&first["id"], &first["text"]), (&json!("D1"), &json!("The bell rings twice")));
        builder.says(&["worker", "notes", &task, "the relay sticks"]).await;
        assert!(builder.says(&["worker", "notes", &task]).await.ends_with("the relay sticks"));
        assert!(file(place, "workspace/builder-1/octo-station-3_notes.md").contains("the relay sticks"));
        builder.says(&["worker", "blocker", &task, "No key", "--needs", "a key"]).await;
        assert_eq!(planner.shows(&["orchestrate", "progress", &project]).await["tasks"][0]["status"], "blocked");
        builder.says(&["worker", "unblock", &task]).await;
        builder.says(&["worker", "learn", &task, "Reset the relay first", "--impact", "0.8", "--tags", "relay"]).await;
        let learned = place.command(&["learnings", "relay", "first", "--tag", "relay", "--json"]).await;
        let learned: Value = serde_json::from_slice(&learned.stdout).unwrap();
        assert_eq!((&learned["description"], &learned["impact"]), (&json!("Reset the relay first"), &json!(0.8)));
        let nothing = place.command(&["learnings", "relay", "--impact", "0.9"]).await;
        assert_eq!(text(&nothing.stdout), "Nothing of that kind was learned yet.\n");
        assert_eq!(builder.says(&["worker", "heartbeat"]).await, "busy");

        // The pull is not merged yet, so the evidence waits for that.
        let pull = open_pull(place);
        let issue = handoff["project_context"]["url"].as_str().unwrap();
        let evidence = issue.replace("/issues/3", &format!("/pull/{pull}"));
        assert_eq!(builder.says(&["worker", "complete", &task, &evidence]).await, task);
        let completion = json_file(place, "handoffs/octo-station-3_completion.json");
        assert_eq!((&completion["item_id"], &completion["evidence"]), (&json!(task), &json!(evidence)));
        assert!(!planner.says(&["orchestrate", "progress", &project]).await.starts_with("100%"));
        place.rest().await;
        assert!(place.github.merge_pull(REPOSITORY, "alice", pull).unwrap());
        place.rest().await;
        planner.comes_to_say(&["orchestrate", "progress", &project], "100%\n").await;
        assert_eq!(planner.says(&["orchestrate", "complete", &project]).await, project);

        let audited = place.command(&["audit", "--item", &task, "--actor", "worker builder-1", "--json"]).await;
        let lines: Vec<Value> = text(&audited.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(lines.iter().any(|line| line["kind"] == "claim" && line["about"] == json!(task)), "{lines:#?}");
        assert!(lines.iter().all(|line| line["actor"] == "worker builder-1"), "{lines:#?}");
    }

    async fn what_a_token_is_not_for_is_refused_in_a_line(place: &Place) {
        let server = place.serve().await;
        let (planner, builder, project, task) = given(place, &server).await;
        let told = planner.refuses(1, &["worker", "claim", "--id", "builder-1"]).await;
        assert!(told.starts_with("error: Forbidden: ") && told.contains("orchestrator"), "{told}");
        let told = builder.refuses(1, &["orchestrate", "project", "Mine", "--repo", REPOSITORY]).await;
        assert!(told.contains("Forbidden"), "{told}");
        let told = planner.refuses(1, &["orchestrate", "complete", &task, "It is done"]).await;
        assert!(told.contains("Forbidden") && told.contains("project"), "{told}");
        let told = builder.refuses(1, &["worker", "progress", &project, "Going well"]).await;
        // Refused at once, or by the decision where a webhook had come in between.
        assert!(told.starts_with("error: ") && told.contains("obody holds the task"), "{told}");
        builder.says(&["worker", "claim", &task]).await;
        let told = builder.refuses(1, &["worker", "complete", &task, "Done"]).await;
        assert!(told.contains("pull"), "it says what is missing: {told}");

        // Somebody else has the task since: the fence that was remembered counts no more.
        planner.says(&["orchestrate", "assign", &task, "dev_worker1"]).await;
        planner.says(&["orchestrate", "assign", &task, "builder-1"]).await;
        let told = builder.refuses(1, &["worker", "progress", &task, "Still at it"]).await;
        assert!(told.contains("fence"), "{told}");
        let told = builder.refuses(1, &["worker", "get", "octo/station#99"]).await;
        assert!(told.contains("Not found") && told.contains("octo/station#99"), "{told}");
    }
}
