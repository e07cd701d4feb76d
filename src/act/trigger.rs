//! Tells a deploy target: a workflow, an event, a hook, a command, or nobody.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::outcome::{of_github_error, will_not_pass};
use super::{Deed, Hands, deploy_command, deploy_hook};
use crate::github::{GithubError, InstallationClient, WorkflowDispatch, WorkflowRun};
use crate::model::{
    BranchName, EnvironmentReport, Fact, Outcome, TagName, Timestamp, Trigger, TriggerAnswer, TriggerOrder,
};

/// GitHub's clock and ours may differ by so much.
const CLOCKS_APART_MS: i64 = 5_000;
/// Looks for a run that GitHub did not name when it was asked for.
const LOOKS: u32 = 3;
/// The pause between two of them.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

pub(super) async fn trigger(hands: &Hands, deed: &Deed<'_>, order: &TriggerOrder) -> Outcome {
    let answer = match &order.trigger {
        Trigger::Workflow { workflow, git_ref, inputs } => {
            let git_ref = git_ref.as_deref().unwrap_or(order.version.tag.as_str());
            let wanted = WorkflowDispatch {
                workflow: workflow.clone(),
                git_ref: BranchName::new(git_ref),
                inputs: inputs.clone(),
            };
            match start_workflow(hands, deed, order, &wanted).await {
                Ok(answer) => answer,
                Err(outcome) => return outcome,
            }
        }
        Trigger::Dispatch { event } => send_event(hands, deed, order, event).await,
        Trigger::Hook { url, secret_env, finishes } => {
            deploy_hook::call(hands, deed, order, (url, secret_env, *finishes)).await
        }
        Trigger::Command { name, run } => deploy_command::run(order, (name, run)).await,
        Trigger::None => TriggerAnswer::Accepted {
            run: None,
            detail: "whoever watches GitHub's deployments does it and reports by a deployment status".to_owned(),
        },
    };
    answered(order, answer)
}

fn answered(order: &TriggerOrder, answer: TriggerAnswer) -> Outcome {
    let (word, detail) = match &answer {
        TriggerAnswer::Accepted { detail, .. } => ("accepted", detail),
        TriggerAnswer::Finished { detail } => ("finished", detail),
        TriggerAnswer::Failed { detail } => ("failed", detail),
        TriggerAnswer::Error { detail } => ("error", detail),
    };
    let note = format!("deployment {} to {}: {word}: {detail}", order.number, order.environment);
    let report = EnvironmentReport::Triggered { number: order.number, attempt: order.attempt, answer };
    Outcome::Performed { note, learned: Some(Fact::Environment { report }) }
}

/// What may pass is an error, which is tried again; the rest is GitHub's no.
fn answer_of(error: &GithubError) -> TriggerAnswer {
    let detail = error.to_string();
    if will_not_pass(error) { TriggerAnswer::Failed { detail } } else { TriggerAnswer::Error { detail } }
}

/// Dispatches a workflow. Where an earlier attempt may have done so, its run is looked for first.
///
/// # Errors
/// With the outcome that has the outbox come back: while a limit is in force, and while it is not known whether the
/// workflow was dispatched.
async fn start_workflow(
    hands: &Hands,
    deed: &Deed<'_>,
    order: &TriggerOrder,
    wanted: &WorkflowDispatch,
) -> Result<TriggerAnswer, Outcome> {
    let client = hands.github.installation(order.repository.installation);
    let workflow = &wanted.workflow;
    if !deed.fresh {
        let runs = runs_since(&client, order, wanted, deed.first_attempt).await;
        // The oldest is ours: what was dispatched since then was not.
        if let Some(run) = runs.map_err(|error| of_github_error(&error))?.pop() {
            return Ok(accepted(Some(run.id), format!("{workflow} had been dispatched already: {}", run.url)));
        }
    }
    let before = hands.clock.now();
    match client.start_workflow(&order.repository.name, wanted).await {
        Ok(Some(run)) => Ok(accepted(Some(run), format!("dispatched {workflow} on {}", wanted.git_ref))),
        Ok(None) => {
            let run = find_run(&client, order, wanted, before).await;
            Ok(accepted(run, format!("dispatched {workflow} on {}", wanted.git_ref)))
        }
        Err(error @ GithubError::RateLimited { .. }) => Err(of_github_error(&error)),
        Err(error) if error.may_have_happened() && deed.attempts == 0 => {
            Err(Outcome::Failed { reason: format!("it is not known whether {workflow} was dispatched: {error}") })
        }
        Err(error) => Ok(answer_of(&error)),
    }
}

