//! Who is let in, with what, and how far.

use reqwest::Method;
use serde_json::json;
use stationmaster::model::Clock;
use stationmaster::simulator::github::{Access, Permission};

use super::{REPOSITORY, World};

#[tokio::test]
async fn a_json_web_token_is_refused_for_the_reason_that_github_gives() {
    let world = World::new().await;
    let (now, app) = (world.clock.now().seconds(), world.github.app().app_id);
    let refusals = [
        (json!({"iat": now, "exp": now + 601, "iss": app}), "'Expiration time' claim ('exp') is too far in the future"),
        (json!({"iat": now - 700, "exp": now - 1, "iss": app}), "'Expiration time' claim ('exp') must be"),
        (json!({"iat": now + 1, "exp": now + 300, "iss": app}), "'Issued at' claim ('iat') must be"),
        (json!({"iat": now, "exp": now + 300}), "'Issuer' claim ('iss') must be"),
    ];
    for (claims, message) in refusals {
        let answer = world.send(Method::GET, "/app", &world.jwt(&claims), None).await;
        assert_eq!(answer.status, 401, "{claims}");
        assert!(answer.message().starts_with(message), "{}", answer.message());
    }
    let mut forged = world.good_jwt();
    forged.replace_range(forged.len() - 20..forged.len() - 10, "AAAAAAAAAA");
    let answer = world.send(Method::GET, "/app", &forged, None).await;
    assert_eq!((answer.status, answer.message()), (401, "A JSON web token could not be decoded"));
    let text = world.jwt(&json!({"iat": now, "exp": now + 600, "iss": app.to_string()}));
    assert_eq!(world.send(Method::GET, "/app", &text, None).await.body["slug"], "stationmaster");
}

#[tokio::test]
async fn nobody_is_let_in_without_credentials_or_without_a_user_agent() {
    let world = World::new().await;
    let path = format!("/repos/{REPOSITORY}");
    let answer = world.send(Method::GET, &path, "", None).await;
    assert_eq!((answer.status, answer.message()), (401, "Requires authentication"));
    let answer = world.send(Method::GET, &path, "ghs_made_up", None).await;
    assert_eq!((answer.status, answer.message()), (401, "Bad credentials"));
    let anonymous = crate::wire::client();
    let answer = anonymous.get(format!("{}{path}", world.github.api_url())).bearer_auth(&world.token).send().await;
    assert_eq!(answer.unwrap().status().as_u16(), 403);
}

#[tokio::test]
async fn an_installation_token_lives_for_one_hour_and_not_a_second_more() {
    let world = World::new().await;
    world.clock.advance_ms(3_599_000);
    assert_eq!(world.get("").await.status, 200);
    world.clock.advance_ms(1_000);
    assert_eq!(world.get("").await.status, 401);
    let fresh = world.new_token().await;
    let path = format!("/api/v3/repos/{REPOSITORY}");
    assert_eq!(world.send(Method::GET, &path, &fresh, None).await.status, 200);
    world.github.expire_tokens();
    assert_eq!(world.send(Method::GET, &path, &fresh, None).await.status, 401);
}

#[tokio::test]
async fn a_missing_permission_a_suspension_and_a_foreign_repository_are_told_apart() {
    let world = World::new().await;
    world.github.create_repository("other/secret").unwrap();
    let answer = world.send(Method::GET, "/repos/other/secret", &world.token, None).await;
    assert_eq!((answer.status, answer.message()), (404, "Not Found"));
    world.github.set_installation_permissions("acme", &[("metadata", Access::Read), ("issues", Access::Read)]).unwrap();
    let answer = world.post("/issues", json!({"title": "No"})).await;
    assert_eq!((answer.status, answer.message()), (403, "Resource not accessible by integration"));
    assert_eq!(answer.header("x-accepted-github-permissions"), "issues=write");
    world.github.suspend_installation("acme", true).unwrap();
    let answer = world.get("/issues").await;
    assert_eq!((answer.status, answer.message()), (403, "This installation has been suspended"));
}

#[tokio::test]
async fn a_permission_is_told_with_its_role_and_a_stranger_may_only_read_what_is_public() {
    let world = World::new().await;
    world.github.add_user("alice");
    world.github.set_permission(REPOSITORY, "tina", Permission::Triage).unwrap();
    world.github.set_permission(REPOSITORY, "mike", Permission::Maintain).unwrap();
    for (login, permission, role) in
        [("tina", "read", "triage"), ("mike", "write", "maintain"), ("alice", "read", "read")]
    {
        let answer = world.get(&format!("/collaborators/{login}/permission")).await;
        assert_eq!((&answer.body["permission"], &answer.body["role_name"]), (&json!(permission), &json!(role)));
    }
    world.github.set_private(REPOSITORY, true).unwrap();
    assert_eq!(world.get("/collaborators/alice/permission").await.body["permission"], "none");
    assert_eq!(world.get("/collaborators/nobody/permission").await.status, 404);
}
