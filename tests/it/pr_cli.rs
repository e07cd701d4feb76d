//! `pr` and `why`: the same sentences as the card, the counts of the design, and a merge without a server.

use std::collections::BTreeMap;
use std::process::{Command, Output};
use std::sync::Arc;

use serde_json::Value;
use stationmaster::model::SystemClock;
use stationmaster::simulator::github::{CheckApp, NewPull, Permission, WebhookMode};
use stationmaster::simulator::ntfy::NtfySimulator;

use crate::contract::Watched;
use crate::world::{On, REPOSITORY, migrated_database, settings};

pub struct Desk {
    pub github: Watched,
    settings: BTreeMap<&'static str, String>,
    _ntfy: NtfySimulator,
    _folder: tempfile::TempDir,
}

impl Desk {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let github = crate::contract::github(Arc::new(SystemClock)).await;
        let ntfy = NtfySimulator::start(Arc::new(SystemClock)).await.unwrap();
        github.set_webhook_mode(WebhookMode::Manual);
        github.set_unknown_mergeability_reads(0);
        github.create_repository(REPOSITORY).unwrap();
        github.add_user("alice");
        github.set_permission(REPOSITORY, "alice", Permission::Write).unwrap();
        let settings = settings(&github, &ntfy, &migrated_database(On::Sqlite, folder.path()).await);
        Self { github, settings, _ntfy: ntfy, _folder: folder }
    }

    fn propose(&self, path: &str, content: &str) -> (i64, String) {
        let files = [(path, Some(content.as_bytes().to_vec()))];
        let head = self.github.commit_files(REPOSITORY, "alice", "topic", &files, "A change").unwrap();
        let pull = NewPull {
            title: "A change".to_owned(),
            head: "topic".to_owned(),
            base: "main".to_owned(),
            ..NewPull::default()
        };
        (self.github.open_pull(REPOSITORY, "alice", pull).unwrap().0, head)
    }

    fn passes(&self, head: &str) {
        let check = self.github.start_check(REPOSITORY, head, CheckApp::actions(), "build").unwrap();
        self.github.finish_check(check, "success").unwrap();
    }

    pub async fn run(&self, arguments: &[&str]) -> Output {
        let (settings, arguments) =
            (self.settings.clone(), arguments.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>());
        tokio::task::spawn_blocking(move || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_stationmaster"));
            command.args(arguments).env_clear().envs(settings).output().unwrap()
        })
        .await
        .unwrap()
    }

    pub async fn says(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    async fn status(&self) -> Value {
        serde_json::from_str(&self.says(&["pr", "status"]).await).unwrap()
    }
}

#[tokio::test]
async fn why_tells_every_reason_and_on_whom_it_waits_and_writes_nothing() {
    let desk = Desk::new().await;
    let (number, _) = desk.propose("lines.py", "try:\n    depart()\nexcept:\n    pass\n");
    let text = desk.says(&["why", &format!("{REPOSITORY}#{number}")]).await;
    for words in ["no check has been reported for this head", "the review has 1 blocking finding", "the author, alice"]
    {
        assert!(text.contains(words), "{words:?} is missing:\n{text}");
    }
    assert!(desk.github.issue(REPOSITORY, number).unwrap().comments.is_empty());
    assert!(desk.github.check_runs(REPOSITORY, &desk.github.pull(REPOSITORY, number).unwrap().head_sha).is_empty());
}

#[tokio::test]
async fn a_review_by_hand_publishes_and_merges_and_is_counted() {
    let desk = Desk::new().await;
    let (number, head) = desk.propose("docs/lines.md", "Red means stop.\n");
    desk.passes(&head);
    let item = format!("{REPOSITORY}#{number}");
    let looked: Value =
        serde_json::from_str(&desk.says(&["pr", "review", &item, "--dry-run", "--json"]).await).unwrap();
    assert_eq!((&looked["approved"], looked["blockers"].as_array().map(Vec::len)), (&Value::Bool(true), Some(0)));
    assert!(desk.github.pull(REPOSITORY, number).unwrap().merge_sha.is_none(), "a dry run writes nothing");

    desk.says(&["pr", "review", &item]).await;
    assert!(desk.github.pull(REPOSITORY, number).unwrap().merge_sha.is_some());
    let status = desk.status().await;
    assert_eq!(
        status,
        serde_json::json!({"worker": "pr_review_worker", "prs_reviewed": 1, "prs_merged": 1, "prs_rejected": 0,
            "approval_rate": 1.0})
    );
}

#[tokio::test]
async fn a_sweep_finds_pulls_that_no_webhook_told_of() {
    let desk = Desk::new().await;
    let (number, head) = desk.propose("docs/lines.md", "Red means stop.\n");
    desk.passes(&head);
    desk.says(&["pr", "sweep"]).await;
    assert!(desk.github.pull(REPOSITORY, number).unwrap().merge_sha.is_some());
}

#[tokio::test]
async fn what_is_no_pull_request_is_said_in_one_sentence() {
    let desk = Desk::new().await;
    let output = desk.run(&["why", "station#1"]).await;
    assert!(!output.status.success());
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("is not an issue or pull request such as owner/name#12"), "{error}");
    let output = desk.run(&["pr", "review", &format!("{REPOSITORY}#77")]).await;
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains(&format!("{REPOSITORY}#77 is not a pull request")), "{error}");
}
