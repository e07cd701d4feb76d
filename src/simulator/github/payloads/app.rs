//! The App, its installations and their tokens.

use serde_json::{Value, json};

use super::{Views, node_id};
use crate::simulator::github::entities::AccountKind;
use crate::simulator::github::installations::{Installation, Permissions, Token};

fn permissions(granted: &Permissions) -> Value {
    granted.iter().map(|(name, access)| (name.clone(), Value::from(access.word()))).collect()
}

impl Views<'_> {
    /// GitHub's `integration`, also shown as `performed_via_github_app`.
    pub fn app(self) -> Value {
        let (app, base) = (&self.state.app, &self.state.base);
        json!({
            "id": app.id,
            "slug": app.slug,
            "client_id": app.client_id,
            "node_id": node_id("A_", app.id),
            "owner": self.user(&app.owner),
            "name": app.name,
            "description": "Routes issues to workers.",
            "external_url": "https://example.com/stationmaster",
            "html_url": format!("{base}/apps/{}", app.slug),
            "created_at": app.created_at.to_rfc3339(),
            "updated_at": app.created_at.to_rfc3339(),
            "permissions": permissions(&app.permissions),
            "events": app.events,
            "installations_count": self.state.installations.len(),
        })
    }

    /// The App where it wrote something, else `null`.
    pub fn via_app(self, via_app: bool) -> Value {
        if via_app {
            let mut app = self.app();
            if let Some(fields) = app.as_object_mut() {
                fields.remove("installations_count");
            }
            app
        } else {
            Value::Null
        }
    }

    pub fn installation(self, installation: &Installation) -> Value {
        let base = &self.state.base;
        let account = self.state.account(&installation.account);
        let organization = account.is_some_and(|account| account.kind == AccountKind::Organization);
        let settings = if organization {
            format!("{base}/organizations/{}/settings/installations/{}", installation.account, installation.id)
        } else {
            format!("{base}/settings/installations/{}", installation.id)
        };
        let suspended = installation.suspended.as_ref();
        json!({
            "id": installation.id,
            "account": self.user(&installation.account),
            "repository_selection": "selected",
            "access_tokens_url": format!("{base}/app/installations/{}/access_tokens", installation.id),
            "repositories_url": format!("{base}/installation/repositories"),
            "html_url": settings,
            "app_id": self.state.app.id,
            "client_id": self.state.app.client_id,
            "app_slug": self.state.app.slug,
            "target_id": account.map(|account| account.id),
            "target_type": if organization { "Organization" } else { "User" },
            "permissions": permissions(&installation.permissions),
            "events": self.state.app.events,
            "created_at": installation.created_at.to_rfc3339(),
            "updated_at": installation.updated_at.to_rfc3339(),
            "single_file_name": null,
            "has_multiple_single_files": false,
            "single_file_paths": [],
            "suspended_by": suspended.map_or(Value::Null, |by| self.user(&by.by)),
            "suspended_at": suspended.map(|at| at.at.to_rfc3339()),
        })
    }

    pub fn token(self, secret: &str, token: &Token) -> Value {
        let mut view = json!({
            "token": secret,
            "expires_at": token.expires_at.to_rfc3339(),
            "permissions": permissions(&token.permissions),
            "repository_selection": "selected",
        });
        if let Some(only) = &token.repositories {
            let known = only.iter().filter_map(|id| self.state.repositories.get(id));
            view["repositories"] = known.map(|repository| self.repository(repository)).collect();
        }
        view
    }
}

/// The short form of an installation that most webhooks carry.
pub fn installation_lite(id: i64) -> Value {
    json!({"id": id, "node_id": node_id("IN_", id)})
}
