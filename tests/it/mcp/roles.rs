//! Each token has the tools of its scope, with the arguments that make sense for it, and is refused the others.

use serde_json::{Value, json};

use super::{ask, call, good, refused, tool_names, tools};
use crate::api::{Caller, ready_task};
use crate::scenario_claims::{claimed, named, robot};
use crate::world::{On, World, scenarios};

const FOR_ALL: [&str; 14] = [
    "deployments",
    "discoveries",
    "environments",
    "learnings",
    "project_progress",
    "releases",
    "request",
    "stats",
    "task",
    "tasks",
    "timeline",
    "whoami",
    "worker",
    "workers",
];
const FOR_WORKERS: [&str; 18] = [
    "ack",
    "blocker",
    "check",
    "claim",
    "complete",
    "discover",
    "fail",
    "get",
    "heartbeat",
    "learn",
    "note",
    "notes",
    "progress",
    "register",
    "release",
    "request_approval",
    "sign_off",
    "unblock",
];
const FOR_ORCHESTRATORS: [&str; 18] = [
    "accept_discovery",
    "assign",
    "audit",
    "cancel",
    "complete",
    "create",
    "defer",
    "depends",
    "escalate",
    "get",
    "priority",
    "project",
    "request_changes",
    "retry",
    "risk",
    "route",
    "subtask",
    "urgent",
];

fn sorted(parts: &[&[&str]]) -> Vec<String> {
    let mut all: Vec<String> = parts.concat().into_iter().map(str::to_owned).collect();
    all.sort();
    all.dedup();
    all
}

fn of<'a>(tools: &'a [Value], name: &str) -> &'a Value {
    tools.iter().find(|tool| tool["name"] == name).unwrap_or_else(|| panic!("there is no tool {name}"))
}

fn arguments(tool: &Value) -> Vec<&str> {
    tool["inputSchema"]["properties"].as_object().unwrap().keys().map(String::as_str).collect()
}

