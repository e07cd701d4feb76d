//! The typed calls: what goes over the wire, and what comes of the answers.

use serde_json::{Value, json};
use stationmaster::github::{GithubError, IssuePatch, Path, WorkflowDispatch};
use stationmaster::model::{
    ActorKind, IssueState, LabelName, LabelSpec, Login, Number, Permission, RepositoryId, RepositoryName, Timestamp,
};

use super::server::{INSTALLATION, Reply, START, Server, issue, repository, rust};

fn requests(server: &Server) -> Vec<String> {
    server.seen().into_iter().map(|seen| format!("{} {}", seen.method, seen.target)).collect()
}

#[tokio::test]
async fn enterprise_paths_stay_below_their_base() {
    let server = Server::below("/api/v3/", |_, _| Reply::new(200, repository())).await;
    let found = server.client().repository_by_id(RepositoryId(9)).await.unwrap();
    assert_eq!((found.name, found.installation, found.private), (rust(), INSTALLATION, true));
    assert_eq!(requests(&server), ["GET /api/v3/repositories/9"]);
    let confusing = Server::below("/app", |_, _| Reply::new(200, json!({ "id": 1 }))).await;
    confusing.github.app().app().await.unwrap();
    assert_eq!(requests(&confusing), ["GET /app/app"], "a path that begins like the base is below it all the same");
}

#[tokio::test]
async fn the_next_page_is_asked_at_our_base_with_our_credential() {
    let server = Server::below("/api/v3", |_, before| {
        let page = Reply::new(200, json!([issue(i64::try_from(before).unwrap() + 1), issue(2)]));
        match before {
            0 => page.header(
                "link",
                "<https://elsewhere.example/api/v3/repositories/9/issues?page=9>; rel=\"last\", \
                 <https://elsewhere.example/api/v3/repositories/9/issues?page=2&after=a%2Fb>; rel=\"next\"",
            ),
            1 => page.header("link", "</repositories/9/issues?page=3>; rel=\"next\""),
            _ => page,
        }
    })
    .await;
    let issues = server.client().issues_updated_since(&rust(), START).await.unwrap();
    let numbers: Vec<i64> = issues.iter().map(|issue| issue.number.0).collect();
    assert_eq!(numbers, [1, 2, 3], "an entry that appears on two pages counts once");
    let target = "state=all&sort=created&direction=asc&since=2026-11-21T08%3A00%3A00Z&per_page=100";
    assert_eq!(
        requests(&server),
        [
            format!("GET /api/v3/repos/acme/rust/issues?{target}"),
            "GET /api/v3/repositories/9/issues?page=2&after=a%2Fb".to_owned(),
            "GET /api/v3/repositories/9/issues?page=3".to_owned(),
        ]
    );
    let seen = server.seen();
    assert!(seen.iter().all(|request| request.authorization == seen[0].authorization));
}

#[tokio::test]
async fn a_list_without_end_is_an_error() {
    let server =
        Server::start(|seen, _| Reply::new(200, json!([])).header("link", format!("<{}>; rel=\"next\"", seen.target)))
            .await;
    let error = server.client().list_comments(&rust(), Number(1)).await.unwrap_err();
    assert!(error.to_string().ends_with("the list has more than 100 pages"), "{error}");
    assert_eq!(server.seen().len(), 100);
}

#[tokio::test]
async fn a_renamed_repository_is_found_under_its_new_name() {
    let server = Server::start(|seen, _| match seen.target.as_str() {
        "/repositories/9/issues/1/comments" => Reply::new(
            201,
            json!({ "id": 1, "user": { "login": "s[bot]", "type": "Bot" }, "body": seen.body["body"],
                    "created_at": "2026-11-21T08:00:00Z" }),
        ),
        _ => Reply::new(307, json!({ "message": "Moved" }))
            .header("location", "https://api.github.com/repositories/9/issues/1/comments"),
    })
    .await;
    let comment = server.client().create_comment(&rust(), Number(1), "hello").await.unwrap();
    assert_eq!((comment.body.as_str(), comment.author_kind), ("hello", ActorKind::Bot));
}

