//! What a tool does to the world, as the protocol's hints tell it.

use rmcp::model::ToolAnnotations;

/// Verbs that end or take away something.
const ENDING: [&str; 6] = ["cancel", "fail", "reject", "release", "request-changes", "defer"];
/// Verbs that say how something is from now on: said twice, they have said it.
const SETTING: [&str; 9] = ["ack", "approve", "assign", "depends", "priority", "risk", "route", "unblock", "urgent"];

/// What a tool does to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing.
    Reads,
    /// It adds something, each time.
    Adds,
    /// It says how something is from now on.
    Sets,
    /// It ends or takes away something.
    Ends,
}

impl Effect {
    /// What a verb of the API does.
    pub(super) fn of_verb(verb: &str) -> Self {
        if ENDING.contains(&verb) {
            Self::Ends
        } else if SETTING.contains(&verb) {
            Self::Sets
        } else {
            Self::Adds
        }
    }

    /// The hints (<https://modelcontextprotocol.io/specification/2025-11-25/schema#toolannotations>). What is written is
    /// seen by people on GitHub, which is a world outside.
    pub(super) fn hints(self) -> ToolAnnotations {
        let (reads, ends, repeatable) = match self {
            Self::Reads => (true, false, true),
            Self::Adds => (false, false, false),
            Self::Sets => (false, false, true),
            Self::Ends => (false, true, false),
        };
        ToolAnnotations::from_raw(None, Some(reads), Some(ends), Some(repeatable), Some(!reads))
    }
}
