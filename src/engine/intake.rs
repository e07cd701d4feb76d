//! Turns stored deliveries into marks: what each means, and which subjects to look at because of it.

use anyhow::Result;

use super::Engine;
use super::story::Step;
use crate::decide::message::{self, Meaning};
use crate::decide::request::{self, Answer};
use crate::model::{
    Actor, ActorKind, DeliverySource, DeliveryState, Event, EventKind, InstallationChange, Login, Parsed,
    RepositoryChange, Sha, Subject, queue_base,
};
use crate::receive;
use crate::store::{IntakeItem, IntakeResult, KnownBy, RepositoryUpdate};

/// Deliveries understood in one transaction.
const BATCH: i64 = 64;

impl Engine {
    /// Understands the deliveries that wait, up to one batch; returns how many there were.
    pub async fn intake_step(&self) -> Result<usize> {
        let own = self.app.own_login();
        let story = self.story.clone();
        let metrics = self.app.metrics.clone();
        let understood = self
            .app
            .store
            .intake(BATCH, move |item| {
                let (guid, event) = (&item.delivery.guid, &item.delivery.event.0);
                let _within = tracing::error_span!("delivery", delivery = %guid, event = %event).entered();
                let result = understand(item, own.as_ref());
                metrics.delivery_read(result.state);
                if result.state == DeliveryState::Dead {
                    tracing::warn!(
                        delivery = %item.delivery.guid,
                        event = %item.delivery.event.0,
                        reason = result.note.as_deref().unwrap_or_default(),
                        "a delivery could not be understood; `stationmaster inbox show` has it"
                    );
                }
                story.tell(Step::Understood {
                    event: item.delivery.event.0.clone(),
                    state: result.state,
                    subjects: result.subjects.clone(),
                    note: result.note.clone(),
                });
                result
            })
            .await?;
        Ok(understood)
    }
}

fn understand(item: &IntakeItem, own: Option<&Login>) -> IntakeResult {
    let delivery = &item.delivery;
    match delivery.source {
        DeliverySource::Github => match receive::parse(&delivery.event, &delivery.body) {
            Ok(Parsed::Known(event)) => of_event(&event, own),
            Ok(Parsed::Ignored(reason)) => IntakeResult::at_rest(DeliveryState::Ignored, reason),
            Err(fault) => IntakeResult::at_rest(DeliveryState::Dead, fault.to_string()),
        },
        DeliverySource::Ntfy => match receive::parse_inbound(&delivery.body) {
            Ok(inbound) => {
                let Meaning { actions, reports, note } = message::meaning(&inbound, delivery.received);
                let state = if note.is_some() { DeliveryState::Ignored } else { DeliveryState::Done };
                IntakeResult { note, actions, reports, ..IntakeResult::at_rest(state, "") }
            }
            Err(fault) => IntakeResult::at_rest(DeliveryState::Dead, fault.to_string()),
        },
        DeliverySource::Cli | DeliverySource::Api | DeliverySource::Timer => {
            match receive::parse_request(&delivery.body) {
                Ok(asked) => {
                    let mut result = IntakeResult { note: None, ..IntakeResult::at_rest(DeliveryState::Done, "") };
                    match request::answer(&delivery.guid, &asked, delivery.received) {
                        Answer::Act(subject, planned) => result.actions.push((subject, planned)),
                        Answer::Tell(subject, report) => result.reports.push((subject, report)),
                    }
                    result
                }
                Err(fault) => IntakeResult::at_rest(DeliveryState::Dead, fault.to_string()),
            }
        }
    }
}

fn of_event(event: &Event, own: Option<&Login>) -> IntakeResult {
    let repositories = repository_updates(event);
    let mut result = if is_own_doing(event, own) {
        IntakeResult::at_rest(DeliveryState::Ignored, "our own doing")
    } else {
        marks(event)
    };
    result.repositories = repositories;
    result
}

fn marks(event: &Event) -> IntakeResult {
    let mut subjects: Vec<Subject> = event.subjects.iter().filter_map(|named| decided_subject(event, named)).collect();
    subjects.sort();
    subjects.dedup();
    let known_by = known_by(event);
    if subjects.is_empty() && known_by.is_empty() {
        let note = match event.kind {
            EventKind::Installation(_) | EventKind::Repository(_) => "noted where the App is installed",
            EventKind::Issue { .. }
            | EventKind::IssueComment { .. }
            | EventKind::Pull { .. }
            | EventKind::Check { .. }
            | EventKind::Run { .. }
            | EventKind::Branch { .. }
            | EventKind::Deployment { .. } => "nothing is decided about what it names",
        };
        return IntakeResult::at_rest(DeliveryState::Ignored, note);
    }
    match serde_json::to_string(event) {
        Ok(event) => IntakeResult {
            state: DeliveryState::Marked,
            note: None,
            subjects,
            known_by,
            event,
            repositories: Vec::new(),
            actions: Vec::new(),
            reports: Vec::new(),
        },
        Err(error) => IntakeResult::at_rest(DeliveryState::Dead, error.to_string()),
    }
}

