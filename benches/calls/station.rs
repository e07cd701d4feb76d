//! An installation with many repositories, a server in this process, and a clock that is ours.

use std::sync::Arc;
use std::time::Duration;

use stationmaster::cli::serve;
use stationmaster::engine::Engine;
use stationmaster::http;
use stationmaster::model::{Clock, ManualClock, Timestamp};
use stationmaster::simulator::github::{CheckApp, GithubSimulator, NewPull, Permission, WebhookMode};
use stationmaster::simulator::ntfy::NtfySimulator;
use stationmaster::store::Bell;
use tokio_util::sync::CancellationToken;

use crate::engine::engine;

/// 2026-11-23T08:00:00Z, a Monday.
const MORNING: Timestamp = Timestamp(1_795_420_800_000);
/// What falls due within so long is waited for.
const PATIENCE_MS: i64 = 4_000;
/// A sweep falls due so often, in milliseconds.
const SWEEP_MS: i64 = 300_000;
const SWEEPS_AN_HOUR: usize = 12;
const HOUR_MS: i64 = 3_600_000;
const DAY_OF_SWEEPS: usize = 24 * SWEEPS_AN_HOUR;
/// Releases are made of every green commit.
const POLICY: (&str, &str) = (".github/stationmaster.toml", "[release]\n");

/// What GitHub was asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Calls {
    /// Requests that count against the installation's limit.
    pub counted: u32,
    /// Those that GitHub only confirmed.
    pub unchanged: u32,
}

/// The installation and the server.
pub struct Station {
    github: GithubSimulator,
    _ntfy: NtfySimulator,
    clock: ManualClock,
    engine: Arc<Engine>,
    stop: CancellationToken,
    turn: usize,
    size: usize,
    _folder: tempfile::TempDir,
}

impl Drop for Station {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn repository(index: usize) -> String {
    format!("octo/station{index}")
}

impl Station {
    /// Opens one with so many repositories, each with a policy of its own.
    pub async fn open(size: usize) -> Self {
        let clock = ManualClock::at(MORNING);
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let github = GithubSimulator::start(Arc::clone(&shared)).await.expect("a GitHub on loopback");
        let ntfy = NtfySimulator::start(Arc::clone(&shared)).await.expect("an ntfy on loopback");
        ntfy.limit_requests(None);
        github.set_webhook_mode(WebhookMode::Manual);
        for index in 0..size {
            github.create_repository(&repository(index)).expect("there is none of that name");
        }
        github.add_user("alice");
        for index in 0..size {
            github.set_permission(&repository(index), "alice", Permission::Write).expect("she is there");
            github.write_file(&repository(index), "main", POLICY, "Policy").expect("it can be pushed");
        }
        let folder = tempfile::tempdir().expect("there is room for a database");
        let database = format!("sqlite://{}", folder.path().join("calls.db").display());
        let engine = engine(&database, (&github, &ntfy), shared).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("loopback has free ports");
        let address = listener.local_addr().expect("a bound port has an address");
        github.set_webhook_target(&format!("http://{address}/webhooks/github"));
        let stop = CancellationToken::new();
        let door = serve::door(&engine, address).expect("the settings are good");
        tokio::spawn(http::serve(listener, http::router(door), stop.clone(), Duration::from_secs(1)));
        let station = Self { github, _ntfy: ntfy, clock, engine, stop, turn: 0, size, _folder: folder };
        station.come_to_rest().await;
        station
    }

    /// Lets the time pass that the first look at every repository takes: it is spread over GitHub's limit.
    async fn come_to_rest(&self) {
        for _ in 0..DAY_OF_SWEEPS {
            self.engine.tick().await.expect("the store works");
            self.settle().await;
            let due = self.engine.app().store.next_due(Bell::Subjects).await.expect("the store works");
            self.clock.advance_ms(SWEEP_MS);
            if due.is_none_or(|due| due.since_ms(self.clock.now()) > HOUR_MS) {
                break;
            }
        }
        // So that all of the limit is there again.
        self.clock.advance_ms(HOUR_MS);
        self.engine.tick().await.expect("the store works");
        self.settle().await;
        self.taken();
    }

