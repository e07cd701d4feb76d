//! `deploy` and `release`: the real program without a server beside it, from the first release to the way back.

use std::collections::BTreeMap;
use std::process::{Command, Output};
use std::sync::Arc;

use serde_json::Value;
use stationmaster::model::SystemClock;
use stationmaster::simulator::github::{Permission, WebhookMode};
use stationmaster::simulator::ntfy::NtfySimulator;

use crate::contract::Watched;
use crate::world::{On, REPOSITORY, migrated_database, settings};

const POLICY: &str = r#"
[release]
branch = "main"
allow_no_checks = true
tracking = false

[[environment]]
name = "prod"
requires_approval = true
trigger = { by = "command", name = "ship" }

[[environment]]
name = "qa"
trigger = { by = "command", name = "ship" }
"#;

struct Desk {
    github: Watched,
    settings: BTreeMap<&'static str, String>,
    _ntfy: NtfySimulator,
    folder: tempfile::TempDir,
}

impl Desk {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let github = crate::contract::github(Arc::new(SystemClock)).await;
        let ntfy = NtfySimulator::start(Arc::new(SystemClock)).await.unwrap();
        ntfy.limit_requests(None);
        github.set_webhook_mode(WebhookMode::Manual);
        github.create_repository(REPOSITORY).unwrap();
        github.add_user("alice");
        github.set_permission(REPOSITORY, "alice", Permission::Write).unwrap();
        let rules = folder.path().join("rules");
        std::fs::create_dir(&rules).unwrap();
        for name in ["routing.toml", "workers.toml"] {
            let shipped = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("rules").join(name);
            std::fs::copy(shipped, rules.join(name)).unwrap();
        }
        let mut settings = settings(&github, &ntfy, &migrated_database(On::Sqlite, folder.path()).await);
        settings.insert("STATIONMASTER_RULES", rules.display().to_string());
        let desk = Self { github, settings, _ntfy: ntfy, folder };
        desk.ships_by("/bin/true");
        desk
    }

    /// What the deploy target is.
    fn ships_by(&self, program: &str) {
        let text = format!("[[command]]\nname = \"ship\"\nrun = [\"{program}\"]\n");
        std::fs::write(self.folder.path().join("rules/commands.toml"), text).unwrap();
    }

    fn has_policy(&self, text: &str) {
        self.github.write_file(REPOSITORY, "main", (".github/stationmaster.toml", text), "feat: a policy").unwrap();
    }

    /// A commit on the release branch, and the release that is made of it.
    async fn release(&self, message: &str) {
        let files = [("lines.txt", Some(message.as_bytes().to_vec()))];
        self.github.commit_files(REPOSITORY, "alice", "main", &files, message).unwrap();
        self.says(&["pr", "sweep"]).await;
    }

    async fn run(&self, arguments: &[&str]) -> Output {
        let (settings, arguments) =
            (self.settings.clone(), arguments.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>());
        tokio::task::spawn_blocking(move || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_stationmaster"));
            command.args(arguments).env_clear().envs(settings).output().unwrap()
        })
        .await
        .unwrap()
    }

    async fn says(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        let (told, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{arguments:?}: {told}{error}");
        told.into_owned()
    }

    /// What is said where it ends with this status, on either stream.
    async fn refuses(&self, status: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {text}");
        text
    }

    async fn status(&self) -> Value {
        serde_json::from_str(&self.says(&["deploy", "status"]).await).unwrap()
    }
}

#[tokio::test]
async fn where_nothing_was_deployed_the_lists_say_so() {
    let desk = Desk::new().await;
    let status = desk.says(&["deploy", "status"]).await;
    let expected = r#"{"worker":"deployment_worker","last_checked":null,"last_deployed_commit":null,"#.to_owned()
        + r#""total_deployments":0,"failed_deployments":0,"success_rate":0.0,"errors":0,"recent_deployments":[]}"#;
    assert_eq!(status.trim_end(), expected);
    desk.says(&["pr", "sweep"]).await;
    assert_eq!(desk.says(&["deploy", "history", "--repo", REPOSITORY]).await, "Nothing was deployed yet.\n");
    assert_eq!(desk.says(&["release", "list"]).await, "Nothing was released yet.\n");
    let text = desk.says(&["release", "status"]).await;
    assert!(text.contains("nothing was released yet") && text.contains("Nothing has been decided"), "{text}");
}

