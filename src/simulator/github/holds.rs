//! Holding requests back: a request is taken in and waits at a gate until the test opens it, or for ever.

use regex::Regex;
use tokio::sync::watch;

use super::GithubSimulator;

/// How far a hold has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// The request has not come yet.
    Set,
    /// It has come and waits.
    Waiting,
    /// It may go on.
    Open,
}

/// Where the request waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldAt {
    /// Before anything is done.
    Arrival,
    /// After it is done, before it is answered.
    Answer,
}

/// A gate for the next request of one kind.
#[derive(Debug)]
pub struct Gate {
    method: String,
    path: Regex,
    at: HoldAt,
    stage: watch::Sender<Stage>,
}

/// A gate that was taken by a request.
#[derive(Debug)]
pub struct Taken {
    /// Where the request waits.
    pub at: HoldAt,
    stage: watch::Sender<Stage>,
}

impl Taken {
    /// Says that the request is here, and waits until it may go on.
    pub async fn wait(&self) {
        let mut stage = self.stage.subscribe();
        self.stage.send_if_modified(|stage| {
            let is_first = *stage == Stage::Set;
            if is_first {
                *stage = Stage::Waiting;
            }
            is_first
        });
        // Whoever dropped the test's end will not open it any more; the request then goes on.
        let _gone = stage.wait_for(|stage| *stage == Stage::Open).await.map(drop);
    }
}

/// Takes the gate that this request runs into.
pub fn take(gates: &mut Vec<Gate>, method: &str, path: &str) -> Option<Taken> {
    let at = gates.iter().position(|gate| gate.method == method && gate.path.is_match(path))?;
    let Gate { at, stage, .. } = gates.remove(at);
    Some(Taken { at, stage })
}

/// The test's end of a gate.
#[derive(Debug)]
pub struct Held {
    stage: watch::Sender<Stage>,
}

impl Held {
    /// Waits until the request is at the gate.
    pub async fn arrived(&self) {
        let mut stage = self.stage.subscribe();
        let _gone = stage.wait_for(|stage| *stage >= Stage::Waiting).await.map(drop);
    }

    /// Lets the request go on, also one that is still to come.
    pub fn open(&self) {
        self.stage.send_replace(Stage::Open);
    }
}

impl GithubSimulator {
    /// Holds the next request of this method whose path matches. It goes on once it is let, also when whoever sent it
    /// is gone by then: GitHub may well finish what nobody waits for any more.
    #[must_use]
    pub fn hold(&self, method: &str, path: Regex, at: HoldAt) -> Held {
        let stage = watch::Sender::new(Stage::Set);
        let gate = Gate { method: method.to_owned(), path, at, stage: stage.clone() };
        self.shared.change(|state| state.gates.push(gate));
        Held { stage }
    }
}
