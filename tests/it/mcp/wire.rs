//! What stands on the wire: who is let in, from where, and what is answered to what makes no sense.

use serde_json::{Value, json};

use super::{ask, bearer, message, post, refused};
use crate::api::Caller;
use crate::scenario_claims::named;
use crate::world::{On, World, scenarios};

async fn json_of(answer: reqwest::Response) -> Value {
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

scenarios! {
    async fn whoever_has_no_token_that_counts_is_told_that_one_is_wanted(world: &World) {
        let list = message("tools/list", &json!({}));
        Caller::new(world, "read").await;
        for headers in [&[][..], &[("authorization", "Bearer no-token-of-this-server")], &[("authorization", "Basic eDp5")]] {
            let answer = post(world, headers, list.clone()).await;
            assert_eq!(answer.status(), 401, "{headers:?}");
            assert!(answer.headers()["www-authenticate"].to_str().unwrap().starts_with("Bearer "));
            assert_eq!(json_of(answer).await["type"], "urn:problem:stationmaster:wrong-token");
        }
        let (token, secret) = world.app().store.create_token("gone", &"read".parse().unwrap(), None).await.unwrap();
        world.app().store.revoke_token(&token.id).await.unwrap();
        assert_eq!(post(world, &[("authorization", &format!("Bearer {secret}"))], list).await.status(), 401);
    }

    async fn what_is_no_request_is_answered_as_the_protocol_has_it(world: &World) {
        let caller = Caller::new(world, "worker:builder-1").await;
        let token = bearer(&caller);
        for (body, code) in [("{\"jsonrpc\":", -32_700), ("[]", -32_600), ("7", -32_600)] {
            let answer = post(world, &[("authorization", &token)], body).await;
            assert_eq!(answer.status(), 400, "{body}");
            assert_eq!(json_of(answer).await["error"]["code"], code, "{body}");
        }
        let answer = post(world, &[("authorization", &token)], "x".repeat(70_000)).await;
        assert_eq!(answer.status(), 413);
        let answer = crate::wire::client().get(format!("{}/mcp", world.url)).bearer_auth(&caller.secret).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.headers()["allow"].to_str().unwrap()), (405, "POST"));
        let note = json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string();
        assert_eq!(post(world, &[("authorization", &token)], note).await.status(), 202);

        for (method, params, code, words) in [
            ("tools/call", json!({"name": "nothing"}), -32_602, "tools/list"),
            ("tools/call", json!({"name": "check", "arguments": "all"}), -32_602, "`arguments` an object"),
            ("tools/call", json!({}), -32_602, "`name` should be a text"),
            ("tools/nothing", json!({}), -32_601, "no such method"),
            ("resources/read", json!({"uri": "stationmaster://tasks/octo/station/1/secrets"}), -32_002, "owner/name/12/handoff"),
            ("resources/read", json!({"uri": "file:///etc/passwd"}), -32_002, "nothing at this address"),
            ("resources/read", json!({"uri": "stationmaster://tasks/octo/station/99/timeline"}), -32_002, "There is no task"),
            ("resources/read", json!({"uri": "stationmaster://tasks/octo/../99/timeline"}), -32_002, "nothing at this address"),
        ] {
            let answer = ask(&caller, method, params.clone()).await;
            assert_eq!(answer["error"]["code"], code, "{method} {params}: {answer}");
            assert!(answer["error"]["message"].as_str().unwrap().contains(words), "{method} {params}: {answer}");
        }
    }

    async fn arguments_that_cannot_be_are_refused_with_what_should_stand_there(world: &World) {
        let number = world.open_issue("Fix the login").await;
        let caller = Caller::new(world, "worker:builder-1").await;
        let task = named(number);
        for (tool, arguments, words) in [
            ("progress", json!({"text": "x"}), "`task` is missing"),
            ("progress", json!({"task": "12", "text": "x"}), "`task` should be such as octo/station#12"),
            ("progress", json!({"task": "octo/station/../../x#1", "text": "x"}), "`task` should be such as"),
            ("progress", json!({"task": task}), "`text` is missing"),
            ("progress", json!({"task": task, "text": "x", "percent": 101}), "`percent` should be a whole number from 0 to 100"),
            ("progress", json!({"task": task, "text": ""}), "`text` says nothing"),
            ("progress", json!({"task": task, "text": "x".repeat(4_001)}), "at most 4000 fit"),
            ("progress", json!({"task": task, "text": "x", "wait_s": 600}), "`wait_s` should be a whole number from 0 to 20"),
            ("progress", json!({"task": task, "text": "x", "idempotency_key": "no spaces please"}), "Idempotency-Key"),
            ("progress", json!({"task": task, "text": "x", "worker": "builder-1"}), "An argument is not known to `progress`; known are: `task`"),
            ("heartbeat", json!({"worker": "builder-2"}), "An argument is not known to `heartbeat`"),
            ("releases", json!({"repo": "nowhere"}), "`repo` should be such as octo/station"),
            ("tasks", json!({"status": "asleep"}), "there is no state"),
            ("worker", json!({"worker": "../../whoami"}), "There is no worker"),
        ] {
            let told = refused(&caller, tool, arguments.clone()).await;
            assert!(told.contains(words), "{tool} {arguments}: {told}");
        }
    }
}

