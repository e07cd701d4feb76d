//! Stage 4, acting: one match on [`Action`], each arm safe to perform twice.
//!
//! An action may be performed again because an answer was lost, a server died, or its lease ran out. So each arm
//! either looks before it acts (cards and comments carry a hidden marker, messages are looked up on their topic) or
//! does something that is the same done twice (labels, assignees). Retrying is the outbox's business: nothing here
//! tries again.

mod advice;
mod answer;
mod channel;
mod deploy_command;
mod deploy_hook;
mod deployment;
mod hook;
mod issues;
mod marker;
mod merge;
mod notify;
mod outcome;
mod own_pull;
mod probe;
mod react;
mod redeliver;
mod release;
mod release_pull;
mod retest;
mod review;
mod rules_pull;
mod staging;
mod trigger;
mod workflow;

use std::sync::Arc;

use crate::github::Github;
use crate::model::{Action, Clock, Outcome, Timestamp};
use crate::notify::Notifier;
use crate::reach::Reach;

pub use advice::{ANSWER_TOKENS, Answered, ModelAccess, ModelClient, ModelFault};
pub use channel::{ChannelLookup, ChannelMeans};
pub use hook::SIGNATURE_HEADER;
pub use marker::{CARD_MARKER, marker_of};
pub use outcome::Fault;

/// An action together with what is known of earlier attempts.
#[derive(Debug, Clone, Copy)]
pub struct Deed<'a> {
    /// The action's unique key.
    pub key: &'a str,
    /// The effect.
    pub action: &'a Action,
    /// Failed attempts before this one.
    pub attempts: i64,
    /// When the first attempt began.
    pub first_attempt: Timestamp,
    /// Nobody has begun this action before, nor any other in its slot: there is nothing to look for.
    pub fresh: bool,
}

/// Looks up a secret by the name of its environment variable.
pub type SecretLookup = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Whoever performs actions: the clients of everything outside.
#[derive(Clone)]
pub struct Hands {
    /// GitHub.
    pub github: Github,
    /// ntfy.
    pub notifier: Notifier,
    /// For signed hooks and probes, whose addresses other people name.
    pub reach: Reach,
    /// Where the keys of signed hooks are.
    pub secrets: SecretLookup,
    /// The channels beside ntfy, by name.
    pub channels: ChannelLookup,
    /// An optional model.
    pub model: Option<ModelClient>,
    /// The present.
    pub clock: Arc<dyn Clock>,
}

impl Hands {
    /// Performs an action and tells what came of it; never fails itself.
    pub async fn perform(&self, deed: Deed<'_>) -> Outcome {
        self.attempt(deed).await.0
    }

    /// The same, and the client's own error where it was one that kept the action from being performed.
    pub async fn attempt(&self, deed: Deed<'_>) -> (Outcome, Option<Fault>) {
        match self.done(&deed).await {
            Ok(outcome) => (outcome, None),
            Err(fault) => (fault.outcome(&deed), Some(fault)),
        }
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each action, and nothing else")]
    async fn done(&self, deed: &Deed<'_>) -> Result<Outcome, Fault> {
        let done = match deed.action {
            Action::SetLabels { repository, number, add, remove, projection } => {
                issues::set_labels(&self.github, (repository, *number), (add, remove, projection)).await
            }
            Action::WriteCard { repository, number, comment, text } => {
                issues::write_card(&self.github, (repository, *number), (*comment, deed.fresh), text).await
            }
            Action::RemoveComment { repository, comment, .. } => {
                issues::remove_comment(&self.github, repository, *comment).await
            }
            Action::Comment { repository, number, text } => {
                issues::comment(&self.github, (repository, *number), deed, text).await
            }
            Action::React { repository, number, comment, content } => {
                react::react(&self.github, (repository, *number), *comment, *content).await
            }
            Action::Retest { repository, head, checks } => retest::retest(self, repository, deed, (head, checks)).await,
            Action::Assign { repository, number, add, remove } => {
                issues::assign(&self.github, (repository, *number), add, remove).await
            }
            Action::OpenIssue { repository, title, body, labels, parent } => {
                let new = issues::Opening { title, body, labels, parent: *parent };
                issues::open(&self.github, repository, deed, new).await
            }
            Action::AddDependency { repository, number, on } => {
                issues::add_dependency(&self.github, (repository, *number), on).await
            }
            Action::Publish { topic, message } => {
                let published = notify::publish_machine(&self.notifier, deed, (topic.as_deref(), message)).await;
                return published.map_err(Fault::Notify);
            }
            Action::DispatchWorkflow { repository, workflow, git_ref, handoff } => {
                workflow::dispatch(&self.github, repository, deed, (workflow, git_ref, handoff)).await
            }
            Action::BuildStaging { repository, base, base_sha, members, batch } => {
                let place = staging::Place { repository, base, base_sha, members, batch: *batch };
                staging::build(&self.github, place).await
            }
            Action::LandStaging { repository, base, base_sha, staging, members, batch } => {
                let place = staging::Place { repository, base, base_sha, members, batch: *batch };
                staging::land(&self.github, place, staging).await
            }
            Action::CallHook { url, secret_env, body } => {
                return Ok(hook::call(self, deed, (url, secret_env, body)).await);
            }
            Action::PublishCheck { repository, head, report } => {
                review::publish_check(&self.github, repository, deed, (head, report)).await
            }
            Action::AmendCheck { repository, head, report } => {
                review::amend_check(&self.github, repository, (head, report)).await
            }
            // What it is asked takes rules and scanners to put together, which are the engine's.
            Action::AskModel(_) => return Ok(performed("nobody puts the question together here")),
            Action::SubmitReview { repository, number, head, approve, text } => {
                review::submit(&self.github, (repository, *number), deed, (head, *approve, text)).await
            }
            Action::Merge(order) => merge::merge(self, deed, order).await,
            Action::DeleteBranch { repository, branch, head } => {
                merge::delete_branch(self, repository, (branch, head)).await
            }
            Action::Release(order) => release::release(&self.github, deed, order).await,
            Action::WriteReleasePull(order) => release_pull::write(&self.github, deed, order).await,
            Action::ProposeRules(order) => rules_pull::write(&self.github, deed, order).await,
            Action::CloseIssue { repository, number, not_planned } => {
                issues::close(&self.github, (repository, *number), *not_planned).await
            }
            Action::CreateDeployment(order) => deployment::create(&self.github, deed, order).await,
            Action::SetDeploymentStatus { repository, deployment, state, description, log_url, environment_url } => {
                let said = deployment::Said { state: *state, description, log_url, environment_url };
                deployment::set_status(&self.github, (repository, *deployment), deed, said).await
            }
            Action::RetireDeployments { repository, environment, keep } => {
                deployment::retire(&self.github, repository, (environment, *keep)).await
            }
            Action::TriggerDeploy(order) => return Ok(trigger::trigger(self, deed, order).await),
            Action::ProbeHealth(order) => return Ok(probe::probe(self, order).await),
            Action::Redeliver { guid, attempt } => redeliver::redeliver(&self.github, deed, (guid, *attempt)).await,
            Action::Notify(message) => {
                return notify::publish(&self.notifier, deed, message).await.map_err(Fault::Notify);
            }
            Action::NotifyChannel { channel, message } => {
                return Ok(channel::tell(self, deed, (channel, message)).await);
            }
        };
        done.map_err(Fault::Github)
    }
}

/// An outcome that says what was done.
fn performed(note: impl Into<String>) -> Outcome {
    Outcome::Performed { note: note.into(), learned: None }
}
