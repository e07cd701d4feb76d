//! Claims through the real door: who gets a task, who loses it again, and what everybody sees of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use stationmaster::engine::Engine;
use stationmaster::model::{Number, TaskState};
use stationmaster::simulator::github::{Fault, FaultKind, Permission};

use crate::api::{Answer, Caller, item, ready_task};
use crate::world::{On, REPOSITORY, World, scenarios, within};

pub const MINUTE_MS: i64 = 60_000;
/// Longer than any lease without a heartbeat.
const LAPSE_MS: i64 = 11 * MINUTE_MS;

pub fn named(number: i64) -> String {
    format!("{REPOSITORY}#{number}")
}

/// A worker that registers, with room for one task where nothing else is said.
pub async fn robot<'a>(world: &'a World, id: &str, more: Value) -> Caller<'a> {
    let caller = Caller::new(world, &format!("worker:{id}")).await;
    let mut body = json!({"role": "development", "agent": true, "calendar": {"always": true}});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    caller.send(Method::PUT, &format!("workers/{id}"), Some((body, None))).await.good(200);
    world.settle().await;
    caller
}

pub async fn claim(caller: &Caller<'_>, number: i64) -> Answer {
    caller.post(&item(number, "claim"), json!({})).await
}

pub async fn claimed(caller: &Caller<'_>, number: i64) -> i64 {
    let fence = claim(caller, number).await.good(200)["fence"].as_i64().unwrap();
    caller.world.settle().await;
    fence
}

async fn beat(caller: &Caller<'_>, id: &str) -> Value {
    caller.post(&format!("workers/{id}/heartbeat"), json!({})).await.good(200)
}

/// The labels of a task of development that a worker has.
pub fn expect_held(world: &World, number: i64, (status, worker): (&str, Option<&str>)) {
    let (status, worker) = (format!("status/{status}"), worker.map(|worker| format!("worker/{worker}")));
    let mut labels = vec!["priority/medium", "role/development", "type/development", &status];
    labels.extend(worker.as_deref());
    world.expect_labels(number, &labels);
}

/// How often the people's topic was told just this.
fn times_told(world: &World, title: &str) -> usize {
    world.told().iter().filter(|told| *told == title).count()
}

async fn audited(world: &World, query: &str) -> Vec<Value> {
    let found = Caller::operator(world).get(&format!("audit?{query}")).await.good(200);
    found["entries"].as_array().unwrap().clone()
}

pub async fn request_of(caller: &Caller<'_>, accepted: &Value) -> Value {
    caller.get(&format!("requests/{}", accepted["request"].as_str().unwrap())).await.good(200)
}

/// Brings the world to rest by another engine: as if the server had been started anew.
async fn settle_by(world: &World, engine: &Arc<Engine>) {
    for _ in 0..50 {
        let done = world.github.deliver_all().await
            + engine.intake_step().await.unwrap()
            + engine.decide_step(8).await.unwrap()
            + engine.act_step(8).await.unwrap();
        if done == 0 {
            world.clock.advance_ms(500);
        }
    }
}