scenarios! {
    async fn a_token_is_shown_the_tools_of_its_scope_and_no_others(world: &World) {
        let worker = Caller::new(world, "worker:builder-1").await;
        assert_eq!(tool_names(&worker).await, sorted(&[&FOR_ALL, &FOR_WORKERS]));
        let planner = Caller::new(world, "orchestrator").await;
        assert_eq!(tool_names(&planner).await, sorted(&[&FOR_ALL, &FOR_ORCHESTRATORS]));
        let reader = Caller::new(world, "read").await;
        assert_eq!(tool_names(&reader).await, sorted(&[&FOR_ALL, &["audit"]]));
        let operator = Caller::operator(world);
        let of_admins = tool_names(&operator).await;
        assert!(of_admins.contains(&"environment".to_owned()) && !of_admins.contains(&"check".to_owned()));

        // Every route of the API is a tool of somebody; claims are two routes, and tasks two tools.
        let bob = world.app().store.create_token("bob", &"orchestrator".parse().unwrap(), Some(&"bob".into())).await.unwrap();
        let person = tool_names(&Caller { world, secret: bob.1 }).await;
        assert_eq!(person.len(), FOR_ALL.len() + FOR_ORCHESTRATORS.len() + 2, "approve and reject too: {person:?}");
        let url = format!("{}/api/openapi.json", world.url);
        let described: Value = crate::wire::client().get(url).send().await.unwrap().json().await.unwrap();
        let routes: usize = described["paths"].as_object().unwrap().values().map(|path| path.as_object().unwrap().len()).sum();
        let mut all = [tool_names(&worker).await, person, of_admins].concat();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), routes, "{all:?}");
    }

    async fn a_tool_asks_for_what_its_caller_can_say_and_for_nothing_that_follows_from_the_token(world: &World) {
        let worker = tools(&Caller::new(world, "worker:builder-1").await).await;
        for tool in &worker {
            let needed = tool["inputSchema"]["required"].as_array().unwrap();
            assert!(!needed.contains(&json!("worker")), "{tool}");
            assert!(tool["description"].as_str().is_some_and(|says| says.ends_with('.')), "{tool}");
            assert!(!tool.to_string().contains("$ref"), "clients do not follow references: {tool}");
        }
        assert_eq!(arguments(of(&worker, "claim")), ["idempotency_key", "repo", "task"]);
        assert_eq!(arguments(of(&worker, "heartbeat")), ["idempotency_key", "status"]);
        assert_eq!(arguments(of(&worker, "complete")), ["evidence", "fence", "idempotency_key", "task", "wait_s"]);
        assert_eq!(of(&worker, "progress")["inputSchema"]["required"], json!(["task", "text"]));
        assert_eq!(of(&worker, "register")["inputSchema"]["properties"]["calendar"]["properties"]["zone"]["type"], "string");
        let planner = tools(&Caller::new(world, "orchestrator").await).await;
        assert_eq!(arguments(of(&planner, "complete")), ["idempotency_key", "task", "wait_s"]);
        assert_eq!(arguments(of(&planner, "create")), ["criteria", "description", "idempotency_key", "project", "requirements", "title", "wait_s"]);
        let operator = tools(&Caller::operator(world)).await;
        assert!(arguments(of(&operator, "claim")).contains(&"worker") && arguments(of(&operator, "complete")).contains(&"override"));
        for (tool, reads, ends, repeatable) in [
            ("task", true, false, true), ("progress", false, false, false), ("heartbeat", false, false, true),
            ("cancel", false, true, false), ("assign", false, false, true), ("environment", false, true, false),
        ] {
            let hints = &of(&operator, tool)["annotations"];
            let told = (&hints["readOnlyHint"], &hints["destructiveHint"], &hints["idempotentHint"]);
            assert_eq!(told, (&json!(reads), &json!(ends), &json!(repeatable)), "{tool}");
        }
    }

    async fn another_roles_tool_is_refused_in_the_apis_words_and_changes_nothing(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let worker = robot(world, "robot-1", json!({})).await;
        let (planner, reader) = (Caller::new(world, "orchestrator").await, Caller::new(world, "read").await);
        let before = world.task(number).await;
        let task = named(number);
        for name in FOR_ORCHESTRATORS.iter().filter(|name| !FOR_WORKERS.contains(name)).chain(&["approve", "reject", "environment"]) {
            let told = refused(&worker, name, json!({"task": task})).await;
            assert!(told.starts_with("Forbidden: This takes a token of the scope ") && told.contains("worker:robot-1"), "{name}: {told}");
        }
        for name in FOR_WORKERS.iter().filter(|name| !FOR_ORCHESTRATORS.contains(name)) {
            let told = refused(&planner, name, json!({"task": task})).await;
            assert!(told.starts_with("Forbidden: This takes a token of the scope "), "{name}: {told}");
        }
        for name in FOR_WORKERS.iter().chain(&FOR_ORCHESTRATORS).filter(|name| **name != "audit") {
            let told = refused(&reader, name, json!({"task": task})).await;
            assert!(told.starts_with("Forbidden: "), "{name}: {told}");
        }
        // A token that is nobody's word is told so by the API itself.
        let told = refused(&planner, "approve", json!({"task": task})).await;
        assert!(told.contains("Only a person's word counts for this"), "{told}");
        world.settle().await;
        assert_eq!(world.task(number).await, before);
    }

    async fn a_stale_fence_is_refused_and_noted_as_the_api_does_and_a_named_call_counts_once(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let worker = robot(world, "robot-1", json!({})).await;
        let fence = claimed(&worker, number).await;
        let task = named(number);
        let told = refused(&worker, "progress", json!({"task": task, "text": "x", "fence": fence - 1})).await;
        assert!(told.contains("fence"), "{told}");
        let audit = good(&Caller::operator(world), "audit", json!({"kind": "refused"})).await;
        assert_eq!(audit["entries"][0]["item"], task.as_str(), "{audit}");

        let found = json!({"task": task, "text": "the bell rings twice", "fence": fence, "idempotency_key": "k-1", "wait_s": 0});
        let first = good(&worker, "discover", found.clone()).await;
        assert_eq!(first["state"], "waiting", "{first}");
        world.settle().await;
        assert_eq!(good(&worker, "discover", found).await["request"], first["request"]);
        world.settle().await;
        assert_eq!(world.task(number).await.unwrap().work.discoveries.len(), 1);
        let became = good(&worker, "request", json!({"request": first["request"]})).await;
        assert_eq!(became["state"], "done", "{became}");
    }

    async fn resources_are_listed_and_read_as_the_role_may(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let (holder, other) = (robot(world, "robot-1", json!({})).await, robot(world, "robot-2", json!({})).await);
        assert_eq!(ask(&holder, "resources/list", json!({})).await["result"]["resources"], json!([]));
        claimed(&holder, number).await;
        let listed = ask(&holder, "resources/list", json!({})).await;
        let uris: Vec<&str> = listed["result"]["resources"].as_array().unwrap().iter().map(|one| one["uri"].as_str().unwrap()).collect();
        let address = |part: &str| format!("stationmaster://tasks/octo/station/{number}/{part}");
        assert_eq!(uris, [address("handoff"), address("timeline")]);
        assert!(!listed.to_string().contains("login"), "titles are people's words: {listed}");
        let read = |part: &str| json!({"uri": address(part)});
        let package = ask(&holder, "resources/read", read("handoff")).await;
        assert!(package["result"]["contents"][0]["text"].as_str().unwrap().contains("robot-1"), "{package}");
        let told = ask(&other, "resources/read", read("handoff")).await;
        assert_eq!(told["error"]["code"], -32_600, "{told}");
        assert!(told["error"]["message"].as_str().unwrap().contains("who holds the task"), "{told}");
        assert_eq!(ask(&other, "resources/list", json!({})).await["result"]["resources"], json!([]));
        let reader = Caller::new(world, "read").await;
        let templates = ask(&reader, "resources/templates/list", json!({})).await;
        let templates = templates["result"]["resourceTemplates"].as_array().unwrap().clone();
        assert_eq!(templates.len(), 1, "the timeline alone: {templates:?}");
        assert!(ask(&reader, "resources/read", read("timeline")).await["result"]["contents"][1]["text"].is_string());
        assert!(ask(&reader, "resources/read", read("handoff")).await["error"]["message"].as_str().unwrap().contains("scope"));
        let nothing = call(&other, "claim", json!({})).await;
        assert_eq!((&nothing["isError"], &nothing["structuredContent"]), (&json!(false), &json!({"nothing": true})));
    }
}
