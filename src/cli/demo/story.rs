//! The story itself: what people do, one scene after the other, and what must be seen then.

use std::time::Instant;

use anyhow::{Result, bail};

use super::learned;
use super::narrator::Narrator;
use super::pulls;
use super::releases;
use super::stage::{REPOSITORY, Stage, TOPIC};
use super::workers;
use crate::engine::{GivenPolicy, ReplaySpan};
use crate::model::{Number, Timestamp};
use crate::simulator::github::{Fault, FaultKind, IssueView};

/// A policy of the repository's own, with a rule that ties with a shipped one.
pub(super) const POLICY: &str = r#"[[rule]]
name = "signals"
title = '^\s*fix\b.*\bsignal'
type = "safety"
role = "development"
priority = 70
urgency = "critical"
add_labels = ["signalling"]
"#;

/// What one scene is about.
struct Scene<'a> {
    stage: &'a Stage,
    number: Number,
    began: Instant,
}

/// Plays every scene and returns how many failed. A failed scene does not end the story.
pub(super) async fn play(stage: &Stage, narrator: &mut Narrator<'_>) -> Result<usize> {
    let mut failed = 0;
    let first = deploy(stage, narrator).await;
    let first = narrator.judge(first, &mut failed)?;
    let scene = own_rule(stage, narrator).await;
    narrator.judge(scene, &mut failed)?;
    let scene = triage(stage, narrator).await;
    narrator.judge(scene, &mut failed)?;
    if let Some(first) = first {
        let scene = edited_title(stage, narrator, first).await;
        narrator.judge(scene, &mut failed)?;
        let scene = handed_over(stage, narrator, first).await;
        narrator.judge(scene, &mut failed)?;
    }
    let scene = bad_gateway(stage, narrator).await;
    narrator.judge(scene, &mut failed)?;
    let scene = pulls::good(stage, narrator).await;
    narrator.judge(scene, &mut failed)?;
    let scene = pulls::secret(stage, narrator).await;
    narrator.judge(scene, &mut failed)?;
    let scene = workers::by_comment(stage, narrator).await;
    narrator.judge(scene, &mut failed)?;
    let scene = workers::scripted(stage, narrator).await;
    narrator.judge(scene, &mut failed)?;
    let town = releases::set_up(stage, narrator).await;
    if let Some(town) = narrator.judge(town, &mut failed)? {
        let scene = releases::first(stage, narrator, &town).await;
        narrator.judge(scene, &mut failed)?;
        let scene = releases::second(stage, narrator, &town).await;
        narrator.judge(scene, &mut failed)?;
    }
    let scene = learned::by_hand(stage, narrator).await;
    narrator.judge(scene, &mut failed)?;
    let scene = decided_again(stage, narrator).await;
    narrator.judge(scene, &mut failed)?;
    Ok(failed)
}

/// A policy that changed during the story lets a few come out otherwise; nothing else may.
async fn decided_again(stage: &Stage, narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.scene("every decision of the story is made again, of what it saw then and by today's policy")?;
    let span = ReplaySpan { from: Timestamp(0), most: 10_000 };
    let tally = stage.engine().replay_since(span, &GivenPolicy::default()).await?;
    narrator.follows("replay", &tally.sentence())?;
    if tally.same == 0 || tally.unexplained + tally.unreadable > 0 {
        bail!("not all came out as they should: {:?}", tally.explanation().reasons);
    }
    Ok(())
}

async fn deploy(stage: &Stage, narrator: &mut Narrator<'_>) -> Result<Number> {
    let title = "Deploy v2.0 to production";
    narrator.scene(&format!("alice opens an issue: “{title}”"))?;
    let mut steps = stage.listen();
    let number = stage.github.open_issue(REPOSITORY, "alice", title, "## Requirements\n\n- Nobody notices\n")?;
    let scene = Scene::begins(stage, number);
    let issue = scene.settles(narrator, &mut steps, &["status/assigned", "type/deployment"], &[]).await?;
    scene.shown(narrator, &issue)?;
    let told = stage.ntfy.messages(TOPIC);
    match told.last() {
        Some(message) => {
            narrator.follows(
                "on ntfy",
                &format!("{}: {}", message.title.as_deref().unwrap_or_default(), message.message),
            )?;
        }
        None => bail!("nobody was told"),
    }
    Ok(number)
}

