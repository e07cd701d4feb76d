//! Batches built and landed on the simulated GitHub: by the actions alone, and by the engine from entry to landing.

use std::sync::Arc;

use stationmaster::act::Deed;
use stationmaster::app::App;
use stationmaster::config::{Config, Flags};
use stationmaster::engine::Engine;
use stationmaster::model::{
    Action, BranchName, Clock, Fact, ManualClock, Member, Number, Outcome, QueueEntry, Repository, Sha, StagingReport,
    Subject,
};
use stationmaster::simulator::github::{CheckApp, Fault, FaultKind, FileWrite, NewPull, Permission, WebhookMode};
use stationmaster::simulator::ntfy::NtfySimulator;
use stationmaster::store::RepositoryUpdate;

use super::scene::NOW;
use crate::contract::Watched;
use crate::world::{REPOSITORY, settings};

const STAGING: &str = "stationmaster/queue/main";

/// A GitHub whose webhooks are never delivered, and everything of ours that acts on it.
struct Yard {
    github: Watched,
    app: App,
    engine: Arc<Engine>,
    clock: ManualClock,
    repository: Repository,
    _ntfy: NtfySimulator,
    _folder: tempfile::TempDir,
}

impl Yard {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(NOW);
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let github = crate::contract::github(Arc::clone(&shared)).await;
        let ntfy = NtfySimulator::start(Arc::clone(&shared)).await.unwrap();
        github.set_webhook_mode(WebhookMode::Manual);
        github.set_unknown_mergeability_reads(0);
        github.create_repository(REPOSITORY).unwrap();
        github.add_user("alice");
        github.set_permission(REPOSITORY, "alice", Permission::Write).unwrap();
        let policy = (".github/stationmaster.toml", "[merge]\nstrategy = \"queue\"\n");
        github.write_file(REPOSITORY, "main", policy, "everything is queued").unwrap();
        github.write_file(REPOSITORY, "main", ("shared", "base"), "begin").unwrap();
        let database = format!("sqlite://{}", folder.path().join("yard.db").display());
        let settings = settings(&github, &ntfy, &database);
        let config = Config::load(&Flags::default(), |name| settings.get(name).cloned(), None).unwrap();
        let app = App::connect(config, shared).await.unwrap();
        let installation = github.installation_id("octo").unwrap();
        let installation = stationmaster::model::InstallationId(installation.0);
        let client = app.hands.github.installation(installation);
        let repository = client.repository(&REPOSITORY.parse().unwrap()).await.unwrap();
        let seen = RepositoryUpdate::Seen(repository.id, repository.name.clone(), installation);
        let usable = RepositoryUpdate::Installation(installation, true);
        app.store.note_repositories(&[usable, seen]).await.unwrap();
        let engine = Engine::new(app.clone());
        Self { github, app, engine, clock, repository, _ntfy: ntfy, _folder: folder }
    }

    fn tip(&self, branch: &str) -> Sha {
        Sha::new(self.github.head_of(REPOSITORY, branch).unwrap())
    }

    fn commit(&self, branch: &str, path: &str, content: &str) {
        let file = FileWrite { branch, path, content: Some(content), message: "a change" };
        self.github.push_file(REPOSITORY, "alice", file).unwrap();
    }

    /// A pull that writes a file of this name, with a green check.
    fn open(&self, path: &str, content: &str) -> Member {
        let branch = format!("by-{path}-{content}");
        self.commit(&branch, path, content);
        let new = NewPull {
            title: format!("Write {path}"),
            body: None,
            head: branch.clone(),
            base: "main".to_owned(),
            draft: false,
        };
        let number = self.github.open_pull(REPOSITORY, "alice", new).unwrap();
        let head = self.tip(&branch);
        self.check(&head, "success");
        Member { number: Number(number.0), head }
    }

    fn check(&self, sha: &Sha, conclusion: &str) {
        let check = self.github.start_check(REPOSITORY, sha.as_str(), CheckApp::actions(), "test").unwrap();
        self.github.finish_check(check, conclusion).unwrap();
    }

    fn build(&self, members: &[Member]) -> Action {
        Action::BuildStaging {
            repository: self.repository.clone(),
            base: BranchName::from("main"),
            base_sha: self.tip("main"),
            members: members.to_vec(),
            batch: 1,
        }
    }

    fn land(&self, members: &[Member], staging: &Sha) -> Action {
        Action::LandStaging {
            repository: self.repository.clone(),
            base: BranchName::from("main"),
            base_sha: self.tip("main"),
            staging: staging.clone(),
            members: members.to_vec(),
            batch: 1,
        }
    }

    async fn perform(&self, action: &Action) -> Outcome {
        self.app.hands.perform(Deed { key: "queue/1", action, attempts: 0, first_attempt: NOW, fresh: true }).await
    }

    async fn report(&self, action: &Action) -> StagingReport {
        let outcome = self.perform(action).await;
        let Outcome::Performed { learned: Some(Fact::Staging { batch: 1, report }), .. } = outcome else {
            panic!("{outcome:?}")
        };
        report
    }

    async fn built(&self, members: &[Member]) -> Sha {
        let report = self.report(&self.build(members)).await;
        let StagingReport::Built { staging, conflicts } = report else { panic!("{report:?}") };
        assert!(conflicts.is_empty(), "{conflicts:?}");
        staging
    }

    fn merges(&self) -> usize {
        self.github.requests().iter().filter(|request| request.path.ends_with("/merges")).count()
    }

    fn lane(&self) -> Subject {
        Subject::Branch(self.repository.id, BranchName::from("main"))
    }

    async fn enter(&self, member: &Member) {
        let entry = QueueEntry {
            number: member.number,
            head: member.head.clone(),
            priority: 0,
            entered: NOW,
            title: "Write".to_owned(),
            author: "alice".into(),
        };
        self.app.store.enter_queue_alone((self.repository.id, &BranchName::from("main")), &entry).await.unwrap();
    }

    /// Has the branch looked at, and everything done that follows from it.
    async fn settle(&self) {
        self.app.store.mark(&[self.lane()]).await.unwrap();
        for _ in 0..12 {
            self.clock.advance_ms(1_000);
            self.engine.decide_step(4).await.unwrap();
            self.engine.act_step(4).await.unwrap();
        }
    }

    async fn queued(&self) -> Vec<i64> {
        let stored = self.app.store.queue_of(self.repository.id, &BranchName::from("main")).await.unwrap();
        stored.entries.iter().map(|entry| entry.number.0).collect()
    }

    fn is_merged(&self, member: &Member) -> bool {
        self.github.files_at(REPOSITORY, "main").keys().any(|path| *path == format!("f{}", member.number))
    }
}