    /// An issue is opened.
    pub async fn issue(&mut self, home: usize) -> Calls {
        self.turn += 1;
        let title = format!("Fix the signal of line {}", self.turn);
        self.github.open_issue(&repository(home), "alice", &title, "It is red.").expect("it opens");
        self.settle().await;
        self.taken()
    }

    /// A pull is opened, its two checks pass, and it is merged.
    pub async fn pull(&mut self, home: usize) -> Calls {
        self.turn += 1;
        let (name, branch) = (repository(home), format!("line-{}", self.turn));
        let path = format!("docs/{branch}.md");
        self.github.write_file(&name, &branch, (&path, "Red means stop.\n"), "docs: a line").expect("it can be pushed");
        let head = self.github.head_of(&name, &branch).expect("it was pushed");
        let title = format!("docs: line {}", self.turn);
        let new = NewPull { title, head: branch, base: "main".to_owned(), ..NewPull::default() };
        let number = self.github.open_pull(&name, "alice", new).expect("it opens");
        self.settle().await;
        let begun: Vec<i64> = ["build", "test"]
            .iter()
            .map(|check| self.github.start_check(&name, &head, CheckApp::actions(), check).expect("it begins"))
            .collect();
        self.settle().await;
        for check in begun {
            self.github.finish_check(check, "success").expect("it ends");
            self.settle().await;
        }
        let merged = self.github.pull(&name, number.0).is_some_and(|pull| pull.merge_sha.is_some());
        assert!(merged, "the pull {number} of {name} is merged");
        self.taken()
    }

    /// The commit that landed last is found green, and released.
    pub async fn release(&mut self, home: usize) -> Calls {
        let name = repository(home);
        let sha = self.github.head_of(&name, "main").expect("it has commits");
        let check = self.github.start_check(&name, &sha, CheckApp::actions(), "build").expect("it begins");
        self.github.finish_check(check, "success").expect("it ends");
        self.settle().await;
        assert!(!self.github.tags(&name).is_empty(), "a version of {name} is tagged");
        self.taken()
    }

    /// An hour with its sweeps, in which so many issues are opened and so many pulls are merged.
    pub async fn hour(&mut self, busy: usize) -> Calls {
        let mut all = Calls::default();
        let mut add = |calls: Calls| {
            all.counted += calls.counted;
            all.unchanged += calls.unchanged;
        };
        for sweep in 0..SWEEPS_AN_HOUR {
            self.clock.advance_ms(SWEEP_MS);
            for index in (0..busy).filter(|index| index % SWEEPS_AN_HOUR == sweep) {
                let home = index * 10 % self.size;
                add(self.issue(home).await);
                add(self.pull(home).await);
            }
            self.engine.tick().await.expect("the store works");
            self.settle().await;
            add(self.taken());
        }
        all
    }

    /// What was asked since this was asked last.
    fn taken(&self) -> Calls {
        let asked = self.github.take_requests();
        let count = |wanted: fn(Option<u16>) -> bool| {
            u32::try_from(asked.iter().filter(|request| wanted(request.status)).count()).unwrap_or(u32::MAX)
        };
        Calls { counted: count(|status| status != Some(304)), unchanged: count(|status| status == Some(304)) }
    }

    async fn settle(&self) {
        loop {
            let delivered = self.github.deliver_all().await;
            if delivered + self.turned().await == 0 && !self.step_to_next_due().await {
                return;
            }
        }
    }

    async fn turned(&self) -> usize {
        let engine = &self.engine;
        engine.intake_step().await.expect("the store works")
            + engine.decide_step(8).await.expect("the store works")
            + engine.act_step(8).await.expect("the store works")
    }

    async fn step_to_next_due(&self) -> bool {
        let mut next: Option<Timestamp> = None;
        for bell in [Bell::Subjects, Bell::Outbox] {
            let due = self.engine.app().store.next_due(bell).await.expect("the store works");
            next = [next, due].into_iter().flatten().min();
        }
        let wait_ms = next.map_or(i64::MAX, |next| next.since_ms(self.clock.now()).max(1));
        if wait_ms <= PATIENCE_MS {
            self.clock.advance_ms(wait_ms);
        }
        wait_ms <= PATIENCE_MS
    }
}
