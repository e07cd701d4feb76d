//! Asks an optional model: puts together what it may see, keeps to the day's tokens, and never insists.

use anyhow::Result;

use super::Engine;
use super::rule_files::HeadRules;
use crate::act::{ANSWER_TOKENS, Deed, Fault, ModelClient};
use crate::decide::advice::{Prompt, PullPrompt, about_type, plain, type_said};
use crate::decide::secrets::{ScanOptions, scan_text};
use crate::model::{
    Action, Advice, AdviceOrder, AdviceQuestion, AdviceSaid, Fact, FileChange, Outcome, Pull, Sha, Subject,
};
use crate::observe;
use crate::policy::Policy;
use crate::store::Attempt;

/// It is asked so often again after it gave no answer.
const MORE_TRIES: i64 = 2;

/// What is asked, and what was left out of it.
struct Question {
    prompt: Prompt,
    left_out: Vec<String>,
}

impl Engine {
    /// Performs an action. What a model is asked is put together here, since it takes rules and scanners to do so.
    pub(super) async fn performed(&self, attempt: &Attempt, deed: Deed<'_>) -> (Outcome, Option<Fault>) {
        let Action::AskModel(order) = &attempt.action else { return self.app.hands.attempt(deed).await };
        let outcome = match self.ask_model(order).await {
            Ok(outcome) => outcome,
            Err(error) => Outcome::Failed { reason: format!("it could not be put together: {error:#}") },
        };
        // It is optional: after a few tries nobody waits for it any more.
        let outcome = match outcome {
            Outcome::Failed { reason } if attempt.attempts >= MORE_TRIES => {
                self.app.metrics.model_call("dropped");
                done(format!("the model was not asked again: {reason}"))
            }
            other @ (Outcome::Performed { .. }
            | Outcome::Later { .. }
            | Outcome::Failed { .. }
            | Outcome::Refused { .. }) => other,
        };
        (outcome, None)
    }

    async fn ask_model(&self, order: &AdviceOrder) -> Result<Outcome> {
        let Some(client) = &self.app.hands.model else { return Ok(done("this server has no model")) };
        let question = match self.question(order).await? {
            Ok(question) => question,
            Err(why) => return Ok(done(format!("nothing was asked: {why}"))),
        };
        self.ask(client, order, question).await
    }

    /// What is asked, or why nothing is.
    async fn question(&self, order: &AdviceOrder) -> Result<Result<Question, String>> {
        let repository = &order.repository;
        let in_force = self.in_force(repository.id).await?;
        let policy = self.policy(repository, in_force.1.as_deref()).await?;
        let rules = self.reviewing.rules(&self.app, repository, &policy).await?;
        let mark = format!("=={:016x}==", rand::random::<u64>());
        let question = match &order.question {
            AdviceQuestion::Type { title, body, types, .. } if policy.advice.asks_for_types() => {
                let prompt = about_type(title, body, (types, &mark));
                Ok(Question { prompt, left_out: Vec::new() })
            }
            AdviceQuestion::Review { head } if policy.advice.asks_about_pulls() => {
                self.about_pull(order, head, (&policy, &rules, &mark)).await?
            }
            AdviceQuestion::Type { .. } | AdviceQuestion::Review { .. } => {
                Err("the repository's policy does not ask for it any more".to_owned())
            }
        };
        let Ok(question) = question else { return Ok(question) };
        // Whatever was left out before, what is sent is looked at once more, as it is sent.
        if holds_secret(&rules, "", question.prompt.user.as_bytes()) {
            return Ok(Err("the text holds what looks like a secret".to_owned()));
        }
        Ok(Ok(question))
    }

    async fn about_pull(
        &self,
        order: &AdviceOrder,
        head: &Sha,
        (policy, rules, mark): (&Policy, &HeadRules, &str),
    ) -> Result<Result<Question, String>> {
        let repository = &order.repository;
        let github = &self.app.hands.github;
        let place = (repository.id, &repository.name);
        let observed = observe::pull(github, repository.installation, place, (order.number, None)).await?;
        let Some(pull) = observed.map(|observed| observed.pull).filter(|pull| pull.head == *head) else {
            return Ok(Err("the head has moved on".to_owned()));
        };
        let told = format!("{}\n{}", pull.title, pull.body);
        let may_tell = !holds_secret(rules, "", told.as_bytes());
        let mut prompt = PullPrompt::new(may_tell.then_some((&pull.title, &pull.body)), mark);
        if !may_tell {
            prompt.leave_out("its title and text", "they hold what looks like a secret");
        }
        self.show_files(&mut prompt, order, &pull, (policy, rules)).await?;
        let (prompt, left_out) = prompt.finish();
        Ok(prompt.map(|prompt| Question { prompt, left_out }).ok_or_else(|| "no file of it may be shown".to_owned()))
    }

