//! Named steps and the points before and after them at which the server is killed.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

use regex::Regex;
use stationmaster::simulator::{Moment, Passing, Watch};
use tokio::sync::mpsc;

/// The points at which the server is still to be killed, and the steps that it has taken.
pub struct Plan {
    held: Arc<Mutex<Held>>,
    told: mpsc::UnboundedSender<String>,
    hits: tokio::sync::Mutex<mpsc::UnboundedReceiver<String>>,
}

#[derive(Default)]
struct Held {
    /// `before` or `after`, and the step.
    armed: BTreeSet<String>,
    seen: BTreeSet<String>,
}

impl Plan {
    pub fn new(armed: BTreeSet<String>) -> Self {
        let (told, hits) = mpsc::unbounded_channel();
        let held = Held { armed, seen: BTreeSet::new() };
        Self { held: Arc::new(Mutex::new(held)), told, hits: tokio::sync::Mutex::new(hits) }
    }

    /// Sees what passes at a simulated server, and holds it where the server that asks is to die.
    pub fn watch(&self, server: &'static str) -> Watch {
        let (held, told) = (Arc::clone(&self.held), self.told.clone());
        Arc::new(move |passing| {
            let step = format!("{server} {}", call(passing));
            let point = format!("{} {step}", side(passing.moment));
            let mut held = held.lock().unwrap();
            held.seen.insert(step);
            let hit = held.armed.remove(&point);
            if hit {
                let _ = told.send(point);
            }
            hit
        })
    }

    /// Waits until a request is held.
    pub async fn hit(&self) -> String {
        self.hits.lock().await.recv().await.expect("the plan itself holds a sender")
    }

    /// The server is dead: what else it was held at has been hit by the same kill.
    pub async fn forget_hits(&self) {
        let mut hits = self.hits.lock().await;
        while hits.try_recv().is_ok() {}
    }

    /// Tells the next server at which commits to die.
    pub fn arm(&self, folder: &Path) {
        let armed: Vec<String> = self.left().into_iter().filter(|point| is_commit(point)).collect();
        std::fs::write(folder.join("armed"), armed.join("\n").replace("commit ", "")).unwrap();
    }

    /// Takes down at which commit a server has died, and what it had committed.
    pub fn read(&self, folder: &Path) -> Option<String> {
        let passed = std::fs::read_to_string(folder.join("passed")).unwrap_or_default();
        let mut held = self.held.lock().unwrap();
        held.seen.extend(passed.lines().filter_map(|line| Some(format!("commit {}", line.strip_prefix("before ")?))));
        let hit = std::fs::read_to_string(folder.join("hit")).ok()?;
        std::fs::remove_file(folder.join("hit")).unwrap();
        let (side, name) = hit.split_once(' ').unwrap();
        let point = format!("{side} commit {name}");
        held.armed.remove(&point).then_some(point)
    }

    /// The points that were not hit yet.
    pub fn left(&self) -> BTreeSet<String> {
        self.held.lock().unwrap().armed.clone()
    }

    /// No server is to die any more.
    pub fn disarm(&self) {
        self.held.lock().unwrap().armed.clear();
    }

    /// Every step that was taken.
    pub fn steps(&self) -> BTreeSet<String> {
        self.held.lock().unwrap().seen.clone()
    }
}

fn is_commit(point: &str) -> bool {
    point.split_whitespace().nth(1) == Some("commit")
}

const fn side(moment: Moment) -> &'static str {
    match moment {
        Moment::Arrived => "before",
        Moment::Done => "after",
    }
}

/// A request without what differs from run to run: method and path, and for GraphQL the query's name.
fn call(passing: &Passing<'_>) -> String {
    static NUMBERS: LazyLock<Regex> = LazyLock::new(|| Regex::new("/([0-9a-f]{40}|[0-9]+)(/|$)").unwrap());
    static REPOSITORY: LazyLock<Regex> = LazyLock::new(|| Regex::new("^/repos/[^/]+/[^/]+").unwrap());
    static REPOSITORY_BY_ID: LazyLock<Regex> = LazyLock::new(|| Regex::new("^/repositories/[0-9]+").unwrap());
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new("/(labels|branches|heads|tags|contents|compare|collaborators|environments|users)/.+$").unwrap()
    });
    static QUERY: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"query (\w+)").unwrap());
    let path = passing.target.split('?').next().unwrap_or_default();
    if path == "/graphql" {
        let text = String::from_utf8_lossy(passing.body);
        let name = QUERY.captures(&text).map_or_else(|| "?".to_owned(), |found| found[1].to_owned());
        return format!("POST /graphql {name}");
    }
    let path = REPOSITORY.replace(path, "/repos/{}");
    let path = REPOSITORY_BY_ID.replace(&path, "/repositories/{}");
    let path = NAMED.replace(&path, "/$1/{}");
    let path = NUMBERS.replace_all(&path, "/{}$2");
    // Numbers may stand side by side, and the slash between them belongs to one match only.
    let path = NUMBERS.replace_all(&path, "/{}$2");
    format!("{} {path}", passing.method)
}
