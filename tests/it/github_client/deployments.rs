//! GitHub Deployments, workflow runs and events: what goes over the wire, and what comes of it.

use serde_json::{Value, json};
use stationmaster::github::{GithubError, NewDeployment, NewDeploymentStatus, WorkflowDispatch};
use stationmaster::model::{ActorKind, DeploymentId, DeploymentState, RunSeen};

use super::server::{Reply, Server, rust};

fn deployment(id: i64, payload: &Value) -> Value {
    json!({ "id": id, "sha": "aaa", "environment": "qa", "payload": payload, "created_at": "2026-11-21T07:00:00Z",
            "creator": { "login": "station[bot]", "type": "Bot" } })
}

fn new() -> NewDeployment {
    NewDeployment {
        sha: "aaa".into(),
        environment: "qa".into(),
        payload: json!({ "stationmaster": { "environment": "qa", "number": 3 } }),
        description: "ä".repeat(150),
        production: true,
        transient: false,
    }
}

#[tokio::test]
async fn a_deployment_is_of_the_very_commit_and_asks_for_no_status() {
    let server = Server::start(|_, _| Reply::new(201, deployment(9, &json!({})))).await;
    let made = server.client().create_deployment(&rust(), &new()).await.unwrap();
    assert_eq!((made.id, made.creator.as_str()), (DeploymentId(9), "station[bot]"));
    assert_eq!(
        server.seen()[0].body,
        json!({ "ref": "aaa", "task": "deploy", "auto_merge": false, "required_contexts": [],
                "payload": { "stationmaster": { "environment": "qa", "number": 3 } }, "environment": "qa",
                "description": "ä".repeat(140), "production_environment": true, "transient_environment": false })
    );
}

#[tokio::test]
async fn a_merge_in_place_of_a_deployment_and_a_conflict_are_no_deployments() {
    let server = Server::start(|_, before| match before {
        0 => Reply::new(202, json!({ "message": "Auto-merged master into topic on deployment." })),
        _ => Reply::new(409, json!({ "message": "Conflict: Commit status checks failed for topic." })),
    })
    .await;
    let merged = server.client().create_deployment(&rust(), &new()).await.unwrap_err();
    assert!(matches!(&merged, GithubError::Unexpected { status: 202, .. }), "{merged}");
    assert!(merged.to_string().contains("Auto-merged master"), "{merged}");
    let conflict = server.client().create_deployment(&rust(), &new()).await.unwrap_err();
    assert!(matches!(&conflict, GithubError::Conflict { .. }), "{conflict}");
}

#[tokio::test]
async fn deployments_are_listed_newest_first_with_payloads_of_both_forms() {
    let server = Server::start(|_, _| {
        let (text, other) = (json!("{\"stationmaster\":{\"number\":2}}"), json!("words"));
        Reply::new(200, json!([deployment(7, &text), deployment(8, &json!({ "a": 1 })), deployment(6, &other)]))
    })
    .await;
    let client = server.client();
    let listed = client.deployments(&rust(), &"qa".into(), Some(&"aaa".into())).await.unwrap();
    let ids: Vec<i64> = listed.iter().map(|seen| seen.id.0).collect();
    assert_eq!(ids, [8, 7, 6]);
    assert_eq!(listed[1].payload, json!({ "stationmaster": { "number": 2 } }));
    assert_eq!(listed[2].payload, json!("words"));
    client.deployments(&rust(), &"qa".into(), None).await.unwrap();
    let targets: Vec<String> = server.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(
        targets,
        [
            "/repos/acme/rust/deployments?environment=qa&sha=aaa&per_page=30",
            "/repos/acme/rust/deployments?environment=qa&per_page=30"
        ]
    );
}

