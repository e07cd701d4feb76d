//! The story: tasks, a claim, a merge by the gate, a secret, a queue, a release, and its way to production.
//!
//! It goes on by what people would see on GitHub and ntfy, never by what the server says of itself, and whatever people
//! do in it they do once: it plays the same whether the server lives or dies.

use stationmaster::model::Number;
use stationmaster::simulator::github::{CheckApp, IssueView, NewPull, View, WorkflowRun};

use super::stage::{PATIENCE, Scene};
use crate::world::TOPIC;
use crate::world_releases::{HOOK_KEY, Town};

/// Where tasks are done, merged, released and deployed.
pub const STATION: &str = "octo/station";
/// Where a queue merges.
pub const YARD: &str = "octo/yard";
/// Where somebody gives a secret away.
pub const VAULT: &str = "octo/vault";
pub const REPOSITORIES: [&str; 3] = [STATION, YARD, VAULT];

pub const STAGING: &str = "stationmaster/queue/main";
pub const WORKFLOW: &str = "name: Deploy\nrun-name: Deploy ${{ inputs.tag }} to ${{ inputs.environment }}\non:\n  \
                            workflow_dispatch:\n    inputs:\n      tag: { required: true }\n      environment: { required: true }\n";

/// The repositories, and how each is worked in.
pub fn policies(town: &Town) -> [(&'static str, String); 3] {
    let health = |name: &str| {
        format!("health = {{ url = \"{}/{name}/health\", times = 2, failures = 2, interval_s = 1 }}\n", town.url)
    };
    let station = format!(
        "[release]\n[[environment]]\nname = \"qa\"\nauto = true\n\
         trigger = {{ by = \"workflow\", workflow = \"deploy.yml\", inputs = {{ tag = \"{{tag}}\", environment = \"{{environment}}\" }} }}\n{}\
         [[environment]]\nname = \"prod\"\nauto = true\nafter = \"qa\"\n\
         trigger = {{ by = \"hook\", url = \"{}/prod/deploy\", secret_env = \"{HOOK_KEY}\", finishes = true }}\n{}",
        health("qa"),
        town.url,
        health("prod")
    );
    [
        (STATION, station),
        (YARD, "[merge]\nstrategy = \"queue\"\n".to_owned()),
        (VAULT, "[tasks]\nmanage = true\n".to_owned()),
    ]
}

/// A token that is none, in pieces, so that nothing here looks like one.
fn token() -> String {
    ["ghp", "_", "aB3dE5fG7hJ9kL1mN2pQ", "4rS6tU8vW0xY1zA2"].concat()
}

pub async fn tell(scene: &Scene) {
    tokio::join!(station(scene), yard(scene), vault(scene));
}

async fn station(scene: &Scene) {
    let titles = ["Deploy v2.0 to production", "The coffee is cold", "Fix the signal"];
    let issues = titles.map(|title| scene.github.open_issue(STATION, "alice", title, "").unwrap());
    for issue in issues {
        scene.until_issue(issue, "its card and labels", is_routed).await;
    }
    let task = issues[2];
    scene.github.comment(STATION, "bob", task, "/assign @alice").unwrap();
    scene.until_issue(task, "it given to alice", |issue| has(issue, "worker/alice") && answered(issue)).await;
    scene.github.comment(STATION, "alice", task, "/claim").unwrap();
    scene.until_issue(task, "alice at work", |issue| has(issue, "status/in-progress") && answered(issue)).await;

    let pull = scene.propose(
        STATION,
        &format!("task/{task}-signal"),
        ("fix: the signal", &format!("Fixes #{task}")),
        ("docs/signals.md", "Red means stop.\n"),
    );
    scene.passes(STATION, &scene.head(STATION, pull));
    scene.until_merged(STATION, pull).await;
    scene.until_issue(task, "the end of the task", |issue| has(issue, "status/done") && issue.state == "closed").await;
    scene.passes(STATION, &scene.github.head_of(STATION, "main").unwrap());

    let run = scene.dispatched().await;
    scene.github.begin_run(STATION, run.id).unwrap();
    crate::wire::client()
        .post(format!("{}/qa/deploy", scene.town.url))
        .json(&serde_json::json!({ "tag": "v0.1.0" }))
        .send()
        .await
        .unwrap();
    scene.github.finish_run(STATION, run.id, "success").unwrap();

    let tracking = scene.tracking().await;
    scene.until_issue(tracking, "the wish for approval", |issue| says(issue, "/approve prod")).await;
    scene.github.comment(STATION, "bob", tracking, "/approve prod").unwrap();
    scene.until_told("prod runs v0.1.0").await;
    scene
        .until("production to run v0.1.0", |view| {
            let deployments = view.deployments(STATION);
            deployments
                .iter()
                .any(|one| one.environment == "prod" && one.statuses.last().is_some_and(|status| status.0 == "success"))
        })
        .await;
}

async fn yard(scene: &Scene) {
    let pull =
        scene.propose(YARD, "points", ("feat: points", "They are needed."), ("docs/points.md", "Left or right.\n"));
    scene.passes(YARD, &scene.head(YARD, pull));
    let staged = async {
        loop {
            // The branch begins at the base; the batch is a commit on top of it.
            let built = scene.github.head_of(YARD, STAGING);
            if let Some(head) = built.filter(|head| Some(head) != scene.github.head_of(YARD, "main").as_ref()) {
                break head;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let head = tokio::time::timeout(PATIENCE, staged).await.expect("the queue builds a batch");
    scene.passes(YARD, &head);
    scene.until_merged(YARD, pull).await;
}

async fn vault(scene: &Scene) {
    let script = format!("curl -u me:{} https://api.github.com\n", token());
    let pull = scene.propose(VAULT, "keys", ("feat: keys", "Who needs them?"), ("deploy.sh", &script));
    scene.passes(VAULT, &scene.head(VAULT, pull));
    scene.until_told("octo/vault#1 holds a secret").await;
}

fn has(issue: &IssueView, label: &str) -> bool {
    issue.labels.iter().any(|one| one == label)
}

fn says(issue: &IssueView, words: &str) -> bool {
    issue.comments.iter().any(|comment| comment.body.contains(words))
}

/// The newest command got its answer.
fn answered(issue: &IssueView) -> bool {
    let command = issue.comments.iter().rfind(|comment| comment.body.starts_with('/'));
    command.is_some_and(|comment| comment.reactions.iter().any(|(_, content)| content == "rocket"))
}

pub fn is_routed(issue: &IssueView) -> bool {
    says(issue, "<!-- stationmaster:card -->") && issue.labels.iter().any(|label| label.starts_with("status/"))
}

impl Scene {
    pub async fn until(&self, what: &str, condition: impl Fn(&View<'_>) -> bool) {
        if self.github.wait_until(what, PATIENCE, condition).await.is_err() {
            let seen: Vec<_> = REPOSITORIES.iter().map(|repository| self.github.issues(repository)).collect();
            panic!("waited for {what} in vain: {seen:#?}");
        }
    }

    pub async fn until_issue(&self, number: Number, what: &str, shows: impl Fn(&IssueView) -> bool) {
        let what = format!("{what} on #{number}");
        self.until(&what, |view| view.issue(STATION, number.0).is_some_and(|issue| shows(&issue))).await;
    }

    async fn until_merged(&self, repository: &str, pull: Number) {
        let what = format!("{repository}#{pull} to be merged");
        self.until(&what, |view| view.pull(repository, pull.0).is_some_and(|pull| pull.merge_sha.is_some())).await;
    }

    async fn until_told(&self, words: &str) {
        let told = self.ntfy.wait_until(PATIENCE, |messages| {
            messages.iter().any(|message| message.title.as_deref().is_some_and(|title| title.contains(words)))
        });
        assert!(told.await, "nobody was told {words:?}: {:#?}", self.ntfy.messages(TOPIC));
    }

    fn propose(
        &self,
        repository: &str,
        branch: &str,
        (title, body): (&str, &str),
        (path, text): (&str, &str),
    ) -> Number {
        let files = [(path, Some(text.as_bytes().to_vec()))];
        self.github.commit_files(repository, "alice", branch, &files, title).unwrap();
        let pull = NewPull {
            title: title.to_owned(),
            body: Some(body.to_owned()),
            head: branch.to_owned(),
            base: "main".to_owned(),
            ..NewPull::default()
        };
        self.github.open_pull(repository, "alice", pull).unwrap()
    }

    fn head(&self, repository: &str, pull: Number) -> String {
        self.github.pull(repository, pull.0).unwrap().head_sha
    }

    fn passes(&self, repository: &str, sha: &str) {
        let check = self.github.start_check(repository, sha, CheckApp::actions(), "build").unwrap();
        self.github.finish_check(check, "success").unwrap();
    }

    /// The run that deploys to `qa`, once it is dispatched.
    async fn dispatched(&self) -> WorkflowRun {
        let meant = |run: &WorkflowRun| run.inputs["environment"] == "qa" && run.inputs["tag"] == "v0.1.0";
        self.until("a run that deploys to qa", |view| view.workflow_runs(STATION).iter().any(meant)).await;
        self.github.workflow_runs(STATION).into_iter().find(meant).unwrap()
    }

    /// The issue on which the release is followed.
    async fn tracking(&self) -> Number {
        let title = "Release v0.1.0";
        self.until("the issue of the release", |view| view.issues(STATION).iter().any(|issue| issue.title == title))
            .await;
        let issues = self.github.issues(STATION);
        Number(issues.iter().find(|issue| issue.title == title).unwrap().number)
    }
}
