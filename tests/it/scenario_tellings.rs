//! A worker learns of its task in the way it asked for.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::routing::post;
use stationmaster::model::Number;
use stationmaster::simulator::github::{Fault, FaultKind, Permission};

use crate::world::{On, REPOSITORY, World, scenarios};

/// The environment variable that holds the hook's key. It is set for the whole test process, and nothing else reads it.
const KEY_VARIABLE: &str = "PATH";

fn add_worker(world: &World, worker: &str) {
    let roster = world.rules().join("workers.toml");
    let mut text = std::fs::read_to_string(&roster).unwrap();
    text.push_str(worker);
    std::fs::write(roster, text).unwrap();
}

async fn give(world: &World, title: &str, worker: &str) -> i64 {
    world.engine.tick().await.unwrap();
    let label = format!("worker/{worker}");
    let number = world.github.open_labelled_issue(REPOSITORY, "alice", (title, BODY), &[&label]).unwrap();
    world.settle().await;
    number.0
}

const BODY: &str =
    "Make it so.\n\n## Requirements\n\n- It is green\n- It stays green\n\n## Acceptance criteria\n\n* A train passes\n";

scenarios! {
    async fn by_assigning_it_on_github(world: &World) {
        add_worker(world, "\n[[worker]]\nid = \"carol\"\nrole = \"development\"\nlogin = \"carol\"\n\
                           capacity = 3\ntell = [{ by = \"assignee\" }]\n");
        world.github.add_user("carol");
        world.github.set_permission(REPOSITORY, "carol", Permission::Write).unwrap();
        let issue = give(world, "Fix the signal", "carol").await;
        assert_eq!(world.issue(issue).assignees, ["carol"]);

        // Whoever it is given to next is assigned in the place of carol; a person's own assignee stays.
        world.github.assign(REPOSITORY, "alice", Number(issue), "alice").unwrap();
        world.github.remove_label(REPOSITORY, "alice", Number(issue), "worker/carol").unwrap();
        world.github.add_label(REPOSITORY, "alice", Number(issue), "worker/dev_worker1").unwrap();
        world.settle().await;
        assert_eq!(world.issue(issue).assignees, ["alice"]);
    }

    async fn by_mentioning_them_in_one_comment(world: &World) {
        add_worker(world, "\n[[worker]]\nid = \"dave\"\nrole = \"development\"\nlogin = \"dave\"\n\
                           capacity = 3\ntell = [{ by = \"mention\" }]\n");
        let issue = give(world, "Fix the signal", "dave").await;
        world.expect_comment(issue, "@dave this task is yours: **development**");
    }

    async fn by_a_message_on_their_own_topic(world: &World) {
        add_worker(world, "\n[[worker]]\nid = \"bot_1\"\nrole = \"development\"\n\
                           capacity = 3\ntell = [{ by = \"ntfy\", topic = \"bot-1\" }]\n");
        give(world, "Fix the signal", "bot_1").await;
        let messages = world.ntfy.messages("bot-1");
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0].title.as_deref(), Some("octo/station#1 → bot_1"));
        assert_eq!(world.told().len(), 1, "people are told on theirs");
    }

    async fn by_dispatching_a_workflow_with_the_handoff_package(world: &World) {
        let workflow = "on:\n  workflow_dispatch:\n    inputs:\n      handoff:\n        type: string\n";
        world.github.write_file(REPOSITORY, "main", (".github/workflows/agent.yml", workflow), "Agent").unwrap();
        add_worker(world, "\n[[worker]]\nid = \"agent\"\nrole = \"development\"\n\
                           capacity = 3\ntell = [{ by = \"workflow_dispatch\", workflow = \"agent.yml\" }]\n");
        // The answer to the first attempt is lost; the second finds the run.
        world.github.inject(Fault::new("/dispatches", FaultKind::StatusAfterDoing(502)));
        give(world, "Fix the signal", "agent").await;
        let runs = world.github.workflow_runs(REPOSITORY);
        assert_eq!(runs.len(), 1);
        let handoff: serde_json::Value = serde_json::from_str(runs[0].inputs["handoff"].as_str().unwrap()).unwrap();
        assert_eq!(handoff["item_id"], "octo/station#1");
        assert_eq!(handoff["assigned_to"], "agent");
        assert_eq!(handoff["task"]["title"], "Fix the signal");
        assert_eq!(handoff["task"]["requirements"], serde_json::json!(["It is green", "It stays green"]));
        assert_eq!(handoff["task"]["acceptance_criteria"], serde_json::json!(["A train passes"]));
        assert_eq!(handoff["branch"], "task/1-fix-the-signal");
        assert_eq!(handoff["fence"], 1);
    }

    async fn by_a_signed_call_of_their_hook(world: &World) {
        let calls: Arc<Mutex<Vec<(HeaderMap, Bytes)>>> = Arc::default();
        let kept = Arc::clone(&calls);
        let receiver = Router::new().route("/agent", post(move |headers: HeaderMap, body: Bytes| async move {
            kept.lock().unwrap().push((headers, body));
        }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/agent", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, receiver).await });
        add_worker(world, &format!(
            "\n[[worker]]\nid = \"script\"\nrole = \"development\"\ncapacity = 3\n\
             tell = [{{ by = \"hook\", url = \"{url}\", secret_env = \"{KEY_VARIABLE}\" }}]\n"
        ));
        give(world, "Fix the signal", "script").await;
        server.abort();

        let calls = calls.lock().unwrap();
        assert_eq!(calls.len(), 1);
        let (headers, body) = &calls[0];
        let key = std::env::var(KEY_VARIABLE).unwrap();
        assert_eq!(headers["x-stationmaster-signature-256"], crate::world::signature(&key, body));
        assert!(headers.contains_key("idempotency-key"));
        let handoff: serde_json::Value = serde_json::from_slice(body).unwrap();
        assert_eq!(handoff["assigned_to"], "script");
    }

    async fn nobody_gets_more_than_they_can_hold(world: &World) {
        for train in 1..=11 {
            world.github.open_issue(REPOSITORY, "alice", &format!("Test train {train}"), "").unwrap();
        }
        world.settle().await;
        let mut held = std::collections::BTreeMap::<String, usize>::new();
        for issue in 1..=11 {
            let labels = world.issue(issue).labels;
            let worker = labels.iter().find(|label| label.starts_with("worker/")).cloned();
            *held.entry(worker.unwrap_or_else(|| "nobody".to_owned())).or_default() += 1;
        }
        // Three testers that hold three each; decided in parallel, none is overfilled.
        let expected = [("nobody", 2), ("worker/qa_tester1", 3), ("worker/qa_tester2", 3), ("worker/qa_tester3", 3)];
        assert_eq!(held, expected.map(|(worker, count)| (worker.to_owned(), count)).into());
    }
}
