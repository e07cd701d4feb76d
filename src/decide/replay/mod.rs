//! Decisions made again: from the snapshot that was stored with them, with today's code and a policy, and compared.
//!
//! Nothing here performs or stores anything, since nothing in `decide` can: what would be done is only compared with what
//! was planned.

mod again;
mod difference;
mod nightly;
mod tally;

use serde::Serialize;

pub use again::{kept, mark};
pub use difference::Difference;
pub use nightly::{Night, due, read_difference};
pub use tally::{Differing, Tally};

use crate::model::{Explanation, PlannedMark, ReplayRecord, StoredDecision};
use crate::policy::Policy;

/// The version of this program, as it stands in records.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What came of deciding again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// The same.
    Same,
    /// Something else, by another policy or other rules.
    Policy,
    /// Something else, by the same policy: another version had decided.
    Version,
    /// Something else, though policy and version are the same. This is a fault of the program.
    Unexplained,
    /// It could not be decided again.
    Unreadable {
        /// Why not, as a sentence part.
        because: String,
    },
}

impl Verdict {
    /// The word in metrics and JSON.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Policy => "policy",
            Self::Version => "version",
            Self::Unexplained => "unexplained",
            Self::Unreadable { .. } => "unreadable",
        }
    }
}

/// A decision that was made again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// What came of it.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// The fingerprint of the policy that it was made by, where that is known.
    pub policy: Option<String>,
    /// The version that decided, where that is known.
    pub version: Option<String>,
    /// What is otherwise now; empty where it is the same.
    pub difference: Difference,
}

/// What a decision comes to, as far as it is compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Outcome {
    summary: String,
    explanation: Explanation,
    /// `None` where it is not known what was planned.
    actions: Option<Vec<PlannedMark>>,
}

/// Whether anything was looked at for a decision: where not, as when the App cannot reach a repository, there is nothing
/// that could be decided again.
#[must_use]
pub fn has_snapshot(stored: &StoredDecision) -> bool {
    !matches!(stored.saw.trim(), "" | "null")
}

/// Decides again what is stored, by this policy, and says what is otherwise.
#[must_use]
pub fn replay(stored: &StoredDecision, policy: &Policy) -> Replayed {
    let record = match stored.record.as_deref().map(serde_json::from_str::<ReplayRecord>).transpose() {
        Ok(record) => record,
        Err(fault) => return unreadable(None, format!("what it was made of cannot be read: {fault}")),
    };
    let explanation = match serde_json::from_str(&stored.explanation) {
        Ok(explanation) => explanation,
        Err(fault) => return unreadable(record.as_ref(), format!("its explanation cannot be read: {fault}")),
    };
    let now = match again::again(stored, record.as_ref(), policy) {
        Ok(now) => now,
        Err(because) => return unreadable(record.as_ref(), because),
    };
    let actions = record.as_ref().map(|record| record.actions.clone());
    let before = Outcome { summary: stored.summary.clone(), explanation, actions };
    let difference = Difference::between(&before, &now);
    let verdict = match &record {
        _ if difference.is_empty() => Verdict::Same,
        Some(record) if record.policy != policy.fingerprint() => Verdict::Policy,
        Some(record) if record.version == VERSION => Verdict::Unexplained,
        Some(_) | None => Verdict::Version,
    };
    let (policy, version) = record.map(|record| (record.policy, record.version)).unzip();
    Replayed { verdict, policy, version, difference }
}

/// A decision that could not be made again, because the policy of its repository is not to be had.
#[must_use]
pub fn without_policy(because: &str) -> Replayed {
    unreadable(None, because.to_owned())
}

fn unreadable(record: Option<&ReplayRecord>, because: String) -> Replayed {
    Replayed {
        verdict: Verdict::Unreadable { because },
        policy: record.map(|record| record.policy.clone()),
        version: record.map(|record| record.version.clone()),
        difference: Difference::default(),
    }
}
