//! Reads issues and pull requests of the past, for backtests. Writes nothing.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};

use super::Engine;
use super::replaying::file_in_force;
use crate::decide::backtest;
use crate::model::{Issue, IssueState, Login, PastIssue, PastPulls, Repository, RepositoryId};
use crate::observe;
use crate::policy::{EditedParts, Policy, RepositoryPolicy, edited_parts};

/// So many issues are looked at for a pull that edits rules: one page of GitHub's list.
const EDIT_ISSUES: usize = 100;
/// So many closed pulls are looked at for a pull that edits what is merged: one query.
const EDIT_PULLS: u32 = 20;
/// As if this had failed often: whoever's permission cannot be read is left out, as they may be gone.
const PATIENCE_IS_OVER: i64 = i64::MAX;

impl Engine {
    /// The repository under its present name.
    pub async fn repository_now(&self, id: RepositoryId) -> Result<Repository> {
        let known = self.app.store.repository(id).await?.context("the App does not reach this repository")?;
        let found = observe::repository(&self.app.hands.github, known.installation, id).await?;
        found.context("the App does not reach this repository")
    }

    /// The newest issues, newest first, at most so many.
    pub async fn past_issues(&self, repository: &Repository, most: usize) -> Result<Vec<PastIssue>> {
        let client = self.app.hands.github.installation(repository.installation);
        let issues = client.newest_issues(&repository.name, most).await?;
        Ok(issues.into_iter().map(past_issue).collect())
    }

    /// The newest closed pull requests, newest first, at most so many, with what they are judged by.
    pub async fn past_pulls(&self, repository: &Repository, most: u32) -> Result<PastPulls> {
        let github = &self.app.hands.github;
        let pulls = github.installation(repository.installation).past_pulls(&repository.name, most).await?;
        let own = github.own_app().await?;
        let bases: BTreeSet<_> = pulls.iter().map(|pull| pull.base.clone()).collect();
        let mut protection = BTreeMap::new();
        for base in bases {
            let demanded = self.around.protection(&self.app, repository, &base).await?;
            protection.insert(base, demanded);
        }
        let reviewers = pulls.iter().flat_map(|pull| pull.reviews.iter().map(|review| &review.author));
        let people: BTreeSet<&Login> = pulls.iter().map(|pull| &pull.author).chain(reviewers).collect();
        let people: Vec<Login> = people.into_iter().filter(|login| !login.is(&own.0)).cloned().collect();
        let permissions =
            self.around.permissions(&self.app, (repository, &people), PATIENCE_IS_OVER).await.unwrap_or_default();
        Ok(PastPulls { repository: repository.clone(), own, protection, permissions, pulls })
    }

    /// What an edited policy would have done in the past, in Markdown; `None` where it says nothing else of rules and
    /// merging. The review does not fail where the past cannot be read.
    pub(super) async fn backtest_of_edit(&self, repository: &Repository, old: &Policy, text: &str) -> Option<String> {
        let own = RepositoryPolicy::parse(text, &file_in_force(&repository.name)).ok()?;
        let parts = edited_parts(old, &own);
        if !parts.rules && !parts.merging {
            return None;
        }
        let new = Policy::combine(&self.app.rules.current(), Some(&own));
        Some(match self.compared((old, new), repository, parts).await {
            Ok(text) => text,
            Err(error) => {
                tracing::warn!(repository = %repository.name, error = format!("{error:#}"),
                    "the past cannot be read, so an edited policy is not tried on it");
                format!("The past could not be read from GitHub, so this was not tried on it: {error:#}.")
            }
        })
    }

    async fn compared(
        &self,
        (old, new): (&Policy, Policy),
        repository: &Repository,
        parts: EditedParts,
    ) -> Result<String> {
        let issues = if parts.rules { Some(self.past_issues(repository, EDIT_ISSUES).await?) } else { None };
        let pulls = if parts.merging { Some(self.past_pulls(repository, EDIT_PULLS).await?) } else { None };
        let (old, name) = (old.clone(), repository.name.clone());
        // A rule is a stranger's regex, and there may be many: nothing else waits for them.
        let compared = move || backtest::change((&old, &new), &name, (issues.as_deref(), pulls.as_ref()));
        Ok(tokio::task::spawn_blocking(compared).await?)
    }
}

fn past_issue(issue: Issue) -> PastIssue {
    PastIssue {
        number: Some(issue.number),
        title: issue.title,
        body: issue.body,
        labels: issue.labels,
        author: Some(issue.author),
        closed: issue.state == IssueState::Closed,
    }
}
