//! From a comment to what its command does: over webhooks, the whole server and back, in real time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use stationmaster::model::SystemClock;
use stationmaster::simulator::github::GithubSimulator;

use crate::Place;
use crate::row::{Row, Target};
use crate::servers::Server;

const REPOSITORY: &str = "octo/station";
const COMMENTS: usize = 21;
const LIMIT_MS: f64 = 500.0;
/// What has not happened by then does not happen.
const PATIENCE: Duration = Duration::from_secs(20);

/// What it takes on each database.
pub async fn rows(places: &[Place]) -> Vec<Row> {
    let mut rows = Vec::new();
    for place in places {
        let mut each = run(&place.address).await;
        each.sort_by(f64::total_cmp);
        let name = format!("from a comment's command to its label, {}", place.name);
        let row = Row::new(name, "issue 5", (Target::AtMost(LIMIT_MS), " ms"), each[COMMENTS / 2]);
        rows.push(row.with(format!("slowest {:.0}; 150 ms of it wait for quiet", each[COMMENTS - 1])));
    }
    rows
}

/// What each comment took, in milliseconds.
async fn run(database: &str) -> Vec<f64> {
    let github = GithubSimulator::start(Arc::new(SystemClock)).await.expect("a GitHub on loopback");
    github.create_repository(REPOSITORY).expect("there is none of that name");
    let (app, api_url) = (github.app(), github.api_url());
    let app_id = app.app_id.to_string();
    let settings = [
        ("DATABASE_URL", database),
        ("GITHUB_APP_ID", app_id.as_str()),
        ("GITHUB_APP_PRIVATE_KEY", app.private_key_pem.as_str()),
        ("GITHUB_API_URL", api_url.as_str()),
        ("GITHUB_WEBHOOK_SECRET", app.webhook_secret.as_str()),
    ];
    let server = Server::stationmaster(&settings).await;
    github.set_webhook_target(&format!("http://{}/webhooks/github", server.address));
    let issue = github.open_issue(REPOSITORY, "octo", "Fix the signal", "It is red.").expect("it opens");
    wears(&github, issue.0, ("status/", "status/")).await;
    let mut each = Vec::with_capacity(COMMENTS);
    for level in ["high", "low"].into_iter().cycle().take(COMMENTS) {
        let begin = Instant::now();
        github.comment(REPOSITORY, "octo", issue, &format!("/priority {level}")).expect("it can be commented");
        wears(&github, issue.0, ("priority/", &format!("priority/{level}"))).await;
        each.push(begin.elapsed().as_secs_f64() * 1e3);
    }
    each
}

/// Waits until an issue wears one label of a kind, and it is this one: the new one is put on before the old one is
/// taken off.
async fn wears(github: &GithubSimulator, number: i64, (kind, label): (&str, &str)) {
    let worn = github.wait_until(label, PATIENCE, |view| {
        let issue = view.issue(REPOSITORY, number);
        let worn: Vec<String> = issue.map(|issue| issue.labels).unwrap_or_default();
        let of_kind: Vec<&String> = worn.iter().filter(|worn| worn.starts_with(kind)).collect();
        of_kind.len() == 1 && of_kind[0].starts_with(label)
    });
    worn.await.expect("the issue wears the label");
}
