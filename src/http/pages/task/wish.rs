//! What a form asks of a task, and whether whoever filled it in saw the task as it is.

use chrono::NaiveDate;

use super::super::fault::PageFault;
use super::super::form::Fields;
use crate::model::{Assignee, Level, Login, Task, TaskAsk, Timestamp};

/// What the policy is called where somebody has it choose.
const AUTO: &str = "auto";
/// So many characters of what consent is given for tell two texts apart.
const SCOPE_CHARS: usize = 16;

/// What matters of a task to whoever asks something of it: where it stands, who has it, and what they would consent to.
pub(super) fn token(task: &Task) -> String {
    let worker = task.worker.as_ref().map_or("", |worker| worker.as_str());
    let consent = task.work.approval.as_ref().map_or_else(String::new, |approval| {
        let scope = approval.scope.get(..SCOPE_CHARS).unwrap_or(&approval.scope);
        format!("{scope}/{}", approval.risk.map_or("", Level::as_str))
    });
    format!("{}/{}/{consent}/{worker}", task.state, task.fence)
}

/// A form that was made of another task than there is now is not followed. What else has changed does not matter.
pub(super) fn is_current(task: &Task, fields: &Fields) -> Result<(), PageFault> {
    let version = fields.get("version").and_then(|version| version.parse::<i64>().ok());
    let seen = fields.get("seen").unwrap_or_default();
    if version == Some(task.version) || seen == token(task) {
        return Ok(());
    }
    let holder = task.worker.as_ref().map_or_else(|| "nobody has it".to_owned(), |worker| format!("{worker} has it"));
    Err(PageFault::Stale(format!(
        "The task has changed since you loaded its page: it is {} now, and {holder}. Nothing was done; look at it again \
         before you ask.",
        task.state
    )))
}

/// What a form asks for.
pub(super) fn wish(fields: &Fields) -> Result<TaskAsk, PageFault> {
    let why = || fields.get("why").map(ToOwned::to_owned);
    let reason = || fields.need("why", "The reason").map(ToOwned::to_owned);
    Ok(match fields.need("ask", "What is asked")? {
        "claim" => TaskAsk::Claim,
        "ack" => TaskAsk::Acknowledge,
        "release" => TaskAsk::Release { why: why() },
        "assign" => TaskAsk::Assign { to: assignee(fields)? },
        "priority" => TaskAsk::Priority { priority: level(fields)? },
        "urgent" => TaskAsk::Urgent,
        "risk" => TaskAsk::Risk { risk: level(fields)? },
        "approve" => TaskAsk::Approve,
        "reject" => TaskAsk::Reject { why: reason()? },
        "request-changes" => TaskAsk::RequestChanges { why: reason()? },
        "retry" => TaskAsk::Retry,
        "defer" => TaskAsk::Defer { until: until(fields)? },
        "cancel" => TaskAsk::Cancel { why: why() },
        "unblock" => TaskAsk::Unblock,
        "accept-discovery" => TaskAsk::AcceptDiscovery { discovery: discovery(fields)? },
        "escalate" => TaskAsk::Escalate { why: why() },
        other => return Err(PageFault::Unfitting(format!("Nothing of a task can be asked by the name {other:?}."))),
    })
}

/// A person on GitHub, where one is named; else the worker that was chosen.
fn assignee(fields: &Fields) -> Result<Assignee, PageFault> {
    if let Some(person) = fields.get("person") {
        let login = person.strip_prefix('@').unwrap_or(person);
        let is_login = login.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
        let unfit = || PageFault::Unfitting("A person is named by their login on GitHub, such as @octocat.".to_owned());
        return if is_login { Ok(Assignee::Login(Login::new(login))) } else { Err(unfit()) };
    }
    let to = fields.need("to", "The worker")?;
    Ok(if to == AUTO { Assignee::Auto } else { Assignee::Named(to.to_owned()) })
}

/// What can be tried without asking GitHub. What somebody else may do, only the decision finds out, so in their place
/// the policy is tried.
pub(super) fn tried(wish: &TaskAsk) -> TaskAsk {
    if matches!(wish, TaskAsk::Assign { to: Assignee::Login(_) }) {
        return TaskAsk::Assign { to: Assignee::Auto };
    }
    wish.clone()
}

fn level(fields: &Fields) -> Result<Level, PageFault> {
    let word = fields.need("level", "The level")?;
    word.parse().map_err(|_| PageFault::Unfitting("The level should be critical, high, medium or low.".to_owned()))
}

fn discovery(fields: &Fields) -> Result<u32, PageFault> {
    let number = fields.need("discovery", "The discovery")?;
    number.parse().map_err(|_| PageFault::Unfitting("A discovery is named by its number.".to_owned()))
}

/// The beginning of a day in UTC; `None` where no day is given.
fn until(fields: &Fields) -> Result<Option<Timestamp>, PageFault> {
    let Some(text) = fields.get("until") else { return Ok(None) };
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().and_then(|day| day.and_hms_opt(0, 0, 0));
    let day = day.ok_or_else(|| PageFault::Unfitting("The day should be written like 2026-12-24.".to_owned()))?;
    Ok(Some(Timestamp(day.and_utc().timestamp_millis())))
}
