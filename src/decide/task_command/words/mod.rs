//! A command's line as what is asked of a task.

mod parts;
mod progress;
mod subtask;

use super::table::{Row, Verb};
use crate::decide::tracking::{self, AskRefusal};
use crate::model::{
    Argument, Assignee, Command, Impact, Item, Level, Login, RepositoryName, TaskAsk, TaskBlocker, TaskType, Timestamp,
};
use parts::{Parts, nothing, one, shown, unclear};

/// What a line asks for; `None` for commands that ask nothing of the task.
///
/// # Errors
/// What is wrong with it, and a line that works.
pub(super) fn words(
    row: &Row,
    command: &Command,
    (home, now): (&RepositoryName, Timestamp),
) -> Result<Option<TaskAsk>, TaskBlocker> {
    let bare = |ask: TaskAsk| nothing(row, command).map(|()| ask);
    let ask = match row.verb.verb {
        Verb::Help | Verb::Status | Verb::Why => return nothing(row, command).map(|()| None),
        Verb::Claim => bare(TaskAsk::Claim)?,
        Verb::Acknowledge => bare(TaskAsk::Acknowledge)?,
        Verb::Unblock => bare(TaskAsk::Unblock)?,
        Verb::Approve => bare(TaskAsk::Approve)?,
        Verb::Urgent => bare(TaskAsk::Urgent)?,
        Verb::Retry => bare(TaskAsk::Retry)?,
        Verb::Release => TaskAsk::Release { why: Parts::of(row, command)?.said() },
        Verb::Escalate => TaskAsk::Escalate { why: Parts::of(row, command)?.said() },
        Verb::Cancel => TaskAsk::Cancel { why: Parts::of(row, command)?.said() },
        Verb::RequestApproval => TaskAsk::RequestApproval { why: Parts::of(row, command)?.text },
        Verb::Fail => TaskAsk::Fail { why: Parts::of(row, command)?.text },
        Verb::Reject => TaskAsk::Reject { why: Parts::of(row, command)?.text },
        Verb::RequestChanges => TaskAsk::RequestChanges { why: Parts::of(row, command)?.text },
        Verb::Assign => TaskAsk::Assign { to: assignee(row, one(row, command)?)? },
        Verb::Progress => progress::progress(row, command)?,
        Verb::Discover => discover(row, Parts::of(row, command)?)?,
        Verb::Learn => learn(row, Parts::of(row, command)?)?,
        Verb::Block => block(row, Parts::of(row, command)?, home)?,
        Verb::Complete => complete(row, command)?,
        Verb::AcceptDiscovery => TaskAsk::AcceptDiscovery { discovery: discovery(row, one(row, command)?)? },
        Verb::Subtask => subtask::subtask(row, command)?,
        Verb::Depend => TaskAsk::Depend { on: item(row, one(row, command)?, home)? },
        Verb::Route => TaskAsk::Route { task_type: TaskType::new(one(row, command)?.to_ascii_lowercase()) },
        Verb::Priority => TaskAsk::Priority { priority: level(row, one(row, command)?)? },
        Verb::Risk => TaskAsk::Risk { risk: level(row, one(row, command)?)? },
        Verb::Defer => TaskAsk::Defer { until: until(row, command, now)? },
    };
    Ok(Some(ask))
}

/// Whether an account, a worker or a role can have this name. GitHub cannot be asked about anything else.
pub(super) fn is_name(name: &str) -> bool {
    let name = name.strip_suffix("[bot]").unwrap_or(name);
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    name.chars().all(good) && name.contains(|c: char| c.is_ascii_alphanumeric())
}

/// Whom `/assign` names.
pub(super) fn assignee(row: &Row, word: &str) -> Result<Assignee, TaskBlocker> {
    if word.eq_ignore_ascii_case("auto") {
        return Ok(Assignee::Auto);
    }
    if !is_name(word.strip_prefix('@').unwrap_or(word)) {
        return Err(unclear(row, format!("{} is neither an account nor a worker nor a role", shown(word))));
    }
    Ok(match word.strip_prefix('@') {
        Some(login) => Assignee::Login(Login::new(login)),
        None => Assignee::Named(word.to_owned()),
    })
}

