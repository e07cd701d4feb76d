//! Workflow runs started, begun and ended, and events sent to workflows.

use serde_json::{Value, json};

use super::{Done, Happening};
use crate::simulator::github::entities::{Actor, WorkflowRun};
use crate::simulator::github::error::SimulatorError;
use crate::simulator::github::shipping::Dispatch;
use crate::simulator::github::state::State;

/// A run to be started by hand.
#[derive(Debug)]
pub struct NewRun {
    pub file: String,
    pub git_ref: String,
    pub head_sha: String,
    pub inputs: Value,
    pub title: String,
}

impl State {
    /// Queues a run, and tells that it is requested.
    pub fn start_run(&mut self, repository: i64, new: NewRun, actor: &Actor) -> Result<i64, SimulatorError> {
        let (id, now) = (self.fresh_id(), self.now());
        let run = WorkflowRun {
            id,
            file: new.file,
            git_ref: new.git_ref,
            head_sha: new.head_sha,
            inputs: new.inputs,
            title: new.title,
            actor: actor.login.clone(),
            status: "queued".to_owned(),
            conclusion: None,
            created_at: now,
            updated_at: now,
        };
        self.repository_mut(repository)?.runs.push(run);
        self.tell_run(repository, (id, "requested"), actor)?;
        Ok(id)
    }

    /// Moves a run on: to `in_progress`, or with a conclusion to its end. One that has ended stays as it is.
    pub fn move_run(&mut self, repository: i64, id: i64, conclusion: Option<&str>) -> Done {
        let now = self.now();
        let run = self.repository_mut(repository)?.runs.iter_mut().find(|run| run.id == id);
        let run = run.ok_or(SimulatorError::UnknownCheck(id))?;
        let actor = Actor { via_app: true, login: run.actor.clone() };
        if run.status == "completed" {
            return Err(SimulatorError::Forbidden(format!("the run {id} is completed")));
        }
        run.updated_at = now;
        if run.status == "queued" {
            "in_progress".clone_into(&mut run.status);
            self.tell_run(repository, (id, "in_progress"), &actor)?;
        }
        let Some(conclusion) = conclusion else { return Ok(()) };
        if let Some(run) = self.repository_mut(repository)?.runs.iter_mut().find(|run| run.id == id) {
            "completed".clone_into(&mut run.status);
            run.conclusion = Some(conclusion.to_owned());
        }
        self.tell_run(repository, (id, "completed"), &actor)
    }

    /// <https://docs.github.com/en/webhooks/webhook-events-and-payloads#workflow_run>
    fn tell_run(&mut self, repository: i64, (id, action): (i64, &'static str), actor: &Actor) -> Done {
        let home = self.repository(repository)?;
        let run = home.runs.iter().find(|run| run.id == id).ok_or(SimulatorError::UnknownCheck(id))?;
        let fields = json!({
            "workflow_run": self.views().workflow_run(home, run),
            "workflow": self.views().workflow(home, &run.file),
        });
        self.tell(repository, Happening { event: "workflow_run", action: Some(action), fields, actor })
    }

    /// Notes an event for the workflows that listen to it.
    pub fn dispatch(&mut self, repository: i64, event: &str, payload: Value) -> Done {
        let at = self.now();
        let dispatch = Dispatch { event: event.to_owned(), payload, at };
        self.repository_mut(repository)?.shipping.dispatches.push(dispatch);
        Ok(())
    }
}
