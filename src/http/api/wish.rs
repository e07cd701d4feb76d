//! What the body of a call asks of an environment, by the verb of its path.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::decide::tracking::AskWords;
use crate::model::EnvironmentAsk;
use crate::receive::is_object;

/// What can be asked of an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Deploy,
    Rollback,
    Freeze,
    Unfreeze,
    Approve,
    Reject,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeployBody {
    version: Option<String>,
    r#override: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RollbackBody {
    #[serde(default)]
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FreezeBody {
    until: String,
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnfreezeBody {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ApproveBody {
    version: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RejectBody {
    why: String,
}

impl Verb {
    /// The verb of a path's last part.
    pub(super) fn named(word: &str) -> Option<Self> {
        match word {
            "deploy" => Some(Self::Deploy),
            "rollback" => Some(Self::Rollback),
            "freeze" => Some(Self::Freeze),
            "unfreeze" => Some(Self::Unfreeze),
            "approve" => Some(Self::Approve),
            "reject" => Some(Self::Reject),
            _ => None,
        }
    }

    /// The verb that asks for this.
    pub(super) const fn of(ask: &EnvironmentAsk) -> Self {
        match ask {
            EnvironmentAsk::Deploy { .. } => Self::Deploy,
            EnvironmentAsk::Rollback { .. } => Self::Rollback,
            EnvironmentAsk::Freeze { .. } => Self::Freeze,
            EnvironmentAsk::Unfreeze => Self::Unfreeze,
            EnvironmentAsk::Approve { .. } => Self::Approve,
            EnvironmentAsk::Reject { .. } => Self::Reject,
        }
    }

    /// What is asked for, or what is wrong with the body, with line and column, as a sentence.
    pub(super) fn words(self, env: String, body: &[u8]) -> Result<AskWords, String> {
        Ok(match self {
            Self::Deploy => {
                let DeployBody { version, r#override: overrides } = read(body)?;
                AskWords::Deploy { env, version, overrides }
            }
            Self::Rollback => AskWords::Rollback { env, why: read::<RollbackBody>(body)?.why },
            Self::Freeze => {
                let FreezeBody { until, why } = read(body)?;
                AskWords::Freeze { env, until, why }
            }
            Self::Unfreeze => {
                read::<UnfreezeBody>(body)?;
                AskWords::Unfreeze { env }
            }
            Self::Approve => AskWords::Approve { env: Some(env), version: read::<ApproveBody>(body)?.version },
            Self::Reject => AskWords::Reject { env: Some(env), why: read::<RejectBody>(body)?.why },
        })
    }
}

/// Reads an object; no body is an empty one.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    let body = if body.trim_ascii().is_empty() { b"{}" } else { body };
    let value = serde_json::from_slice(body).map_err(|error| format!("The body cannot be read: {error}."));
    match value {
        // A list is taken for the fields in their order, which nobody means.
        Ok(_) if !is_object(body) => Err("The body is not a JSON object, at line 1 column 1.".to_owned()),
        value => value,
    }
}
