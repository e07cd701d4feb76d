//! What a clock that was set back would have wait for hours: put where it would stand by the new clock.

use super::durable::Durable as _;
use super::{Store, StoreError};
use crate::model::Timestamp;

/// Clocks of servers that share a database differ by less.
const APART_MS: i64 = 60_000;
/// The turn that is taken most often by whichever server runs, in which the clock has left its trace.
const FREQUENT_TURN: &str = "turn/watchdog";

/// How far the clock was set back, and how long claims last.
#[derive(Debug, Clone, Copy)]
pub struct SetBack {
    /// By so many milliseconds.
    pub by_ms: i64,
    /// The longest time for which a server claims a subject or an action, in milliseconds.
    pub lease_ms: i64,
    /// The longest time for which a worker claims a task without a heartbeat, in milliseconds.
    pub task_lease_ms: i64,
}

impl Store {
    /// Has new rows come after those that are there, whatever the clock says: ids tell the order of a lane.
    pub(super) async fn follow_on(&self) -> Result<(), StoreError> {
        let newest: Option<i64> = sqlx::query_scalar(
            "SELECT MAX(id) FROM (SELECT MAX(id) AS id FROM outbox UNION ALL SELECT MAX(id) FROM audit \
               UNION ALL SELECT MAX(id) FROM deliveries WHERE state = 'new' \
               UNION ALL SELECT MAX(id) FROM deliveries WHERE state = 'marked') AS newest",
        )
        .fetch_one(self.database.reader())
        .await?;
        self.order.follow(newest.unwrap_or_default());
        Ok(())
    }

    /// The last time at which some server of this database is known to have run.
    pub async fn last_run(&self) -> Result<Option<Timestamp>, StoreError> {
        let seen: Option<i64> = sqlx::query_scalar("SELECT updated_ms FROM facts WHERE name = $1")
            .bind(FREQUENT_TURN)
            .fetch_optional(self.database.reader())
            .await?;
        // Another server's clock may be a little ahead of this one.
        Ok(seen.map(|seen| Timestamp(seen).plus_ms(-APART_MS)))
    }

    /// Puts everything that waits for a time, in one transaction, where it would stand had the clock been right
    /// before; nothing waits longer than it would have, and what is looked at too early is looked at again. Claims that
    /// are held stay held.
    pub async fn set_back(&self, jump: SetBack) -> Result<(), StoreError> {
        let now = self.clock.now().ms();
        let mut transaction = self.database.begin().await?;
        let earlier = |column: &str| format!("CASE WHEN {column} - $1 > $2 THEN {column} - $1 ELSE $2 END");
        let waits = [
            format!("UPDATE subjects SET due_ms = {} WHERE due_ms > $2", earlier("due_ms")),
            format!("UPDATE subjects SET first_mark_ms = {} WHERE first_mark_ms > $2", earlier("first_mark_ms")),
            format!("UPDATE outbox SET due_ms = {} WHERE state = 'pending' AND due_ms > $2", earlier("due_ms")),
            // A sweep must not pass over what changed before it by GitHub's clock, so it is as early as it can be.
            "UPDATE repositories SET swept_ms = CASE WHEN swept_ms > $1 THEN swept_ms - $1 ELSE 0 END WHERE swept_ms > $2"
                .to_owned(),
        ];
        for sql in waits {
            let statement = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(jump.by_ms).bind(now);
            statement.execute(&mut *transaction).await?;
        }
        let ends = [
            ("UPDATE subjects SET lease_until_ms = $1 WHERE lease_until_ms > $1", jump.lease_ms),
            ("UPDATE outbox SET lease_until_ms = $1 WHERE state = 'running' AND lease_until_ms > $1", jump.lease_ms),
            (
                "UPDATE tasks SET lease_until_ms = $1 WHERE lease_id IS NOT NULL AND lease_until_ms > $1",
                jump.task_lease_ms,
            ),
            ("UPDATE workers SET heartbeat_ms = $1 WHERE heartbeat_ms > $1", 0),
        ];
        for (sql, from_now_ms) in ends {
            sqlx::query(sql).bind(now + from_now_ms).execute(&mut *transaction).await?;
        }
        // What sweeps have used of a limit, and how far GitHub's log was read, is found out anew.
        let begin_anew = [
            "DELETE FROM facts WHERE updated_ms > $1 AND (name LIKE 'sweep/%' OR name = 'missed')",
            "UPDATE sweeps SET looked_ms = 0 WHERE looked_ms > $1",
            "UPDATE missed_deliveries SET asked_ms = $1 WHERE asked_ms > $1",
        ];
        for sql in begin_anew {
            sqlx::query(sql).bind(now).execute(&mut *transaction).await?;
        }
        transaction.commit().durably("bear_jump").await?;
        Ok(())
    }
}
