//! Looks at issues: observes, decides, and puts the decision into force against claims that come meanwhile.
//!
//! # Why no claim is lost
//!
//! A worker's claim does not wait for a look: it is one statement on the task's row, and marks the issue in the same
//! transaction. A decision names the version of the row that it saw, and every claim and every decision raises it. So a
//! decision that was made of an older row changes nothing and is made again, and a claim that comes after it sees what
//! it has left.
//!
//! # Why no label of ours is taken for a person's
//!
//! Which labels are on their way is read before GitHub is looked at, and the task after that. Labels that are taken off
//! between the two looks were seen, and are known by then to be taken off: without the first look they would look as if
//! somebody had put them on.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use super::Engine;
use super::replaying::to_replay;
use crate::act::CARD_MARKER;
use crate::decide::{self, task_command, whole};
use crate::github::PullComment;
use crate::model::{
    Beside, CommentId, CommentSeen, Decision, Dependency, Issue, IssueSnapshot, LabelName, LinkedPull, Login, Number,
    RELEASE_ISSUE_OPENING, RepositoryId, Task, TaskReport, Timestamp, WorkerLoad,
};
use crate::observe::{self, ObservedIssue};
use crate::policy::Policy;
use crate::receive;
use crate::store::{ClaimedSubject, Committed, DecisionRecord, MarkedDelivery, Reports, RouteRecord, RouteStatus};

/// How often a decision is made again because the task was claimed, or another took a worker's place, meanwhile.
const TRIES: usize = 8;

impl Engine {
    pub(super) async fn decide_issue(&self, claimed: &ClaimedSubject, id: RepositoryId, number: Number) -> Result<()> {
        let seen = self.app.store.marked_deliveries(&claimed.subject).await?;
        let Some(known) = self.app.store.repository(id).await? else {
            return self.rest(claimed, &seen, "the App cannot reach its repository").await;
        };
        let Some(repository) = self.reachable(id).await? else {
            return self.rest(claimed, &seen, "the App cannot reach its repository").await;
        };
        let in_force = self.in_force(id).await?;
        let policy = self.policy(&repository, in_force.1.as_deref()).await?;
        if let Some(release) = self.app.store.release_of_issue(id, number).await? {
            return self.decide_tracking(claimed, &seen, (repository, &policy, release)).await;
        }
        let on_its_way = self.app.store.task(id, number).await?.map(|task| task.ours).unwrap_or_default();
        let Some(observed) = observe::issue(&self.app.hands.github, repository, number).await? else {
            return self.issue_is_gone(claimed, &seen, (id, number), &policy).await;
        };
        if self.follows_a_release(&observed.issue) {
            return self.rest(claimed, &seen, "a release will be followed on it, as soon as that knows of it").await;
        }
        let cards = cards_among(&observed.comments);
        let mut snapshot = self.see_issue(claimed, observed, known.known_since).await?;
        for _ in 0..TRIES {
            let reports = self.see_task(&mut snapshot, claimed, &policy).await?;
            still_ours(&mut snapshot, &on_its_way);
            let now = self.app.clock.now();
            let machines = self.app.hands.notifier.machine_topic().is_some();
            let decision = whole::issue(&snapshot, (&cards, machines), &policy, now);
            let beside = Beside::Issue { cards: cards.clone(), machines };
            let replay = to_replay(now, &policy, (beside, &decision.actions))?;
            match self.commit_task((claimed, &seen), (&snapshot, reports), &decision, &replay).await? {
                Committed::Done => {
                    self.told(claimed, decision);
                    return self.look_again_if_changed(&claimed.subject, &in_force).await;
                }
                Committed::Stale => return Ok(()),
                Committed::Overtaken => {}
            }
        }
        anyhow::bail!("other decisions and claims kept overtaking this one")
    }

    /// What GitHub shows.
    async fn see_issue(
        &self,
        claimed: &ClaimedSubject,
        observed: ObservedIssue,
        known_since: Timestamp,
    ) -> Result<IssueSnapshot> {
        let dependencies = self.named_dependencies(&observed).await?;
        Ok(IssueSnapshot {
            comments: commented(&observed),
            repository: observed.repository,
            issue: observed.issue,
            decision: claimed.decisions + 1,
            permissions: BTreeMap::new(),
            label_events: observed.label_events,
            dependencies,
            dependents: observed.dependents,
            parent: observed.parent,
            sub_issues: observed.sub_issues,
            pulls: observed.pulls,
            evidence: None,
            reports: Vec::new(),
            own: self.app.hands.github.own_app().await?,
            known_since,
            task: None,
            workers: Vec::new(),
        })
    }

