//! What people have said by setting labels, told apart from what we set ourselves.
//!
//! A label of a managed family that we never put there was put there by a person and is a choice: it wins until they
//! take it off again. A label that we put there and that is gone, once nothing of ours is in flight any more, takes
//! the choice back.

use super::label_change::NotCounted;
use crate::model::{Issue, LabelFamily, LabelName, Level, Task, TaskType, WorkerId};

/// What people chose; `None` where they left it to the rules.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Intent {
    /// What kind of task it is.
    pub task_type: Option<TaskType>,
    /// How soon.
    pub priority: Option<Level>,
    /// How dangerous.
    pub risk: Option<Level>,
    /// Who does it.
    pub worker: Option<WorkerId>,
    /// A status that they set, which is no choice of theirs.
    pub status: Option<String>,
}

/// Whether nothing of ours is on its way to GitHub, so that what GitHub shows is what is.
#[must_use]
pub fn is_settled(task: &Task) -> bool {
    task.ours == task.projected
}

/// Reads people's choices from the labels of an issue.
pub(super) fn read(issue: &Issue, task: Option<&Task>, not_counted: &NotCounted) -> Intent {
    let issue = &counted(issue, not_counted);
    let level = |family, kept: Option<Level>| {
        chosen(family, issue, task, kept.map(Level::as_str)).and_then(|value| value.parse().ok())
    };
    let pinned_type = task.filter(|task| task.type_pinned).map(|task| task.task_type.as_str());
    let pinned_worker =
        task.filter(|task| task.worker_pinned).and_then(|task| task.worker.as_ref()).map(WorkerId::as_str);
    Intent {
        task_type: chosen(LabelFamily::Type, issue, task, pinned_type).map(TaskType::new),
        priority: level(LabelFamily::Priority, task.filter(|task| task.priority_pinned).map(|task| task.priority)),
        risk: level(LabelFamily::Risk, task.and_then(|task| task.risk)),
        worker: chosen(LabelFamily::Worker, issue, task, pinned_worker).map(WorkerId::new),
        status: chosen(LabelFamily::Status, issue, task, None),
    }
}

/// The issue as its labels would be if what does not count had not been done.
fn counted(issue: &Issue, not_counted: &NotCounted) -> Issue {
    let mut issue = issue.clone();
    issue.labels.retain(|label| !not_counted.added.contains(label));
    issue.labels.extend(not_counted.removed.iter().cloned());
    issue
}

/// The value that a person chose in one family: a label that is not ours, or the choice `kept` from before.
fn chosen(family: LabelFamily, issue: &Issue, task: Option<&Task>, kept: Option<&str>) -> Option<String> {
    let set_by_person = issue.labels.iter().rev().find_map(|label| {
        let value = family.value(label)?;
        (!is_ours(task, label)).then(|| value.to_owned())
    });
    if set_by_person.is_some() {
        return set_by_person;
    }
    let kept = kept?;
    let taken_off = task.is_some_and(is_settled) && !issue.labels.contains(&family.label(kept));
    (!taken_off).then(|| kept.to_owned())
}

fn is_ours(task: Option<&Task>, label: &LabelName) -> bool {
    task.is_some_and(|task| task.ours.contains(label) || task.projected.contains(label))
}
