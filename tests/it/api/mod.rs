//! The HTTP API of tasks and workers: who is let in, what is refused with which sentence, and what comes of a call.

mod asks;
mod claims;
mod openapi;
mod projects;
mod tasks;
mod tokens;
mod workers;

use reqwest::Method;
use serde_json::Value;
use stationmaster::model::{Login, Scope};

use crate::world::{API_TOKEN, REPOSITORY, World};

/// Nobody is given a task unless somebody gives it.
pub const BY_HAND: &str = "[assignment]\nstrategy = \"manual\"\n";

pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    /// The sentence of a problem.
    #[track_caller]
    pub fn problem(&self, status: u16, slug: &str) -> &str {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.body["type"], format!("urn:problem:stationmaster:{slug}"));
        self.body["detail"].as_str().unwrap()
    }

    /// What was answered, where all went well.
    #[track_caller]
    pub fn good(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }
}

/// Somebody with a token.
pub struct Caller<'a> {
    pub world: &'a World,
    pub secret: String,
}

impl<'a> Caller<'a> {
    pub async fn new(world: &'a World, scope: &str) -> Self {
        Self::of(world, scope, None).await
    }

    /// With a person whose word it is.
    pub async fn of(world: &'a World, scope: &str, person: Option<&str>) -> Self {
        let scope: Scope = scope.parse().unwrap();
        let name = format!("{scope} token");
        let (_, secret) = world.app().store.create_token(&name, &scope, person.map(Login::new).as_ref()).await.unwrap();
        Self { world, secret }
    }

    pub fn operator(world: &'a World) -> Self {
        Self { world, secret: API_TOKEN.to_owned() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some((body, None))).await
    }

    /// A call that has a name.
    pub async fn named(&self, (method, path): (Method, &str), key: &str, body: Value) -> Answer {
        self.send(method, path, Some((body, Some(key)))).await
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<(Value, Option<&str>)>) -> Answer {
        let url = format!("{}/api/v1/{path}", self.world.url);
        let mut request = crate::wire::client().request(method, url).bearer_auth(&self.secret);
        if let Some((body, key)) = body {
            request = request.json(&body);
            if let Some(key) = key {
                request = request.header("idempotency-key", key);
            }
        }
        answer(request).await
    }

    /// Asks something of a task, lets the world settle, and returns what became of it.
    pub async fn asked(&self, number: i64, verb: &str, body: Value) -> Value {
        let accepted = self.post(&item(number, verb), body).await.good(202);
        self.world.settle().await;
        self.get(&format!("requests/{}", accepted["request"].as_str().unwrap())).await.good(200)
    }
}

pub async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let bytes = response.bytes().await.unwrap();
    let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
    Answer { status, body }
}

/// The path of a task, and of something below it.
pub fn item(number: i64, rest: &str) -> String {
    format!("tasks/{REPOSITORY}/{number}/{rest}").trim_end_matches('/').to_owned()
}

/// A ready task that nobody has, for whoever does development.
pub async fn ready_task(world: &World, title: &str) -> i64 {
    world.github.write_file(REPOSITORY, "main", (".github/stationmaster.toml", BY_HAND), "by hand").unwrap();
    world.settle().await;
    world.open_issue(title).await
}
