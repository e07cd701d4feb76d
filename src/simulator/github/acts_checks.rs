//! What other Apps and people do about commits and pulls: checks, statuses, reviews, and what a branch requires.

use super::GithubSimulator;
use super::changes::{CheckChange, NewCheck, NewReview, NewStatus};
use super::entities::{AccountKind, Actor};
use super::error::SimulatorError;
use super::judging::{CheckApp, CheckOutput, CheckRun, Protection, Review, ReviewEvent, Rule, Ruleset};
use super::state::State;
use crate::model::Number;

impl GithubSimulator {
    /// Starts a check of an App on a commit, in progress, and returns its id.
    pub fn start_check(&self, repository: &str, sha: &str, app: CheckApp, name: &str) -> Result<i64, SimulatorError> {
        self.shared.change(|state| {
            let id = state.repository_id(repository)?;
            let change = CheckChange { status: Some("in_progress".to_owned()), ..CheckChange::default() };
            state.create_check(id, NewCheck { app, name: name.to_owned(), head_sha: sha.to_owned(), change })
        })
    }

    /// Completes a check with `success`, `failure`, `neutral`…
    pub fn finish_check(&self, check: i64, conclusion: &str) -> Result<(), SimulatorError> {
        self.change_check(check, |change| change.conclusion = Some(conclusion.to_owned()))
    }

    /// Completes a check with what it found.
    pub fn finish_check_with(&self, check: i64, conclusion: &str, output: CheckOutput) -> Result<(), SimulatorError> {
        self.change_check(check, |change| {
            change.conclusion = Some(conclusion.to_owned());
            change.output = Some(output);
        })
    }

    /// Marks a queued check, such as one that was run again, as in progress.
    pub fn begin_check(&self, check: i64) -> Result<(), SimulatorError> {
        self.change_check(check, |change| change.status = Some("in_progress".to_owned()))
    }

    fn change_check(&self, check: i64, set: impl FnOnce(&mut CheckChange)) -> Result<(), SimulatorError> {
        let mut change = CheckChange::default();
        set(&mut change);
        self.shared.change(|state| {
            let home = state.repositories.values().find(|home| home.judging.run(check).is_some());
            let id = home.map(|home| home.id).ok_or(SimulatorError::UnknownCheck(check))?;
            state.change_check(id, check, change)
        })
    }

    /// Tells the App that a suite of it is requested for a commit, as GitHub does after a push.
    pub fn request_suite(&self, repository: &str, who: &str, sha: &str) -> Result<(), SimulatorError> {
        self.judge(repository, who, |state, id, actor| {
            let app = state.own_check_app();
            let suite = state.suite_for(id, &app, sha)?;
            state.tell_suite((id, suite), "requested", actor)
        })
    }

    /// Sets a commit status: `error`, `failure`, `pending` or `success`.
    pub fn set_status(
        &self,
        repository: &str,
        who: &str,
        sha: &str,
        (context, state): (&str, &str),
    ) -> Result<(), SimulatorError> {
        let new = NewStatus {
            sha: sha.to_owned(),
            context: context.to_owned(),
            state: state.to_owned(),
            description: None,
            target_url: None,
        };
        self.judge(repository, who, |state, id, actor| state.set_status(id, actor, new).map(drop))
    }

    /// Reviews a pull request at a commit (its head, where none is given) and returns the review's id.
    pub fn review(
        &self,
        repository: &str,
        who: &str,
        number: Number,
        (event, commit): (ReviewEvent, Option<&str>),
    ) -> Result<i64, SimulatorError> {
        let new = NewReview { commit: commit.map(str::to_owned), body: String::new(), event: Some(event) };
        self.judge(repository, who, |state, id, actor| state.review_pull((id, number.0), actor, new))
    }

    /// Dismisses a review.
    pub fn dismiss_review(
        &self,
        repository: &str,
        who: &str,
        number: Number,
        review: i64,
    ) -> Result<(), SimulatorError> {
        self.judge(repository, who, |state, id, actor| state.dismiss_review((id, number.0), review, actor))
    }

    /// Protects a branch, replacing what protected it before.
    pub fn protect(&self, repository: &str, branch: &str, protection: Protection) -> Result<(), SimulatorError> {
        self.shared.change(|state| {
            let id = state.repository_id(repository)?;
            state.repository_mut(id)?.judging.protections.insert(branch.to_owned(), protection);
            Ok(())
        })
    }

    /// Adds a ruleset for the branches that a glob names.
    pub fn add_ruleset(&self, repository: &str, branches: &str, rules: Vec<Rule>) -> Result<(), SimulatorError> {
        self.shared.change(|state| {
            let (id, set) = (state.repository_id(repository)?, state.fresh_id());
            let ruleset = Ruleset { id: set, branches: branches.to_owned(), rules };
            state.repository_mut(id)?.judging.rulesets.push(ruleset);
            Ok(())
        })
    }

    /// Every check run on a commit, oldest first.
    #[must_use]
    pub fn check_runs(&self, repository: &str, sha: &str) -> Vec<CheckRun> {
        self.look(|view| view.check_runs(repository, sha))
    }

    /// The reviews of a pull request, oldest first.
    #[must_use]
    pub fn reviews(&self, repository: &str, number: Number) -> Vec<Review> {
        self.look(|view| view.reviews(repository, number))
    }

    fn judge<T>(
        &self,
        repository: &str,
        who: &str,
        act: impl FnOnce(&mut State, i64, &Actor) -> Result<T, SimulatorError>,
    ) -> Result<T, SimulatorError> {
        self.shared.change(|state| {
            let id = state.repository_id(repository)?;
            let kind = if who.ends_with("[bot]") { AccountKind::Bot } else { AccountKind::User };
            state.add_account(who, kind);
            let via_app = who == state.bot().login;
            act(state, id, &Actor { login: who.to_owned(), via_app })
        })
    }
}
