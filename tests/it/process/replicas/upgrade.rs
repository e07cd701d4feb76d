//! Servers are replaced one by one while the others work on, also where the new version brings a new schema.
//!
//! `STATIONMASTER_OLD_BINARY=path` has a real older binary stand for the version before.

use std::fs;
use std::path::Path;

use regex::Regex;
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;

use super::super::{Place, text};
use super::{Fleet, on_postgres};
use crate::world::within;

/// What a later version might do to the schema: columns in every table that is written all the time, and a table.
const FUTURE: &str = "
    ALTER TABLE deliveries ADD COLUMN future TEXT;
    ALTER TABLE subjects ADD COLUMN future BIGINT NOT NULL DEFAULT 0;
    ALTER TABLE outbox ADD COLUMN future TEXT;
    ALTER TABLE tasks ADD COLUMN future TEXT NOT NULL DEFAULT 'none';
    ALTER TABLE audit ADD COLUMN future TEXT;
    ALTER TABLE facts ADD COLUMN future TEXT;
    CREATE TABLE future (id BIGINT NOT NULL PRIMARY KEY);
    INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
        VALUES (9999, 'future', TRUE, '\\x00', 0);
    INSERT INTO outbox (id, key, subject, lane, kind, payload, created_ms, due_ms)
        VALUES (1, 'future', 'repository/1', 'future', 'foresee', '{\"foresee\":{}}', 0, 0);
";

/// Statements in one transaction, tried again where they get into a deadlock with servers at work, as a migration is.
async fn execute(place: &Place, sql: &str) {
    let mut connection = PgConnection::connect(&place.database).await.unwrap();
    let run = async {
        while let Err(fault) = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut connection).await {
            assert!(fault.to_string().contains("deadlock detected"), "{fault}");
        }
    };
    within("the statements", run).await;
    connection.close().await.unwrap();
}

async fn all_are_carded(place: &Place, numbers: &[i64]) {
    for number in numbers {
        place.carded(*number).await;
    }
    place.told(numbers.len()).await;
}

#[tokio::test]
async fn servers_go_on_while_a_newer_one_brings_a_new_schema() {
    on_postgres(async |place: &Place| {
        let mut fleet = Fleet::of_version_before(place).await;
        let mut numbers: Vec<i64> = (0..6).map(|_| place.open_issue("Deploy v2.0")).collect();
        // Every statement has been prepared on some connection by now.
        all_are_carded(place, &numbers).await;
        numbers.extend((0..6).map(|_| place.open_issue("Deploy v2.0")));
        execute(place, FUTURE).await;
        numbers.extend((0..6).map(|_| place.open_issue("Deploy v2.0")));
        all_are_carded(place, &numbers).await;

        // One of the old version that starts again, as after a crash in the middle of the upgrade.
        fleet.take(0).kill().await;
        fleet.join_before(1).await;
        // And two of the new one, at the same time.
        fleet.join(2).await;
        numbers.extend((0..3).map(|_| place.open_issue("Deploy v2.0")));
        all_are_carded(place, &numbers).await;
        // What only the new version can read waits for it, and keeps nothing else waiting.
        let complaints = fleet.complaints();
        let is_left = |line: &String| line.contains("it is left to others");
        // PostgreSQL ends whom it likes, and that is tried again.
        let is_tried_again = |line: &String| line.contains("deadlock detected");
        assert!(complaints.iter().any(is_left), "{complaints:#?}");
        let others: Vec<&String> = complaints.iter().filter(|line| !is_left(line) && !is_tried_again(line)).collect();
        assert!(others.is_empty(), "{others:#?}");
        execute(place, "DELETE FROM outbox WHERE kind = 'foresee'").await;
        place.rest().await;
        for number in numbers {
            place.expect_deployment(number);
        }

        // A version that would do harm is told so, and does none.
        execute(place, "INSERT INTO facts (name, value, updated_ms) VALUES ('schema/oldest', '9999', 0)").await;
        let output = place.command(&["serve"]).await;
        let said = text(&output.stderr);
        assert!(!output.status.success());
        assert!(said.contains("the database needs a server that knows its schema 9999 or a later one"), "{said}");
    })
    .await;
}

/// Statements of a migration, without comments.
fn statements(sql: &str) -> Vec<String> {
    let lines = sql.lines().map(|line| line.split("--").next().unwrap_or_default());
    let text = lines.collect::<Vec<_>>().join(" ");
    text.split(';')
        .map(|one| one.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|one| !one.is_empty())
        .collect()
}

/// Why an older server could not go on beside a schema that this statement has changed, if so.
fn harm(statement: &str) -> Option<&'static str> {
    let upper = statement.to_uppercase();
    let found = |pattern: &str| Regex::new(pattern).unwrap().is_match(&upper);
    if found(r"\bDROP\b") && !found(r"^DROP INDEX\b") {
        return Some("it takes something away");
    }
    if found(r"\bRENAME\b") {
        return Some("it renames something");
    }
    if found(r"\bALTER COLUMN\b|\bSET NOT NULL\b|\bADD CONSTRAINT\b|^DELETE\b|^TRUNCATE\b") {
        return Some("it changes what there is");
    }
    if found(r"\bADD COLUMN\b") && found(r"\bNOT NULL\b") && !found(r"\bDEFAULT\b") {
        return Some("older servers do not fill the new column");
    }
    None
}

#[test]
fn every_migration_leaves_older_servers_what_they_know() {
    let mut files = 0;
    for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations")).unwrap() {
        let file = file.unwrap().path();
        for statement in statements(&fs::read_to_string(&file).unwrap()) {
            assert_eq!(harm(&statement), None, "{}: {statement}", file.display());
        }
        files += 1;
    }
    assert!(files >= 7, "{files} migrations were read");
    for bad in [
        "DROP TABLE tasks",
        "ALTER TABLE tasks DROP COLUMN card",
        "ALTER TABLE tasks RENAME COLUMN card TO paper",
        "ALTER TABLE tasks ADD COLUMN more TEXT NOT NULL",
        "ALTER TABLE tasks ALTER COLUMN card SET NOT NULL",
    ] {
        assert!(harm(bad).is_some(), "{bad}");
    }
}

/// `SELECT *` is another list of columns once a newer server has added one.
#[test]
fn no_statement_leaves_its_columns_to_the_schema() {
    let star = Regex::new(r"(?i)select\s+\*\s+from\s+[a-z_]+|returning\s+\*").unwrap();
    for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store")).unwrap() {
        let file = file.unwrap().path();
        if file.is_file() {
            let text = fs::read_to_string(&file).unwrap();
            assert!(!star.is_match(&text), "{}: {:?}", file.display(), star.find(&text).map(|found| found.as_str()));
        }
    }
}
