//! GitHub Enterprise Server has its API below `/api/v3`; everything works there too, page links included.

use std::collections::BTreeMap;
use std::sync::Arc;

use secrecy::SecretString;
use stationmaster::github::{Github, GithubConfig, Patience};
use stationmaster::model::{Clock, SystemClock};
use stationmaster::simulator::github::AuthKind;

#[tokio::test]
async fn lists_are_followed_below_api_v3_with_credentials() {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let simulator = crate::contract::github(Arc::clone(&clock)).await;
    simulator.create_repository("octo/station").unwrap();
    let number = simulator.open_issue("octo/station", "alice", "Fix the signal", "").unwrap();
    for comment in 0..230 {
        simulator.comment("octo/station", "alice", number, &format!("{comment}")).unwrap();
    }
    let app = simulator.app();
    let config = GithubConfig {
        api_url: format!("{}/api/v3", simulator.api_url()).parse().unwrap(),
        app_id: app.app_id,
        private_key_pem: SecretString::from(app.private_key_pem),
        patience: Patience::default(),
    };
    let github = Github::new(config, clock).unwrap();
    let client = github.installation(simulator.installation_id("octo").unwrap());

    let comments = client.list_comments(&"octo/station".parse().unwrap(), number).await.unwrap();

    let texts: Vec<String> = comments.into_iter().map(|comment| comment.body).collect();
    assert_eq!(texts, (0..230).map(|comment| comment.to_string()).collect::<Vec<_>>());
    let mut by_auth = BTreeMap::<String, usize>::new();
    for request in simulator.requests() {
        let kind = match request.auth {
            AuthKind::App => "app",
            AuthKind::Installation(_) => "installation",
            AuthKind::Refused => "refused",
            AuthKind::Unchecked => "unchecked",
        };
        *by_auth.entry(kind.to_owned()).or_default() += 1;
    }
    assert_eq!(by_auth, BTreeMap::from([("app".to_owned(), 1), ("installation".to_owned(), 3)]));
}
