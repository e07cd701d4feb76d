//! The scene with a scripted worker: it registers, claims, reports, is blocked and unblocked, and is done when its pull is merged.

use std::process::Output;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::json;
use tokio::process::Command;

use super::agent::Agent;
use super::narrator::Narrator;
use super::stage::{REPOSITORY, Stage};
use crate::model::{Number, Scope, WorkerId};
use crate::simulator::github::{CheckApp, IssueView, NewPull};

/// The worker of this scene, a script.
const AGENT: &str = "night_agent";
const FILE: &str = "timetable/winter.py";
const TIMETABLE: &str = "\"\"\"The winter timetable.\"\"\"\n\nFIRST_TRAIN = \"06:10\"\n";

/// Somebody who calls the server by the command line, with a token of their own.
struct Caller {
    url: String,
    token: String,
    folder: tempfile::TempDir,
}

/// From a project to a task that is done, by the same commands that a script or an AI agent would use.
pub(super) async fn scripted(stage: &Stage, narrator: &mut Narrator<'_>) -> Result<()> {
    narrator
        .scene("bob plans the winter; a script takes the task, works on it, and is done when its pull is merged")?;
    let bob = caller(stage, ("bob's plans", Scope::Orchestrator)).await?;
    let agent = caller(stage, (AGENT, Scope::Worker(WorkerId::new(AGENT)))).await?;
    agent.says(narrator, &["worker", "register", "--role", "development", "--always", "--capacity", "2"]).await?;
    let project = bob.says(narrator, &["orchestrate", "project", "Winter timetable", "--repo", REPOSITORY]).await?;
    let title = "Implement the winter timetable";
    let task = ["orchestrate", "create", &project, title, "-r", "The first train leaves at 06:10"];
    let task = bob.says(narrator, &task).await?;
    bob.says(narrator, &["orchestrate", "assign", &task, AGENT]).await?;
    let claimed = agent.says(narrator, &["worker", "claim"]).await?;
    if claimed != task {
        bail!("{AGENT} claimed {claimed} instead of {task}");
    }
    agent.says(narrator, &["worker", "progress", &task, "the weekdays are in", "--percent", "40"]).await?;
    by_tools(&agent, narrator, &task).await?;
    agent.says(narrator, &["worker", "blocker", &task, "the holidays are unknown", "--needs", "a calendar"]).await?;
    let number = number_of(&task)?;
    carries(stage, number, "status/blocked").await?;
    agent.says(narrator, &["worker", "unblock", &task]).await?;
    carries(stage, number, "status/in-progress").await?;
    agent.is_refused(narrator, &["worker", "complete", &task, "Done"]).await?;
    merged(stage, number).await?;
    carries(stage, number, "status/done").await?;
    stage.until_quiet(&stage.subject(number)).await?;
    let issue = carries(stage, number, "status/done").await?;
    shown(narrator, &issue)?;
    bob.says(narrator, &["orchestrate", "progress", &project]).await.map(drop)
}

/// What an AI agent does by tools: it reads its handoff package, in which what people wrote is marked, and tells of what it
/// found.
async fn by_tools(caller: &Caller, narrator: &mut Narrator<'_>, task: &str) -> Result<()> {
    narrator.follows("$", "stationmaster mcp")?;
    let mut agent = Agent::start(caller.command(&["mcp"])?).await?;
    narrator.follows("", &format!("it has {} tools", agent.tools().await?))?;
    narrator.follows("tool", &format!("get {task}"))?;
    let handoff = agent.call("get", &json!({"task": task})).await?;
    let title = handoff.text.lines().find(|line| line.contains("\"title\"")).unwrap_or_default();
    narrator.follows("", &format!("→ {}", title.trim()))?;
    let found = json!({"task": task, "text": "two trains share platform 3", "impact": "delays"});
    narrator.follows("tool", &format!("discover {task} {}", found["text"]))?;
    let told = agent.call("discover", &found).await?;
    narrator.follows("", &format!("→ {}", told.structured["state"].as_str().unwrap_or_default()))
}

async fn caller(stage: &Stage, (name, scope): (&str, Scope)) -> Result<Caller> {
    let (_, token) = stage.store().create_token(name, &scope, None).await?;
    Ok(Caller { url: stage.url(), token, folder: tempfile::tempdir()? })
}

