//! A decision about a task in the making: the task as it becomes, and everything that follows from what is done to it.

use std::collections::BTreeMap;

use crate::decide::comment_commands::Answers;
use crate::model::{
    Action, Deed, Door, Explanation, GUEST_ROLE, IssueSnapshot, Item, Login, PeopleMessage, Permission, Planned,
    Subject, Task, TaskBlocker, TaskChanges, TaskState, TaskStep, Timestamp, Urgency5, WorkerId, WorkerLoad,
};
use crate::policy::Policy;

/// A decision about a task in the making.
pub(in crate::decide) struct Turn<'a> {
    /// What was seen.
    pub(in crate::decide) snapshot: &'a IssueSnapshot,
    /// By which rules and settings.
    pub(in crate::decide) policy: &'a Policy,
    /// The present.
    pub(in crate::decide) now: Timestamp,
    /// The task as it becomes.
    pub(in crate::decide) task: Task,
    /// Why.
    pub(in crate::decide) explanation: Explanation,
    /// What is to be done.
    pub(in crate::decide) actions: Vec<Planned>,
    /// What else changes.
    pub(in crate::decide) changes: TaskChanges,
    /// What whoever wrote a command gets to see.
    pub(in crate::decide) answers: Answers,
}

impl<'a> Turn<'a> {
    pub(in crate::decide) fn new(snapshot: &'a IssueSnapshot, policy: &'a Policy, now: Timestamp, task: Task) -> Self {
        Self {
            snapshot,
            policy,
            now,
            task,
            explanation: Explanation::default(),
            actions: Vec::new(),
            changes: TaskChanges::default(),
            answers: Answers::default(),
        }
    }

    /// The task as people call it.
    pub(in crate::decide) fn item(&self) -> Item {
        Item { repository: self.snapshot.repository.name.clone(), number: self.task.number }
    }

    pub(in crate::decide) fn subject(&self) -> Subject {
        Subject::Issue(self.task.repository, self.task.number)
    }

    /// Takes a step; what a new state means for clocks follows from it in one place.
    pub(in crate::decide) fn take(&mut self, step: TaskStep) -> Result<(), TaskBlocker> {
        let before = self.task.state;
        self.task.state = before.after(step)?;
        let now = self.now;
        let work = &mut self.task.work;
        match self.task.state {
            TaskState::InProgress => {
                if before != TaskState::InProgress {
                    work.begun.get_or_insert(now);
                    work.clocks.progressed = Some(now);
                    work.clocks.stuck = None;
                }
                work.obstacle = None;
            }
            TaskState::Done | TaskState::Failed | TaskState::Cancelled => {
                work.finished = Some(now);
                self.task.lease = None;
                work.obstacle = None;
            }
            TaskState::Triage | TaskState::Ready => work.finished = None,
            TaskState::Assigned
            | TaskState::Blocked
            | TaskState::WaitingApproval
            | TaskState::Review
            | TaskState::Deferred => {}
        }
        Ok(())
    }

    /// Takes the task from its holder: whatever they still send with their fence changes nothing.
    pub(in crate::decide) fn let_go(&mut self) {
        if self.task.worker.take().is_some() {
            self.task.fence += 1;
        }
        self.task.lease = None;
        self.task.worker_pinned = false;
        let work = &mut self.task.work;
        work.given = None;
        work.begun = None;
        work.obstacle = None;
        work.clocks.response = None;
        work.clocks.progressed = None;
        work.clocks.stuck = None;
        work.clocks.offline = None;
    }

    /// Gives the task to a worker, with a fence of its own.
    pub(in crate::decide) fn hand_over(&mut self, worker: &WorkerId) {
        if self.task.worker.as_ref() == Some(worker) {
            return;
        }
        self.let_go();
        // Whoever was given it before has counted already.
        if self.snapshot.task.as_ref().is_none_or(|before| before.fence == self.task.fence) {
            self.task.fence += 1;
        }
        self.task.worker = Some(worker.clone());
        self.task.work.given = Some(self.now);
        // Whoever is not known as a worker yet is from now on.
        let guest = self.worker(worker).map(|load| &load.worker).filter(|worker| worker.role.as_str() == GUEST_ROLE);
        self.changes.people.extend(guest.cloned());
    }

    /// Whoever holds the task, if they are known.
    pub(in crate::decide) fn holder(&self) -> Option<&'a WorkerLoad> {
        self.worker(self.task.worker.as_ref()?)
    }

    pub(in crate::decide) fn worker(&self, id: &WorkerId) -> Option<&'a WorkerLoad> {
        self.snapshot.workers.iter().find(|load| load.worker.id == *id)
    }

    /// The worker that has this GitHub account.
    pub(in crate::decide) fn worker_of(&self, login: &Login) -> Option<&'a WorkerLoad> {
        let has = |load: &&WorkerLoad| load.worker.login.as_ref().is_some_and(|known| known.is(login));
        self.snapshot.workers.iter().find(has)
    }

    /// What somebody may do in the repository; `None` where that is not known.
    pub(in crate::decide) fn permission(&self, login: &Login) -> Option<Permission> {
        let all: &BTreeMap<Login, Permission> = &self.snapshot.permissions;
        all.iter().find(|(known, _)| known.is(login)).map(|(_, permission)| *permission)
    }

    /// Notes what somebody did: on the card, and in the audit.
    #[expect(clippy::needless_pass_by_value, reason = "whoever notes something hands over what they have")]
    pub(in crate::decide) fn note(&mut self, who: impl ToString, what: impl Into<String>, door: Door) {
        let (who, what) = (who.to_string(), what.into());
        self.task.work.note(self.now, &who, what.clone());
        self.changes.deeds.push(Deed { who, what, door, at: self.now, refused: false, request: None });
    }

    /// Notes in the audit alone what somebody was refused.
    #[expect(clippy::needless_pass_by_value, reason = "whoever notes something hands over what they have")]
    pub(in crate::decide) fn audit_refusal(&mut self, who: impl ToString, what: impl Into<String>, door: Door) {
        let deed = Deed { who: who.to_string(), what: what.into(), door, at: self.now, refused: true, request: None };
        self.changes.deeds.push(deed);
    }

    pub(in crate::decide) fn plan(&mut self, key: String, slot: Option<&str>, action: Action) {
        self.actions.push(Planned { key, slot: slot.map(str::to_owned), action });
    }

    /// Tells people, once for each key.
    pub(in crate::decide) fn tell(&mut self, key: String, urgency: Urgency5, (title, text): (String, String)) {
        let url = self.snapshot.issue.url.clone();
        let message = PeopleMessage {
            topic: self.policy.notify_topic.clone(),
            channels: None,
            title,
            text,
            priority: urgency,
            tags: vec!["station".to_owned(), self.task.task_type.to_string()],
            click: Some(url.clone()),
            buttons: vec![crate::model::MessageButton { label: "Open issue".to_owned(), url }],
            happened: self.now,
        };
        self.plan(key, None, Action::Notify(message));
    }
}
