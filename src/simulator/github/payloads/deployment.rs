//! Deployments, what is said of them, and environments.

use serde_json::{Value, json};

use super::{Views, node_id};
use crate::model::Timestamp;
use crate::simulator::github::entities::Repository;
use crate::simulator::github::shipping::{Deployment, DeploymentStatus};

impl Views<'_> {
    /// GitHub's `deployment`.
    pub fn deployment(self, repository: &Repository, deployment: &Deployment) -> Value {
        let api = self.repository_url(repository);
        let url = format!("{api}/deployments/{}", deployment.id);
        json!({
            "url": url,
            "id": deployment.id,
            "node_id": node_id("DE_", deployment.id),
            "task": deployment.task,
            "original_environment": deployment.original_environment,
            "environment": deployment.environment,
            "description": deployment.description,
            "created_at": deployment.created_at.to_rfc3339(),
            "updated_at": deployment.updated_at.to_rfc3339(),
            "statuses_url": format!("{url}/statuses"),
            "repository_url": api,
            "creator": self.user(&deployment.creator),
            "sha": deployment.sha,
            "ref": deployment.git_ref,
            "payload": deployment.payload,
            "transient_environment": deployment.transient,
            "production_environment": deployment.production,
            "performed_via_github_app": self.via_app(deployment.via_app),
        })
    }

    /// GitHub's `deployment-status`.
    pub fn deployment_status(self, repository: &Repository, of: i64, status: &DeploymentStatus) -> Value {
        let api = self.repository_url(repository);
        let deployment = format!("{api}/deployments/{of}");
        json!({
            "url": format!("{deployment}/statuses/{}", status.id),
            "id": status.id,
            "node_id": node_id("DES_", status.id),
            "state": status.state,
            "creator": self.user(&status.creator),
            "description": status.description,
            "environment": status.environment,
            "target_url": status.log_url,
            "created_at": status.created_at.to_rfc3339(),
            "updated_at": status.created_at.to_rfc3339(),
            "deployment_url": deployment,
            "repository_url": api,
            "environment_url": status.environment_url,
            "log_url": status.log_url,
            "performed_via_github_app": self.via_app(status.via_app),
        })
    }

    /// GitHub's `environment`, without any protection.
    pub fn environment(self, repository: &Repository, name: &str, (id, since): (i64, Timestamp)) -> Value {
        let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
        json!({
            "id": id,
            "node_id": node_id("EN_", id),
            "name": name,
            "url": format!("{}/environments/{encoded}", self.repository_url(repository)),
            "html_url": format!("{}/deployments/activity_log?environments_filter={encoded}", self.page_url(repository)),
            "created_at": since.to_rfc3339(),
            "updated_at": since.to_rfc3339(),
            "protection_rules": [],
            "deployment_branch_policy": null,
        })
    }
}