/// Whether a message with these headers is taken.
async fn taken(world: &World, headers: &[(&str, &str)]) -> bool {
    let token = bearer(&Caller::operator(world));
    let all = [&[("authorization", token.as_str())], headers].concat();
    let answer = post(world, &all, message("tools/list", &json!({}))).await;
    let status = answer.status().as_u16();
    assert!(matches!(status, 200 | 403), "{status}");
    if status == 403 {
        assert!(json_of(answer).await["detail"].as_str().unwrap().contains("web page of another site"));
    }
    status == 200
}

#[tokio::test]
async fn pages_of_other_sites_are_locked_out_and_agents_behind_proxies_are_not() {
    let public = [("PUBLIC_URL", "https://station.example")];
    World::run_with(On::Sqlite, &public, async |world: &World| {
        let here = world.url.clone();
        let port = here.rsplit(':').next().unwrap();
        let (own_name, stranger) = (format!("http://localhost:{port}"), format!("http://rebound.example:{port}"));
        for headers in [
            &[][..],
            // A proxy may pass on the public name, or the one that it knows the server by.
            &[("host", "station.example")],
            &[("host", "stationmaster:3000")],
            &[("host", "station.example"), ("origin", "https://station.example"), ("sec-fetch-site", "same-origin")],
            &[("host", "stationmaster:3000"), ("origin", "https://station.example")],
            &[("origin", &here)],
            &[("host", &own_name["http://".len()..]), ("origin", &own_name)],
        ] {
            assert!(taken(world, headers).await, "{headers:?}");
        }
        for headers in [
            &[("origin", "https://evil.example")][..],
            &[("origin", "null")],
            &[("origin", "http://station.example")],
            &[("origin", "https://station.example.evil.example")],
            &[("origin", "https://station.example"), ("sec-fetch-site", "cross-site")],
            // A name of the stranger's own that leads here: to the browser it is one site.
            &[("host", &stranger["http://".len()..]), ("origin", &stranger)],
            &[("host", &stranger["http://".len()..]), ("origin", &stranger), ("sec-fetch-site", "same-origin")],
        ] {
            assert!(!taken(world, headers).await, "{headers:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_client_of_the_newest_protocol_discovers_without_a_handshake() {
    World::run(On::Sqlite, async |world: &World| {
        let caller = Caller::new(world, "worker:builder-1").await;
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let body = message("server/discover", &json!({"_meta": meta}));
        let headers = [
            ("authorization", bearer(&caller)),
            ("mcp-protocol-version", "2026-07-28".to_owned()),
            ("mcp-method", "server/discover".to_owned()),
        ];
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = json_of(post(world, &headers, body).await).await;
        assert!(
            answer["result"]["instructions"].as_str().is_some_and(|says| says.contains("You are the worker")),
            "{answer}"
        );
    })
    .await;
}
