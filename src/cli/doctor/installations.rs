//! Whether the App is installed, awake, and granted what it asks for.

use super::app::missing;
use super::report::{Finding, listed};
use crate::app::{Github, Installation, Manifest};

const WHAT: &str = "installations";

/// A line for each installation, and those that can be worked in.
pub(super) async fn check(github: &Github) -> (Vec<Finding>, Vec<Installation>) {
    let installations = match github.app().installations().await {
        Ok(installations) => installations,
        Err(error) => return (vec![Finding::of_github(WHAT, &error, "see what the line of the App says")], Vec::new()),
    };
    if installations.is_empty() {
        let found = "it is installed nowhere, so nothing can happen";
        let fix = "open the App's page on GitHub, press Install, and choose repositories";
        return (vec![Finding::warn(WHAT, found, fix)], Vec::new());
    }
    let manifest = Manifest::shipped().ok();
    let found = installations.iter().map(|installation| look(installation, manifest.as_ref())).collect();
    (found, installations.into_iter().filter(|installation| !installation.suspended).collect())
}

fn look(installation: &Installation, manifest: Option<&Manifest>) -> Finding {
    let account = installation.account.as_ref().map_or("an enterprise", |login| login.as_str());
    let settings = installation.settings_url.as_deref().unwrap_or("the settings of the installation");
    if installation.suspended {
        return Finding::warn(WHAT, format!("that of {account} is suspended"), format!("wake it up at {settings}"));
    }
    let lacks = manifest.map(|manifest| missing(&manifest.permissions, &installation.permissions)).unwrap_or_default();
    if !lacks.is_empty() {
        let found = format!("that of {account} has not granted {}", listed(lacks));
        return Finding::fail(WHAT, found, format!("have its owner review and accept the request at {settings}"));
    }
    let deaf: Vec<_> = manifest
        .map(|manifest| manifest.events.iter().filter(|event| !installation.events.contains(event)).cloned().collect())
        .unwrap_or_default();
    if !deaf.is_empty() {
        let found = format!("that of {account} does not send {}", listed(deaf));
        return Finding::fail(WHAT, found, format!("have its owner review and accept the request at {settings}"));
    }
    Finding::ok(WHAT, format!("that of {account} is awake and grants what is used"))
}
