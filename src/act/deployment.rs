//! GitHub Deployments: created once, spoken of once, and retired when another runs in their place.

use serde_json::{Value, json};

use super::outcome::will_not_pass;
use super::{Deed, performed};
use crate::github::{Github, GithubError, InstallationClient, NewDeployment, NewDeploymentStatus};
use crate::model::{
    DeploymentId, DeploymentOrder, DeploymentState, EnvironmentName, EnvironmentReport, Fact, Outcome, Repository,
};

/// The part of a payload that is ours.
const OURS: &str = "stationmaster";

/// What is said of a deployment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said<'a> {
    pub(super) state: DeploymentState,
    pub(super) description: &'a str,
    pub(super) log_url: &'a Option<String>,
    pub(super) environment_url: &'a Option<String>,
}

/// Creates a deployment and says that it waits. What an earlier attempt created is found by its payload.
pub(super) async fn create(github: &Github, deed: &Deed<'_>, order: &DeploymentOrder) -> Result<Outcome, GithubError> {
    let client = github.installation(order.repository.installation);
    let number = order.number;
    match find_or_create(&client, deed, order).await {
        Ok((id, found)) => {
            say_queued(&client, order, (id, found)).await?;
            let word = if found { "found" } else { "created" };
            Ok(reported(format!("{word} deployment {id}"), EnvironmentReport::Created { number, id }))
        }
        Err(error) if will_not_pass(&error) => {
            let why = format!("GitHub refuses the deployment to {}: {error}", order.environment);
            Ok(reported(format!("not done: {why}"), EnvironmentReport::NotCreated { number, why }))
        }
        Err(error) => Err(error),
    }
}

/// The deployment, and whether it was there already.
async fn find_or_create(
    client: &InstallationClient,
    deed: &Deed<'_>,
    order: &DeploymentOrder,
) -> Result<(DeploymentId, bool), GithubError> {
    let (name, environment) = (&order.repository.name, &order.environment);
    let payload = json!({ OURS: { "environment": environment, "number": order.number } });
    if !deed.fresh {
        let there = client.deployments(name, environment, Some(&order.version.sha)).await?;
        let ours = there.into_iter().find(|seen| seen.payload.get(OURS) == payload.get(OURS));
        if let Some(seen) = ours {
            return Ok((seen.id, true));
        }
    }
    let new = new_deployment(order, payload);
    Ok((client.create_deployment(name, &new).await?.id, false))
}

fn new_deployment(order: &DeploymentOrder, payload: Value) -> NewDeployment {
    NewDeployment {
        sha: order.version.sha.clone(),
        environment: order.environment.clone(),
        payload,
        description: order.description.clone(),
        production: order.production,
        transient: false,
    }
}

/// The first word about a deployment; where GitHub does not take it, the deployment is there all the same.
async fn say_queued(
    client: &InstallationClient,
    order: &DeploymentOrder,
    (id, found): (DeploymentId, bool),
) -> Result<(), GithubError> {
    let name = &order.repository.name;
    let said = NewDeploymentStatus {
        state: DeploymentState::Queued,
        description: order.description.clone(),
        log_url: None,
        environment_url: None,
    };
    let spoken = found && !client.deployment_statuses(name, id).await?.is_empty();
    if spoken {
        return Ok(());
    }
    match client.create_deployment_status(name, id, &said).await {
        Err(error) if will_not_pass(&error) => {
            tracing::warn!(repository = %name, deployment = %id, %error, "a deployment could not be marked as queued");
            Ok(())
        }
        other => other,
    }
}

/// Says how far a deployment has come, unless that is what we said last.
pub(super) async fn set_status(
    github: &Github,
    (repository, deployment): (&Repository, DeploymentId),
    deed: &Deed<'_>,
    said: Said<'_>,
) -> Result<Outcome, GithubError> {
    let client = github.installation(repository.installation);
    let new = NewDeploymentStatus {
        state: said.state,
        description: said.description.to_owned(),
        log_url: said.log_url.clone(),
        environment_url: said.environment_url.clone(),
    };
    if !deed.fresh {
        let own = github.own_login().await?;
        let statuses = client.deployment_statuses(&repository.name, deployment).await?;
        let ours = statuses.iter().rev().find(|status| status.creator.is(&own));
        if ours.is_some_and(|status| status.state == new.state && status.description == new.described()) {
            return Ok(performed(format!("deployment {deployment} was {} already", said.state.as_str())));
        }
    }
    client.create_deployment_status(&repository.name, deployment, &new).await?;
    Ok(performed(format!("deployment {deployment} is {}", said.state.as_str())))
}

/// Marks what ran before as inactive, as far as it is among the newest deployments of the environment. One that is
/// newer than the one that stays is left alone: this may be a late attempt.
pub(super) async fn retire(
    github: &Github,
    repository: &Repository,
    (environment, keep): (&EnvironmentName, DeploymentId),
) -> Result<Outcome, GithubError> {
    let (client, name) = (github.installation(repository.installation), &repository.name);
    let inactive = NewDeploymentStatus {
        state: DeploymentState::Inactive,
        description: "Another version runs in its place".to_owned(),
        log_url: None,
        environment_url: None,
    };
    let mut retired = 0;
    for older in client.deployments(name, environment, None).await?.into_iter().filter(|seen| seen.id < keep) {
        let newest = client.deployment_statuses(name, older.id).await?.pop();
        if newest.is_some_and(|status| status.state == DeploymentState::Success) {
            client.create_deployment_status(name, older.id, &inactive).await?;
            retired += 1;
        }
    }
    Ok(performed(format!("{retired} older deployments to {environment} are inactive")))
}

fn reported(note: String, report: EnvironmentReport) -> Outcome {
    Outcome::Performed { note, learned: Some(Fact::Environment { report }) }
}
