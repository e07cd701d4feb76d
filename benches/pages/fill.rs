//! A store with 10,000 tasks, 100,000 deliveries, and of everything else what comes with them in some months.

use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};
use stationmaster::model::{EnvironmentRecord, Impact, Learning, Timestamp};

const TASKS: i64 = 10_000;
const DELIVERIES: i64 = 100_000;
const PULLS: i64 = 2_000;
const AUDIT: i64 = 50_000;
const ACTIONS: i64 = 30_000;
const LEARNINGS: i64 = 2_000;
const DEPLOYMENTS: i64 = 1_000;
const HOUR_MS: i64 = 3_600_000;
/// So many rows go into one statement.
const ROWS: usize = 200;

const STATES: [&str; 11] = [
    "triage",
    "ready",
    "assigned",
    "in-progress",
    "blocked",
    "waiting-approval",
    "review",
    "done",
    "done",
    "failed",
    "cancelled",
];
const LEVELS: [&str; 4] = ["low", "medium", "high", "critical"];
const WORKERS: [&str; 5] = ["architect", "foundation", "dev_worker1", "dev_worker2", "dev_worker3"];

/// The element of a list that belongs to a number.
fn of<'a>(list: &[&'a str], number: i64) -> &'a str {
    list[usize::try_from(number).unwrap_or_default() % list.len()]
}

/// Fills the store of this address, as of `now_ms`.
pub async fn fill(address: &str, repository: i64, now_ms: i64) {
    let may_write = if address.starts_with("sqlite") { format!("{address}?mode=rw") } else { address.to_owned() };
    let mut database = AnyConnection::connect(&may_write).await.expect("the database is there");
    let ago = |number: i64, all: i64| now_ms - (all - number) * 60 * 24 * HOUR_MS / all;
    tasks(&mut database, repository, &ago).await;
    pulls(&mut database, repository, &ago).await;
    traffic(&mut database, repository, &ago).await;
    shipping(&mut database, repository, &ago).await;
    database.execute("ANALYZE").await.expect("the statistics are made");
    database.close().await.expect("it closes");
}

type Ago<'a> = &'a (dyn Fn(i64, i64) -> i64 + Sync);

async fn tasks(database: &mut AnyConnection, repository: i64, ago: Ago<'_>) {
    let handoff = "x".repeat(1024);
    insert(
        database,
        "tasks (repository_id, number, title, state, task_type, role, worker, priority, rule, assignment, projected, \
         ours, assignees, policy_fingerprint, created_ms, updated_ms, claimable, priority_rank, handoff)",
        TASKS,
        |n| {
            let (state, level, at) = (of(&STATES, n), of(&LEVELS, n), ago(n, TASKS));
            let (worker, claimable) = (of(&WORKERS, n), i64::from(state == "ready"));
            let worker = if claimable == 1 || state == "triage" { "NULL".to_owned() } else { format!("'{worker}'") };
            format!(
                "{repository}, {n}, 'Task {n}: fix the timetable of line {}', '{state}', 'development', 'development', \
                 {worker}, '{level}', 'fix', '{{\"reasons\":[],\"blockers\":[]}}', '[\"status/{state}\"]', '[]', '[]', \
                 'f', {at}, {at}, {claimable}, {}, '{handoff}'",
                n % 97,
                n % 4 + 1
            )
        },
    )
    .await;
    insert(
        database,
        "task_ends (repository_id, number, ended_ms, state, worker, priority, task_type, created_ms, begun_ms)",
        TASKS,
        |n| {
            let (at, state) = (ago(n, TASKS), if n % 9 == 0 { "failed" } else { "done" });
            let begun = at - HOUR_MS * (n % 30);
            let created = begun - HOUR_MS;
            format!(
                "{repository}, {n}, {at}, '{state}', '{}', '{}', 'development', {created}, {begun}",
                of(&WORKERS, n),
                of(&LEVELS, n)
            )
        },
    )
    .await;
    insert(
        database,
        "learnings (id, repository_id, number, category, impact, words, learning, at_ms)",
        LEARNINGS,
        |n| {
            let at = ago(n, LEARNINGS);
            let words = format!("word {} and more words about relays and timetables", n % 50);
            let learning = Learning {
                category: "testing".to_owned(),
                title: words.clone(),
                description: words.clone(),
                impact: Impact::of_thousandths(800).unwrap_or_default(),
                tags: vec!["relay".to_owned()],
                by: "architect".to_owned(),
                item: format!("octo/station#{n}").parse().expect("it is an item"),
                at: Timestamp(at),
            };
            let learning = serde_json::to_string(&learning).expect("it can be written down");
            format!("{n}, {repository}, {n}, 'testing', 800, '{words}', '{learning}', {at}")
        },
    )
    .await;
}

