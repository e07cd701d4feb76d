//! What the demo plays on: simulated GitHub and ntfy, and the real server between them on a fresh SQLite file.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use super::narrator::Narrator;
use crate::cli::deploy::status_text as deploy_status;
use crate::cli::serve::{self, Running};
use crate::config::{Config, Flags};
use crate::decide::learn::Proposal;
use crate::engine::{Engine, Step};
use crate::model::{Clock, Number, RepositoryId, Subject, SystemClock};
use crate::simulator::github::{GithubSimulator, IssueView, Permission, PullView, View};
use crate::simulator::ntfy::NtfySimulator;
use crate::store::Store;

/// Where the story plays.
pub(super) const REPOSITORY: &str = "octo/station";
/// The people's topic.
pub(super) const TOPIC: &str = "station";
/// A step that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(15);

/// Everything that runs.
pub(super) struct Stage {
    pub(super) github: GithubSimulator,
    pub(super) ntfy: NtfySimulator,
    repository: RepositoryId,
    running: Running,
    stop: CancellationToken,
    folder: tempfile::TempDir,
    /// What the dashboard and the API take as the operator's word.
    token: String,
}

impl Stage {
    /// Starts all of it on free loopback ports.
    pub(super) async fn set() -> Result<Self> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let github = GithubSimulator::start(Arc::clone(&clock)).await.context("the simulated GitHub did not start")?;
        let ntfy = NtfySimulator::start(Arc::clone(&clock)).await.context("the simulated ntfy did not start")?;
        let repository = github.create_repository(REPOSITORY)?;
        for (login, permission) in
            [("alice", Permission::Write), ("bob", Permission::Triage), ("carol", Permission::Write)]
        {
            github.add_user(login);
            github.set_permission(REPOSITORY, login, permission)?;
        }
        let folder = tempfile::tempdir()?;
        let token = format!("demo-{:032x}", rand::random::<u128>());
        let config = config(&github, &ntfy, (&folder, &token))?;
        let stop = CancellationToken::new();
        let running = serve::start(config, clock, stop.clone()).await?;
        running.engine.app().learn_own_login().await?;
        github.set_webhook_target(&format!("http://{}/webhooks/github", running.address));
        Ok(Self { github, ntfy, repository, running, stop, folder, token })
    }

    pub(super) fn introduce(&self, narrator: &mut Narrator<'_>) -> Result<()> {
        narrator
            .say("Stationmaster demo: the real server on a fresh SQLite file, between a simulated GitHub and ntfy.")?;
        narrator.follows("server", &format!("http://{}", self.running.address))?;
        narrator.follows("GitHub", &self.github.api_url())?;
        narrator.follows("ntfy", &format!("{}/{TOPIC}", self.ntfy.url()))?;
        narrator.follows("database", &self.database())
    }

    fn database(&self) -> String {
        self.folder.path().join("demo.db").display().to_string()
    }

    pub(super) fn store(&self) -> &Store {
        &self.running.engine.app().store
    }

    /// What decides.
    pub(super) fn engine(&self) -> &Engine {
        &self.running.engine
    }

    /// The rules that history suggests by now.
    pub(super) async fn suggested(&self) -> Result<Vec<Proposal>> {
        let engine = &self.running.engine;
        let (repository, policy) = engine.policy_of(&REPOSITORY.parse()?).await?.context("the repository is gone")?;
        Ok(engine.proposed_rules(&repository, &policy).await?.0)
    }

    /// Where the server is called.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.running.address)
    }

    /// Everything that the engine does from now on.
    pub(super) fn listen(&self) -> broadcast::Receiver<Step> {
        self.running.engine.story().listen()
    }

    pub(super) const fn subject(&self, number: Number) -> Subject {
        Subject::Issue(self.repository, number)
    }

    /// Waits until GitHub shows the issue so.
    pub(super) async fn until(
        &self,
        number: Number,
        what: &str,
        shows: impl Fn(&IssueView) -> bool,
    ) -> Result<IssueView> {
        let seen = |view: &View<'_>| view.issue(REPOSITORY, number.0).is_some_and(|issue| shows(&issue));
        self.github.wait_until(what, PATIENCE, seen).await?;
        self.github.issue(REPOSITORY, number.0).context("the issue is gone")
    }

    pub(super) const fn repository(&self) -> RepositoryId {
        self.repository
    }

    /// Waits until GitHub looks so.
    pub(super) async fn until_github(&self, what: &str, looks: impl Fn(&View<'_>) -> bool) -> Result<()> {
        Ok(self.github.wait_until(what, PATIENCE, looks).await?)
    }

    /// Waits until a decision about this subject says so.
    pub(super) async fn until_decided(
        &self,
        steps: &mut broadcast::Receiver<Step>,
        subject: &Subject,
        words: &str,
    ) -> Result<()> {
        let decided = async {
            loop {
                if let Step::Decided { subject: of, decision } = steps.recv().await?
                    && of == *subject
                    && decision.summary.contains(words)
                {
                    return Ok(());
                }
            }
        };
        tokio::time::timeout(PATIENCE, decided).await.with_context(|| format!("nobody decided “{words}”"))?
    }

    /// Waits until people are told so.
    pub(super) async fn until_message(&self, words: &str) -> Result<()> {
        let told = async {
            let says = |message: &crate::simulator::ntfy::Message| {
                message.title.as_deref().unwrap_or_default().contains(words)
            };
            while !self.ntfy.messages(TOPIC).iter().any(says) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, told).await.with_context(|| format!("nobody was told “{words}”"))
    }

    pub(super) const fn pull_subject(&self, number: Number) -> Subject {
        Subject::Pull(self.repository, number)
    }

    /// Waits until GitHub shows the pull request so.
    pub(super) async fn until_pull(&self, number: Number, what: &str, shows: impl Fn(&PullView) -> bool) -> Result<()> {
        let seen = |view: &View<'_>| view.pull(REPOSITORY, number.0).is_some_and(|pull| shows(&pull));
        Ok(self.github.wait_until(what, PATIENCE, seen).await?)
    }

    /// Waits until GitHub shows the issue, or the pull request as one, with a comment that says this.
    pub(super) async fn until_comment(&self, number: Number, words: &str) -> Result<String> {
        let says = |issue: &IssueView| issue.comments.iter().any(|comment| comment.body.contains(words));
        let issue = self.until(number, &format!("a comment with “{words}” on #{number}"), says).await?;
        let found = issue.comments.into_iter().find(|comment| comment.body.contains(words));
        Ok(found.map(|comment| comment.body).unwrap_or_default())
    }

    /// Waits until nothing of this subject waits any more, neither a look nor an action.
    pub(super) async fn until_quiet(&self, subject: &Subject) -> Result<()> {
        let store = &self.running.engine.app().store;
        let quiet = async {
            while !store.is_quiet(subject).await? {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Ok(())
        };
        tokio::time::timeout(PATIENCE, quiet).await.context("the server did not come to rest")?
    }

    pub(super) async fn sum_up(&self, narrator: &mut Narrator<'_>, failed: usize) -> Result<()> {
        let store = &self.running.engine.app().store;
        narrator.say("\nIn the end")?;
        for (task_type, status, count) in store.route_counts().await? {
            narrator.follows("routed", &format!("{count} × {task_type} ({})", status.as_str()))?;
        }
        let pulls = store.pull_counts().await?;
        let pulls = format!("{} reviewed, {} merged, {} rejected", pulls.reviewed, pulls.merged, pulls.rejected);
        narrator.follows("pulls", &pulls)?;
        narrator.follows("inbox", &counts(store.delivery_counts().await?))?;
        narrator.follows("outbox", &counts(store.action_counts().await?))?;
        narrator.follows("GitHub", &format!("{} requests", self.github.requests().len()))?;
        narrator.follows("ntfy", &format!("{} messages", self.ntfy.messages(TOPIC).len()))?;
        match failed {
            0 => narrator.say("\nEvery step went as told. What `stationmaster deploy status` says in the end:"),
            failed => {
                narrator.say(&format!("\n{failed} steps failed. What `stationmaster deploy status` says in the end:"))
            }
        }?;
        narrator.say(&deploy_status(store, None).await?)
    }

    pub(super) fn invite(&self, narrator: &mut Narrator<'_>) -> Result<()> {
        let (server, api, database) = (self.running.address, self.github.api_url(), self.database());
        narrator.say("\nEverything stays up until Ctrl-C. Look around:")?;
        narrator.follows("", &format!("http://{server}/ is the dashboard; sign in with the token {}", self.token))?;
        narrator.follows("", "or with the simulated GitHub, as alice or carol (write) or as bob (triage)")?;
        narrator.follows("", &format!("curl http://{server}/readyz"))?;
        narrator.follows("", &format!("curl http://{server}/metrics"))?;
        narrator.follows("", &format!("curl '{}/{TOPIC}/json?poll=1&since=all'", self.ntfy.url()))?;
        narrator.follows("", &format!("stationmaster --database-url sqlite://{database} inbox list"))?;
        narrator.follows("", &format!("stationmaster --database-url sqlite://{database} outbox list"))?;
        narrator.follows("", &format!("stationmaster --database-url sqlite://{database} router stats"))?;
        narrator.follows("", &format!("stationmaster --database-url sqlite://{database} pr status"))?;
        narrator.follows(
            "",
            &format!("stationmaster --database-url sqlite://{database} deploy history --repo {REPOSITORY}"),
        )?;
        narrator.follows("", &format!("(GitHub's API is at {api}; it wants a token, as GitHub does)"))
    }

    /// Stops the server as a signal would.
    pub(super) async fn clear(self) -> Result<()> {
        self.stop.cancel();
        self.running.stopped().await
    }
}

fn config(
    github: &GithubSimulator,
    ntfy: &NtfySimulator,
    (folder, token): (&tempfile::TempDir, &str),
) -> Result<Config> {
    let app = github.app();
    let settings = BTreeMap::from([
        ("DATABASE_URL", format!("sqlite://{}", folder.path().join("demo.db").display())),
        ("GITHUB_API_URL", github.api_url()),
        ("GITHUB_APP_ID", app.app_id.to_string()),
        ("GITHUB_APP_PRIVATE_KEY", app.private_key_pem),
        ("GITHUB_WEBHOOK_SECRET", app.webhook_secret),
        ("GITHUB_APP_CLIENT_ID", app.client_id),
        ("GITHUB_APP_CLIENT_SECRET", app.client_secret),
        ("NTFY_URL", ntfy.url().to_owned()),
        ("NTFY_TOPIC", TOPIC.to_owned()),
        ("HOST", "127.0.0.1".to_owned()),
        ("PRIVATE_HOSTS", "127.0.0.1".to_owned()),
        ("PORT", "0".to_owned()),
        ("STATIONMASTER_API_TOKEN", token.to_owned()),
    ]);
    Ok(Config::load(&Flags::default(), |name| settings.get(name).cloned(), None)?)
}

fn counts(counts: Vec<(String, i64)>) -> String {
    counts.into_iter().map(|(state, count)| format!("{count} {state}")).collect::<Vec<_>>().join(", ")
}
