//! The language of scenarios: a simulated GitHub and ntfy, the real door, store and engine, and a clock that is ours.
//!
//! A scenario says what people do, lets the world [`settle`](World::settle), and asserts what they would see. Nothing
//! waits in real time: settling delivers webhooks over HTTP, turns the engine, and moves the clock forward where
//! something of ours falls due within a few seconds.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::contract::Watched;
pub use crate::databases::{drop_database, fresh_database, migrated_database};
use crate::world_releases::HOOK_KEY;
use stationmaster::app::App;
use stationmaster::cli::serve;
use stationmaster::config::{Config, Flags};
use stationmaster::decide::replay::Differing;
use stationmaster::engine::{Engine, GivenPolicy, ReplaySpan};
use stationmaster::github::{Github, GithubConfig, Patience};
use stationmaster::http;
use stationmaster::model::{Clock, DeliveryState, ManualClock, Number, Timestamp};
use stationmaster::simulator::github::{GithubSimulator, IssueView, Permission, WebhookMode};
use stationmaster::simulator::ntfy::NtfySimulator;
use stationmaster::store::{AuditRow, Bell, OutboxState};
use tokio_util::sync::CancellationToken;

/// The repository in which most scenarios play.
pub const REPOSITORY: &str = "octo/station";
/// The people's topic.
pub const TOPIC: &str = "people";
/// The token of the HTTP API.
pub const API_TOKEN: &str = "a-token-for-the-api-0123456789";
/// 2026-11-21T12:00:00Z.
const NOON: Timestamp = Timestamp(1_795_262_400_000);
/// What falls due within so long is waited for while the world settles; what is put off for longer is not.
const PATIENCE_MS: i64 = 4_000;
/// More turns than any scenario needs: whoever takes them goes in circles.
const TURNS_MAX: usize = 2_000;
/// So many of a scenario's newest decisions are made again at its end.
const REPLAYED: u64 = 100;

/// Which database a scenario runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    Sqlite,
    Postgres,
}

/// Writes a scenario as two tests, one on each database.
macro_rules! scenarios {
    ($($(#[$attribute:meta])* async fn $name:ident($world:ident: &World) $body:block)+) => {$(
        $(#[$attribute])*
        mod $name {
            use super::*;

            async fn scenario($world: &World) $body

            #[tokio::test]
            async fn on_sqlite() {
                World::run(On::Sqlite, async |world: &World| scenario(world).await).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                World::run(On::Postgres, async |world: &World| scenario(world).await).await;
            }
        }
    )+};
}
pub(crate) use scenarios;

/// How a world begins, where it is not as usual.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beginning<'a> {
    /// Settings that are changed.
    pub changed: &'a [(&'static str, &'a str)],
    /// GitHub is given up on after less than a second of silence, in real time.
    pub impatient: bool,
    /// GitHub's clock is ahead of ours by so much.
    pub github_ahead_ms: i64,
    /// GitHub may refuse what was done already: the world does not hold it against whoever tried.
    pub lenient: bool,
}

/// Another clock, so far ahead of ours.
#[derive(Debug)]
struct Ahead(ManualClock, i64);

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        self.0.now().plus_ms(self.1)
    }
}

pub struct World {
    pub github: Watched,
    pub ntfy: NtfySimulator,
    pub clock: ManualClock,
    /// Secrets by their variables, beside those of the process.
    pub secrets: Arc<Mutex<BTreeMap<String, String>>>,
    pub engine: Arc<Engine>,
    /// Where the server listens.
    pub url: String,
    folder: tempfile::TempDir,
    read_comments: RefCell<BTreeSet<i64>>,
    /// Deliveries and actions that are meant to be dead at the end.
    expected_dead: RefCell<usize>,
    /// Decisions that are meant not to come out the same when they are made again.
    expected_odd: RefCell<usize>,
    lenient: bool,
    stop: CancellationToken,
}

/// The settings of a server between these two, as the environment would give them.
pub fn settings(github: &GithubSimulator, ntfy: &NtfySimulator, database: &str) -> BTreeMap<&'static str, String> {
    let app = github.app();
    BTreeMap::from([
        ("DATABASE_URL", database.to_owned()),
        ("GITHUB_API_URL", github.api_url()),
        ("GITHUB_APP_ID", app.app_id.to_string()),
        ("GITHUB_APP_PRIVATE_KEY", app.private_key_pem),
        ("GITHUB_WEBHOOK_SECRET", app.webhook_secret),
        ("GITHUB_APP_CLIENT_ID", app.client_id),
        ("GITHUB_APP_CLIENT_SECRET", app.client_secret),
        ("NTFY_URL", ntfy.url().to_owned()),
        ("NTFY_TOPIC", TOPIC.to_owned()),
        // Hooks, probes and pages of tests are on this machine.
        ("PRIVATE_HOSTS", "127.0.0.1, localhost".to_owned()),
        ("PORT", "0".to_owned()),
        ("STATIONMASTER_API_TOKEN", API_TOKEN.to_owned()),
    ])
}

