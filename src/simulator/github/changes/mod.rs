//! What can happen on GitHub: each change alters the state and tells the webhooks, whoever made it.

mod branches;
mod checks;
mod comments;
mod deployments;
mod forks;
mod issues;
mod labels;
mod links;
mod merges;
mod pulls;
mod reactions;
mod releases;
mod repositories;
mod reruns;
mod reviews;
mod runs;
mod statuses;
mod tags;

use serde_json::{Value, json};

use super::entities::{Actor, HistoryEntry};
use super::error::SimulatorError;
use super::payloads::{Views, installation_lite};
use super::state::State;

pub use checks::{CheckChange, NewCheck};
pub use deployments::{NewDeployment, NewDeploymentStatus};
pub use issues::{IssueEdit, NewIssue};
pub use labels::NewLabel;
pub use merges::{MergeRequest, Merging, fixes};
pub use pulls::NewPull;
pub use reactions::Reacted;
pub use releases::{MakeLatest, ReleaseText};
pub use reviews::NewReview;
pub use runs::NewRun;
pub use statuses::NewStatus;

type Done = Result<(), SimulatorError>;

/// A webhook about a repository, before the fields that all of them share.
pub struct Happening<'a> {
    pub event: &'static str,
    pub action: Option<&'static str>,
    pub fields: Value,
    pub actor: &'a Actor,
}

impl State {
    pub const fn views(&self) -> Views<'_> {
        Views { state: self }
    }

    /// Queues a webhook about a repository for its installation, if that is there and awake.
    pub fn tell(&mut self, repository: i64, happening: Happening<'_>) -> Done {
        let home = self.repository(repository)?;
        let installation = self.installation_of(&home.owner).filter(|it| home.installed && it.suspended.is_none());
        let Some(installation) = installation.map(|it| it.id) else { return Ok(()) };
        let views = self.views();
        let mut payload = happening.fields;
        if payload.get("repository").is_none() {
            payload["repository"] = views.told_repository(home);
        }
        if let Some(organization) = views.organization(&home.owner) {
            payload["organization"] = organization;
        }
        payload["installation"] = installation_lite(installation);
        self.queue(Some(repository), installation, Happening { fields: payload, ..happening });
        Ok(())
    }

    /// Queues a webhook whose installation is known, adding `action` and `sender`.
    pub fn queue(&mut self, repository: Option<i64>, installation: i64, happening: Happening<'_>) {
        let mut payload = happening.fields;
        if let Some(action) = happening.action {
            payload["action"] = action.into();
        }
        payload["sender"] = self.views().user(&happening.actor.login);
        if let Some(witness) = &self.witness {
            witness.webhook(happening.event, &payload);
        }
        let id = self.fresh_id();
        self.webhooks.push(super::webhooks::Webhook {
            id,
            guid: super::webhooks::new_guid(),
            event: happening.event.to_owned(),
            action: happening.action.map(str::to_owned),
            installation,
            repository,
            payload: payload.to_string(),
            redelivery: false,
        });
    }

    /// Tells of an issue, or of a pull request when the number is one's; `fields` are what this action adds.
    pub fn tell_issue(
        &mut self,
        (repository, number): (i64, i64),
        action: &'static str,
        mut fields: Value,
        actor: &Actor,
    ) -> Done {
        let (home, issue) = (self.repository(repository)?, self.issue(repository, number)?);
        let event = if let Some(pull) = &issue.pull {
            fields["number"] = number.into();
            fields["pull_request"] = self.views().pull(home, issue, pull);
            "pull_request"
        } else {
            fields["issue"] = self.views().told_issue(home, issue);
            "issues"
        };
        self.tell(repository, Happening { event, action: Some(action), fields, actor })
    }

    /// Notes a line in an issue's history and marks the issue as updated.
    pub fn note(
        &mut self,
        (repository, number): (i64, i64),
        event: &'static str,
        details: Value,
        actor: &Actor,
    ) -> Done {
        let (id, at) = (self.fresh_id(), self.now());
        let issue = self.issue_mut(repository, number)?;
        issue.history.push(HistoryEntry { id, event, actor: actor.login.clone(), at, details });
        issue.updated_at = at;
        Ok(())
    }
}

/// The `changes` object of an edit: what each changed field was before.
fn from(field: &str, before: &Value) -> Value {
    json!({field: {"from": before}})
}
