//! `rules backtest` and `policy backtest` show what rules and a policy would have done with the past, and write nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use stationmaster::model::{Number, SystemClock};
use stationmaster::simulator::github::{CheckApp, NewPull, Permission, WebhookMode};
use stationmaster::simulator::ntfy::NtfySimulator;

use crate::contract::Watched;
use crate::world::{On, REPOSITORY, migrated_database, settings};

/// A GitHub with a past, and the settings to read it.
struct Past {
    github: Watched,
    _ntfy: NtfySimulator,
    settings: BTreeMap<&'static str, String>,
    folder: tempfile::TempDir,
}

impl Past {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let github = crate::contract::github(Arc::new(SystemClock)).await;
        let ntfy = NtfySimulator::start(Arc::new(SystemClock)).await.unwrap();
        github.set_webhook_mode(WebhookMode::Manual);
        github.create_repository(REPOSITORY).unwrap();
        github.set_permission(REPOSITORY, "alice", Permission::Write).unwrap();
        let settings = settings(&github, &ntfy, &migrated_database(On::Sqlite, folder.path()).await);
        Self { github, _ntfy: ntfy, settings, folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// A pull request whose check ends so.
    fn pull(&self, branch: &str, conclusion: &str) -> Number {
        let files = [("docs/signals.md", Some(branch.as_bytes().to_vec()))];
        let head = self.github.commit_files(REPOSITORY, "alice", branch, &files, "Change").unwrap();
        let new = NewPull {
            title: format!("Add {branch}"),
            head: branch.to_owned(),
            base: "main".to_owned(),
            ..NewPull::default()
        };
        let number = self.github.open_pull(REPOSITORY, "alice", new).unwrap();
        let check = self.github.start_check(REPOSITORY, &head, CheckApp::actions(), "build").unwrap();
        self.github.finish_check(check, conclusion).unwrap();
        number
    }

    async fn run(&self, arguments: &[&str]) -> Output {
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let settings = self.settings.clone();
        tokio::task::spawn_blocking(move || run(&arguments, &settings)).await.unwrap()
    }

    async fn says(&self, arguments: &[&str]) -> String {
        let printed = self.run(arguments).await;
        assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
        words(&printed.stdout)
    }
}

fn run(arguments: &[String], settings: &BTreeMap<&'static str, String>) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stationmaster")).args(arguments).env_clear().envs(settings).output().unwrap()
}

/// Lines with single spaces, without the empty ones.
fn words(printed: &[u8]) -> String {
    let text = String::from_utf8_lossy(printed);
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// What a command without any settings says on stderr, failing.
fn refusal(arguments: &[&str]) -> String {
    let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
    let output = run(&arguments, &BTreeMap::new());
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test]
async fn past_issues_are_routed_counted_and_left_alone() {
    let past = Past::new().await;
    let open = |title: &str, labels: &[&str]| {
        past.github.open_labelled_issue(REPOSITORY, "alice", (title, ""), labels).unwrap()
    };
    open("Deploy v2", &["type/testing", "role/test_worker"]);
    open("Deploy v3", &["type/deployment"]);
    let nice = open("The weather is nice", &[]);
    past.github.close_issue(REPOSITORY, "alice", nice).unwrap();
    // A list of issues holds pull requests as well.
    past.pull("signals", "success");
    let asked = past.github.requests().len();
    let export = past.path("issues.json");
    let said = past.says(&["rules", "backtest", "--repo", REPOSITORY, "--last", "10", "--export", &export]).await;
    for line in [
        "issue title state people say rules say rule role",
        "#3 The weather is nice closed - triage - -",
        "#1 Deploy v2 open testing deployment deploy deployment_worker",
        "type: people \\ rules deployment",
        "deployment 1",
        "testing 1",
        "role: people \\ rules deployment_worker",
        "test_worker 1",
        "deploy 2",
        "3 issues, 1 that no rule knows (33 %), 1 labelled otherwise",
    ] {
        assert!(said.lines().any(|shown| shown == line), "{line:?} is not in\n{said}");
    }
    assert!(said.lines().any(|line| line.starts_with("Never: ")), "{said}");
    let written: Vec<_> =
        past.github.requests().split_off(asked).into_iter().filter(|request| request.method != "GET").collect();
    assert_eq!(written.len(), 1, "only a token was asked for: {written:#?}");

    // The file says the same without GitHub, and other rules say something else.
    let from_file = run(&["rules".into(), "backtest".into(), "--from".into(), export.clone()], &BTreeMap::new());
    assert_eq!(words(&from_file.stdout), said, "{}", String::from_utf8_lossy(&from_file.stderr));
    let policy = past.path("policy.toml");
    fs::write(&policy, "[[rule]]\nname = \"ours\"\ntitle = \"^Deploy\"\ntype = \"testing\"\npriority = 100\n").unwrap();
    let json = past.says(&["rules", "backtest", "--from", &export, "--policy", &policy, "--json"]).await;
    let routed: Vec<String> = json
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["routed"].to_string())
        .collect();
    assert_eq!(routed, ["\"triage\"", "\"testing\"", "\"testing\""]);
}

#[tokio::test]
async fn a_file_of_issues_may_be_that_of_the_github_command_line_and_a_bad_one_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gh.json");
    let file = path.to_str().unwrap();
    let gh = r#"[{"author":{"id":"MDQ6","is_bot":false,"login":"alice","name":"Alice"},"body":"","labels":[{"id":"LA","name":"bug","description":"","color":"d73a4a"}],"number":7,"state":"OPEN","title":"Deploy v2"}]"#;
    fs::write(&path, gh).unwrap();
    let output = run(&["rules".into(), "backtest".into(), "--from".into(), file.into()], &BTreeMap::new());
    assert!(words(&output.stdout).contains("#7 Deploy v2 open - deployment deploy deployment_worker"), "{output:?}");

