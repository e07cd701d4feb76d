//! One decision in the making: the record as it becomes, and what follows from it.

use std::collections::BTreeSet;

use super::order::{self, Next, Standing, standing};
use super::{QueueSettings, words};
use crate::model::{
    Action, Batch, BatchState, Explanation, Member, Number, Planned, PutOut, QueueDecision, QueuePlace, QueueRecord,
    QueueSnapshot, Sha, Stall, Subject, Timestamp, Withdrawal,
};

/// How soon to look again at a pull that was not looked at and is next.
const UNSEEN_MS: i64 = 1_000;
/// How long nothing is begun after GitHub refused what only people can change.
const STALL_MS: i64 = 600_000;

/// A decision in the making.
pub(super) struct Turn<'a> {
    pub(super) snapshot: &'a QueueSnapshot,
    pub(super) settings: &'a QueueSettings,
    pub(super) now: Timestamp,
    pub(super) record: QueueRecord,
    pub(super) withdraws: Option<Withdrawal>,
    base_sha: Option<Sha>,
    landed: Vec<Member>,
    put_out: Vec<PutOut>,
    pub(super) actions: Vec<Planned>,
    reasons: Vec<String>,
    look_again: Option<Timestamp>,
}

impl<'a> Turn<'a> {
    pub(super) fn new(snapshot: &'a QueueSnapshot, settings: &'a QueueSettings, now: Timestamp) -> Self {
        Self {
            snapshot,
            settings,
            now,
            record: snapshot.record.clone(),
            withdraws: None,
            base_sha: snapshot.base_sha.clone(),
            landed: Vec::new(),
            put_out: Vec::new(),
            actions: Vec::new(),
            reasons: Vec::new(),
            look_again: None,
        }
    }

    pub(super) fn because(&mut self, reason: impl Into<String>) {
        self.reasons.push(reason.into());
    }

    pub(super) fn look_at(&mut self, at: Timestamp) {
        self.look_again = Some(self.look_again.map_or(at, |known| known.min(at)));
    }

    fn subject(&self) -> Subject {
        Subject::Branch(self.snapshot.repository.id, self.snapshot.base.clone())
    }

    /// The name for ever of what is done for a batch.
    pub(super) fn key(&self, what: &str, batch: i64) -> String {
        format!("queue/{what}/{}/{batch}", self.subject())
    }

    pub(super) fn plan(&mut self, what: &str, batch: i64, action: Action) {
        let key = self.key(what, batch);
        self.actions.push(Planned { key, slot: Some("staging".to_owned()), action });
    }

    /// Ends the batch without blame: its members stay in the queue, and a part of a failed batch stays one.
    pub(super) fn call_off(&mut self, batch: &Batch, reason: String) {
        self.because(reason);
        if batch.suspected {
            self.record.suspects.push(batch.members.clone());
        }
        self.record.batch = None;
    }

    /// Nothing is begun for a while: it would be refused again.
    pub(super) fn stall(&mut self, batch: &Batch, why: &str) {
        self.call_off(batch, format!("GitHub refused: {why}"));
        self.record.stalled = Some(Stall { until: self.now.plus_ms(STALL_MS), why: why.to_owned() });
    }

    /// The base is at the batch's commit.
    pub(super) fn land(&mut self, batch: &Batch, staging: &Sha) {
        let numbers = words::numbers(&batch.members);
        self.because(format!(
            "{} reached `{}` as {}, the commit that was tested",
            words::list(&numbers),
            self.snapshot.base,
            staging.short()
        ));
        self.landed.extend(batch.members.iter().cloned());
        self.record.batch = None;
        // GitHub may not show yet what it has done.
        if self.base_sha.as_ref() == Some(&batch.base_sha) {
            self.base_sha = Some(staging.clone());
        }
    }

    /// Takes a pull out, with a comment, because its author must act.
    pub(super) fn put_out(&mut self, member: &Member, batch: i64, why: String) {
        self.because(format!("#{} is taken out: {why}", member.number));
        let out = PutOut { number: member.number, head: member.head.clone(), why };
        self.actions.push(Planned {
            key: format!("{}/{}", self.key("out", batch), member.number),
            slot: None,
            action: Action::Comment {
                repository: self.snapshot.repository.clone(),
                number: member.number,
                text: words::put_out_comment(&out),
            },
        });
        self.put_out.push(out);
    }