#[tokio::test]
async fn bad_input_ends_with_status_2_and_says_what_would_do() {
    let desk = Desk::new().await;
    let text = desk.refuses(2, &["deploy", "run"]).await;
    assert!(text.contains("The policy names no environment"), "{text}");
    desk.has_policy(POLICY);
    let text = desk.refuses(1, &["deploy", "run"]).await;
    assert!(text.contains("Nothing was released yet that could be deployed to qa."), "{text}");
    desk.release("feat: signals").await;
    let text = desk.refuses(2, &["deploy", "run", "--env", "staging"]).await;
    assert!(text.contains("There is no environment `staging`, only prod and qa."), "{text}");
    let text = desk.refuses(2, &["deploy", "run", "--tag", "v7"]).await;
    assert!(text.contains("There is no version `v7`, only v0.1.0."), "{text}");
    let text = desk.refuses(2, &["deploy", "freeze", "--env", "qa", "--until", "soon", "--why", "the fair"]).await;
    assert!(text.contains("`soon` is no time"), "{text}");
    let text = desk.refuses(1, &["deploy", "approve"]).await;
    assert!(text.contains("Nothing waits for approval."), "{text}");
    desk.refuses(2, &["deploy", "history", "--limit", "0"]).await;
    let text = desk.refuses(1, &["deploy", "status", "--repo", "octo/nowhere"]).await;
    assert!(text.contains("nothing is known of octo/nowhere"), "{text}");
    let text = desk.refuses(1, &["why", &format!("{REPOSITORY}@staging")]).await;
    assert!(text.contains("nothing has been decided about octo/station@staging yet; known are: "), "{text}");
    let text = desk.refuses(2, &["why", "station@"]).await;
    assert!(text.contains("releases such as owner/name, or an environment such as owner/name@prod"), "{text}");
    desk.has_policy("[[environment]]\nname = 7\n");
    let text = desk.refuses(1, &["deploy", "run"]).await;
    assert!(text.contains("while the policy cannot be read") && text.contains(":2:8"), "{text}");
}

#[tokio::test]
async fn a_version_is_deployed_approved_and_gone_back_from_by_hand() {
    let desk = Desk::new().await;
    desk.has_policy(POLICY);
    desk.release("feat: signals").await;
    let listed = desk.says(&["release", "list"]).await;
    assert!(listed.contains("v0.1.0"), "{listed}");

    let told = desk.says(&["deploy", "run", "--wait"]).await;
    assert!(told.contains("qa") && told.contains("v0.1.0"), "{told}");
    let status = desk.status().await;
    assert_eq!((&status["total_deployments"], &status["success_rate"]), (&1.into(), &Value::from(1.0)), "{status}");
    let recent = &status["recent_deployments"][0];
    assert_eq!(
        (&recent["environment"], &recent["tag"], &recent["outcome"]),
        (&"qa".into(), &"v0.1.0".into(), &"succeeded".into())
    );
    assert_eq!(recent["commit"], status["last_deployed_commit"]);
    assert!(status["last_checked"].as_str().unwrap().ends_with('Z'));

    // What runs is not deployed again by itself, and production asks first.
    desk.says(&["deploy", "run", "--env", "prod"]).await;
    assert_eq!(desk.status().await["total_deployments"], 1);
    let why = desk.says(&["why", &format!("{REPOSITORY}@prod")]).await;
    assert!(why.contains("approval"), "{why}");
    desk.says(&["deploy", "approve", "--wait"]).await;
    desk.release("feat: points").await;
    desk.says(&["deploy", "run", "--env", "prod"]).await;
    desk.says(&["deploy", "approve", "--env", "prod", "--tag", "0.2.0", "--wait"]).await;
    let told = desk.says(&["deploy", "rollback", "--env", "prod", "--why", "orders are lost", "--wait"]).await;
    assert!(told.contains("v0.1.0"), "{told}");
    let refused = desk.refuses(1, &["deploy", "rollback", "--env", "prod"]).await;
    assert!(refused.contains("a rollback is not rolled back"), "{refused}");

    let lines = desk.says(&["deploy", "history", "--env", "PROD", "--json"]).await;
    let rows: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<(&str, Option<&str>)> =
        rows.iter().map(|row| (row["tag"].as_str().unwrap(), row["rollback_from"].as_str())).collect();
    assert_eq!(told, [("v0.1.0", Some("v0.2.0")), ("v0.2.0", None), ("v0.1.0", None)]);
    let table = desk.says(&["deploy", "history", "--limit", "1"]).await;
    assert!(table.contains("v0.1.0 (back from v0.2.0)") && table.contains("the operator"), "{table}");
    let text = desk.says(&["release", "status"]).await;
    for words in ["the newest is v0.2.0", "prod", "qa"] {
        assert!(text.contains(words), "{words:?} is missing:\n{text}");
    }
    let why = desk.says(&["why", REPOSITORY]).await;
    assert!(!why.trim().is_empty());
}

