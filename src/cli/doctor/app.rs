//! Whether GitHub knows the App, and whether it asks for what is used.

use std::collections::BTreeMap;

use super::Look;
use super::report::{Finding, listed};
use crate::app::{AppInfo, GithubError, Manifest};

const CREDENTIALS: &str = "App";
const PERMISSIONS: &str = "App permissions";
const EVENTS: &str = "App events";

/// Lines for the credentials, the permissions and the events.
pub(super) async fn check(look: &Look) -> Vec<Finding> {
    let Some(github) = &look.github else {
        let fix = "set GITHUB_APP_ID and its key";
        return vec![Finding::fail(CREDENTIALS, "its credentials are not complete", fix).bad_credential()];
    };
    let app = match github.app().app().await {
        Ok(app) => app,
        Err(error) => return vec![refused(&error).bad_credential()],
    };
    let mut found = vec![client(look, &app)];
    match Manifest::shipped() {
        Ok(manifest) => {
            found.extend(permissions(&app, &manifest));
            found.extend(events(&app, &manifest));
        }
        Err(error) => found.push(Finding::fail(PERMISSIONS, error.to_string(), "build the program anew")),
    }
    found
}

fn refused(error: &GithubError) -> Finding {
    let fix = if matches!(error, GithubError::NotFound { .. }) {
        "set GITHUB_APP_ID to the id on the App's page, and the key to one of this App"
    } else {
        "make a new private key on the App's page and set GITHUB_APP_PRIVATE_KEY_PATH to it; see the clock, too"
    };
    Finding::of_github(CREDENTIALS, error, fix)
}

/// Id and key are right; of the client id GitHub tells, of its secret it does not.
fn client(look: &Look, app: &AppInfo) -> Finding {
    let set = look.config.sign_in.as_ref().map(|sign_in| sign_in.client_id.as_str());
    match (set, app.client_id.as_deref()) {
        (Some(set), Some(theirs)) if set != theirs => Finding::fail(
            CREDENTIALS,
            format!("GITHUB_APP_CLIENT_ID is of another App; that of {} is {theirs}", app.name),
            "set it, and GITHUB_APP_CLIENT_SECRET, from the App's page",
        ),
        _ => Finding::ok(CREDENTIALS, format!("GitHub knows {} ({})", app.name, app.html_url)),
    }
}

/// How much an access allows.
fn rank(access: Option<&String>) -> u8 {
    match access.map(String::as_str) {
        None => 0,
        Some("read") => 1,
        Some("write") => 2,
        Some(_) => 3,
    }
}

/// The permissions that are less than needed, as `name: access`.
pub(super) fn missing(needed: &BTreeMap<String, String>, granted: &BTreeMap<String, String>) -> Vec<String> {
    let lacks = |(name, access): &(&String, &String)| rank(granted.get(*name)) < rank(Some(*access));
    needed.iter().filter(lacks).map(|(name, access)| format!("{name}: {access}")).collect()
}

fn permissions(app: &AppInfo, manifest: &Manifest) -> Vec<Finding> {
    let settings = format!("{}, App settings, Permissions & events", app.html_url);
    let mut found = Vec::new();
    let missing = missing(&manifest.permissions, &app.permissions);
    if !missing.is_empty() {
        let fix = format!("grant them ({settings}); then each owner accepts them");
        found.push(Finding::fail(PERMISSIONS, format!("it lacks {}", listed(missing)), fix));
    }
    let is_more = |(name, access): &(&String, &String)| rank(Some(*access)) > rank(manifest.permissions.get(*name));
    let more: Vec<_> =
        app.permissions.iter().filter(is_more).map(|(name, access)| format!("{name}: {access}")).collect();
    if !more.is_empty() {
        let fix = format!("take them away ({settings})");
        found.push(Finding::warn(PERMISSIONS, format!("it asks for more than is used: {}", listed(more)), fix));
    }
    if found.is_empty() {
        found.push(Finding::ok(PERMISSIONS, "it asks for exactly what is used"));
    }
    found
}

fn events(app: &AppInfo, manifest: &Manifest) -> Vec<Finding> {
    let settings = format!("{}, App settings, Permissions & events", app.html_url);
    let missing: Vec<_> = manifest.events.iter().filter(|event| !app.events.contains(event)).cloned().collect();
    let more: Vec<_> = app.events.iter().filter(|event| !manifest.events.contains(event)).cloned().collect();
    let mut found = Vec::new();
    if !missing.is_empty() {
        let fix = format!("subscribe to them ({settings})");
        found.push(Finding::fail(EVENTS, format!("it does not hear {}", listed(missing)), fix));
    }
    if !more.is_empty() {
        let fix = format!("unsubscribe from them ({settings})");
        found.push(Finding::warn(EVENTS, format!("it hears what is not used: {}", listed(more)), fix));
    }
    if found.is_empty() {
        found.push(Finding::ok(EVENTS, format!("it hears all {} that are used", manifest.events.len())));
    }
    found
}
