//! Every named step: the server is killed before it and after it, each once, in several tellings of the story.

use std::collections::BTreeSet;

use super::points::Plan;
use super::stage::Stage;
use super::{Size, end_state, now, play_undisturbed, story, undisturbed};
use crate::world::On;

/// Tellings of the story on each database among which the points are divided.
const SLICES: usize = 5;

/// The steps that every telling takes.
const STEPS: &[&str] = &[
    "GitHub DELETE /repos/{}/git/refs/heads/{}",
    "GitHub DELETE /repos/{}/issues/{}/assignees",
    "GitHub DELETE /repos/{}/issues/{}/labels/{}",
    "GitHub GET /app",
    "GitHub GET /app/hook/deliveries",
    "GitHub GET /app/installations",
    "GitHub GET /installation/repositories",
    "GitHub GET /repos/{}/actions/runs/{}",
    "GitHub GET /repos/{}/branches/{}",
    "GitHub GET /repos/{}/collaborators/{}",
    "GitHub GET /repos/{}/commits",
    "GitHub GET /repos/{}/commits/{}/check-runs",
    "GitHub GET /repos/{}/commits/{}/status",
    "GitHub GET /repos/{}/contents",
    "GitHub GET /repos/{}/contents/{}",
    "GitHub GET /repos/{}/deployments",
    "GitHub GET /repos/{}/deployments/{}/statuses",
    "GitHub GET /repos/{}/git/commits/{}",
    "GitHub GET /repos/{}/git/ref/heads/{}",
    "GitHub GET /repos/{}/git/ref/tags/{}",
    "GitHub GET /repos/{}/issues",
    "GitHub GET /repos/{}/issues/{}",
    "GitHub GET /repos/{}/labels",
    "GitHub GET /repos/{}/pulls",
    "GitHub GET /repos/{}/pulls/{}/files",
    "GitHub GET /repos/{}/rules/branches/{}",
    "GitHub GET /repositories/{}",
    "GitHub PATCH /repos/{}/git/refs/heads/{}",
    "GitHub PATCH /repos/{}/issues/comments/{}",
    "GitHub PATCH /repos/{}/issues/{}",
    "GitHub POST /app/installations/{}/access_tokens",
    "GitHub POST /graphql Issue",
    "GitHub POST /graphql LandedPulls",
    "GitHub POST /graphql Pull",
    "GitHub POST /graphql TagsPage",
    "GitHub POST /repos/{}/actions/workflows/deploy.yml/dispatches",
    "GitHub POST /repos/{}/check-runs",
    "GitHub POST /repos/{}/deployments",
    "GitHub POST /repos/{}/deployments/{}/statuses",
    "GitHub POST /repos/{}/git/refs",
    "GitHub POST /repos/{}/issues",
    "GitHub POST /repos/{}/issues/comments/{}/reactions",
    "GitHub POST /repos/{}/issues/{}/assignees",
    "GitHub POST /repos/{}/issues/{}/comments",
    "GitHub POST /repos/{}/issues/{}/labels",
    "GitHub POST /repos/{}/labels",
    "GitHub POST /repos/{}/merges",
    "GitHub POST /repos/{}/pulls/{}/reviews",
    "GitHub POST /repos/{}/releases",
    "GitHub PUT /repos/{}/pulls/{}/merge",
    "commit apply_policy",
    "commit claim_row",
    "commit claim_subject",
    "commit commit_decision",
    "commit commit_line",
    "commit commit_queue",
    "commit finish_action",
    "commit free_expired_actions",
    "commit give_up_missed",
    "commit insert",
    "commit intake",
    "commit mark",
    "commit mark_for",
    "commit migrate",
    "commit note_repositories",
    "commit note_sweep",
    "commit open_release_line",
    "commit remember_checks",
    "commit save_head_review",
    "commit set_listed",
    "commit settle_missed",
    "commit take_turn",
    "ntfy POST /",
];