fn discover(row: &Row, parts: Parts) -> Result<TaskAsk, TaskBlocker> {
    let impact = parts.value(row, "impact")?;
    Ok(TaskAsk::Discover { text: parts.text, impact })
}

fn learn(row: &Row, parts: Parts) -> Result<TaskAsk, TaskBlocker> {
    let Some(impact) = parts.value(row, "impact")? else {
        return Err(unclear(row, "say how much it matters, as `--impact` from 0 to 1"));
    };
    let impact: Impact =
        impact.parse().map_err(|_| unclear(row, format!("{} is not a number from 0 to 1", shown(&impact))))?;
    let tags = parts.value(row, "tags")?.unwrap_or_default();
    let tags = tags.split([',', ' ']).map(|tag| tag.trim_start_matches('#')).filter(|tag| !tag.is_empty());
    let tags = tags.map(str::to_lowercase).collect();
    Ok(TaskAsk::Learn { category: parts.value(row, "category")?, impact, tags, text: parts.text })
}

fn block(row: &Row, parts: Parts, home: &RepositoryName) -> Result<TaskAsk, TaskBlocker> {
    let by = parts.value(row, "by")?.map(|by| item(row, &by, home)).transpose()?;
    Ok(TaskAsk::Block { needs: parts.value(row, "needs")?, by, text: parts.text })
}

/// With `--override` all that is said is the reason, wherever it stands.
fn complete(row: &Row, command: &Command) -> Result<TaskAsk, TaskBlocker> {
    let overrides = command.arguments.iter().any(|argument| matches!(argument, Argument::Option { .. }));
    let mut parts = Parts::of(row, command)?;
    if overrides {
        let value = parts.option("override").unwrap_or_default();
        let why = [value, &parts.text].join(" ");
        why.trim().clone_into(&mut parts.text);
        if parts.text.is_empty() {
            let works = "/complete --override \"it was done in another repository\"";
            return Err(TaskBlocker::Unclear { what: "say why".to_owned(), works: works.to_owned() });
        }
    }
    Ok(TaskAsk::Complete { evidence: parts.text, overrides })
}

fn discovery(row: &Row, word: &str) -> Result<u32, TaskBlocker> {
    let digits = word.strip_prefix(['D', 'd']).unwrap_or(word);
    digits.parse().map_err(|_| unclear(row, format!("{} is not the number of a discovery", shown(word))))
}

fn item(row: &Row, word: &str, home: &RepositoryName) -> Result<Item, TaskBlocker> {
    Item::near(word, home).map_err(|_| unclear(row, format!("{} is no issue: write #7, or owner/name#7", shown(word))))
}

fn level(row: &Row, word: &str) -> Result<Level, TaskBlocker> {
    let known = Level::ALL.map(Level::as_str).join(", ");
    word.to_ascii_lowercase().parse().map_err(|_| unclear(row, format!("{} is not one of {known}", shown(word))))
}

fn until(row: &Row, command: &Command, now: Timestamp) -> Result<Option<Timestamp>, TaskBlocker> {
    let word = match command.arguments.as_slice() {
        [] => return Ok(None),
        [Argument::Word(until), Argument::Word(word)] if until.eq_ignore_ascii_case("until") => word,
        _ => one(row, command)?,
    };
    tracking::until(word, now).map_err(|refusal| {
        let why = if let AskRefusal::UntilPast { at, .. } = refusal {
            format!("{} has passed: it means {at}", shown(word))
        } else {
            format!("{} is no time: write `3d`, `2027-01-15` or `2027-01-15T09:00:00Z`", shown(word))
        };
        unclear(row, why)
    })
}
