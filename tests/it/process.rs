//! The process as users run it: the real binary, its settings in the environment, its log on stderr, and signals.
//!
//! Time is real here, so nothing is asserted about how long anything takes; what is waited for is a condition, and
//! the wait is bounded.

mod audit;
mod browser;
mod commands;
mod crash;
mod doctor;
mod ground;
mod messages;
mod missed;
mod moving;
mod replay;
mod replicas;
mod secrets;
mod server;
mod set_up;
mod set_up_command;
mod settings;
mod traces;
mod worker_cli;
mod workers;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::{ExitStatus, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use stationmaster::model::{DeliveryState, SystemClock};
use stationmaster::simulator::github::{IssueView, Permission};
use stationmaster::simulator::ntfy::NtfySimulator;
use stationmaster::store::{OutboxState, Store};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::contract::Watched;
use crate::world::{On, REPOSITORY, TOPIC, drop_database, fresh_database, settings as common_settings, within};

/// No condition takes longer to come about.
const PATIENCE: Duration = Duration::from_mins(1);

/// Writes a scenario with processes as two tests, one on each database.
macro_rules! on_both {
    ($($(#[$attribute:meta])* async fn $name:ident($place:ident: &Place) $body:block)+) => {$(
        $(#[$attribute])*
        mod $name {
            use super::*;

            async fn scenario($place: &Place) $body

            #[tokio::test]
            async fn on_sqlite() {
                Place::run(crate::world::On::Sqlite, async |place: &Place| scenario(place).await).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                Place::run(crate::world::On::Postgres, async |place: &Place| scenario(place).await).await;
            }
        }
    )+};
}
use on_both;

/// Where processes run: a GitHub, an ntfy, an empty database and a folder of their own.
struct Place {
    github: Watched,
    ntfy: NtfySimulator,
    database: String,
    folder: tempfile::TempDir,
}

impl Place {
    async fn run(on: On, scenario: impl AsyncFnOnce(&Place)) {
        let place = Self::start(on).await;
        scenario(&place).await;
        let database = place.database.clone();
        drop(place);
        drop_database(&database).await;
    }

    async fn start(on: On) -> Self {
        let github = crate::contract::github(Arc::new(SystemClock)).await;
        let ntfy = NtfySimulator::start(Arc::new(SystemClock)).await.unwrap();
        ntfy.limit_requests(None);
        github.create_repository(REPOSITORY).unwrap();
        github.add_user("alice");
        github.set_permission(REPOSITORY, "alice", Permission::Write).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let database = fresh_database(on, folder.path()).await;
        Self { github, ntfy, database, folder }
    }

    /// What the environment of every process here says.
    fn settings(&self) -> BTreeMap<&'static str, String> {
        let mut settings = common_settings(&self.github, &self.ntfy, &self.database);
        // The shortest: another server takes over soon from one that was killed.
        settings.insert("LEASE_S", "5".to_owned());
        settings.insert("LOG_FORMAT", "json".to_owned());
        settings
    }

    /// The program with exactly these settings in its environment.
    fn program(&self, settings: &BTreeMap<&'static str, String>, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stationmaster"));
        command.env_clear().envs(settings).current_dir(self.folder.path()).args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// Runs a command on this database until it ends.
    async fn command(&self, arguments: &[&str]) -> Output {
        self.command_with(&self.settings(), arguments).await
    }

    async fn command_with(&self, settings: &BTreeMap<&'static str, String>, arguments: &[&str]) -> Output {
        within("the command ends", self.program(settings, arguments).output()).await.unwrap()
    }

    /// Starts a server, waits until it listens, and sends GitHub's webhooks to it from then on.
    async fn serve(&self) -> Server {
        self.serve_with(&[]).await
    }

    async fn serve_with(&self, changed: &[(&'static str, &str)]) -> Server {
        let mut settings = self.settings();
        settings.extend(changed.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let server = Server::spawn(self.program(&settings, &["serve"])).await;
        self.github.set_webhook_target(&format!("http://{}/webhooks/github", server.address));
        server
    }

    async fn store(&self) -> Store {
        Store::open(&self.database, Arc::new(SystemClock)).await.unwrap()
    }

    /// Waits until nothing that came in and nothing that was decided waits any more. The database belongs to another
    /// process, which rings no bell here, so it is looked at again and again.
    async fn rest(&self) {
        let store = self.store().await;
        let look = async {
            let mut turns = tokio::time::interval(Duration::from_millis(50));
            loop {
                turns.tick().await;
                // A webhook that is on its way is neither waiting nor delivered: the log grows once it has arrived.
                let delivered = self.github.look(|view| view.deliveries().len());
                let (inbox, outbox) = (store.delivery_counts().await.unwrap(), store.action_counts().await.unwrap());
                let waits = [DeliveryState::New.as_str(), DeliveryState::Marked.as_str()];
                let under_way = [OutboxState::Pending.as_str(), OutboxState::Running.as_str()];
                if !inbox.iter().any(|(state, _)| waits.contains(&state.as_str()))
                    && !outbox.iter().any(|(state, _)| under_way.contains(&state.as_str()))
                    && self.github.deliver_all().await == 0
                    && self.github.look(|view| view.deliveries().len()) == delivered
                {
                    break;
                }
            }
        };
        let rested = tokio::time::timeout(PATIENCE, look).await.is_ok();
        let (inbox, outbox) = (store.deliveries(None, 100).await.unwrap(), store.actions(None, 100).await.unwrap());
        assert!(rested, "the process does not come to rest: {inbox:#?} {outbox:#?}");
        store.database().close().await;
    }

    fn open_issue(&self, title: &str) -> i64 {
        self.github.open_issue(REPOSITORY, "alice", title, "").unwrap().0
    }

    /// Waits until an issue carries its labels and its card.
    async fn carded(&self, number: i64) {
        let what = format!("issue {number} has its card");
        let carded = self
            .github
            .wait_until(&what, PATIENCE, |view| view.issue(REPOSITORY, number).is_some_and(|issue| is_routed(&issue)));
        carded.await.unwrap();
    }

    /// Waits until so many messages were published to people.
    async fn told(&self, count: usize) {
        let told = self.ntfy.wait_until(PATIENCE, |messages| messages.len() >= count).await;
        assert!(told, "{count} messages were expected: {:#?}", self.ntfy.all_messages());
    }

    /// Asserts what an issue titled `Deploy …` looks like in the end, however rough the way there was.
    #[track_caller]
    fn expect_deployment(&self, number: i64) {
        let issue = self.github.issue(REPOSITORY, number).unwrap();
        let mut labels = issue.labels.clone();
        labels.sort();
        assert!(
            ["role/deployment_worker", "type/deployment"].iter().all(|label| labels.contains(&(*label).to_owned())),
            "{labels:?}"
        );
        let states = labels.iter().filter(|label| label.starts_with("status/")).count();
        assert_eq!(states, 1, "exactly one status: {labels:?}");
        assert_eq!(cards(&issue), 1, "exactly one card: {:#?}", issue.comments);
        assert_eq!(issue.comments.len(), 1, "nothing but the card: {:#?}", issue.comments);
        let link = format!("/issues/{number}");
        let told = self.ntfy.messages(TOPIC);
        let told: Vec<_> =
            told.iter().filter(|message| message.click.as_ref().is_some_and(|click| click.ends_with(&link))).collect();
        assert_eq!(told.len(), 1, "exactly one message about issue {number}: {told:#?}");
    }
}

fn cards(issue: &IssueView) -> usize {
    issue.comments.iter().filter(|comment| comment.body.contains("<!-- stationmaster:card -->")).count()
}

fn is_routed(issue: &IssueView) -> bool {
    cards(issue) > 0 && issue.labels.iter().any(|label| label.starts_with("status/"))
}

/// A running `stationmaster serve`. Dropped, it is killed.
struct Server {
    child: Child,
    address: SocketAddr,
    log: watch::Receiver<String>,
    _reading: JoinHandle<()>,
}

impl Drop for Server {
    #[expect(clippy::print_stderr, reason = "what a test that failed shows")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the server's log:\n{}", self.log());
        }
    }
}

impl Server {
    async fn spawn(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let (lines, mut log) = watch::channel(String::new());
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let reading = tokio::spawn(async move {
            let mut line = String::new();
            while stderr.read_line(&mut line).await.unwrap_or_default() > 0 {
                lines.send_modify(|log| log.push_str(&line));
                line.clear();
            }
        });
        let listens = tokio::time::timeout(PATIENCE, log.wait_for(|log| address_in(log).is_some())).await.is_ok();
        let address = address_in(&log.borrow());
        let address = address.unwrap_or_else(|| panic!("no server listens ({listens}): {}", *log.borrow()));
        Self { child, address, log, _reading: reading }
    }

    /// Everything logged so far.
    fn log(&self) -> String {
        self.log.borrow().clone()
    }

    /// Waits until something is logged.
    async fn logs(&mut self, words: &str) {
        let found = tokio::time::timeout(PATIENCE, self.log.wait_for(|log| log.contains(words))).await;
        assert!(matches!(found, Ok(Ok(_))), "{words:?} was not logged");
    }

    /// Kills it as a crash or a power cut would: it gets to do nothing more.
    async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Sends a signal by name, such as `TERM`.
    async fn signal(&self, name: &str) {
        let id = self.child.id().expect("it runs").to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().await.unwrap().success());
    }

    /// Waits until it ends by itself.
    async fn ended(mut self) -> (ExitStatus, String) {
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("it ends").unwrap();
        // The rest of the log: the channel closes behind the last line.
        while self.log.changed().await.is_ok() {}
        (status, self.log())
    }

    /// Sends one request and reads the whole answer.
    async fn send(&self, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request).await.unwrap();
        answer(stream).await
    }

    async fn get(&self, path: &str) -> String {
        self.send(format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes()).await
    }
}

async fn answer(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    within("the answer", stream.read_to_end(&mut bytes)).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

fn address_in(log: &str) -> Option<SocketAddr> {
    log.lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .find(|line| line["message"].as_str().is_some_and(|message| message.starts_with("listening")))
        .and_then(|line| line["address"].as_str()?.parse().ok())
}

/// A webhook as GitHub sends it: its head, and its body apart from it.
fn webhook(secret: &str, guid: &str, event: &str, body: &str) -> (String, String) {
    use hmac::{Hmac, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let head = format!(
        "POST /webhooks/github HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nx-github-event: {event}\r\nx-github-delivery: {guid}\r\n\
         x-hub-signature-256: sha256={:x}\r\n",
        body.len(),
        mac.finalize().into_bytes()
    );
    (format!("{head}\r\n"), body.to_owned())
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}
