//! Whether GitHub sends webhooks to this server, and what became of the latest.

use std::collections::BTreeSet;

use super::report::Finding;
use crate::app::{Github, HookConfig, HookDelivery, webhook_url};
use crate::config::Config;

const SETTINGS: &str = "webhook";
const LOG: &str = "webhook deliveries";
const APP_PAGE: &str = "in the App's settings on GitHub";

/// Lines for the webhook's settings and for its log.
pub(super) async fn check(config: &Config, github: &Github) -> Vec<Finding> {
    let app = github.app();
    let mut found = match app.hook_config().await {
        Ok(Some(hook)) => settings(config, &hook),
        Ok(None) => vec![Finding::fail(SETTINGS, "it is not active", format!("switch it on {APP_PAGE}"))],
        Err(error) => vec![Finding::of_github(SETTINGS, &error, "see what the line of the App says")],
    };
    found.push(match app.hook_deliveries().await {
        Ok(deliveries) => log(&deliveries),
        Err(error) => Finding::of_github(LOG, &error, "see what the line of the App says"),
    });
    found
}

fn settings(config: &Config, hook: &HookConfig) -> Vec<Finding> {
    let mut found = Vec::new();
    let wanted = config.public_url.as_deref().map(webhook_url);
    let is_there = wanted.as_ref().map_or_else(|| hook.url.ends_with("/webhooks/github"), |wanted| *wanted == hook.url);
    if !is_there {
        let wanted = wanted.unwrap_or_else(|| "the address of this server with /webhooks/github at its end".to_owned());
        let fix = format!("set its URL to {wanted} {APP_PAGE}, or PUBLIC_URL to where it leads");
        found.push(Finding::fail(SETTINGS, format!("GitHub sends it to {}, which is not this server", hook.url), fix));
    }
    if hook.content_type != "json" {
        let fix = format!("set its content type to application/json {APP_PAGE}");
        found.push(Finding::fail(SETTINGS, "its content type is a form, which this server refuses", fix));
    }
    if hook.secret.as_deref().is_none_or(str::is_empty) {
        let fix = format!("set its secret to GITHUB_WEBHOOK_SECRET {APP_PAGE}");
        found.push(Finding::fail(SETTINGS, "it has no secret, so this server refuses all of them", fix));
    }
    if hook.is_insecure() {
        let fix = format!("enable SSL verification {APP_PAGE}");
        found.push(Finding::warn(SETTINGS, "GitHub sends it without verifying whose certificate answers", fix));
    }
    if found.is_empty() {
        found.push(Finding::ok(SETTINGS, format!("GitHub sends it, signed, to {}", hook.url)));
    }
    found
}

fn log(deliveries: &[HookDelivery]) -> Finding {
    let Some(newest) = deliveries.first() else {
        return Finding::warn(
            LOG,
            "GitHub has sent none yet",
            "open an issue in an installed repository, and look again",
        );
    };
    // An attempt that failed is no loss where a later one of the same delivery arrived.
    let came: BTreeSet<&str> =
        deliveries.iter().filter(|delivery| delivery.arrived()).map(|delivery| delivery.guid.as_str()).collect();
    let failed: BTreeSet<&str> =
        deliveries.iter().map(|delivery| delivery.guid.as_str()).filter(|guid| !came.contains(guid)).collect();
    let failed = failed.len();
    if newest.arrived() {
        return if failed == 0 {
            Finding::ok(LOG, format!("the latest {} arrived, the newest at {}", deliveries.len(), newest.delivered_at))
        } else {
            let found = format!("the newest arrived, and {failed} of the latest {} did not", deliveries.len());
            Finding::warn(LOG, found, "nothing while the server runs, which asks for them again")
        };
    }
    let (why, fix) = match newest.status_code {
        401 | 403 => (
            "this server does not know its signature".to_owned(),
            "set GITHUB_WEBHOOK_SECRET to the webhook's secret, or the webhook's secret to it",
        ),
        404 | 405 => (
            "there is no Stationmaster at its address".to_owned(),
            "have the address lead to this server, its path unchanged",
        ),
        0 | 502..=504 => (
            format!("GitHub could not reach the server ({})", newest.status),
            "see whether the server runs and the address is reached from the internet, through firewall and proxy",
        ),
        code => (format!("it was answered with {code}"), "see the server's log of that moment"),
    };
    let found = format!("the newest ({}, {}) failed: {why}", newest.event, newest.delivered_at);
    Finding::fail(LOG, found, fix)
}
