//! Keys and tokens stay out of everything that is printed.

use serde_json::json;
use stationmaster::github::{GithubConfig, Patience};
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::util::SubscriberInitExt;

use super::server::{APP_ID, Reply, Server, key, repository, rust, token};
use crate::log_lines::LogLines;

#[tokio::test]
async fn no_log_at_any_level_shows_the_key_the_jwt_or_the_token() {
    let lines = LogLines::new();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::FULL)
        .finish();
    // Takes in what libraries say by way of the `log` crate, too.
    let _guard = subscriber.set_default();
    let server = Server::start(|seen, before| match before {
        1 => Reply::new(401, json!({ "message": "Bad credentials" })),
        3 => Reply::new(500, json!({ "message": "Server Error" })),
        _ if seen.target == "/app" => Reply::new(200, json!({ "id": APP_ID, "slug": "stationmaster" })),
        _ => Reply::new(200, repository()),
    })
    .await;
    let client = server.client();
    server.github.own_login().await.unwrap();
    client.repository(&rust()).await.unwrap();
    let error = client.repository(&rust()).await.unwrap_err();
    tracing::error!(%error, ?error, github = ?server.github, "as a caller would log it");

    let log = lines.text();
    assert!(log.contains("GitHub refused the credential"), "our own lines are captured");
    assert!(log.contains("hyper_util") && log.contains("TRACE"), "the libraries' lines are captured");
    assert!(log.contains("/repos/acme/rust"), "requests are seen");
    let jwt = server.seen()[0].authorization.strip_prefix("Bearer ").unwrap().to_owned();
    let key_line = key().0.lines().nth(3).unwrap();
    let signature = jwt.rsplit('.').next().unwrap();
    for secret in [jwt.as_str(), signature, key_line, &token(1), &token(2)] {
        assert!(!log.contains(secret), "a secret is in the log");
    }
}

#[test]
fn the_configuration_does_not_print_the_key() {
    let config = GithubConfig {
        api_url: "https://api.github.com".parse().unwrap(),
        app_id: APP_ID,
        private_key_pem: key().0.clone().into(),
        patience: Patience::default(),
    };
    assert!(!format!("{config:?}").contains(key().0.lines().nth(1).unwrap()));
}
