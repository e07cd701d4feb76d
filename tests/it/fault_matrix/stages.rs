//! The stages of the way as five little stories, each of which comes to rest after every step, however rough it is.

use std::cell::Cell;

use stationmaster::model::{Clock as _, DeliveryState, Number};
use stationmaster::simulator::github::{CheckApp, NewPull, Permission};
use stationmaster::store::{Bell, OutboxState};

use super::end;
use crate::world::{REPOSITORY, World};
use crate::world_releases::Town;

/// A pause is waited out up to here; a clock of the server's own that falls due later is not.
const PATIENCE_MS: i64 = 14 * 60_000;
/// More pauses than any story needs.
const PAUSES_MAX: usize = 150;
const STAGING: &str = "stationmaster/queue/main";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Issue,
    Pull,
    Queue,
    Release,
    Deployment,
}

/// What happens to the repository or to the App in the middle of a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The repository is renamed.
    Rename,
    /// The repository is given to another account, where the App is installed as well.
    Transfer,
    /// The installation is suspended, and wakes up after some minutes.
    Sleep,
    /// The App is removed, and installed again after some minutes.
    Reinstall,
    /// Every token ends at once.
    TokensEnd,
}

/// A story on its way.
pub struct Course<'w> {
    pub world: &'w World,
    /// Whether the server sweeps after each step, as it does every few minutes.
    pub sweeps: bool,
    /// What happens at which step, just after something was done that the server has yet to look at.
    pub event: Option<(u32, Event)>,
    pub step: Cell<u32>,
}

impl<'w> Course<'w> {
    pub const fn new(world: &'w World) -> Self {
        Self { world, sweeps: false, event: None, step: Cell::new(0) }
    }

    pub const fn sweeping(mut self) -> Self {
        self.sweeps = true;
        self
    }

    pub const fn with(mut self, event: (u32, Event)) -> Self {
        self.event = Some(event);
        self
    }

    /// Lets everything happen that is under way, pauses after failures included.
    pub async fn calm(&self) {
        self.step.set(self.step.get() + 1);
        if let Some((step, event)) = self.event
            && step == self.step.get()
        {
            self.happens(event).await;
        }
        self.rest().await;
        if self.world.github.deliver_late() > 0 {
            self.rest().await;
        }
        if self.sweeps {
            self.world.engine.sweep().await.unwrap();
            self.rest().await;
        }
    }

    async fn happens(&self, event: Event) {
        let github = &self.world.github;
        match event {
            Event::Rename => github.rename_repository(REPOSITORY, "terminus").unwrap(),
            Event::Transfer => github.transfer_repository(REPOSITORY, "harbour").unwrap(),
            Event::TokensEnd => github.expire_tokens(),
            Event::Sleep => {
                github.suspend_installation("octo", true).unwrap();
                self.world.pass_ms(200_000).await;
                github.suspend_installation("octo", false).unwrap();
            }
            Event::Reinstall => {
                github.uninstall("octo").unwrap();
                self.world.pass_ms(200_000).await;
                github.set_installed(REPOSITORY, true).unwrap();
            }
        }
    }

    async fn rest(&self) {
        for _ in 0..PAUSES_MAX {
            self.world.settle().await;
            if is_at_rest(self.world).await {
                return;
            }
            let wait_ms = self.next_due_ms().await.unwrap_or(PATIENCE_MS).clamp(1, PATIENCE_MS);
            self.world.clock.advance_ms(wait_ms);
            self.world.app().troubles.look();
        }
        let waiting = self.world.app().store.actions(Some(OutboxState::Pending), 100).await.unwrap();
        panic!("no rest: {:?} {waiting:#?}", self.world.app().troubles);
    }

    async fn next_due_ms(&self) -> Option<i64> {
        let store = &self.world.app().store;
        let dues = [store.next_due(Bell::Subjects).await.unwrap(), store.next_due(Bell::Outbox).await.unwrap()];
        dues.into_iter().flatten().min().map(|due| due.since_ms(self.world.clock.now()))
    }

    async fn check(&self, sha: &str, conclusion: &str) {
        let check = self.world.github.start_check(REPOSITORY, sha, CheckApp::actions(), "build").unwrap();
        self.world.github.finish_check(check, conclusion).unwrap();
        self.calm().await;
    }

    async fn policy(&self, text: &str) {
        let write = (".github/stationmaster.toml", text);
        self.world.github.write_file(REPOSITORY, "main", write, "Change the policy").unwrap();
        self.calm().await;
    }

