//! What becomes of the batch that is under way.

use super::checks::{Verdict, lacks_own_check, verdict};
use super::order::{Standing, standing};
use super::turn::Turn;
use super::words;
use crate::decide::gate::OWN_CHECK;
use crate::model::{
    Action, Batch, BatchState, CheckReport, Conclusion, Member, MergeBlocker, Number, Planned, Sha, StagingReport,
    Timestamp, Withdrawal, queue_branch,
};

/// Where the policy lets a commit pass without any check, so long is waited for one to be reported after all.
const NO_CHECKS_MS: i64 = 120_000;
/// How soon to look whether our own check has reached the staging commit.
const OWN_CHECK_MS: i64 = 2_000;

impl Turn<'_> {
    /// Takes the batch under way as far as what was seen allows.
    pub(super) fn go_on(&mut self) {
        let Some(batch) = self.record.batch.clone() else { return };
        match batch.state.clone() {
            BatchState::Building { since } => self.building(batch, since),
            BatchState::Testing { staging, since } => self.testing(&batch, &staging, since),
            BatchState::Landing { staging, since } => self.landing(&batch, &staging, since),
        }
    }

    fn building(&mut self, mut batch: Batch, since: Timestamp) {
        if let Some(reason) = self.base_moved(&batch).or_else(|| self.disturbed(&batch)) {
            return self.call_off(&batch, reason);
        }
        for report in &self.snapshot.reports {
            match report {
                StagingReport::Built { staging, conflicts } => {
                    let conflicts = conflicts.clone();
                    self.drop_conflicting(&mut batch, &conflicts);
                    if batch.members.is_empty() {
                        self.record.batch = None;
                        return;
                    }
                    batch.state = BatchState::Testing { staging: staging.clone(), since: self.now };
                    self.record.batch = Some(batch.clone());
                    return self.testing(&batch, staging, self.now);
                }
                StagingReport::BaseMoved => return self.call_off(&batch, self.moved_text()),
                StagingReport::Refused { why } => return self.stall(&batch, why),
                StagingReport::Landed { .. } | StagingReport::MemberMoved { .. } | StagingReport::StagingMoved => {}
            }
        }
        let until = since.plus_ms(self.settings.timeout_ms);
        if self.now >= until {
            return self.call_off(&batch, format!("batch {} could not be built in time", batch.id));
        }
        self.look_at(until);
    }

    /// A member that conflicts with the base itself is taken out. One that conflicts with another member stays in
    /// the queue: whether that other one lands is not known yet.
    fn drop_conflicting(&mut self, batch: &mut Batch, conflicts: &[Number]) {
        let mut merged_before = false;
        for member in std::mem::take(&mut batch.members) {
            if !conflicts.contains(&member.number) {
                merged_before = true;
                batch.members.push(member);
            } else if merged_before {
                self.because(format!("#{} conflicts with another of its batch and waits for the next", member.number));
            } else {
                let why = format!("it conflicts with `{}` at {}", self.snapshot.base, batch.base_sha.short());
                self.put_out(&member, batch.id, why);
            }
        }
    }

    fn testing(&mut self, batch: &Batch, staging: &Sha, since: Timestamp) {
        let staging_moved = || {
            (self.snapshot.staging_sha.as_ref() != Some(staging))
                .then(|| "somebody else changed the staging branch".to_owned())
        };
        let disturbed = self.base_moved(batch).or_else(|| self.disturbed(batch)).or_else(staging_moved);
        if let Some(reason) = disturbed {
            return self.call_off(batch, reason);
        }
        let waited_ms = self.now.since_ms(since);
        let verdict = verdict(self.snapshot, &self.settings.checks);
        let lacks_own = lacks_own_check(self.snapshot);
        if lacks_own {
            self.publish_own_check(batch, staging);
        }
        // The checks were read for this look; only where they leave it open does the clock count.
        match verdict {
            Verdict::Green if lacks_own && waited_ms < self.settings.timeout_ms => {
                self.look_at(self.now.plus_ms(OWN_CHECK_MS));
            }
            Verdict::Green if lacks_own => {
                self.stall(batch, &format!("`{OWN_CHECK}` could not be published on {}", staging.short()));
            }
            Verdict::Green => self.green(batch, staging),
            Verdict::Nothing if self.settings.checks.allow_none => {
                if waited_ms >= NO_CHECKS_MS {
                    return self.green(batch, staging);
                }
                self.look_at(since.plus_ms(NO_CHECKS_MS));
            }
            Verdict::Red { name, conclusion, url } => {
                self.red(batch, &MergeBlocker::CheckFailed { name, conclusion, url }.to_string());
            }
            Verdict::Running { .. } | Verdict::Missing { .. } | Verdict::Nothing
                if waited_ms < self.settings.timeout_ms =>
            {
                self.look_at(since.plus_ms(self.settings.timeout_ms));
            }
            Verdict::Running { names } => {
                let why = format!("{} did not end within {}", words::checks_named(&names), self.patience());
                self.red(batch, &why);
            }
            Verdict::Missing { names } => {
                let why = format!("{} was not reported within {}", words::checks_named(&names), self.patience());
                self.unchecked(batch, &why);
            }
            Verdict::Nothing => {
                let why = format!("no check was reported within {}", self.patience());
                self.unchecked(batch, &why);
            }
        }
    }

    /// Where the base demands our check, GitHub moves it only to a commit that has one. Every member has passed ours.
    fn publish_own_check(&mut self, batch: &Batch, staging: &Sha) {
        let numbers = words::list(&words::numbers(&batch.members));
        let key = self.key("check", batch.id);
        let report = CheckReport {
            name: OWN_CHECK.to_owned(),
            conclusion: Conclusion::Success,
            title: format!("Reviewed as {numbers}"),
            summary: format!("This commit of the merge queue joins {numbers}, each of which passed its review."),
            pages: Vec::new(),
        };
        let repository = self.snapshot.repository.clone();
        self.actions.push(Planned {
            key,
            slot: None,
            action: Action::PublishCheck { repository, head: staging.clone(), report },
        });
    }

    fn patience(&self) -> String {
        match self.settings.timeout_ms / 60_000 {
            1 => "a minute".to_owned(),
            minutes => format!("{minutes} minutes"),
        }
    }

    fn green(&mut self, batch: &Batch, staging: &Sha) {
        let numbers = words::list(&words::numbers(&batch.members));
        self.because(format!("batch {} ({numbers}) is green as {}, and lands", batch.id, staging.short()));
        self.plan(
            "land",
            batch.id,
            Action::LandStaging {
                repository: self.snapshot.repository.clone(),
                base: self.snapshot.base.clone(),
                base_sha: batch.base_sha.clone(),
                staging: staging.clone(),
                members: batch.members.clone(),
                batch: batch.id,
            },
        );
        self.look_at(self.now.plus_ms(self.settings.timeout_ms));
        let state = BatchState::Landing { staging: staging.clone(), since: self.now };
        self.record.batch = Some(Batch { state, ..batch.clone() });
    }

    /// Of several, one half is tested alone, then the other: whoever is alone and fails is to blame.
    fn red(&mut self, batch: &Batch, why: &str) {
        self.record.batch = None;
        match batch.members.as_slice() {
            [lone] => self.put_out(lone, batch.id, self.alone(batch, why)),
            members => {
                let (first, second) = members.split_at(members.len().div_ceil(2));
                self.because(format!("batch {} is red: {why}; it is tested in halves", batch.id));
                self.record.suspects.push(second.to_vec());
                self.record.suspects.push(first.to_vec());
            }
        }
    }

    /// Where a check does not come at all, halves would not tell anything: it is not run on the staging branch.
    fn unchecked(&mut self, batch: &Batch, why: &str) {
        self.record.batch = None;
        let branch = queue_branch(&self.snapshot.base);
        let why = format!("{why} on `{branch}`; checks have to run on pushes to that branch as well");
        for member in &batch.members {
            self.put_out(member, batch.id, why.clone());
        }
    }

    fn alone(&self, batch: &Batch, why: &str) -> String {
        format!("tested alone on top of `{}` at {}, {why}", self.snapshot.base, batch.base_sha.short())
    }

    fn landing(&mut self, batch: &Batch, staging: &Sha, since: Timestamp) {
        for report in &self.snapshot.reports {
            match report {
                StagingReport::Landed { .. } => return self.land(batch, staging),
                StagingReport::BaseMoved => return self.call_off(batch, self.moved_text()),
                StagingReport::MemberMoved { number } => {
                    return self.call_off(batch, format!("#{number} changed right before it landed"));
                }
                StagingReport::StagingMoved => {
                    return self.call_off(batch, "somebody else changed the staging branch".to_owned());
                }
                StagingReport::Refused { why } => return self.stall(batch, why),
                StagingReport::Built { .. } => {}
            }
        }
        if self.snapshot.base_sha.as_ref() == Some(staging) {
            return self.land(batch, staging);
        }
        let until = since.plus_ms(self.settings.timeout_ms);
        let late = || (self.now >= until).then(|| format!("batch {} could not be put on the base in time", batch.id));
        if let Some(reason) = self.disturbed(batch).or_else(late) {
            self.withdraws = Some(self.withdrawn(batch));
            return self.call_off(batch, reason);
        }
        // A base that moved is left to the action to find: it may have moved because the action moved it.
        self.look_at(until);
    }

    /// An attempt whose answer was lost may have landed the batch, unless the base still is where it was.
    fn withdrawn(&self, batch: &Batch) -> Withdrawal {
        let unmoved = self.snapshot.base_sha.as_ref() == Some(&batch.base_sha);
        let harmless_attempts = if unmoved { self.snapshot.attempts } else { 0 };
        Withdrawal { key: self.key("land", batch.id), harmless_attempts }
    }

    fn base_moved(&self, batch: &Batch) -> Option<String> {
        (self.snapshot.base_sha.as_ref() != Some(&batch.base_sha)).then(|| self.moved_text())
    }

    fn moved_text(&self) -> String {
        format!("`{}` has moved, so what was tested is not what would land", self.snapshot.base)
    }

    /// Why the batch must not go on, if a member is no longer what it was.
    fn disturbed(&self, batch: &Batch) -> Option<String> {
        batch.members.iter().find_map(|member| self.member_disturbed(member))
    }

    fn member_disturbed(&self, member: &Member) -> Option<String> {
        let number = member.number;
        let Some(pull) = self.snapshot.pulls.iter().find(|pull| pull.entry.number == number) else {
            return Some(format!("#{number} has left the queue"));
        };
        if pull.entry.head != member.head {
            return Some(format!("#{number} has a new head"));
        }
        match standing(pull) {
            Standing::Fit => None,
            Standing::Unseen => Some(format!("#{number} could not be looked at")),
            Standing::Moved => Some(format!("#{number} has a new head, or is gone")),
            Standing::Unfit(blocker) => Some(format!("#{number} is no longer let through: {blocker}")),
        }
    }
}