async fn pulls(database: &mut AnyConnection, repository: i64, ago: Ago<'_>) {
    insert(
        database,
        "pulls (repository_id, number, title, author, state, head, head_branch, base, record, explanation, created_ms, \
         updated_ms)",
        PULLS,
        |n| {
            let (number, at, head) = (20_000 + n, ago(n, PULLS), format!("{n:040x}"));
            let state = of(&["open", "merged", "merged", "merged", "closed"], n);
            let record = serde_json::json!({
                "repository": repository, "number": number, "state": state, "head": head, "base": "main",
                "head_branch": format!("task/{n}-fix"), "hold": null, "merge_asked": null, "put_out": null,
                "landed": null, "refused": null, "unknown_polls": 0, "card": null, "card_digest": null,
                "commands_seen": {}, "created": at - HOUR_MS * (n % 70), "updated": at,
            });
            format!(
                "{repository}, {number}, 'Fix the timetable of line {}', 'alice', '{state}', '{head}', 'task/{n}-fix', \
                 'main', '{record}', '{{\"reasons\":[],\"blockers\":[]}}', {}, {at}",
                n % 97,
                at - HOUR_MS * (n % 70)
            )
        },
    )
    .await;
    insert(
        database,
        "check_history (repository_id, sha, app, name, run, ended_ms, conclusion, started_ms, completed_ms, \
         annotations, seen_ms)",
        PULLS * 5,
        |n| {
            let (at, conclusion) = (ago(n, PULLS * 5), if n % 11 == 0 { "failure" } else { "success" });
            format!(
                "{repository}, '{:040x}', 'actions', 'test {}', {n}, {at}, '{conclusion}', {at}, {at}, '[]', {at}",
                n / 5,
                n % 7
            )
        },
    )
    .await;
}

/// What came in and went out, and what was written down about it.
async fn traffic(database: &mut AnyConnection, repository: i64, ago: Ago<'_>) {
    let text = "y".repeat(2_000);
    let body = format!("{{\"action\":\"edited\",\"issue\":{{\"number\":1,\"body\":\"{text}\"}}}}");
    let body = if database.backend_name() == "PostgreSQL" { format!("'{body}'::bytea") } else { format!("'{body}'") };
    insert(database, "deliveries (guid, id, source, event, received_ms, state, body)", DELIVERIES, |n| {
        let state = if n % 5_000 == 0 { "dead" } else { of(&["done", "done", "ignored"], n) };
        let event = of(&["issues", "issue_comment", "pull_request", "check_run", "push"], n);
        format!("'{n:032x}', {n}, 'github', '{event}', {}, '{state}', {body}", ago(n, DELIVERIES))
    })
    .await;
    insert(
        database,
        "audit (id, at_ms, actor, subject, decision, kind, summary, explanation, saw, deliveries, door)",
        AUDIT,
        |n| {
            let (at, kind) = (ago(n, AUDIT), of(&["decision", "decision", "ask", "claim", "refused"], n));
            format!(
                "{n}, {at}, 'server', 'issue/{repository}/{}', {n}, '{kind}', 'octo/station#{} is done', \
                 '{{\"reasons\":[],\"blockers\":[]}}', '{{\"seen\":\"{text}\"}}', '[]', 'github'",
                n % TASKS + 1,
                n % TASKS + 1
            )
        },
    )
    .await;
    insert(
        database,
        "outbox (id, key, subject, lane, kind, payload, state, created_ms, due_ms, attempts, finished_ms)",
        ACTIONS,
        |n| {
            let (at, state) = (ago(n, ACTIONS), if n % 500 == 0 { "dead" } else { "done" });
            let kind = of(&["write_card", "change_labels", "notify"], n);
            format!(
                "{n}, 'action/{n}', 'issue/{repository}/{}', 'lane/{n}', '{kind}', '{{}}', '{state}', {at}, {at}, 1, {at}",
                n % TASKS + 1
            )
        },
    )
    .await;
}

async fn shipping(database: &mut AnyConnection, repository: i64, ago: Ago<'_>) {
    let record = serde_json::to_string(&EnvironmentRecord::default()).expect("it can be written down");
    insert(database, "environments (repository_id, name, record, updated_ms)", 1, |_| {
        format!("{repository}, 'qa', '{record}', 0")
    })
    .await;
    insert(database, "releases (repository_id, tag, sha, url, prerelease, authors, pulls, at_ms)", DEPLOYMENTS, |n| {
        let url = format!("https://github.com/octo/station/releases/tag/v1.{n}.0");
        let (authors, pulls) = (r#"["alice"]"#, "[]");
        format!("{repository}, 'v1.{n}.0', '{n:040x}', '{url}', 0, '{authors}', '{pulls}', {}", ago(n, DEPLOYMENTS))
    })
    .await;
    insert(
        database,
        "deployments (repository_id, environment, number, tag, sha, began_ms, ended_ms, outcome, note, errors)",
        DEPLOYMENTS,
        |n| {
            let (at, outcome) = (ago(n, DEPLOYMENTS), if n % 12 == 0 { "failed" } else { "succeeded" });
            format!("{repository}, 'qa', {n}, 'v1.{n}.0', '{n:040x}', {at}, {}, '{outcome}', 'as told', 0", at + 60_000)
        },
    )
    .await;
}

/// Inserts rows `1..=count`, many in a statement.
async fn insert(database: &mut AnyConnection, into: &str, count: i64, row: impl Fn(i64) -> String) {
    let mut transaction = database.begin().await.expect("it can be written");
    let rows: Vec<String> = (1..=count).map(|number| format!("({})", row(number))).collect();
    for some in rows.chunks(ROWS) {
        let sql = format!("INSERT INTO {into} VALUES {}", some.join(", "));
        transaction.execute(AssertSqlSafe(sql)).await.expect("the rows are good");
    }
    transaction.commit().await.expect("it is written");
}