    /// What the issue waits for by GitHub's dependencies, and by lines such as "Depends on #12" in its text.
    async fn named_dependencies(&self, observed: &ObservedIssue) -> Result<Vec<Dependency>> {
        let home = &observed.repository;
        let mut found = observed.dependencies.clone();
        for (repository, number) in decide::waits_for(&observed.issue.body, &home.name) {
            let is_this = number == observed.issue.number && repository.is(&home.name);
            let is_known = |known: &Dependency| known.number == number && known.repository.is(&repository);
            if !is_this && !found.iter().any(is_known) {
                found.push(self.dependency(home.installation, repository, number).await?);
            }
        }
        Ok(found)
    }

    /// What the database knows, and what GitHub has to be asked because of it. Returns the newest report that was read.
    async fn see_task(&self, snapshot: &mut IssueSnapshot, claimed: &ClaimedSubject, policy: &Policy) -> Result<i64> {
        let store = &self.app.store;
        let (id, number) = (snapshot.repository.id, snapshot.issue.number);
        let Reports { list, last }: Reports<TaskReport> = store.reports(&claimed.subject).await?;
        snapshot.reports = list;
        snapshot.task = store.task(id, number).await?;
        self.see_advice(&claimed.subject, snapshot.task.as_mut()).await?;
        self.see_pulls(snapshot).await?;
        snapshot.evidence = match snapshot.task.as_ref().and_then(waiting) {
            Some(submission) => {
                let hands = &self.app.hands;
                let (evidence, hosts) = (&submission.evidence, &policy.evidence.hosts);
                let places = (&hands.github, &hands.reach);
                Some(observe::evidence(places, &snapshot.repository, evidence, hosts).await?)
            }
            None => None,
        };
        let people: Vec<Login> = task_command::askers(snapshot, policy).into_iter().collect();
        snapshot.permissions =
            self.around.permissions(&self.app, (&snapshot.repository, &people), claimed.attempts).await?;
        snapshot.workers = self.loads(policy).await?;
        let guests = task_command::guests(&snapshot.permissions, &snapshot.workers);
        snapshot.workers.extend(guests);
        Ok(last)
    }

    /// Pulls of which only their branch or title says that they belong to the task.
    async fn see_pulls(&self, snapshot: &mut IssueSnapshot) -> Result<()> {
        let known = self.app.store.pulls_of_task(snapshot.repository.id, snapshot.issue.number).await?;
        for number in known {
            let is_seen = |pull: &LinkedPull| pull.number == number && pull.repository.is(&snapshot.repository.name);
            if snapshot.pulls.iter().any(is_seen) {
                continue;
            }
            let pull = observe::linked_pull(&self.app.hands.github, &snapshot.repository, number).await?;
            snapshot.pulls.extend(pull);
        }
        Ok(())
    }

    /// Everybody of the roster and the registry, with what they hold and whether they can be reached.
    pub(super) async fn loads(&self, policy: &Policy) -> Result<Vec<WorkerLoad>> {
        let silences = (policy.clocks.stale_ms, policy.clocks.offline_ms);
        let roster = self.app.store.roster(&policy.workers(), silences).await?;
        let roster: Vec<_> = roster.into_iter().map(|(worker, presence, _)| (worker, presence)).collect();
        Ok(self.app.store.worker_loads(&roster).await?)
    }

    /// An issue of ours on which a release is followed is no task, even before its release knows of it.
    fn follows_a_release(&self, issue: &Issue) -> bool {
        let ours = self.app.own_login().is_some_and(|own| own.is(&issue.author));
        ours && issue.body.starts_with(RELEASE_ISSUE_OPENING)
    }

    /// A task whose issue is gone frees its worker's place.
    async fn issue_is_gone(
        &self,
        claimed: &ClaimedSubject,
        seen: &[MarkedDelivery],
        (id, number): (RepositoryId, Number),
        policy: &Policy,
    ) -> Result<()> {
        let Some(task) = self.app.store.task(id, number).await? else {
            return self.rest(claimed, seen, "it is gone from GitHub").await;
        };
        let now = self.app.clock.now();
        let decision = decide::gone(&task, now);
        let replay = to_replay(now, policy, (Beside::Gone, &decision.actions))?;
        let loads = self.loads(policy).await?;
        let saw = serde_json::to_string(&task).context("a task could not be written down")?;
        let record = DecisionRecord {
            claimed,
            seen,
            reports_read: i64::MAX,
            decision: &decision,
            title: "",
            saw: &saw,
            replay: Some(&replay),
            places: &changed_places((Some(&task), decision.task.as_ref()), &loads),
            route: None,
            notable: true,
        };
        match self.app.store.commit_decision(record).await? {
            Committed::Done => self.told(claimed, decision),
            Committed::Stale => {}
            Committed::Overtaken => anyhow::bail!("another decision or claim was faster"),
        }
        Ok(())
    }

