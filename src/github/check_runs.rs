//! Check runs and commit statuses: list them, publish our own, read what they say.

use http::Method;
use serde::{Deserialize, Serialize};

use super::{GithubError, InstallationClient, Path};
use crate::model::{
    Annotation, Check, CheckOrigin, CheckRunId, CheckState, Conclusion, RepositoryName, Sha, Timestamp,
};

/// Annotations that one request may carry
/// (<https://docs.github.com/en/rest/checks/runs#create-a-check-run>).
pub const ANNOTATIONS_A_REQUEST: usize = 50;

/// A check run to publish, or what it becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCheckRun {
    /// The commit it is about.
    pub head: Sha,
    /// Its name, such as `stationmaster/review`.
    pub name: String,
    /// How far it has come.
    pub state: CheckState,
    /// The headline of its page.
    pub title: String,
    /// Its text in Markdown, at most 65,535 characters.
    pub summary: String,
    /// At most [`ANNOTATIONS_A_REQUEST`] remarks; an update adds its own to those that are there.
    pub annotations: Vec<Annotation>,
    /// Our own name for it.
    pub external_id: Option<String>,
    /// Where its details are.
    pub details_url: Option<String>,
}

/// What a check run says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct CheckRunOutput {
    /// The headline.
    #[serde(default)]
    pub title: Option<String>,
    /// The summary, in Markdown.
    #[serde(default)]
    pub summary: Option<String>,
    /// The details, in Markdown.
    #[serde(default)]
    pub text: Option<String>,
}

#[derive(Serialize)]
struct RunRequest<'a> {
    name: &'a str,
    /// Only when it is created: a run never moves to another commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    head_sha: Option<&'a Sha>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    conclusion: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details_url: Option<&'a str>,
    output: OutputRequest<'a>,
}

#[derive(Serialize)]
struct OutputRequest<'a> {
    title: &'a str,
    summary: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    annotations: Vec<AnnotationRequest<'a>>,
}

#[derive(Serialize)]
struct AnnotationRequest<'a> {
    path: &'a str,
    start_line: u32,
    end_line: u32,
    annotation_level: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
}

impl<'a> RunRequest<'a> {
    fn of(run: &'a NewCheckRun, head_sha: Option<&'a Sha>) -> Result<Self, GithubError> {
        if run.annotations.len() > ANNOTATIONS_A_REQUEST {
            let fault = format!("{} are more than {ANNOTATIONS_A_REQUEST}", run.annotations.len());
            return Err(GithubError::Config { setting: "annotations of a check run", fault });
        }
        let (status, conclusion) = match run.state {
            CheckState::Queued => ("queued", None),
            CheckState::Running => ("in_progress", None),
            CheckState::Completed(conclusion) => ("completed", Some(conclusion.as_str())),
        };
        let annotations = run.annotations.iter().map(|annotation| AnnotationRequest {
            path: &annotation.path,
            start_line: annotation.line.max(1),
            end_line: annotation.line.max(1),
            annotation_level: &annotation.level,
            message: &annotation.message,
            title: annotation.title.as_deref(),
        });
        let output = OutputRequest { title: &run.title, summary: &run.summary, annotations: annotations.collect() };
        Ok(Self {
            name: &run.name,
            head_sha,
            status,
            conclusion,
            external_id: run.external_id.as_deref(),
            details_url: run.details_url.as_deref(),
            output,
        })
    }
}

/// A check run as GitHub tells it (<https://docs.github.com/en/rest/checks/runs#get-a-check-run>).
#[derive(Deserialize)]
struct RunBody {
    id: i64,
    name: String,
    status: String,
    conclusion: Option<String>,
    #[serde(default)]
    started_at: Option<String>,
    #[serde(default)]
    completed_at: Option<String>,
    #[serde(default)]
    html_url: Option<String>,
    #[serde(default)]
    details_url: Option<String>,
    #[serde(default)]
    check_suite: Option<IdBody>,
    #[serde(default)]
    app: Option<AppBody>,
}

#[derive(Deserialize)]
struct IdBody {
    id: i64,
}

#[derive(Deserialize)]
struct AppBody {
    id: i64,
    #[serde(default)]
    slug: Option<String>,
}

#[derive(Deserialize)]
struct RunPage {
    check_runs: Vec<RunBody>,
}

#[derive(Deserialize)]
struct OutputBody {
    #[serde(default)]
    output: CheckRunOutput,
}

#[derive(Deserialize)]
struct AnnotationBody {
    path: String,
    start_line: u32,
    #[serde(default)]
    annotation_level: Option<String>,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    message: Option<String>,
}

#[derive(Deserialize)]
struct StatusPage {
    statuses: Vec<StatusBody>,
}

/// A status within the combined one, which names no creator
/// (<https://docs.github.com/en/rest/commits/statuses#get-the-combined-status-for-a-specific-reference>).
#[derive(Deserialize)]
struct StatusBody {
    context: String,
    state: String,
    #[serde(default)]
    created_at: Option<String>,
    #[serde(default)]
    target_url: Option<String>,
}

/// How far a check run has come. A status that is not known is not over, and never counts as good.
pub(super) fn run_state(status: &str, conclusion: Option<&str>) -> CheckState {
    if status.eq_ignore_ascii_case("completed") {
        CheckState::Completed(conclusion.map_or(Conclusion::Unknown, Conclusion::named))
    } else if status.eq_ignore_ascii_case("in_progress") {
        CheckState::Running
    } else {
        CheckState::Queued
    }
}