#[tokio::test]
async fn an_issue_becomes_ours() {
    let server = Server::start(|_, before| match before {
        0 => Reply::new(200, issue(12)),
        1 => {
            let mut pull = issue(12);
            pull["pull_request"] = json!({ "url": "https://api.github.com/repos/acme/rust/pulls/12" });
            pull["user"] = Value::Null;
            Reply::new(200, pull)
        }
        _ => Reply::new(200, issue(40)),
    })
    .await;
    let client = server.client();
    let found = client.issue(&rust(), Number(12)).await.unwrap().unwrap();
    assert_eq!((found.body.as_str(), found.state, found.author.as_str()), ("", IssueState::Open, "octocat"));
    assert_eq!(found.labels, [LabelName::from("status/ready"), LabelName::from("plain")]);
    assert_eq!(found.assignees, [Login::from("hubot")]);
    assert_eq!(found.created, Timestamp::parse_rfc3339("2026-11-20T10:00:00Z").unwrap());
    assert_eq!(client.issue(&rust(), Number(12)).await.unwrap(), None, "a pull request is no issue");
    let moved = client.issue(&rust(), Number(12)).await.unwrap_err();
    assert!(moved.to_string().ends_with("gone: moved to https://github.com/acme/rust/issues/40"), "{moved}");
}

#[tokio::test]
async fn requests_carry_the_headers_that_github_asks_for() {
    let server = Server::start(|_, _| Reply::new(200, issue(12))).await;
    server.client().issue(&rust(), Number(12)).await.unwrap();
    server.client().edit_issue(&rust(), Number(12), &IssuePatch::default()).await.unwrap();
    for seen in server.seen() {
        let all = |name: &str| -> Vec<&str> {
            seen.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
        };
        assert_eq!(all("user-agent"), [concat!("stationmaster/", env!("CARGO_PKG_VERSION"))]);
        assert_eq!(all("accept"), ["application/vnd.github+json"]);
        assert_eq!(all("x-github-api-version"), ["2022-11-28"]);
        assert_eq!(all("transfer-encoding"), [""; 0]);
        if seen.method == "PATCH" {
            assert_eq!((all("content-length"), all("content-type")), (vec!["2"], vec!["application/json"]));
        }
    }
}

#[tokio::test]
async fn an_edit_sends_only_what_changes() {
    let server = Server::start(|_, _| Reply::new(200, issue(12))).await;
    let changes =
        IssuePatch { state: Some(IssueState::Closed), state_reason: Some("completed"), ..IssuePatch::default() };
    server.client().edit_issue(&rust(), Number(12), &changes).await.unwrap();
    assert_eq!(server.seen()[0].body, json!({ "state": "closed", "state_reason": "completed" }));
}

#[tokio::test]
async fn labels_with_slashes_and_emoji_are_one_part_of_the_path() {
    let server = Server::start(|_, before| match before {
        0 => Reply::new(200, json!([])),
        _ => Reply::new(404, json!({ "message": "Label does not exist" })),
    })
    .await;
    let client = server.client();
    assert!(client.remove_label(&rust(), Number(3), &LabelName::from("status/ready")).await.unwrap());
    assert!(!client.remove_label(&rust(), Number(3), &LabelName::from("🚂 up? 100%#")).await.unwrap());
    assert_eq!(
        requests(&server),
        [
            "DELETE /repos/acme/rust/issues/3/labels/status%2Fready",
            "DELETE /repos/acme/rust/issues/3/labels/%F0%9F%9A%82%20up%3F%20100%25%23",
        ]
    );
}

