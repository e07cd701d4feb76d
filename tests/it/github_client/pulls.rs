//! A pull request by one query: what becomes of the answer, and which answers are none.

use serde_json::{Value, json};
use stationmaster::github::GithubError;
use stationmaster::model::{
    ActorKind, BranchName, CheckOrigin, CheckState, Conclusion, Mergeability, Number, PullState, ReviewState,
};

use super::server::{Reply, Seen, Server, rust};

fn run(name: &str, status: &str, conclusion: Option<&str>) -> Value {
    json!({ "__typename": "CheckRun", "databaseId": 50_000_000_001_i64, "name": name, "status": status,
            "conclusion": conclusion, "startedAt": "2026-11-21T07:00:00Z", "completedAt": null, "detailsUrl": null,
            "checkSuite": { "databaseId": 8, "app": { "databaseId": 15368, "slug": "github-actions" } } })
}

fn contexts(nodes: &Value, end: Option<&str>) -> Value {
    json!({ "contexts": { "pageInfo": { "hasNextPage": end.is_some(), "endCursor": end }, "nodes": nodes } })
}

fn answer() -> Value {
    let status = json!({ "__typename": "StatusContext", "context": "ci/old", "state": "ERROR",
                         "createdAt": "2026-11-21T07:00:00Z", "targetUrl": null,
                         "creator": { "__typename": "Bot", "login": "buildbot" } });
    let checks = json!([run("test", "COMPLETED", Some("SUCCESS")), run("new", "HIBERNATING", None), status]);
    let head = json!({ "oid": "aaa", "statusCheckRollup": contexts(&checks, None) });
    let authors = json!({ "nodes": [{ "name": "Ann", "email": "ann@example.com" }] });
    let review = json!({ "fullDatabaseId": "4000000000", "state": "APPROVED", "submittedAt": "2026-11-21T07:00:00Z",
                         "author": null, "commit": { "oid": "aaa" } });
    let comment = json!({ "fullDatabaseId": "5000000000", "body": "/merge", "createdAt": "2026-11-21T07:00:00Z",
                          "lastEditedAt": "2026-11-21T07:30:00Z", "author": { "__typename": "User", "login": "ann" },
                          "editor": { "__typename": "User", "login": "bob" } });
    let mut pull = json!({
        "number": 12, "title": "Fix it", "body": "", "state": "OPEN", "isDraft": false, "url": "https://x/12",
        "createdAt": "2026-11-20T10:00:00Z", "author": { "__typename": "Bot", "login": "renovate" },
        "labels": { "nodes": [{ "name": "urgent" }] }, "headRefOid": "aaa", "headRefName": "fix/it",
        "headRepository": { "nameWithOwner": "acme/rust" }, "baseRefName": "dev", "baseRefOid": "bbb",
        "mergeable": "MERGEABLE", "mergeStateStatus": "BEHIND", "reviewDecision": "REVIEW_REQUIRED",
        "changedFiles": 2, "mergeCommit": null
    });
    pull["commits"] = json!({ "nodes": [{ "commit": { "oid": "aaa", "message": "Fix it", "authors": authors } }] });
    pull["head"] = json!({ "nodes": [{ "commit": head }] });
    pull["reviews"] = json!({ "pageInfo": { "hasPreviousPage": false }, "nodes": [review] });
    pull["comments"] = json!({ "nodes": [comment] });
    json!({ "data": { "repository": {
        "databaseId": 9, "nameWithOwner": "acme/rust", "isPrivate": true,
        "dependents": { "nodes": [{ "number": 31 }] }, "pullRequest": pull
    } } })
}

fn requests(server: &Server) -> Vec<String> {
    server.seen().into_iter().map(|seen| format!("{} {}", seen.method, seen.target)).collect()
}

#[tokio::test]
async fn one_query_tells_all_of_a_pull_request() {
    let server = Server::below("/api/v3", |_, _| Reply::new(200, answer())).await;
    let branch = BranchName::from("fix/it");
    let found = server.client().pull(&rust(), Number(12), Some(&branch)).await.unwrap().unwrap();
    assert_eq!(requests(&server), ["POST /api/graphql"], "on Enterprise it lies beside the REST API");
    assert_eq!(
        server.seen()[0].body["variables"],
        json!({ "owner": "acme", "name": "rust", "number": 12, "headBranch": "fix/it", "known": true })
    );
    let pull = found.pull;
    assert_eq!((pull.author.as_str(), pull.author_kind), ("renovate[bot]", ActorKind::Bot));
    assert_eq!((pull.state, pull.mergeability), (PullState::Open, Mergeability::Mergeable));
    assert!(pull.behind && pull.review_required && found.private && !pull.is_fork(&rust()));
    assert_eq!(pull.commits[0].authors, ["Ann <ann@example.com>"]);
    let states: Vec<CheckState> = found.checks.iter().map(|check| check.state).collect();
    let done = CheckState::Completed;
    assert_eq!(states, [done(Conclusion::Success), CheckState::Queued, done(Conclusion::Failure)]);
    assert_eq!(found.checks[2].origin, CheckOrigin::Status { creator: Some("buildbot[bot]".into()) });
    assert_eq!((found.reviews[0].id, found.reviews[0].state), (4_000_000_000, ReviewState::Approved));
    assert_eq!(found.reviews[0].author.as_str(), "ghost");
    assert_eq!(found.comments[0].id.0, 5_000_000_000);
    assert_eq!(found.comments[0].editor, Some(("bob".into(), ActorKind::User)));
    assert_eq!(found.dependents, [Number(31)]);
}