    async fn commit_task(
        &self,
        (claimed, seen): (&ClaimedSubject, &[MarkedDelivery]),
        (snapshot, reports_read): (&IssueSnapshot, i64),
        decision: &Decision,
        replay: &str,
    ) -> Result<Committed> {
        let saw = serde_json::to_string(snapshot).context("a snapshot could not be written down")?;
        let route = decision.task.as_ref().map(|task| RouteRecord {
            subject: Some(claimed.subject.clone()),
            text: snapshot.issue.title.clone(),
            task_type: task.task_type.clone(),
            role: task.role.clone(),
            rule: task.rule.clone(),
            status: RouteStatus::Sent,
        });
        let record = DecisionRecord {
            claimed,
            seen,
            reports_read,
            decision,
            title: &snapshot.issue.title,
            saw: &saw,
            replay: Some(replay),
            places: &changed_places((snapshot.task.as_ref(), decision.task.as_ref()), &snapshot.workers),
            route,
            notable: decision.task != snapshot.task || !decision.actions.is_empty(),
        };
        Ok(self.app.store.commit_decision(record).await?)
    }
}

/// Labels of ours that were on their way, or about to be taken off, when GitHub was looked at, and that it showed: that
/// this has ended since does not make them somebody's choice.
fn still_ours(snapshot: &mut IssueSnapshot, on_its_way: &[LabelName]) {
    let Some(task) = &mut snapshot.task else { return };
    let shown = on_its_way.iter().filter(|label| snapshot.issue.labels.contains(label));
    let forgotten: Vec<LabelName> = shown.filter(|label| !task.ours.contains(label)).cloned().collect();
    if !forgotten.is_empty() {
        task.ours.extend(forgotten);
        task.ours.sort();
    }
}

/// What was handed in and waits to be verified.
fn waiting(task: &Task) -> Option<&crate::model::Submission> {
    task.work.submission.as_ref().filter(|_| task.state.is_open())
}

/// The issue's text and its comments, with the commands in them.
fn commented(observed: &ObservedIssue) -> Vec<CommentSeen> {
    let issue = &observed.issue;
    let body = CommentSeen {
        id: CommentSeen::BODY,
        author: issue.author.clone(),
        author_kind: issue.author_kind,
        editor: observed.edited.as_ref().and_then(|(editor, _)| editor.clone()),
        created: issue.created,
        edited: observed.edited.as_ref().map(|(_, at)| *at),
        commands: receive::parse_commands(&issue.body),
    };
    std::iter::once(body).chain(observed.comments.iter().map(heard)).collect()
}

/// Comments that look like a card, with their authors.
pub(super) fn cards_among(comments: &[PullComment]) -> Vec<(CommentId, Login)> {
    let cards = comments.iter().filter(|comment| comment.body.contains(CARD_MARKER));
    cards.map(|comment| (comment.id, comment.author.clone())).collect()
}

/// A comment with the commands in it.
pub(super) fn heard(comment: &PullComment) -> CommentSeen {
    CommentSeen {
        id: comment.id,
        author: comment.author.clone(),
        author_kind: comment.author_kind,
        editor: comment.editor.clone(),
        created: comment.created,
        edited: comment.edited,
        commands: receive::parse_commands(&comment.body),
    }
}

/// Whose hands are fuller or emptier afterwards.
fn changed_places((before, after): (Option<&Task>, Option<&Task>), loads: &[WorkerLoad]) -> Vec<(WorkerLoad, bool)> {
    let held = |task: Option<&Task>| task.filter(|task| task.state.is_open()).and_then(|task| task.worker.clone());
    let (before, after) = (held(before), held(after));
    if before == after {
        return Vec::new();
    }
    let mut places: Vec<(WorkerLoad, bool)> = loads
        .iter()
        .filter(|load| before.as_ref() == Some(&load.worker.id) || after.as_ref() == Some(&load.worker.id))
        .map(|load| (load.clone(), after.as_ref() == Some(&load.worker.id)))
        .collect();
    // One order for all, so that two decisions that exchange workers do not wait for each other for ever.
    places.sort_by(|(a, _), (b, _)| a.worker.id.cmp(&b.worker.id));
    places
}
