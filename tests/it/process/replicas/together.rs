//! Four servers that start at once on an empty database, and everything that comes in through any door of theirs.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::join_all;
use regex::Regex;
use serde_json::json;
use stationmaster::model::Number;
use stationmaster::simulator::github::{CheckApp, Fault, FaultKind, NewPull, WebhookMode};

use super::super::{PATIENCE, Place};
use super::fleet::{expect_no_overlap, post};
use super::{Fleet, on_postgres};
use crate::messages::{LISTENING, MACHINES, SECRET, sign};
use crate::world::{REPOSITORY, within};

const POLICY: &str = "[assignment]\nstrategy = \"manual\"\n[merge]\nstrategy = \"queue\"\n";
const STAGING: &str = "stationmaster/queue/main";
const WORKERS: [&str; 3] = ["dev_worker1", "dev_worker2", "dev_worker3"];

/// Each waiting webhook is sent to all servers at the same time, under one id.
async fn deliver_to_all(place: &Place) {
    while let Some(answers) = place.github.deliver_next_to_all().await {
        assert!(answers.iter().all(|status| *status == 202), "{answers:?}");
    }
}

/// Ten issues, of which every server hears at the same time.
async fn issues_are_carded_once(place: &Place) -> Vec<i64> {
    place.github.set_webhook_mode(WebhookMode::Manual);
    let deployments: Vec<i64> = (0..5).map(|_| place.open_issue("Deploy v2.0")).collect();
    let tasks: Vec<i64> = (0..3).map(|_| place.open_issue("Fix the signal")).collect();
    deliver_to_all(place).await;
    place.github.set_webhook_mode(WebhookMode::Auto);
    for number in deployments.iter().chain(&tasks) {
        place.carded(*number).await;
    }
    place.told(5).await;
    place.rest().await;
    for number in deployments {
        place.expect_deployment(number);
    }
    tasks
}

/// Every worker asks every server for whatever is to be done, all at the same time.
async fn tasks_are_claimed_once(fleet: &Fleet<'_>, place: &Place, tasks: &[i64]) {
    let asked = fleet.servers.iter().flat_map(|server| WORKERS.map(|worker| (server, worker)));
    let claims = asked.map(|(server, worker)| post(server, "tasks/claim", json!({"worker": worker})));
    let answers = join_all(claims).await;
    assert!(answers.iter().all(|(status, _)| matches!(status, 200 | 204)), "{answers:?}");
    let claimed: Vec<String> =
        answers.iter().filter(|(status, _)| *status == 200).map(|(_, claim)| claim["item"].to_string()).collect();
    assert_eq!(claimed.len(), tasks.len(), "{claimed:?}");
    assert_eq!(claimed.iter().collect::<BTreeSet<_>>().len(), tasks.len(), "{claimed:?}");
    for number in tasks {
        let held = |labels: &[String]| labels.iter().filter(|label| label.starts_with("worker/")).count();
        let shown = place.github.wait_until("who has it", PATIENCE, |view| {
            view.issue(REPOSITORY, *number).is_some_and(|issue| held(&issue.labels) > 0)
        });
        shown.await.unwrap();
        place.rest().await;
        let labels = place.github.issue(REPOSITORY, *number).unwrap().labels;
        assert_eq!(held(&labels), 1, "issue {number} is held by one: {labels:?}");
    }
}

/// A machine asks for a task; whichever server listens opens it.
async fn a_message_is_acted_on_once(place: &Place) {
    let text = sign(
        &json!({
            "type": "task",
            "id": "from-a-machine",
            "timestamp": chrono::Utc::now().to_rfc3339(),
            "from": "scout",
            "nonce": format!("{:032x}", rand::random::<u128>()),
            "task": REPOSITORY,
            "text": "Oil the points",
        }),
        SECRET,
    );
    let answer = crate::wire::client().post(format!("{}/{MACHINES}", place.ntfy.url())).body(text).send().await;
    assert!(answer.unwrap().status().is_success());
    let opened = |issue: &stationmaster::simulator::github::IssueView| issue.title == "Oil the points";
    let found =
        place.github.wait_until("the machine's issue", PATIENCE, |view| view.issues(REPOSITORY).iter().any(opened));
    found.await.unwrap();
    place.rest().await;
    assert_eq!(place.github.issues(REPOSITORY).iter().filter(|issue| opened(issue)).count(), 1);
    assert_eq!(place.ntfy.subscribers(), 1, "one server listens, the others stand by");
}