    fn has_left(&self, number: Number) -> bool {
        self.landed.iter().any(|member| member.number == number) || self.put_out.iter().any(|out| out.number == number)
    }

    /// Begins the next batch, if none is under way.
    pub(super) fn start(&mut self) {
        if self.record.batch.is_some() {
            return;
        }
        match &self.record.stalled {
            Some(stall) if stall.until > self.now => {
                let until = stall.until;
                self.look_at(until);
                return;
            }
            Some(_) | None => self.record.stalled = None,
        }
        let Some(base_sha) = self.base_sha.clone() else {
            self.because(format!("there is no branch `{}`", self.snapshot.base));
            return;
        };
        let waiting: Vec<_> =
            self.snapshot.pulls.iter().filter(|pull| !self.has_left(pull.entry.number)).cloned().collect();
        let batch_size = usize::try_from(self.settings.batch_size).unwrap_or(usize::MAX);
        match order::next(&waiting, &mut self.record, batch_size) {
            Next::Batch { members, suspected } => self.begin(base_sha, members, suspected),
            Next::Waits { on } => {
                self.because(format!("#{on} is next and was not looked at yet"));
                self.look_at(self.now.plus_ms(UNSEEN_MS));
            }
            Next::Empty => {}
        }
    }

    fn begin(&mut self, base_sha: Sha, members: Vec<Member>, suspected: bool) {
        self.record.last_batch += 1;
        let id = self.record.last_batch;
        self.because(format!(
            "batch {id} is built: {} on top of {}",
            words::list(&words::numbers(&members)),
            base_sha.short()
        ));
        self.plan(
            "build",
            id,
            Action::BuildStaging {
                repository: self.snapshot.repository.clone(),
                base: self.snapshot.base.clone(),
                base_sha: base_sha.clone(),
                members: members.clone(),
                batch: id,
            },
        );
        self.look_at(self.now.plus_ms(self.settings.timeout_ms));
        let state = BatchState::Building { since: self.now };
        self.record.batch = Some(Batch { id, base_sha, members, state, suspected });
    }

    pub(super) fn finish(mut self) -> QueueDecision {
        let places = self.places();
        // What is gone from GitHub leaves too; nobody needs to be told.
        if self.reasons.is_empty() {
            let state = match self.record.batch.as_ref().map(|batch| &batch.state) {
                Some(BatchState::Building { .. }) => "a batch is being built",
                Some(BatchState::Testing { .. }) => "the checks of a batch are waited for",
                Some(BatchState::Landing { .. }) => "a batch is being put on the base",
                None if places.is_empty() => "nothing is queued",
                None => "nothing can be begun",
            };
            self.because(state);
        }
        let summary = format!(
            "The queue of {} for `{}`: {}.",
            self.snapshot.repository.name,
            self.snapshot.base,
            self.reasons.join("; ")
        );
        QueueDecision {
            summary,
            explanation: Explanation { reasons: self.reasons, blockers: Vec::new() },
            record: self.record,
            landed: self.landed,
            put_out: self.put_out,
            places,
            actions: self.actions,
            withdraws: self.withdraws,
            look_again: self.look_again,
        }
    }

    fn places(&self) -> Vec<QueuePlace> {
        let suspects: BTreeSet<Number> = self.record.suspects.iter().flatten().map(|member| member.number).collect();
        let staying = order::sorted(&self.snapshot.pulls).into_iter().filter(|pull| !self.has_left(pull.entry.number));
        staying
            .zip(1_u32..)
            .map(|(pull, place)| {
                let number = pull.entry.number;
                let about = (self.record.batch.as_ref(), suspects.contains(&number), self.record.stalled.as_ref());
                let standing: Standing<'_> = standing(pull);
                let state = words::place_state(self.snapshot, number, standing, about);
                QueuePlace { number, head: pull.entry.head.clone(), place, state }
            })
            .collect()
    }
}
