//! The loops that turn the stages: intake, decisions, outbox, ticker and sweep.
//!
//! # Why nothing is lost and nothing is done twice
//!
//! A delivery is on disk before it is answered, and stays `new` until one transaction has written what it means. A
//! subject stays due until one transaction has written what was decided, and that transaction names the fence of the
//! claim, so of two servers that look at one subject only the later claim counts. A mark that comes while a decision
//! is under way raises the subject's generation, and the decision leaves the subject due if the generation is no
//! longer the one it began with. An action stays pending until what came of it is written; a server that dies in
//! between leaves a lease that runs out, and the action is performed again, which every action bears (see
//! [`crate::act`]).
//!
//! So each loop may be stopped at any point, and may run in any number of servers.

mod advise;
mod around;
mod backoff;
mod clock;
mod decisions;
mod environments;
mod holding;
mod intake;
mod listen;
mod missed;
mod past;
mod perform;
mod policies;
mod proposing;
mod pulls;
mod queue;
mod releases;
mod replaying;
mod reviewing;
mod rule_files;
mod run;
mod setback;
mod story;
mod sweep;
mod tasks;
mod testing;
mod tick;
mod tracking;
mod visibility;
mod watch;
mod workflow_run;

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use crate::app::App;
use crate::model::{Sha, Timestamp};

pub use pulls::PullLook;
pub use replaying::{GivenPolicy, ReplaySpan};
pub use story::{Step, Story};

/// Turns the stages.
pub struct Engine {
    app: App,
    owner: String,
    story: Story,
    policies: policies::Policies,
    around: around::Around,
    reviewing: rule_files::Reviewing,
    /// Commits of bases whose checks were read for their coverage.
    bases_looked_at: Mutex<HashSet<Sha>>,
    /// The rules that this server has last seen applied, so that it asks the store only after a change.
    applied_rules: Mutex<Option<String>>,
    /// When the clock was last looked at, by itself and by one that nobody sets.
    last_look: tokio::sync::Mutex<Option<(Timestamp, Instant)>>,
    /// The actions that this server performs at present, with their fences.
    under_way: Mutex<BTreeMap<i64, i64>>,
}

impl Engine {
    /// An engine over these clients and this store.
    #[must_use]
    pub fn new(app: App) -> Arc<Self> {
        // Only for people who look into the tables: correctness rests on fences, not on names.
        let owner = format!("{:08x}", rand::random::<u32>());
        Arc::new(Self {
            app,
            owner,
            story: Story::default(),
            policies: policies::Policies::default(),
            around: around::Around::default(),
            reviewing: rule_files::Reviewing::default(),
            bases_looked_at: Mutex::default(),
            applied_rules: Mutex::default(),
            last_look: tokio::sync::Mutex::default(),
            under_way: Mutex::default(),
        })
    }

    /// What happens, as it happens.
    #[must_use]
    pub const fn story(&self) -> &Story {
        &self.story
    }

    /// What the engine works with.
    #[must_use]
    pub const fn app(&self) -> &App {
        &self.app
    }

    fn lease_ms(&self) -> i64 {
        i64::from(self.app.config.lease_s) * 1000
    }
}
