//! Whether deliveries or actions were given up.

use super::Look;
use super::report::Finding;
use crate::app::open_store;
use crate::model::DeliveryState;
use crate::store::OutboxState;

const INBOX: &str = "inbox";
const OUTBOX: &str = "outbox";

/// A line for each of the two; looked at only where the database is as this program wants it.
pub(super) async fn check(look: &Look, is_current: bool) -> Vec<Finding> {
    let unseen = |why: &str| {
        let fix = "put the database right and look again";
        vec![Finding::unseen(INBOX, why, fix), Finding::unseen(OUTBOX, why, fix)]
    };
    let seen = crate::store::inspect(look.config.database_url.expose()).await;
    match seen {
        // Opening the store would make or change it, which is for the server to do.
        Ok(seen) if !seen.exists || seen.pending > 0 => {
            return vec![
                Finding::ok(INBOX, "nothing has come in yet"),
                Finding::ok(OUTBOX, "nothing has gone out yet"),
            ];
        }
        Ok(_) if is_current => {}
        Ok(_) | Err(_) => return unseen("it is not looked at, as the database is not well"),
    }
    let Ok(store) = open_store(&look.config, &look.clock).await else {
        return unseen("it cannot be looked at");
    };
    let counts = (store.delivery_counts().await, store.action_counts().await);
    store.database().close().await;
    let (Ok(deliveries), Ok(actions)) = counts else { return unseen("it cannot be read") };
    let of =
        |counts: &[(String, i64)], state: &str| counts.iter().find(|(name, _)| name == state).map_or(0, |row| row.1);
    vec![
        finding(INBOX, "delivery", of(&deliveries, DeliveryState::Dead.as_str())),
        finding(OUTBOX, "action", of(&actions, OutboxState::Dead.as_str())),
    ]
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
