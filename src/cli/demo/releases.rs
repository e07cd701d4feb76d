//! The scenes with releases: from an issue to production, and a version that is sick there and is left again.

use anyhow::{Context, Result, bail};
use tokio::sync::broadcast::Receiver;

use super::narrator::Narrator;
use super::stage::{REPOSITORY, Stage, TOPIC};
use super::story::POLICY;
use super::town::Town;
use crate::engine::Step;
use crate::model::{EnvironmentName, Number, Subject};
use crate::simulator::github::{CheckApp, IssueView, NewPull, View, WorkflowRun};

const WORKFLOW: &str = "name: Deploy\nrun-name: Deploy ${{ inputs.tag }} to ${{ inputs.environment }}\non:\n  \
                        workflow_dispatch:\n    inputs:\n      tag: { required: true }\n      environment: { required: true }\n";

/// What the repository says of releases: `qa` by itself, then `prod` once somebody has approved.
fn policy(town: &Town) -> String {
    let environment = |name: &str| {
        format!(
            "[[environment]]\nname = \"{name}\"\nauto = true\n\
             trigger = {{ by = \"workflow\", workflow = \"deploy.yml\", inputs = {{ tag = \"{{tag}}\", environment = \"{{environment}}\" }} }}\n\
             health = {{ url = \"{}/{name}/health\", times = 2, failures = 2, interval_s = 1 }}\n",
            town.url
        )
    };
    format!("{POLICY}\n[release]\n\n{}\n{}after = \"qa\"\n", environment("qa"), environment("prod"))
}

/// Sets up `qa` and `prod`.
pub(super) async fn set_up(stage: &Stage, narrator: &mut Narrator<'_>) -> Result<Town> {
    narrator.scene("octo says where releases go: `qa` by itself, then `prod` once somebody has approved")?;
    let town = Town::open().await?;
    let mut steps = stage.listen();
    let files = [
        (".github/stationmaster.toml", Some(policy(&town).into_bytes())),
        (".github/workflows/deploy.yml", Some(WORKFLOW.as_bytes().to_vec())),
    ];
    stage.github.commit_files(REPOSITORY, "octo", "main", &files, "Release and deploy")?;
    stage.until_decided(&mut steps, &stage.releases(), "no check").await?;
    narrator.follows("town", &format!("{}/qa/health and {}/prod/health", town.url, town.url))?;
    Ok(town)
}

/// From an issue to production.
pub(super) async fn first(stage: &Stage, narrator: &mut Narrator<'_>, town: &Town) -> Result<()> {
    narrator.scene("bob asks for a platform display; alice builds it; it lands, and CI of `main` passes")?;
    let mut steps = stage.listen();
    let issue = stage.github.open_issue(REPOSITORY, "bob", "Implement the platform display", "")?;
    lands(stage, (issue, "feat: platform display"), "platform/display.md").await?;
    told(stage, narrator, &mut steps, &[stage.releases()])?;
    run_workflow(stage, narrator, town, ("qa", "v0.1.0")).await?;
    let tracking = approval_wanted(stage, "v0.1.0").await?;
    told(stage, narrator, &mut steps, &[stage.environment("qa"), stage.environment("prod")])?;
    narrator.scene("alice would approve her own work; carol does")?;
    stage.github.comment(REPOSITORY, "alice", tracking, "/approve prod")?;
    let answer = stage.until_comment(tracking, "own work").await?;
    narrator.follows("on GitHub", first_line(&answer))?;
    stage.github.comment(REPOSITORY, "carol", tracking, "/approve prod")?;
    run_workflow(stage, narrator, town, ("prod", "v0.1.0")).await?;
    stage.until_message("prod runs v0.1.0").await?;
    stage.until_quiet(&stage.environment("prod")).await?;
    stage.until_quiet(&stage.subject(tracking)).await?;
    told(stage, narrator, &mut steps, &[stage.environment("prod")])?;
    shown(stage, narrator, tracking)
}

/// A version that is sick in production is left for the one before.
pub(super) async fn second(stage: &Stage, narrator: &mut Narrator<'_>, town: &Town) -> Result<()> {
    narrator.scene("alice makes the display blink; it works in `qa`, and does not in `prod`")?;
    town.is_sick("prod", "v0.2.0");
    let mut steps = stage.listen();
    let issue = stage.github.open_issue(REPOSITORY, "bob", "Implement a display that blinks", "")?;
    lands(stage, (issue, "feat: blinking display"), "platform/blink.md").await?;
    run_workflow(stage, narrator, town, ("qa", "v0.2.0")).await?;
    let tracking = approval_wanted(stage, "v0.2.0").await?;
    stage.github.comment(REPOSITORY, "carol", tracking, "/approve prod")?;
    run_workflow(stage, narrator, town, ("prod", "v0.2.0")).await?;
    run_workflow(stage, narrator, town, ("prod", "v0.1.0")).await?;
    stage.until_message("prod runs v0.1.0, not v0.2.0").await?;
    stage.until_quiet(&stage.environment("prod")).await?;
    stage.until_quiet(&stage.subject(tracking)).await?;
    told(stage, narrator, &mut steps, &[stage.releases(), stage.environment("qa"), stage.environment("prod")])?;
    if town.runs("prod").as_deref() != Some("v0.1.0") {
        bail!("the town does not run v0.1.0");
    }
    shown(stage, narrator, tracking)
}