#[tokio::test]
async fn statuses_are_read_oldest_first_and_said_in_githubs_words() {
    let status = |id: i64, state: &str, creator: Value| json!({ "id": id, "state": state, "description": null, "creator": creator, "created_at": "2026-11-21T07:00:00Z" });
    let server = Server::start(move |seen, _| match seen.method.as_str() {
        "GET" => Reply::new(
            200,
            json!([
                status(13, "sleeping", Value::Null),
                status(12, "in_progress", json!({ "login": "ann", "type": "User" })),
                status(11, "queued", json!({ "login": "station[bot]", "type": "Bot" }))
            ]),
        ),
        _ => Reply::new(201, status(14, "success", Value::Null)),
    })
    .await;
    let client = server.client();
    let statuses = client.deployment_statuses(&rust(), DeploymentId(9)).await.unwrap();
    let said: Vec<(DeploymentState, &str, ActorKind)> =
        statuses.iter().map(|seen| (seen.state, seen.creator.as_str(), seen.creator_kind)).collect();
    assert_eq!(
        said,
        [
            (DeploymentState::Queued, "station[bot]", ActorKind::Bot),
            (DeploymentState::InProgress, "ann", ActorKind::User)
        ]
    );
    let new = NewDeploymentStatus {
        state: DeploymentState::InProgress,
        description: "x".repeat(200),
        log_url: Some("https://x/run".to_owned()),
        environment_url: None,
    };
    client.create_deployment_status(&rust(), DeploymentId(9), &new).await.unwrap();
    assert_eq!(
        server.seen()[1].body,
        json!({ "state": "in_progress", "description": "x".repeat(140), "log_url": "https://x/run",
                "auto_inactive": true })
    );
}

#[tokio::test]
async fn a_run_has_a_conclusion_only_once_it_is_over() {
    let run = |status: &str, conclusion: Value| {
        json!({ "id": 5, "status": status, "conclusion": conclusion, "html_url": "https://x/5",
                "created_at": "2026-11-21T07:00:00Z" })
    };
    let server = Server::start(move |_, before| match before {
        0 => Reply::new(200, run("in_progress", Value::Null)),
        1 => Reply::new(200, run("completed", json!("failure"))),
        _ => Reply::new(404, json!({ "message": "Not Found" })),
    })
    .await;
    let mut found = Vec::new();
    for _ in 0..3 {
        found.push(server.client().workflow_run(&rust(), 5).await.unwrap());
    }
    let seen = |conclusion: Option<&str>| {
        Some(RunSeen { id: 5, conclusion: conclusion.map(str::to_owned), url: "https://x/5".to_owned() })
    };
    assert_eq!(found, [seen(None), seen(Some("failure")), None]);
}

#[tokio::test]
async fn a_workflow_is_started_and_its_run_is_named_where_github_names_it() {
    let server = Server::start(|seen, before| match before {
        0 => Reply::new(200, json!({ "workflow_run_id": 5, "run_url": "https://x", "html_url": "https://x" })),
        1 => Reply::new(204, ""),
        2 => Reply::new(422, json!({ "message": "Invalid request.\n\n\"return_run_details\" is not permitted." })),
        3 => {
            assert_eq!(seen.body.get("return_run_details"), None);
            Reply::new(204, "")
        }
        _ => Reply::new(422, json!({ "message": "No ref found for: v1" })),
    })
    .await;
    let client = server.client();
    let dispatch = WorkflowDispatch {
        workflow: "deploy.yml".to_owned(),
        git_ref: "v1".into(),
        inputs: [("tag".to_owned(), "v1".to_owned())].into(),
    };
    let mut runs = Vec::new();
    for _ in 0..3 {
        runs.push(client.start_workflow(&rust(), &dispatch).await.unwrap());
    }
    assert_eq!(runs, [Some(5), None, None]);
    assert!(client.start_workflow(&rust(), &dispatch).await.is_err());
    let wanted = json!({ "ref": "v1", "inputs": { "tag": "v1" }, "return_run_details": true });
    assert_eq!(server.seen()[0].body, wanted);
}

#[tokio::test]
async fn an_event_carries_its_payload() {
    let server = Server::start(|_, _| Reply::new(204, "")).await;
    server.client().repository_dispatch(&rust(), "deploy", &json!({ "tag": "v1" })).await.unwrap();
    let seen = &server.seen()[0];
    assert_eq!(seen.target, "/repos/acme/rust/dispatches");
    assert_eq!(seen.body, json!({ "event_type": "deploy", "client_payload": { "tag": "v1" } }));
}