/// Steps that a telling takes or not, by the chance of what comes first.
const CHANCE: &[&str] = &[
    "GitHub GET /repos/{}/issues/{}/comments",
    "GitHub GET /repos/{}/pulls/{}",
    "GitHub POST /app/hook/deliveries/{}/attempts",
    "commit ask_for_missed",
    "commit free_leases/alone",
    "commit note_missed",
    "commit renew_action",
    "commit renew_subject",
    "commit put_back",
    "commit free_leases/actions",
    "commit free_leases/subjects",
];

/// Steps that are taken once and then not for an hour, or not before the rules change: a kill elsewhere at that moment
/// takes them away, so each has a server of its own.
const ONCE: &[&str] = &[
    "commit audit",
    "commit prune",
    "commit prune/second",
    "commit prune_checks",
    "commit prune_ended",
    "commit prune_missed",
    "commit prune_short",
    "commit remember_fact",
];

/// The points of one telling.
fn points(on: On, slice: usize, seed: usize) -> BTreeSet<String> {
    let both = STEPS.iter().flat_map(|step| ["before", "after"].map(|side| format!("{side} {step}")));
    let database = match on {
        On::Sqlite => 0,
        On::Postgres => 1,
    };
    let mine = |index: usize| Size::read().all_steps || (index + index / 2 + seed) % 2 == database;
    let all = both.enumerate().filter(|(index, _)| mine(*index) && (index / 2) % SLICES == slice);
    all.map(|(_, point)| point).collect()
}

/// Kills at the points of one telling and compares its end with that of a run in which nobody was killed.
async fn kill_at_steps(on: On, slice: usize) {
    let seed = rand::random_range(0..2);
    let planned = points(on, slice, seed);
    // Where the server comes by chance, it is killed too.
    let by_chance = CHANCE.iter().skip(slice).step_by(SLICES).map(|step| format!("after {step}"));
    let plan = Plan::new(planned.iter().cloned().chain(by_chance).collect());
    let mut stage = Stage::start(on).await;
    let first = stage
        .play(&plan, std::future::pending, async |scene| {
            story::tell(scene).await;
            scene.rest(stationmaster::model::Timestamp(0)).await;
        })
        .await;
    drop(first);
    let missed: Vec<String> = plan.left().intersection(&planned).cloned().collect();
    plan.disarm();
    assert!(missed.is_empty(), "seed {seed}: the server never came to {missed:#?}");
    // One more start sweeps up what was lost on the way.
    let began = now();
    let last = stage.play(&plan, std::future::pending, async |scene| scene.rest(began).await).await;
    let end = end_state::end_state(&stage);
    drop(last);
    let how = format!("seed {seed}, killed {} times at {planned:#?}\n{}", stage.kills, stage.trouble().await);
    similar(&end, &undisturbed().await.end, &how);
    assert!(stage.kills * 2 >= planned.len(), "{} kills for {} points", stage.kills, planned.len());
    stage.leave().await;
}

/// Asserts that two end states are equal, and shows the lines that are not.
pub fn similar(end: &str, expected: &str, how: &str) {
    let only = |these: &str, those: &str, sign: &str| -> Vec<String> {
        let mut those: Vec<&str> = those.lines().collect();
        let mut only = Vec::new();
        for line in these.lines() {
            match those.iter().position(|other| *other == line) {
                Some(at) => drop(those.remove(at)),
                None => only.push(format!("{sign} {line}")),
            }
        }
        only
    };
    let difference = [only(expected, end, "-"), only(end, expected, "+")].concat();
    assert!(difference.is_empty(), "the end differs ({how}):\n{}", difference.join("\n"));
    assert_eq!(end, expected, "the end differs in its order ({how})");
}

async fn census(on: On) {
    let seen = play_undisturbed(on).await;
    similar(&seen.end, &undisturbed().await.end, "nobody was killed");
    for steps in [&seen.steps, &undisturbed().await.steps] {
        let known: BTreeSet<&str> = STEPS.iter().copied().collect();
        let missing: Vec<_> = known.iter().filter(|step| !steps.contains(**step)).collect();
        let new: Vec<_> = steps
            .iter()
            .filter(|step| !known.contains(step.as_str()) && ![CHANCE, ONCE].concat().contains(&step.as_str()))
            .collect();
        assert!(missing.is_empty() && new.is_empty(), "add to the list: {new:#?}; no longer taken: {missing:#?}");
    }
}

