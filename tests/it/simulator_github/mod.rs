//! The simulated GitHub keeps GitHub's rules: who is let in, what is refused, and what is told to whom.

#![expect(clippy::unwrap_used, reason = "a scenario that cannot go on has failed")]

mod access;
mod checks;
mod client;
mod deployments;
mod forks;
mod git_data;
mod graphql;
mod issue_links;
mod issues;
mod limits;
mod merging;
mod protection;
mod pull_changes;
mod pull_files;
mod pulls;
mod releases;
mod repositories;
mod reviews;
mod runs;
mod sign_in;
mod tags;
mod webhooks;

use std::sync::Arc;

use axum::http::HeaderMap;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Method;
use serde_json::{Value, json};
use stationmaster::model::{Clock, ManualClock, Timestamp};
use stationmaster::simulator::github::WebhookMode;

use crate::contract::Watched;

const REPOSITORY: &str = "acme/shop";
const START: Timestamp = Timestamp::from_seconds(1_790_000_000);

struct World {
    github: Watched,
    clock: ManualClock,
    client: reqwest::Client,
    token: String,
}

struct Answered {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Answered {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_default()
    }
}

impl World {
    async fn new() -> Self {
        let clock = ManualClock::at(START);
        let github = crate::contract::github(Arc::new(clock.clone())).await;
        github.set_webhook_mode(WebhookMode::Manual);
        github.create_repository(REPOSITORY).unwrap();
        let client = crate::wire::builder().user_agent("tests").build().unwrap();
        let mut world = Self { github, clock, client, token: String::new() };
        world.token = world.new_token().await;
        world
    }

    fn jwt(&self, claims: &Value) -> String {
        let key = EncodingKey::from_rsa_pem(self.github.app().private_key_pem.as_bytes()).unwrap();
        jsonwebtoken::encode(&Header::new(Algorithm::RS256), claims, &key).unwrap()
    }

    fn good_jwt(&self) -> String {
        let now = self.clock.now().seconds();
        self.jwt(&json!({"iat": now - 60, "exp": now + 540, "iss": self.github.app().app_id}))
    }

    async fn new_token(&self) -> String {
        let id = self.github.installation_id("acme").unwrap();
        let path = format!("/app/installations/{id}/access_tokens");
        let made = self.send(Method::POST, &path, &self.good_jwt(), None).await;
        assert_eq!(made.status, 201, "{}", made.body);
        made.body["token"].as_str().unwrap().to_owned()
    }

    async fn send(&self, method: Method, path: &str, credential: &str, body: Option<Value>) -> Answered {
        let mut request = self.client.request(method, format!("{}{path}", self.github.api_url()));
        if !credential.is_empty() {
            request = request.bearer_auth(credential);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        Self::read(request.send().await.unwrap()).await
    }

    async fn read(answer: reqwest::Response) -> Answered {
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let bytes = answer.bytes().await.unwrap();
        Answered { status, headers, body: serde_json::from_slice(&bytes).unwrap_or_default() }
    }

    async fn get(&self, path: &str) -> Answered {
        self.send(Method::GET, &format!("/repos/{REPOSITORY}{path}"), &self.token, None).await
    }

    async fn patch(&self, path: &str, body: Value) -> Answered {
        self.send(Method::PATCH, &format!("/repos/{REPOSITORY}{path}"), &self.token, Some(body)).await
    }

    async fn put(&self, path: &str, body: Value) -> Answered {
        self.send(Method::PUT, &format!("/repos/{REPOSITORY}{path}"), &self.token, Some(body)).await
    }

    async fn delete(&self, path: &str) -> Answered {
        self.send(Method::DELETE, &format!("/repos/{REPOSITORY}{path}"), &self.token, None).await
    }

    async fn post(&self, path: &str, body: Value) -> Answered {
        self.send(Method::POST, &format!("/repos/{REPOSITORY}{path}"), &self.token, Some(body)).await
    }
}