const fn accepted(run: Option<i64>, detail: String) -> TriggerAnswer {
    TriggerAnswer::Accepted { run, detail }
}

/// The run of a dispatch of which GitHub named none. It is dispatched whether it is found or not.
async fn find_run(
    client: &InstallationClient,
    order: &TriggerOrder,
    wanted: &WorkflowDispatch,
    before: Timestamp,
) -> Option<i64> {
    for look in 1..=LOOKS {
        match runs_since(client, order, wanted, before).await {
            Ok(runs) if !runs.is_empty() => return runs.first().map(|run| run.id),
            Ok(_) => {}
            Err(error) => {
                let workflow = &wanted.workflow;
                tracing::warn!(repository = %order.repository.name, workflow, %error, "a run could not be looked for");
            }
        }
        if look < LOOKS {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }
    None
}

/// Runs of the workflow that were dispatched since then, newest first; on the version's tag only those of its commit.
async fn runs_since(
    client: &InstallationClient,
    order: &TriggerOrder,
    wanted: &WorkflowDispatch,
    since: Timestamp,
) -> Result<Vec<WorkflowRun>, GithubError> {
    let since = since.plus_ms(-CLOCKS_APART_MS);
    let mut runs = client.dispatched_runs_since(&order.repository.name, &wanted.workflow, since).await?;
    let on_tag = wanted.git_ref.as_str() == order.version.tag.as_str();
    runs.retain(|run| run.created >= since && (!on_tag || run.head_sha == order.version.sha.as_str()));
    runs.sort_by_key(|run| std::cmp::Reverse(run.id));
    Ok(runs)
}

/// GitHub shows nowhere that an event was sent. Waiting in vain for one that was lost is better than deploying twice,
/// so it is sent once.
async fn send_event(hands: &Hands, deed: &Deed<'_>, order: &TriggerOrder, event: &str) -> TriggerAnswer {
    if deed.attempts > 0 || !deed.fresh {
        return accepted(None, format!("`{event}` was sent already, or its answer was lost"));
    }
    let client = hands.github.installation(order.repository.installation);
    match client.repository_dispatch(&order.repository.name, event, &told(order)).await {
        Ok(()) => accepted(None, format!("sent `{event}`")),
        Err(error) if error.may_have_happened() => {
            accepted(None, format!("`{event}` was sent, and the answer was lost: {error}"))
        }
        Err(error) => answer_of(&error),
    }
}

/// What a deploy target is told of the deployment.
pub(super) fn told(order: &TriggerOrder) -> BTreeMap<&'static str, Value> {
    let TriggerOrder { environment, deployment, version, previous, .. } = order;
    BTreeMap::from([
        ("environment", json!(environment)),
        ("tag", json!(version.tag)),
        ("version", json!(number_of(&version.tag))),
        ("sha", json!(version.sha)),
        ("deployment", json!(deployment)),
        ("previous", json!(previous)),
    ])
}

/// The version's number: the tag without what stands before it.
pub(super) fn number_of(tag: &TagName) -> &str {
    let text = tag.as_str();
    let rests = text.char_indices().map(|(at, _)| text.split_at(at).1);
    rests.into_iter().find(|rest| semver::Version::parse(rest).is_ok()).unwrap_or(text)
}