/// Kills a server that has nothing to do but what it does once, and has the next one come to rest.
async fn kill_at_once(on: On) {
    let points = ONCE.iter().flat_map(|step| ["before", "after"].map(|side| format!("{side} {step}")));
    let odd = usize::from(on == On::Postgres);
    let mine = points.enumerate().filter(|(index, _)| Size::read().all_steps || (index + index / 2) % 2 == odd);
    for (_, point) in mine {
        let plan = Plan::new(BTreeSet::from([point.clone()]));
        let mut stage = Stage::start(on).await;
        let server = stage
            .play(&plan, std::future::pending, async |scene| {
                while !plan.left().is_empty() {
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
                scene.rest(now()).await;
            })
            .await;
        drop(server);
        assert_eq!(stage.kills, 1, "{point}");
        stage.leave().await;
    }
}

#[tokio::test]
async fn killed_at_what_is_done_once_on_sqlite() {
    kill_at_once(On::Sqlite).await;
}

#[tokio::test]
async fn killed_at_what_is_done_once_on_postgres() {
    kill_at_once(On::Postgres).await;
}

#[tokio::test]
async fn the_list_of_steps_is_complete() {
    census(On::Postgres).await;
}

#[test]
fn a_short_run_takes_every_point_once_and_kills_more_than_fifty_times() {
    for seed in 0..2 {
        let mut taken: Vec<String> = Vec::new();
        for on in [On::Sqlite, On::Postgres] {
            taken.extend((0..SLICES).flat_map(|slice| points(on, slice, seed)));
        }
        let count = taken.len();
        let different: BTreeSet<String> = taken.into_iter().collect();
        assert_eq!(different.len(), STEPS.len() * 2, "before and after each step");
        assert!(count >= 50, "{count} kills");
    }
}

/// A commit without a name would be a step that no test knows.
#[test]
fn every_commit_of_the_store_has_a_name() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let mut nameless = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        // What tells other servers changes nothing, and a folder holds what copies and backs up a database at rest.
        if path.is_dir() || path.ends_with("wake.rs") {
            continue;
        }
        let text: String = std::fs::read_to_string(&path).unwrap().split_whitespace().collect();
        for end in [".commit()", "(self.database.writer())", "(store.database.writer())"] {
            let ends = text.match_indices(end).map(|(at, _)| &text[at + end.len()..]);
            let all = ends.filter(|rest| !rest.starts_with(".durably(") && rest.starts_with(".await"));
            nameless.extend(all.map(|rest| format!("{}: {end}{}", path.display(), &rest[..20.min(rest.len())])));
        }
    }
    // It only reads what was stored before.
    nameless.retain(|found| !found.contains("ingest.rs"));
    assert!(nameless.is_empty(), "give them a name with `durably`: {nameless:#?}");
}

macro_rules! slices {
    ($($name:ident: $on:expr, $slice:expr;)+) => {$(
        #[tokio::test]
        async fn $name() {
            kill_at_steps($on, $slice).await;
        }
    )+};
}

slices! {
    killed_at_named_steps_sqlite_1: On::Sqlite, 0;
    killed_at_named_steps_sqlite_2: On::Sqlite, 1;
    killed_at_named_steps_sqlite_3: On::Sqlite, 2;
    killed_at_named_steps_sqlite_4: On::Sqlite, 3;
    killed_at_named_steps_sqlite_5: On::Sqlite, 4;
    killed_at_named_steps_postgres_1: On::Postgres, 0;
    killed_at_named_steps_postgres_2: On::Postgres, 1;
    killed_at_named_steps_postgres_3: On::Postgres, 2;
    killed_at_named_steps_postgres_4: On::Postgres, 3;
    killed_at_named_steps_postgres_5: On::Postgres, 4;
}
