//! What shows that a task is done, by kind, and what looking at it brought to light (design §4.6).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;

use super::{BranchName, IdError, Item, Login, Number, PullState, RepositoryName, Sha, Timestamp};

/// What kind of evidence a type of task asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// A merged pull request.
    Code,
    /// How many tests passed and failed.
    Test,
    /// Checks by name.
    Verification,
    /// A summary and its sources.
    Research,
    /// A page or a file that exists.
    Documentation,
}

impl EvidenceKind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Code, Self::Test, Self::Verification, Self::Research, Self::Documentation];

    /// The word in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Test => "test",
            Self::Verification => "verification",
            Self::Research => "research",
            Self::Documentation => "documentation",
        }
    }
}

impl fmt::Display for EvidenceKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for EvidenceKind {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| IdError {
            text: text.to_owned(),
            expected: "one of code, test, verification, research, documentation",
        })
    }
}

/// What somebody hands in, understood but not yet verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Evidence {
    /// A pull request.
    Code {
        /// Which.
        pull: Item,
    },
    /// Results of tests.
    Test {
        /// How many passed.
        passed: u32,
        /// How many failed.
        failed: u32,
    },
    /// Checks by name, and whether each passed.
    Verification {
        /// Each name with whether it passed.
        checks: Vec<(String, bool)>,
        /// The commit on which GitHub's checks of these names have to be green, where one was named.
        commit: Option<Sha>,
    },
    /// What was found out.
    Research {
        /// In a few sentences.
        summary: String,
        /// Where it is from.
        sources: Vec<String>,
    },
    /// A page.
    Page {
        /// Its address.
        url: String,
    },
    /// A file in the task's repository.
    File {
        /// Its path.
        path: String,
    },
}

/// What was handed in for a task, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// What.
    pub evidence: Evidence,
    /// The words of whoever handed it in.
    pub text: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// What it was last found to wait for.
    pub waits_for: Option<String>,
    /// When it is looked at again though nothing happens.
    pub look_again: Option<Timestamp>,
}

/// A pull request, as far as it can be evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedPull {
    /// Its repository.
    pub repository: RepositoryName,
    /// Its number.
    pub number: Number,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// Who opened it.
    pub author: Login,
    /// Open, closed or merged.
    pub state: PullState,
    /// When it was merged.
    pub merged: Option<Timestamp>,
    /// Where it was merged into.
    pub base: BranchName,
    /// The branch it comes from.
    pub head_branch: BranchName,
    /// Somebody's newest review asks for changes.
    pub changes_requested: bool,
    /// GitHub itself says that it closes the issue.
    pub closes: bool,
    /// Where people read it.
    pub url: String,
}

/// What looking at evidence brought to light.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "seen", rename_all = "snake_case")]
pub enum EvidenceSeen {
    /// The pull request, as GitHub shows it.
    Pull(Box<LinkedPull>),
    /// The state of each named check on the commit; a name that GitHub does not know is missing.
    Checks {
        /// Name, and whether it is green.
        checks: Vec<(String, bool)>,
    },
    /// It is there.
    Exists,
    /// It is not there, or not to be used; a sentence part.
    Missing {
        /// Why.
        why: String,
    },
    /// It could not be found out; a sentence part.
    Unknown {
        /// Why.
        why: String,
    },
}

/// The host of a page as the policy lists it: `docs.example.com`, with its port where that is not the usual one, and
/// with `http://` in front where there is no TLS. `None` where it has no host or another scheme.
#[must_use]
pub fn listed_host(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    match url.scheme() {
        "https" => Some(host),
        "http" => Some(format!("http://{host}")),
        _ => None,
    }
}