scenarios! {
    async fn of_fifty_who_claim_at_once_one_gets_the_task(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let mut robots = Vec::new();
        for index in 0..50 {
            let id = format!("robot-{index}");
            let caller = Caller::new(world, &format!("worker:{id}")).await;
            let body = json!({"role": "development", "agent": true});
            caller.send(Method::PUT, &format!("workers/{id}"), Some((body, None))).await.good(200);
            robots.push(caller);
        }
        world.settle().await;
        let calls = robots.iter().enumerate().map(|(index, caller)| async move {
            let path = if index % 2 == 0 { "tasks/claim".to_owned() } else { item(number, "claim") };
            (index, caller.post(&path, json!({})).await)
        });
        let (won, lost): (Vec<_>, Vec<_>) = join_all(calls).await.into_iter().partition(|(_, answer)| answer.status == 200);
        assert_eq!(won.len(), 1, "{} got it", won.len());
        for (index, answer) in lost {
            if index % 2 == 0 {
                assert_eq!(answer.status, 204, "{}", answer.body);
            } else {
                answer.problem(409, "conflict");
            }
        }
        world.settle().await;
        let (winner, answer) = &won[0];
        let id = format!("robot-{winner}");
        assert_eq!(answer.body["handoff"]["assigned_to"], id);
        expect_held(world, number, ("in-progress", Some(&id)));
        assert!(world.card(number).contains(&format!("**In progress** with `{id}`.")), "{}", world.card(number));
        assert_eq!(world.told(), [format!("{} is ready for development", named(number))]);
        assert_eq!(audited(world, "kind=claim").await.len(), 1);
        for (index, caller) in robots.iter().enumerate() {
            let expected = if index == *winner { 200 } else { 409 };
            assert_eq!(caller.get(&item(number, "handoff")).await.status, expected, "robot-{index}");
        }
        let held: Vec<i64> = robots[*winner].get(&format!("workers/{id}")).await.good(200)["leases"]
            .as_array().unwrap().iter().map(|lease| lease["fence"].as_i64().unwrap()).collect();
        assert_eq!(held, [answer.body["fence"].as_i64().unwrap()]);
    }

    async fn ten_tasks_go_to_ten_of_thirty_claimers_and_none_is_lost(world: &World) {
        let mut numbers = vec![ready_task(world, "Fix train 1").await];
        for train in 2..=10 {
            numbers.push(world.open_issue(&format!("Fix train {train}")).await);
        }
        let mut robots = Vec::new();
        for index in 0..30 {
            robots.push(robot(world, &format!("robot-{index}"), json!({})).await);
        }
        let mut items = Vec::new();
        for _ in 0..3 {
            let calls = robots.iter().map(|caller| caller.post("tasks/claim", json!({})));
            let answers = join_all(calls).await;
            items.extend(answers.iter().filter_map(|answer| Some(answer.body["item"].as_str()?.to_owned())));
        }
        assert_eq!(items.len(), 10, "{items:?}");
        let (got, all): (BTreeSet<String>, BTreeSet<String>) = (items.into_iter().collect(), numbers.iter().copied().map(named).collect());
        assert_eq!(got, all);
        world.settle().await;
        let mut holders = BTreeSet::new();
        for number in numbers {
            let labels = world.issue(number).labels;
            assert!(labels.contains(&"status/in-progress".to_owned()), "{labels:?}");
            holders.extend(labels.into_iter().filter(|label| label.starts_with("worker/")));
        }
        assert_eq!(holders.len(), 10, "everybody has room for one: {holders:?}");
    }

    async fn whoever_lets_a_lease_run_out_is_refused_and_somebody_else_goes_on(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let gone = robot(world, "robot-1", json!({})).await;
        let next = robot(world, "robot-2", json!({})).await;
        let old = claimed(&gone, number).await;
        expect_held(world, number, ("in-progress", Some("robot-1")));
        let waits = format!("{} is ready for development", named(number));
        assert_eq!(times_told(world, &waits), 1);

        world.pass_ms(9 * MINUTE_MS).await;
        expect_held(world, number, ("in-progress", Some("robot-1")));
        world.pass_ms(2 * MINUTE_MS).await;
        expect_held(world, number, ("ready", None));
        let shown = gone.get(&item(number, "")).await.good(200);
        assert_eq!((&shown["fence"], &shown["worker"], &shown["lease_until"]), (&json!(old + 1), &Value::Null, &Value::Null));
        assert!(world.card(number).contains("the lease of `robot-1` ran out"), "{}", world.card(number));
        assert_eq!(beat(&gone, "robot-1").await["leases"], json!([]), "a lease that is over is not begun again");
        world.pass_ms(30 * MINUTE_MS).await;
        assert_eq!(times_told(world, &waits), 2, "people are told once: {:?}", world.told());

        let before = world.task(number).await;
        let late = gone.post(&item(number, "progress"), json!({"text": "done!", "percent": 99, "fence": old})).await;
        assert_eq!(late.problem(409, "conflict"),
            format!("The lease with fence {old} is over; the task is at fence {}.", old + 1));
        world.settle().await;
        assert_eq!(world.task(number).await, before, "it changes nothing");
        let refused = audited(world, "kind=refused").await;
        assert_eq!(refused.len(), 1, "{refused:?}");
        assert_eq!((&refused[0]["actor"], &refused[0]["item"], &refused[0]["door"]),
            (&json!("worker robot-1"), &json!(named(number)), &json!("api")));

        let new = claimed(&next, number).await;
        assert_eq!(new, old + 2);
        expect_held(world, number, ("in-progress", Some("robot-2")));
        let evidence = json!({"evidence": "https://github.com/octo/station/pull/9", "fence": old});
        gone.post(&item(number, "complete"), evidence).await.problem(409, "conflict");
        let unnamed = gone.post(&item(number, "progress"), json!({"text": "still me"})).await;
        assert!(unnamed.problem(409, "conflict").contains("`robot-2`"), "{}", unnamed.body);
        let said = next.asked(number, "progress", json!({"text": "half", "percent": 50, "fence": new})).await;
        assert_eq!(said["state"], "done", "{said}");
        assert!(world.card(number).contains("| Progress | `50 %` |"), "{}", world.card(number));
        assert_eq!(audited(world, "kind=refused").await.len(), 2, "only a stale fence is worth a line");
    }

    async fn a_lease_that_ran_out_has_the_policy_choose_somebody_else(world: &World) {
        let number = world.open_issue("Fix the login").await;
        let first = world.task(number).await.unwrap().worker.unwrap();
        let holder = robot(world, first.as_str(), json!({"capacity": 3})).await;
        let fence = claimed(&holder, number).await;
        let before = world.told().len();
        world.pass_ms(LAPSE_MS).await;
        let task = world.task(number).await.unwrap();
        let second = task.worker.clone().expect("somebody is given it");
        assert_ne!(second, first);
        assert_eq!((task.state, task.fence, task.lease), (TaskState::Assigned, fence + 1, None));
        expect_held(world, number, ("assigned", Some(second.as_str())));
        assert_eq!(world.told()[before..], [format!("{} → {second}", named(number))]);
        let refused = claim(&holder, number).await;
        assert!(refused.problem(409, "conflict").contains(second.as_str()), "{}", refused.body);
    }

    async fn heartbeats_keep_a_lease_also_over_a_restart(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let worker = robot(world, "robot-1", json!({})).await;
        let fence = claimed(&worker, number).await;
        let told = world.told();
        for _ in 0..3 {
            world.pass_ms(8 * MINUTE_MS).await;
            assert_eq!(beat(&worker, "robot-1").await["leases"][0]["fence"], fence);
        }
        let anew = Engine::new(world.app().clone());
        for _ in 0..3 {
            world.clock.advance_ms(8 * MINUTE_MS);
            settle_by(world, &anew).await;
            assert_eq!(beat(&worker, "robot-1").await["leases"][0]["fence"], fence);
        }
        expect_held(world, number, ("in-progress", Some("robot-1")));
        assert_eq!(world.told(), told, "nobody is told of what goes on as it did");
        assert_eq!(world.task(number).await.unwrap().fence, fence);
        world.clock.advance_ms(LAPSE_MS);
        settle_by(world, &anew).await;
        expect_held(world, number, ("ready", None));
    }

    async fn a_claim_beyond_what_a_worker_can_hold_is_refused(world: &World) {
        let first = ready_task(world, "Fix one").await;
        let second = world.open_issue("Fix two").await;
        let worker = robot(world, "robot-1", json!({})).await;
        let fence = claimed(&worker, first).await;
        let refused = claim(&worker, second).await;
        assert_eq!(refused.problem(409, "conflict"), "`robot-1` is full: it holds 1 of 1.");
        assert_eq!(worker.post("tasks/claim", json!({})).await.good(204), Value::Null);
        let let_go = worker.asked(first, "release", json!({"fence": fence})).await;
        assert_eq!(let_go["state"], "done", "{let_go}");
        claimed(&worker, second).await;
        expect_held(world, first, ("ready", None));
        expect_held(world, second, ("in-progress", Some("robot-1")));
    }

    async fn what_is_given_to_a_worker_takes_its_room_and_can_be_begun(world: &World) {
        let given = ready_task(world, "Fix one").await;
        let other = world.open_issue("Fix two").await;
        let worker = robot(world, "robot-1", json!({})).await;
        let orchestrator = Caller::new(world, "orchestrator").await;
        assert_eq!(orchestrator.asked(given, "assign", json!({"to": "robot-1"})).await["state"], "done");
        let refused = claim(&worker, other).await;
        assert_eq!(refused.problem(409, "conflict"), "`robot-1` is full: it holds 1 of 1.");
        let got = worker.post("tasks/claim", json!({})).await.good(200);
        assert_eq!(got["item"], named(given));
        world.settle().await;
        expect_held(world, given, ("in-progress", Some("robot-1")));
        expect_held(world, other, ("ready", None));
    }

    async fn what_waits_for_another_task_can_be_claimed_once_that_is_closed(world: &World) {
        let first = ready_task(world, "Fix one").await;
        let second = world.open_issue("Fix two").await;
        world.add_dependency(second, "alice", first).await;
        let worker = robot(world, "robot-1", json!({"capacity": 3})).await;
        let other = robot(world, "robot-2", json!({})).await;
        let refused = claim(&worker, second).await;
        let detail = refused.problem(409, "conflict");
        assert!(detail.starts_with(&format!("It depends on {}", named(first))), "{detail}");
        assert_eq!(worker.post("tasks/claim", json!({})).await.good(200)["item"], named(first));
        assert_eq!(other.post("tasks/claim", json!({})).await.good(204), Value::Null);
        world.settle().await;
        expect_held(world, second, ("ready", None));

        let orchestrator = Caller::new(world, "orchestrator").await;
        assert_eq!(orchestrator.asked(second, "assign", json!({"to": "robot-2"})).await["state"], "done");
        let refused = claim(&other, second).await;
        let detail = refused.problem(409, "conflict");
        assert!(detail.starts_with(&format!("It depends on {}", named(first))), "also for whom it is given to: {detail}");
        world.close_issue(first, "alice").await;
        claimed(&other, second).await;
        expect_held(world, second, ("in-progress", Some("robot-2")));
    }

    async fn what_waits_for_consent_can_be_claimed_once_somebody_approved(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let worker = robot(world, "robot-1", json!({})).await;
        let orchestrator = Caller::new(world, "orchestrator").await;
        assert_eq!(orchestrator.asked(number, "risk", json!({"risk": "critical"})).await["state"], "done");
        let refused = claim(&worker, number).await;
        let detail = refused.problem(409, "conflict");
        assert!(detail.contains("somebody has to `/approve` it"), "{detail}");
        assert_eq!(worker.post("tasks/claim", json!({})).await.good(204), Value::Null);
        world.permission("bob", Permission::Admin);
        world.comment_as(number, "bob", "/approve").await;
        claimed(&worker, number).await;
        assert!(world.issue(number).labels.contains(&"status/in-progress".to_owned()), "{:?}", world.issue(number).labels);
    }

    async fn a_claim_of_what_a_worker_cannot_do_or_nobody_can_is_refused(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let unknown = world.open_issue("Something else").await;
        let tester = robot(world, "robot-1", json!({"role": "testing_worker", "capabilities": ["browser"]})).await;
        let refused = claim(&tester, number).await;
        assert!(refused.problem(409, "conflict").starts_with("`robot-1` is not for this task"), "{}", refused.body);
        claim(&tester, unknown).await.problem(409, "conflict");
        assert_eq!(tester.post("tasks/claim", json!({})).await.good(204), Value::Null);
        let both = robot(world, "robot-2", json!({"role": "testing_worker", "capabilities": ["development"]})).await;
        claimed(&both, number).await;
        expect_held(world, number, ("in-progress", Some("robot-2")));
        claim(&tester, 99).await.problem(404, "not-found");
        Caller::new(world, "worker:nobody").await.post("tasks/claim", json!({})).await.problem(404, "not-found");
    }

    async fn whoever_is_offline_claims_nothing_and_a_claim_is_a_sign_of_life(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let worker = robot(world, "robot-1", json!({})).await;
        worker.send(Method::DELETE, "workers/robot-1", None).await.good(200);
        world.settle().await;
        let refused = claim(&worker, number).await;
        assert_eq!(refused.problem(409, "conflict"), "`robot-1` is offline.");
        worker.post("tasks/claim", json!({})).await.problem(409, "conflict");
        world.settle().await;
        expect_held(world, number, ("ready", None));

        worker.post("workers/robot-1/heartbeat", json!({"status": "active"})).await.good(200);
        world.settle().await;
        world.pass_ms(7 * 60 * MINUTE_MS).await;
        assert_eq!(worker.get("workers/robot-1").await.good(200)["status"], "offline");
        claimed(&worker, number).await;
        let labels = world.issue(number).labels;
        assert!(labels.contains(&"status/in-progress".to_owned()) && labels.contains(&"worker/robot-1".to_owned()), "{labels:?}");
        assert_eq!(worker.get("workers/robot-1").await.good(200)["status"], "busy");
    }

    async fn one_key_claims_once_however_often_and_fast_it_comes(world: &World) {
        ready_task(world, "Fix one").await;
        world.open_issue("Fix two").await;
        let worker = robot(world, "robot-1", json!({"capacity": 3})).await;
        let call = (Method::POST, "tasks/claim");
        let calls = (0..5).map(|_| worker.named(call.clone(), "k-1", json!({})));
        let answers = join_all(calls).await;
        let good: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 200).collect();
        assert!(!good.is_empty());
        for answer in &answers {
            if answer.status == 200 {
                assert_eq!(answer.body, good[0].body);
            } else {
                answer.problem(409, "conflict");
            }
        }
        world.settle().await;
        assert_eq!(worker.named(call, "k-1", json!({})).await.good(200), good[0].body);
        assert_eq!(worker.get("workers/robot-1").await.good(200)["leases"].as_array().unwrap().len(), 1);
        assert_eq!(audited(world, "kind=claim").await.len(), 1);
        let free = worker.get("tasks?claimable=true").await.good(200);
        assert_eq!(free["tasks"].as_array().unwrap().len(), 1, "{free}");
    }

    async fn a_claim_while_something_else_is_decided_loses_neither(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let worker = robot(world, "robot-1", json!({})).await;
        world.permission("bob", Permission::Write);
        let comment = world.github.comment(REPOSITORY, "bob", Number(number), "/priority high").unwrap();
        world.github.deliver_all().await;
        world.engine.intake_step().await.unwrap();
        world.clock.advance_ms(2_500);
        // The task has been read by the time anybody's permission is asked for, and the decision is not stored yet.
        world.github.inject(Fault::new("/permission", FaultKind::Slow { ms: 300 }).method("GET"));
        let before = world.count_requests("GET", "/permission");
        let (decided, fence) = tokio::join!(world.engine.decide_step(8), within("bob's permission is asked for", async {
            while world.count_requests("GET", "/permission") == before {
                tokio::task::yield_now().await;
            }
            claim(&worker, number).await.good(200)["fence"].as_i64().unwrap()
        }));
        assert!(decided.unwrap() > 0);
        world.settle().await;
        world.expect_labels(number,
            &["priority/high", "role/development", "status/in-progress", "type/development", "worker/robot-1"]);
        assert!(world.reactions_to(number, comment).contains(&"rocket".to_owned()), "the command was run");
        let task = world.task(number).await.unwrap();
        assert_eq!((task.fence, task.lease.is_some()), (fence, true));
        let lines: Vec<&str> = task.work.timeline.iter().map(|line| line.what.as_str()).collect();
        assert_eq!(lines.iter().filter(|line| **line == "claimed it").count(), 1, "{lines:?}");
        let said = worker.asked(number, "progress", json!({"text": "going", "fence": fence})).await;
        assert_eq!(said["state"], "done", "{said}");
    }

    async fn a_claim_while_github_is_looked_at_is_in_the_decision(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let worker = robot(world, "robot-1", json!({})).await;
        world.github.edit_title(REPOSITORY, "alice", Number(number), "Test the login").unwrap();
        world.github.deliver_all().await;
        world.engine.intake_step().await.unwrap();
        world.clock.advance_ms(2_500);
        let path = format!("/issues/{number}");
        world.github.inject(Fault::new(&path, FaultKind::Slow { ms: 300 }).method("GET"));
        let before = world.count_requests("GET", &path);
        let (decided, answer) = tokio::join!(world.engine.decide_step(8), within("the issue is looked at", async {
            while world.count_requests("GET", &path) == before {
                tokio::task::yield_now().await;
            }
            claim(&worker, number).await
        }));
        assert!(decided.unwrap() > 0);
        world.settle().await;
        if answer.status == 200 {
            expect_held(world, number, ("in-progress", Some("robot-1")));
            assert!(world.card(number).contains("work has begun, so the type stays `development`"), "{}", world.card(number));
        } else {
            // The machine was so slow that the decision was faster all the same.
            assert!(answer.problem(409, "conflict").starts_with("`robot-1` is not for this task"), "{}", answer.body);
            world.expect_labels(number, &["priority/medium", "role/testing_worker", "status/ready", "type/testing"]);
        }
    }

    async fn what_is_asked_with_a_fence_that_ends_before_it_is_read_is_refused_and_audited(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let worker = robot(world, "robot-1", json!({})).await;
        let fence = claimed(&worker, number).await;
        let let_go = worker.post(&item(number, "release"), json!({"why": "no time", "fence": fence})).await.good(202);
        let said = worker.post(&item(number, "progress"), json!({"text": "half", "percent": 50, "fence": fence})).await.good(202);
        world.settle().await;
        let became = request_of(&worker, &let_go).await;
        assert_eq!((&became["state"], &became["note"]), (&json!("done"), &json!("let go of it: no time")), "{became}");
        let became = request_of(&worker, &said).await;
        assert_eq!(became["state"], "refused", "{became}");
        assert_eq!(became["note"], format!("the lease with fence {fence} is over; the task is at fence {}", fence + 1));
        let refused = audited(world, "kind=refused").await;
        assert_eq!(refused.len(), 1, "{refused:?}");
        assert_eq!(refused[0]["actor"], "worker robot-1");
        assert_eq!(world.task(number).await.unwrap().work.percent, None);
        expect_held(world, number, ("ready", None));
    }
}
