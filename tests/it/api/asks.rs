//! What is asked of a task: answered at once where it is certain to be refused, and judged by a decision otherwise.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Caller, answer, item, ready_task};
use crate::world::{On, World, scenarios};

scenarios! {
    async fn progress_is_accepted_judged_and_shown(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let worker = Caller::new(world, "worker:dev_worker1").await;
        let fence = worker.post("tasks/claim", json!({})).await.good(200)["fence"].clone();
        world.settle().await;
        let accepted = worker.post(&item(number, "progress"), json!({"text": "half", "percent": 50, "fence": fence})).await.good(202);
        assert_eq!(accepted["accepted"], true);
        let request = format!("requests/{}", accepted["request"].as_str().unwrap());
        assert_eq!(worker.get(&request).await.good(200)["state"], "waiting");
        world.settle().await;
        let became = worker.get(&request).await.good(200);
        assert_eq!(became["state"], "done", "{became}");
        assert!(became["note"].as_str().is_some(), "{became}");
        assert_eq!(worker.get(&item(number, "")).await.good(200)["percent"], 50);
        assert!(world.card(number).contains("50"), "{}", world.card(number));
    }

    async fn a_stale_fence_changes_nothing_and_is_noted(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let worker = Caller::new(world, "worker:dev_worker1").await;
        let fence = worker.post("tasks/claim", json!({})).await.good(200)["fence"].as_i64().unwrap();
        world.settle().await;
        let before = world.task(number).await;
        let stale = worker.post(&item(number, "progress"), json!({"text": "done!", "percent": 100, "fence": fence - 1})).await;
        assert_eq!(stale.problem(409, "conflict"),
            format!("The lease with fence {} is over; the task is at fence {fence}.", fence - 1));
        world.settle().await;
        assert_eq!(world.task(number).await, before);
        let noted = Caller::operator(world).get("audit?kind=refused").await.good(200);
        let entry = &noted["entries"][0];
        assert_eq!((&entry["actor"], &entry["door"]), (&json!("worker dev_worker1"), &json!("api")), "{noted}");
        assert!(entry["summary"].as_str().unwrap().contains("is over"), "{noted}");
    }

    async fn what_only_the_holder_may_is_refused_to_others_at_once(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let one = Caller::new(world, "worker:dev_worker1").await;
        one.post("tasks/claim", json!({})).await.good(200);
        world.settle().await;
        let other = Caller::new(world, "worker:dev_worker2").await;
        for (verb, body) in [
            ("progress", json!({"text": "mine"})), ("complete", json!({"evidence": "https://github.com/octo/station/pull/1"})),
            ("fail", json!({"why": "tired"})), ("release", json!({})), ("blocker", json!({"text": "rain"})),
        ] {
            let refused = other.post(&item(number, verb), body).await;
            assert!(refused.problem(409, "conflict").contains("`dev_worker1`"), "{verb}: {}", refused.body);
        }
        let refused = one.post(&item(number, "unblock"), json!({})).await;
        assert!(refused.problem(409, "conflict").contains("this one is in-progress"), "{}", refused.body);
    }

    async fn what_was_asked_before_counts_before_it_is_decided(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let worker = Caller::new(world, "worker:dev_worker1").await;
        worker.post("tasks/claim", json!({})).await.good(200);
        world.settle().await;
        worker.post(&item(number, "blocker"), json!({"text": "no access"})).await.good(202);
        worker.post(&item(number, "unblock"), json!({})).await.good(202);
        world.settle().await;
        assert_eq!(worker.get(&item(number, "")).await.good(200)["status"], "in-progress");
    }

    async fn no_evidence_is_refused_with_what_is_missing(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let worker = Caller::new(world, "worker:dev_worker1").await;
        worker.post("tasks/claim", json!({})).await.good(200);
        world.settle().await;
        worker.post(&item(number, "complete"), json!({"evidence": "Done"})).await.problem(409, "conflict");
        let none = worker.post(&item(number, "complete"), json!({})).await;
        assert!(none.problem(422, "unprocessable").contains("`evidence`"), "{}", none.body);
        worker.post(&item(number, "complete"), json!({"override": true})).await.problem(403, "forbidden");
        let orchestrator = Caller::new(world, "orchestrator").await;
        let refused = orchestrator.post(&item(number, "complete"), json!({"evidence": "https://github.com/octo/station/pull/1"})).await;
        assert!(refused.problem(403, "forbidden").contains("completes projects and nothing else"), "{}", refused.body);
    }

    async fn an_orchestrator_assigns_and_only_a_persons_token_approves(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let orchestrator = Caller::new(world, "orchestrator").await;
        let assigned = orchestrator.asked(number, "assign", json!({"to": "dev_worker3"})).await;
        assert_eq!(assigned["state"], "done", "{assigned}");
        assert_eq!(orchestrator.get(&item(number, "")).await.good(200)["worker"], "dev_worker3");
        assert_eq!(orchestrator.asked(number, "priority", json!({"priority": "high"})).await["state"], "done");
        assert_eq!(orchestrator.get(&item(number, "")).await.good(200)["priority"], "high");
        let refused = orchestrator.post(&item(number, "approve"), json!({})).await;
        assert!(refused.problem(403, "forbidden").contains("--person"), "{}", refused.body);
        let alice = Caller::of(world, "orchestrator", Some("alice")).await;
        let nothing = alice.asked(number, "approve", json!({})).await;
        assert_eq!(nothing["state"], "refused", "{nothing}");
    }

    async fn a_bad_body_is_refused_with_the_key_that_is_wrong(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let admin = Caller::operator(world);
        let long = "x".repeat(4_001);
        for (verb, body, words) in [
            ("progress", json!({"text": "x", "percent": 101}), "`percent` should be a whole number from 0 to 100, and is 101."),
            ("progress", json!({"text": "x", "percent": -1}), "`percent`"),
            ("progress", json!({"text": "x", "percent": "half"}), "`percent`"),
            ("progress", json!({"percent": 5}), "`text` is missing"),
            ("progress", json!({"text": " "}), "`text` says nothing"),
            ("progress", json!({"text": long}), "`text` has 4001 characters; at most 4000 fit."),
            ("progress", json!({"text": "a\u{0}b"}), "NUL"),
            ("progress", json!({"txet": "x"}), "There is no `txet` here; known are: `percent`, `text`, `fence`."),
            ("learn", json!({"text": "x", "impact": 1.5}), "`impact` should be a number from 0 to 1, and is 1.5."),
            ("learn", json!({"text": "x", "impact": 0.5, "tags": "a"}), "`tags`"),
            ("blocker", json!({"text": "x", "by": "soon"}), "`by`"),
            ("assign", json!({"to": "two words"}), "`to`"),
            ("depends", json!({"on": "everything"}), "`on`"),
            ("priority", json!({"priority": "asap"}), "one of low, medium, high, critical"),
            ("risk", json!({"risk": 3}), "`risk`"),
            ("defer", json!({"until": "later"}), "2026-12-01"),
            ("defer", json!({"until": "2020-01-01"}), "has passed"),
            ("accept-discovery", json!({"discovery": "first"}), "`discovery`"),
            ("route", json!({"type": "a/b"}), "`type`"),
            ("urgent", json!({"now": true}), "`now`"),
        ] {
            let refused = admin.post(&item(number, verb), body.clone()).await;
            let detail = refused.problem(422, "unprocessable");
            assert!(detail.contains(words), "{verb} {body}: {detail}");
        }
        let raw = |body: &'static str, kind: &'static str| {
            let url = format!("{}/api/v1/{}", world.url, item(number, "urgent"));
            crate::wire::client().post(url).bearer_auth(&admin.secret).header("content-type", kind).body(body)
        };
        answer(raw("{\"why\": ", "application/json")).await.problem(400, "not-json");
        answer(raw("[]", "application/json")).await.problem(400, "not-json");
        answer(raw("{}", "text/plain")).await.problem(415, "unsupported-media-type");
        let huge = json!({"why": "x".repeat(70_000)});
        admin.post(&item(number, "escalate"), huge).await.problem(413, "payload-too-large");
        let waiting = world.app().store.deliveries(None, 1_000).await.unwrap();
        assert!(waiting.iter().all(|row| row.event != "task"), "nothing of it was stored");
    }

    async fn an_ask_with_the_same_key_takes_effect_once(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let orchestrator = Caller::new(world, "orchestrator").await;
        let path = item(number, "subtask");
        let body = json!({"title": "Fix the form"});
        let first = orchestrator.named((Method::POST, &path), "sub-1", body.clone()).await.good(202);
        world.settle().await;
        assert_eq!(orchestrator.named((Method::POST, &path), "sub-1", body).await.good(202), first);
        world.settle().await;
        let parts: Value = orchestrator.get(&item(number, "")).await.good(200)["subtasks"].clone();
        assert_eq!(parts.as_array().unwrap().len(), 1, "{parts}");
        let other = orchestrator.named((Method::POST, &path), "sub-1", json!({"title": "Another"})).await;
        other.problem(422, "unprocessable");
    }
}
