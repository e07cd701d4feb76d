//! Checks and statuses: who may write them, what counts as the newest, and what is told of them.

use serde_json::{Value, json};
use stationmaster::simulator::github::{Access, CheckApp};

use super::{REPOSITORY, World};

impl World {
    /// The events told since the last look, as `event.action`.
    pub(super) fn news(&self) -> Vec<String> {
        let told = self.told().into_iter();
        let news = told.map(|(event, action, _)| action.map_or(event.clone(), |action| format!("{event}.{action}")));
        let news = news.collect();
        self.github.drop_all();
        news
    }
}

fn annotation(line: usize) -> Value {
    json!({"path": "a.txt", "start_line": line, "end_line": line, "annotation_level": "warning", "message": "Hm"})
}

#[tokio::test]
async fn the_app_starts_a_check_annotates_it_in_portions_and_completes_it() {
    let world = World::new().await;
    let sha = world.write("topic", "a.txt", "a\n");
    let pull = world.open_pull("topic", "");
    world.github.drop_all();
    let portion: Vec<Value> = (1..=50).map(annotation).collect();
    let output = json!({"title": "Review", "summary": "So far", "annotations": portion});
    let body = json!({"name": "stationmaster/review", "head_sha": sha, "status": "in_progress", "output": output});
    let made = world.post("/check-runs", body).await;
    assert_eq!(
        (made.status, &made.body["status"], &made.body["conclusion"]),
        (201, &json!("in_progress"), &Value::Null)
    );
    assert_eq!(made.body["app"]["slug"], "stationmaster");
    assert_eq!(made.body["pull_requests"][0]["number"], pull.0);
    let path = format!("/check-runs/{}", made.body["id"]);
    let more = json!({"title": "Review", "summary": "Done", "annotations": [annotation(51), annotation(52)]});
    let done = world.patch(&path, json!({"conclusion": "failure", "output": more})).await;
    assert_eq!(
        (done.status, &done.body["status"], &done.body["output"]["summary"]),
        (200, &json!("completed"), &json!("Done"))
    );
    assert_eq!(done.body["output"]["annotations_count"], 52);
    assert_eq!(world.get(&path).await.body, done.body);
    let listed = world.get(&format!("{path}/annotations?per_page=50&page=2")).await;
    assert_eq!((listed.body.as_array().unwrap().len(), &listed.body[1]["start_line"]), (2, &json!(52)));
    let told = world.told();
    assert_eq!(
        (&told[1].2["check_run"]["check_suite"]["head_branch"], &told[2].2["check_suite"]["conclusion"]),
        (&json!("topic"), &json!("failure"))
    );
    assert_eq!(world.news(), ["check_run.created", "check_run.completed", "check_suite.completed"]);
}

#[tokio::test]
async fn a_check_that_breaks_githubs_rules_is_refused() {
    let world = World::new().await;
    let sha = world.write("topic", "a.txt", "a\n");
    let post = async |body: Value| world.post("/check-runs", body).await.status;
    let with = |field: &str, value: Value| {
        let mut body = json!({"name": "review", "head_sha": sha});
        body[field] = value;
        body
    };
    let too_many: Vec<Value> = (1..=51).map(annotation).collect();
    assert_eq!(post(with("output", json!({"title": "x", "summary": "x", "annotations": too_many}))).await, 422);
    assert_eq!(post(with("output", json!({"title": "x", "summary": "x".repeat(65_536)}))).await, 422);
    assert_eq!(post(with("status", json!("completed"))).await, 422);
    assert_eq!(post(with("conclusion", json!("stale"))).await, 422);
    assert_eq!(post(with("head_sha", json!("0".repeat(40)))).await, 422);
    assert_eq!(post(json!({"head_sha": sha})).await, 422);
    let foreign = world.github.start_check(REPOSITORY, &sha, CheckApp::actions(), "build").unwrap();
    let refused = world.patch(&format!("/check-runs/{foreign}"), json!({"conclusion": "success"})).await;
    assert_eq!(refused.status, 403);
    assert!(refused.message().contains("can only be modified by the GitHub App that created it"));
    world.github.set_installation_permissions("acme", &[("checks", Access::Read)]).unwrap();
    assert_eq!(post(json!({"name": "review", "head_sha": sha})).await, 403);
}

