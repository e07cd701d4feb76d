//! The HTTP API of environments: who is let in, what is refused with which sentence, and what comes of what is asked.

use reqwest::Method;
use secrecy::SecretString;
use serde_json::{Value, json};
use stationmaster::model::DeliverySource;

use crate::world::{API_TOKEN, On, REPOSITORY, World, scenarios};

const POLICY: &str = r#"
[release]
branch = "main"
allow_no_checks = true
tracking = false

[[environment]]
name = "qa"

[[environment]]
name = "prod"
"#;

struct Answer {
    status: u16,
    kind: String,
    body: Value,
}

impl Answer {
    /// The sentence of a problem.
    #[track_caller]
    fn problem(&self, status: u16, slug: &str) -> &str {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.kind, "application/problem+json");
        assert_eq!(self.body["type"], format!("urn:problem:stationmaster:{slug}"));
        self.body["detail"].as_str().unwrap()
    }
}

fn call(world: &World, method: Method, path: &str) -> reqwest::RequestBuilder {
    let url = format!("{}/api/v1/repositories/{path}", world.url);
    crate::wire::client().request(method, url).bearer_auth(API_TOKEN)
}

async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    Answer { status, kind, body: response.json().await.unwrap() }
}

async fn get(world: &World, what: &str) -> Value {
    let answer = answer(call(world, Method::GET, &format!("{REPOSITORY}/{what}"))).await;
    assert_eq!((answer.status, answer.kind.as_str()), (200, "application/json"), "{}", answer.body);
    answer.body
}

async fn post(world: &World, ask: &str, body: &str) -> Answer {
    let request = call(world, Method::POST, &format!("{REPOSITORY}/environments/{ask}"));
    answer(request.header("content-type", "application/json").body(body.to_owned())).await
}

/// A repository with two environments and one release.
async fn released(world: &World) {
    world.github.write_file(REPOSITORY, "main", (".github/stationmaster.toml", POLICY), "feat: release").unwrap();
    world.settle().await;
    let releases = get(world, "releases").await;
    assert_eq!(releases["releases"][0]["tag"], "v0.1.0", "{releases}");
}

async fn asked(world: &World) -> usize {
    let rows = world.app().store.deliveries(None, 1_000).await.unwrap();
    rows.into_iter().filter(|row| row.event == "environment").count()
}

