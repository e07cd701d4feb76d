//! How long texts may be, and what may not be empty, by whichever door they come.

use crate::model::{TaskAsk, TaskBlocker};

/// A text that is longer is a document, and belongs into one.
pub(super) const TEXT_MAX_CHARS: usize = 4_000;
/// GitHub refuses longer titles.
pub(super) const TITLE_MAX_CHARS: usize = 256;
/// Whoever lists more requirements means several tasks.
const REQUIREMENTS_MAX: usize = 50;
/// Words to find something by are short.
const TAG_MAX_CHARS: usize = 50;

/// Whether a text fits, and says something where it must.
fn text(what: &str, text: &str, max_chars: usize) -> Result<(), TaskBlocker> {
    let chars = text.chars().count();
    if chars > max_chars {
        return Err(TaskBlocker::TooLong { what: what.to_owned(), chars, max_chars });
    }
    Ok(())
}

fn said(what: &str, value: &str, works: &str) -> Result<(), TaskBlocker> {
    if value.trim().is_empty() {
        return Err(TaskBlocker::Unclear { what: format!("{what} is missing"), works: works.to_owned() });
    }
    text(what, value, TEXT_MAX_CHARS)
}

fn maybe(what: &str, value: Option<&String>) -> Result<(), TaskBlocker> {
    value.map_or(Ok(()), |value| text(what, value, TEXT_MAX_CHARS))
}

/// Looks at every text of an ask.
///
/// # Errors
/// The first that is too long, or missing, with a line that works.
pub(super) fn check(ask: &TaskAsk, works: &str) -> Result<(), TaskBlocker> {
    match ask {
        TaskAsk::Claim
        | TaskAsk::Acknowledge
        | TaskAsk::Assign { .. }
        | TaskAsk::Unblock
        | TaskAsk::Approve
        | TaskAsk::AcceptDiscovery { .. }
        | TaskAsk::Depend { .. }
        | TaskAsk::Route { .. }
        | TaskAsk::Priority { .. }
        | TaskAsk::Urgent
        | TaskAsk::Retry
        | TaskAsk::Defer { .. }
        | TaskAsk::Risk { .. } => Ok(()),
        TaskAsk::Release { why } | TaskAsk::Escalate { why } | TaskAsk::Cancel { why } => {
            maybe("the reason", why.as_ref())
        }
        TaskAsk::RequestApproval { why }
        | TaskAsk::Fail { why }
        | TaskAsk::Reject { why }
        | TaskAsk::RequestChanges { why } => said("the reason", why, works),
        TaskAsk::Progress { percent, text: value } => progress(*percent, value, works),
        TaskAsk::Discover { text: value, impact } => {
            said("what was discovered", value, works)?;
            maybe("the impact", impact.as_ref())
        }
        TaskAsk::Learn { text: value, tags, category, .. } => {
            said("what was learned", value, works)?;
            tags.iter().chain(category).try_for_each(|tag| text("a tag", tag, TAG_MAX_CHARS))
        }
        TaskAsk::Block { text: value, needs, .. } => {
            said("what is in the way", value, works)?;
            maybe("what it needs", needs.as_ref())
        }
        TaskAsk::Complete { evidence, overrides: true } => said("the reason", evidence, works),
        TaskAsk::Complete { evidence, overrides: false } => text("the evidence", evidence, TEXT_MAX_CHARS),
        TaskAsk::Subtask { title, requirements, description } => {
            said("the title", title, works)?;
            text("the title", title, TITLE_MAX_CHARS)?;
            text("the text", description, TEXT_MAX_CHARS)?;
            if requirements.len() > REQUIREMENTS_MAX {
                let what = format!("{} requirements are more than {REQUIREMENTS_MAX}", requirements.len());
                return Err(TaskBlocker::Unclear { what, works: works.to_owned() });
            }
            requirements.iter().try_for_each(|one| text("a requirement", one, TEXT_MAX_CHARS))
        }
    }
}

fn progress(percent: Option<u8>, value: &str, works: &str) -> Result<(), TaskBlocker> {
    match percent {
        Some(percent) if percent > 100 => {
            Err(TaskBlocker::Unclear { what: format!("{percent}% is not from 0 to 100"), works: works.to_owned() })
        }
        Some(_) => text("the text", value, TEXT_MAX_CHARS),
        None => said("how far it is", value, works),
    }
}