#[tokio::test]
async fn further_pages_of_checks_and_older_reviews_are_fetched() {
    let server = Server::start(|seen: &Seen, before| {
        let mut first = answer();
        let pull = &mut first["data"]["repository"]["pullRequest"];
        pull["head"]["nodes"][0]["commit"]["statusCheckRollup"] = contexts(&json!([]), Some("MTAw"));
        pull["reviews"]["pageInfo"]["hasPreviousPage"] = json!(true);
        match (seen.method.as_str(), before) {
            ("POST", 0) => Reply::new(200, first),
            ("POST", _) => {
                assert_eq!(seen.body["variables"]["after"], "MTAw");
                let rollup = contexts(&json!([run("last", "COMPLETED", Some("FAILURE"))]), None);
                let commit = json!({ "__typename": "Commit", "statusCheckRollup": rollup });
                Reply::new(200, json!({ "data": { "repository": { "object": commit } } }))
            }
            _ => Reply::new(200, json!([{ "id": 1, "user": null, "state": "CHANGES_REQUESTED", "commit_id": null }])),
        }
    })
    .await;
    let branch = BranchName::from("fix/it");
    let found = server.client().pull(&rust(), Number(12), Some(&branch)).await.unwrap().unwrap();
    assert_eq!(found.checks[0].state, CheckState::Completed(Conclusion::Failure));
    assert_eq!(found.reviews[0].state, ReviewState::ChangesRequested);
}

#[tokio::test]
async fn the_checks_of_another_commit_are_not_taken_for_the_heads() {
    let server = Server::start(|seen: &Seen, _| {
        let mut moved = answer();
        moved["data"]["repository"]["pullRequest"]["head"]["nodes"][0]["commit"]["oid"] = json!("old");
        match seen.target.split('?').next().unwrap() {
            "/repos/acme/rust/commits/aaa/check-runs" => Reply::new(
                200,
                json!({ "check_runs": [
                { "id": 3, "name": "test", "status": "completed", "conclusion": "mystery", "app": null }] }),
            ),
            "/repos/acme/rust/commits/aaa/status" => Reply::new(200, json!({ "statuses": [] })),
            _ => Reply::new(200, moved),
        }
    })
    .await;
    let branch = BranchName::from("fix/it");
    let found = server.client().pull(&rust(), Number(12), Some(&branch)).await.unwrap().unwrap();
    assert_eq!(found.checks.len(), 1);
    assert_eq!(found.checks[0].state, CheckState::Completed(Conclusion::Unknown));
}

#[tokio::test]
async fn a_query_that_failed_in_part_has_failed() {
    let server = Server::start(|_, before| {
        let mut partial = answer();
        let path = json!(["repository", "pullRequest"]);
        let deep = json!(["repository", "pullRequest", "reviews"]);
        partial["errors"] = match before {
            0 => json!([{ "type": "NOT_FOUND", "path": path, "message": "Could not resolve to a PullRequest" }]),
            1 => json!([{ "type": "NOT_FOUND", "path": path, "message": "gone" },
                        { "type": "FORBIDDEN", "path": deep, "message": "Resource not accessible by integration" }]),
            2 => json!([{ "type": "NOT_FOUND", "path": deep, "message": "no reviews" }]),
            3 => json!([{ "message": "Something went wrong while executing your query" }]),
            _ => json!([{ "type": "RATE_LIMITED", "message": "API rate limit exceeded" }]),
        };
        Reply::new(200, partial).header("x-ratelimit-resource", "graphql")
    })
    .await;
    let client = server.client();
    assert_eq!(client.pull(&rust(), Number(12), None).await.unwrap(), None);
    let error = client.pull(&rust(), Number(12), None).await.unwrap_err();
    assert!(matches!(error, GithubError::Forbidden { .. }), "{error}");
    let error = client.pull(&rust(), Number(12), None).await.unwrap_err();
    assert!(matches!(error, GithubError::Unexpected { .. }) && error.to_string().contains("no reviews"), "{error}");
    let error = client.pull(&rust(), Number(12), None).await.unwrap_err();
    assert!(error.is_transient() && !error.may_have_happened(), "{error}");
    for _ in 0..2 {
        let error = client.pull(&rust(), Number(12), None).await.unwrap_err();
        assert!(matches!(error, GithubError::RateLimited { .. }), "{error}");
    }
    assert_eq!(server.seen().len(), 5, "no query is made until the limit ends");
}

#[tokio::test]
async fn words_that_could_mean_no_are_not_read_as_yes() {
    let server = Server::start(|_, before| {
        let mut strange = answer();
        let pull = &mut strange["data"]["repository"]["pullRequest"];
        match before {
            0 => pull["state"] = json!("QUEUED"),
            1 => pull["reviewDecision"] = json!("COMMITTEE_REQUIRED"),
            2 => pull["reviews"]["nodes"][0]["state"] = json!("VETOED"),
            _ => {
                pull["head"]["nodes"][0]["commit"]["statusCheckRollup"]["contexts"]["nodes"][0] =
                    json!({ "__typename": "Attestation" });
            }
        }
        Reply::new(200, strange)
    })
    .await;
    for _ in 0..4 {
        let error = server.client().pull(&rust(), Number(12), None).await.unwrap_err();
        assert!(matches!(error, GithubError::Decode { performed: false, .. }), "{error}");
    }
}
