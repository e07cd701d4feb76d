//! Looking at evidence: on GitHub, and at pages of listed hosts.

use serde_json::{Value, json};
use stationmaster::model::{Evidence, EvidenceSeen, LinkedPull, Number, PullState, Repository, RepositoryId};
use stationmaster::observe::{evidence, linked_pull};
use stationmaster::reach::Reach;

use crate::github_client::server::{INSTALLATION, Reply, Seen, Server, rust};

fn repository() -> Repository {
    Repository {
        id: RepositoryId(9),
        name: rust(),
        installation: INSTALLATION,
        default_branch: "dev".into(),
        private: true,
    }
}

fn pull(merged: bool) -> Value {
    json!({
        "number": 7, "title": "Show signals", "body": null, "user": { "login": "bob", "type": "User" },
        "state": if merged { "closed" } else { "open" }, "merged": merged,
        "merged_at": merged.then_some("2026-11-21T07:00:00Z"), "html_url": "https://github.com/acme/rust/pull/7",
        "base": { "ref": "dev", "repo": { "full_name": "acme/rust" } }, "head": { "ref": "task/12" },
    })
}

fn review(id: i64, who: &str, state: &str) -> Value {
    json!({ "id": id, "user": { "login": who, "type": "User" }, "state": state, "commit_id": "aaa" })
}

async fn seen(server: &Server, what: &Evidence, hosts: &[&str]) -> EvidenceSeen {
    seen_by(&Reach::new("127.0.0.1".parse().unwrap()), server, what, hosts).await
}

