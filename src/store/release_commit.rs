//! The one transaction that ends a decision about releases, an environment, a release's issue or proposed rules.
//!
//! # Why nothing is told twice and nobody waits for ever
//!
//! A decision reads all reports to its subject and its transaction deletes exactly those, under the fence of the claim:
//! a report that comes meanwhile stays, and has marked the subject again. What it tells other subjects are rows in the
//! same transaction, so a crash loses neither.
//!
//! Releases tell environments and environments tell releases, so two transactions may want each other's rows. Each takes
//! the rows of subjects in the order of their names, its own among them.

use super::database::Tx;
use super::durable::Durable as _;
use super::{AuditEntry, Bell, ClaimedSubject, MarkedDelivery, Store, StoreError};
use crate::model::{
    BranchName, Deed, DeploymentRow, EnvironmentName, EnvironmentRecord, EnvironmentReport, Explanation, Planned,
    ReleaseRecord, ReleaseReport, Released, RepositoryId, RulesRecord, Subject, Timestamp, TrackingRecord,
};

/// What a decision writes of its own subject.
#[derive(Debug, Clone, Copy)]
pub enum LineChange<'a> {
    /// Of a repository's releases.
    Releases {
        /// The repository.
        repository: RepositoryId,
        /// The release branch.
        branch: &'a BranchName,
        /// The record as it is to be.
        record: &'a ReleaseRecord,
        /// A release that is new, or has changed.
        released: Option<&'a Released>,
    },
    /// Of an environment.
    Environment {
        /// The repository.
        repository: RepositoryId,
        /// The environment.
        name: &'a EnvironmentName,
        /// The record as it is to be.
        record: &'a EnvironmentRecord,
        /// Deployments that are new, or have changed.
        listed: &'a [DeploymentRow],
    },
    /// Of a repository's proposed rules.
    Rules {
        /// The repository.
        repository: RepositoryId,
        /// The record as it is to be.
        record: &'a RulesRecord,
        /// What was asked, and what was answered.
        deeds: &'a [Deed],
    },
    /// Of the issue on which a release is followed.
    Tracking {
        /// The repository.
        repository: RepositoryId,
        /// The record as it is to be.
        record: &'a TrackingRecord,
    },
}

/// What other subjects are told.
#[derive(Debug, Clone, Default)]
pub struct Told<'a> {
    /// Environments.
    pub offers: Vec<&'a (Subject, EnvironmentReport)>,
    /// The repository's releases.
    pub releases: Option<(Subject, &'a ReleaseReport)>,
    /// Subjects that have something new to show.
    pub looks: Vec<Subject>,
}

impl Told<'_> {
    fn subjects(&self) -> Vec<Subject> {
        let offered = self.offers.iter().map(|(subject, _)| subject);
        offered.chain(self.releases.iter().map(|(subject, _)| subject)).chain(&self.looks).cloned().collect()
    }
}

/// A decision and what it was made from.
#[derive(Debug)]
pub struct LineCommit<'a> {
    /// The claim under which it was made.
    pub claimed: &'a ClaimedSubject,
    /// The deliveries that it looked at.
    pub seen: &'a [MarkedDelivery],
    /// The newest report that it has read; 0 where it has read none.
    pub reports_read: i64,
    /// One sentence for people.
    pub summary: &'a str,
    /// Why.
    pub explanation: &'a Explanation,
    /// What it saw, as JSON.
    pub saw: &'a str,
    /// What it was made of beside that, and what it planned, as JSON; `None` where nothing was looked at.
    pub replay: Option<&'a str>,
    /// What becomes of its subject.
    pub change: LineChange<'a>,
    /// What others are told.
    pub told: Told<'a>,
    /// What is to be done.
    pub actions: &'a [Planned],
    /// When to look again though nothing happens.
    pub look_again: Option<Timestamp>,
    /// Whether anything changed that the audit should tell of.
    pub notable: bool,
}

impl Store {
    /// Puts a decision into force, all of it or nothing. `false` when somebody else has claimed the subject since.
    pub async fn commit_line(&self, commit: LineCommit<'_>) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let claim = (commit.claimed, commit.look_again);
        if !self.take_subjects(&mut transaction, claim, &commit.told.subjects()).await? {
            transaction.rollback().await?;
            return Ok(false);
        }
        self.close_marks(&mut transaction, commit.claimed, commit.seen).await?;
        self.forget_reports(&mut transaction, &commit.claimed.subject, commit.reports_read).await?;
        self.write_change(&mut transaction, commit.change).await?;
        for (subject, report) in &commit.told.offers {
            self.report(&mut transaction, subject, report).await?;
        }
        if let Some((subject, report)) = &commit.told.releases {
            self.report(&mut transaction, subject, report).await?;
        }
        for planned in commit.actions {
            self.queue(&mut transaction, &commit.claimed.subject, planned).await?;
        }
        let entry = AuditEntry::of_decision(
            (commit.claimed, commit.seen),
            (commit.summary, commit.explanation),
            (commit.saw, commit.replay),
        )?;
        if commit.notable || self.is_news(&mut transaction, &entry).await? {
            self.write_audit(&mut transaction, &entry).await?;
        }
        transaction.commit().durably("commit_line").await?;
        self.database.ring(Bell::Outbox);
        self.database.ring(Bell::Subjects);
        Ok(true)
    }

    /// Whether it says anything else than the last decision about its subject: whoever asks why is shown the last one.
    async fn is_news(&self, transaction: &mut Tx, entry: &AuditEntry<'_>) -> Result<bool, StoreError> {
        let last: Option<(String, Option<String>)> = sqlx::query_as(
            "SELECT summary, explanation FROM audit WHERE subject = $1 AND kind = 'decision' ORDER BY id DESC LIMIT 1",
        )
        .bind(entry.subject.as_deref())
        .fetch_optional(&mut **transaction)
        .await?;
        Ok(last.is_none_or(|(summary, explanation)| summary != entry.summary || explanation != entry.explanation))
    }

    async fn write_change(&self, transaction: &mut Tx, change: LineChange<'_>) -> Result<(), StoreError> {
        match change {
            LineChange::Releases { repository, branch, record, released } => {
                self.save_release_record(transaction, (repository, branch), record).await?;
                if let Some(released) = released {
                    self.save_release(transaction, repository, released).await?;
                }
            }
            LineChange::Environment { repository, name, record, listed } => {
                self.save_environment(transaction, (repository, name), record).await?;
                for row in listed {
                    self.save_deployment(transaction, (repository, name), row).await?;
                }
            }
            LineChange::Rules { repository, record, deeds } => {
                self.save_rules_record(transaction, repository, record).await?;
                for deed in deeds {
                    self.write_deed(transaction, &Subject::Repository(repository), deed).await?;
                }
            }
            LineChange::Tracking { repository, record } => self.save_tracking(transaction, repository, record).await?,
        }
        Ok(())
    }
}