scenarios! {
    async fn only_the_token_opens_the_door(world: &World) {
        let url = format!("{}/api/v1/repositories/{REPOSITORY}/releases", world.url);
        let client = crate::wire::client();
        for (name, value) in [("accept", "*/*"), ("authorization", "Basic YTpi"), ("authorization", "Bearer")] {
            let refused = client.get(&url).header(name, value).send().await.unwrap();
            assert_eq!(refused.headers()["www-authenticate"], "Bearer realm=\"stationmaster\"");
            assert_eq!(refused.status(), 401);
        }
        for wrong in ["", "x", &API_TOKEN[1..], &format!("{API_TOKEN}0"), &API_TOKEN.to_uppercase()] {
            let refused = answer(client.get(&url).bearer_auth(wrong)).await;
            refused.problem(401, "wrong-token");
        }
        let request = client.post(format!("{url}/../environments/qa/unfreeze")).bearer_auth("x");
        answer(request).await.problem(401, "wrong-token");
        let scheme = format!("bEARER {API_TOKEN}");
        assert_eq!(client.get(&url).header("authorization", scheme).send().await.unwrap().status(), 200);
    }

    async fn what_does_not_exist_is_said_with_what_does(world: &World) {
        assert_eq!(post(world, "qa/deploy", "{}").await.problem(404, "not-found"),
            "There is no environment `qa`: the policy names none.");
        released(world).await;
        assert_eq!(post(world, "staging/deploy", "{}").await.problem(404, "not-found"),
            "There is no environment `staging`, only qa and prod.");
        assert_eq!(post(world, "qa/deploy", r#"{"version":"v9.9.9"}"#).await.problem(404, "not-found"),
            "There is no version `v9.9.9`, only v0.1.0.");
        post(world, "qa/destroy", "{}").await.problem(404, "not-found");
        let elsewhere = call(world, Method::GET, "octo/nowhere/releases");
        assert_eq!(answer(elsewhere).await.problem(404, "not-found"),
            "The App is not installed on octo/nowhere, or it does not exist.");
        let elsewhere = call(world, Method::POST, "octo/nowhere/environments/qa/unfreeze");
        answer(elsewhere).await.problem(404, "not-found");
        let unknown = call(world, Method::GET, &format!("{REPOSITORY}/deployments?environment=staging"));
        assert_eq!(answer(unknown).await.problem(404, "not-found"),
            "There is no environment `staging`, only qa and prod.");
        assert_eq!(asked(world).await, 0);
    }

    async fn a_body_that_cannot_be_is_refused_with_its_place(world: &World) {
        released(world).await;
        let bad = post(world, "qa/deploy", "{\n  \"version\": v1\n}").await;
        let detail = bad.problem(400, "not-json");
        assert!(detail.contains("line 2 column 14"), "{detail}");
        let bad = post(world, "qa/deploy", r#"{"versoin":"v0.1.0"}"#).await;
        let detail = bad.problem(400, "not-json");
        assert!(detail.contains("`versoin`") && detail.contains("`version` or `override`"), "{detail}");
        assert!(detail.contains("line 1 column"), "{detail}");
        post(world, "qa/approve", r#"["v0.1.0"]"#).await.problem(400, "not-json");
        let bad = post(world, "qa/freeze", r#"{"until":"2h"}"#).await;
        assert!(bad.problem(400, "not-json").contains("`why`"), "{}", bad.body);
        let bad = post(world, "qa/freeze", r#"{"until":"soon","why":"the fair"}"#).await;
        assert!(bad.problem(422, "unprocessable").contains("`2h`, `3d`"), "{}", bad.body);
        post(world, "qa/freeze", r#"{"until":"2020-01-01","why":"the fair"}"#).await.problem(422, "unprocessable");
        post(world, "qa/freeze", r#"{"until":"2h","why":" "}"#).await.problem(422, "unprocessable");
        let long = format!(r#"{{"why":"{}"}}"#, "x".repeat(70_000));
        post(world, "qa/reject", &long).await.problem(413, "payload-too-large");
        let plain = call(world, Method::POST, &format!("{REPOSITORY}/environments/qa/deploy")).body("{}");
        answer(plain).await.problem(415, "unsupported-media-type");
        for query in ["limit=0", "limit=101", "limit=x", "env=qa"] {
            let request = call(world, Method::GET, &format!("{REPOSITORY}/deployments?{query}"));
            answer(request).await.problem(422, "unprocessable");
        }
        assert_eq!(asked(world).await, 0);
    }

    async fn what_does_not_fit_is_a_conflict(world: &World) {
        released(world).await;
        assert_eq!(post(world, "prod/approve", "").await.problem(409, "conflict"),
            "Nothing waits for approval in prod.");
        post(world, "qa/unfreeze", "").await.problem(409, "conflict");
        world.github.write_file(REPOSITORY, "main", (".github/stationmaster.toml", "[relaese]\n"), "oops").unwrap();
        world.settle().await;
        let broken = post(world, "qa/deploy", "").await;
        let detail = broken.problem(409, "conflict");
        assert!(detail.contains("while the policy cannot be read") && detail.contains(":1:2"), "{detail}");
    }

    async fn a_version_is_deployed_and_listed(world: &World) {
        released(world).await;
        let accepted = post(world, "QA/deploy", r#"{"version":"0.1.0"}"#).await;
        assert_eq!((accepted.status, &accepted.body["accepted"]), (202, &Value::Bool(true)), "{}", accepted.body);
        let request = stationmaster::model::DeliveryGuid::new(accepted.body["request"].as_str().unwrap());
        let (delivery, ..) = world.app().store.delivery(&request).await.unwrap().expect("it is on disk");
        assert_eq!(delivery.source, DeliverySource::Api);
        world.settle().await;
        let under_way = get(world, "deployments?environment=Qa&limit=5").await;
        assert_eq!(under_way["deployments"].as_array().unwrap().len(), 1);
        let shown = &under_way["deployments"][0];
        assert_eq!((&shown["tag"], &shown["outcome"], &shown["ended"]), (&json!("v0.1.0"), &Value::Null, &Value::Null));
        assert!(shown["by"].as_str().unwrap().contains("the API"), "{shown}");
        let id = shown["github_id"].as_i64().unwrap();
        let environments = get(world, "environments").await;
        assert_eq!(environments["environments"][0]["deploying"]["tag"], "v0.1.0", "{environments}");

        world.github.report_deployment(REPOSITORY, id, "deployer", "success", "it runs").unwrap();
        world.settle().await;
        let done = get(world, "deployments").await;
        assert_eq!(done["deployments"][0]["outcome"], "succeeded", "{done}");
        assert!(done["deployments"][0]["ended"].as_str().unwrap().starts_with("2026-11-21T12:"));
        let environments = get(world, "environments").await;
        let (qa, prod) = (&environments["environments"][0], &environments["environments"][1]);
        assert_eq!((&qa["name"], &qa["running"]["tag"], &qa["deploying"]), (&json!("qa"), &json!("v0.1.0"), &Value::Null));
        assert_eq!((&prod["name"], &prod["running"]), (&json!("prod"), &Value::Null));
        assert_eq!(prod["policy"]["requires_approval"], true);
        assert_eq!(get(world, "deployments?environment=prod").await["deployments"], json!([]));
    }

    async fn the_same_key_takes_effect_once(world: &World) {
        released(world).await;
        let send = async |ask: &str, key: &str| {
            let request = call(world, Method::POST, &format!("{REPOSITORY}/environments/{ask}"));
            let body = json!({"until": "2h", "why": "the fair"});
            answer(request.header("idempotency-key", key).json(&body)).await
        };
        let first = send("qa/freeze", "fair-1").await;
        assert_eq!((first.status, &first.body["request"]), (202, &json!("api:fair-1")));
        world.settle().await;
        let again = send("qa/freeze", "fair-1").await;
        assert_eq!((again.status, &again.body), (202, &first.body));
        world.settle().await;
        assert_eq!(asked(world).await, 1);
        let qa = get(world, "environments").await["environments"][0].clone();
        assert_eq!(qa["freezes"].as_array().unwrap().len(), 1, "{qa}");
        assert_eq!((&qa["freezes"][0]["why"], &qa["freezes"][0]["by"]), (&json!("the fair"), &json!("the API")));
        assert!(send("prod/freeze", "fair-1").await.problem(422, "unprocessable").contains("take a new one"));
        send("qa/freeze", "no spaces please").await.problem(400, "malformed-header");

        assert_eq!(post(world, "qa/unfreeze", "").await.status, 202);
        world.settle().await;
        assert_eq!(get(world, "environments").await["environments"][0]["freezes"], json!([]));
        assert_eq!(send("qa/freeze", "fair-1").await.status, 202);
        world.settle().await;
        assert_eq!(get(world, "environments").await["environments"][0]["freezes"], json!([]));
    }
}

#[tokio::test]
async fn without_a_token_the_api_is_for_nobody() {
    use std::sync::Arc;

    use stationmaster::http::{Api, Door, StoreDoors, router, serve};
    use stationmaster::metrics::Metrics;
    use stationmaster::model::{Clock, ManualClock, Timestamp};
    use stationmaster::policy::Rules;
    use stationmaster::receive::Verifier;
    use stationmaster::store::{Ingest, Store};

    let folder = tempfile::tempdir().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(Timestamp(1_000)));
    let address = format!("sqlite://{}", folder.path().join("api.db").display());
    let store = Store::open(&address, Arc::clone(&clock)).await.unwrap();
    let (ingest, _writing) = Ingest::start(store.clone(), 1, Arc::new(|_| ()));
    let door = Door {
        doors: StoreDoors::new(store, ingest),
        verifier: Verifier::new(&[SecretString::from("secret")]),
        clock,
        metrics: Metrics::new(),
        api: Some(Api::new(
            None,
            Arc::new(|_| Box::pin(async { Ok(None) })),
            Arc::new(|| Arc::new(Rules::builtin().unwrap())),
        )),
        pages: None,
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/api/v1/repositories/octo/station/releases", listener.local_addr().unwrap());
    let stop = tokio_util::sync::CancellationToken::new();
    tokio::spawn(serve(listener, router(door), stop.clone(), std::time::Duration::from_secs(1)));
    let refused = answer(crate::wire::client().get(&url).bearer_auth("anything")).await;
    assert!(refused.problem(403, "api-disabled").contains("STATIONMASTER_API_TOKEN"));
    stop.cancel();
}