async fn own_rule(stage: &Stage, narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.scene("octo adds a rule of the repository's own; bob opens “Fix the signal at platform 3”")?;
    stage.github.write_file(REPOSITORY, "main", (".github/stationmaster.toml", POLICY), "Signals are safety")?;
    let mut steps = stage.listen();
    let number = stage.github.open_issue(REPOSITORY, "bob", "Fix the signal at platform 3", "It shows green.")?;
    let scene = Scene::begins(stage, number);
    let issue = scene.settles(narrator, &mut steps, &["type/safety", "priority/critical", "signalling"], &[]).await?;
    scene.shown(narrator, &issue)
}

async fn triage(stage: &Stage, narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.scene("bob opens “The clock runs late”, which no rule knows …")?;
    let mut steps = stage.listen();
    let number = stage.github.open_issue(REPOSITORY, "bob", "The clock runs late", "")?;
    let scene = Scene::begins(stage, number);
    scene.settles(narrator, &mut steps, &["status/triage"], &[]).await?;
    narrator.scene("… and says what it is by a label")?;
    let mut steps = stage.listen();
    stage.github.add_label(REPOSITORY, "bob", number, "type/testing")?;
    let issue = scene.settles(narrator, &mut steps, &["status/assigned", "type/testing"], &[]).await?;
    scene.shown(narrator, &issue)
}

async fn edited_title(stage: &Stage, narrator: &mut Narrator<'_>, number: Number) -> Result<()> {
    narrator.scene("alice thinks again and edits the first title: “Test v2.0 before production”")?;
    let mut steps = stage.listen();
    stage.github.edit_title(REPOSITORY, "alice", number, "Test v2.0 before production")?;
    let scene = Scene::begins(stage, number);
    let issue = scene.settles(narrator, &mut steps, &["type/testing", "role/testing_worker"], &[]).await?;
    scene.shown(narrator, &issue)
}

async fn handed_over(stage: &Stage, narrator: &mut Narrator<'_>, number: Number) -> Result<()> {
    narrator.scene("alice gives it to somebody else by a label")?;
    let mut steps = stage.listen();
    stage.github.add_label(REPOSITORY, "alice", number, "worker/qa_tester3")?;
    let scene = Scene::begins(stage, number);
    let issue = scene.settles(narrator, &mut steps, &["worker/qa_tester3"], &["worker/qa_tester2"]).await?;
    scene.shown(narrator, &issue)
}

async fn bad_gateway(stage: &Stage, narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.scene("GitHub creates the next card, but answers 502: it is tried again, and there is still one card")?;
    stage.github.inject(Fault::new("/comments", FaultKind::StatusAfterDoing(502)).method("POST"));
    let mut steps = stage.listen();
    let number = stage.github.open_issue(REPOSITORY, "alice", "Implement the night timetable", "")?;
    let scene = Scene::begins(stage, number);
    let issue = scene.settles(narrator, &mut steps, &["type/development"], &[]).await?;
    if issue.comments.len() != 1 {
        bail!("there are {} comments instead of one card", issue.comments.len());
    }
    scene.shown(narrator, &issue)
}

impl<'a> Scene<'a> {
    fn begins(stage: &'a Stage, number: Number) -> Self {
        Self { stage, number, began: Instant::now() }
    }

    /// Waits until the issue carries these labels and the server is at rest, and tells what happened on the way.
    async fn settles(
        &self,
        narrator: &mut Narrator<'_>,
        steps: &mut tokio::sync::broadcast::Receiver<crate::engine::Step>,
        labels: &[&str],
        gone: &[&str],
    ) -> Result<IssueView> {
        let what = format!("labels {} on #{}", labels.join(", "), self.number);
        let shows = |issue: &IssueView, label: &str| issue.labels.iter().any(|shown| shown == label);
        let carried = |issue: &IssueView| {
            labels.iter().all(|label| shows(issue, label)) && !gone.iter().any(|label| shows(issue, label))
        };
        self.stage.until(self.number, &what, carried).await?;
        let took = self.began.elapsed();
        self.stage.until_quiet(&self.stage.subject(self.number)).await?;
        while let Ok(step) = steps.try_recv() {
            narrator.step(&step, &self.stage.subject(self.number))?;
        }
        narrator.follows("in", &format!("{:.2} s", took.as_secs_f64()))?;
        self.stage.until(self.number, &what, carried).await
    }

    fn shown(&self, narrator: &mut Narrator<'_>, issue: &IssueView) -> Result<()> {
        let mut labels = issue.labels.clone();
        labels.sort();
        narrator.follows("on GitHub", &format!("#{} {}", self.number, labels.join(" ")))
    }
}