    async fn show_files(
        &self,
        prompt: &mut PullPrompt,
        order: &AdviceOrder,
        pull: &Pull,
        (policy, rules): (&Policy, &HeadRules),
    ) -> Result<()> {
        let mut changes = observe::changes(&self.app.hands.github, &order.repository, pull)?;
        while let Some(change) = changes.next().await? {
            match &change.patch {
                _ if policy.advice.excludes(&change.path)
                    || change.previous_path.as_deref().is_some_and(|path| policy.advice.excludes(path)) =>
                {
                    prompt.leave_out(&change.path, "it is not shown to models");
                }
                None => prompt.leave_out(&change.path, "it has no diff"),
                Some(patch) if has_secret(rules, &change, patch) => {
                    prompt.leave_out(&change.path, "it holds what looks like a secret");
                }
                Some(patch) => prompt.show(&change.path, patch),
            }
        }
        Ok(())
    }

    async fn ask(&self, client: &ModelClient, order: &AdviceOrder, question: Question) -> Result<Outcome> {
        let Question { prompt, left_out } = question;
        let (store, metrics) = (&self.app.store, &self.app.metrics);
        let most = self.app.config.model.as_ref().map_or(0, |model| i64::from(model.tokens_per_day));
        let estimate = prompt.tokens() + ANSWER_TOKENS;
        let Some(day) = store.set_tokens_aside(estimate, most).await? else {
            metrics.model_call("over_budget");
            return Ok(done("nothing was asked: today's tokens are used up"));
        };
        let answered = client.ask((&prompt.system, &prompt.user)).await;
        let fault = answered.as_ref().err().map(ToString::to_string);
        // What a failed call has cost nobody says, so it counts as if it had been answered.
        let used = answered.as_ref().ok().and_then(|answered| answered.tokens).unwrap_or(estimate);
        store.settle_tokens((day, estimate), used, fault.as_deref()).await?;
        metrics.model_tokens(u64::try_from(used).unwrap_or_default());
        metrics.model_call(if fault.is_some() { "failed" } else { "answered" });
        let answered = match answered {
            Ok(answered) => answered,
            Err(fault) => return Ok(Outcome::Failed { reason: fault.to_string() }),
        };
        let said = match &order.question {
            AdviceQuestion::Review { .. } => {
                let text = plain(&answered.text);
                (!text.is_empty()).then_some(AdviceSaid::Review { text, left_out })
            }
            AdviceQuestion::Type { types, .. } => {
                type_said(&answered.text, types).map(|(task_type, reason)| AdviceSaid::Type { task_type, reason })
            }
        };
        let Some(said) = said else { return Ok(done("the model said nothing that could be used")) };
        let advice = Advice { name: client.name().to_owned(), said };
        let about = order.question.about().to_owned();
        let note = format!("the model `{}` has answered, for {used} tokens", advice.name);
        Ok(Outcome::Performed { note, learned: Some(Fact::Advised { about, advice }) })
    }

    /// What a model has said meanwhile about a text of an issue that it was asked about.
    pub(super) async fn see_advice(&self, subject: &Subject, task: Option<&mut crate::model::Task>) -> Result<()> {
        let Some(asked) = task.and_then(|task| task.work.asked_type.as_mut()) else { return Ok(()) };
        if asked.advice.is_none() {
            asked.advice = self.app.store.advice(subject, &asked.about).await?;
        }
        Ok(())
    }
}

fn done(note: impl Into<String>) -> Outcome {
    Outcome::Performed { note: note.into(), learned: None }
}

/// Whether the scanner finds anything in a text; nobody's word that it is none counts here.
fn holds_secret(rules: &HeadRules, path: &str, text: &[u8]) -> bool {
    let options = ScanOptions { honour_allow_comments: false, commit: None, ignored: None };
    !scan_text(&rules.secrets, path, text, options).is_empty()
}

/// The lines as they are, without the diff's own signs before them, and the diff as it would be sent.
fn has_secret(rules: &HeadRules, change: &FileChange, patch: &str) -> bool {
    let lines: Vec<&str> = patch.lines().map(|line| line.get(1..).unwrap_or_default()).collect();
    let bare = lines.join("\n");
    holds_secret(rules, &change.path, bare.as_bytes()) || holds_secret(rules, "", patch.as_bytes())
}
