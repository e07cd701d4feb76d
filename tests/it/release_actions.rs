//! Releases, release pull requests and GitHub Deployments as they are performed: once, however often they are tried.

use serde_json::{Value, json};
use stationmaster::model::{
    Action, DeploymentId, DeploymentOrder, DeploymentState, EnvironmentReport, Fact, Number, Outcome, ReleaseOrder,
    ReleasePullOrder, ReleaseReport,
};

use crate::deploy_targets::{Before, calls, perform, repository, version};
use crate::github_client::server::{Reply, Seen, Server};

const SHA: &str = "aaaaaaaaaa";

fn release() -> Action {
    Action::Release(Box::new(ReleaseOrder {
        repository: repository(),
        tag: "v1.5.0".into(),
        sha: SHA.into(),
        title: "v1.5.0".to_owned(),
        notes: "Text".to_owned(),
        prerelease: false,
        annotation: None,
        authors: Vec::new(),
        pulls: Vec::new(),
    }))
}

fn said(text: &str) -> Value {
    json!({ "message": text })
}

fn not_found() -> Reply {
    Reply::new(404, said("Not Found"))
}

fn standing(sha: &str) -> Reply {
    Reply::new(200, json!({ "ref": "refs/tags/v1.5.0", "object": { "type": "commit", "sha": sha } }))
}

