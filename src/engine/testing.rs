//! The tests of a head: what its checks said is remembered, and a report is made of it.

use anyhow::Result;

use super::Engine;
use crate::decide;
use crate::decide::TestsSeen;
use crate::github::InstallationClient;
use crate::model::{Check, CheckState, CommitTests, Coverage, PullSnapshot, Repository, Sha};
use crate::policy::{CoverageSettings, Policy};

/// Failed runs of which the remarks are read in one look: each is a request.
const FAILURES_READ: usize = 5;
/// Other commits that are looked at for checks that fail now and then.
const EARLIER_COMMITS: i64 = 20;

impl Engine {
    /// Remembers what the checks of the head said and reports on them; `None` where nothing was reported.
    pub(super) async fn tests(&self, snapshot: &PullSnapshot, policy: &Policy) -> Result<Option<String>> {
        let (repository, store) = (&snapshot.repository, &self.app.store);
        let head = self.learned(snapshot, policy).await?;
        let base = self.base_tests(snapshot, policy).await?;
        let earlier = store.checks_before(repository.id, &snapshot.pull.head, EARLIER_COMMITS).await?;
        let report = decide::tests_report(&TestsSeen {
            head: &head,
            checks: &snapshot.checks,
            own_app: snapshot.own.1,
            base: Some(&base).filter(|base| !base.attempts.is_empty() || !base.coverage.is_empty()),
            earlier: &earlier,
        });
        Ok(Some(report.markdown).filter(|markdown| !markdown.is_empty()))
    }

    /// All that is known of the head, with what GitHub lists now. The remarks of a failure are read once.
    async fn learned(&self, snapshot: &PullSnapshot, policy: &Policy) -> Result<CommitTests> {
        let (repository, own) = (&snapshot.repository, snapshot.own.1);
        let known = self.app.store.checks_of(repository.id, &snapshot.pull.head).await?;
        let mut head = known.clone();
        head.learn(&snapshot.checks, own);
        let client = self.app.hands.github.installation(repository.installation);
        let new = |attempt: &&mut crate::model::CheckAttempt| {
            attempt.conclusion.is_bad() && !known.attempts.iter().any(|old| old.is(attempt))
        };
        for attempt in head.attempts.iter_mut().filter(new).take(FAILURES_READ) {
            if let Some(run) = attempt.run {
                attempt.annotations = client.annotations(&repository.name, run).await?;
                attempt.annotations.truncate(crate::model::CheckAttempt::ANNOTATIONS_MAX);
            }
        }
        if let Some(settings) = &policy.checks.coverage {
            self.cover(&client, repository, (settings, &snapshot.checks), &mut head).await?;
        }
        if head != known {
            self.app.store.remember_checks(repository.id, &head).await?;
        }
        Ok(head)
    }

    /// The base's newest commit, of which the checks are read once where its coverage is to be compared with.
    async fn base_tests(&self, snapshot: &PullSnapshot, policy: &Policy) -> Result<CommitTests> {
        let (repository, base) = (&snapshot.repository, &snapshot.pull.base_sha);
        let mut known = self.app.store.checks_of(repository.id, base).await?;
        let Some(settings) = &policy.checks.coverage else { return Ok(known) };
        if known.coverage.iter().any(|coverage| coverage.check == settings.check) || !self.first_look_at(base) {
            return Ok(known);
        }
        let client = self.app.hands.github.installation(repository.installation);
        let checks = client.check_runs(&repository.name, base).await?;
        known.learn(&checks, snapshot.own.1);
        self.cover(&client, repository, (settings, &checks), &mut known).await?;
        self.app.store.remember_checks(repository.id, &known).await?;
        Ok(known)
    }

    /// Whether this server has not read the checks of this commit yet.
    fn first_look_at(&self, commit: &Sha) -> bool {
        let mut looked = self.bases_looked_at.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if looked.len() > 1_000 {
            looked.clear();
        }
        looked.insert(commit.clone())
    }

    /// Reads the coverage from the output of the check that tells it, once it is over.
    async fn cover(
        &self,
        client: &InstallationClient,
        repository: &Repository,
        (settings, checks): (&CoverageSettings, &[Check]),
        tests: &mut CommitTests,
    ) -> Result<()> {
        if tests.coverage.iter().any(|coverage| coverage.check == settings.check) {
            return Ok(());
        }
        let over = |check: &&Check| check.name == settings.check && matches!(check.state, CheckState::Completed(_));
        let Some(run) = checks.iter().rev().filter(over).find_map(|check| check.run) else { return Ok(()) };
        let output = client.check_run_output(&repository.name, run).await?;
        let text = [output.title, output.summary, output.text].into_iter().flatten().collect::<Vec<_>>().join("\n");
        if let Some(hundredths) = decide::coverage(settings.regex.regex(), &text) {
            tests.coverage.push(Coverage { check: settings.check.clone(), hundredths });
        }
        Ok(())
    }
}
