//! From a project to evidence with the official client: an orchestrator over HTTP and a worker over stdio, and the other
//! way round.

use std::cell::Cell;
use std::time::Duration;

use serde_json::{Value, json};

use super::official::Official;
use crate::api::{BY_HAND, Caller};
use crate::scenario_evidence::{fixing, merge};
use crate::world::{On, REPOSITORY, World, scenarios};

/// Has the world decide for as long as something is asked of it.
async fn while_it_decides<T>(world: &World, asked: impl Future<Output = T>) -> T {
    let is_answered = Cell::new(false);
    let asking = async {
        let answer = asked.await;
        is_answered.set(true);
        answer
    };
    // What was begun is ended, as a server would.
    let deciding = async {
        let mut turns = tokio::time::interval(Duration::from_millis(20));
        while !is_answered.get() {
            turns.tick().await;
            world.settle().await;
        }
    };
    tokio::join!(asking, deciding).0
}

fn names(tools: &Value) -> Vec<&str> {
    tools["tools"].as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap()).collect()
}

/// The whole of it; `planner` and `builder` are open already.
async fn worked(world: &World, official: &mut Official) {
    let tools = official.ask("planner", "listTools", json!({})).await.unwrap();
    assert!(names(&tools).contains(&"assign") && !names(&tools).contains(&"claim"), "{tools}");
    let tools = official.ask("builder", "listTools", json!({})).await.unwrap();
    assert!(names(&tools).contains(&"claim") && !names(&tools).contains(&"assign"), "{tools}");

    official.good("builder", "register", json!({"role": "development", "calendar": {"always": true}})).await;
    let opened = json!({"repo": REPOSITORY, "title": "Winter timetable"});
    let project = while_it_decides(world, official.good("planner", "project", opened)).await["item"].clone();
    let created = json!({"project": project, "title": "Implement the winter timetable", "requirements": ["06:10"]});
    let task = while_it_decides(world, official.good("planner", "create", created)).await["item"].clone();
    while_it_decides(world, official.good("planner", "assign", json!({"task": task, "to": "builder-1"}))).await;

    let waits = official.good("builder", "check", json!({})).await;
    assert_eq!(waits["tasks"][0]["item"], task, "{waits}");
    let claim = official.good("builder", "claim", json!({})).await;
    assert_eq!((&claim["item"], &claim["handoff"]["assigned_to"]), (&task, &json!("builder-1")));
    assert_eq!(claim["title"], json!({"untrusted": "Implement the winter timetable"}));
    let fence = claim["fence"].clone();

    let listed = official.ask("builder", "listResources", json!({})).await.unwrap();
    let handoff = listed["resources"][0]["uri"].as_str().unwrap();
    assert!(handoff.ends_with("/handoff"), "{listed}");
    let read = official.ask("builder", "readResource", json!({"uri": handoff})).await.unwrap();
    assert!(read["contents"][0]["text"].as_str().unwrap().contains(">06:10</untrusted-"), "{read}");
    let package: Value = serde_json::from_str(read["contents"][1]["text"].as_str().unwrap()).unwrap();
    assert_eq!((&package["fence"], &package["task"]["requirements"]), (&fence, &json!([{"untrusted": "06:10"}])));

    let told = json!({"task": task, "text": "The weekdays are in", "percent": 40, "fence": fence});
    let told = while_it_decides(world, official.good("builder", "progress", told)).await;
    assert_eq!(told["state"], "done", "{told}");
    let found = json!({"task": task, "text": "Two trains share platform 3", "impact": "delays", "fence": fence});
    while_it_decides(world, official.good("builder", "discover", found)).await;
    let stale = official.refused("builder", "progress", json!({"task": task, "text": "x", "fence": 99})).await;
    assert!(stale.starts_with("Conflict.") && stale.contains("fence"), "{stale}");
    let bare = official.refused("builder", "complete", json!({"task": task, "evidence": "Done", "fence": fence})).await;
    assert!(bare.contains("\"Done\" alone shows nothing"), "{bare}");
    let missing = json!({"task": task, "evidence": "#99", "fence": fence});
    while_it_decides(world, official.good("builder", "complete", missing)).await;
    world.expect_comment(2, "octo/station#99 is not found");

    let seen = official.good("planner", "project_progress", json!({"project": project})).await;
    assert_eq!((&seen["percent"], &seen["tasks"][0]["worker"]), (&json!(40), &json!("builder-1")), "{seen}");
    let found = official.good("planner", "discoveries", json!({"project": project})).await;
    assert_eq!(found["discoveries"][0]["text"], json!({"untrusted": "Two trains share platform 3"}), "{found}");
    let wrong = official.refused("planner", "claim", json!({"task": task})).await;
    assert!(wrong.contains("takes a token of the scope worker:ID or admin"), "{wrong}");
    let wrong = official.refused("builder", "assign", json!({"task": task, "to": "auto"})).await;
    assert!(wrong.contains("takes a token of the scope orchestrator or admin"), "{wrong}");

    let pull = fixing(world, 2).await;
    let handed_in = json!({"task": task, "evidence": format!("#{pull}"), "fence": fence});
    while_it_decides(world, official.good("builder", "complete", handed_in)).await;
    merge(world, pull).await;
    assert_eq!(official.good("builder", "task", json!({"task": task})).await["status"], "done");
    let seen = official.good("planner", "project_progress", json!({"project": project})).await;
    assert_eq!(seen["percent"], 100, "{seen}");
    while_it_decides(world, official.good("planner", "complete", json!({"task": project}))).await;
    assert_eq!(official.good("planner", "task", json!({"task": project})).await["status"], "done");
}

/// The repository, in which nobody is given a task by itself.
async fn begun(world: &World) -> (String, String) {
    world.github.write_file(REPOSITORY, "main", (".github/stationmaster.toml", BY_HAND), "by hand").unwrap();
    world.settle().await;
    (Caller::new(world, "orchestrator").await.secret, Caller::new(world, "worker:builder-1").await.secret)
}

scenarios! {
    async fn an_agent_works_over_stdio_for_a_planner_over_http(world: &World) {
        let (planner, builder) = begun(world).await;
        let mut official = Official::start();
        let met = official.over_http(world, ("planner", &planner)).await.unwrap();
        assert_eq!(met["server"]["name"], "stationmaster");
        assert!(met["instructions"].as_str().unwrap().contains("You plan and give out work"), "{met}");
        let met = official.over_stdio(world, ("builder", &builder)).await.unwrap();
        assert!(met["instructions"].as_str().unwrap().contains("You are the worker"), "{met}");
        worked(world, &mut official).await;
    }

    async fn an_agent_works_over_http_for_a_planner_over_stdio(world: &World) {
        let (planner, builder) = begun(world).await;
        let mut official = Official::start();
        official.over_stdio(world, ("planner", &planner)).await.unwrap();
        official.over_http(world, ("builder", &builder)).await.unwrap();
        worked(world, &mut official).await;
        let fault = official.over_http(world, ("stranger", "no-token-of-this-server")).await.unwrap_err();
        assert_eq!(fault["code"], 401, "{fault}");
        let fault = official.ask("builder", "callTool", json!({"name": "nothing", "arguments": {}})).await.unwrap_err();
        assert_eq!(fault["code"], -32_602, "{fault}");
    }
}