#[tokio::test]
async fn a_batch_is_merged_in_order_on_a_branch_of_its_own() {
    let yard = Yard::new().await;
    let members = [yard.open("a", "1"), yard.open("b", "1")];
    let base = yard.tip("main");
    let staging = yard.built(&members).await;
    assert_eq!(yard.tip(STAGING), staging);
    assert_eq!(yard.tip("main"), base, "the base is as it was");
    let parents = yard.github.parents_of(REPOSITORY, staging.as_str());
    assert_eq!(parents[1], members[1].head.as_str());
    assert_eq!(yard.github.parents_of(REPOSITORY, &parents[0]), [base.as_str(), members[0].head.as_str()]);
}

#[tokio::test]
async fn building_twice_builds_once() {
    let yard = Yard::new().await;
    let members = [yard.open("a", "1"), yard.open("b", "1")];
    let first = yard.built(&members).await;
    assert_eq!(yard.built(&members).await, first);
    assert_eq!(yard.merges(), 2);
}

#[tokio::test]
async fn a_build_whose_answer_was_lost_is_gone_on_with() {
    for kind in [FaultKind::StatusAfterDoing(500), FaultKind::CutAfterDoing, FaultKind::Status(502)] {
        let yard = Yard::new().await;
        let members = [yard.open("a", "1"), yard.open("b", "1"), yard.open("c", "1")];
        yard.github.inject(Fault::new("/merges", kind));
        let build = yard.build(&members);
        assert!(matches!(yard.perform(&build).await, Outcome::Failed { .. }));
        let staging = yard.built(&members).await;
        let files = yard.github.files_at(REPOSITORY, staging.as_str());
        assert!(["a", "b", "c"].iter().all(|path| files.contains_key(*path)));
    }
}

