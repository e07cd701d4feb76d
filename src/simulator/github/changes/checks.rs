//! Check runs made and changed, and the suites that follow from them.

use serde_json::{Value, json};

use super::{Done, Happening};
use crate::model::Timestamp;
use crate::simulator::github::entities::{AccountKind, Actor};
use crate::simulator::github::error::SimulatorError;
use crate::simulator::github::judging::{CheckApp, CheckOutput, CheckRun, CheckSuite};
use crate::simulator::github::state::State;

/// A check run to be made.
#[derive(Debug)]
pub struct NewCheck {
    pub app: CheckApp,
    pub name: String,
    pub head_sha: String,
    pub change: CheckChange,
}

/// What is set of a check run; whatever is `None` stays as it is.
#[derive(Debug, Default)]
pub struct CheckChange {
    pub name: Option<String>,
    pub status: Option<String>,
    pub conclusion: Option<String>,
    pub external_id: Option<String>,
    pub details_url: Option<String>,
    pub started_at: Option<Timestamp>,
    pub completed_at: Option<Timestamp>,
    /// Its annotations are added to those that are there.
    pub output: Option<CheckOutput>,
    pub actions: Option<Vec<Value>>,
}

impl State {
    /// The App under test, as checks show it.
    pub fn own_check_app(&self) -> CheckApp {
        CheckApp { id: self.app.id, slug: self.app.slug.clone(), name: "Stationmaster".to_owned() }
    }

    /// The account in whose name an App makes its checks.
    pub fn actor_of(&mut self, app: &CheckApp) -> Actor {
        let login = format!("{}[bot]", app.slug);
        self.add_account(&login, AccountKind::Bot);
        Actor { login, via_app: app.id == self.app.id }
    }

    /// Makes a check run, in its App's suite for the commit.
    pub fn create_check(&mut self, repository: i64, new: NewCheck) -> Result<i64, SimulatorError> {
        let unknown = || SimulatorError::UnknownCommit(new.head_sha.clone());
        let home = self.repository(repository)?;
        let known = home.git.view(&new.head_sha).filter(|commit| commit.sha == new.head_sha);
        known.ok_or_else(unknown)?;
        let actor = self.actor_of(&new.app);
        let suite = self.suite_for(repository, &new.app, &new.head_sha)?;
        let id = self.fresh_id();
        let details_url = new.change.details_url.clone();
        let run = CheckRun {
            id,
            suite,
            name: new.name,
            head_sha: new.head_sha,
            app: new.app,
            status: "queued".to_owned(),
            conclusion: None,
            external_id: String::new(),
            details_url,
            started_at: Some(self.now()),
            completed_at: None,
            output: CheckOutput::default(),
            actions: Vec::new(),
        };
        self.repository_mut(repository)?.judging.runs.push(run);
        self.set_rerequested(repository, suite, false)?;
        self.apply_to_check(repository, id, new.change)?;
        self.tell_check((repository, id), "created", &actor)?;
        self.tell_if_completed((repository, id), None, &actor)?;
        Ok(id)
    }

    /// Changes a check run, telling when this completes it and when its suite is completed by it.
    pub fn change_check(&mut self, repository: i64, id: i64, change: CheckChange) -> Done {
        let run = self.check(repository, id)?;
        let (before, app, suite) = (run.status.clone(), run.app.clone(), run.suite);
        let actor = self.actor_of(&app);
        self.set_rerequested(repository, suite, false)?;
        self.apply_to_check(repository, id, change)?;
        self.tell_if_completed((repository, id), Some(&before), &actor)
    }

    pub fn check(&self, repository: i64, id: i64) -> Result<&CheckRun, SimulatorError> {
        self.repository(repository)?.judging.run(id).ok_or(SimulatorError::UnknownCheck(id))
    }

    pub fn suite(&self, repository: i64, id: i64) -> Result<&CheckSuite, SimulatorError> {
        self.repository(repository)?.judging.suite(id).ok_or(SimulatorError::UnknownCheck(id))
    }

