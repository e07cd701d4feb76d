//! One decision in the making: the record as it becomes, and what follows from it.

use std::collections::BTreeSet;

use super::{EnvironmentPolicy, words};
use crate::model::{
    Action, Blocker, Deploy, DeployBlocker, DeployEnd, DeployKind, DeployState, DeploymentRow, EnvironmentDecision,
    EnvironmentRecord, EnvironmentReport, EnvironmentSnapshot, Explanation, Held, Number, Planned, ReleaseReport,
    Subject, TagName, Timestamp, Trigger, Version,
};
use crate::policy::EnvironmentSettings;

/// How often to look at a workflow run that is waited for: its end marks nothing.
const RUN_POLL_MS: i64 = 30_000;
/// How soon to look at a deploy target that has just begun.
const JUST_BEGUN_MS: i64 = 2_000;
/// So many versions are remembered, of each kind.
const REMEMBERED: usize = 10;

/// A decision in the making.
pub(super) struct Turn<'a> {
    pub(super) snapshot: &'a EnvironmentSnapshot,
    pub(super) policy: EnvironmentPolicy<'a>,
    pub(super) settings: &'a EnvironmentSettings,
    pub(super) now: Timestamp,
    pub(super) record: EnvironmentRecord,
    pub(super) offers: Vec<(Subject, EnvironmentReport)>,
    pub(super) verified: Option<ReleaseReport>,
    pub(super) actions: Vec<Planned>,
    ended: Vec<DeploymentRow>,
    tracking: BTreeSet<Number>,
    reasons: Vec<String>,
    blockers: Vec<DeployBlocker>,
    look_again: Option<Timestamp>,
}

impl<'a> Turn<'a> {
    pub(super) fn new(
        snapshot: &'a EnvironmentSnapshot,
        policy: EnvironmentPolicy<'a>,
        settings: &'a EnvironmentSettings,
        now: Timestamp,
    ) -> Self {
        Self {
            snapshot,
            policy,
            settings,
            now,
            record: snapshot.record.clone(),
            offers: Vec::new(),
            verified: None,
            actions: Vec::new(),
            ended: Vec::new(),
            tracking: BTreeSet::new(),
            reasons: Vec::new(),
            blockers: Vec::new(),
            look_again: None,
        }
    }

    pub(super) fn because(&mut self, reason: impl Into<String>) {
        self.reasons.push(reason.into());
    }

    pub(super) fn block(&mut self, blocker: DeployBlocker) {
        if !self.blockers.contains(&blocker) {
            self.blockers.push(blocker);
        }
    }

    pub(super) fn look_at(&mut self, at: Timestamp) {
        self.look_again = Some(self.look_again.map_or(at, |known| known.min(at)));
    }

    /// The issue of this version shows something new.
    pub(super) fn touch(&mut self, version: &Version) {
        self.tracking.extend(version.issue);
    }

    pub(super) fn subject(&self) -> Subject {
        Subject::Environment(self.snapshot.repository.id, self.snapshot.name.clone())
    }

    pub(super) fn plan(&mut self, key: String, action: Action) {
        self.actions.push(Planned { key, slot: None, action });
    }

    /// The name for ever of what is done for a deployment.
    pub(super) fn key(&self, what: &str, number: i64) -> String {
        format!("deploy/{what}/{}/{number}", self.subject())
    }

    /// Whether `candidate` came after `known`, in the order of the releases. One that is not listed yet is the newest,
    /// one that is not listed any more the oldest.
    pub(super) fn is_newer(&self, candidate: &Version, known: &Version) -> bool {
        let place = |tag: &TagName| self.snapshot.releases.iter().position(|one| one.version.tag == *tag);
        match (place(&candidate.tag), place(&known.tag)) {
            (Some(candidate), Some(known)) => candidate < known,
            (None, _) | (_, None) => candidate.tag != known.tag,
        }
    }

    /// Whether this very commit runs here and was found healthy.
    pub(super) fn runs_verified(&self, version: &Version) -> bool {
        self.record.running.as_ref().is_some_and(|running| running.verified && running.version.sha == version.sha)
    }

    pub(super) fn held(&self, version: &Version) -> Option<&Held> {
        self.record.held.iter().find(|held| held.sha == version.sha)
    }

    /// Keeps a version from being deployed here again by itself, and from being gone back to.
    pub(super) fn hold(&mut self, version: &Version, why: &str) {
        self.record.held.retain(|held| held.sha != version.sha);
        let held = Held { sha: version.sha.clone(), tag: version.tag.clone(), why: why.to_owned(), at: self.now };
        self.record.held.push(held);
        self.record.verified.retain(|verified| verified.sha != version.sha);
        if self.record.wanted.as_ref().is_some_and(|wanted| wanted.version.sha == version.sha) {
            self.drop_wanted();
        }
    }

    pub(super) fn remember_verified(&mut self, version: &Version) {
        self.record.verified.retain(|known| known.sha != version.sha);
        self.record.verified.push(version.clone());
        forget_oldest(&mut self.record.verified);
    }

    pub(super) fn remember_lapsed(&mut self, tag: &TagName) {
        self.record.lapsed.retain(|known| known != tag);
        self.record.lapsed.push(tag.clone());
        forget_oldest(&mut self.record.lapsed);
    }

    pub(super) fn drop_wanted(&mut self) {
        self.record.wanted = None;
        self.record.approval = None;
        self.record.told = None;
    }

