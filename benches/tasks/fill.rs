//! A store with 10,000 open tasks.

use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};

use super::TASKS;

/// A connection of our own, beside the store's.
pub async fn connect(address: &str) -> AnyConnection {
    let may_write = if address.starts_with("sqlite") { format!("{address}?mode=rw") } else { address.to_owned() };
    AnyConnection::connect(&may_write).await.expect("the database is there")
}

/// Fills a store with tasks that can be claimed, in four priorities, each with a handoff package of 1 KB, and with what
/// `beside` gives for each number.
pub async fn fill(address: &str, beside: impl Fn(i64) -> String) {
    let mut database = connect(address).await;
    let handoff = "x".repeat(1024);
    let mut transaction = database.begin().await.expect("it can be written");
    let known = "INSERT INTO repositories (id, name, installation_id) VALUES (7, 'octo/station', 1)";
    transaction.execute(known).await.expect("the row is good");
    for number in 1..=TASKS {
        let rank = number % 4 + 1;
        let task = format!(
            "INSERT INTO tasks (repository_id, number, title, state, task_type, role, priority, assignment, projected, \
               ours, assignees, policy_fingerprint, created_ms, updated_ms, claimable, priority_rank, handoff) \
             VALUES (7, {number}, 'Task {number}', 'ready', 'bug', 'dev', 'low', '{{\"reasons\":[],\"blockers\":[]}}', \
               '[]', '[]', '[]', 'f', {number}, {number}, 1, {rank}, '{handoff}')"
        );
        for sql in [task, beside(number)] {
            if !sql.is_empty() {
                transaction.execute(AssertSqlSafe(sql)).await.expect("the row is good");
            }
        }
    }
    transaction.commit().await.expect("it is written");
}