fn published() -> Reply {
    Reply::new(200, json!({ "id": 5, "html_url": "https://x/releases/v1.5.0" }))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else it is, the test has failed")]
fn report(outcome: Outcome) -> ReleaseReport {
    match outcome {
        Outcome::Performed { learned: Some(Fact::Release { report }), .. } => report,
        other => panic!("{other:?}"),
    }
}

fn released() -> ReleaseReport {
    ReleaseReport::Released { tag: "v1.5.0".into(), sha: SHA.into(), url: "https://x/releases/v1.5.0".to_owned() }
}

fn short(server: &Server) -> Vec<String> {
    calls(server).into_iter().map(|call| call.replace("/repos/acme/rust/", "")).collect()
}

#[tokio::test]
async fn a_release_is_a_tag_and_then_a_release_on_it() {
    let server = Server::start(|seen, _| if seen.method == "GET" { not_found() } else { published() }).await;
    assert_eq!(report(perform(&server, &release(), Before::Never).await), released());
    assert_eq!(short(&server), ["GET git/ref/tags/v1.5.0", "POST git/refs", "POST releases"]);
}

#[tokio::test]
async fn what_an_earlier_attempt_got_done_is_not_done_again() {
    // A crash between tag and release.
    let server = Server::start(|seen, _| match (seen.method.as_str(), seen.target.contains("/git/")) {
        ("GET", true) => standing(SHA),
        ("GET", false) => not_found(),
        _ => published(),
    })
    .await;
    assert_eq!(report(perform(&server, &release(), Before::Begun).await), released());
    assert_eq!(short(&server), ["GET git/ref/tags/v1.5.0", "GET releases/tags/v1.5.0", "POST releases"]);
    // A crash after both.
    let server = Server::start(|seen, _| if seen.target.contains("/git/") { standing(SHA) } else { published() }).await;
    assert_eq!(report(perform(&server, &release(), Before::Failed).await), released());
    assert!(short(&server).iter().all(|call| call.starts_with("GET ")));
}

#[tokio::test]
async fn somebody_elses_release_on_the_same_tag_is_taken() {
    let server = Server::start(|seen, before| match (before, seen.method.as_str()) {
        (0 | 3, _) => not_found(),
        (1, _) => Reply::new(422, said("Reference already exists")),
        (2, _) => standing(SHA),
        (4, _) => {
            let fault = json!([{ "resource": "Release", "code": "already_exists", "field": "tag_name" }]);
            Reply::new(422, json!({ "message": "Validation Failed", "errors": fault }))
        }
        _ => published(),
    })
    .await;
    assert_eq!(report(perform(&server, &release(), Before::Never).await), released());
}

#[tokio::test]
async fn a_tag_at_another_commit_stays_there_and_gets_no_release() {
    let server = Server::start(|_, _| standing("bbb")).await;
    let elsewhere = ReleaseReport::Elsewhere { tag: "v1.5.0".into(), at: "bbb".into() };
    assert_eq!(report(perform(&server, &release(), Before::Never).await), elsewhere);
    assert_eq!(short(&server), ["GET git/ref/tags/v1.5.0"]);
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else it is, the test has failed")]
async fn refusal(status: u16, message: &'static str, at: &'static str) -> String {
    let server = Server::start(move |seen, _| match seen.method.as_str() {
        "GET" => not_found(),
        _ if seen.target.ends_with(at) => Reply::new(status, said(message)),
        _ => published(),
    })
    .await;
    match report(perform(&server, &release(), Before::Never).await) {
        ReleaseReport::Refused { why, sha, .. } => {
            assert_eq!(sha.as_str(), SHA);
            why
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_bare_refusal_of_the_tag_names_the_permission_that_is_missing() {
    let why = refusal(403, "Resource not accessible by integration", "/git/refs").await;
    assert!(why.starts_with("GitHub refuses to tag aaaaaaa as v1.5.0: "), "{why}");
    assert!(why.contains("workflow files differ") && why.contains("*Contents: write*"), "{why}");
    assert!(why.contains("*Workflows: write*"), "{why}");
    let why = refusal(422, "Repository rule violations found", "/git/refs").await;
    assert!(why.contains("Repository rule violations found") && !why.contains("Workflows"), "{why}");
    let why = refusal(404, "Not Found", "/releases").await;
    assert!(why.starts_with("GitHub refuses the release on the tag v1.5.0, which is there"), "{why}");
}

#[tokio::test]
async fn what_may_pass_is_tried_again() {
    let server = Server::start(|seen, _| if seen.method == "GET" { not_found() } else { Reply::new(502, "") }).await;
    let outcome = perform(&server, &release(), Before::Never).await;
    assert!(matches!(outcome, Outcome::Failed { .. }), "{outcome:?}");
}

fn release_pull() -> Action {
    Action::WriteReleasePull(Box::new(ReleasePullOrder {
        repository: repository(),
        base: "dev".into(),
        base_sha: SHA.into(),
        branch: "stationmaster/release/dev".into(),
        tag: "v1.5.0".into(),
        digest: "d1".to_owned(),
        message: "Release v1.5.0".to_owned(),
        files: vec![("CHANGELOG.md".to_owned(), "# v1.5.0\n".to_owned())],
        title: "Release v1.5.0".to_owned(),
        body: "One\nTwo\n".to_owned(),
    }))
}

fn written() -> ReleaseReport {
    ReleaseReport::PullWritten { number: Number(4), tag: "v1.5.0".into(), digest: "d1".to_owned() }
}

/// GitHub with the release branch at `SHA`, and what `tip` says of our own branch.
fn git(seen: &Seen, tip: Option<(&str, &str)>, pulls: &Value) -> Reply {
    let target = seen.target.trim_start_matches("/repos/acme/rust/");
    match (seen.method.as_str(), target) {
        ("GET", "git/commits/aaaaaaaaaa") => Reply::new(200, json!({ "tree": { "sha": "base-tree" }, "parents": [] })),
        ("GET", "git/commits/ttt") => {
            let (tree, parent) = tip.unwrap();
            Reply::new(200, json!({ "tree": { "sha": tree }, "parents": [{ "sha": parent }] }))
        }
        ("GET", "git/ref/heads/stationmaster/release/dev") if tip.is_none() => not_found(),
        ("GET", "git/ref/heads/stationmaster/release/dev") => Reply::new(200, json!({ "object": { "sha": "ttt" } })),
        ("GET", _) if target.starts_with("pulls?") => Reply::new(200, pulls),
        ("POST", "git/trees") => Reply::new(201, json!({ "sha": "new-tree" })),
        ("POST", "git/commits") => Reply::new(201, json!({ "sha": "new-commit" })),
        ("POST" | "PATCH", _) => Reply::new(201, json!({ "number": 4, "object": { "sha": "new-commit" } })),
        other => panic!("{other:?}"),
    }
}

fn writes(server: &Server) -> Vec<String> {
    short(server).into_iter().filter(|call| !call.starts_with("GET ") && !call.contains("git/trees")).collect()
}

fn open(title: &str, body: &str) -> Value {
    json!([{ "number": 4, "title": title, "body": body, "head": { "ref": "stationmaster/release/dev" } }])
}

#[tokio::test]
async fn a_release_pull_is_a_commit_a_branch_and_a_pull_request() {
    let server = Server::start(|seen, _| git(seen, None, &json!([]))).await;
    assert_eq!(report(perform(&server, &release_pull(), Before::Never).await), written());
    assert_eq!(writes(&server), ["POST git/commits", "POST git/refs", "POST pulls"]);
}

#[tokio::test]
async fn a_release_pull_that_is_as_wanted_is_left_alone() {
    let server =
        Server::start(|seen, _| git(seen, Some(("new-tree", SHA)), &open("Release v1.5.0", "One\r\nTwo"))).await;
    assert_eq!(report(perform(&server, &release_pull(), Before::Begun).await), written());
    assert_eq!(writes(&server), Vec::<String>::new());
}

#[tokio::test]
async fn a_release_pull_on_an_older_base_or_with_other_files_is_written_anew() {
    for tip in [("new-tree", "older"), ("other-tree", SHA)] {
        let server = Server::start(move |seen, _| git(seen, Some(tip), &open("Release v1.4.3", "One"))).await;
        assert_eq!(report(perform(&server, &release_pull(), Before::Never).await), written());
        let moved = "PATCH git/refs/heads/stationmaster/release/dev";
        assert_eq!(writes(&server), ["POST git/commits", moved, "PATCH pulls/4"]);
        let force = server.seen().into_iter().find(|seen| seen.target.contains("git/refs/heads")).unwrap().body;
        assert_eq!(force, json!({ "sha": "new-commit", "force": true }));
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else it is, the test has failed")]
#[tokio::test]
async fn a_release_pull_that_github_refuses_is_reported_with_its_sentence() {
    let server = Server::start(|seen, _| match seen.method.as_str() {
        "POST" if seen.target.ends_with("/pulls") => {
            let fault = json!([{ "message": "GitHub Actions is not permitted to create pull requests" }]);
            Reply::new(422, json!({ "message": "Validation Failed", "errors": fault }))
        }
        _ => git(seen, None, &json!([])),
    })
    .await;
    match report(perform(&server, &release_pull(), Before::Never).await) {
        ReleaseReport::PullRefused { digest, why, .. } => {
            assert_eq!(digest, "d1");
            assert!(why.contains("not permitted to create pull requests"), "{why}");
        }
        other => panic!("{other:?}"),
    }
}

fn deployment() -> Action {
    Action::CreateDeployment(Box::new(DeploymentOrder {
        repository: repository(),
        environment: "qa".into(),
        number: 3,
        version: version(),
        description: "v1.5.0 to qa".to_owned(),
        production: false,
    }))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else it is, the test has failed")]
fn environment_report(outcome: Outcome) -> EnvironmentReport {
    match outcome {
        Outcome::Performed { learned: Some(Fact::Environment { report }), .. } => report,
        other => panic!("{other:?}"),
    }
}

fn listed(id: i64, number: i64) -> Value {
    json!({ "id": id, "sha": SHA, "environment": "qa", "created_at": "2026-11-21T07:00:00Z",
            "payload": { "stationmaster": { "environment": "qa", "number": number } },
            "creator": { "login": "station[bot]", "type": "Bot" } })
}

fn status(id: i64, state: &str, description: &str, creator: &str) -> Value {
    json!({ "id": id, "state": state, "description": description, "created_at": "2026-11-21T07:00:00Z",
            "creator": { "login": creator, "type": "Bot" } })
}

#[tokio::test]
async fn a_deployment_is_created_and_waits() {
    let server = Server::start(|_, _| Reply::new(201, listed(77, 3))).await;
    let created = EnvironmentReport::Created { number: 3, id: DeploymentId(77) };
    assert_eq!(environment_report(perform(&server, &deployment(), Before::Never).await), created);
    assert_eq!(short(&server), ["POST deployments", "POST deployments/77/statuses"]);
    assert_eq!(server.seen()[0].body["payload"], json!({ "stationmaster": { "environment": "qa", "number": 3 } }));
    assert_eq!(server.seen()[1].body["state"], "queued");
}

#[tokio::test]
async fn a_deployment_that_an_earlier_attempt_created_is_found_by_its_payload() {
    for (statuses, says_queued) in [(json!([]), true), (json!([status(1, "queued", "", "station[bot]")]), false)] {
        let server = Server::start(move |seen, _| match seen.method.as_str() {
            "GET" if seen.target.contains("/statuses") => Reply::new(200, &statuses),
            "GET" => Reply::new(200, json!([listed(79, 4), listed(77, 3), listed(70, 2)])),
            _ => Reply::new(201, json!({})),
        })
        .await;
        let created = EnvironmentReport::Created { number: 3, id: DeploymentId(77) };
        assert_eq!(environment_report(perform(&server, &deployment(), Before::Begun).await), created);
        let posts: Vec<String> = short(&server).into_iter().filter(|call| call.starts_with("POST")).collect();
        let expected: &[&str] = if says_queued { &["POST deployments/77/statuses"] } else { &[] };
        assert_eq!(posts, expected);
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else it is, the test has failed")]
#[tokio::test]
async fn a_deployment_that_github_does_not_create_is_reported_with_its_sentence() {
    for (code, text) in [(409, "Conflict merging main into topic."), (202, "Auto-merged main into topic."), (403, "No")]
    {
        let server = Server::start(move |_, _| Reply::new(code, said(text))).await;
        match environment_report(perform(&server, &deployment(), Before::Never).await) {
            EnvironmentReport::NotCreated { number: 3, why } => assert!(why.contains(text), "{why}"),
            other => panic!("{other:?}"),
        }
    }
}

fn says_success() -> Action {
    Action::SetDeploymentStatus {
        repository: repository(),
        deployment: DeploymentId(77),
        state: DeploymentState::Success,
        description: "v1.5.0 is healthy".to_owned(),
        log_url: None,
        environment_url: Some("https://qa.example.com".to_owned()),
    }
}

#[tokio::test]
async fn a_status_is_said_once_whatever_others_say_in_between() {
    let ours = |description: &'static str| {
        move |seen: &Seen, _| match seen.target.as_str() {
            "/app" => {
                Reply::new(200, json!({ "id": 1, "slug": "station", "name": "Station", "html_url": "https://x" }))
            }
            _ if seen.method == "GET" => Reply::new(
                200,
                json!([status(3, "failure", "", "somebody"), status(2, "success", description, "station[bot]")]),
            ),
            _ => Reply::new(201, json!({})),
        }
    };
    let server = Server::start(ours("v1.5.0 is healthy")).await;
    perform(&server, &says_success(), Before::Begun).await;
    assert!(!calls(&server).iter().any(|call| call.starts_with("POST")), "{:?}", calls(&server));
    let server = Server::start(ours("something else")).await;
    perform(&server, &says_success(), Before::Begun).await;
    let last = server.seen().pop().unwrap();
    assert_eq!(
        last.body,
        json!({ "state": "success", "description": "v1.5.0 is healthy", "environment_url": "https://qa.example.com",
                "auto_inactive": true })
    );
}

#[tokio::test]
async fn older_successful_deployments_become_inactive_and_newer_ones_do_not() {
    let server = Server::start(|seen, _| match seen.method.as_str() {
        "GET" if seen.target.contains("/statuses") => {
            let id: i64 = seen.target.split('/').nth(5).unwrap().parse().unwrap();
            let newest = match id {
                76 | 78 => status(2, "success", "", "station[bot]"),
                75 => status(2, "failure", "", "station[bot]"),
                _ => status(2, "inactive", "", "station[bot]"),
            };
            Reply::new(200, json!([newest, status(1, "success", "", "station[bot]")]))
        }
        "GET" => Reply::new(200, Value::from_iter([78, 77, 76, 75, 74].map(|id| listed(id, id)))),
        _ => Reply::new(201, json!({})),
    })
    .await;
    let (repository, environment) = (repository(), "qa".into());
    let retire = Action::RetireDeployments { repository, environment, keep: DeploymentId(77) };
    perform(&server, &retire, Before::Never).await;
    let said: Vec<Seen> = server.seen().into_iter().filter(|seen| seen.method == "POST").collect();
    let said: Vec<(&str, &Value)> = said.iter().map(|seen| (seen.target.as_str(), &seen.body["state"])).collect();
    assert_eq!(said, [("/repos/acme/rust/deployments/76/statuses", &json!("inactive"))]);
}

#[tokio::test]
async fn an_issue_that_was_deleted_counts_as_closed() {
    let server = Server::start(|_, _| Reply::new(410, said("This issue was deleted"))).await;
    let close = Action::CloseIssue { repository: repository(), number: Number(40), not_planned: false };
    let outcome = perform(&server, &close, Before::Never).await;
    assert!(matches!(outcome, Outcome::Performed { .. }), "{outcome:?}");
}