    pub fn suite_mut(&mut self, repository: i64, id: i64) -> Result<&mut CheckSuite, SimulatorError> {
        let suites = &mut self.repository_mut(repository)?.judging.suites;
        suites.iter_mut().find(|suite| suite.id == id).ok_or(SimulatorError::UnknownCheck(id))
    }

    /// Marks a suite as asked for again, or as answered.
    pub fn set_rerequested(&mut self, repository: i64, suite: i64, rerequested: bool) -> Done {
        let now = self.now();
        let suite = self.suite_mut(repository, suite)?;
        suite.rerequested = rerequested;
        suite.updated_at = now;
        Ok(())
    }

    /// The suite of an App on a commit, made on first need.
    pub fn suite_for(&mut self, repository: i64, app: &CheckApp, sha: &str) -> Result<i64, SimulatorError> {
        let home = self.repository(repository)?;
        let known = home.judging.suites.iter().find(|suite| suite.app.id == app.id && suite.head_sha == sha);
        if let Some(known) = known {
            return Ok(known.id);
        }
        let branches = home.git.branches()?;
        let head_branch = branches.into_iter().find(|(_, tip)| tip == sha).map(|(name, _)| name);
        let (id, run, now) = (self.fresh_id(), self.fresh_id(), self.now());
        self.repository_mut(repository)?.judging.suites.push(CheckSuite {
            id,
            app: app.clone(),
            head_sha: sha.to_owned(),
            head_branch,
            workflow_run: app.is_actions().then_some((run, 1)),
            rerequested: false,
            created_at: now,
            updated_at: now,
        });
        Ok(id)
    }

    fn apply_to_check(&mut self, repository: i64, id: i64, change: CheckChange) -> Done {
        let now = self.now();
        let judging = &mut self.repository_mut(repository)?.judging;
        let run = judging.run_mut(id).ok_or(SimulatorError::UnknownCheck(id))?;
        if let Some(name) = change.name {
            run.name = name;
        }
        if let Some(status) = change.status {
            run.status = status;
        }
        if change.conclusion.is_some() {
            "completed".clone_into(&mut run.status);
            run.conclusion = change.conclusion;
        }
        if run.status == "completed" {
            run.completed_at = change.completed_at.or(run.completed_at).or(Some(now));
        } else {
            (run.conclusion, run.completed_at) = (None, None);
        }
        run.external_id = change.external_id.unwrap_or_else(|| run.external_id.clone());
        run.details_url = change.details_url.or_else(|| run.details_url.clone());
        run.started_at = change.started_at.or(run.started_at);
        run.actions = change.actions.unwrap_or_else(|| run.actions.clone());
        if let Some(output) = change.output {
            run.output.title = output.title.or_else(|| run.output.title.take());
            run.output.summary = output.summary.or_else(|| run.output.summary.take());
            run.output.text = output.text.or_else(|| run.output.text.take());
            run.output.annotations.extend(output.annotations);
        }
        Ok(())
    }

    fn tell_if_completed(&mut self, at: (i64, i64), before: Option<&str>, actor: &Actor) -> Done {
        let run = self.check(at.0, at.1)?;
        let suite = run.suite;
        if run.status != "completed" || before == Some("completed") {
            return Ok(());
        }
        self.tell_check(at, "completed", actor)?;
        let judging = &self.repository(at.0)?.judging;
        let done = judging.suite(suite).is_some_and(|suite| judging.suite_state(suite).0 == "completed");
        if done { self.tell_suite((at.0, suite), "completed", actor) } else { Ok(()) }
    }

    pub fn tell_check(&mut self, (repository, id): (i64, i64), action: &'static str, actor: &Actor) -> Done {
        let home = self.repository(repository)?;
        let run = self.check(repository, id)?;
        let fields = json!({"check_run": self.views().told_check_run(home, run)});
        self.tell(repository, Happening { event: "check_run", action: Some(action), fields, actor })
    }

    pub fn tell_suite(&mut self, (repository, id): (i64, i64), action: &'static str, actor: &Actor) -> Done {
        let home = self.repository(repository)?;
        let suite = self.suite(repository, id)?;
        let fields = json!({"check_suite": self.views().check_suite(home, suite)});
        self.tell(repository, Happening { event: "check_suite", action: Some(action), fields, actor })
    }
}
