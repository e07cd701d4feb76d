//! What was learned while doing tasks (design §4.6).

use serde::{Deserialize, Serialize};

use super::{Impact, Item, Timestamp};

/// Something that was learned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learning {
    /// One word for where it belongs, such as `testing`; the task's type where nobody says.
    pub category: String,
    /// Its first sentence.
    pub title: String,
    /// All of it.
    pub description: String,
    /// How much it matters.
    pub impact: Impact,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Who learned it.
    pub by: String,
    /// The task in which it was learned.
    pub item: Item,
    /// When.
    pub at: Timestamp,
}