/// Two pulls that are ready land in one batch, or in two that are tested one after the other.
async fn a_queue_is_built_once(place: &Place) {
    let mut pulls = Vec::new();
    for branch in ["signals", "points"] {
        let files = [(format!("docs/{branch}.md"), Some(b"Red means stop.\n".to_vec()))];
        let files: Vec<(&str, Option<Vec<u8>>)> =
            files.iter().map(|(path, text)| (path.as_str(), text.clone())).collect();
        place.github.commit_files(REPOSITORY, "alice", branch, &files, "Say it").unwrap();
        let (title, head, base) = (format!("Add {branch}"), branch.to_owned(), "main".to_owned());
        let pull = NewPull { title, head, base, ..NewPull::default() };
        pulls.push(place.github.open_pull(REPOSITORY, "alice", pull).unwrap().0);
    }
    for pull in &pulls {
        pass(place, &place.github.pull(REPOSITORY, *pull).unwrap().head_sha);
    }
    let mut tested = BTreeSet::new();
    let is_merged = |pull: &i64| place.github.pull(REPOSITORY, *pull).unwrap().merge_sha.is_some();
    let land = async {
        let mut turns = tokio::time::interval(Duration::from_millis(50));
        while !pulls.iter().all(is_merged) {
            turns.tick().await;
            if let Some(head) = place.github.head_of(REPOSITORY, STAGING)
                && tested.insert(head.clone())
            {
                pass(place, &head);
            }
        }
    };
    within("both pulls land", land).await;
    place.rest().await;
    let asked = |method: &str, end: &str, status: u16| -> Vec<serde_json::Value> {
        let requests = place.github.requests().into_iter();
        let found = requests.filter(|request| {
            request.method == method && request.path.ends_with(end) && request.status == Some(status)
        });
        found.map(|request| serde_json::from_slice(&request.request_body).unwrap()).collect()
    };
    let merged = asked("POST", "/merges", 201);
    assert_eq!(merged.len(), 2, "each pull was merged into a batch once: {merged:#?}");
    let landed: Vec<String> = asked("PATCH", "/git/refs/heads/main", 200)
        .iter()
        .map(|body| body["sha"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(landed.iter().collect::<BTreeSet<_>>().len(), landed.len(), "each batch landed once: {landed:?}");
    assert!(!landed.is_empty() && landed.iter().all(|sha| tested.contains(sha)), "what landed was tested: {landed:?}");
    assert_eq!(place.github.head_of(REPOSITORY, "main").as_ref(), landed.last());
}

fn pass(place: &Place, sha: &str) {
    let check = place.github.start_check(REPOSITORY, sha, CheckApp::actions(), "build").unwrap();
    place.github.finish_check(check, "success").unwrap();
}

/// Four commands in a row, of each of which another server hears: the last one stands in the end.
async fn commands_take_effect_once(place: &Place) {
    let number = place.open_issue("Deploy v3.0");
    place.carded(number).await;
    place.rest().await;
    for priority in ["low", "high", "medium", "critical"] {
        place.github.comment(REPOSITORY, "alice", Number(number), &format!("/priority {priority}")).unwrap();
    }
    place.rest().await;
    let issue = place.github.issue(REPOSITORY, number).unwrap();
    assert!(issue.labels.contains(&"priority/critical".to_owned()), "{:?}", issue.labels);
    let heard: Vec<usize> = issue
        .comments
        .iter()
        .filter(|comment| comment.author == "alice")
        .map(|comment| comment.reactions.iter().filter(|(_, content)| content == "rocket").count())
        .collect();
    assert_eq!(heard, [1; 4], "each command was answered once: {:#?}", issue.comments);
}

#[tokio::test]
async fn four_servers_that_start_at_once_do_everything_once() {
    on_postgres(async |place: &Place| {
        place.github.write_file(REPOSITORY, "main", (".github/stationmaster.toml", POLICY), "Policy").unwrap();
        let fleet = Fleet::start(place, 4, &LISTENING).await;
        place.rest().await;
        // Slow enough that whatever overlaps is seen to.
        let changes = Regex::new(r"/(issues|pulls)/\d+").unwrap();
        for method in ["POST", "PATCH", "PUT", "DELETE"] {
            let slow = Fault::matching(changes.clone(), FaultKind::Slow { ms: 15 });
            place.github.inject(slow.method(method).times(100_000));
        }
        let tasks = issues_are_carded_once(place).await;
        tasks_are_claimed_once(&fleet, place, &tasks).await;
        a_message_is_acted_on_once(place).await;
        commands_take_effect_once(place).await;
        a_queue_is_built_once(place).await;
        expect_no_overlap(&place.github.requests());
        assert_eq!(fleet.complaints(), [""; 0]);
    })
    .await;
}
