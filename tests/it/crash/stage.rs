//! Where the story plays: simulated GitHub, ntfy and town, a database, and a server that is started again and again.
//!
//! A server that is killed keeps its leases until they end. On SQLite the next one frees them at its start, for there
//! is one server. On PostgreSQL nobody but the operator knows that no other one runs: here that is the test, which
//! frees them as an operator may after three of four kills and lets them end by themselves after the fourth.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use stationmaster::model::{DeliveryState, SystemClock, Timestamp};
use stationmaster::simulator::github::{GithubSimulator, Permission};
use stationmaster::simulator::ntfy::NtfySimulator;
use stationmaster::store::{Bell, OutboxState, Store};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::gateway::Gateway;
use super::points::Plan;
use super::story;
use crate::contract::Watched;
use crate::world::{On, drop_database, fresh_database, settings};
use crate::world_releases::{HOOK_KEY, Town};

/// No condition takes longer to come about.
pub const PATIENCE: Duration = Duration::from_mins(4);
/// What is due later than this does not keep the world from rest.
const SOON_MS: i64 = 120_000;

pub struct Stage {
    pub github: Watched,
    pub ntfy: NtfySimulator,
    pub town: Town,
    pub gateway: Gateway,
    pub kills: usize,
    on: On,
    database: String,
    folder: tempfile::TempDir,
}

/// Why a server is started anew.
enum End {
    Told,
    Died,
    Kill,
}

impl Stage {
    pub async fn start(on: On) -> Self {
        let github = crate::contract::github(Arc::new(SystemClock)).await;
        let ntfy = NtfySimulator::start(Arc::new(SystemClock)).await.unwrap();
        ntfy.limit_requests(None);
        let (town, gateway) = (Town::open().await, Gateway::open().await);
        github.set_webhook_target(&format!("{}/webhooks/github", gateway.url));
        for login in ["alice", "bob"] {
            github.add_user(login);
        }
        for (repository, policy) in story::policies(&town) {
            github.create_repository(repository).unwrap();
            for login in ["alice", "bob"] {
                github.set_permission(repository, login, Permission::Write).unwrap();
            }
            let files = [
                (".github/stationmaster.toml", Some(policy.into_bytes())),
                (".github/workflows/deploy.yml", Some(story::WORKFLOW.as_bytes().to_vec())),
            ];
            github.commit_files(repository, "alice", "main", &files, "Say how we work").unwrap();
        }
        // Hundreds of starts within minutes ask for more than an hour's limit allows.
        github.set_rate_limit(1_000_000, 1_000_000);
        let folder = tempfile::tempdir().unwrap();
        let database = fresh_database(on, folder.path()).await;
        Self { github, ntfy, town, gateway, kills: 0, on, database, folder }
    }

    pub async fn leave(self) {
        let database = self.database.clone();
        drop(self);
        drop_database(&database).await;
    }

    /// What the server has done last, for whoever looks for the reason of a difference.
    pub async fn trouble(&self) -> String {
        let store = Store::open(&self.database, Arc::new(SystemClock)).await.unwrap();
        let actions = store.actions(None, 60).await.unwrap();
        let lines: Vec<String> = actions.iter().map(|action| format!("{action:?}")).collect();
        let decisions = store.audit_of(None, 60).await.unwrap();
        let decided: Vec<String> = decisions.iter().map(|row| format!("{:?} {}", row.subject, row.summary)).collect();
        store.database().close().await;
        format!("{}\n{}", lines.join("\n"), decided.join("\n"))
    }

    fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    fn spawn(&self) -> Child {
        let mut settings = settings(&self.github, &self.ntfy, &self.database);
        settings.insert("LEASE_S", "5".to_owned());
        settings.insert("SWEEP_INTERVAL_S", "10".to_owned());
        settings.insert("LOG_FORMAT", "json".to_owned());
        settings.insert(HOOK_KEY, "a-key-of-the-town".to_owned());
        settings.insert("STATIONMASTER_CRASH_AT", self.folder.path().display().to_string());
        let named = std::env::var("STATIONMASTER_CRASH_BINARY");
        let mut command = Command::new(named.as_deref().unwrap_or(env!("CARGO_BIN_EXE_stationmaster")));
        command.env_clear().envs(settings).current_dir(self.folder.path()).arg("serve");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        command.spawn().unwrap()
    }

