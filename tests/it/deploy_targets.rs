//! Deploy targets and health checks: what they are told, what their answers mean, and what a repeated attempt does.

use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use stationmaster::act::{Deed, Hands};
use stationmaster::model::{
    Action, BranchName, DeploymentId, EnvironmentReport, Fact, Number, Outcome, ProbeOrder, Repository, RepositoryId,
    RepositoryName, Trigger, TriggerAnswer, TriggerOrder, Version,
};
use stationmaster::notify::{Notifier, NtfyConfig, http_client};
use stationmaster::reach::Reach;

use crate::github_client::server::{INSTALLATION, Reply, START, Seen, Server};

/// Hands that reach the server in the place of GitHub, and know one secret.
pub fn hands(server: &Server) -> Hands {
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
        secrets: Arc::new(|name| (name == "DEPLOY_KEY").then(|| "quiet".to_owned())),
        clock: Arc::new(server.clock.clone()),
    }
}

/// How often an action was tried before.
#[derive(Clone, Copy)]
pub enum Before {
    /// Never.
    Never,
    /// It was begun, and what came of it is not known.
    Begun,
    /// It failed once.
    Failed,
}

/// Performs an action.
pub async fn perform(server: &Server, action: &Action, before: Before) -> Outcome {
    let attempts = i64::from(matches!(before, Before::Failed));
    let fresh = matches!(before, Before::Never);
    let deed = Deed { key: "deploy/trigger/9/3/1", action, attempts, first_attempt: START, fresh };
    hands(server).perform(deed).await
}

/// What GitHub was asked.
pub fn calls(server: &Server) -> Vec<String> {
    server.seen().iter().map(|seen| format!("{} {}", seen.method, seen.target)).collect()
}

pub fn repository() -> Repository {
    Repository {
        id: RepositoryId(9),
        name: RepositoryName::new("acme", "rust"),
        installation: INSTALLATION,
        default_branch: BranchName::new("main"),
        private: true,
    }
}

pub fn version() -> Version {
    Version {
        tag: "v1.5.0".into(),
        sha: "aaaaaaaaaa".into(),
        url: "https://x/releases/v1.5.0".to_owned(),
        authors: vec!["ann".into()],
        issue: Some(Number(40)),
        prerelease: false,
    }
}

fn order(trigger: Trigger) -> TriggerOrder {
    TriggerOrder {
        repository: repository(),
        environment: "qa".into(),
        number: 3,
        attempt: 1,
        deployment: DeploymentId(77),
        version: version(),
        previous: Some("v1.4.2".into()),
        trigger,
        timeout_s: 5,
    }
}

async fn tell(server: &Server, order: TriggerOrder, before: Before) -> Outcome {
    perform(server, &Action::TriggerDeploy(Box::new(order)), before).await
}

fn answer(outcome: Outcome) -> TriggerAnswer {
    let Outcome::Performed { learned: Some(Fact::Environment { report }), .. } = outcome else {
        panic!("{outcome:?}");
    };
    let EnvironmentReport::Triggered { number: 3, attempt: 1, answer } = report else { panic!("{report:?}") };
    answer
}

/// The answer's word, and what was said.
fn words(outcome: Outcome) -> (&'static str, String) {
    match answer(outcome) {
        TriggerAnswer::Accepted { run, detail } => ("accepted", format!("{run:?} {detail}")),
        TriggerAnswer::Finished { detail } => ("finished", detail),
        TriggerAnswer::Failed { detail } => ("failed", detail),
        TriggerAnswer::Error { detail } => ("error", detail),
    }
}

async fn no_github() -> Server {
    Server::start(|seen, _| panic!("GitHub was asked: {seen:?}")).await
}

fn workflow() -> Trigger {
    let inputs = [("tag".to_owned(), "v1.5.0".to_owned())].into();
    Trigger::Workflow { workflow: "deploy.yml".to_owned(), git_ref: None, inputs }
}

fn run(id: i64, sha: &str, created: &str) -> Value {
    json!({ "id": id, "display_title": "deploy", "status": "queued", "conclusion": null, "head_sha": sha,
            "html_url": format!("https://x/{id}"), "created_at": created })
}