#[tokio::test]
async fn only_the_newest_run_of_a_name_is_listed_unless_all_are_asked_for() {
    let world = World::new().await;
    let sha = world.write("feature/x", "a.txt", "a\n");
    for (app, name, conclusion) in [
        (CheckApp::actions(), "build", "failure"),
        (CheckApp::actions(), "build", "success"),
        (CheckApp::actions(), "lint", "neutral"),
        (CheckApp::named("other-ci"), "build", "cancelled"),
    ] {
        let check = world.github.start_check(REPOSITORY, &sha, app, name).unwrap();
        world.github.finish_check(check, conclusion).unwrap();
    }
    let list = async |query: &str| world.get(&format!("/commits/feature%2Fx/check-runs{query}")).await.body;
    let conclusions = |body: &Value| -> Vec<String> {
        let runs = body["check_runs"].as_array().unwrap().iter();
        runs.map(|run| run["conclusion"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(conclusions(&list("").await), ["cancelled", "neutral", "success"]);
    assert_eq!(list("?filter=all").await["total_count"], 4);
    assert_eq!(conclusions(&list("?app_id=15368&check_name=build").await), ["success"]);
    let page = list("?per_page=1&page=2").await;
    assert_eq!((&page["total_count"], conclusions(&page)), (&json!(3), vec!["neutral".to_owned()]));
    let suites = world.get(&format!("/commits/{sha}/check-suites")).await.body;
    assert_eq!((&suites["total_count"], &suites["check_suites"][0]["conclusion"]), (&json!(2), &json!("success")));
    assert_eq!(suites["check_suites"][0]["latest_check_runs_count"], 2);
    assert_eq!(world.get("/commits/nowhere/check-runs").await.status, 422);
}

#[tokio::test]
async fn a_check_of_a_commit_that_no_branch_stands_at_names_no_pull() {
    let world = World::new().await;
    let old = world.write("topic", "a.txt", "a\n");
    world.open_pull("topic", "");
    world.write("topic", "a.txt", "b\n");
    world.github.drop_all();
    world.github.start_check(REPOSITORY, &old, CheckApp::actions(), "build").unwrap();
    assert_eq!(world.told()[0].2["check_run"]["pull_requests"], json!([]));
}

#[tokio::test]
async fn the_newest_status_of_each_context_counts_and_one_failure_spoils_all() {
    let world = World::new().await;
    let sha = world.write("topic", "a.txt", "a\n");
    let combined = async || world.get(&format!("/commits/{sha}/status")).await.body;
    assert_eq!((&combined().await["state"], &combined().await["total_count"]), (&json!("pending"), &json!(0)));
    world.github.set_status(REPOSITORY, "ci[bot]", &sha, ("build", "failure")).unwrap();
    world.github.drop_all();
    let body =
        json!({"state": "success", "context": "deploy", "description": "Fine", "target_url": "https://example.com"});
    let made = world.post(&format!("/statuses/{sha}"), body).await;
    assert_eq!((made.status, &made.body["creator"]["login"]), (201, &json!("stationmaster[bot]")));
    let told = world.told();
    assert_eq!(
        (told[0].0.as_str(), &told[0].2["context"], &told[0].2["branches"][0]["name"]),
        ("status", &json!("deploy"), &json!("topic"))
    );
    assert_eq!(combined().await["state"], "failure");
    world.github.set_status(REPOSITORY, "ci[bot]", &sha, ("build", "pending")).unwrap();
    assert_eq!(combined().await["state"], "pending");
    world.github.set_status(REPOSITORY, "ci[bot]", &sha, ("build", "success")).unwrap();
    let seen = combined().await;
    assert_eq!((&seen["state"], &seen["total_count"], &seen["sha"]), (&json!("success"), &json!(2), &json!(sha)));
    let all = world.get("/commits/topic/statuses").await.body;
    assert_eq!(
        (all.as_array().unwrap().len(), &all[0]["state"], &all[0]["context"]),
        (4, &json!("success"), &json!("build"))
    );
    assert_eq!(world.post(&format!("/statuses/{sha}"), json!({"state": "fine"})).await.status, 422);
    assert_eq!(world.post(&format!("/statuses/{}", "0".repeat(40)), json!({"state": "success"})).await.status, 422);
}

#[tokio::test]
async fn failed_jobs_are_queued_again_in_the_same_suite_and_the_passed_ones_stay() {
    let world = World::new().await;
    let sha = world.write("topic", "a.txt", "a\n");
    for (name, conclusion) in [("build", "success"), ("test", "failure")] {
        let check = world.github.start_check(REPOSITORY, &sha, CheckApp::actions(), name).unwrap();
        let runs = world.get(&format!("/actions/runs?head_sha={sha}")).await.body;
        let rerun = format!("/actions/runs/{}/rerun-failed-jobs", runs["workflow_runs"][0]["id"]);
        let early = world.post(&rerun, json!({})).await;
        assert_eq!((early.status, early.message()), (403, "This workflow is already running"));
        world.github.finish_check(check, conclusion).unwrap();
    }
    let runs = world.get(&format!("/actions/runs?head_sha={sha}")).await.body;
    assert_eq!((&runs["total_count"], &runs["workflow_runs"][0]["conclusion"]), (&json!(1), &json!("failure")));
    let run = format!("/actions/runs/{}", runs["workflow_runs"][0]["id"]);
    world.github.drop_all();
    assert_eq!(world.post(&format!("{run}/rerun-failed-jobs"), json!({})).await.status, 201);
    assert_eq!(world.news(), ["check_run.created"]);
    let jobs = world.get(&format!("{run}/jobs")).await.body["jobs"].clone();
    assert_eq!((&jobs[0]["name"], &jobs[0]["conclusion"]), (&json!("build"), &json!("success")));
    assert_eq!(
        (&jobs[1]["name"], &jobs[1]["status"], &jobs[1]["run_attempt"]),
        (&json!("test"), &json!("queued"), &json!(2))
    );
    let checks = world.github.check_runs(REPOSITORY, &sha);
    assert_eq!((checks.len(), checks[2].suite), (3, checks[0].suite));
    world.github.begin_check(checks[2].id).unwrap();
    world.github.finish_check(checks[2].id, "success").unwrap();
    assert_eq!(world.get(&run).await.body["conclusion"], "success");
    assert_eq!(world.post(&format!("{run}/rerun-failed-jobs"), json!({})).await.status, 403);
    assert_eq!(world.post(&format!("{run}/rerun"), json!({})).await.status, 201);
    assert_eq!(world.github.check_runs(REPOSITORY, &sha).len(), 5);
    assert_eq!(world.get("/actions/runs?head_sha=none").await.body["total_count"], 0);
}

#[tokio::test]
async fn asking_again_for_our_own_check_tells_the_app_and_for_anothers_it_does_not() {
    let world = World::new().await;
    let sha = world.write("topic", "a.txt", "a\n");
    let own = world.post("/check-runs", json!({"name": "review", "head_sha": sha, "conclusion": "failure"})).await;
    let other = world.github.start_check(REPOSITORY, &sha, CheckApp::named("other-ci"), "build").unwrap();
    world.github.finish_check(other, "failure").unwrap();
    world.github.drop_all();
    assert_eq!(world.post(&format!("/check-runs/{}/rerequest", own.body["id"]), json!({})).await.status, 201);
    assert_eq!(world.news(), ["check_run.rerequested"]);
    let suite = format!("/check-suites/{}", own.body["check_suite"]["id"]);
    let asked = world.get(&suite).await.body;
    assert_eq!((&asked["status"], &asked["conclusion"]), (&json!("queued"), &Value::Null));
    assert_eq!(world.post(&format!("{suite}/rerequest"), json!({})).await.status, 201);
    assert_eq!(world.news(), ["check_suite.rerequested"]);
    assert_eq!(world.post(&format!("/check-runs/{other}/rerequest"), json!({})).await.status, 201);
    assert_eq!(world.news(), Vec::<String>::new());
    world.github.request_suite(REPOSITORY, "alice", &sha).unwrap();
    assert_eq!(world.news(), ["check_suite.requested"]);
    let again = world.post("/check-runs", json!({"name": "review", "head_sha": sha, "conclusion": "success"})).await;
    assert_eq!(again.body["check_suite"], own.body["check_suite"]);
    assert_eq!(world.get(&suite).await.body["conclusion"], "success");
}
