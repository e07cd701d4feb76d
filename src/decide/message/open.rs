//! A message that wants a task done: an issue is opened, which is then routed like any other.

use super::Meaning;
use crate::decide::request;
use crate::model::{Action, DeliveryGuid, Envelope, Inbound, LabelFamily, LabelName, Level, Planned, Subject};

/// The longest title that is given to an issue, in characters; GitHub's limit is 256.
const TITLE_MAX_CHARS: usize = 250;

pub(super) fn task(inbound: &Inbound) -> Result<Meaning, String> {
    let envelope = &inbound.envelope;
    let text = envelope.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let text = text.ok_or("it has no `text`, which would be the title of the task")?;
    if let Some(fault) = &inbound.fault {
        return Err(fault.clone());
    }
    let repository = inbound.repository.clone().ok_or("it does not say in which repository the task belongs")?;
    let labels = priority(envelope)?.into_iter().collect();
    let action = Action::OpenIssue {
        title: title(text),
        body: body(envelope, text),
        labels,
        parent: None,
        repository: repository.clone(),
    };
    // Under the name by which every door's issues are found again.
    let key = request::key_of(&DeliveryGuid::new(format!("ntfy:{}", envelope.id)));
    Ok(Meaning::act(Subject::Repository(repository.id), Planned { key, slot: None, action }))
}

fn priority(envelope: &Envelope) -> Result<Option<LabelName>, String> {
    let Some(text) = envelope.priority.as_deref() else { return Ok(None) };
    let level: Level = text.trim().to_ascii_lowercase().parse().map_err(|error| format!("its `priority`: {error}"))?;
    Ok(Some(LabelFamily::Priority.label(level.as_str())))
}

/// The first line, as much of it as GitHub takes; `URGENT:` stays, since it is read from the title.
fn title(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim();
    if line.chars().count() <= TITLE_MAX_CHARS {
        return line.to_owned();
    }
    let head: String = line.chars().take(TITLE_MAX_CHARS - 1).collect();
    format!("{}…", head.trim_end())
}

fn body(envelope: &Envelope, text: &str) -> String {
    let from = envelope
        .from
        .as_deref()
        .map_or_else(|| "a machine".to_owned(), |from| format!("`{}`", crate::decide::quote::short_code(from, 100)));
    let name = envelope.task_id.as_deref().unwrap_or(&envelope.id);
    let name = crate::decide::quote::short_code(name, 100);
    let more = envelope.url.as_deref().map(|url| format!("\n\nMore: {url}")).unwrap_or_default();
    // The title says it all where it is the whole text.
    let said = if title(text) == text { String::new() } else { format!("{text}\n\n") };
    format!("{said}Sent over ntfy by {from}, who calls it `{name}`.{more}")
}