#[tokio::test]
async fn a_target_that_fails_and_a_freeze_end_with_status_1() {
    let desk = Desk::new().await;
    desk.has_policy(POLICY);
    desk.release("feat: signals").await;
    let told = desk.says(&["deploy", "freeze", "--env", "qa", "--until", "2h", "--why", "the fair"]).await;
    assert!(!told.trim().is_empty());
    let told = desk.refuses(1, &["deploy", "run", "--wait"]).await;
    assert!(told.contains("the fair"), "{told}");
    desk.ships_by("/bin/false");
    desk.says(&["deploy", "unfreeze", "--env", "qa"]).await;
    let status = desk.status().await;
    assert_eq!((&status["total_deployments"], &status["failed_deployments"]), (&1.into(), &1.into()), "{status}");
    let refused = desk.refuses(1, &["deploy", "run"]).await;
    assert!(refused.contains("held"), "{refused}");
    let refused = desk.refuses(1, &["deploy", "run", "--override", "it was the network", "--wait"]).await;
    assert!(refused.contains("v0.1.0"), "{refused}");
    assert_eq!(desk.status().await["failed_deployments"], 2);
}

#[tokio::test]
async fn a_test_runs_that_workflow_alone_and_ends_as_it_does() {
    let desk = Desk::new().await;
    let text = desk.refuses(1, &["deploy", "test"]).await;
    assert!(text.contains("has no workflow ci.yml that can be started by hand on main"), "{text}");
    let workflow = ("on:\n  workflow_dispatch:\n", ".github/workflows/ci.yml");
    desk.github.write_file(REPOSITORY, "main", (workflow.1, workflow.0), "Test").unwrap();
    for (conclusion, status) in [("success", 0), ("failure", 1)] {
        let before = desk.github.workflow_runs(REPOSITORY).len();
        let (output, ()) = tokio::join!(desk.run(&["deploy", "test", "--ref", "main"]), async {
            let started = async {
                loop {
                    if let Some(run) = desk.github.workflow_runs(REPOSITORY).get(before) {
                        return run.id;
                    }
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
            };
            let run = crate::world::within("the run", started).await;
            desk.github.finish_run(REPOSITORY, run, conclusion).unwrap();
        });
        assert_eq!(output.status.code(), Some(status), "{}", String::from_utf8_lossy(&output.stderr));
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((&told["workflow"], &told["conclusion"]), (&"ci.yml".into(), &conclusion.into()));
        assert!(told["url"].as_str().unwrap().starts_with("http"), "{told}");
    }
    assert_eq!(desk.status().await["total_deployments"], 0);
}
