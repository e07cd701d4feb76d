//! Looks at branches that have a merge queue: observes what waits and what is tested, decides, and puts it into force.

use std::collections::BTreeSet;

use anyhow::{Context, Result};

use super::Engine;
use super::replaying::to_replay;
use crate::decide::whole::queue_settings;
use crate::decide::{self, QueueSettings};
use crate::model::{
    BatchState, Beside, BranchName, MergeBlocker, Number, QueueEntry, QueueRecord, QueueSnapshot, QueuedPull,
    Repository, RepositoryId, Sha, StagingReport, queue_branch,
};
use crate::policy::Policy;
use crate::store::{ClaimedSubject, MarkedDelivery, QueueCommit, QueueCommitted, StoredQueue};

/// How often a decision is made again because pulls entered or left meanwhile.
const TRIES: usize = 8;
/// When to look again at a queue whose landing was under way when it was to be withdrawn.
const UNDER_WAY_MS: i64 = 1_000;

impl Engine {
    /// Decides on a branch's queue.
    pub(super) async fn decide_branch(
        &self,
        claimed: &ClaimedSubject,
        id: RepositoryId,
        base: &BranchName,
    ) -> Result<()> {
        let seen = self.app.store.marked_deliveries(&claimed.subject).await?;
        let stored = self.app.store.queue_of(id, base).await?;
        if stored.entries.is_empty() && stored.record.batch.is_none() && stored.record.suspects.is_empty() {
            return self.rest(claimed, &seen, "nothing is queued for it").await;
        }
        let Some(repository) = self.reachable(id).await? else {
            return self.rest(claimed, &seen, "the App cannot reach its repository").await;
        };
        let in_force = self.in_force(id).await?;
        let policy = self.policy(&repository, in_force.1.as_deref()).await?;
        self.turn_queue((claimed, &seen), &repository, base, &policy).await
    }

    /// Looks and decides until the decision is made of what still holds when it comes into force.
    async fn turn_queue(
        &self,
        (claimed, seen): (&ClaimedSubject, &[MarkedDelivery]),
        repository: &Repository,
        base: &BranchName,
        policy: &Policy,
    ) -> Result<()> {
        let settings = queue_settings(policy);
        for _ in 0..TRIES {
            let snapshot = self.see_queue(repository, base, &settings).await?;
            let now = self.app.clock.now();
            let decision = decide::queue(&snapshot, &settings, now);
            let replay = to_replay(now, policy, (Beside::Branch, &decision.actions))?;
            let saw = serde_json::to_string(&snapshot).context("a snapshot could not be written down")?;
            let notable = decision.record != snapshot.record || !decision.actions.is_empty();
            // What was seen is of the batch from before: a new one has no checks yet.
            let batch = |record: &QueueRecord| record.batch.as_ref().map(|batch| batch.id);
            let is_same = batch(&decision.record) == batch(&snapshot.record);
            let checks = if is_same { snapshot.checks.as_slice() } else { &[] };
            let (saw, replay) = (saw.as_str(), Some(replay.as_str()));
            let commit = QueueCommit { claimed, seen, decision: &decision, saw, replay, checks, notable };
            match self.app.store.commit_queue(commit).await? {
                QueueCommitted::Done => {
                    self.told_of(claimed, decision.summary, decision.explanation, decision.actions);
                    return Ok(());
                }
                QueueCommitted::Stale => return Ok(()),
                QueueCommitted::Changed => {}
                QueueCommitted::UnderWay => {
                    let until = self.app.clock.now().plus_ms(UNDER_WAY_MS);
                    self.app.store.put_back(claimed, until, None).await?;
                    return Ok(());
                }
            }
        }
        anyhow::bail!("pulls kept entering and leaving the queue")
    }

    /// The database is read first: what is reported there of GitHub is then no newer than what GitHub shows.
    async fn see_queue(
        &self,
        repository: &Repository,
        base: &BranchName,
        settings: &QueueSettings,
    ) -> Result<QueueSnapshot> {
        let StoredQueue { record, reports, entries, attempts } = self.app.store.queue_of(repository.id, base).await?;
        let github = &self.app.hands.github;
        let client = github.installation(repository.installation);
        let tested = tested_commit(&record, &reports);
        let wanted = decide::worth_a_look(&record, &entries, settings);
        let staging_sha = match &record.batch {
            Some(_) => client.ref_sha(&repository.name, &queue_branch(base)).await?,
            None => None,
        };
        let checks = match &tested {
            Some(sha) => self.checks_of(repository, sha).await?,
            None => Vec::new(),
        };
        Ok(QueueSnapshot {
            base_sha: client.ref_sha(&repository.name, base).await?,
            staging_sha,
            checks,
            required: self.around.protection(&self.app, repository, base).await?.required_checks,
            own_app: github.own_app().await?.1,
            pulls: self.judge_queued(repository, entries, &wanted).await?,
            repository: repository.clone(),
            base: base.clone(),
            record,
            reports,
            attempts,
        })
    }

    async fn judge_queued(
        &self,
        repository: &Repository,
        entries: Vec<QueueEntry>,
        wanted: &BTreeSet<Number>,
    ) -> Result<Vec<QueuedPull>> {
        let mut pulls = Vec::with_capacity(entries.len());
        for entry in entries {
            pulls.push(if wanted.contains(&entry.number) {
                self.judge(repository, entry).await?
            } else {
                QueuedPull { head: Some(entry.head.clone()), blockers: Vec::new(), observed: false, entry }
            });
        }
        Ok(pulls)
    }

    /// How a queued pull stands now: by the same look and the same gate as its own decision.
    async fn judge(&self, repository: &Repository, entry: QueueEntry) -> Result<QueuedPull> {
        let Some(known) = self.app.store.repository(repository.id).await? else {
            anyhow::bail!("{} is not usable for the App", repository.name);
        };
        let look = self.look_at_pull(&known, entry.number, 1).await?;
        let now = self.app.clock.now();
        Ok(match look {
            Some(look) => QueuedPull {
                blockers: look.gate(now).blockers,
                head: Some(look.snapshot.pull.head),
                observed: true,
                entry,
            },
            None => QueuedPull { head: None, blockers: vec![MergeBlocker::NotOpen], observed: true, entry },
        })
    }
}

/// The commit whose checks matter: that of the batch, as soon as it is built.
fn tested_commit(record: &QueueRecord, reports: &[StagingReport]) -> Option<Sha> {
    match &record.batch.as_ref()?.state {
        BatchState::Testing { staging, .. } | BatchState::Landing { staging, .. } => Some(staging.clone()),
        BatchState::Building { .. } => reports.iter().find_map(|report| match report {
            StagingReport::Built { staging, .. } => Some(staging.clone()),
            StagingReport::Landed { .. }
            | StagingReport::BaseMoved
            | StagingReport::MemberMoved { .. }
            | StagingReport::StagingMoved
            | StagingReport::Refused { .. } => None,
        }),
    }
}
