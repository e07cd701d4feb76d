//! `rules backtest` shows what today's rules would have done with past issues, and writes nothing.

use std::process::Command;
use std::sync::Arc;

use stationmaster::model::SystemClock;
use stationmaster::simulator::github::{GithubSimulator, WebhookMode};
use stationmaster::simulator::ntfy::NtfySimulator;

use crate::world::{On, REPOSITORY, fresh_database, settings};

#[tokio::test]
async fn past_issues_are_routed_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let github = GithubSimulator::start(Arc::new(SystemClock)).await.unwrap();
    let ntfy = NtfySimulator::start(Arc::new(SystemClock)).await.unwrap();
    github.set_webhook_mode(WebhookMode::Manual);
    github.create_repository(REPOSITORY).unwrap();
    github.open_labelled_issue(REPOSITORY, "alice", ("Deploy v2", ""), &["type/testing"]).unwrap();
    github.open_issue(REPOSITORY, "alice", "The weather is nice", "").unwrap();
    let settings = settings(&github, &ntfy, &fresh_database(On::Sqlite, folder.path()).await);
    let printed = tokio::task::spawn_blocking(move || {
        Command::new(env!("CARGO_BIN_EXE_stationmaster"))
            .args(["rules", "backtest", "--repo", REPOSITORY, "--last", "10"])
            .env_clear()
            .envs(settings)
            .output()
            .unwrap()
    })
    .await
    .unwrap();
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    let lines: Vec<String> = String::from_utf8(printed.stdout)
        .unwrap()
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect();
    assert_eq!(
        lines,
        [
            "issue title labelled routed rule role",
            "#2 The weather is nice - triage - -",
            "#1 Deploy v2 testing deployment deploy deployment_worker",
            "2 issues, 1 that no rule knows, 1 labelled otherwise",
        ]
    );
    let written = github.requests().into_iter().filter(|request| request.method != "GET").collect::<Vec<_>>();
    assert_eq!(written.len(), 1, "only a token was asked for: {written:#?}");
}
