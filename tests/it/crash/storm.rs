//! Killed at random while webhooks come in, some doubled, some forged, and those sent to nobody lost.

use std::collections::BTreeSet;
use std::time::Duration;

use stationmaster::model::Timestamp;

use super::gateway::Tampering;
use super::points::Plan;
use super::stage::{Scene, Stage};
use super::steps::similar;
use super::story::{STATION, is_routed};
use super::{Size, end_state, now, story};
use crate::world::On;

/// Issues that people work on while the story goes on.
const ISSUES: usize = 6;
const TAMPERING: Tampering = Tampering { doubled_percent: 10, forged_percent: 5 };

/// The story, and then people who change issues until so many webhooks were sent in all.
async fn tell(scene: &Scene, changes: usize) {
    story::tell(scene).await;
    let mut issues = Vec::new();
    for index in 0..ISSUES {
        issues.push(scene.github.open_issue(STATION, "bob", &format!("Lamp {index} flickers"), "").unwrap());
    }
    // From here on the titles change, and what people are told names them.
    for issue in &issues {
        scene.until_issue(*issue, "its card", is_routed).await;
    }
    for change in 0..changes {
        let issue = issues[change % ISSUES];
        let title = format!("Lamp {} flickers: {} times", change % ISSUES, change / ISSUES);
        scene.github.edit_title(STATION, "bob", issue, &title).unwrap();
        // As fast as GitHub delivers: what is on its way is not counted on.
        scene.until("the webhooks to be sent", |view| view.pending_webhooks().count() < 4).await;
    }
}

/// One telling: what came of it, and of how many webhooks and kills.
struct Told {
    end: String,
    stage: Stage,
}

async fn told(on: On, changes: usize, kills: usize) -> Told {
    let plan = Plan::new(BTreeSet::new());
    let mut stage = Stage::start(on).await;
    if kills > 0 {
        stage.gateway.tamper(TAMPERING);
    }
    let left = std::cell::Cell::new(kills);
    let chaos = async || {
        if left.get() == 0 {
            std::future::pending::<()>().await;
        }
        // Time is what is drawn here: a kill falls anywhere, also before the server listens.
        tokio::time::sleep(Duration::from_millis(rand::random_range(20..1_200))).await;
        left.set(left.get() - 1);
    };
    let first = stage
        .play(&plan, chaos, async |scene| {
            tell(scene, changes).await;
            // A story that ended early is killed on while the server cleans up behind it.
            while left.get() > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            scene.rest(Timestamp(0)).await;
        })
        .await;
    drop(first);
    if kills > 0 {
        let began = now();
        let last = stage.play(&plan, std::future::pending, async |scene| scene.rest(began).await).await;
        drop(last);
    }
    Told { end: end_state::end_state(&stage), stage }
}

/// The points are for debug builds; a release build that is named must not know of them.
fn hold_to_its_build(binary: &str) {
    let (bytes, words) = (std::fs::read(binary).unwrap(), b"STATIONMASTER_CRASH_AT");
    assert!(!bytes.windows(words.len()).any(|window| window == words), "{binary} can be told to kill itself");
}

#[expect(clippy::print_stderr, reason = "a run of an hour tells what it did")]
async fn storm(on: On) {
    if let Ok(binary) = std::env::var("STATIONMASTER_CRASH_BINARY") {
        hold_to_its_build(&binary);
    }
    let size = Size::read();
    let changes = (size.deliveries / 2).saturating_sub(150);
    let calm = told(on, changes, 0).await;
    let rough = told(on, changes, size.kills / 2).await;
    let traffic = rough.stage.gateway.traffic();
    similar(&rough.end, &calm.end, &format!("{} kills, {traffic:?}", rough.stage.kills));
    assert_eq!(traffic.taken_in, 0, "a forged webhook was not refused: {traffic:?}");
    assert!(traffic.refused > 0 && traffic.doubled > 0, "nothing was tampered with: {traffic:?}");
    assert!(rough.stage.kills >= size.kills / 2, "only {} kills", rough.stage.kills);
    eprintln!(
        "crash storm on {on:?}: {} kills, {} deliveries ({} to nobody), {} doubled, {} forged and refused; lost 0, doubled 0",
        rough.stage.kills, traffic.delivered, traffic.lost, traffic.doubled, traffic.forged
    );
    calm.stage.leave().await;
    rough.stage.leave().await;
}

#[tokio::test]
async fn killed_at_random_in_a_storm_of_webhooks_on_sqlite() {
    storm(On::Sqlite).await;
}

#[tokio::test]
async fn killed_at_random_in_a_storm_of_webhooks_on_postgres() {
    storm(On::Postgres).await;
}
