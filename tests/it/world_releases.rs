//! The scenario language for releases: what lands, what is deployed to the town, and what people see of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::Value;
use stationmaster::model::{EnvironmentName, EnvironmentRecord, Number, RepositoryName, Subject};
use stationmaster::simulator::github::{CheckApp, DeploymentView, IssueView, ReleaseView};

use crate::world::{REPOSITORY, World};

/// The environment variable under which scenarios keep the key of the town's hook.
pub const HOOK_KEY: &str = "STATIONMASTER_DEPLOY_KEY";

/// What a deploy target answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    Done,
    No,
    Broken,
}

#[derive(Debug, Default)]
struct Streets {
    runs: BTreeMap<String, String>,
    sick: BTreeSet<(String, String)>,
    answers: BTreeMap<String, Answers>,
    calls: Vec<(String, String)>,
}

/// Where releases are deployed to: a server with a hook and a page of health for each environment.
#[derive(Debug, Clone)]
pub struct Town {
    pub url: String,
    streets: Arc<Mutex<Streets>>,
}

impl Town {
    /// Opens on loopback; it closes with the test's runtime.
    pub async fn open() -> Self {
        let streets = Arc::<Mutex<Streets>>::default();
        let router = Router::new()
            .route("/{environment}/deploy", post(deploy))
            .route("/{environment}/health", get(health))
            .with_state(Arc::clone(&streets));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, streets }
    }

    /// This version is sick there, once it is deployed.
    pub fn is_sick(&self, environment: &str, tag: &str) {
        self.streets.lock().unwrap().sick.insert((environment.to_owned(), tag.to_owned()));
    }

    pub fn answers(&self, environment: &str, answers: Answers) {
        self.streets.lock().unwrap().answers.insert(environment.to_owned(), answers);
    }

    /// What runs there.
    pub fn runs(&self, environment: &str) -> Option<String> {
        self.streets.lock().unwrap().runs.get(environment).cloned()
    }

    /// Every call of the hook, in order: environment and tag.
    pub fn calls(&self) -> Vec<(String, String)> {
        self.streets.lock().unwrap().calls.clone()
    }

    /// A policy with `qa`, which is deployed to by itself, and `prod` after it, which somebody approves.
    pub fn policy(&self, release: &str, prod: &str) -> String {
        let environment = |name: &str| {
            let url = &self.url;
            format!(
                "trigger = {{ by = \"hook\", url = \"{url}/{name}/deploy\", secret_env = \"{HOOK_KEY}\", finishes = true }}\n\
                 health = {{ url = \"{url}/{name}/health\", times = 2, failures = 2, interval_s = 1 }}\n"
            )
        };
        format!(
            "[release]\n{release}\n[[environment]]\nname = \"qa\"\nauto = true\n{}\n\
             [[environment]]\nname = \"prod\"\nauto = true\nafter = \"qa\"\n{}{prod}\n",
            environment("qa"),
            environment("prod")
        )
    }
}

async fn deploy(
    State(streets): State<Arc<Mutex<Streets>>>,
    Path(environment): Path<String>,
    Json(body): Json<Value>,
) -> StatusCode {
    let mut streets = streets.lock().unwrap();
    let tag = body["tag"].as_str().unwrap_or_default().to_owned();
    streets.calls.push((environment.clone(), tag.clone()));
    match streets.answers.get(&environment).copied().unwrap_or(Answers::Done) {
        Answers::Done => {
            streets.runs.insert(environment, tag);
            StatusCode::OK
        }
        Answers::No => StatusCode::UNPROCESSABLE_ENTITY,
        Answers::Broken => StatusCode::BAD_GATEWAY,
    }
}

async fn health(
    State(streets): State<Arc<Mutex<Streets>>>,
    Path(environment): Path<String>,
) -> (StatusCode, Json<Value>) {
    let streets = streets.lock().unwrap();
    let tag = streets.runs.get(&environment).cloned().unwrap_or_default();
    let sick = streets.sick.contains(&(environment, tag.clone()));
    let status = if sick { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK };
    (status, Json(serde_json::json!({ "version": tag.trim_start_matches('v') })))
}

impl World {
    /// A change lands on `main` by a pull request, and its commit's own checks pass.
    pub async fn land(&self, title: &str) -> String {
        let sha = self.land_unchecked(title).await;
        self.checked(&sha, "success").await;
        sha
    }