#[tokio::test]
async fn a_label_that_would_address_all_labels_is_never_sent() {
    let server = Server::start(|_, _| Reply::new(200, json!([]))).await;
    for name in ["", ".", ".."] {
        let error = server.client().remove_label(&rust(), Number(3), &LabelName::from(name)).await.unwrap_err();
        assert!(matches!(error, GithubError::Path { .. }), "{error}");
    }
    assert!(Path::repository(&RepositoryName::new("acme", ".."), []).is_err());
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn missing_labels_are_created_once() {
    let server = Server::start(|seen, _| match seen.method.as_str() {
        "GET" => Reply::new(200, json!([{ "name": "Type/Deployment" }])),
        _ => Reply::new(
            422,
            json!({ "message": "Validation Failed",
                    "errors": [{ "resource": "Label", "code": "already_exists", "field": "name" }] }),
        ),
    })
    .await;
    let spec = |name: &str| LabelSpec {
        name: LabelName::from(name),
        colour: "0e8a16".to_owned(),
        description: "Nobody holds it".to_owned(),
    };
    let specs = [spec("status/ready"), spec("type/deployment")];
    server.client().ensure_labels(&rust(), &specs).await.unwrap();
    server.client().ensure_labels(&rust(), &specs).await.unwrap();
    assert_eq!(requests(&server), ["GET /repos/acme/rust/labels?per_page=100", "POST /repos/acme/rust/labels"]);
    assert_eq!(
        server.seen()[1].body,
        json!({ "name": "status/ready", "color": "0e8a16", "description": "Nobody holds it" })
    );
}

#[tokio::test]
async fn a_file_is_its_text_or_nothing() {
    let server = Server::start(|_, before| match before {
        0 => Reply::new(200, "[merge]\nstrategy = \"queue\"\n"),
        _ => Reply::new(404, json!({ "message": "Not Found" })),
    })
    .await;
    let client = server.client();
    let read = client.file(&rust(), ".github/stationmaster.toml").await.unwrap();
    assert_eq!(read.as_deref(), Some("[merge]\nstrategy = \"queue\"\n"));
    assert_eq!(client.file(&rust(), ".github/stationmaster.toml").await.unwrap(), None);
    assert_eq!(requests(&server)[0], "GET /repos/acme/rust/contents/.github/stationmaster.toml");
    assert_eq!(server.seen()[0].accept, "application/vnd.github.raw+json");
}

#[tokio::test]
async fn the_role_counts_before_the_permission_and_a_custom_role_falls_back() {
    let roles = [("write", Some("maintain")), ("read", Some("triage")), ("write", Some("signaller")), ("admin", None)];
    let server = Server::start(move |_, before| {
        let (permission, role) = roles[before];
        Reply::new(200, json!({ "permission": permission, "role_name": role, "user": null }))
    })
    .await;
    let mut found = Vec::new();
    for _ in 0..roles.len() {
        found.push(server.client().permission(&rust(), &Login::from("octocat")).await.unwrap());
    }
    assert_eq!(found, [Permission::Maintain, Permission::Triage, Permission::Write, Permission::Admin]);
    assert!(Permission::Triage < Permission::Write);
}

#[tokio::test]
async fn assignees_are_those_that_github_took() {
    let server = Server::start(|_, _| Reply::new(201, issue(12))).await;
    let wanted = [Login::from("hubot"), Login::from("stranger")];
    let assigned = server.client().add_assignees(&rust(), Number(12), &wanted).await.unwrap();
    assert_eq!(assigned, [Login::from("hubot")]);
    assert_eq!(server.seen()[0].body, json!({ "assignees": ["hubot", "stranger"] }));
}

#[tokio::test]
async fn a_workflow_is_dispatched_and_its_runs_are_found() {
    let server = Server::start(|seen, _| match seen.method.as_str() {
        "POST" => Reply::new(204, ""),
        _ => Reply::new(
            200,
            json!({ "total_count": 1, "workflow_runs": [
                { "id": 5, "display_title": "task 12", "status": "completed", "conclusion": "success",
                  "head_sha": "abc", "html_url": "https://x", "created_at": "2026-11-21T08:00:05Z" }] }),
        ),
    })
    .await;
    let dispatch = WorkflowDispatch {
        workflow: "agent.yml".to_owned(),
        git_ref: "dev".into(),
        inputs: [("handoff".to_owned(), "{}".to_owned())].into(),
    };
    server.client().dispatch_workflow(&rust(), &dispatch).await.unwrap();
    let runs = server.client().dispatched_runs_since(&rust(), "agent.yml", START).await.unwrap();
    assert_eq!((runs[0].id, runs[0].conclusion.as_deref()), (5, Some("success")));
    assert_eq!(server.seen()[0].body, json!({ "ref": "dev", "inputs": { "handoff": "{}" } }));
    assert_eq!(
        requests(&server),
        [
            "POST /repos/acme/rust/actions/workflows/agent.yml/dispatches",
            "GET /repos/acme/rust/actions/workflows/agent.yml/runs?event=workflow_dispatch\
         &created=%3E%3D2026-11-21T08%3A00%3A00Z&per_page=100",
        ]
    );
}

#[tokio::test]
async fn the_app_knows_where_it_is_installed() {
    let server = Server::start(|seen, _| {
        let one = json!({ "id": 77, "account": { "login": "acme" }, "suspended_at": null,
                          "permissions": { "issues": "write" }, "events": ["issues"] });
        if seen.target.starts_with("/app/installations") {
            Reply::new(200, json!([one, { "id": 78, "account": null, "suspended_at": "2026-11-01T00:00:00Z" }]))
        } else {
            Reply::new(200, one)
        }
    })
    .await;
    let app = server.github.app();
    let all = app.installations().await.unwrap();
    assert_eq!(all.iter().map(|one| one.suspended).collect::<Vec<_>>(), [false, true]);
    let one = app.installation_of(&rust()).await.unwrap();
    assert_eq!((one.id, one.permissions["issues"].as_str()), (INSTALLATION, "write"));
    assert_eq!(server.tokens_given(), 0, "the App speaks for itself");
}