#[tokio::test]
async fn what_is_left_of_an_older_batch_or_put_there_by_others_is_cleared_away() {
    let yard = Yard::new().await;
    let (old, new) = (yard.open("a", "1"), yard.open("b", "1"));
    yard.built(std::slice::from_ref(&old)).await;
    yard.commit(STAGING, "smuggled", "in");
    let staging = yard.built(std::slice::from_ref(&new)).await;
    let files = yard.github.files_at(REPOSITORY, staging.as_str());
    assert!(files.contains_key("b") && !files.contains_key("a") && !files.contains_key("smuggled"), "{files:?}");
}

#[tokio::test]
async fn a_conflict_leaves_the_others_in() {
    let yard = Yard::new().await;
    let members = [yard.open("a", "1"), yard.open("a", "2"), yard.open("b", "1")];
    let report = yard.report(&yard.build(&members)).await;
    let StagingReport::Built { staging, conflicts } = report else { panic!("{report:?}") };
    assert_eq!(conflicts, [members[1].number]);
    assert!(yard.github.files_at(REPOSITORY, staging.as_str()).contains_key("b"));
}

#[tokio::test]
async fn nothing_is_built_on_a_base_that_has_moved() {
    let yard = Yard::new().await;
    let build = yard.build(&[yard.open("a", "1")]);
    yard.commit("main", "other", "1");
    assert_eq!(yard.report(&build).await, StagingReport::BaseMoved);
    assert_eq!(yard.github.head_of(REPOSITORY, STAGING), None);
}

#[tokio::test]
async fn the_base_becomes_the_very_commit_that_was_tested() {
    let yard = Yard::new().await;
    let members = [yard.open("a", "1"), yard.open("b", "1")];
    let staging = yard.built(&members).await;
    let land = yard.land(&members, &staging);
    assert_eq!(yard.report(&land).await, StagingReport::Landed { sha: staging.clone() });
    assert_eq!(yard.tip("main"), staging);
    assert_eq!(yard.report(&land).await, StagingReport::Landed { sha: staging }, "twice is the same");
}

#[tokio::test]
async fn a_landing_that_github_said_failed_is_recognised() {
    for kind in [FaultKind::StatusAfterDoing(500), FaultKind::CutAfterDoing] {
        let yard = Yard::new().await;
        let members = [yard.open("a", "1")];
        let staging = yard.built(&members).await;
        yard.github.inject(Fault::new("/git/refs/heads/main", kind).method("PATCH"));
        let report = yard.report(&yard.land(&members, &staging)).await;
        assert_eq!(report, StagingReport::Landed { sha: staging });
    }
}

#[tokio::test]
async fn a_landing_after_which_the_base_went_on_is_recognised() {
    let yard = Yard::new().await;
    let members = [yard.open("a", "1")];
    let staging = yard.built(&members).await;
    let land = yard.land(&members, &staging);
    assert_eq!(yard.report(&land).await, StagingReport::Landed { sha: staging.clone() });
    yard.commit("main", "other", "1");
    assert_ne!(yard.tip("main"), staging);
    assert_eq!(yard.report(&land).await, StagingReport::Landed { sha: staging });
}

#[tokio::test]
async fn nothing_lands_that_is_no_longer_what_was_tested() {
    let yard = Yard::new().await;
    let members = [yard.open("a", "1")];
    let staging = yard.built(&members).await;
    let land = yard.land(&members, &staging);
    yard.commit("by-a-1", "a", "changed");
    assert_eq!(yard.report(&land).await, StagingReport::MemberMoved { number: members[0].number });

    let yard = Yard::new().await;
    let members = [yard.open("a", "1")];
    let staging = yard.built(&members).await;
    let land = yard.land(&members, &staging);
    yard.commit(STAGING, "smuggled", "in");
    assert_eq!(yard.report(&land).await, StagingReport::StagingMoved);

    let yard = Yard::new().await;
    let members = [yard.open("a", "1")];
    let staging = yard.built(&members).await;
    let land = yard.land(&members, &staging);
    yard.commit("main", "other", "1");
    assert_eq!(yard.report(&land).await, StagingReport::BaseMoved);
    assert!(!yard.github.files_at(REPOSITORY, "main").contains_key("a"));
}

