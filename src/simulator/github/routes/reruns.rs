//! The runs behind Actions' checks: found by commit, looked into, and started again.

use serde_json::{Map, Value, json};

use super::Path;
use crate::simulator::github::answer::{Answer, Refusal, Reply, ok};
use crate::simulator::github::call::Context;
use crate::simulator::github::judging::CheckRun;
use crate::simulator::github::payloads::node_id;

/// `/actions/runs/{id}…` of a run that checks a commit; `None` where the run is none of these.
pub fn route(context: &mut Context<'_>, id: i64, rest: Path<'_>) -> Option<Reply> {
    let [run, rest @ ..] = rest else { return None };
    let run = run.parse::<i64>().ok()?;
    let home = context.state.repository(id).ok()?;
    let suite = home.judging.suites.iter().find(|suite| suite.workflow_run.is_some_and(|(known, _)| known == run))?;
    let suite = suite.id;
    Some(match (context.call.method.as_str(), rest) {
        ("GET", []) => context.state.suite(id, suite).map_err(Refusal::from).and_then(|suite| {
            let home = context.state.repository(id)?;
            ok(context.views().checking_run(home, suite))
        }),
        ("GET", ["jobs"]) => jobs(context, id, suite),
        ("POST", ["rerun"]) => rerun(context, id, suite, |_| true),
        ("POST", ["rerun-failed-jobs"]) => rerun(context, id, suite, |job| !job.passed()),
        _ => Err(Refusal::not_found()),
    })
}

/// <https://docs.github.com/en/rest/actions/workflow-runs#re-run-failed-jobs-from-a-workflow-run>
fn rerun(context: &mut Context<'_>, id: i64, suite: i64, wanted: impl Fn(&CheckRun) -> bool) -> Reply {
    let judging = &context.state.repository(id)?.judging;
    let known = judging.suite(suite).ok_or_else(Refusal::not_found)?;
    if judging.suite_state(known).0 != "completed" {
        return Err(Refusal::new(403, "This workflow is already running"));
    }
    if !judging.latest_of_suite(suite).into_iter().any(&wanted) {
        return Err(Refusal::new(403, "This workflow run cannot be retried, because none of its jobs failed"));
    }
    context.state.rerun(id, suite, wanted)?;
    Ok(Answer::json(201, Value::Object(Map::new())))
}

/// The newest attempt's jobs; each is the check run of the same id.
fn jobs(context: &Context<'_>, id: i64, suite: i64) -> Reply {
    let home = context.state.repository(id)?;
    let all = context.call.parameter("filter") == Some("all");
    let runs: Vec<&CheckRun> = if all {
        home.judging.runs.iter().filter(|run| run.suite == suite).collect()
    } else {
        home.judging.latest_of_suite(suite)
    };
    let known = context.state.suite(id, suite)?;
    let run = known.workflow_run.unwrap_or_default();
    let api = context.views().repository_url(home);
    let show = |job: &CheckRun| {
        json!({
            "id": job.id,
            "run_id": run.0,
            "run_url": format!("{api}/actions/runs/{}", run.0),
            "run_attempt": run.1,
            "node_id": node_id("CR_", job.id),
            "head_sha": job.head_sha,
            "url": format!("{api}/actions/jobs/{}", job.id),
            "html_url": format!("{}/actions/runs/{}/job/{}", context.views().page_url(home), run.0, job.id),
            "status": job.status,
            "conclusion": job.conclusion,
            "created_at": job.started_at.map(crate::model::Timestamp::to_rfc3339),
            "started_at": job.started_at.map(crate::model::Timestamp::to_rfc3339),
            "completed_at": job.completed_at.map(crate::model::Timestamp::to_rfc3339),
            "name": job.name,
            "steps": [],
            "check_run_url": format!("{api}/check-runs/{}", job.id),
            "labels": ["ubuntu-latest"],
            "runner_id": null,
            "runner_name": null,
            "runner_group_id": null,
            "runner_group_name": null,
            "workflow_name": "CI",
            "head_branch": known.head_branch,
        })
    };
    let listed: Vec<Value> = runs.into_iter().map(show).collect();
    Ok(super::commit_checks::counted(context, "jobs", &listed))
}
