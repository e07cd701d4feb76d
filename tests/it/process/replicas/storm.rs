//! A storm of issues and pulls over four servers, of which one is killed and one joins: the end is that of one server.
//!
//! `STATIONMASTER_STORM=200` makes it a storm of 200; the suite's own is smaller.

use std::collections::BTreeMap;

use stationmaster::model::Number;
use stationmaster::simulator::github::{CheckApp, NewPull, Permission, View};

use super::super::{PATIENCE, Place};
use super::{Fleet, on_postgres};

/// One installation is allowed seventy new comments a minute, so the storm is spread over several.
const OWNERS: [&str; 5] = ["octo", "hexa", "penta", "tetra", "deca"];

fn size() -> usize {
    let asked = std::env::var("STATIONMASTER_STORM").ok();
    asked.map_or(24, |asked| asked.parse().expect("STATIONMASTER_STORM is a number of issues and pulls"))
}

fn repository(turn: usize) -> String {
    format!("{}/station", OWNERS[turn % OWNERS.len()])
}

/// What people see in the end: everything on GitHub but numbers of edits, and every message.
#[derive(Debug, PartialEq, Eq)]
struct Scene {
    items: BTreeMap<(String, i64), Item>,
    messages: Vec<(Option<String>, String)>,
}

#[derive(Debug, PartialEq, Eq)]
struct Item {
    title: String,
    state: String,
    labels: Vec<String>,
    comments: Vec<(String, String)>,
    is_merged: bool,
}

fn scene(place: &Place) -> Scene {
    let mut items = BTreeMap::new();
    for turn in 0..OWNERS.len() {
        let name = repository(turn);
        for issue in place.github.issues(&name) {
            let mut labels = issue.labels.clone();
            labels.sort();
            let comments = issue.comments.iter().map(|comment| (comment.author.clone(), words(&comment.body)));
            let item = Item {
                title: issue.title.clone(),
                state: issue.state.clone(),
                labels,
                comments: comments.collect(),
                is_merged: place.github.pull(&name, issue.number).is_some_and(|pull| pull.merge_sha.is_some()),
            };
            items.insert((name.clone(), issue.number), item);
        }
    }
    let told = place.ntfy.all_messages().into_iter();
    let mut messages: Vec<_> = told.map(|message| (message.title, words(&message.message))).collect();
    messages.sort();
    Scene { items, messages }
}

/// A text without what differs from one run to the next: times, commits, and the port of the simulated GitHub.
fn words(text: &str) -> String {
    let differs = r"\d{4}-\d\d-\d\d[T ][\d:.]+Z?|\d\d:\d\d(:\d\d)?|\b[0-9a-f]{7,40}\b|127\.0\.0\.1:\d+";
    regex::Regex::new(differs).unwrap().replace_all(text, "…").into_owned()
}

/// Opens what the storm is made of; the order is the same in every run.
fn blow(place: &Place, from: usize, to: usize) {
    for turn in from..to {
        let name = repository(turn);
        if turn % 4 == 3 {
            let branch = format!("branch-{turn}");
            let path = format!("docs/{branch}.md");
            let files = [(path.as_str(), Some(b"Red means stop.\n".to_vec()))];
            place.github.commit_files(&name, "alice", &branch, &files, "Say it").unwrap();
            let pull =
                NewPull { title: format!("Add {branch}"), head: branch, base: "main".to_owned(), ..NewPull::default() };
            let Number(number) = place.github.open_pull(&name, "alice", pull).unwrap();
            let head = place.github.pull(&name, number).unwrap().head_sha;
            let check = place.github.start_check(&name, &head, CheckApp::actions(), "build").unwrap();
            place.github.finish_check(check, "success").unwrap();
        } else {
            place.github.open_issue(&name, "alice", ["Deploy v2.0", "Fix the signal", "Look"][turn % 4], "").unwrap();
        }
    }
}

/// Waits until everything that was opened has its labels, its card or its merge.
async fn settled(place: &Place) {
    let waits = |view: &View<'_>| -> Vec<(String, i64, String)> {
        let names = (0..OWNERS.len()).map(repository);
        let issues = names.flat_map(|name| view.issues(&name).into_iter().map(move |issue| (name.clone(), issue)));
        let is_merged = |name: &str, number| view.pull(name, number).is_some_and(|pull| pull.merge_sha.is_some());
        issues
            .filter(|(name, issue)| {
                !is_merged(name, issue.number) && (issue.is_pull || !super::super::is_routed(issue))
            })
            .map(|(name, issue)| (name, issue.number, issue.title))
            .collect()
    };
    let over = place.github.wait_until("the storm is over", PATIENCE * 3, |view| waits(view).is_empty()).await;
    assert!(over.is_ok(), "these wait: {:#?}", place.github.look(waits));
    place.rest().await;
}

fn prepare(place: &Place) {
    for turn in 0..OWNERS.len() {
        let name = repository(turn);
        if turn > 0 {
            place.github.create_repository(&name).unwrap();
        }
        place.github.set_permission(&name, "alice", Permission::Write).unwrap();
        // Who gets what depends on who is looked at first, in one server and in four.
        let policy = "[assignment]\nstrategy = \"manual\"\n";
        place.github.write_file(&name, "main", (".github/stationmaster.toml", policy), "Assign by hand").unwrap();
    }
}

async fn undisturbed(place: &Place) -> Scene {
    prepare(place);
    let _fleet = Fleet::start(place, 1, &[]).await;
    place.rest().await;
    blow(place, 0, size());
    settled(place).await;
    scene(place)
}

async fn disturbed(place: &Place) -> Scene {
    prepare(place);
    let mut fleet = Fleet::start(place, 4, &[]).await;
    place.rest().await;
    let before = place.github.look(|view| view.requests().count());
    blow(place, 0, size() / 2);
    let busy = place.github.wait_until("the middle", PATIENCE, |view| view.requests().count() >= before + size());
    busy.await.unwrap();
    let dying = fleet.take(1);
    dying.kill().await;
    fleet.spread();
    blow(place, size() / 2, size());
    // The one that joins looks for what was on its way to the dead one.
    fleet.join(1).await;
    settled(place).await;
    let troubles: Vec<String> =
        fleet.complaints().into_iter().filter(|line| line.contains("the store failed")).collect();
    assert_eq!(troubles, [""; 0], "servers do not get in each other's way");
    scene(place)
}

#[tokio::test]
async fn a_storm_over_four_servers_of_which_one_dies_ends_like_that_of_one_server() {
    let (mut alone, mut together) = (None, None);
    on_postgres(async |place: &Place| alone = Some(undisturbed(place).await)).await;
    on_postgres(async |place: &Place| together = Some(disturbed(place).await)).await;
    let (alone, together) = (alone.unwrap(), together.unwrap());
    assert_eq!(alone.items.len(), size());
    for (place, item) in &alone.items {
        assert_eq!(together.items.get(place), Some(item), "{place:?}");
    }
    assert_eq!(together, alone);
}
