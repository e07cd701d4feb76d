//! Checks asked for again: by their suite, one by one, or as the jobs of a workflow.

use super::{CheckChange, Done, NewCheck};
use crate::simulator::github::entities::Actor;
use crate::simulator::github::error::SimulatorError;
use crate::simulator::github::judging::CheckRun;
use crate::simulator::github::state::State;

impl State {
    /// Asks for one run again: a job of a workflow is queued anew, our own App is told, another App is only asked.
    ///
    /// <https://docs.github.com/en/rest/checks/runs#rerequest-a-check-run>
    pub fn rerequest_check(&mut self, repository: i64, id: i64, actor: &Actor) -> Done {
        let run = self.check(repository, id)?;
        let (suite, app) = (run.suite, run.app.clone());
        if app.is_actions() {
            let again = run.clone();
            return self.queue_again(repository, suite, &[again]);
        }
        self.set_rerequested(repository, suite, true)?;
        if app.id == self.app.id { self.tell_check((repository, id), "rerequested", actor) } else { Ok(()) }
    }

    /// Asks for a whole suite again.
    ///
    /// <https://docs.github.com/en/rest/checks/suites#rerequest-a-check-suite>
    pub fn rerequest_suite(&mut self, repository: i64, id: i64, actor: &Actor) -> Done {
        let app = self.suite(repository, id)?.app.clone();
        if app.is_actions() {
            return self.rerun(repository, id, |_| true);
        }
        self.set_rerequested(repository, id, true)?;
        if app.id == self.app.id { self.tell_suite((repository, id), "rerequested", actor) } else { Ok(()) }
    }

    /// Queues anew those newest jobs of a suite that are wanted; a suite that still runs refuses.
    pub fn rerun(&mut self, repository: i64, suite: i64, wanted: impl Fn(&CheckRun) -> bool) -> Done {
        let judging = &self.repository(repository)?.judging;
        let known = judging.suite(suite).ok_or(SimulatorError::UnknownCheck(suite))?;
        if judging.suite_state(known).0 != "completed" {
            return Err(SimulatorError::Forbidden("This workflow is already running".to_owned()));
        }
        let jobs = judging.latest_of_suite(suite).into_iter().filter(|run| wanted(run));
        let jobs: Vec<CheckRun> = jobs.cloned().collect();
        self.queue_again(repository, suite, &jobs)
    }

    fn queue_again(&mut self, repository: i64, suite: i64, jobs: &[CheckRun]) -> Done {
        if let Some((_, attempt)) = &mut self.suite_mut(repository, suite)?.workflow_run {
            *attempt += 1;
        }
        for job in jobs {
            let new = NewCheck {
                app: job.app.clone(),
                name: job.name.clone(),
                head_sha: job.head_sha.clone(),
                change: CheckChange { details_url: job.details_url.clone(), ..CheckChange::default() },
            };
            self.create_check(repository, new)?;
        }
        Ok(())
    }
}
