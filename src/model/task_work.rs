//! What the database knows of the work on a task, beside where it stands and who has it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AskedType, CommentId, Item, LabelName, Level, Submission, TaskState, Timestamp, WorkerId};

/// So many notes of progress, and so many lines of history, are kept with the task; the audit keeps all.
pub const KEPT: usize = 30;

/// A claim of a worker that sends heartbeats; without them it runs out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Its id; unguessable, so that whoever names it has been given it.
    pub id: String,
    /// When it runs out.
    pub until: Timestamp,
}

/// How far somebody said it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgressNote {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// From 0 to 100.
    pub percent: Option<u8>,
    /// In a sentence.
    pub text: String,
}

/// Something found by the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discovery {
    /// Its number in the task, shown as `D1`.
    pub number: u32,
    /// What.
    pub text: String,
    /// What it may mean.
    pub impact: Option<String>,
    /// Who found it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Somebody made a task of it.
    pub accepted: bool,
}

/// What is in the way of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obstacle {
    /// What.
    pub text: String,
    /// What it takes.
    pub needs: Option<String>,
    /// The issue that has to be closed first.
    pub by: Option<Item>,
    /// Who said so.
    pub told_by: String,
    /// Since when.
    pub since: Timestamp,
}

/// Somebody's consent, asked for or given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Where the task stood, and goes back to.
    pub from: TaskState,
    /// Why it is asked for.
    pub why: String,
    /// The risk that it is given for.
    pub risk: Option<Level>,
    /// What it is given for: SHA-256 of title and text, in hexadecimal. Another text voids it.
    pub scope: String,
    /// When it was asked for.
    pub asked: Timestamp,
    /// Who gave it, and when; `None` while it is asked for.
    pub given: Option<(String, Timestamp)>,
}

/// A time within which somebody must answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseClock {
    /// When it began.
    pub began: Timestamp,
    /// When it is breached.
    pub due: Timestamp,
    /// When somebody answered.
    pub stopped: Option<Timestamp>,
    /// When it was found to be breached.
    pub breached: Option<Timestamp>,
}

/// The clocks of a task (design §4.7).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskClocks {
    /// Response, counted in the holder's calendar.
    pub response: Option<ResponseClock>,
    /// Acknowledgement of what is urgent, on the wall clock.
    pub urgent: Option<ResponseClock>,
    /// Since when nobody has heard of it while it is in progress; moved by progress.
    pub progressed: Option<Timestamp>,
    /// When it was found to be stuck.
    pub stuck: Option<Timestamp>,
    /// When its holder was found to be offline.
    pub offline: Option<Timestamp>,
    /// How far up the chain it was told, and when.
    pub escalated: Option<(u32, Timestamp)>,
    /// Since when there was what the chain was told of by the clock; `None` where a person told it.
    pub escalated_for: Option<Timestamp>,
}

/// A line of a task's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: String,
    /// What they did, as a sentence part.
    pub what: String,
}

/// What the database knows of the work on a task.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskWork {
    /// The issue that this one is part of.
    pub parent: Option<Item>,
    /// Called urgent by a person's command or its title.
    pub urgent: bool,
    /// Urgent because of its title alone, so that another title takes it back.
    pub urgent_title: bool,
    /// Workers from whom it was taken because they were silent: the policy does not choose them for it again.
    pub silent: Vec<WorkerId>,
    /// When its present holder was given it.
    pub given: Option<Timestamp>,
    /// When its present holder began.
    pub begun: Option<Timestamp>,
    /// When it came to its end.
    pub finished: Option<Timestamp>,
    /// When its issue was found to be opened again; what was merged before does not finish it once more.
    pub reopened: Option<Timestamp>,
    /// How far it is, from 0 to 100.
    pub percent: Option<u8>,
    /// What was said about how far it is, the newest last.
    pub progress: Vec<ProgressNote>,
    /// What was found by the way.
    pub discoveries: Vec<Discovery>,
    /// What is in its way.
    pub obstacle: Option<Obstacle>,
    /// Consent, asked for or given.
    pub approval: Option<Approval>,
    /// What was handed in and is not verified yet, or was verified.
    pub submission: Option<Submission>,
    /// Done by a maintainer's word, without evidence.
    pub overridden: Option<String>,
    /// Why it came to its end, or was put off.
    pub ended_because: Vec<String>,
    /// Why it was given up.
    pub failure: Option<String>,
    /// How often it was given up.
    pub failures: u32,
    /// GitHub showed its issue closed when it was last looked at.
    pub closed: bool,
    /// Put off until then.
    pub deferred_until: Option<Timestamp>,
    /// Its clocks.
    pub clocks: TaskClocks,
    /// Workers who let go of it: it is not given to them again unless somebody says so.
    pub let_go_by: Vec<WorkerId>,
    /// The newest change of a label that was judged.
    pub labels_judged: Option<Timestamp>,
    /// Changes of labels that do not count and that GitHub still shows: which label, and whether it was put on.
    pub labels_put_back: Vec<(LabelName, bool)>,
    /// The lines that were commands in each comment when it was last looked at; `None` before the first look.
    pub commands_seen: Option<BTreeMap<CommentId, Vec<String>>>,
    /// That a model was asked which type it has, while no rule knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_type: Option<AskedType>,
    /// What happened, the newest last.
    pub timeline: Vec<TimelineEntry>,
}

impl TaskWork {
    /// Adds a line of history.
    #[expect(clippy::needless_pass_by_value, reason = "whoever notes something hands over what they have")]
    pub fn note(&mut self, at: Timestamp, who: impl ToString, what: impl Into<String>) {
        self.timeline.push(TimelineEntry { at, who: who.to_string(), what: what.into() });
        let beyond = self.timeline.len().saturating_sub(KEPT);
        self.timeline.drain(..beyond);
    }

    /// Adds what somebody said of how far it is.
    pub fn tell_progress(&mut self, note: ProgressNote) {
        self.percent = note.percent.or(self.percent);
        self.progress.push(note);
        let beyond = self.progress.len().saturating_sub(KEPT);
        self.progress.drain(..beyond);
    }

    /// What nobody made a task of yet.
    pub fn open_discoveries(&self) -> impl Iterator<Item = &Discovery> {
        self.discoveries.iter().filter(|discovery| !discovery.accepted)
    }
}
