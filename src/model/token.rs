//! Tokens of the API: what each may do, and for whom.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{IdError, Login, Timestamp, WorkerId};

/// What a token may do (design §8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Scope {
    /// Create, assign and follow tasks; never do them.
    Orchestrator,
    /// Do tasks as this worker; never create or assign any.
    Worker(WorkerId),
    /// Read.
    Read,
    /// Everything, and what only the operator may.
    Admin,
}

impl fmt::Display for Scope {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Orchestrator => out.write_str("orchestrator"),
            Self::Worker(id) => write!(out, "worker:{id}"),
            Self::Read => out.write_str("read"),
            Self::Admin => out.write_str("admin"),
        }
    }
}

impl FromStr for Scope {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        match text {
            "orchestrator" => Ok(Self::Orchestrator),
            "read" => Ok(Self::Read),
            "admin" => Ok(Self::Admin),
            other => match other.strip_prefix("worker:") {
                Some(id) if !id.is_empty() && id.len() <= 40 && id.chars().all(good) => {
                    Ok(Self::Worker(WorkerId::new(id)))
                }
                Some(_) | None => {
                    Err(IdError { text: text.to_owned(), expected: "one of orchestrator, worker:ID, read, admin" })
                }
            },
        }
    }
}

impl TryFrom<String> for Scope {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.to_string()
    }
}

/// A token, without its secret, of which only a hash is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiToken {
    /// Its public id, by which it is listed and revoked.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// The person whose word its calls are, where it is a person's: only such tokens approve.
    pub person: Option<Login>,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last used, to within a minute.
    pub last_used: Option<Timestamp>,
    /// When it stopped counting.
    pub revoked: Option<Timestamp>,
}
