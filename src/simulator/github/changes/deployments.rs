//! Deployments created and spoken of.

use serde_json::{Value, json};

use super::{Done, Happening};
use crate::simulator::github::entities::{AccountKind, Actor};
use crate::simulator::github::error::SimulatorError;
use crate::simulator::github::shipping::{Deployment, DeploymentStatus};
use crate::simulator::github::state::State;

/// A deployment to be created.
#[derive(Debug)]
pub struct NewDeployment {
    pub sha: String,
    pub git_ref: String,
    pub task: String,
    pub payload: Value,
    pub environment: String,
    pub description: Option<String>,
    pub transient: bool,
    pub production: bool,
}

/// What is to be said of a deployment.
#[derive(Debug, Default)]
pub struct NewDeploymentStatus {
    pub state: String,
    pub description: String,
    pub log_url: String,
    pub environment_url: String,
    /// The environment that it turned out to be, if another.
    pub environment: Option<String>,
    /// Whether success makes earlier deployments inactive.
    pub auto_inactive: bool,
}

impl State {
    /// Creates a deployment, and its environment where that is new.
    pub fn create_deployment(
        &mut self,
        repository: i64,
        actor: &Actor,
        new: NewDeployment,
    ) -> Result<i64, SimulatorError> {
        self.add_account(&actor.login, AccountKind::User);
        let (id, now) = (self.fresh_id(), self.now());
        self.note_environment(repository, &new.environment)?;
        let deployment = Deployment {
            id,
            sha: new.sha,
            git_ref: new.git_ref,
            task: new.task,
            payload: new.payload,
            original_environment: new.environment.clone(),
            environment: new.environment,
            description: new.description,
            transient: new.transient,
            production: new.production,
            creator: actor.login.clone(),
            via_app: actor.via_app,
            created_at: now,
            updated_at: now,
            statuses: Vec::new(),
        };
        let home = self.repository(repository)?;
        let view = self.views().deployment(home, &deployment);
        let fields = json!({"deployment": view, "workflow": null, "workflow_run": null});
        self.repository_mut(repository)?.shipping.deployments.push(deployment);
        self.tell(repository, Happening { event: "deployment", action: Some("created"), fields, actor })?;
        Ok(id)
    }

    fn note_environment(&mut self, repository: i64, name: &str) -> Done {
        let (id, now) = (self.fresh_id(), self.now());
        let known = &mut self.repository_mut(repository)?.shipping.environments;
        known.entry(name.to_owned()).or_insert((id, now));
        Ok(())
    }

    /// Says something of a deployment. Its success makes all prior successful deployments of the environment inactive,
    /// except transient ones and those of production.
    ///
    /// <https://docs.github.com/en/rest/deployments/statuses#create-a-deployment-status>,
    /// <https://docs.github.com/en/rest/deployments/deployments#inactive-deployments>
    pub fn report_deployment(
        &mut self,
        (repository, id): (i64, i64),
        actor: &Actor,
        new: NewDeploymentStatus,
    ) -> Result<i64, SimulatorError> {
        let success = new.state == "success" && new.auto_inactive;
        let status = self.add_deployment_status((repository, id), actor, new)?;
        let shipping = &self.repository(repository)?.shipping;
        let environment = shipping.deployment(id).map(|own| own.environment.clone()).unwrap_or_default();
        let prior = shipping.deployments.iter().filter(|other| {
            other.id < id
                && other.environment == environment
                && !other.transient
                && !other.production
                && other.state() == Some("success")
        });
        let prior: Vec<i64> = prior.filter(|_| success).map(|other| other.id).collect();
        for other in prior {
            let inactive = NewDeploymentStatus { state: "inactive".to_owned(), ..NewDeploymentStatus::default() };
            self.add_deployment_status((repository, other), actor, inactive)?;
        }
        Ok(status)
    }

    fn add_deployment_status(
        &mut self,
        (repository, id): (i64, i64),
        actor: &Actor,
        new: NewDeploymentStatus,
    ) -> Result<i64, SimulatorError> {
        let (status, now) = (self.fresh_id(), self.now());
        if let Some(environment) = &new.environment {
            self.note_environment(repository, environment)?;
        }
        let unknown = || SimulatorError::UnknownDeployment(id);
        let deployment = self.repository_mut(repository)?.shipping.deployment_mut(id).ok_or_else(unknown)?;
        let environment = new.environment.unwrap_or_else(|| deployment.environment.clone());
        deployment.environment.clone_from(&environment);
        deployment.updated_at = now;
        let said = DeploymentStatus {
            id: status,
            state: new.state,
            description: new.description,
            log_url: new.log_url,
            environment_url: new.environment_url,
            environment,
            creator: actor.login.clone(),
            via_app: actor.via_app,
            created_at: now,
        };
        deployment.statuses.push(said.clone());
        // Nobody is told of what becomes inactive:
        // https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#deployment_status
        if said.state == "inactive" {
            return Ok(status);
        }
        let home = self.repository(repository)?;
        let deployment = home.shipping.deployment(id).ok_or_else(unknown)?;
        let fields = json!({
            "deployment_status": self.views().deployment_status(home, id, &said),
            "deployment": self.views().deployment(home, deployment),
            "check_run": null,
            "workflow": null,
            "workflow_run": null,
        });
        self.tell(repository, Happening { event: "deployment_status", action: Some("created"), fields, actor })?;
        Ok(status)
    }
}
