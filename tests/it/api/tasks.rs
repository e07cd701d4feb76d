//! Lists of tasks, one of them, its history, and what was learned and done.

use serde_json::{Value, json};

use super::{Caller, item, ready_task};
use crate::world::{On, REPOSITORY, World, scenarios};

scenarios! {
    async fn a_task_is_listed_and_shown_with_all_that_is_known(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let reader = Caller::new(world, "read").await;
        let listed = reader.get("tasks").await.good(200);
        assert_eq!(listed["next"], Value::Null);
        let task = &listed["tasks"][0];
        assert_eq!(task["item"], format!("{REPOSITORY}#{number}"));
        for (key, value) in [("title", "Fix the login"), ("status", "ready"), ("type", "development"), ("role", "development"), ("priority", "medium")] {
            assert_eq!(task[key], value, "{task}");
        }
        assert_eq!((&task["worker"], &task["percent"], &task["urgent"]), (&Value::Null, &Value::Null, &json!(false)));
        assert!(task["url"].as_str().unwrap().ends_with(&format!("/issues/{number}")), "{task}");
        assert!(task["created"].as_str().unwrap().starts_with("2026-11-21T12:"), "{task}");

        let whole = reader.get(&item(number, "")).await.good(200);
        assert_eq!(whole["handoff"]["task"]["title"], "Fix the login");
        assert_eq!(whole["handoff"]["lease"], Value::Null);
        assert!(whole["summary"].as_str().is_some(), "{whole}");
        assert!(whole["blockers"].to_string().contains("assigned by hand"), "{whole}");
        let timeline = reader.get(&item(number, "timeline")).await.good(200);
        let first = &timeline["timeline"][0];
        assert_eq!((&first["who"], &first["kind"]), (&json!("stationmaster"), &json!("decision")), "{timeline}");
    }

    async fn a_list_goes_on_where_it_ended_and_is_narrowed_by_what_is_asked(world: &World) {
        let first = ready_task(world, "Fix one").await;
        let second = world.open_issue("Fix two").await;
        let third = world.open_issue("Something else").await;
        let reader = Caller::new(world, "read").await;
        let numbers = |list: &Value| -> Vec<String> {
            list["tasks"].as_array().unwrap().iter().map(|task| task["item"].as_str().unwrap().to_owned()).collect()
        };
        let named = |number: i64| format!("{REPOSITORY}#{number}");
        let page = reader.get("tasks?limit=2").await.good(200);
        assert_eq!((numbers(&page), &page["next"]), (vec![named(first), named(second)], &json!(named(second))));
        let after = format!("tasks?limit=2&after={REPOSITORY}%23{second}");
        let page = reader.get(&after).await.good(200);
        assert_eq!((numbers(&page), &page["next"]), (vec![named(third)], &Value::Null));
        let query = format!("tasks?repo={REPOSITORY}&status=triage,done");
        assert_eq!(numbers(&reader.get(&query).await.good(200)), [named(third)]);
        assert_eq!(numbers(&reader.get("tasks?claimable=true").await.good(200)).len(), 2);
        assert!(numbers(&reader.get("tasks?worker=architect").await.good(200)).is_empty());
        for (query, word) in [
            ("limit=0", "`limit`"), ("limit=many", "from 1 to 200"), ("status=reddy", "ready"), ("stauts=ready", "`status`"),
            ("repo=nothing", "owner/name"), ("after=12", "owner/name#12"), ("claimable=perhaps", "true or false"),
            ("worker=a&worker=b", "twice"),
        ] {
            let refused = reader.get(&format!("tasks?{query}")).await;
            let detail = refused.problem(422, "unprocessable");
            assert!(detail.contains(word), "{query}: {detail}");
        }
    }

    async fn what_does_not_exist_is_not_found(world: &World) {
        let admin = Caller::operator(world);
        assert_eq!(admin.get(&item(99, "")).await.problem(404, "not-found"), format!("There is no task {REPOSITORY}#99."));
        for path in ["tasks/octo/nowhere/1", "projects/octo/nowhere/1", "workers/nobody", "requests/none", "tasks?repo=octo/nowhere"] {
            admin.get(path).await.problem(404, "not-found");
        }
        admin.post(&item(99, "ack"), json!({})).await.problem(404, "not-found");
        admin.post(&item(99, "explode"), json!({})).await.problem(404, "not-found");
        admin.get("tasks/octo/station/twelve").await.problem(404, "not-found");
    }

    async fn the_audit_tells_who_did_what_by_which_door(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let worker = Caller::new(world, "worker:dev_worker1").await;
        worker.post("tasks/claim", json!({})).await.good(200);
        world.settle().await;
        let orchestrator = Caller::new(world, "orchestrator").await;
        let query = format!("audit?item={REPOSITORY}%23{number}&kind=claim");
        let entries = orchestrator.get(&query).await.good(200);
        assert_eq!(entries["entries"].as_array().unwrap().len(), 1, "{entries}");
        let entry = &entries["entries"][0];
        assert_eq!((&entry["item"], &entry["door"]), (&json!(format!("{REPOSITORY}#{number}")), &json!("api")));
        let none = orchestrator.get("audit?until=2020-01-01T00:00:00Z").await.good(200);
        assert_eq!(none["entries"], json!([]));
        let bad = orchestrator.get("audit?from=yesterday").await;
        assert!(bad.problem(422, "unprocessable").contains("`from`"), "{}", bad.body);
        let timeline = worker.get(&item(number, "timeline")).await.good(200);
        assert!(timeline["timeline"].as_array().unwrap().iter().any(|line| line["from"] == "api"), "{timeline}");
        assert_eq!(orchestrator.get("stats").await.good(200)["workers"], json!([]));
        assert_eq!(orchestrator.get("learnings?q=nothing&impact=0.5").await.good(200)["learnings"], json!([]));
        orchestrator.get("learnings?impact=2").await.problem(422, "unprocessable");
    }
}