    fs::write(&path, "[\n  {\"title\": \"Deploy\", \"labels\": 3}\n]\n").unwrap();
    let told = refusal(&["rules", "backtest", "--from", file]);
    assert!(
        told.contains("gh.json:2:")
            && told.contains("(at [0].labels)")
            && told.contains("expected a list of issues")
            && told.contains("gh issue list"),
        "{told}"
    );
    fs::write(&path, "[{\"title\": \"Deploy\"}").unwrap();
    assert!(refusal(&["rules", "backtest", "--from", file]).contains("gh.json:1:"), "a file that ends early");
    let told = refusal(&["rules", "backtest", "--from", folder.path().join("none.json").to_str().unwrap()]);
    assert!(told.contains("none.json cannot be read"), "{told}");
    assert!(refusal(&["rules", "backtest"]).contains("--repo"), "nothing says where the past is");
    let told = refusal(&["policy", "backtest", "--from", file]);
    assert!(told.contains("say which policy is tried"), "{told}");
    let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/stationmaster.toml");
    let policy = if policy.is_file() {
        policy
    } else {
        let own = folder.path().join("p.toml");
        fs::write(&own, "").unwrap();
        own
    };
    let told = refusal(&["policy", "backtest", "--from", file, "--policy", policy.to_str().unwrap()]);
    assert!(told.contains("gh.json:1:") && told.contains("expected what `policy backtest --export` writes"), "{told}");
}

#[tokio::test]
async fn past_pulls_are_judged_by_the_policy_and_left_alone() {
    let past = Past::new().await;
    let prompt = past.pull("prompt", "success");
    past.github.merge_pull(REPOSITORY, "alice", prompt).unwrap();
    let closed = past.pull("closed", "success");
    past.github.close_pull(REPOSITORY, "alice", closed).unwrap();
    let never = past.pull("never", "failure");
    past.github.merge_pull(REPOSITORY, "alice", never).unwrap();
    past.pull("open", "success");
    let asked = past.github.requests().len();
    let (export, policy) = (past.path("pulls.json"), past.path("policy.toml"));
    fs::write(&policy, "[merge]\nenabled = true\n").unwrap();
    let said = past.says(&["policy", "backtest", "--repo", REPOSITORY, "--policy", &policy, "--export", &export]).await;
    let lines: Vec<&str> = said.lines().collect();
    assert!(
        lines[1].starts_with(&format!("#{closed} Add closed closed "))
            && lines[1].ends_with("wrongly: people closed it without a merge"),
        "{said}"
    );
    assert!(
        lines[2].starts_with(&format!("#{never} Add never merged ")) && lines[2].contains(" by alice no never: "),
        "{said}"
    );
    assert!(lines[3].ends_with("at the same time"), "{said}");
    assert_eq!(lines[4], "3 pulls: 1 wrongly, 1 never, though people merged them, 1 at the same time.");
    assert!(lines[5].starts_with("GitHub does not tell"), "{said}");
    let requests = past.github.requests().split_off(asked);
    let written =
        requests.iter().filter(|request| request.method != "GET" && !request.path.contains("graphql")).count();
    assert_eq!(written, 1, "only a token was asked for: {requests:#?}");
    let queries = requests.iter().filter(|request| request.path.contains("graphql")).count();
    assert_eq!(queries, 1, "three pulls are one page");

    let arguments = ["policy", "backtest", "--from", &export, "--policy", &policy].map(str::to_owned);
    let again = run(&arguments, &BTreeMap::new());
    assert_eq!(words(&again.stdout), said, "{}", String::from_utf8_lossy(&again.stderr));
    let json = past.says(&["policy", "backtest", "--from", &export, "--policy", &policy, "--json"]).await;
    let first: serde_json::Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
    assert_eq!((&first["verdict"], &first["because"]), (&"wrong".into(), &"closed_unmerged".into()), "{first}");
}