    /// A pull of one file by alice, whose check ends like this.
    async fn pull(&self, branch: &str, conclusion: &str) -> i64 {
        let path = format!("docs/{branch}.md");
        let number = self.world.propose("alice", branch, &[(&path, "Red means stop.\n")]);
        self.calm().await;
        self.check(&self.world.head(number), conclusion).await;
        number
    }

    /// A change lands on `main`, and its commit's own check passes.
    async fn land(&self, title: &str, branch: &str) {
        self.world.push("alice", branch, &[(&format!("docs/{branch}.md"), "Red means stop.\n")]);
        let head = branch.to_owned();
        let new = NewPull { title: title.to_owned(), head, base: "main".to_owned(), ..NewPull::default() };
        let number = self.world.github.open_pull(REPOSITORY, "alice", new).unwrap().0;
        self.calm().await;
        self.check(&self.world.head(number), "success").await;
        assert!(self.world.pull(number).merge_sha.is_some(), "{title} is not merged: {:#?}", self.world.issue(number));
        let landed = self.world.github.head_of(REPOSITORY, "main").unwrap();
        self.check(&landed, "success").await;
    }

    async fn say(&self, number: i64, who: &str, text: &str) {
        self.world.github.comment(REPOSITORY, who, Number(number), text).unwrap();
        self.calm().await;
    }

    /// Plays a stage and returns how it ended.
    pub async fn play(&self, stage: Stage) -> Vec<String> {
        let mut town = None;
        match stage {
            Stage::Issue => self.issues().await,
            Stage::Pull => self.pulls().await,
            Stage::Queue => self.queue().await,
            Stage::Release => self.releases().await,
            Stage::Deployment => town = Some(self.deployments().await),
        }
        self.world.engine.sweep().await.unwrap();
        self.calm().await;
        end::expect_no_wrong_merge(self.world);
        end::of(self.world, town.as_ref())
    }

    /// An issue gets its labels and its card, is commanded, changed and closed; another is nobody's.
    async fn issues(&self) {
        let github = &self.world.github;
        let fix = github.open_issue(REPOSITORY, "alice", "Fix the signal", "It is red.").unwrap();
        self.calm().await;
        github.open_issue(REPOSITORY, "alice", "What is this", "").unwrap();
        self.calm().await;
        self.say(fix.0, "alice", "/priority high").await;
        github.edit_title(REPOSITORY, "alice", fix, "Test the signal").unwrap();
        self.calm().await;
        github.add_label(REPOSITORY, "alice", fix, "urgent").unwrap();
        self.calm().await;
        github.close_issue(REPOSITORY, "alice", fix).unwrap();
        self.calm().await;
    }

    /// One is merged, one is red, and one is pushed to while its check is under way.
    async fn pulls(&self) {
        self.pull("good", "success").await;
        self.pull("bad", "failure").await;
        let late = self.world.propose("alice", "late", &[("docs/late.md", "Red means stop.\n")]);
        self.calm().await;
        let judged = self.world.head(late);
        self.world.push("alice", "late", &[("docs/late.md", "Green means go.\n")]);
        self.check(&judged, "success").await;
    }

    /// A batch lands, and another one does not.
    async fn queue(&self) {
        self.policy("[merge]\nstrategy = \"queue\"\n").await;
        self.pull("good", "success").await;
        self.staged("success").await;
        self.pull("bad", "success").await;
        self.staged("failure").await;
    }

    async fn staged(&self, conclusion: &str) {
        let staging = self.world.github.head_of(REPOSITORY, STAGING).expect("there is no staging branch");
        self.check(&staging, conclusion).await;
    }

    async fn releases(&self) {
        self.policy("[release]\n").await;
        self.land("feat: signals", "signals").await;
        self.land("fix: points stick", "points").await;
    }

    /// A version runs in qa, and once approved in production.
    async fn deployments(&self) -> Town {
        let town = Town::open().await;
        self.world.github.add_user("bob");
        self.world.github.set_permission(REPOSITORY, "bob", Permission::Write).unwrap();
        self.policy(&town.policy("", "")).await;
        self.land("feat: signals", "signals").await;
        // The store knows it under the repository's present name, which may be another one by now.
        let mut issues = self.world.github.issues(REPOSITORY).into_iter();
        let tracking = issues.find(|issue| !issue.is_pull && issue.title.contains("v0.1.0"));
        let tracking = tracking.expect("no issue follows v0.1.0");
        self.say(tracking.number, "bob", "/approve prod").await;
        town
    }
}

async fn is_at_rest(world: &World) -> bool {
    let store = &world.app().store;
    store.actions(Some(OutboxState::Pending), 1).await.unwrap().is_empty()
        && world.deliveries(DeliveryState::New).await == 0
        && world.deliveries(DeliveryState::Marked).await == 0
        && world.app().troubles.standing().is_empty()
}