/// What a commit status says, in either API's case. A word that is not known never counts as good.
pub(super) fn status_state(word: &str) -> CheckState {
    match word.to_ascii_lowercase().as_str() {
        "expected" => CheckState::Queued,
        "pending" => CheckState::Running,
        "success" => CheckState::Completed(Conclusion::Success),
        "failure" | "error" => CheckState::Completed(Conclusion::Failure),
        _ => CheckState::Completed(Conclusion::Unknown),
    }
}

pub(super) fn time(text: Option<&str>) -> Option<Timestamp> {
    text.and_then(Timestamp::parse_rfc3339)
}

impl From<RunBody> for Check {
    fn from(body: RunBody) -> Self {
        // Of an App that is gone nothing is left; no demand for an App's check is met by number 0.
        let app = body.app.unwrap_or(AppBody { id: 0, slug: None });
        Self {
            name: body.name,
            origin: CheckOrigin::App { id: app.id, slug: app.slug.unwrap_or_default() },
            state: run_state(&body.status, body.conclusion.as_deref()),
            started: time(body.started_at.as_deref()),
            completed: time(body.completed_at.as_deref()),
            url: body.details_url.or(body.html_url),
            run: Some(CheckRunId(body.id)),
            suite: body.check_suite.map(|suite| suite.id),
        }
    }
}

impl From<StatusBody> for Check {
    fn from(body: StatusBody) -> Self {
        let state = status_state(&body.state);
        let set = time(body.created_at.as_deref());
        Self {
            name: body.context,
            origin: CheckOrigin::Status { creator: None },
            state,
            started: set,
            completed: set.filter(|_| matches!(state, CheckState::Completed(_))),
            url: body.target_url,
            run: None,
            suite: None,
        }
    }
}

fn run_path(repository: &RepositoryName, id: CheckRunId, parts: &[&str]) -> Result<Path, GithubError> {
    let id = id.to_string();
    Path::repository(repository, ["check-runs", &id].into_iter().chain(parts.iter().copied()))
}

impl InstallationClient {
    /// Publishes a check run. Done twice it is there twice: look with [`Self::check_runs`] first.
    ///
    /// # Errors
    /// [`GithubError::Config`] for more annotations than a request may carry.
    pub async fn create_check_run(
        &self,
        repository: &RepositoryName,
        run: &NewCheckRun,
    ) -> Result<CheckRunId, GithubError> {
        let path = Path::repository(repository, ["check-runs"])?;
        let body: IdBody =
            self.caller.write(Method::POST, path, &RunRequest::of(run, Some(&run.head))?).await?.decode()?;
        Ok(CheckRunId(body.id))
    }

    /// Changes a check run of ours; its annotations are added to those that it has
    /// (<https://docs.github.com/en/rest/checks/runs#update-a-check-run>).
    pub async fn update_check_run(
        &self,
        repository: &RepositoryName,
        id: CheckRunId,
        run: &NewCheckRun,
    ) -> Result<(), GithubError> {
        let path = run_path(repository, id, &[])?;
        self.caller.write(Method::PATCH, path, &RunRequest::of(run, None)?).await.map(drop)
    }

    /// The newest check runs of a commit, of every App and name
    /// (<https://docs.github.com/en/rest/checks/runs#list-check-runs-for-a-git-reference>).
    pub async fn check_runs(&self, repository: &RepositoryName, sha: &Sha) -> Result<Vec<Check>, GithubError> {
        let path = Path::repository(repository, ["commits", sha.as_str(), "check-runs"])?;
        let bodies = self.caller.list_within(path, |page: RunPage| page.check_runs).await?;
        Ok(bodies.into_iter().map(Check::from).collect())
    }

    /// The newest status of each context of a commit. GitHub names no creators in this answer.
    pub async fn statuses(&self, repository: &RepositoryName, sha: &Sha) -> Result<Vec<Check>, GithubError> {
        let path = Path::repository(repository, ["commits", sha.as_str(), "status"])?;
        let bodies = self.caller.list_within(path, |page: StatusPage| page.statuses).await?;
        Ok(bodies.into_iter().map(Check::from).collect())
    }

    /// What a check run remarked on lines of files.
    pub async fn annotations(
        &self,
        repository: &RepositoryName,
        id: CheckRunId,
    ) -> Result<Vec<Annotation>, GithubError> {
        let bodies: Vec<AnnotationBody> = self.caller.list(run_path(repository, id, &["annotations"])?).await?;
        let annotations = bodies.into_iter().map(|body| Annotation {
            path: body.path,
            line: body.start_line,
            level: body.annotation_level.unwrap_or_else(|| "notice".to_owned()),
            title: body.title.filter(|title| !title.is_empty()),
            message: body.message.unwrap_or_default(),
        });
        Ok(annotations.collect())
    }

    /// What a check run says.
    pub async fn check_run_output(
        &self,
        repository: &RepositoryName,
        id: CheckRunId,
    ) -> Result<CheckRunOutput, GithubError> {
        let body: OutputBody = self.caller.read(run_path(repository, id, &[])?).await?;
        Ok(body.output)
    }
}
