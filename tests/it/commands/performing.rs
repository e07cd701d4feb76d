//! Reactions and re-runs as GitHub gets to see them.

use std::sync::Arc;

use serde_json::{Value, json};
use stationmaster::act::{Deed, Hands};
use stationmaster::model::{Action, CheckRunId, CommentId, FailedCheck, Number, Outcome, Reaction, Sha, Timestamp};
use stationmaster::notify::{Notifier, NtfyConfig, http_client};
use stationmaster::reach::Reach;

use super::stage::{HEAD, repository};
use crate::github_client::server::{Reply, START, Seen, Server};

fn hands(server: &Server) -> Hands {
    let config = NtfyConfig {
        url: "http://127.0.0.1:9".parse().unwrap(),
        topic: None,
        protocol_topic: None,
        token: None,
        fallback_url: None,
        fallback_topic: None,
    };
    Hands {
        github: server.github.clone(),
        notifier: Notifier::new(http_client().unwrap(), config, Arc::new(server.clock.clone())),
        reach: Reach::new("127.0.0.1".parse().unwrap()),
        channels: Arc::new(|_| None),
        model: None,
        secrets: Arc::new(|_| None),
        clock: Arc::new(server.clock.clone()),
    }
}

async fn perform(server: &Server, action: &Action, attempts: i64) -> Outcome {
    let deed = Deed { key: "key", action, attempts, first_attempt: START, fresh: attempts == 0 };
    hands(server).perform(deed).await
}

fn calls(server: &Server) -> Vec<String> {
    server.seen().iter().map(|seen| format!("{} {}", seen.method, seen.target)).collect()
}

fn note(outcome: Outcome) -> String {
    match outcome {
        Outcome::Performed { note, .. } => note,
        Outcome::Refused { reason } => format!("refused: {reason}"),
        Outcome::Failed { reason } => format!("failed: {reason}"),
        Outcome::Later { reason, .. } => format!("later: {reason}"),
    }
}

fn react(comment: Option<CommentId>) -> Action {
    Action::React { repository: repository(), number: Number(7), comment, content: Reaction::Eyes }
}

#[tokio::test]
async fn a_comment_gets_its_reaction_and_so_does_the_text_of_the_pull_request() {
    let server = Server::start(|_, _| Reply::new(201, json!({ "id": 1, "content": "eyes" }))).await;
    assert_eq!(note(perform(&server, &react(Some(CommentId(5))), 0).await), "reacted with eyes");
    assert_eq!(note(perform(&server, &react(None), 0).await), "reacted with eyes");
    assert_eq!(
        calls(&server),
        ["POST /repos/acme/rust/issues/comments/5/reactions", "POST /repos/acme/rust/issues/7/reactions"]
    );
    assert_eq!(server.seen()[0].body, json!({ "content": "eyes" }));
}

#[tokio::test]
async fn a_comment_that_was_taken_back_needs_no_reaction() {
    let server = Server::start(|_, _| Reply::new(404, json!({ "message": "Not Found" }))).await;
    let said = note(perform(&server, &react(Some(CommentId(5))), 0).await);
    assert_eq!(said, "the comment to react to is gone");
}

fn retest() -> Action {
    let check = |name: &str, app: &str, run: i64, suite: i64| FailedCheck {
        name: name.to_owned(),
        app: app.to_owned(),
        run: CheckRunId(run),
        suite: Some(suite),
    };
    let checks = vec![
        check("unit", "github-actions", 11, 1),
        check("e2e", "github-actions", 12, 1),
        check("scan", "other-ci", 31, 3),
    ];
    Action::Retest { repository: repository(), head: Sha::new(HEAD), checks }
}

fn run(id: i64, suite: i64, status: &str, started: Timestamp) -> Value {
    json!({
        "id": id, "name": format!("workflow {id}"), "check_suite_id": suite, "status": status,
        "conclusion": "failure", "head_sha": HEAD, "created_at": "2026-11-21T07:00:00Z",
        "run_started_at": started.to_rfc3339()
    })
}

/// GitHub with two workflow runs of the head, of which the first failed.
fn with_run(status: &'static str, started: Timestamp) -> impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static {
    move |seen, _| match seen.method.as_str() {
        "GET" if seen.target.contains("/check-suites/") => Reply::new(200, json!({ "id": 3, "status": "queued" })),
        "GET" => {
            let runs = json!([run(71, 1, status, started), run(72, 2, "completed", started)]);
            Reply::new(200, json!({ "total_count": 2, "workflow_runs": runs }))
        }
        _ => Reply::new(201, json!({})),
    }
}

#[tokio::test]
async fn the_failed_jobs_of_a_workflow_run_again_once_and_other_apps_are_asked() {
    let server = Server::start(with_run("completed", START.plus_ms(-60_000))).await;
    assert_eq!(note(perform(&server, &retest(), 0).await), "run again: workflow 71, scan");
    let calls = calls(&server);
    assert!(calls[0].starts_with(&format!("GET /repos/acme/rust/actions/runs?head_sha={HEAD}")), "{calls:?}");
    assert_eq!(
        calls[1..],
        ["POST /repos/acme/rust/actions/runs/71/rerun-failed-jobs", "POST /repos/acme/rust/check-runs/31/rerequest"]
    );
}

#[tokio::test]
async fn what_a_lost_answer_had_begun_is_not_begun_again() {
    for (status, started) in [("in_progress", START), ("completed", START.plus_ms(1_000))] {
        let server = Server::start(with_run(status, started)).await;
        assert_eq!(note(perform(&server, &retest(), 1).await), "running already: workflow 71, scan");
        assert!(calls(&server).iter().all(|call| call.starts_with("GET ")), "{:?}", calls(&server));
    }
}

#[tokio::test]
async fn a_server_that_died_in_between_is_followed_by_one_that_looks() {
    let server = Server::start(with_run("in_progress", START)).await;
    server.clock.advance_ms(60_000);
    assert_eq!(note(perform(&server, &retest(), 0).await), "running already: workflow 71, scan");
}

#[tokio::test]
async fn what_cannot_be_run_again_is_told_and_does_not_stop_the_rest() {
    let server = Server::start(|seen, _| match seen.method.as_str() {
        "GET" => {
            let runs = json!([run(71, 1, "completed", START.plus_ms(-60_000))]);
            Reply::new(200, json!({ "total_count": 1, "workflow_runs": runs }))
        }
        _ if seen.target.contains("rerun-failed-jobs") => Reply::new(
            403,
            json!({ "message": "Unable to retry this workflow run because it was created over a month ago" }),
        ),
        _ => Reply::new(201, json!({})),
    })
    .await;
    let said = note(perform(&server, &retest(), 0).await);
    assert!(said.starts_with("run again: scan; refused: workflow 71: ") && said.contains("over a month ago"), "{said}");
}

#[tokio::test]
async fn an_error_that_may_pass_leaves_the_rest_for_the_next_attempt() {
    let server = Server::start(|_, _| Reply::new(502, "bad gateway")).await;
    assert!(note(perform(&server, &retest(), 0).await).starts_with("failed: "));
}