async fn seen_by(reach: &Reach, server: &Server, what: &Evidence, hosts: &[&str]) -> EvidenceSeen {
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    evidence((&server.github, reach), &repository(), what, &hosts).await.unwrap()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else it is, the test has failed")]
fn why(seen: EvidenceSeen) -> String {
    match seen {
        EvidenceSeen::Missing { why } | EvidenceSeen::Unknown { why } => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_merged_pull_is_seen_with_when_and_where_it_was_merged() {
    let server = Server::start(|_, _| Reply::new(200, pull(true))).await;
    let EvidenceSeen::Pull(pull) = seen(&server, &Evidence::Code { pull: "acme/rust#7".parse().unwrap() }, &[]).await
    else {
        panic!("no pull was seen")
    };
    let LinkedPull { state, merged, base, head_branch, author, .. } = *pull;
    assert_eq!(
        (state, base.as_str(), head_branch.as_str(), author.as_str()),
        (PullState::Merged, "dev", "task/12", "bob")
    );
    assert_eq!(merged.unwrap().to_string(), "2026-11-21T07:00:00Z");
}

#[tokio::test]
async fn the_newest_review_of_each_reviewer_says_whether_changes_are_requested() {
    let reviews = |list: Value| {
        move |seen: &Seen, _| Reply::new(200, if seen.target.contains("/reviews") { list.clone() } else { pull(false) })
    };
    let asked = json!([review(1, "ann", "CHANGES_REQUESTED"), review(2, "ann", "COMMENTED")]);
    let server = Server::start(reviews(asked)).await;
    let pull = linked_pull(&server.github, &repository(), Number(7)).await.unwrap().unwrap();
    assert!(pull.changes_requested);
    let content = json!([review(1, "ann", "CHANGES_REQUESTED"), review(2, "Ann", "APPROVED")]);
    let server = Server::start(reviews(content)).await;
    let pull = linked_pull(&server.github, &repository(), Number(7)).await.unwrap().unwrap();
    assert!(!pull.changes_requested);
}

#[tokio::test]
async fn a_pull_that_is_not_there_or_not_to_be_seen_is_missing() {
    for status in [404, 403] {
        let server = Server::start(move |_, _| Reply::new(status, json!({ "message": "no" }))).await;
        let what = Evidence::Code { pull: "acme/secret#7".parse().unwrap() };
        assert!(why(seen(&server, &what, &[]).await).contains("acme/secret#7 is not found"), "{status}");
        assert_eq!(linked_pull(&server.github, &repository(), Number(7)).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_failing_github_is_no_answer() {
    let server = Server::start(|_, _| Reply::new(500, json!({ "message": "later" }))).await;
    assert!(linked_pull(&server.github, &repository(), Number(7)).await.is_err());
}

fn checks(seen: &Seen, last: &str) -> Reply {
    let run = |name: &str, status: &str, conclusion: Option<&str>| json!({ "id": 1, "name": name, "status": status, "conclusion": conclusion, "app": { "id": 1, "slug": "x" } });
    if seen.target.contains("/check-runs") {
        let status = if last.is_empty() { "in_progress" } else { "completed" };
        let runs = [run("build", "completed", Some("success")), run("smoke", status, Some(last))];
        return Reply::new(200, json!({ "total_count": 2, "check_runs": runs }));
    }
    let statuses = json!([{ "context": "legacy", "state": "success" }]);
    Reply::new(200, json!({ "state": "success", "total_count": 1, "statuses": statuses }))
}

#[tokio::test]
async fn checks_are_looked_up_by_name_among_runs_and_statuses() {
    let names = |list: &[&str]| Evidence::Verification {
        checks: list.iter().map(|name| ((*name).to_owned(), true)).collect(),
        commit: Some("1a2b3c4".into()),
    };
    let server = Server::start(|seen, _| checks(seen, "failure")).await;
    let all = names(&["build", "smoke", "legacy", "nowhere"]);
    let green = |name: &str, green| (name.to_owned(), green);
    let expected = vec![green("build", true), green("smoke", false), green("legacy", true), green("nowhere", false)];
    assert_eq!(seen(&server, &all, &[]).await, EvidenceSeen::Checks { checks: expected });
    let server = Server::start(|seen, _| checks(seen, "")).await;
    assert_eq!(why(seen(&server, &names(&["smoke"]), &[]).await), "the check `smoke` to end");
    let server = Server::start(|_, _| Reply::new(422, json!({ "message": "No commit found for SHA: 1a2b3c4" }))).await;
    assert!(why(seen(&server, &names(&["build"]), &[]).await).contains("has no commit 1a2b3c4"));
}

#[tokio::test]
async fn a_file_is_looked_for_on_the_default_branch() {
    let server = Server::start(|seen, _| match seen.target.as_str() {
        "/repos/acme/rust/contents/docs/signals.md?ref=dev" => Reply::new(200, "Red means stop."),
        _ => Reply::new(404, json!({ "message": "Not Found" })),
    })
    .await;
    let file = |path: &str| Evidence::File { path: path.to_owned() };
    assert_eq!(seen(&server, &file("docs/signals.md"), &[]).await, EvidenceSeen::Exists);
    assert_eq!(why(seen(&server, &file("docs/other.md"), &[]).await), "`docs/other.md` is not on the branch `dev`");
}

/// A host with pages, and its name as a policy lists it.
async fn pages() -> (String, String) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = format!("http://{}", listener.local_addr().unwrap());
    let away = axum::response::Redirect::to("http://127.0.0.1:1/elsewhere");
    let router = axum::Router::new()
        .route("/page", axum::routing::get(|| async { "Red means stop." }))
        .route("/moved", axum::routing::get(|| async { axum::response::Redirect::to("/page") }))
        .route("/loop", axum::routing::get(|| async { axum::response::Redirect::to("/loop") }))
        .route("/away", axum::routing::get(move || async { away }))
        .route("/sick", axum::routing::get(|| async { axum::http::StatusCode::BAD_GATEWAY }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (host.clone(), host)
}

#[tokio::test]
async fn a_page_is_fetched_from_listed_hosts_alone() {
    let server = Server::start(|_, _| Reply::new(500, "")).await;
    let (base, host) = pages().await;
    let look =
        async |path: &str, hosts: &[&str]| seen(&server, &Evidence::Page { url: format!("{base}{path}") }, hosts).await;
    assert_eq!(look("/page", &[&host]).await, EvidenceSeen::Exists);
    assert_eq!(look("/moved", &[&host]).await, EvidenceSeen::Exists);
    assert!(why(look("/none", &[&host]).await).contains("answers 404"));
    assert!(why(look("/loop", &[&host]).await).contains("leads on and on"));
    let sick = look("/sick", &[&host]).await;
    assert!(matches!(sick, EvidenceSeen::Unknown { .. }), "{sick:?}");
    for hosts in
        [&[][..], &["docs.example.com"], &["127.0.0.1"], &["http://127.0.0.1"], &[host.trim_start_matches("http://")]]
    {
        let words = why(look("/page", hosts).await);
        assert!(words.contains("are not looked up: the policy does not list it"), "{hosts:?}: {words}");
    }
    let away = why(look("/away", &[&host]).await);
    assert!(away.contains("pages of `http://127.0.0.1:1` are not looked up"), "{away}");
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_asked_although_it_is_listed() {
    let server = Server::start(|_, _| Reply::new(500, "")).await;
    let (_, host) = pages().await;
    let host = host.replace("127.0.0.1", "localhost");
    let inside = Evidence::Page { url: format!("{host}/page") };
    let said = why(seen_by(&Reach::default(), &server, &inside, &[&host]).await);
    assert!(said.starts_with("`localhost` is within the server's own network"), "{said}");
}
