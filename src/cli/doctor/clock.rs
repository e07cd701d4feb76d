//! Whether this machine's clock agrees with GitHub's.

use super::Look;
use super::report::Finding;
use crate::app::server_time;

const WHAT: &str = "clock";
/// A difference that somebody should look into, in seconds.
const WARN_S: i64 = 30;
/// With more, GitHub takes the App's token for one of the future.
const FAIL_S: i64 = 60;

/// GitHub's answers carry its time, in whole seconds.
pub(super) async fn check(look: &Look) -> Vec<Finding> {
    let fix = "have the machine's clock set over the network, such as by systemd-timesyncd or chrony";
    let theirs = match server_time(&look.http, &look.config.github_api_url).await {
        Ok(theirs) => theirs,
        Err(error) => return vec![Finding::of_github(WHAT, &error, fix)],
    };
    let ahead_s = look.clock.now().since_ms(theirs) / 1000;
    let side = if ahead_s < 0 { "behind" } else { "ahead of" };
    let found = format!("it is {} s {side} GitHub's", ahead_s.abs());
    vec![match ahead_s.abs() {
        0..=WARN_S => Finding::ok(WHAT, "it agrees with GitHub's"),
        seconds if seconds <= FAIL_S => Finding::warn(WHAT, found, fix),
        _ => Finding::fail(WHAT, format!("{found}, so that GitHub refuses the App's tokens"), fix),
    }]
}
