//! The scenes with pull requests: one that is merged as soon as its checks are green, and one with a planted secret.

use std::time::Instant;

use anyhow::{Context, Result, bail};

use super::narrator::Narrator;
use super::stage::{REPOSITORY, Stage};
use crate::model::Number;
use crate::simulator::github::{CheckApp, NewPull};

/// A small change that nothing is wrong with.
const TIMETABLE: &str = "\"\"\"The night timetable.\"\"\"\n\nLAST_TRAIN = \"23:55\"\n\n\ndef departs(hour: int) -> bool:\n    \"\"\"Whether a train departs within this hour.\"\"\"\n    return hour in (22, 23)\n";

/// Reviewed, checked and merged without anyone waiting.
pub(super) async fn good(stage: &Stage, narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.scene("alice proposes the night timetable; CI begins, and passes")?;
    let mut steps = stage.listen();
    let (number, head) = propose(stage, "night-timetable", ("timetable/night.py", TIMETABLE))?;
    let checks = ["build", "test"].map(|name| stage.github.start_check(REPOSITORY, &head, CheckApp::actions(), name));
    for check in checks {
        stage.github.finish_check(check?, "success")?;
    }
    let green = Instant::now();
    stage.until_pull(number, "the merged pull", |pull| pull.merge_sha.is_some()).await?;
    let took = green.elapsed();
    let comment = stage.until_comment(number, "PR merged automatically").await?;
    stage.until_quiet(&stage.pull_subject(number)).await?;
    while let Ok(step) = steps.try_recv() {
        narrator.step(&step, &stage.pull_subject(number))?;
    }
    narrator.follows("in", &format!("{:.2} s after the last check", took.as_secs_f64()))?;
    narrator.follows("on GitHub", visible(&comment))
}

/// Refused, with the reasons in one place; the secret is named nowhere.
pub(super) async fn secret(stage: &Stage, narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.scene("alice proposes a deploy script with a token in it, by mistake")?;
    // In pieces, so that nothing in this source looks like a token.
    let token = format!("ghp_{}", "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY1zA2");
    let script = format!("#!/bin/sh\ncurl -H \"Authorization: token {token}\" https://api.github.com/user\n");
    let mut steps = stage.listen();
    let (number, head) = propose(stage, "deploy-script", ("scripts/deploy.sh", &script))?;
    let check = stage.github.start_check(REPOSITORY, &head, CheckApp::actions(), "build")?;
    stage.github.finish_check(check, "success")?;
    let card = stage.until_comment(number, "secret").await?;
    stage.until_quiet(&stage.pull_subject(number)).await?;
    while let Ok(step) = steps.try_recv() {
        narrator.step(&step, &stage.pull_subject(number))?;
    }
    let pull = stage.github.pull(REPOSITORY, number.0).context("the pull is gone")?;
    if pull.merge_sha.is_some() {
        bail!("it was merged");
    }
    if card.contains(&token) {
        bail!("the card shows the secret");
    }
    narrator.follows("on GitHub", visible(&card))
}

fn propose(stage: &Stage, branch: &str, (path, content): (&str, &str)) -> Result<(Number, String)> {
    let files = [(path, Some(content.as_bytes().to_vec()))];
    let head = stage.github.commit_files(REPOSITORY, "alice", branch, &files, &format!("Add {path}"))?;
    let pull = NewPull {
        title: format!("Add {path}"),
        body: Some("By hand, and with care.".to_owned()),
        head: branch.to_owned(),
        base: "main".to_owned(),
        draft: false,
    };
    Ok((stage.github.open_pull(REPOSITORY, "alice", pull)?, head))
}

/// A comment without its hidden marker and what is folded.
fn visible(comment: &str) -> &str {
    comment.split("<details>").next().unwrap_or(comment).split("<!--").next().unwrap_or(comment).trim_end()
}