/// A pull request for the issue is merged, and CI of the commit that it became passes.
async fn lands(stage: &Stage, (issue, title): (Number, &str), path: &str) -> Result<()> {
    let branch = format!("task/{issue}-display");
    let files = [(path, Some(b"Trains are shown here.\n".to_vec()))];
    let head = stage.github.commit_files(REPOSITORY, "alice", &branch, &files, title)?;
    let pull = NewPull {
        title: title.to_owned(),
        body: Some(format!("Fixes #{issue}")),
        head: branch,
        base: "main".to_owned(),
        draft: false,
    };
    let number = stage.github.open_pull(REPOSITORY, "alice", pull)?;
    passes(stage, &head)?;
    stage.until_pull(number, "the merged pull", |pull| pull.merge_sha.is_some()).await?;
    let landed = stage.github.pull(REPOSITORY, number.0).and_then(|pull| pull.merge_sha).context("it is not merged")?;
    passes(stage, &landed)
}

fn passes(stage: &Stage, sha: &str) -> Result<()> {
    let check = stage.github.start_check(REPOSITORY, sha, CheckApp::actions(), "build")?;
    Ok(stage.github.finish_check(check, "success")?)
}

/// GitHub Actions does what it was dispatched to do.
async fn run_workflow(
    stage: &Stage,
    narrator: &mut Narrator<'_>,
    town: &Town,
    (environment, tag): (&str, &str),
) -> Result<()> {
    let meant = |run: &WorkflowRun| {
        run.conclusion.is_none() && run.inputs["environment"] == environment && run.inputs["tag"] == tag
    };
    let dispatched = |view: &View<'_>| view.workflow_runs(REPOSITORY).iter().any(meant);
    stage.until_github(&format!("a run that deploys {tag} to {environment}"), dispatched).await?;
    let run = stage.github.workflow_runs(REPOSITORY).into_iter().find(meant).context("the run is gone")?;
    stage.github.begin_run(REPOSITORY, run.id)?;
    town.deploy(environment, tag);
    stage.github.finish_run(REPOSITORY, run.id, "success")?;
    narrator.follows("Actions", &run.title)
}

/// The issue on which the release is followed, once it asks for approval.
async fn approval_wanted(stage: &Stage, tag: &str) -> Result<Number> {
    let title = format!("Release {tag}");
    let number =
        |issues: Vec<IssueView>| issues.into_iter().find(|issue| issue.title == title).map(|issue| issue.number);
    let found = |view: &View<'_>| number(view.issues(REPOSITORY)).is_some();
    stage.until_github(&format!("an issue that follows {tag}"), found).await?;
    let issue = Number(number(stage.github.issues(REPOSITORY)).context("the issue is gone")?);
    stage.until_comment(issue, "/approve prod").await?;
    Ok(issue)
}

fn told(stage: &Stage, narrator: &mut Narrator<'_>, steps: &mut Receiver<Step>, subjects: &[Subject]) -> Result<()> {
    let mut before = String::new();
    while let Ok(step) = steps.try_recv() {
        if let Step::Decided { subject, decision } = &step
            && subjects.contains(subject)
            && decision.summary != before
        {
            narrator.follows("decided", &decision.summary)?;
            decision.summary.clone_into(&mut before);
        }
    }
    if let Some(message) = stage.ntfy.messages(TOPIC).last() {
        narrator.follows("on ntfy", message.title.as_deref().unwrap_or(&message.message))?;
    }
    Ok(())
}

fn shown(stage: &Stage, narrator: &mut Narrator<'_>, tracking: Number) -> Result<()> {
    let issue = stage.github.issue(REPOSITORY, tracking.0).context("the issue is gone")?;
    let card = issue.comments.iter().find(|comment| comment.body.contains("| --- |"));
    let card = card.map(|comment| comment.body.split("<details>").next().unwrap_or_default().trim_end());
    narrator.follows("on GitHub", &format!("#{tracking} {}\n{}", issue.title, card.unwrap_or("(no card)")))
}

fn first_line(text: &str) -> &str {
    text.lines().find(|line| line.contains("own work")).unwrap_or(text)
}

impl Stage {
    fn releases(&self) -> Subject {
        Subject::Releases(self.repository())
    }

    fn environment(&self, name: &str) -> Subject {
        Subject::Environment(self.repository(), EnvironmentName::new(name))
    }
}
