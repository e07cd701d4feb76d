//! Crash tests: the real server is killed at every named step and at random, and the end is as if it had not been.
//!
//! A *step* is what the server does to the world: a commit, by the name that the store gives it
//! (`src/store/durable.rs`), or a call of GitHub or ntfy, by method and path. It is killed by SIGKILL before the step
//! and after it: before a call is answered nothing was done, or all of it was. Then it is started again. In the end
//! what everybody sees on GitHub and on ntfy is compared, as text, with a run in which nobody was killed.
//!
//! The same tests take longer with larger numbers from the environment; [`Size`] lists them.

mod end_state;
mod gateway;
mod points;
mod stage;
mod steps;
mod storm;
mod story;

use std::collections::BTreeSet;

use stationmaster::model::Timestamp;
use tokio::sync::OnceCell;

use self::points::Plan;
use self::stage::Stage;
use crate::world::On;

/// How much is done; each has a variable of the environment.
struct Size {
    /// Kills at random, on both databases together: `STATIONMASTER_CRASH_KILLS`.
    kills: usize,
    /// Webhooks in the storm, on both databases together: `STATIONMASTER_CRASH_DELIVERIES`.
    deliveries: usize,
    /// Whether every point is taken on both databases (`STATIONMASTER_CRASH_STEPS=all`) or each on one of them.
    all_steps: bool,
}

impl Size {
    fn read() -> Self {
        let number = |name: &str, otherwise: usize| {
            let set = std::env::var(name).ok();
            set.map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number, not {text}")))
        };
        Self {
            kills: number("STATIONMASTER_CRASH_KILLS", 16),
            deliveries: number("STATIONMASTER_CRASH_DELIVERIES", 300),
            all_steps: std::env::var("STATIONMASTER_CRASH_STEPS").is_ok_and(|steps| steps == "all"),
        }
    }
}

/// How the story ends when nobody is killed, and the steps to there.
struct Undisturbed {
    end: String,
    steps: BTreeSet<String>,
}

/// Played once for all tests.
async fn undisturbed() -> &'static Undisturbed {
    static ONCE: OnceCell<Undisturbed> = OnceCell::const_new();
    ONCE.get_or_init(|| play_undisturbed(On::Sqlite)).await
}

async fn play_undisturbed(on: On) -> Undisturbed {
    let plan = Plan::new(BTreeSet::new());
    let mut stage = Stage::start(on).await;
    let server = stage
        .play(&plan, std::future::pending, async |scene| {
            story::tell(scene).await;
            scene.rest(Timestamp(0)).await;
        })
        .await;
    let end = end_state::end_state(&stage);
    drop(server);
    stage.leave().await;
    Undisturbed { end, steps: plan.steps() }
}

/// The present, by the machine's clock, as the servers see it.
fn now() -> Timestamp {
    use stationmaster::model::{Clock, SystemClock};
    SystemClock.now()
}