fn runs(seen: &Seen, listed: &[Value]) -> Reply {
    assert!(seen.target.starts_with("/repos/acme/rust/actions/workflows/deploy.yml/runs?event=workflow_dispatch"));
    Reply::new(200, json!({ "total_count": listed.len(), "workflow_runs": listed }))
}

#[tokio::test]
async fn a_workflow_runs_on_the_tag_and_its_run_is_known() {
    let named = json!({ "workflow_run_id": 5, "run_url": "https://x", "html_url": "https://x" });
    let server = Server::start(move |_, _| Reply::new(200, &named)).await;
    let (word, detail) = words(tell(&server, order(workflow()), Before::Never).await);
    assert_eq!((word, detail.as_str()), ("accepted", "Some(5) dispatched deploy.yml on v1.5.0"));
    assert_eq!(calls(&server), ["POST /repos/acme/rust/actions/workflows/deploy.yml/dispatches"]);
    assert_eq!(
        (&server.seen()[0].body["ref"], &server.seen()[0].body["inputs"]),
        (&json!("v1.5.0"), &json!({ "tag": "v1.5.0" }))
    );
}

#[tokio::test]
async fn where_github_names_no_run_the_newest_of_the_commit_is_looked_up() {
    let server = Server::start(|seen, before| match before {
        0 => Reply::new(204, ""),
        _ => runs(
            seen,
            &[
                run(9, "another", "2026-11-21T08:00:02Z"),
                run(8, "aaaaaaaaaa", "2026-11-21T08:00:01Z"),
                run(3, "aaaaaaaaaa", "2026-11-21T07:00:00Z"),
            ],
        ),
    })
    .await;
    let (_, detail) = words(tell(&server, order(workflow()), Before::Never).await);
    assert!(detail.starts_with("Some(8) "), "{detail}");
}

#[tokio::test]
async fn a_workflow_that_may_have_been_dispatched_is_not_dispatched_twice() {
    let server = Server::start(|seen, _| runs(seen, &[run(8, "aaaaaaaaaa", "2026-11-21T08:00:01Z")])).await;
    for before in [Before::Begun, Before::Failed] {
        let (word, detail) = words(tell(&server, order(workflow()), before).await);
        assert_eq!(word, "accepted");
        assert!(detail.starts_with("Some(8) deploy.yml had been dispatched already"), "{detail}");
    }
    assert!(calls(&server).iter().all(|call| call.starts_with("GET ")));
}

#[tokio::test]
async fn an_unclear_end_of_a_dispatch_is_looked_into_before_it_is_an_error() {
    let server = Server::start(|seen, _| match seen.method.as_str() {
        "GET" => runs(seen, &[]),
        _ => Reply::new(502, "Bad gateway"),
    })
    .await;
    let first = tell(&server, order(workflow()), Before::Never).await;
    assert!(matches!(first, Outcome::Failed { .. }), "{first:?}");
    let (word, detail) = words(tell(&server, order(workflow()), Before::Failed).await);
    assert_eq!(word, "error");
    assert!(detail.contains("502"), "{detail}");
}

#[tokio::test]
async fn a_workflow_that_github_does_not_take_has_failed_with_its_sentence() {
    for (status, said) in [(404, "Not Found"), (422, "Unexpected inputs provided: [\"tag\"]")] {
        let server = Server::start(move |_, _| Reply::new(status, json!({ "message": said }))).await;
        let (word, detail) = words(tell(&server, order(workflow()), Before::Never).await);
        assert_eq!(word, "failed");
        assert!(detail.contains(said), "{detail}");
    }
}

#[tokio::test]
async fn a_rate_limit_is_waited_for_and_is_no_error_of_the_target() {
    let server = Server::start(|_, _| {
        let reply = Reply::new(403, json!({ "message": "API rate limit exceeded" }));
        reply.header("x-ratelimit-remaining", 0).header("x-ratelimit-reset", START.seconds() + 600)
    })
    .await;
    let outcome = tell(&server, order(workflow()), Before::Never).await;
    assert!(matches!(outcome, Outcome::Later { .. }), "{outcome:?}");
}

