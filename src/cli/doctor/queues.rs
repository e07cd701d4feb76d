//! Whether deliveries or actions were given up, and whether webhooks did not come.

use super::Look;
use super::report::Finding;
use crate::app::open_store;
use crate::decide::missed::LOG_KEPT_MS;
use crate::model::DeliveryState;
use crate::store::OutboxState;

const INBOX: &str = "inbox";
const OUTBOX: &str = "outbox";
const MISSED: &str = "missed webhooks";

/// A line for each of the three; looked at only where the database is as this program wants it.
pub(super) async fn check(look: &Look, is_current: bool) -> Vec<Finding> {
    let unseen = |why: &str| {
        let fix = "put the database right and look again";
        [INBOX, OUTBOX, MISSED].map(|what| Finding::unseen(what, why, fix)).to_vec()
    };
    let seen = crate::store::inspect(look.config.database_url.expose()).await;
    match seen {
        // Opening the store would make or change it, which is for the server to do.
        Ok(seen) if !seen.exists || seen.pending > 0 => {
            return vec![
                Finding::ok(INBOX, "nothing has come in yet"),
                Finding::ok(OUTBOX, "nothing has gone out yet"),
                Finding::ok(MISSED, "no server has looked for any yet"),
            ];
        }
        Ok(_) if is_current => {}
        Ok(_) | Err(_) => return unseen("it is not looked at, as the database is not well"),
    }
    let Ok(store) = open_store(&look.config, &look.clock).await else {
        return unseen("it cannot be looked at");
    };
    let since = look.clock.now().plus_ms(-LOG_KEPT_MS);
    let counts = (store.delivery_counts().await, store.action_counts().await, store.missed_counts(since).await);
    store.database().close().await;
    let (Ok(deliveries), Ok(actions), Ok(webhooks)) = counts else { return unseen("it cannot be read") };
    let of =
        |counts: &[(String, i64)], state: &str| counts.iter().find(|(name, _)| name == state).map_or(0, |row| row.1);
    vec![
        finding(INBOX, "delivery", of(&deliveries, DeliveryState::Dead.as_str())),
        finding(OUTBOX, "action", of(&actions, OutboxState::Dead.as_str())),
        missed(of(&webhooks, "missing") + of(&webhooks, "asked"), of(&webhooks, "given_up"), of(&webhooks, "came")),
    ]
}

/// Webhooks of the last days that are not here yet, were given up, and came when they were asked for again.
fn missed(waiting: i64, given_up: i64, came: i64) -> Finding {
    let fix = "put right what the line `webhook deliveries` says; what changed meanwhile is found by the sweep";
    match (waiting, given_up) {
        (0, 0) if came == 0 => Finding::ok(MISSED, "none in the last three days"),
        (0, 0) => Finding::ok(MISSED, format!("{came} in the last three days, all of which came when asked for again")),
        (_, 0) => Finding::warn(MISSED, format!("{waiting} did not come; GitHub is asked to send them again"), fix),
        (_, _) => {
            let found = format!("{given_up} did not arrive in three attempts, {waiting} are still asked for");
            Finding::warn(MISSED, found, fix)
        }
    }
}

fn finding(what: &'static str, one: &str, dead: i64) -> Finding {
    let many = if one == "delivery" { "deliveries were" } else { "actions were" };
    match dead {
        0 => Finding::ok(what, format!("no {one} was given up")),
        count => {
            let found = format!("{count} {} given up", if count == 1 { format!("{one} was") } else { many.to_owned() });
            Finding::warn(
                what,
                found,
                format!("see `stationmaster {what} list --state dead`, put right what it says, and replay"),
            )
        }
    }
}