/// The subject that is looked at because this one was named. A check names the branch of its commit, which matters
/// where that is a queue's.
fn decided_subject(event: &Event, named: &Subject) -> Option<Subject> {
    match (named, &event.kind) {
        (
            Subject::Branch(repository, branch),
            EventKind::Check { .. } | EventKind::Run { .. } | EventKind::Branch { .. },
        ) => {
            let base = queue_base(branch).or_else(|| is_push(event).then(|| branch.clone()))?;
            Some(Subject::Branch(*repository, base))
        }
        (
            Subject::Issue(..)
            | Subject::Pull(..)
            | Subject::Repository(_)
            | Subject::Branch(..)
            | Subject::Releases(_)
            | Subject::Environment(..),
            EventKind::Issue { .. }
            | EventKind::IssueComment { .. }
            | EventKind::Pull { .. }
            | EventKind::Check { .. }
            | EventKind::Run { .. }
            | EventKind::Branch { .. }
            | EventKind::Deployment { .. }
            | EventKind::Installation(_)
            | EventKind::Repository(_),
        ) => Some(named.clone()),
    }
}

fn is_push(event: &Event) -> bool {
    matches!(event.kind, EventKind::Branch { .. })
}

/// What only the store knows: which pulls have the head that was checked, and which look at the branch that moved.
fn known_by(event: &Event) -> Vec<KnownBy> {
    let Some((repository, _)) = event.repository else { return Vec::new() };
    match &event.kind {
        EventKind::Check { head_sha, .. } | EventKind::Run { head_sha, .. } => {
            let shas = head_sha.iter().map(|sha| Sha::new(sha.clone()));
            shas.flat_map(|sha| [KnownBy::Head(repository, sha.clone()), KnownBy::Candidate(repository, sha)])
                .chain(is_run_end(&event.kind).then_some(KnownBy::Deploying(repository)))
                .collect()
        }
        EventKind::Branch { .. } => event
            .subjects
            .iter()
            .flat_map(|subject| match subject {
                Subject::Branch(id, branch) => {
                    vec![KnownBy::Base(*id, branch.clone()), KnownBy::ReleaseBranch(*id, branch.clone())]
                }
                Subject::Issue(..)
                | Subject::Pull(..)
                | Subject::Repository(_)
                | Subject::Releases(_)
                | Subject::Environment(..) => Vec::new(),
            })
            .collect(),
        EventKind::Deployment { .. } => vec![KnownBy::Deploying(repository)],
        EventKind::Issue { .. }
        | EventKind::IssueComment { .. }
        | EventKind::Pull { .. }
        | EventKind::Installation(_)
        | EventKind::Repository(_) => Vec::new(),
    }
}

/// A workflow run that ends may be the one that deploys.
fn is_run_end(kind: &EventKind) -> bool {
    matches!(kind, EventKind::Run { action, .. } if action == "completed")
}

/// What we did ourselves needs no second look: it was decided before it was done. An issue or a pull that we opened does.
fn is_own_doing(event: &Event, own: Option<&Login>) -> bool {
    let by_us = matches!(
        (&event.actor, own),
        (Some(Actor { login, kind: ActorKind::Bot }), Some(own)) if login.is(own)
    );
    by_us
        && match &event.kind {
            EventKind::Issue { action } => {
                matches!(action.as_str(), "labeled" | "unlabeled" | "assigned" | "unassigned")
            }
            // A head that we have written is reviewed as any other; a merge of ours is recorded with its outcome.
            EventKind::Pull { action } => !matches!(action.as_str(), "opened" | "reopened" | "synchronize"),
            // A review and a check run follow from a decision.
            EventKind::IssueComment { .. } | EventKind::Check { .. } | EventKind::Deployment { .. } => true,
            EventKind::Run { .. }
            | EventKind::Branch { .. }
            | EventKind::Installation(_)
            | EventKind::Repository(_) => false,
        }
}

fn repository_updates(event: &Event) -> Vec<RepositoryUpdate> {
    let mut updates = Vec::new();
    if let (Some((id, name)), Some(installation)) = (&event.repository, event.installation) {
        updates.push(match event.kind {
            EventKind::Repository(RepositoryChange::Deleted) => RepositoryUpdate::Gone(*id),
            EventKind::Issue { .. }
            | EventKind::IssueComment { .. }
            | EventKind::Pull { .. }
            | EventKind::Check { .. }
            | EventKind::Run { .. }
            | EventKind::Branch { .. }
            | EventKind::Deployment { .. }
            | EventKind::Installation(_)
            | EventKind::Repository(RepositoryChange::Renamed | RepositoryChange::Changed) => {
                RepositoryUpdate::Seen(*id, name.clone(), installation)
            }
        });
    }
    if let (EventKind::Installation(change), Some(installation)) = (&event.kind, event.installation) {
        match change {
            InstallationChange::Usable { added } => {
                updates.push(RepositoryUpdate::Installation(installation, true));
                updates.extend(added.iter().map(|(id, name)| RepositoryUpdate::Seen(*id, name.clone(), installation)));
            }
            InstallationChange::Removed { removed } => {
                updates.extend(removed.iter().map(|id| RepositoryUpdate::Gone(*id)));
            }
            InstallationChange::Suspended | InstallationChange::Deleted => {
                updates.push(RepositoryUpdate::Installation(installation, false));
            }
        }
    }
    updates
}
