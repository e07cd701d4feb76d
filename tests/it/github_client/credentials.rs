//! The App's JWT and the installations' tokens.

use std::sync::Arc;

use futures::future::join_all;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use secrecy::SecretString;
use serde_json::{Value, json};
use stationmaster::github::{Github, GithubConfig, GithubError, Patience};
use stationmaster::model::{InstallationId, ManualClock};

use super::server::{APP_ID, Reply, START, Server, key, repository, rust, token};

#[tokio::test]
async fn ten_calls_that_race_fetch_one_token() {
    let server = Server::start(|_, _| Reply::new(200, repository())).await;
    let calls = (0..10).map(|_| async { server.client().repository(&rust()).await });
    for answer in join_all(calls).await {
        assert_eq!(answer.unwrap().default_branch.as_str(), "dev");
    }
    assert_eq!(server.tokens_given(), 1);
    assert_eq!(server.seen().len(), 10);
    assert!(server.seen().iter().all(|seen| seen.authorization == format!("Bearer {}", token(1))));
}

#[tokio::test]
async fn each_installation_has_its_own_token_and_always_the_same_client() {
    let server = Server::start(|_, _| Reply::new(200, repository())).await;
    let (first, second) = (server.client(), server.github.installation(InstallationId(78)));
    first.repository(&rust()).await.unwrap();
    second.repository(&rust()).await.unwrap();
    assert_eq!(server.tokens_given(), 2);
    assert!(Arc::ptr_eq(&first, &server.client()));
}

#[tokio::test]
async fn a_token_is_replaced_a_minute_before_its_end() {
    let server = Server::start(|_, _| Reply::new(200, repository())).await;
    server.client().repository(&rust()).await.unwrap();
    server.clock.advance_ms(3_600_000 - 60_001);
    server.client().repository(&rust()).await.unwrap();
    assert_eq!(server.tokens_given(), 1);
    server.clock.advance_ms(1);
    server.client().repository(&rust()).await.unwrap();
    assert_eq!(server.tokens_given(), 2);
    assert_eq!(server.seen()[2].authorization, format!("Bearer {}", token(2)));
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_and_the_call_succeeds() {
    let server = Server::start(|seen, _| {
        if seen.authorization.ends_with(&token(1)) {
            Reply::new(401, json!({ "message": "Bad credentials" }))
        } else {
            Reply::new(201, json!({ "id": 1, "user": null, "body": "hello", "created_at": "2026-11-21T08:00:00Z" }))
        }
    })
    .await;
    let client = server.client();
    let calls =
        (0..5).map(|_| async { client.create_comment(&rust(), stationmaster::model::Number(1), "hello").await });
    for answer in join_all(calls).await {
        assert_eq!(answer.unwrap().author.as_str(), "ghost");
    }
    assert_eq!(server.tokens_given(), 2, "five refusals of one token make one new token");
    assert_eq!(server.seen().iter().filter(|seen| seen.authorization.ends_with(&token(2))).count(), 5);
}

#[tokio::test]
async fn a_second_refusal_is_an_error_that_shows_what_github_said() {
    let server = Server::start(|_, _| Reply::new(401, json!({ "message": "Bad credentials" }))).await;
    let error = server.client().repository(&rust()).await.unwrap_err();
    assert_eq!(error.to_string(), "GET /repos/acme/rust: GitHub does not accept the App's credential: Bad credentials");
    assert!(matches!(error, GithubError::Unauthorized { .. }) && !error.is_transient());
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn the_app_signs_a_token_as_github_wants_it() {
    let server = Server::start(|_, _| Reply::new(200, json!({ "id": APP_ID, "slug": "stationmaster" }))).await;
    assert_eq!(server.github.own_login().await.unwrap().as_str(), "stationmaster[bot]");
    server.clock.advance_ms(7 * 60_000);
    server.github.app().app().await.unwrap();
    server.clock.advance_ms(2 * 60_000);
    server.github.app().app().await.unwrap();
    let seen = server.seen();
    let jwt = seen[0].authorization.strip_prefix("Bearer ").unwrap();
    let mut rules = Validation::new(Algorithm::RS256);
    rules.validate_exp = false;
    let claims = jsonwebtoken::decode::<Value>(jwt, &DecodingKey::from_rsa_der(&key().1), &rules).unwrap().claims;
    let now = START.seconds();
    assert_eq!(claims, json!({ "iat": now - 60, "exp": now + 540, "iss": APP_ID.to_string() }));
    assert_eq!(seen[0].authorization, seen[1].authorization, "it is kept while it is good");
    assert_ne!(seen[0].authorization, seen[2].authorization);
}

#[tokio::test]
async fn a_key_that_is_none_names_the_setting_and_is_not_shown() {
    for pem in
        ["c2VjcmV0LXNlY3JldA", "-----BEGIN RSA PRIVATE KEY-----\nc2VjcmV0LXNlY3JldA==\n-----END RSA PRIVATE KEY-----\n"]
    {
        let config = GithubConfig {
            api_url: "https://api.github.com".parse().unwrap(),
            app_id: APP_ID,
            private_key_pem: SecretString::from(pem),
            patience: Patience::default(),
        };
        let error = Github::new(config, Arc::new(ManualClock::at(START))).unwrap_err();
        let told = format!("{error} {error:?}");
        assert!(told.starts_with("GITHUB_APP_PRIVATE_KEY: is not an RSA private key in PEM form"), "{told}");
        assert!(!told.contains("c2VjcmV0") && !told.contains("secret-secret"), "{told}");
    }
}

#[tokio::test]
async fn a_base_that_could_leak_or_mislead_is_refused() {
    for url in ["ftp://github.example", "https://user:hunter2@github.example", "https://github.example/?token=1"] {
        let config = GithubConfig {
            api_url: url.parse().unwrap(),
            app_id: APP_ID,
            private_key_pem: SecretString::from(key().0.clone()),
            patience: Patience::default(),
        };
        let error = Github::new(config, Arc::new(ManualClock::at(START))).unwrap_err().to_string();
        assert!(error.starts_with("GITHUB_API_URL: ") && !error.contains("hunter2"), "{error}");
    }
}
