//! Claims, handoff packages and private notes.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Caller, item, ready_task};
use crate::world::{On, REPOSITORY, World, scenarios};

scenarios! {
    async fn a_claimed_task_comes_with_its_package_and_is_nobody_elses(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let one = Caller::new(world, "worker:dev_worker1").await;
        let other = Caller::new(world, "worker:dev_worker2").await;
        let claim = one.post("tasks/claim", json!({"repo": REPOSITORY})).await.good(200);
        assert_eq!(claim["item"], format!("{REPOSITORY}#{number}"));
        let (lease, fence) = (claim["lease"].as_str().unwrap(), claim["fence"].as_i64().unwrap());
        let handoff = &claim["handoff"];
        assert_eq!((&handoff["assigned_to"], &handoff["lease"], &handoff["fence"]), (&json!("dev_worker1"), &json!(lease), &json!(fence)));
        assert_eq!(handoff["branch"], format!("task/{number}-fix-the-login"));
        assert!(claim["until"].as_str().unwrap() > "2026-11-21T12:09", "{claim}");
        assert_eq!(other.post("tasks/claim", json!({})).await.good(204), Value::Null);
        world.settle().await;
        world.expect_labels(number, &["priority/medium", "role/development", "status/in-progress", "type/development", "worker/dev_worker1"]);

        let refused = other.post(&item(number, "claim"), json!({})).await;
        assert!(refused.problem(409, "conflict").contains("`dev_worker1`"), "{}", refused.body);
        let refused = other.get(&item(number, "handoff")).await;
        assert!(refused.problem(409, "conflict").contains("`dev_worker1`, who holds the task"), "{}", refused.body);
        assert_eq!(one.get(&item(number, "handoff")).await.good(200)["fence"], fence);
        assert_eq!(Caller::new(world, "orchestrator").await.get(&item(number, "handoff")).await.good(200)["lease"], lease);
        let shown = one.get(&item(number, "")).await.good(200);
        assert_eq!((&shown["worker"], &shown["status"], &shown["fence"]), (&json!("dev_worker1"), &json!("in-progress"), &json!(fence)));
        assert!(shown["lease_until"].as_str().is_some());
    }

    async fn an_admin_says_who_claims_and_a_worker_claims_for_itself(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let admin = Caller::operator(world);
        assert!(admin.post("tasks/claim", json!({})).await.problem(422, "unprocessable").contains("`worker`"));
        admin.post("tasks/claim", json!({"worker": "nobody"})).await.problem(404, "not-found");
        let worker = Caller::new(world, "worker:dev_worker1").await;
        worker.post("tasks/claim", json!({"worker": "dev_worker2"})).await.problem(422, "unprocessable");
        worker.post("tasks/claim", json!({"repo": "octo/nowhere"})).await.problem(404, "not-found");
        let claimed = admin.post(&item(number, "claim"), json!({"worker": "dev_worker2"})).await.good(200);
        assert_eq!(claimed["handoff"]["assigned_to"], "dev_worker2");
        world.settle().await;
    }

    async fn a_claim_outside_what_a_worker_can_do_is_refused_with_the_reason(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let tester = Caller::new(world, "worker:qa_tester1").await;
        assert_eq!(tester.post("tasks/claim", json!({})).await.good(204), Value::Null);
        let refused = tester.post(&item(number, "claim"), json!({})).await;
        let detail = refused.problem(409, "conflict");
        assert!(detail.contains("`qa_tester1` is not for this task") && detail.contains("`development`"), "{detail}");
    }

    async fn the_same_key_claims_once_and_gets_the_same_answer(world: &World) {
        ready_task(world, "Fix one").await;
        world.open_issue("Fix two").await;
        let worker = Caller::new(world, "worker:dev_worker1").await;
        let claim = (Method::POST, "tasks/claim");
        let first = worker.named(claim.clone(), "k-1", json!({})).await.good(200);
        assert_eq!(worker.named(claim.clone(), "k-1", json!({})).await.good(200), first);
        let other = worker.named(claim.clone(), "k-1", json!({"repo": REPOSITORY})).await;
        assert!(other.problem(422, "unprocessable").contains("take a new one"));
        let stranger = Caller::new(world, "worker:dev_worker2").await;
        let second = stranger.named(claim.clone(), "k-1", json!({})).await.good(200);
        assert_ne!(second["item"], first["item"], "keys are each caller's own");
        assert_eq!(worker.named(claim.clone(), "k-2", json!({})).await.good(204), Value::Null);
        let bad = worker.named(claim, "no spaces please", json!({})).await;
        bad.problem(400, "malformed-header");
        world.settle().await;
    }

    async fn notes_are_read_by_whoever_wrote_them_alone(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let one = Caller::new(world, "worker:dev_worker1").await;
        let noted = one.post(&item(number, "notes"), json!({"text": "the token is in the vault"})).await.good(200);
        assert_eq!(noted["notes"][0]["text"], "the token is in the vault");
        assert_eq!(one.get(&item(number, "notes")).await.good(200), noted);
        let other = Caller::new(world, "worker:dev_worker2").await;
        assert_eq!(other.get(&item(number, "notes")).await.good(200)["notes"], json!([]));
        Caller::operator(world).get(&item(number, "notes")).await.problem(403, "forbidden");
        let everything = Caller::operator(world).get("audit").await.good(200).to_string();
        assert!(!everything.contains("vault"), "a private note is not in the audit");
    }
}
