//! Every exchange with the simulated GitHub, in every test, is held against GitHub's own descriptions.
//!
//! Tests start the simulator by [`github`]. Whatever goes in or out and is not as GitHub describes it fails the test
//! that made it, when its simulator is dropped.

mod controls;
mod description;
mod exchange;
mod graphql;
mod graphql_schema;
mod patches;
mod schema;
mod webhook;

use std::collections::{BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Deref;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use serde_json::Value;
use stationmaster::model::Clock;
use stationmaster::simulator::github::{GithubSimulator, Witness, WitnessedBody, WitnessedExchange};

use self::description::Description;
use self::exchange::Judged;

/// What was found to be right once in this process need not be judged again.
static RIGHT: LazyLock<Mutex<HashSet<u64>>> = LazyLock::new(Mutex::default);

/// A simulated GitHub whose every word is judged.
pub struct Watched {
    github: GithubSimulator,
    judge: Arc<Judge>,
}

/// Starts a simulated GitHub; nobody in tests starts one otherwise.
pub async fn github(clock: Arc<dyn Clock>) -> Watched {
    let judge = Arc::new(Judge::default());
    let witness = Arc::clone(&judge) as Arc<dyn Witness>;
    Watched { github: GithubSimulator::start_with(clock, Some(witness)).await.unwrap(), judge }
}

impl Watched {
    /// The operations that were judged, and how many exchanges.
    pub fn judged(&self) -> (BTreeSet<String>, usize) {
        let notes = self.judge.notes();
        (notes.operations.clone(), notes.exchanges)
    }
}

impl Deref for Watched {
    type Target = GithubSimulator;

    fn deref(&self) -> &GithubSimulator {
        &self.github
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let notes = self.judge.notes();
        if std::thread::panicking() {
            return;
        }
        let wrong: Vec<&str> = notes.wrong.iter().map(String::as_str).collect();
        assert!(wrong.is_empty(), "this is not as GitHub describes it:\n{}", wrong.join("\n"));
    }
}

#[derive(Debug, Default)]
struct Judge(Mutex<Notes>);

#[derive(Debug, Default)]
struct Notes {
    wrong: BTreeSet<String>,
    operations: BTreeSet<String>,
    exchanges: usize,
}

impl Judge {
    fn notes(&self) -> std::sync::MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, judged: Judged) -> bool {
        let mut notes = self.notes();
        let clean = judged.faults.is_empty();
        for fault in judged.faults {
            let side = if fault.in_request { "sent" } else { "answered" };
            notes.wrong.insert(format!("{} {side}: {}", judged.operation, fault.text));
        }
        notes.exchanges += 1;
        if judged.is_known {
            notes.operations.insert(judged.operation);
        }
        clean
    }
}

impl Witness for Judge {
    fn exchange(&self, exchange: &WitnessedExchange<'_>) {
        let mut hasher = DefaultHasher::new();
        (exchange.method, exchange.target, exchange.body).hash(&mut hasher);
        if let Some(answer) = &exchange.answer {
            answer.status.hash(&mut hasher);
            if let WitnessedBody::Json(value) = answer.body {
                value.hash(&mut hasher);
            }
        }
        let print = hasher.finish();
        if is_right(print) {
            self.notes().exchanges += 1;
            return;
        }
        if let Some(judged) = exchange::judge(Description::get(), exchange)
            && self.note(judged)
        {
            RIGHT.lock().unwrap().insert(print);
        }
    }

    fn webhook(&self, event: &str, payload: &Value) {
        let mut hasher = DefaultHasher::new();
        (event, payload).hash(&mut hasher);
        let print = hasher.finish();
        if is_right(print) {
            return;
        }
        let faults = webhook::judge(Description::get(), event, payload);
        if faults.is_empty() {
            RIGHT.lock().unwrap().insert(print);
            return;
        }
        let action = payload.get("action").and_then(Value::as_str).unwrap_or_default();
        let said = faults.into_iter().map(|fault| format!("webhook {event} {action}: {fault}"));
        self.notes().wrong.extend(said);
    }
}

fn is_right(print: u64) -> bool {
    RIGHT.lock().unwrap().contains(&print)
}