#[tokio::test]
async fn a_refusal_of_github_is_reported_in_its_words() {
    let yard = Yard::new().await;
    let members = [yard.open("a", "1")];
    let staging = yard.built(&members).await;
    let message = "Changes must be made through a pull request.".to_owned();
    let refusal = FaultKind::Refusal { status: 422, message };
    yard.github.inject(Fault::new("/git/refs/heads/main", refusal).method("PATCH"));
    let report = yard.report(&yard.land(&members, &staging)).await;
    let StagingReport::Refused { why } = report else { panic!("{report:?}") };
    assert!(why.contains("through a pull request"), "{why}");
}

#[tokio::test]
async fn what_enters_is_built_tested_and_landed() {
    let yard = Yard::new().await;
    let (first, second) = (yard.open("f2", "1"), yard.open("f3", "1"));
    yard.enter(&first).await;
    yard.enter(&second).await;
    yard.settle().await;
    let staging = yard.tip(STAGING);
    assert_ne!(yard.tip("main"), staging, "nothing lands before it is tested");
    yard.check(&staging, "success");
    yard.settle().await;
    assert_eq!(yard.tip("main"), staging);
    assert!(yard.queued().await.is_empty());
}

#[tokio::test]
async fn of_two_the_one_that_breaks_the_tests_is_put_out_and_the_other_lands() {
    let yard = Yard::new().await;
    let (good, bad) = (yard.open("good", "1"), yard.open("bad", "1"));
    yard.enter(&good).await;
    yard.enter(&bad).await;
    for _ in 0..4 {
        yard.settle().await;
        let staging = yard.tip(STAGING);
        let breaks = yard.github.files_at(REPOSITORY, staging.as_str()).contains_key("bad");
        yard.check(&staging, if breaks { "failure" } else { "success" });
    }
    yard.settle().await;
    let files = yard.github.files_at(REPOSITORY, "main");
    assert!(files.contains_key("good") && !files.contains_key("bad"), "{:?}", files.keys());
    let out = yard.app.store.pull(yard.repository.id, bad.number).await.unwrap().unwrap().put_out;
    assert!(out.as_ref().is_some_and(|(head, why)| *head == bad.head && why.contains("`test`")), "{out:?}");
    let comments = yard.github.issue(REPOSITORY, bad.number.0).unwrap().comments;
    assert!(comments.iter().any(|comment| comment.body.contains("taken out of the merge queue")));
    assert!(yard.queued().await.is_empty());
}

#[tokio::test]
async fn a_push_while_the_batch_is_tested_keeps_the_old_head_from_landing_even_if_it_turns_green() {
    let yard = Yard::new().await;
    let (pushed, other) = (yard.open("f2", "1"), yard.open("f3", "1"));
    yard.enter(&pushed).await;
    yard.enter(&other).await;
    yard.settle().await;
    let staging = yard.tip(STAGING);
    yard.commit("by-f2-1", "f2", "later");
    yard.check(&staging, "success");
    yard.settle().await;
    assert!(!yard.is_merged(&pushed) && yard.tip("main") != staging, "the old head did not land");
    let rebuilt = yard.tip(STAGING);
    assert!(!yard.github.files_at(REPOSITORY, rebuilt.as_str()).contains_key("f2"));
    yard.check(&rebuilt, "success");
    yard.settle().await;
    assert!(yard.github.files_at(REPOSITORY, "main").contains_key("f3"), "the other one landed alone");
}

#[tokio::test]
async fn green_checks_that_nobody_told_of_are_seen_after_the_timeout() {
    let yard = Yard::new().await;
    let member = yard.open("f2", "1");
    yard.enter(&member).await;
    yard.settle().await;
    let staging = yard.tip(STAGING);
    yard.check(&staging, "success");
    yard.clock.advance_ms(2 * 3_600_000);
    for _ in 0..6 {
        yard.clock.advance_ms(1_000);
        yard.engine.decide_step(4).await.unwrap();
        yard.engine.act_step(4).await.unwrap();
    }
    assert_eq!(yard.tip("main"), staging, "the timer looked, and no webhook was needed");
}