impl World {
    /// Runs a scenario in a world of its own, and holds it to its manners at the end.
    pub async fn run(on: On, scenario: impl AsyncFnOnce(&World)) {
        Self::run_with(on, &[], scenario).await;
    }

    /// The same with these settings changed.
    pub async fn run_with(on: On, changed: &[(&'static str, &str)], scenario: impl AsyncFnOnce(&World)) {
        Self::run_from(on, Beginning { changed, ..Beginning::default() }, scenario).await;
    }

    /// The same from another beginning.
    pub async fn run_from(on: On, beginning: Beginning<'_>, scenario: impl AsyncFnOnce(&World)) {
        let folder = tempfile::tempdir().unwrap();
        let database = migrated_database(on, folder.path()).await;
        let world = Self::start(folder, &database, beginning).await;
        scenario(&world).await;
        world.take_leave().await;
        drop(world);
        drop_database(&database).await;
    }

    async fn start(folder: tempfile::TempDir, database: &str, beginning: Beginning<'_>) -> Self {
        let clock = ManualClock::at(NOON);
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let theirs = Arc::new(Ahead(clock.clone(), beginning.github_ahead_ms));
        let github = crate::contract::github(theirs).await;
        let ntfy = NtfySimulator::start(Arc::clone(&shared)).await.unwrap();
        // Scenarios that are about limits set them.
        ntfy.limit_requests(None);
        github.set_webhook_mode(WebhookMode::Manual);
        github.create_repository(REPOSITORY).unwrap();
        github.add_user("alice");
        github.set_permission(REPOSITORY, "alice", Permission::Write).unwrap();
        let rules = folder.path().join("rules");
        copy_rules(&rules);
        let mut settings = settings(&github, &ntfy, database);
        settings.insert("STATIONMASTER_RULES", rules.display().to_string());
        settings.extend(beginning.changed.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let config = Config::load(&Flags::default(), |name| settings.get(name).cloned(), None).unwrap();
        let mut app = App::connect(config, shared).await.unwrap();
        if beginning.impatient {
            app.hands.github = impatient(&github, &app.clock);
        }
        // The environment of a process cannot be changed while it runs, and deploy hooks want a name of their own.
        let secrets: Arc<Mutex<BTreeMap<String, String>>> = Arc::default();
        let known = Arc::clone(&secrets);
        app.hands.secrets = Arc::new(move |name| match name {
            HOOK_KEY => Some("a key for tests".to_owned()),
            name => known.lock().unwrap().get(name).cloned().or_else(|| std::env::var(name).ok()),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let url = format!("http://{address}");
        github.set_webhook_target(&format!("{url}/webhooks/github"));
        let stop = CancellationToken::new();
        app.learn_own_login().await.unwrap();
        let engine = Engine::new(app);
        let door = serve::door(&engine, address).unwrap();
        tokio::spawn(http::serve(listener, http::router(door), stop.clone(), Duration::from_secs(1)));
        let world = Self {
            github,
            ntfy,
            clock,
            secrets,
            engine,
            url,
            folder,
            read_comments: RefCell::default(),
            expected_dead: RefCell::default(),
            expected_odd: RefCell::default(),
            lenient: beginning.lenient,
            stop,
        };
        // The installation's own webhooks come before anything else.
        world.settle().await;
        world
    }

    pub fn app(&self) -> &App {
        self.engine.app()
    }

    /// The folder with this world's own copy of the shipped rules.
    pub fn rules(&self) -> PathBuf {
        self.folder.path().join("rules")
    }

    pub async fn open_issue(&self, title: &str) -> i64 {
        let number = self.github.open_issue(REPOSITORY, "alice", title, "").unwrap();
        self.settle().await;
        number.0
    }

    pub fn issue(&self, number: i64) -> IssueView {
        self.github.issue(REPOSITORY, number).unwrap_or_else(|| panic!("there is no issue {number}"))
    }

    /// Delivers every webhook and turns the engine until nothing is left that falls due soon.
    pub async fn settle(&self) {
        self.settle_with(&self.engine).await;
    }

    /// The same with another server's engine; ours does nothing meanwhile.
    pub async fn settle_with(&self, engine: &Engine) {
        for _ in 0..TURNS_MAX {
            let delivered = self.github.deliver_all().await;
            if delivered + turn_of(engine).await == 0 && !self.step_to_next_due().await {
                return;
            }
        }
        panic!("the world does not come to rest: {:?}", self.app().store.actions(None, 20).await.unwrap());
    }

    /// One turn of the engine, without webhooks and without moving the clock.
    pub async fn turn(&self) -> usize {
        turn_of(&self.engine).await
    }

    async fn step_to_next_due(&self) -> bool {
        let mut next: Option<Timestamp> = None;
        for bell in [Bell::Subjects, Bell::Outbox] {
            let due = self.app().store.next_due(bell).await.unwrap();
            next = [next, due].into_iter().flatten().min();
        }
        let Some(next) = next else { return false };
        let wait_ms = next.since_ms(self.clock.now()).max(1);
        if wait_ms <= PATIENCE_MS {
            self.clock.advance_ms(wait_ms);
        }
        wait_ms <= PATIENCE_MS
    }

    /// Lets time pass and does what falls due on the way.
    pub async fn pass_ms(&self, ms: i64) {
        self.clock.advance_ms(ms);
        self.settle().await;
    }

    /// The card of an issue; there must be exactly one.
    pub fn card(&self, number: i64) -> String {
        let cards: Vec<_> = self.issue(number).comments.into_iter().filter(|comment| is_card(&comment.body)).collect();
        assert_eq!(cards.len(), 1, "issue {number} has {} cards: {cards:#?}", cards.len());
        cards.into_iter().next().unwrap().body
    }

    pub fn expect_labels(&self, number: i64, expected: &[&str]) {
        let mut labels = self.issue(number).labels;
        labels.sort();
        let mut expected: Vec<String> = expected.iter().map(|label| (*label).to_owned()).collect();
        expected.sort();
        assert_eq!(labels, expected, "labels of issue {number}");
    }

    /// A comment of ours, other than the card, that says this; it counts as read.
    pub fn expect_comment(&self, number: i64, words: &str) {
        let issue = self.issue(number);
        let found = issue.comments.iter().find(|comment| comment.body.contains(words) && !is_card(&comment.body));
        let comment = found.unwrap_or_else(|| panic!("nobody says {words:?} on issue {number}: {:#?}", issue.comments));
        self.read_comments.borrow_mut().insert(comment.id);
    }

    /// The headlines on the people's topic, in order.
    pub fn told(&self) -> Vec<String> {
        self.ntfy.messages(TOPIC).into_iter().map(|message| message.title.unwrap_or_default()).collect()
    }

    /// What was decided about an issue, oldest first.
    pub async fn decisions(&self, number: i64) -> Vec<AuditRow> {
        let task = self.task(number).await.expect("the issue is not a task");
        let subject = stationmaster::model::Subject::Issue(task.repository, task.number);
        let rows = self.app().store.audit_of(Some(&subject), 1_000).await.unwrap();
        rows.into_iter().filter(|row| row.kind == "decision").collect()
    }

    pub async fn task(&self, number: i64) -> Option<stationmaster::model::Task> {
        let known = self.app().store.repositories().await.unwrap();
        let id = known.iter().find(|known| known.name.to_string() == REPOSITORY)?.id;
        self.app().store.task(id, Number(number)).await.unwrap()
    }

    /// How many deliveries are in this state.
    pub async fn deliveries(&self, state: DeliveryState) -> usize {
        self.app().store.deliveries(Some(state), 10_000).await.unwrap().len()
    }

    /// Says that one more delivery or action is meant to be dead in the end.
    pub fn expect_one_dead(&self) {
        *self.expected_dead.borrow_mut() += 1;
    }

    pub fn count_requests(&self, method: &str, path_part: &str) -> usize {
        self.github
            .requests()
            .iter()
            .filter(|request| request.method == method && request.path.contains(path_part))
            .count()
    }

    /// Nothing may be left behind: no webhook, no delivery, no action, no comment that the scenario did not read, no
    /// fault that never struck, and no request that GitHub does not know.
    async fn take_leave(&self) {
        assert!(self.github.pending_webhooks().is_empty(), "webhooks were left undelivered");
        assert_eq!(self.github.clear_faults(), 0, "an injected fault never struck");
        for state in [DeliveryState::New, DeliveryState::Marked] {
            let left = self.app().store.deliveries(Some(state), 10).await.unwrap();
            assert!(
                left.is_empty(),
                "deliveries were left {state}: {left:#?}, the next falls due at {:?} and it is {:?}",
                self.app().store.next_due(Bell::Subjects).await,
                self.clock.now()
            );
        }
        let waiting = self.app().store.actions(Some(OutboxState::Pending), 100).await.unwrap();
        assert!(waiting.is_empty(), "actions were left waiting: {waiting:#?}");
        let dead = self.app().store.actions(Some(OutboxState::Dead), 100).await.unwrap();
        let dead_count = dead.len() + self.deliveries(DeliveryState::Dead).await;
        assert_eq!(dead_count, *self.expected_dead.borrow(), "dead deliveries or actions: {dead:#?}");
        self.assert_comments_read();
        for request in self.github.requests() {
            let odd = matches!(request.status, Some(400 | 401 | 405 | 406 | 415 | 422)) && request.fault.is_none();
            // GitHub's refusal of a merge or of a link is an answer that is dealt with.
            let allowed = ["/labels", "/merge", "/sub_issues", "/dependencies/blocked_by"]
                .iter()
                .any(|end| request.path.ends_with(end))
                || request.status == Some(401);
            assert!(!odd || allowed || self.lenient, "an unexpected answer: {request:?}");
        }
        self.decide_again().await;
        self.stop.cancel();
    }

    /// Whatever was decided last comes out the same when it is decided again, unless the policy was another one.
    async fn decide_again(&self) {
        let span = ReplaySpan { from: Timestamp(0), most: REPLAYED };
        let tally = self.engine.replay_since(span, &GivenPolicy::default()).await.unwrap();
        let lines: Vec<String> = tally.differing.iter().map(Differing::line).collect();
        let odd: Vec<&String> = lines
            .iter()
            .filter(|line| {
                let unreadable = line.contains("cannot be made again") && !line.contains("its policy is not to be had");
                line.contains("differs and should not") || unreadable
            })
            .collect();
        assert_eq!(odd.len(), *self.expected_odd.borrow(), "decisions that come out otherwise: {odd:#?}");
    }

    /// Says that one more decision is meant to come out otherwise when it is made again, or to be unreadable.
    pub fn expect_one_odd(&self) {
        *self.expected_odd.borrow_mut() += 1;
    }

    fn assert_comments_read(&self) {
        let ours = self.github.app_login();
        let issues = self.github.look(|view| view.issues(REPOSITORY));
        for issue in issues {
            let mine = issue.comments.iter().filter(|comment| comment.author == ours);
            let (cards, others): (Vec<_>, Vec<_>) = mine.partition(|comment| is_card(&comment.body));
            assert!(cards.len() <= 1, "issue {} has {} cards", issue.number, cards.len());
            for comment in others {
                let read = self.read_comments.borrow().contains(&comment.id);
                assert!(read, "an unread comment on issue {}: {}", issue.number, comment.body);
            }
        }
    }
}

/// A client that waits for no answer longer than a moment.
fn impatient(github: &GithubSimulator, clock: &Arc<dyn Clock>) -> Github {
    let app = github.app();
    let moment = Duration::from_millis(700);
    let config = GithubConfig {
        api_url: github.api_url().parse().unwrap(),
        app_id: app.app_id,
        private_key_pem: app.private_key_pem.into(),
        patience: Patience { connect: moment, silence: moment, whole: moment },
    };
    Github::new(config, Arc::clone(clock)).unwrap()
}

async fn turn_of(engine: &Engine) -> usize {
    engine.intake_step().await.unwrap() + engine.decide_step(8).await.unwrap() + engine.act_step(8).await.unwrap()
}

fn is_card(body: &str) -> bool {
    body.contains("<!-- stationmaster:card -->")
}

fn copy_rules(to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for name in ["routing.toml", "workers.toml"] {
        std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("rules").join(name), to.join(name)).unwrap();
    }
}

/// Waits for a future of a real process, bounded in real time.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), future).await.unwrap_or_else(|_| panic!("{what}: not within 30 s"))
}

/// Posts a signed webhook as GitHub would and returns the status.
pub async fn deliver(url: &str, secret: &str, (event, guid): (&str, &str), body: &[u8]) -> u16 {
    let answer = crate::wire::client()
        .post(format!("{url}/webhooks/github"))
        .header("content-type", "application/json")
        .header("x-github-event", event)
        .header("x-github-delivery", guid)
        .header("x-hub-signature-256", signature(secret, body))
        .body(body.to_vec())
        .send()
        .await
        .unwrap();
    answer.status().as_u16()
}

/// `sha256=` and the HMAC-SHA256 of a body, as GitHub and we sign.
pub fn signature(secret: &str, body: &[u8]) -> String {
    use std::fmt::Write as _;

    use hmac::Mac;
    let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    mac.finalize().into_bytes().iter().fold("sha256=".to_owned(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
