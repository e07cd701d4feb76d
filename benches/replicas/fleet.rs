//! Real servers on one database, a simulated GitHub that takes its time, and a backlog of deliveries.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use regex::Regex;
use sqlx::Connection as _;
use stationmaster::model::SystemClock;
use stationmaster::simulator::github::{Fault, FaultKind, GithubSimulator, Permission, WebhookMode};
use stationmaster::simulator::ntfy::NtfySimulator;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::ANSWER_MS;
use super::cpu::stat;

/// One installation is allowed seventy new comments a minute, so the issues are those of many.
const ISSUES_EACH: u32 = 50;

/// Servers, and what they work on.
pub struct Fleet {
    github: GithubSimulator,
    _ntfy: NtfySimulator,
    settings: BTreeMap<&'static str, String>,
    folder: tempfile::TempDir,
    servers: Vec<Child>,
}

fn repository(turn: u32) -> String {
    format!("owner{}/station", turn / ISSUES_EACH)
}

impl Fleet {
    /// A database in which the deliveries of so many new issues wait.
    pub async fn with_backlog(address: &str, issues: u32) -> Self {
        let github = GithubSimulator::start(Arc::new(SystemClock)).await.expect("it can be set up");
        let ntfy = NtfySimulator::start(Arc::new(SystemClock)).await.expect("it can be set up");
        ntfy.limit_requests(None);
        let app = github.app();
        let settings = BTreeMap::from([
            ("DATABASE_URL", address.to_owned()),
            ("GITHUB_API_URL", github.api_url()),
            ("GITHUB_APP_ID", app.app_id.to_string()),
            ("GITHUB_APP_PRIVATE_KEY", app.private_key_pem),
            ("GITHUB_WEBHOOK_SECRET", app.webhook_secret),
            ("NTFY_URL", ntfy.url().to_owned()),
            ("NTFY_TOPIC", "people".to_owned()),
            ("PORT", "0".to_owned()),
            ("LOG_FORMAT", "json".to_owned()),
        ]);
        let folder = tempfile::tempdir().expect("it can be set up");
        let mut fleet = Self { github, _ntfy: ntfy, settings, folder, servers: Vec::new() };
        fleet.store_backlog(issues).await;
        let all = Regex::new("").expect("it can be set up");
        fleet.github.inject(Fault::matching(all, FaultKind::Slow { ms: ANSWER_MS }).times(u32::MAX));
        fleet
    }

    async fn store_backlog(&mut self, issues: u32) {
        self.github.set_webhook_mode(WebhookMode::Manual);
        for turn in 0..issues {
            let name = repository(turn);
            if turn % ISSUES_EACH == 0 {
                self.github.create_repository(&name).expect("it can be set up");
                self.github.add_user("alice");
                self.github.set_permission(&name, "alice", Permission::Write).expect("it can be set up");
            }
            self.github.open_issue(&name, "alice", "Fix the signal", "").expect("it can be set up");
        }
        self.settings.insert("RECEIVE_ONLY", "1".to_owned());
        self.start(1).await;
        self.github.deliver_all().await;
        self.settings.remove("RECEIVE_ONLY");
        self.stop().await;
    }

    /// Starts so many servers at the same time, and sends webhooks to each in turn.
    pub async fn start(&mut self, count: usize) {
        let started = futures::future::join_all((0..count).map(|_| self.server())).await;
        let (servers, targets): (Vec<Child>, Vec<String>) = started.into_iter().unzip();
        self.servers.extend(servers);
        self.github.set_webhook_targets(&targets);
        self.github.set_webhook_mode(WebhookMode::Auto);
    }

    async fn server(&self) -> (Child, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stationmaster"));
        command.env_clear().envs(&self.settings).current_dir(self.folder.path()).arg("serve");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("it can be set up");
        let mut lines = BufReader::new(child.stderr.take().expect("its log is read")).lines();
        let mut target = None;
        while target.is_none() {
            let line = lines.next_line().await.ok().flatten().expect("the server listens");
            let line: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
            let listens = line["message"].as_str().is_some_and(|message| message.starts_with("listening"));
            target = line["address"].as_str().filter(|_| listens).map(|at| format!("http://{at}/webhooks/github"));
        }
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        (child, target.unwrap_or_default())
    }

    /// The process that has started all others of PostgreSQL.
    pub async fn postmaster(&self) -> u32 {
        let address = &self.settings["DATABASE_URL"];
        let mut connection = sqlx::postgres::PgConnection::connect(address).await.expect("PostgreSQL runs");
        let backend = sqlx::query_scalar::<_, i32>("SELECT pg_backend_pid()").fetch_one(&mut connection).await;
        let backend = u32::try_from(backend.expect("PostgreSQL answers")).unwrap_or_default();
        stat(backend).map_or(0, |backend| backend.parent)
    }

    /// The processes' ids.
    pub fn ids(&self) -> Vec<u32> {
        self.servers.iter().filter_map(Child::id).collect()
    }

    /// Waits until every issue has its labels and its card.
    pub async fn drained(&self, issues: u32) {
        let carded = |issue: &stationmaster::simulator::github::IssueView| !issue.comments.is_empty();
        let mut looks = tokio::time::interval(Duration::from_millis(100));
        loop {
            looks.tick().await;
            let homes = issues.div_ceil(ISSUES_EACH);
            let done = self.github.look(|view| {
                let names = (0..homes).map(|home| repository(home * ISSUES_EACH));
                names.flat_map(|name| view.issues(&name)).filter(carded).count()
            });
            if done >= issues as usize {
                return;
            }
        }
    }

    async fn stop(&mut self) {
        for mut server in std::mem::take(&mut self.servers) {
            server.kill().await.expect("the server can be ended");
        }
    }
}