impl Caller {
    /// Runs this very program, and tells what it printed.
    async fn says(&self, narrator: &mut Narrator<'_>, words: &[&str]) -> Result<String> {
        let output = self.run(narrator, words).await?;
        if !output.status.success() {
            bail!("`stationmaster {}` failed: {}", words.join(" "), text(&output.stderr));
        }
        let result = text(&output.stdout);
        narrator.follows("", &format!("→ {}", if result.is_empty() { "(nothing)" } else { &result }))?;
        Ok(result)
    }

    async fn is_refused(&self, narrator: &mut Narrator<'_>, words: &[&str]) -> Result<()> {
        let output = self.run(narrator, words).await?;
        if output.status.success() {
            bail!("`stationmaster {}` was not refused", words.join(" "));
        }
        narrator.follows("", &text(&output.stderr))
    }

    async fn run(&self, narrator: &mut Narrator<'_>, words: &[&str]) -> Result<Output> {
        let shown: Vec<String> = words
            .iter()
            .map(|word| if word.contains(' ') { format!("\"{word}\"") } else { (*word).to_owned() })
            .collect();
        narrator.follows("$", &format!("stationmaster {}", shown.join(" ")))?;
        self.command(words)?.output().await.context("this program cannot be run")
    }

    /// This very program, with these words.
    fn command(&self, words: &[&str]) -> Result<Command> {
        let program = std::env::current_exe().context("where this program is cannot be found out")?;
        let mut command = Command::new(program);
        command.args(words).current_dir(self.folder.path()).env("STATIONMASTER_URL", &self.url);
        command.env("STATIONMASTER_TOKEN", &self.token).env("AGENT_ID", AGENT);
        Ok(command)
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

fn number_of(item: &str) -> Result<Number> {
    let number = item.rsplit_once('#').and_then(|(_, number)| number.parse().ok());
    number.map(Number).with_context(|| format!("{item:?} is no issue"))
}

async fn carries(stage: &Stage, number: Number, label: &str) -> Result<IssueView> {
    stage.until(number, &format!("{label} on #{number}"), |issue| issue.labels.iter().any(|shown| shown == label)).await
}

/// The pull on the task's branch passes its checks, and is merged by the server itself.
async fn merged(stage: &Stage, number: Number) -> Result<()> {
    let branch = format!("task/{number}-winter-timetable");
    let files = [(FILE, Some(TIMETABLE.as_bytes().to_vec()))];
    let head = stage.github.commit_files(REPOSITORY, "alice", &branch, &files, "feat: winter timetable")?;
    let pull = NewPull {
        title: "feat: winter timetable".to_owned(),
        body: Some(format!("Fixes #{number}")),
        head: branch,
        base: "main".to_owned(),
        draft: false,
    };
    let pull = stage.github.open_pull(REPOSITORY, "alice", pull)?;
    let check = stage.github.start_check(REPOSITORY, &head, CheckApp::actions(), "build")?;
    stage.github.finish_check(check, "success")?;
    stage.until_pull(pull, "the merged pull", |pull| pull.merge_sha.is_some()).await
}

fn shown(narrator: &mut Narrator<'_>, issue: &IssueView) -> Result<()> {
    let card = issue.comments.iter().find(|comment| comment.body.contains("<summary>Timeline</summary>"));
    let card = card.context("there is no card with a timeline")?;
    let lines = card.body.lines().skip_while(|line| !line.contains("<summary>Timeline</summary>"));
    for line in lines.filter_map(|line| line.strip_prefix("- ")) {
        narrator.follows("timeline", line)?;
    }
    Ok(())
}

/// How long it takes until a command in a comment can be seen in the labels.
pub(super) async fn by_comment(stage: &Stage, narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.scene("carol takes a task by a comment")?;
    let number = stage.github.open_issue(REPOSITORY, "bob", "Fix the bench at platform 1", "")?;
    carries(stage, number, "status/assigned").await?;
    stage.until_quiet(&stage.subject(number)).await?;
    stage.github.comment(REPOSITORY, "carol", number, "/assign @carol\n/claim")?;
    let began = Instant::now();
    carries(stage, number, "status/in-progress").await?;
    narrator.follows("in", &format!("{:.2} s", began.elapsed().as_secs_f64()))?;
    stage.until_quiet(&stage.subject(number)).await?;
    let issue = carries(stage, number, "status/in-progress").await?;
    let mut labels = issue.labels;
    labels.sort();
    narrator.follows("on GitHub", &format!("#{number} {}", labels.join(" ")))
}
