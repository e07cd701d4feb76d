//! What an optional model is asked and what it said: advice, which decides nothing.

use serde::{Deserialize, Serialize};

use super::{Number, Repository, Sha, TaskType};

/// What a model is asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdviceOrder {
    /// The repository.
    pub repository: Repository,
    /// The issue or pull request.
    pub number: Number,
    /// What.
    pub question: AdviceQuestion,
}

/// The question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "question", rename_all = "snake_case")]
pub enum AdviceQuestion {
    /// What it has to say about the changes of a pull request; they are read when it is asked.
    Review {
        /// The head that is meant.
        head: Sha,
    },
    /// Which type an issue has that no rule knows.
    Type {
        /// What the text is known by.
        about: String,
        /// Its title.
        title: String,
        /// The beginning of its text.
        body: String,
        /// The types that there are.
        types: Vec<String>,
    },
}

impl AdviceQuestion {
    /// What its answer is kept under, beside the subject.
    #[must_use]
    pub fn about(&self) -> &str {
        match self {
            Self::Review { head } => head.as_str(),
            Self::Type { about, .. } => about,
        }
    }
}

/// What a model said, in plain text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advice {
    /// What the model is called.
    pub name: String,
    /// What it said.
    pub said: AdviceSaid,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "said", rename_all = "snake_case")]
pub enum AdviceSaid {
    /// About a pull request.
    Review {
        /// Its remarks.
        text: String,
        /// Files that it did not get to see, with why.
        left_out: Vec<String>,
    },
    /// About an issue.
    Type {
        /// The type that it suggests.
        task_type: TaskType,
        /// Why.
        reason: String,
    },
}

/// That a model was asked which type a task has, and what it said since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedType {
    /// What the text is known by that it was asked about.
    pub about: String,
    /// What it said; `None` while it has said nothing that could be used.
    pub advice: Option<Advice>,
}

/// What asking a model came to on one day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelDay {
    /// Tokens that were used, or are set aside for calls under way.
    pub tokens: i64,
    /// Calls that were made.
    pub calls: i64,
    /// Those of them that came to nothing.
    pub failures: i64,
    /// Questions that were not asked because the day's tokens were used up.
    pub over_budget: i64,
    /// What went wrong last, and when in Unix milliseconds.
    pub last_fault: Option<(String, i64)>,
}
