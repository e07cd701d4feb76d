//! Whether every setting is read, and whether all are there that a server needs.

use super::report::Finding;
use crate::config::{Config, ConfigFaults};

const WHAT: &str = "configuration";

/// A line for each fault.
pub(super) fn check(read: Result<&Config, &ConfigFaults>) -> Vec<Finding> {
    let faulty = |faults: &ConfigFaults, fix: &str| -> Vec<Finding> {
        faults.0.iter().map(|fault| Finding::fail(WHAT, fault.to_string(), fix)).collect()
    };
    let settings = match read {
        Ok(settings) => settings,
        Err(faults) => return faulty(faults, "change this setting, then start the server again"),
    };
    if settings.has_no_app() {
        let found = "no App is set: GITHUB_APP_ID, its key and its webhook secret are missing";
        return vec![Finding::fail(
            WHAT,
            found,
            "register one with `stationmaster setup`, or start the server and open /setup",
        )];
    }
    let fix = "set it as `stationmaster setup` would, in the environment or in .env";
    let mut found = settings.github().err().map(|faults| faulty(&faults, fix)).unwrap_or_default();
    found.extend(settings.webhook_secrets().err().map(|fault| Finding::fail(WHAT, fault.to_string(), fix)));
    if found.is_empty() {
        found.push(Finding::ok(WHAT, "every setting that a server needs is there"));
    }
    found
}
