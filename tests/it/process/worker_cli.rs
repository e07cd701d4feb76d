//! The rest of what `worker` and `orchestrate` can do beside a running server: every verb, every file, every refusal.

use serde_json::{Value, json};

use super::workers::{Caller, file, given, json_file, open_pull};
use super::{PATIENCE, Place, on_both, text};
use crate::world::REPOSITORY;

/// Whether the bridge has a file of this name.
fn has_file(place: &Place, name: &str) -> bool {
    place.folder.path().join(".task-orchestrator").join(name).exists()
}

/// Where a task stands, as the API tells it.
async fn status(caller: &Caller<'_>, project: &str, task: &str) -> Value {
    let progress = caller.shows(&["orchestrate", "progress", project]).await;
    let tasks = progress["tasks"].as_array().unwrap().clone();
    let found = tasks.into_iter().find(|one| one["item"] == json!(task));
    found.unwrap_or_else(|| panic!("no {task} in {progress:#}"))["status"].clone()
}

on_both! {
    async fn evidence_that_does_not_hold_leaves_the_task_with_its_worker_until_it_does(place: &Place) {
        let server = place.serve().await;
        let (planner, builder, project, task) = given(place, &server).await;
        builder.says(&["worker", "claim", &task]).await;
        let issue = builder.shows(&["worker", "get", &task]).await["project_context"]["url"].as_str().unwrap().to_owned();
        assert!(!has_file(place, "handoffs/octo-station-3_handoff.json"), "nothing is saved without --save");
        for (evidence, words) in [
            ("Done", "\"Done\" alone shows nothing"),
            ("Fixed it", "no pull request is named"),
            ("http://github.com.evil.io/octo/station/pull/1", "is not on"),
            (issue.as_str(), "is an issue, not a pull request"),
        ] {
            let told = builder.refuses(1, &["worker", "complete", &task, evidence]).await;
            assert!(told.starts_with("error: Conflict: ") && told.contains(words), "{told}");
        }
        assert!(!has_file(place, "handoffs/octo-station-3_completion.json"), "what was refused is no completion");
        assert_eq!(status(&planner, &project, &task).await, "in-progress");
        // What is understood and does not hold comes back.
        assert_eq!(builder.says(&["worker", "complete", &task, "#99"]).await, task);
        let sent_back = "octo/station#99 is not found";
        let told = place.github.wait_until("it is sent back", PATIENCE, |view| {
            view.issue(REPOSITORY, 3).is_some_and(|issue| issue.comments.iter().any(|said| said.body.contains(sent_back)))
        });
        told.await.unwrap();
        assert_eq!(status(&planner, &project, &task).await, "in-progress");
        let pull = open_pull(place);
        place.rest().await;
        assert!(place.github.merge_pull(REPOSITORY, "alice", pull).unwrap());
        planner.comes_to_say(&["orchestrate", "progress", &project], "100%\n").await;
        assert_eq!(status(&planner, &project, &task).await, "done");
        // Its issue is closed by an action of its own, and until then the task itself is what is in the way.
        let told = builder.refuses(1, &["worker", "complete", &task, &format!("#{pull}")]).await;
        assert!(told.contains("this one is done") || told.contains("the issue is closed"), "{told}");
        assert_eq!(builder.says(&["worker", "check"]).await, "");
        assert_eq!(file(place, "handoffs/pending_builder-1.txt"), "");
    }

    async fn the_bridge_follows_what_a_worker_does(place: &Place) {
        let server = place.serve().await;
        let (_, builder, _, task) = given(place, &server).await;
        let pending = builder.shows(&["worker", "check"]).await;
        assert_eq!((pending.as_array().unwrap().len(), &pending[0]["item"]), (1, &json!(task)), "{pending}");
        assert_eq!(builder.says(&["worker", "claim", &task]).await, task);
        let output = builder.run(&["worker", "get", &task, "--save"]).await;
        let (shown, told) = (text(&output.stdout), text(&output.stderr));
        let saved = json_file(place, "handoffs/octo-station-3_handoff.json");
        assert_eq!(serde_json::from_str::<Value>(shown).unwrap()["item_id"], saved["item_id"]);
        assert!(told.starts_with("Saved to ") && told.contains("octo-station-3_handoff.json"), "{told}");
        for (percent, words) in [("10", "Wired"), ("60", "Painted")] {
            builder.says(&["worker", "progress", &task, words, "--percent", percent]).await;
        }
        let told = builder.shows(&["worker", "progress", &task, "Nearly there"]).await;
        assert_eq!(told["state"], "done", "{told}");
        let notes = json_file(place, "handoffs/octo-station-3_progress.json");
        let told: Vec<(Value, Value)> =
            notes.as_array().unwrap().iter().map(|note| (note["percent"].clone(), note["text"].clone())).collect();
        assert_eq!(told, [(json!(10), json!("Wired")), (json!(60), json!("Painted")), (json!(null), json!("Nearly there"))]);
        for words in ["the relay sticks", "the lamp is a 12 V one"] {
            builder.says(&["worker", "notes", &task, words]).await;
        }
        let kept = builder.shows(&["worker", "notes", &task]).await;
        assert_eq!(kept["notes"].as_array().unwrap().len(), 2, "{kept}");
        let notes = file(place, "workspace/builder-1/octo-station-3_notes.md");
        assert!(notes.starts_with("# Notes on octo/station#3\n") && notes.ends_with("the lamp is a 12 V one\n"), "{notes}");
        let card = &place.github.issue(REPOSITORY, 3).unwrap().comments[0].body.clone();
        assert!(!card.contains("the relay sticks"), "notes are private: {card}");
        let (other, path) = (tempfile::tempdir().unwrap(), "handoffs/octo-station-3_handoff.json");
        let folder = other.path().to_str().unwrap();
        builder.says(&["worker", "get", &task, "--save", "--dir", folder]).await;
        assert!(other.path().join(path).exists());
        assert_eq!(builder.says(&["worker", "release", &task, "no time"]).await, task);
        let leases = json_file(place, "workspace/builder-1/leases.json");
        assert_eq!(leases.get(task.as_str()), None, "{leases}");
        let told = builder.refuses(1, &["worker", "progress", &task, "Still at it"]).await;
        // Refused at once, or by the decision where a webhook had come in between; and by then another may hold it.
        let whose = ["obody holds the task", "who holds the task, may do this"];
        assert!(told.starts_with("error: ") && whose.iter().any(|words| told.contains(words)), "{told}");
        assert_eq!(builder.says(&["worker", "heartbeat"]).await, "active");
    }

    async fn an_orchestrator_steers_by_ids_that_scripts_can_use(place: &Place) {
        let server = place.serve().await;
        let (planner, builder, project, task) = given(place, &server).await;
        builder.says(&["worker", "claim", &task]).await;
        builder.says(&["worker", "discover", &task, "The bell rings twice", "--impact", "noise"]).await;
        let found = planner.says(&["orchestrate", "discoveries", &project]).await;
        assert!(found.contains("D1") && found.contains("The bell rings twice") && found.contains("noise"), "{found}");
        assert_eq!(planner.says(&["orchestrate", "accept-discovery", &task, "D1"]).await, "octo/station#4");
        place.carded(4).await;
        assert!(place.github.issue(REPOSITORY, 4).unwrap().title.contains("The bell rings twice"));
        let part = planner.says(&["orchestrate", "subtask", &task, "Fix the bell", "-r", "It rings once"]).await;
        assert_eq!(part, "octo/station#5");
        place.carded(5).await;
        for arguments in [
            &["orchestrate", "priority", &part, "high"][..],
            &["orchestrate", "urgent", &part],
            &["orchestrate", "risk", &part, "medium"],
            &["orchestrate", "route", &part, "testing"],
            &["orchestrate", "assign", &part, "qa_tester1"],
            &["orchestrate", "depends", &part, "#4"],
            &["orchestrate", "escalate", &part, "nobody answers"],
            &["orchestrate", "defer", &part],
            &["orchestrate", "retry", &part],
            &["orchestrate", "cancel", &part, "nobody needs it"],
        ] {
            assert_eq!(planner.says(arguments).await, part, "{arguments:?}");
        }
        let closed = place.github.wait_until("it is cancelled", PATIENCE, |view| {
            view.issue(REPOSITORY, 5).is_some_and(|issue| issue.state == "closed")
        });
        closed.await.unwrap();
        let issue = place.github.issue(REPOSITORY, 5).unwrap();
        for label in ["priority/high", "risk/medium", "type/testing", "status/cancelled"] {
            assert!(issue.labels.contains(&label.to_owned()), "{label}: {:?}", issue.labels);
        }
        assert_eq!(issue.state, "closed");
        let told = planner.refuses(1, &["orchestrate", "approve", &task]).await;
        assert!(told.contains("Forbidden") && told.contains("--person"), "{told}");
        let told = planner.refuses(1, &["orchestrate", "complete", &project]).await;
        assert!(told.contains(&task), "it says what is open: {told}");
        let told = planner.refuses(1, &["orchestrate", "assign", &task, "nobody-here"]).await;
        assert!(told.contains("nobody-here") && told.contains("builder-1"), "{told}");
        let told = planner.refuses(1, &["orchestrate", "accept-discovery", &task, "D7"]).await;
        assert!(told.contains("D7"), "{told}");
        let json = planner.shows(&["orchestrate", "priority", &task, "low"]).await;
        assert_eq!(json["state"], "done", "{json}");
    }

    async fn a_token_counts_for_its_scope_and_until_it_is_revoked(place: &Place) {
        let server = place.serve().await;
        let (planner, builder, project, task) = given(place, &server).await;
        let reader = Caller::new(place, &server, "read").await;
        assert!(reader.says(&["orchestrate", "progress", &project]).await.starts_with("0%\n"));
        for arguments in [
            &["orchestrate", "project", "Mine", "--repo", REPOSITORY][..],
            &["orchestrate", "assign", &task, "builder-1"],
            &["worker", "claim", &task, "--id", "builder-1"],
            &["worker", "complete", &task, "#1", "--id", "builder-1"],
            &["worker", "register", "--role", "development", "--id", "builder-1"],
        ] {
            let told = reader.refuses(1, arguments).await;
            assert!(told.starts_with("error: Forbidden: "), "{arguments:?}: {told}");
        }
        for arguments in [
            &["worker", "claim", &task, "--id", "builder-1"][..],
            &["worker", "progress", &task, "x", "--id", "builder-1"],
            &["worker", "notes", &task, "x", "--id", "builder-1"],
        ] {
            let told = planner.refuses(1, arguments).await;
            assert!(told.starts_with("error: Forbidden: "), "{arguments:?}: {told}");
        }
        for arguments in [
            &["orchestrate", "create", &project, "Fix the bell"][..],
            &["orchestrate", "assign", &task, "builder-1"],
            &["orchestrate", "cancel", &task],
            &["orchestrate", "complete", &project],
        ] {
            let told = builder.refuses(1, arguments).await;
            assert!(told.starts_with("error: Forbidden: "), "{arguments:?}: {told}");
        }
        let told = builder.refuses(1, &["worker", "heartbeat", "--id", "builder-2"]).await;
        assert!(told.starts_with("error: Forbidden: ") && told.contains("builder-1"), "{told}");
        let revoked = place.command(&["token", "revoke", "worker:builder-1"]).await;
        assert!(revoked.status.success(), "{}", text(&revoked.stderr));
        let told = builder.refuses(1, &["worker", "claim", &task, "--id", "builder-1"]).await;
        assert!(told.starts_with("error: Wrong token: "), "{told}");
        let listed = place.command(&["token", "list"]).await;
        assert!(text(&listed.stdout).contains("worker:builder-1"), "{}", text(&listed.stdout));
    }
}