    /// Tells a story to servers that are killed where the plan says, and where `chaos` does; returns the last one.
    pub async fn play(&mut self, plan: &Plan, chaos: impl AsyncFn(), story: impl AsyncFnOnce(&Scene)) -> Child {
        self.github.watch(Some(plan.watch("GitHub")));
        self.ntfy.watch(Some(plan.watch("ntfy")));
        let scene = Scene {
            github: self.github.clone(),
            ntfy: self.ntfy.clone(),
            town: self.town.clone(),
            database: self.database.clone(),
        };
        // Who frees leases, once there is a database to free them in.
        let operator = tokio::sync::OnceCell::new();
        let mut story = pin!(story(&scene));
        loop {
            plan.arm(&self.folder());
            let mut server = self.spawn();
            let mut lines = BufReader::new(server.stderr.take().unwrap()).lines();
            let mut log = Vec::new();
            let mut kill = pin!(chaos());
            let end = loop {
                tokio::select! {
                    line = lines.next_line() => match line.unwrap_or_default() {
                        Some(line) => {
                            if let Some(address) = address_in(&line) {
                                self.gateway.lead_to(Some(address));
                            }
                            log.push(line);
                        }
                        None => break End::Died,
                    },
                    _ = plan.hit() => break End::Kill,
                    () = &mut kill => break End::Kill,
                    () = &mut story => break End::Told,
                }
            };
            if matches!(end, End::Told) {
                // The log is read on, or the server would wait for its reader.
                tokio::spawn(async move { while lines.next_line().await.is_ok_and(|line| line.is_some()) {} });
                plan.read(&self.folder());
                return server;
            }
            self.gateway.lead_to(None);
            server.kill().await.unwrap();
            plan.forget_hits().await;
            let hit = plan.read(&self.folder());
            let meant = matches!(end, End::Kill) || hit.is_some();
            assert!(meant, "the server ended by itself:\n{}", log.split_off(log.len().saturating_sub(20)).join("\n"));
            self.kills += 1;
            if self.on == On::Postgres && !self.kills.is_multiple_of(4) {
                operator.get_or_init(|| scene.store()).await.free_leases().await.unwrap();
            }
        }
    }
}

/// What a story sees and does.
pub struct Scene {
    pub github: GithubSimulator,
    pub ntfy: NtfySimulator,
    pub town: Town,
    database: String,
}

impl Scene {
    pub async fn store(&self) -> Store {
        Store::open(&self.database, Arc::new(SystemClock)).await.unwrap()
    }

    /// Waits until every repository was swept since `since`, and nothing waits any more.
    pub async fn rest(&self, since: Timestamp) {
        let store = self.store().await;
        let mut turns = tokio::time::interval(Duration::from_millis(50));
        let mut quiet = 0;
        let look = async {
            while quiet < 3 {
                turns.tick().await;
                quiet = if self.is_at_rest(&store, since).await { quiet + 1 } else { 0 };
            }
        };
        let rested = tokio::time::timeout(PATIENCE, look).await.is_ok();
        let (inbox, outbox) = (store.delivery_counts().await.unwrap(), store.actions(None, 30).await.unwrap());
        assert!(rested, "the server does not come to rest: {inbox:#?} {outbox:#?}");
        store.database().close().await;
    }

    async fn is_at_rest(&self, store: &Store, since: Timestamp) -> bool {
        let waits = [DeliveryState::New.as_str(), DeliveryState::Marked.as_str()];
        let under_way = [OutboxState::Pending.as_str(), OutboxState::Running.as_str()];
        let (inbox, outbox) = (store.delivery_counts().await.unwrap(), store.action_counts().await.unwrap());
        let due = store.next_due(Bell::Subjects).await.unwrap();
        let now = Timestamp(chrono::Utc::now().timestamp_millis());
        self.github.pending_webhooks().is_empty()
            && !inbox.iter().any(|(state, _)| waits.contains(&state.as_str()))
            && !outbox.iter().any(|(state, _)| under_way.contains(&state.as_str()))
            && due.is_none_or(|due| due.since_ms(now) > SOON_MS)
            && store.repositories().await.unwrap().iter().all(|known| known.swept >= since)
    }
}

fn address_in(line: &str) -> Option<SocketAddr> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    let listening = line["message"].as_str().is_some_and(|message| message.starts_with("listening"));
    if listening { line["address"].as_str()?.parse().ok() } else { None }
}
