//! Who may do what with which token, projects from their opening to their end, and what everybody gets to read.

use reqwest::Method;
use serde_json::{Value, json};
use stationmaster::simulator::github::Permission;

use crate::api::{Caller, item, ready_task};
use crate::scenario_claims::{MINUTE_MS, claim, claimed, expect_held, named, request_of, robot};
use crate::world::{On, REPOSITORY, World, scenarios};

scenarios! {
    async fn a_worker_neither_creates_nor_assigns(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let worker = robot(world, "robot-1", json!({})).await;
        claimed(&worker, number).await;
        let before = world.task(number).await;
        let issues = world.github.look(|view| view.issues(REPOSITORY).len());
        for (verb, body) in [
            ("assign", json!({"to": "robot-1"})), ("subtask", json!({"title": "x"})), ("depends", json!({"on": "#1"})),
            ("route", json!({"type": "testing"})), ("priority", json!({"priority": "low"})), ("urgent", json!({})),
            ("escalate", json!({})), ("retry", json!({})), ("defer", json!({})), ("cancel", json!({})),
            ("risk", json!({"risk": "low"})), ("request-changes", json!({"why": "x"})),
            ("accept-discovery", json!({"discovery": 1})), ("approve", json!({})), ("reject", json!({"why": "x"})),
        ] {
            worker.post(&item(number, verb), body).await.problem(403, "forbidden");
        }
        worker.post("projects", json!({"title": "x"})).await.problem(403, "forbidden");
        worker.post(&format!("projects/{REPOSITORY}/{number}/tasks"), json!({"title": "x"})).await.problem(403, "forbidden");
        worker.get("audit").await.problem(403, "forbidden");
        world.settle().await;
        assert_eq!(world.task(number).await, before);
        assert_eq!(world.github.look(|view| view.issues(REPOSITORY).len()), issues);
    }

    async fn an_orchestrator_neither_claims_nor_completes_and_a_reader_only_reads(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        robot(world, "robot-1", json!({})).await;
        let before = world.task(number).await;
        let orchestrator = Caller::new(world, "orchestrator").await;
        let reader = Caller::new(world, "read").await;
        for (verb, body) in [
            ("claim", json!({})), ("release", json!({})), ("ack", json!({})), ("progress", json!({"text": "x"})),
            ("discover", json!({"text": "x"})), ("learn", json!({"text": "x", "impact": 0.5})),
            ("blocker", json!({"text": "x"})), ("unblock", json!({})), ("request-approval", json!({"why": "x"})),
            ("complete", json!({"evidence": "https://github.com/octo/station/pull/1"})), ("fail", json!({"why": "x"})),
            ("notes", json!({"text": "x"})),
        ] {
            for caller in [&orchestrator, &reader] {
                caller.post(&item(number, verb), body.clone()).await.problem(403, "forbidden");
            }
        }
        for caller in [&orchestrator, &reader] {
            caller.post("tasks/claim", json!({})).await.problem(403, "forbidden");
            caller.post("workers/robot-1/heartbeat", json!({})).await.problem(403, "forbidden");
            let body = Some((json!({"role": "development"}), None));
            caller.send(Method::PUT, "workers/robot-1", body).await.problem(403, "forbidden");
            caller.get(&item(number, "notes")).await.problem(403, "forbidden");
        }
        for (verb, body) in [("assign", json!({"to": "robot-1"})), ("cancel", json!({})), ("subtask", json!({"title": "x"}))] {
            reader.post(&item(number, verb), body).await.problem(403, "forbidden");
        }
        reader.post("projects", json!({"title": "x"})).await.problem(403, "forbidden");
        reader.get(&item(number, "handoff")).await.problem(403, "forbidden");
        let project = format!("projects/{REPOSITORY}/{number}");
        for path in ["whoami", "tasks", &item(number, ""), &item(number, "timeline"), &project, "workers", "workers/robot-1",
            "learnings", "audit", "stats"] {
            reader.get(path).await.good(200);
        }
        world.settle().await;
        assert_eq!(world.task(number).await, before);
    }

    async fn a_project_is_complete_when_all_its_parts_are(world: &World) {
        ready_task(world, "Fix something first").await;
        let orchestrator = Caller::new(world, "orchestrator").await;
        let accepted = orchestrator.post("projects", json!({"title": "A new front page"})).await.good(202);
        world.settle().await;
        let project = number_of(&request_of(&orchestrator, &accepted).await);
        world.expect_labels(project, &["priority/medium", "status/ready", "type/project"]);
        assert!(world.card(project).contains("**A project** without tasks yet"), "{}", world.card(project));
        let path = format!("projects/{REPOSITORY}/{project}");
        let mut parts = Vec::new();
        for title in ["Fix the header", "Fix the footer"] {
            let accepted = orchestrator.post(&format!("{path}/tasks"), json!({"title": title, "requirements": ["It fits"]})).await.good(202);
            world.settle().await;
            parts.push(number_of(&request_of(&orchestrator, &accepted).await));
        }
        let linked: Vec<i64> = world.observed(project).await.sub_issues.iter().map(|part| part.item.number.0).collect();
        assert_eq!(linked, parts, "they are sub-issues on GitHub");
        for part in &parts {
            let parent = world.observed(*part).await.parent.expect("it is part of something").0;
            assert_eq!(parent.to_string(), named(project));
            assert!(world.card(project).contains(&format!("- [ ] {} Fix the", named(*part))), "{}", world.card(project));
            expect_held(world, *part, ("ready", None));
        }
        assert!(world.card(project).contains("**A project:** 0 of 2 tasks are closed."), "{}", world.card(project));

        let worker = robot(world, "robot-1", json!({"capacity": 2})).await;
        let claim = worker.post(&item(parts[0], "claim"), json!({})).await.good(200);
        assert_eq!(claim["handoff"]["project_context"]["project_title"], "A new front page");
        assert_eq!(claim["handoff"]["task"]["requirements"], json!(["It fits"]));
        world.settle().await;
        worker.asked(parts[0], "progress", json!({"text": "half", "percent": 50})).await;
        let shown = orchestrator.get(&path).await.good(200);
        assert_eq!((&shown["percent"], shown["tasks"].as_array().unwrap().len()), (&json!(25), 2), "{shown}");
        assert!(world.card(project).contains("in-progress"), "{}", world.card(project));

        let early = orchestrator.asked(project, "complete", json!({})).await;
        assert_eq!(early["state"], "refused", "{early}");
        assert!(early["note"].as_str().unwrap().contains(&named(parts[0])), "{early}");
        let admin = Caller::operator(world);
        for (done, part) in (1..).zip(&parts) {
            let said = admin.asked(*part, "complete", json!({"override": true, "evidence": "seen"})).await;
            assert_eq!(said["state"], "done", "{said}");
            assert_eq!(world.issue(*part).state, "closed");
            assert!(world.card(project).contains(&format!("{done} of 2 tasks are closed")), "{}", world.card(project));
        }
        let complete = orchestrator.asked(project, "complete", json!({})).await;
        assert_eq!(complete["state"], "done", "{complete}");
        assert_eq!(world.issue(project).state, "closed");
        assert!(world.card(project).starts_with("**Done"), "{}", world.card(project));
        let shown = orchestrator.get(&path).await.good(200);
        assert_eq!((&shown["percent"], &shown["status"]), (&json!(100), &json!("done")), "{shown}");
    }

    async fn a_project_is_nobodys_to_claim(world: &World) {
        ready_task(world, "Fix something first").await;
        let orchestrator = Caller::new(world, "orchestrator").await;
        let accepted = orchestrator.post("projects", json!({"title": "A new front page"})).await.good(202);
        world.settle().await;
        let project = number_of(&request_of(&orchestrator, &accepted).await);
        let worker = robot(world, "robot-1", json!({"capabilities": ["project"]})).await;
        let refused = claim(&worker, project).await;
        assert!(refused.problem(409, "conflict").starts_with("Nobody claims a project"), "{}", refused.body);
        let refused = worker.post(&item(project, "complete"), json!({"evidence": "https://github.com/octo/station/pull/1"})).await;
        assert!(refused.status == 409 || refused.status == 403, "{}", refused.body);
        assert_eq!(world.issue(project).state, "open");
    }

    async fn notes_stay_private_and_what_is_learned_and_found_is_for_all(world: &World) {
        ready_task(world, "Fix something first").await;
        let orchestrator = Caller::new(world, "orchestrator").await;
        let accepted = orchestrator.post("projects", json!({"title": "A new front page"})).await.good(202);
        world.settle().await;
        let project = number_of(&request_of(&orchestrator, &accepted).await);
        let path = format!("projects/{REPOSITORY}/{project}");
        let accepted = orchestrator.post(&format!("{path}/tasks"), json!({"title": "Fix the header"})).await.good(202);
        world.settle().await;
        let part = number_of(&request_of(&orchestrator, &accepted).await);
        let worker = robot(world, "robot-1", json!({})).await;
        let other = robot(world, "robot-2", json!({})).await;
        claimed(&worker, part).await;
        worker.post(&item(part, "notes"), json!({"text": "the hinge is rusty"})).await.good(200);
        world.settle().await;
        assert_eq!(worker.get(&item(part, "notes")).await.good(200)["notes"][0]["text"], "the hinge is rusty");
        assert_eq!(other.get(&item(part, "notes")).await.good(200)["notes"], json!([]));
        for path in ["audit", &item(part, ""), &item(part, "timeline"), &item(part, "handoff"), "tasks", "learnings?q=hinge"] {
            let seen = Caller::operator(world).get(path).await.good(200).to_string();
            assert!(!seen.contains("rusty"), "{path}: {seen}");
        }
        assert!(world.issue(part).comments.iter().all(|comment| !comment.body.contains("rusty")), "nor on GitHub");

        let learned = json!({"text": "Tests need a fresh database. Otherwise they wait.", "impact": 0.8, "tags": ["Testing"], "category": "Process"});
        assert_eq!(worker.asked(part, "learn", learned).await["state"], "done");
        for query in ["q=FRESH+database", "tag=testing", "tag=Testing", "category=process", "impact=0.8", &format!("repo={REPOSITORY}")] {
            let found = other.get(&format!("learnings?{query}")).await.good(200);
            assert_eq!(found["learnings"].as_array().unwrap().len(), 1, "{query}: {found}");
            let one = &found["learnings"][0];
            assert_eq!((&one["title"], &one["item"]), (&json!("Tests need a fresh database"), &json!(named(part))), "{one}");
            assert_eq!((&one["impact"], &one["by"]), (&json!(0.8), &json!("worker robot-1")), "{one}");
        }
        for query in ["q=fresh+paint", "tag=test", "category=tests", "impact=0.81"] {
            let found = other.get(&format!("learnings?{query}")).await.good(200);
            assert_eq!(found["learnings"], json!([]), "{query}: {found}");
        }

        for text in ["The menu is too wide", "The logo is old"] {
            assert_eq!(worker.asked(part, "discover", json!({"text": text, "impact": "small"})).await["state"], "done");
        }
        let found = orchestrator.get(&format!("{path}/discoveries")).await.good(200);
        let ids: Vec<(&str, &str)> = found["discoveries"].as_array().unwrap().iter()
            .map(|one| (one["id"].as_str().unwrap(), one["text"].as_str().unwrap())).collect();
        assert_eq!(ids, [("D1", "The menu is too wide"), ("D2", "The logo is old")]);
        assert_eq!(found["discoveries"][0]["item"], named(part));
        assert!(world.card(part).contains("- **D1** The menu is too wide (impact: small)"), "{}", world.card(part));
        assert_eq!(orchestrator.asked(part, "accept-discovery", json!({"discovery": "D1"})).await["state"], "done");
        let opened = world.github.look(|view| view.issues(REPOSITORY)).into_iter().find(|issue| issue.title == "The menu is too wide");
        let opened = opened.expect("the discovery is an issue");
        assert_eq!(world.observed(opened.number).await.parent.unwrap().0.to_string(), named(part));
        let found = orchestrator.get(&format!("{path}/discoveries")).await.good(200);
        assert_eq!((&found["discoveries"][0]["accepted"], &found["discoveries"][1]["accepted"]), (&json!(true), &json!(false)));
    }

    async fn the_timeline_tells_what_happened_who_did_it_when_and_from_where(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let worker = robot(world, "robot-1", json!({})).await;
        let orchestrator = Caller::new(world, "orchestrator").await;
        orchestrator.asked(number, "priority", json!({"priority": "high"})).await;
        world.pass_ms(MINUTE_MS).await;
        let fence = claimed(&worker, number).await;
        world.pass_ms(MINUTE_MS).await;
        worker.asked(number, "progress", json!({"text": "half", "percent": 50, "fence": fence})).await;
        world.permission("bob", Permission::Write);
        world.comment_as(number, "bob", "/priority low").await;
        worker.asked(number, "blocker", json!({"text": "no access", "needs": "a key"})).await;
        worker.post(&item(number, "ack"), json!({"fence": fence - 1})).await.problem(409, "conflict");

        let timeline = worker.get(&item(number, "timeline")).await.good(200);
        let told: Vec<(&str, &str, &str)> = timeline["timeline"].as_array().unwrap().iter()
            .filter(|line| line["kind"] != "decision")
            .map(|line| (line["who"].as_str().unwrap(), line["what"].as_str().unwrap(), line["from"].as_str().unwrap()))
            .collect();
        let stale = format!("`ack` was refused: The lease with fence {} is over; the task is at fence {fence}.", fence - 1);
        let claim = format!("Claimed by `robot-1` with fence {fence}.");
        assert_eq!(told, [
            ("orchestrator orchestrator token", "set the priority to high", "api"),
            ("worker robot-1", claim.as_str(), "api"),
            ("worker robot-1", "is at 50%: half", "api"),
            ("@bob", "set the priority to low", "github"),
            ("worker robot-1", "is blocked: no access; it needs a key", "api"),
            ("worker robot-1", stale.as_str(), "api"),
        ], "{timeline}");
        let times: Vec<&str> = timeline["timeline"].as_array().unwrap().iter().map(|line| line["at"].as_str().unwrap()).collect();
        assert!(times.is_sorted(), "{times:?}");
        let card = world.card(number);
        let history = card.split("<summary>Timeline</summary>").nth(1).expect("the card has no timeline");
        for words in ["claimed it", "is at 50%: half", "set the priority to low", "is blocked: no access"] {
            assert!(history.contains(words), "{words}: {history}");
        }
        assert!(!history.contains("refused"), "{history}");
    }
}

/// The number of what a request opened.
fn number_of(became: &Value) -> i64 {
    assert_eq!(became["state"], "done", "{became}");
    became["item"].as_str().unwrap().rsplit('#').next().unwrap().parse().unwrap()
}
