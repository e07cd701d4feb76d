//! What happened on GitHub while the server was down: many issues and pulls, each with a life of its own.

use std::sync::Arc;

use bytes::Bytes;
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Executor as _};
use stationmaster::model::{Delivery, DeliveryGuid, DeliverySource, EventName, SystemClock, Timestamp};
use stationmaster::simulator::github::{CheckApp, GithubSimulator, NewPull, Webhook, WebhookMode};
use stationmaster::store::{Ingest, Store};

use crate::payloads::Guids;

/// Repositories of one owner.
const REPOSITORIES: usize = 10;
/// Issues and pulls about which something is said at the same time.
const AT_A_TIME: usize = 100;
/// Deliveries that are handed to the store at once.
const AT_ONCE: usize = 256;
/// The checks of each pull.
const CHECKS: [&str; 5] = ["build", "test", "lint", "docs", "package"];

/// How much there is of everything.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Issues that they are about.
    pub issues: usize,
    /// Pull requests that they are about.
    pub pulls: usize,
}

/// A GitHub with all of it, and the webhooks of each issue and pull in their order.
pub async fn build(size: Size) -> (GithubSimulator, Vec<Vec<Webhook>>) {
    let github = GithubSimulator::start(Arc::new(SystemClock)).await.expect("a GitHub on loopback");
    github.set_webhook_mode(WebhookMode::Manual);
    github.set_rate_limit(100_000_000, 100_000_000);
    let names: Vec<String> = (0..REPOSITORIES).map(|index| format!("octo/station{index}")).collect();
    for name in &names {
        github.create_repository(name).expect("there is none of that name");
    }
    drop_told(&github);
    let mut lives = Vec::with_capacity(size.issues + size.pulls);
    let every = (size.issues + size.pulls) / size.pulls.max(1);
    for index in 0..size.issues + size.pulls {
        let name = &names[index % REPOSITORIES];
        if index % every == every - 1 {
            pull(&github, name, index);
        } else {
            issue(&github, name, index);
        }
        lives.push(drop_told(&github));
    }
    (github, lives)
}

/// The webhooks that nobody has had; nobody gets them.
fn drop_told(github: &GithubSimulator) -> Vec<Webhook> {
    let told = github.pending_webhooks();
    github.drop_all();
    told
}

fn issue(github: &GithubSimulator, name: &str, index: usize) {
    let verbs = ["Fix", "Deploy", "Test", "Implement", "Refactor", "Why does"];
    let title = format!("{} the timetable of line {index}", verbs[index % verbs.len()]);
    let number = github.open_issue(name, "alice", &title, "It is late every morning.").expect("it opens");
    for turn in 0..4 {
        let text = format!("Seen again on day {turn}, at platform {index}.");
        github.comment(name, "bob", number, &text).expect("it can be commented");
    }
    github.add_label(name, "carol", number, "seen").expect("it takes a label");
    github.edit_body(name, "alice", number, "It is late every morning, and on Sundays.").expect("it can be edited");
}

fn pull(github: &GithubSimulator, name: &str, index: usize) {
    let branch = format!("line-{index}");
    let path = format!("docs/line-{index}.md");
    let text = format!("# Line {index}\n\nRed means stop.\n");
    github.write_file(name, &branch, (&path, &text), "docs: the timetable").expect("it can be pushed");
    let title = format!("docs: the timetable of line {index}");
    let head = github.head_of(name, &branch).expect("it was pushed");
    let new = NewPull { title, head: branch, base: "main".to_owned(), ..NewPull::default() };
    let number = github.open_pull(name, "alice", new).expect("it opens");
    let begin = |check: &&str| github.start_check(name, &head, CheckApp::actions(), check).expect("it begins");
    let checks: Vec<i64> = CHECKS.iter().map(begin).collect();
    for check in checks {
        github.finish_check(check, "failure").expect("it ends");
    }
    github.comment(name, "bob", number, "The tests fail.").expect("it can be commented");
}

/// Stores the backlog, as the door would have: what belongs to a hundred issues and pulls comes mixed, then that of the
/// next ones, and all that was told of each comes again and again under new ids until there are enough.
pub async fn store(database: &str, lives: &[Vec<Webhook>], deliveries: usize) {
    let store = Store::open(database, Arc::new(SystemClock)).await.expect("the database can be opened");
    let (ingest, writing) = Ingest::start(store.clone(), AT_ONCE, Arc::new(|_| ()));
    let now = Timestamp(chrono::Utc::now().timestamp_millis());
    let mut stored = 0;
    let each = deliveries.div_ceil(lives.len());
    for together in lives.chunks(AT_A_TIME) {
        let turns = (0..each).flat_map(|turn| together.iter().map(move |life| &life[turn % life.len()]));
        let wanted: Vec<&Webhook> = turns.take(deliveries - stored).collect();
        for some in wanted.chunks(AT_ONCE) {
            let accepted =
                some.iter().zip(stored..).map(|(webhook, counter)| ingest.accept(delivery(webhook, counter, now)));
            for result in futures::future::join_all(accepted).await {
                result.expect("it is stored");
            }
            stored += some.len();
        }
    }
    assert_eq!(stored, deliveries, "the whole backlog");
    drop(ingest);
    writing.await.expect("the writing task ends");
    store.database().close().await;
    if database.starts_with("postgres") {
        // As it does by itself a minute later; until then it plans for empty tables.
        let mut connection = PgConnection::connect(database).await.expect("the database is there");
        connection.execute("ANALYZE").await.expect("it can be looked at");
    }
}

fn delivery(webhook: &Webhook, counter: usize, received: Timestamp) -> Delivery {
    Delivery {
        guid: DeliveryGuid::new(Guids::TimeBased.of(counter as u64)),
        source: DeliverySource::Github,
        event: EventName(webhook.event.clone()),
        received,
        body: Bytes::copy_from_slice(webhook.payload.as_bytes()),
    }
}
