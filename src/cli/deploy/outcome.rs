//! What came of an ask, in one sentence, and whether that is what was asked for.

use anyhow::Result;

use crate::model::{DeployEnd, DeploymentRow, EnvironmentAsk, EnvironmentRecord, Subject};
use crate::store::Store;

/// Deployments that an ask can have begun: what is sick is left at once, and what waited may follow.
const LOOKED_AT: i64 = 20;

/// What came of an ask.
pub(super) struct Outcome {
    /// One sentence.
    pub(super) sentence: String,
    /// It is done or under way; where its end was waited for, it is done.
    pub(super) good: bool,
}

/// Finds out what came of an ask by comparing with what was before it.
pub(super) async fn outcome(
    store: &Store,
    subject: &Subject,
    (wish, before): (&EnvironmentAsk, &EnvironmentRecord),
    waited: bool,
) -> Result<Outcome> {
    let Subject::Environment(repository, name) = subject else { anyhow::bail!("{subject} is no environment") };
    let record = store.environment(*repository, name).await?;
    // An ask that is followed takes back what was refused before it.
    if let Some(sentence) = record.last_refusal {
        return Ok(Outcome { sentence, good: false });
    }
    let rows = store.deployments(*repository, Some(name), LOOKED_AT).await?;
    let begun = rows.into_iter().map(|(_, row)| row).find(|row| row.number > before.last_number && is_for(row, wish));
    let ended = begun.and_then(|row| row.end);
    let good = match (ended, wish) {
        (Some(end), _) => end == DeployEnd::Succeeded,
        (None, EnvironmentAsk::Deploy { .. } | EnvironmentAsk::Rollback { .. } | EnvironmentAsk::Approve { .. }) => {
            !waited
        }
        (None, EnvironmentAsk::Freeze { .. } | EnvironmentAsk::Unfreeze | EnvironmentAsk::Reject { .. }) => true,
    };
    let last = store.last_decision(subject).await?;
    let sentence = match last {
        Some(last) if !last.summary.is_empty() => last.summary,
        Some(_) | None => format!("Nothing has been decided about {name} yet."),
    };
    Ok(Outcome { sentence, good })
}

/// Whether a deployment is what was asked for.
fn is_for(row: &DeploymentRow, wish: &EnvironmentAsk) -> bool {
    match wish {
        EnvironmentAsk::Deploy { version, .. } => row.sha == version.sha,
        EnvironmentAsk::Rollback { .. } => row.rollback_from.is_some(),
        EnvironmentAsk::Approve { tag } => tag.as_ref().is_none_or(|tag| row.tag == *tag),
        EnvironmentAsk::Freeze { .. } | EnvironmentAsk::Unfreeze | EnvironmentAsk::Reject { .. } => false,
    }
}