    /// A change lands on `main` by a pull request of alice's; nothing is known of the new commit's checks yet.
    pub async fn land_unchecked(&self, title: &str) -> String {
        let branch: String = title.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        self.push("alice", &branch, &[(&format!("docs/{branch}.md"), "Red means stop.\n")]);
        let pull = stationmaster::simulator::github::NewPull {
            title: title.to_owned(),
            body: Some("It is time.".to_owned()),
            head: branch,
            base: "main".to_owned(),
            ..Default::default()
        };
        let number = self.github.open_pull(REPOSITORY, "alice", pull).unwrap();
        self.settle().await;
        self.ci_passes(number.0).await;
        self.expect_merged(number.0).await;
        self.github.head_of(REPOSITORY, "main").unwrap()
    }

    /// CI of a commit of the release branch ends.
    pub async fn checked(&self, sha: &str, conclusion: &str) {
        let check = self.github.start_check(REPOSITORY, sha, CheckApp::actions(), "build").unwrap();
        self.github.finish_check(check, conclusion).unwrap();
        self.settle().await;
    }

    pub fn tags(&self) -> Vec<String> {
        self.github.tags(REPOSITORY).into_iter().map(|(name, _)| name).collect()
    }

    pub fn tag_at(&self, name: &str) -> Option<String> {
        self.github.tags(REPOSITORY).into_iter().find(|(tag, _)| tag == name).map(|(_, sha)| sha)
    }

    pub fn release(&self, tag: &str) -> ReleaseView {
        let mut found: Vec<_> =
            self.github.releases(REPOSITORY).into_iter().filter(|release| release.tag == tag).collect();
        assert_eq!(found.len(), 1, "there are {} releases of {tag}", found.len());
        found.remove(0)
    }

    /// The issue on which a release is followed; there must be exactly one.
    pub async fn tracking(&self, tag: &str) -> i64 {
        let repository = self.repository().await;
        let releases = self.app().store.releases(repository).await.unwrap();
        let release = releases.iter().find(|release| release.version.tag.as_str() == tag).expect("it is not released");
        release.version.issue.expect("no issue follows it").0
    }

    pub fn tracking_issue(&self, number: i64) -> IssueView {
        self.issue(number)
    }

    /// Deployments of an environment on GitHub, oldest first.
    pub fn deployments(&self, environment: &str) -> Vec<DeploymentView> {
        let all = self.github.deployments(REPOSITORY).into_iter();
        all.filter(|deployment| deployment.environment == environment).collect()
    }

    /// The newest state of each deployment of an environment, oldest first.
    pub fn deployment_states(&self, environment: &str) -> Vec<String> {
        let newest = |deployment: DeploymentView| deployment.statuses.last().map(|status| status.0.clone());
        self.deployments(environment).into_iter().filter_map(newest).collect()
    }

    pub async fn repository(&self) -> stationmaster::model::RepositoryId {
        let name: RepositoryName = REPOSITORY.parse().unwrap();
        let all = self.app().store.repositories().await.unwrap();
        all.into_iter().find(|known| known.name == name).unwrap().id
    }

    pub async fn environment(&self, name: &str) -> EnvironmentRecord {
        let repository = self.repository().await;
        self.app().store.environment(repository, &EnvironmentName::new(name)).await.unwrap()
    }

    /// The last decision about an environment, in one sentence and its blockers.
    pub async fn environment_story(&self, name: &str) -> String {
        let subject = Subject::Environment(self.repository().await, EnvironmentName::new(name));
        self.story_of(&subject).await
    }

    /// The last decision about releases, in one sentence and its blockers.
    pub async fn release_story(&self) -> String {
        let subject = Subject::Releases(self.repository().await);
        self.story_of(&subject).await
    }

    async fn story_of(&self, subject: &Subject) -> String {
        let last = self.app().store.last_decision(subject).await.unwrap().expect("nothing was decided");
        let blockers: Vec<String> = last.explanation.blockers.iter().map(ToString::to_string).collect();
        format!("{} {}", last.summary, blockers.join("; "))
    }

    /// Writes a comment on the issue on which a release is followed.
    pub async fn say_on(&self, tag: &str, who: &str, text: &str) {
        let issue = self.tracking(tag).await;
        self.github.comment(REPOSITORY, who, Number(issue), text).unwrap();
        self.settle().await;
    }

    /// How often people were told something with this in its headline.
    pub fn times_told(&self, words: &str) -> usize {
        self.told().iter().filter(|headline| headline.contains(words)).count()
    }
}
