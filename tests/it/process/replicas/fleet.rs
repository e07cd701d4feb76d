//! A number of servers on one database, with webhooks sent to each in turn.

use std::collections::BTreeMap;
use std::process::Stdio;

use futures::future::join_all;
use regex::Regex;
use serde_json::Value;
use stationmaster::model::Timestamp;
use stationmaster::simulator::github::LoggedRequest;

use super::super::{PATIENCE, Place, Server};
use crate::world::{API_TOKEN, On};

pub(super) async fn on_postgres(scenario: impl AsyncFnOnce(&Place)) {
    Place::run(On::Postgres, scenario).await;
}

pub(super) struct Fleet<'a> {
    place: &'a Place,
    settings: BTreeMap<&'static str, String>,
    pub(super) servers: Vec<Server>,
}

impl<'a> Fleet<'a> {
    /// Starts so many servers at the same time.
    pub(super) async fn start(place: &'a Place, count: usize, changed: &[(&'static str, &str)]) -> Self {
        let mut settings = place.settings();
        settings.extend(changed.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let mut fleet = Self { place, settings, servers: Vec::new() };
        fleet.join(count).await;
        fleet
    }

    /// Starts two servers of the version before: of the binary that `STATIONMASTER_OLD_BINARY` names, else of this one,
    /// which knows as little of a schema that is made up.
    pub(super) async fn of_version_before(place: &'a Place) -> Self {
        let mut fleet = Self { place, settings: place.settings(), servers: Vec::new() };
        fleet.join_before(2).await;
        fleet
    }

    /// Starts more of the version before.
    pub(super) async fn join_before(&mut self, count: usize) {
        let Ok(binary) = std::env::var("STATIONMASTER_OLD_BINARY") else { return self.join(count).await };
        for _ in 0..count {
            let mut command = tokio::process::Command::new(&binary);
            command.env_clear().envs(&self.settings).current_dir(self.place.folder.path()).arg("serve");
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
            self.servers.push(Server::spawn(command).await);
        }
        self.spread();
    }

    /// Starts more of them, at the same time.
    pub(super) async fn join(&mut self, count: usize) {
        let started = join_all((0..count).map(|_| Server::spawn(self.place.program(&self.settings, &["serve"]))));
        self.servers.extend(started.await);
        self.spread();
    }

    /// Takes one out that is to be killed or stopped; webhooks go on to it until the next is spread.
    pub(super) fn take(&mut self, position: usize) -> Server {
        self.servers.remove(position)
    }

    /// Sends webhooks to those that are left.
    pub(super) fn spread(&self) {
        let targets: Vec<String> =
            self.servers.iter().map(|server| format!("http://{}/webhooks/github", server.address)).collect();
        self.place.github.set_webhook_targets(&targets);
    }

    /// What all of them have logged as warnings and errors.
    pub(super) fn complaints(&self) -> Vec<String> {
        let lines = self.servers.iter().flat_map(|server| complaints(&server.log()));
        lines.collect()
    }
}

/// What we ourselves have logged as a warning or an error; how long statements take says more of the machine.
fn complaints(log: &str) -> Vec<String> {
    let is_loud = |line: &&str| line.contains(r#""level":"WARN""#) || line.contains(r#""level":"ERROR""#);
    let loud = |line: &&str| is_loud(line) && line.contains(r#""target":"stationmaster"#);
    log.lines().filter(loud).map(str::to_owned).collect()
}

/// One call of the API by whoever may do anything.
pub(super) async fn post(server: &Server, path: &str, body: Value) -> (u16, Value) {
    let url = format!("http://{}/api/v1/{path}", server.address);
    let sent = crate::wire::client().post(url).bearer_auth(API_TOKEN).json(&body).timeout(PATIENCE).send();
    let answer = sent.await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
}

/// A server does one thing to a subject after the other, and no two servers do at once: no request that changes an issue
/// or a pull begins before the one before it has been answered.
#[track_caller]
pub(super) fn expect_no_overlap(requests: &[LoggedRequest]) {
    let subject = Regex::new(r"/(?:issues|pulls)/(\d+)").unwrap();
    let mut last: BTreeMap<String, (Timestamp, String)> = BTreeMap::new();
    let mut changes: Vec<&LoggedRequest> = requests.iter().filter(|request| request.method != "GET").collect();
    changes.sort_by_key(|request| request.began);
    let mut compared = 0;
    for request in changes {
        let Some(found) = subject.captures(&request.path) else { continue };
        let said = format!("{} {}", request.method, request.path);
        if let Some((until, before)) = last.get(&found[1]) {
            compared += 1;
            assert!(request.began >= *until, "{said} began before {before} had ended");
        }
        last.insert(found[1].to_owned(), (request.at, said));
    }
    assert!(compared > 0, "nothing was compared");
}
