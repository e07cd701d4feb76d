//! An issue by one query and two lists: what becomes of the answers, and what is written.

use serde_json::{Value, json};
use stationmaster::github::{GithubError, IssueThread, SubIssueRefusal};
use stationmaster::model::{ActorKind, IssueState, Number, PullState, Timestamp};

use super::server::{Reply, Seen, Server, issue, rust};

fn answer() -> Value {
    let person = |login: &str| json!({ "__typename": "User", "login": login });
    let home = json!({ "nameWithOwner": "acme/rust" });
    let comment = json!({ "fullDatabaseId": "5000000000", "body": "/ack", "createdAt": "2026-11-21T07:00:00Z",
                          "lastEditedAt": "2026-11-21T07:30:00Z", "author": person("ann"), "editor": null });
    let events = json!([
        { "__typename": "LabeledEvent", "createdAt": "2026-11-21T07:00:00Z",
          "actor": { "__typename": "Bot", "login": "stationmaster" }, "label": { "name": "status/ready" } },
        null,
        { "__typename": "UnlabeledEvent", "createdAt": "2026-11-21T07:10:00Z", "actor": null,
          "label": { "name": "urgent" } },
        { "__typename": "MilestonedEvent" }
    ]);
    let part = |number: i64, state: &str, labels: Value| {
        json!({ "number": number, "title": "Part", "state": state, "repository": { "nameWithOwner": "acme/go" },
                "labels": labels })
    };
    let parts = json!([
        part(4, "OPEN", json!({ "nodes": [{ "name": "urgent" }, { "name": "status/in-progress" }] })),
        part(5, "CLOSED", Value::Null)
    ]);
    let pull = json!({ "number": 30, "title": "Fix", "body": "Fixes #12", "state": "MERGED",
                       "mergedAt": "2026-11-21T07:40:00Z", "url": "https://x/30", "baseRefName": "dev",
                       "headRefName": "task/12-fix", "reviewDecision": "CHANGES_REQUESTED",
                       "author": { "__typename": "Bot", "login": "renovate" },
                       "repository": home });
    json!({ "data": { "repository": { "issue": {
        "lastEditedAt": "2026-11-21T07:20:00Z", "editor": person("mia"), "comments": { "nodes": [comment] },
        "timelineItems": { "nodes": events }, "parent": { "number": 2, "title": "All", "repository": home },
        "subIssues": { "nodes": parts }, "closedByPullRequestsReferences": { "nodes": [pull] }
    } } } })
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

#[tokio::test]
async fn one_query_tells_what_was_said_labelled_and_linked() {
    let server = Server::start(|_, _| Reply::new(200, answer())).await;
    let thread = server.client().issue_thread(&rust(), Number(12)).await.unwrap().unwrap();
    assert_eq!(server.seen()[0].body["variables"], json!({ "owner": "acme", "name": "rust", "number": 12 }));
    assert_eq!(thread.edited, Some((Some(("mia".into(), ActorKind::User)), at("2026-11-21T07:20:00Z"))));
    let said = &thread.comments[0];
    assert_eq!((said.id.0, &said.editor, said.edited), (5_000_000_000, &None, Some(at("2026-11-21T07:30:00Z"))));
    let events: Vec<_> = thread.label_events.iter().map(|event| (event.label.as_str(), event.added)).collect();
    assert_eq!(events, [("status/ready", true), ("urgent", false)]);
    assert_eq!(thread.label_events[0].by, Some(("stationmaster[bot]".into(), ActorKind::Bot)));
    assert_eq!(thread.label_events[1].by, None);
    let (parent, title) = thread.parent.unwrap();
    assert_eq!((parent.to_string().as_str(), title.as_str()), ("acme/rust#2", "All"));
    let parts: Vec<_> =
        thread.sub_issues.iter().map(|part| (part.item.to_string(), part.state, part.status.as_str())).collect();
    let wanted = [("acme/go#4", IssueState::Open, "in-progress"), ("acme/go#5", IssueState::Closed, "")];
    assert_eq!(parts, wanted.map(|(item, state, status)| (item.to_owned(), state, status)));
    let pull = &thread.pulls[0];
    assert_eq!(
        (pull.number, pull.state, pull.closes, pull.changes_requested),
        (Number(30), PullState::Merged, true, true)
    );
    assert_eq!((pull.merged, pull.author.as_str()), (Some(at("2026-11-21T07:40:00Z")), "renovate[bot]"));
}

#[tokio::test]
async fn an_issue_that_nothing_is_known_of_is_read_and_one_that_is_not_there_is_none() {
    let server = Server::start(|_, before| match before {
        0 => {
            let empty = json!({ "nodes": null });
            Reply::new(200, json!({ "data": { "repository": { "issue": {
                "lastEditedAt": null, "editor": null, "comments": empty, "timelineItems": empty, "parent": null,
                "subIssues": empty, "closedByPullRequestsReferences": null } } } }))
        }
        1 => Reply::new(200, json!({ "data": { "repository": { "issue": null } }, "errors": [{ "type": "NOT_FOUND",
            "path": ["repository", "issue"], "message": "Could not resolve to an Issue with the number of 12." }] })),
        _ => Reply::new(200, json!({ "data": { "repository": { "issue": null } }, "errors": [{ "type": "FORBIDDEN",
            "path": ["repository", "issue", "closedByPullRequestsReferences"], "message": "Resource not accessible" }] })),
    })
    .await;
    let client = server.client();
    assert_eq!(client.issue_thread(&rust(), Number(12)).await.unwrap(), Some(IssueThread::default()));
    assert_eq!(client.issue_thread(&rust(), Number(12)).await.unwrap(), None);
    let refused = client.issue_thread(&rust(), Number(12)).await.unwrap_err();
    assert!(matches!(refused, GithubError::Forbidden { .. }), "half an answer is none: {refused}");
}

#[tokio::test]
async fn the_lists_of_dependencies_are_read_and_an_enterprise_that_has_none_has_none() {
    let server = Server::start(|seen: &Seen, _| {
        if seen.target.contains("/13/") {
            return Reply::new(404, json!({ "message": "Not Found" }));
        }
        let mut other = issue(3);
        other["id"] = json!(33);
        other["state"] = json!("closed");
        other["repository_url"] = json!("https://ghe.example.com/api/v3/repos/acme/go");
        Reply::new(200, json!([other]))
    })
    .await;
    let client = server.client();
    let waits = client.blocked_by(&rust(), Number(12)).await.unwrap();
    assert_eq!((waits[0].repository.to_string().as_str(), waits[0].number), ("acme/go", Number(3)));
    assert_eq!((waits[0].met, waits[0].state.as_str()), (true, "closed"));
    assert_eq!(client.blocking(&rust(), Number(12)).await.unwrap()[0].to_string(), "acme/go#3");
    assert!(client.blocked_by(&rust(), Number(13)).await.unwrap().is_empty());
    assert!(!client.add_blocked_by(&rust(), Number(12), 33).await.unwrap(), "it does already");
    assert!(server.seen().iter().all(|seen| seen.method == "GET"));
}

#[tokio::test]
async fn a_refused_sub_issue_is_an_answer_and_a_failure_is_an_error() {
    let server = Server::start(|_, before| match before {
        0 => Reply::new(201, issue(2)),
        1 => Reply::new(422, json!({ "message": "Sub issue may only have one parent" })),
        _ => Reply::new(502, json!({ "message": "Bad Gateway" })),
    })
    .await;
    let client = server.client();
    assert_eq!(client.add_sub_issue(&rust(), Number(2), 33).await.unwrap(), Ok(()));
    let seen = server.seen().remove(0);
    assert_eq!(
        (seen.target.as_str(), seen.body),
        ("/repos/acme/rust/issues/2/sub_issues", json!({ "sub_issue_id": 33 }))
    );
    let refused = client.add_sub_issue(&rust(), Number(2), 33).await.unwrap();
    assert_eq!(refused, Err(SubIssueRefusal("Sub issue may only have one parent".to_owned())));
    client.add_sub_issue(&rust(), Number(2), 33).await.unwrap_err();
}

#[tokio::test]
async fn the_rest_issue_tells_its_id_and_whether_there_are_links() {
    let server = Server::start(|_, before| {
        let mut told = issue(12);
        if before > 0 {
            told["id"] = json!(4_000_000_000_i64);
            told["parent_issue_url"] = json!("https://api.github.com/repos/acme/rust/issues/2");
            told["issue_dependencies_summary"] =
                json!({ "blocked_by": 0, "total_blocked_by": 1, "blocking": 0, "total_blocking": 0 });
        }
        Reply::new(200, told)
    })
    .await;
    let client = server.client();
    let old = client.issue_seen(&rust(), Number(12)).await.unwrap().unwrap();
    assert_eq!((old.parent_url, old.is_blocked, old.is_blocking), (None, false, false));
    let new = client.issue_seen(&rust(), Number(12)).await.unwrap().unwrap();
    assert_eq!((new.id, new.is_blocked, new.is_blocking), (4_000_000_000, true, false));
    assert!(new.parent_url.unwrap().ends_with("/issues/2"));
}

#[tokio::test]
async fn an_issue_is_closed_for_a_reason() {
    let server = Server::start(|_, _| Reply::new(200, issue(7))).await;
    server.client().close_issue(&rust(), Number(7), "completed").await.unwrap();
    assert_eq!(server.seen()[0].body, json!({ "state": "closed", "state_reason": "completed" }));
}