#[tokio::test]
async fn an_event_is_sent_once_though_its_answer_is_lost() {
    let event = || Trigger::Dispatch { event: "deploy".to_owned() };
    let server = Server::start(|_, before| Reply::new(if before == 0 { 204 } else { 500 }, "")).await;
    assert_eq!(words(tell(&server, order(event()), Before::Never).await).0, "accepted");
    assert_eq!(
        server.seen()[0].body,
        json!({ "event_type": "deploy", "client_payload": { "environment": "qa", "tag": "v1.5.0", "version": "1.5.0",
                "sha": "aaaaaaaaaa", "deployment": 77, "previous": "v1.4.2" } })
    );
    let (word, detail) = words(tell(&server, order(event()), Before::Never).await);
    assert_eq!(word, "accepted");
    assert!(detail.contains("the answer was lost"), "{detail}");
    for before in [Before::Begun, Before::Failed] {
        let (word, detail) = words(tell(&server, order(event()), before).await);
        assert_eq!((word, detail.as_str()), ("accepted", "None `deploy` was sent already, or its answer was lost"));
    }
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn where_nobody_is_told_somebody_else_reports() {
    let server = no_github().await;
    assert_eq!(words(tell(&server, order(Trigger::None), Before::Never).await).0, "accepted");
}

/// What a target got.
type Got = Arc<Mutex<Vec<(HeaderMap, Vec<u8>)>>>;

/// A target on this machine that answers by what `reply` makes of the path.
async fn target(reply: impl Fn(&str) -> Response + Clone + Send + Sync + 'static) -> (String, Got) {
    let got = Got::default();
    let kept = Arc::clone(&got);
    let router = axum::Router::new().fallback(move |request: Request| {
        let (kept, reply) = (Arc::clone(&kept), reply.clone());
        async move {
            let (parts, body) = request.into_parts();
            let body = to_bytes(body, 1024 * 1024).await.unwrap();
            kept.lock().unwrap().push((parts.headers, body.to_vec()));
            if parts.uri.path() == "/never" {
                std::future::pending::<()>().await;
            }
            reply(parts.uri.path())
        }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, got)
}

fn says(status: u16, text: &str) -> Response {
    Response::builder().status(StatusCode::from_u16(status).unwrap()).body(Body::from(text.to_owned())).unwrap()
}

/// Answers with the status that the path names.
fn by_path(path: &str) -> Response {
    says(path.trim_start_matches('/').parse().unwrap(), "All\u{1b}[31m   red\n")
}

fn hook(url: String, finishes: bool) -> Trigger {
    Trigger::Hook { url, secret_env: "DEPLOY_KEY".to_owned(), finishes }
}

#[tokio::test]
async fn a_hook_gets_a_signed_order_without_anything_secret() {
    let (server, (url, got)) = (no_github().await, target(by_path).await);
    tell(&server, order(hook(format!("{url}/200?token=hidden"), true)), Before::Never).await;
    let got = got.lock().unwrap();
    let (headers, body) = &got[0];
    let mut mac = Hmac::<Sha256>::new_from_slice(b"quiet").unwrap();
    mac.update(body);
    let signature = headers["x-stationmaster-signature-256"].to_str().unwrap().strip_prefix("sha256=").unwrap();
    let bytes: Vec<u8> = (0..64).step_by(2).map(|at| u8::from_str_radix(&signature[at..at + 2], 16).unwrap()).collect();
    mac.verify_slice(&bytes).unwrap();
    assert_eq!(headers["x-stationmaster-delivery"], "deploy/trigger/9/3/1");
    assert_eq!(headers["idempotency-key"], "deploy/trigger/9/3/1");
    assert_eq!(
        serde_json::from_slice::<Value>(body).unwrap(),
        json!({ "repository": "acme/rust", "environment": "qa", "number": 3, "attempt": 1, "deployment": 77,
                "tag": "v1.5.0", "version": "1.5.0", "sha": "aaaaaaaaaa", "url": "https://x/releases/v1.5.0",
                "prerelease": false, "previous": "v1.4.2" })
    );
}

#[tokio::test]
async fn a_hooks_answers_are_told_apart() {
    let (server, (url, _)) = (no_github().await, target(by_path).await);
    for (status, finishes, word) in [
        (200, true, "finished"),
        (202, false, "accepted"),
        (400, true, "failed"),
        (404, false, "failed"),
        (429, true, "error"),
        (302, true, "error"),
        (500, true, "error"),
        (503, false, "error"),
    ] {
        let (found, detail) =
            words(tell(&server, order(hook(format!("{url}/{status}"), finishes)), Before::Never).await);
        assert_eq!(found, word, "{status}: {detail}");
        assert!(detail.ends_with(": All [31m red") && !detail.contains('\u{1b}'), "{detail:?}");
    }
}

#[tokio::test]
async fn a_hook_that_does_not_answer_cannot_be_reached_or_cannot_be_signed_is_an_error() {
    let (server, (url, got)) = (no_github().await, target(by_path).await);
    let mut slow = order(hook(format!("{url}/never?token=hidden"), true));
    slow.timeout_s = 1;
    let (word, detail) = words(tell(&server, slow, Before::Never).await);
    assert_eq!((word, detail.as_str()), ("error", "the hook: no answer came in time"));
    let nobody = order(hook("http://127.0.0.1:9/?token=hidden".to_owned(), true));
    let (word, detail) = words(tell(&server, nobody, Before::Never).await);
    assert_eq!(word, "error");
    assert!(detail.starts_with("the hook: no connection: ") && !detail.contains("hidden"), "{detail}");
    let secret_env = "MISSING".to_owned();
    let unsigned = Trigger::Hook { url: format!("{url}/200"), secret_env, finishes: true };
    let (word, detail) = words(tell(&server, order(unsigned), Before::Never).await);
    assert_eq!(word, "error");
    assert!(detail.starts_with("MISSING is not set"), "{detail}");
    assert_eq!(got.lock().unwrap().len(), 1, "nothing is sent unsigned");
}

async fn run_command(script: &str, timeout_s: u32) -> (&'static str, String) {
    let run = ["sh", "-c", script].map(str::to_owned).to_vec();
    let mut order = order(Trigger::Command { name: "ship".to_owned(), run });
    order.timeout_s = timeout_s;
    words(tell(&no_github().await, order, Before::Never).await)
}

#[tokio::test]
async fn a_command_knows_what_to_deploy_and_nothing_of_the_servers_environment() {
    let (word, detail) = run_command("env | grep -v '^PWD=\\|^SHLVL=\\|^_=\\|^OLDPWD=' | cut -d= -f1 | sort", 10).await;
    assert_eq!(word, "finished");
    let names = "DEPLOY_DEPLOYMENT DEPLOY_ENVIRONMENT DEPLOY_SHA DEPLOY_TAG DEPLOY_VERSION HOME PATH";
    assert_eq!(detail, format!("the command `ship` succeeded: {names}"));
    let script = "echo $DEPLOY_TAG $DEPLOY_VERSION $DEPLOY_SHA $DEPLOY_ENVIRONMENT $DEPLOY_DEPLOYMENT";
    assert_eq!(run_command(script, 10).await.1, "the command `ship` succeeded: v1.5.0 1.5.0 aaaaaaaaaa qa 77");
}

#[tokio::test]
async fn a_command_that_fails_tells_the_end_of_its_output() {
    let script = "i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done; printf 'red \\033[31m' >&2; exit 3";
    let (word, detail) = run_command(script, 10).await;
    assert_eq!(word, "failed");
    assert!(detail.starts_with("the command `ship` ended with exit status: 3: "), "{detail}");
    assert!(detail.contains("red") && detail.len() < 500 && !detail.contains('\u{1b}'), "{detail:?}");
}

#[tokio::test]
async fn a_command_that_does_not_end_is_killed_and_one_that_does_not_begin_is_an_error() {
    let (word, detail) = run_command("echo I am $$; exec sleep 60", 3).await;
    let (said, process) = detail.rsplit_once(' ').unwrap();
    assert_eq!((word, said), ("error", "the command `ship` was killed after 3 s without an end: I am"));
    assert!(!std::path::Path::new("/proc").join(process).exists(), "{process} still runs");
    let run = vec!["/no/such/program".to_owned()];
    let order = order(Trigger::Command { name: "ship".to_owned(), run });
    let (word, detail) = words(tell(&no_github().await, order, Before::Never).await);
    assert_eq!(word, "error");
    assert!(detail.starts_with("the command `ship` could not be started"), "{detail}");
}

#[tokio::test]
async fn a_command_is_not_waited_for_beyond_its_end_by_what_it_left_running() {
    let (word, detail) = run_command("sleep 8 & echo done", 6).await;
    assert_eq!((word, detail.as_str()), ("finished", "the command `ship` succeeded: done"));
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else it is, the test has failed")]
async fn look(url: String, status: u16, body: Option<&str>) -> (bool, String) {
    let order = ProbeOrder { number: 3, probe: 2, url, status, body: body.map(str::to_owned), timeout_s: 3 };
    match perform(&no_github().await, &Action::ProbeHealth(order), Before::Never).await {
        Outcome::Performed { learned: Some(Fact::Environment { report }), .. } => match report {
            EnvironmentReport::Probed { number: 3, probe: 2, healthy, detail } => (healthy, detail),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn health(path: &str) -> Response {
    let to = |place: &str| Response::builder().status(302).header("location", place).body(Body::empty()).unwrap();
    match path {
        "/moved" => to("/old"),
        "/old" => to("ok"),
        "/inward" => to("http://169.254.169.254/latest/meta-data"),
        "/loop" => to("/loop"),
        "/sick" => says(503, "down"),
        "/large" => says(200, &format!("{}v1.5.0", "x".repeat(1024 * 1024))),
        _ => says(200, "{\"version\": \"v1.5.0\"}"),
    }
}

#[tokio::test]
async fn health_is_the_expected_status_and_body() {
    let (url, _) = target(health).await;
    let at = |path: &str| format!("{url}{path}");
    assert_eq!(look(at("/ok"), 200, None).await, (true, "answered 200 OK".to_owned()));
    assert!(look(at("/ok"), 200, Some("v1\\.5\\.0")).await.0);
    assert!(look(at("/sick"), 503, Some("down")).await.0, "the policy says what is expected");
    assert_eq!(
        look(at("/ok"), 200, Some("v1\\.4")).await,
        (false, "answered 200 OK, and the body does not match `v1\\.4`".to_owned())
    );
    assert_eq!(
        look(at("/sick"), 200, None).await,
        (false, "answered 503 Service Unavailable instead of 200".to_owned())
    );
    assert!(look(at("/moved"), 200, Some("version")).await.0, "redirects are followed");
    assert!(look(at("/moved"), 302, None).await.0, "unless one is what is expected");
    assert_eq!(look(at("/loop"), 200, None).await, (false, "more than 5 redirects".to_owned()));
    let (healthy, detail) = look(at("/large"), 200, Some("v1")).await;
    assert!(!healthy && detail.contains("the first MiB"), "{detail}");
}

#[tokio::test]
async fn a_redirect_that_leads_inside_is_not_followed() {
    let (url, _) = target(health).await;
    let (healthy, detail) = look(format!("{url}/inward"), 200, None).await;
    assert!(!healthy && detail.starts_with("`169.254.169.254` is within the server's own network"), "{detail}");
}

#[tokio::test]
async fn whatever_keeps_a_probe_from_an_answer_is_a_sick_one() {
    let (url, _) = target(health).await;
    let (healthy, detail) = look(format!("{url}/never?token=hidden"), 200, None).await;
    assert_eq!((healthy, detail.as_str()), (false, "no whole answer came within 3 s"));
    let (healthy, detail) = look("http://127.0.0.1:9/?token=hidden".to_owned(), 200, None).await;
    assert!(!healthy && detail.starts_with("no connection: ") && !detail.contains("hidden"), "{detail}");
    assert!(!look("ftp://127.0.0.1/".to_owned(), 200, None).await.0);
    assert!(!look("no address".to_owned(), 200, None).await.0);
    let (healthy, detail) = look(format!("{url}/ok"), 200, Some("(")).await;
    assert!(!healthy && detail.starts_with("`body` is not a regex"), "{detail}");
}