    /// The deployment under way, if it has this number.
    pub(super) fn current(&self, number: i64) -> Option<Deploy> {
        self.record.current.clone().filter(|deploy| deploy.number == number)
    }

    /// Takes note of the end of a deployment.
    pub(super) fn list_end(&mut self, deploy: &Deploy, end: DeployEnd, note: String) {
        self.touch(&deploy.version);
        let mut row = row(deploy, &note);
        row.end = Some(end);
        row.ended = Some(self.now);
        if end == DeployEnd::Error && !matches!(deploy.state, DeployState::Creating) {
            row.errors = deploy.attempt;
        }
        self.ended.push(row);
        self.record.last_end = Some(words::sentence(&note));
        self.record.current = None;
        self.because(note);
    }

    pub(super) fn finish(mut self) -> EnvironmentDecision {
        self.wake();
        let mut listed = std::mem::take(&mut self.ended);
        if let Some(deploy) = &self.record.current
            && self.snapshot.record.current.as_ref() != Some(deploy)
        {
            listed.push(row(deploy, &words::progress(deploy)));
        }
        self.note_tracking();
        let summary = self.summary();
        let blockers = self.blockers.into_iter().map(|reason| Blocker::Deploy { reason }).collect();
        EnvironmentDecision {
            summary,
            explanation: Explanation { reasons: self.reasons, blockers },
            record: self.record,
            listed,
            offers: self.offers,
            verified: self.verified,
            actions: self.actions,
            tracking: self.tracking.into_iter().collect(),
            look_again: self.look_again,
        }
    }

    /// When to look again for the sake of the deployment under way.
    fn wake(&mut self) {
        let Some(deploy) = &self.record.current else { return };
        let at = match &deploy.state {
            DeployState::Creating | DeployState::Triggering | DeployState::Checking { next: None, .. } => return,
            DeployState::Running { run, until } => {
                let polled = run.is_some() || matches!(self.settings.trigger, Trigger::Workflow { .. });
                let before = self.snapshot.record.current.as_ref().map(|before| &before.state);
                if !matches!(before, Some(DeployState::Running { .. })) {
                    // A quick target may have ended before it was known that it had begun: nobody looked at it then.
                    (*until).min(self.now.plus_ms(JUST_BEGUN_MS))
                } else if polled {
                    (*until).min(self.now.plus_ms(RUN_POLL_MS))
                } else {
                    *until
                }
            }
            DeployState::Retrying { at, .. } => *at,
            DeployState::Checking { next: Some(next), .. } => *next,
            // A watch whose last answer was bad goes on until an answer says more, past its end too.
            DeployState::Soaking { until, next, .. } => match next {
                Some(next) if *until <= self.now => *next,
                Some(next) => (*next).min(*until),
                None => *until,
            },
        };
        // What is past already waits for a probe that is under way, whose report marks the lane.
        if at > self.now {
            self.look_at(at);
        }
    }

    /// Every issue whose version has to do with what has changed.
    fn note_tracking(&mut self) {
        if self.record == self.snapshot.record {
            return;
        }
        for record in [&self.snapshot.record, &self.record] {
            let versions = [
                record.wanted.as_ref().map(|wanted| &wanted.version),
                record.current.as_ref().map(|deploy| &deploy.version),
                record.running.as_ref().map(|running| &running.version),
            ];
            self.tracking.extend(versions.into_iter().flatten().filter_map(|version| version.issue));
        }
    }

    fn summary(&self) -> String {
        let mut parts = self.reasons.clone();
        if let Some(wanted) = &self.record.wanted {
            let against: Vec<String> = self.blockers.iter().map(ToString::to_string).collect();
            parts.push(format!("{} waits: {}", wanted.version.tag, against.join("; ")));
        } else {
            parts.extend(self.blockers.iter().map(ToString::to_string));
        }
        if parts.is_empty() {
            parts.push(match (&self.record.current, &self.record.running) {
                (Some(deploy), _) => words::progress(deploy),
                (None, Some(running)) => format!("{} runs there", running.version.tag),
                (None, None) => "nothing was deployed there yet".to_owned(),
            });
        }
        format!("{} {}: {}.", self.snapshot.repository.name, self.snapshot.name, parts.join("; "))
    }
}

/// A deployment as it is listed while it is under way.
fn row(deploy: &Deploy, note: &str) -> DeploymentRow {
    let failed_now = u32::from(matches!(deploy.state, DeployState::Retrying { .. }));
    DeploymentRow {
        number: deploy.number,
        tag: deploy.version.tag.clone(),
        sha: deploy.version.sha.clone(),
        rollback_from: match &deploy.kind {
            DeployKind::Deploy => None,
            DeployKind::Rollback { from, .. } => Some(from.tag.clone()),
        },
        by: deploy.by.as_ref().map(words::who),
        approved_by: deploy.approved_by.as_ref().map(words::who),
        id: deploy.id,
        began: deploy.began,
        ended: None,
        end: None,
        note: match &deploy.overrides {
            Some(why) => format!("{} A freeze or a hold was overridden: {why}", words::sentence(note)),
            None => words::sentence(note),
        },
        errors: deploy.attempt.saturating_sub(1) + failed_now,
    }
}

fn forget_oldest<T>(known: &mut Vec<T>) {
    let surplus = known.len().saturating_sub(REMEMBERED);
    known.drain(..surplus);
}
