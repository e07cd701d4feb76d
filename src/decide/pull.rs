//! Decides about a pull request: publishes the review, merges what nothing blocks, and says why of everything else.

use super::evidence;
use super::explain::because;
use super::gate::{self, Gate};
use super::merge_message::merge_message;
use super::pull_again;
use super::pull_card;
use super::pull_command::{self, Commanded, PullCommands};
use super::pull_shown::shown;
use super::pull_tell as tell;
use crate::model::{
    Action, Blocker, CheckReport, CommentSeen, Decision, Explanation, ManagedPull, MergeBlocker, MergeOrder, Number,
    Planned, PullRecord, PullReport, PullSnapshot, PullState, QueueEntry, QueuePlace, QueueStep, Subject, Timestamp,
    WaitsOn,
};
use crate::policy::{MergeStrategy, Policy};

/// Our review as it is shown on GitHub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownReview {
    /// The check run.
    pub report: CheckReport,
    /// The text of the review.
    pub text: String,
}

/// All that a decision about a pull request is made from, apart from time.
#[derive(Debug, Clone, Copy)]
pub struct PullScene<'a> {
    /// What was seen.
    pub snapshot: &'a PullSnapshot,
    /// By what it is judged.
    pub policy: &'a Policy,
    /// Our review; `None` while there is none.
    pub review: Option<&'a ShownReview>,
    /// The report of the tests, in Markdown.
    pub tests: Option<&'a str>,
    /// Its comments, and its own text, with the commands in them.
    pub comments: &'a [CommentSeen],
    /// Commands that were written before are not for us.
    pub known_since: Timestamp,
    /// What was asked of it by other doors.
    pub reports: &'a [PullReport],
    /// Its place in the queue, if it is in one.
    pub place: Option<&'a QueuePlace>,
}

/// Decides about a pull request.
#[must_use]
pub fn decide(scene: &PullScene<'_>, now: Timestamp) -> Decision {
    let (snapshot, policy) = (scene.snapshot, scene.policy);
    let mut record = drafted(snapshot, now);
    let commanded = obeyed(scene, now);
    commanded.words.clone().put_into(&mut record);
    let mut decision = match snapshot.pull.state {
        PullState::Open => open(scene, (record, now), !commanded.questions.is_empty()),
        PullState::Closed => at_rest(snapshot, record, "it was closed without a merge", Vec::new()),
        PullState::Merged => merged_elsewhere(snapshot, policy, record, now),
    };
    decision.links = links(snapshot);
    if let Some(pull) = &mut decision.pull {
        pull.shown = Some(Box::new(shown(snapshot, policy, &decision.links)));
    }
    decision.changes.deeds = commanded.deeds;
    decision.explanation.reasons.extend(commanded.told);
    decision.actions.splice(0..0, commanded.actions);
    decision
}

/// The tasks that have something new to see when the pull has.
fn links(snapshot: &PullSnapshot) -> Vec<Number> {
    let (home, pull) = (&snapshot.repository.name, &snapshot.pull);
    let items = evidence::tasks_of_pull(home, (pull.head_branch.as_str(), &pull.title, &pull.body));
    items.into_iter().filter(|item| item.repository.is(home)).map(|item| item.number).collect()
}

/// What people's words come to, in a record that knows the present head.
fn obeyed(scene: &PullScene<'_>, now: Timestamp) -> Commanded {
    let mut snapshot = scene.snapshot.clone();
    snapshot.record = Some(drafted(&snapshot, now));
    let seen = PullCommands {
        snapshot: &snapshot,
        comments: scene.comments,
        known_since: scene.known_since,
        bots: &[],
        foreign: &[],
    };
    pull_command::with_asks(&seen, scene.reports, now)
}

/// Decides about a pull request that is gone from GitHub.
#[must_use]
pub fn gone(mut record: PullRecord) -> Decision {
    record.state = PullState::Closed;
    let why = "it is gone from GitHub";
    Decision {
        summary: format!("Pull {}: {why}.", record.number),
        explanation: because(why),
        pull: Some(ManagedPull {
            record,
            title: String::new(),
            author: None,
            idle: true,
            looks_at_base: false,
            shown: None,
        }),
        queue: QueueStep::Leave,
        withdrawn: vec![MERGE_SLOT.to_owned()],
        ..Decision::default()
    }
}

/// What is known of it, with what the present head makes obsolete taken out.
fn drafted(snapshot: &PullSnapshot, now: Timestamp) -> PullRecord {
    let pull = &snapshot.pull;
    let mut record = snapshot.record.clone().unwrap_or_else(|| PullRecord {
        repository: snapshot.repository.id,
        number: pull.number,
        state: pull.state,
        head: pull.head.clone(),
        base: pull.base.clone(),
        head_branch: pull.head_branch.clone(),
        hold: None,
        merge_asked: None,
        put_out: None,
        landed: None,
        refused: None,
        unknown_polls: 0,
        card: None,
        card_digest: None,
        commands_seen: std::collections::BTreeMap::new(),
        created: now,
        updated: now,
    });
    if record.head != pull.head {
        record.unknown_polls = 0;
    }
    record.state = pull.state;
    record.head.clone_from(&pull.head);
    record.base.clone_from(&pull.base);
    record.head_branch.clone_from(&pull.head_branch);
    record.merge_asked = record.merge_asked.filter(|(_, head)| *head == pull.head);
    record.put_out = record.put_out.filter(|(head, _)| *head == pull.head);
    record.refused = record.refused.filter(|refusal| refusal.head == pull.head);
    record
}

fn open(scene: &PullScene<'_>, (mut record, now): (PullRecord, Timestamp), asked_why: bool) -> Decision {
    let (snapshot, policy) = (scene.snapshot, scene.policy);
    let judged = PullSnapshot { record: Some(record.clone()), ..snapshot.clone() };
    let gate = gate::gate(&judged, policy, now);
    let mut actions = Vec::new();
    let reviewed = review_actions(snapshot, scene.review, &mut actions);
    let author = &snapshot.pull.author;
    let asked = gate::needs_a_person(&gate.blockers, author);
    if gate.blockers.is_empty() {
        record.unknown_polls = 0;
        if policy.merge.strategy == MergeStrategy::Direct {
            actions.push(merge(snapshot, policy, &record, now));
        }
    }
    let queue = queue_step(snapshot, policy, &gate, now);
    let explanation = explained(&gate, scene.place.filter(|_| matches!(queue, QueueStep::Enter { .. })));
    let has_card = record.card.is_some() || record.card_digest.is_some();
    if asked_why || (!gate.blockers.is_empty() && (asked || has_card)) {
        if asked_why {
            record.card_digest = None;
        }
        write_card(snapshot, &mut record, pull_card::text(snapshot, &gate, scene.tests), &mut actions);
    }
    actions.extend(tell::secrets(snapshot, policy.notify_topic.as_deref(), now));
    let look_again = pull_again::look_again(snapshot, &gate, &mut record, (reviewed, now));
    let only_people = !gate.blockers.is_empty()
        && gate.blockers.iter().all(|blocker| match blocker.waits_on(author) {
            WaitsOn::Author(_) | WaitsOn::Person(_) | WaitsOn::Reviewer | WaitsOn::Maintainer => true,
            WaitsOn::Check(_)
            | WaitsOn::Dependency(..)
            | WaitsOn::GitHub
            | WaitsOn::Stationmaster
            | WaitsOn::Time(_) => false,
        })
        && !gate.blockers.iter().any(waits_on_a_check);
    let looks_at_base = gate.blockers.is_empty() || gate.blockers.iter().any(looks_at_base);
    if snapshot.record.as_ref() != Some(&record) {
        record.updated = now;
    }
    Decision {
        summary: summary(snapshot, &gate),
        explanation,
        queue,
        pull: Some(ManagedPull {
            record,
            title: snapshot.pull.title.clone(),
            author: Some(author.clone()),
            idle: only_people,
            looks_at_base,
            shown: None,
        }),
        actions,
        look_again,
        withdrawn: if gate.blockers.is_empty() { Vec::new() } else { vec![MERGE_SLOT.to_owned()] },
        ..Decision::default()
    }
}

/// A merge that waits in this slot is taken back when something blocks it after all.
const MERGE_SLOT: &str = "merge";

const fn waits_on_a_check(blocker: &MergeBlocker) -> bool {
    matches!(blocker, MergeBlocker::CheckFailed { .. })
}

const fn looks_at_base(blocker: &MergeBlocker) -> bool {
    matches!(blocker, MergeBlocker::Conflict | MergeBlocker::Behind | MergeBlocker::MergeabilityUnknown)
}

fn explained(gate: &Gate, place: Option<&QueuePlace>) -> Explanation {
    let queued = place.map(|place| MergeBlocker::Queued { place: place.place, state: place.state.clone() });
    let blockers = gate.blockers.iter().cloned().chain(queued);
    Explanation {
        reasons: gate.reasons.clone(),
        blockers: blockers.map(|because| Blocker::Merge { because }).collect(),
    }
}

/// What nothing blocks enters the queue, where the policy has one; what something blocks leaves it. Whether it can be
/// merged is not known for a moment after every push to the base, which is no reason to lose a place; and the queue
/// itself brings the base's newest commits in.
fn queue_step(snapshot: &PullSnapshot, policy: &Policy, gate: &Gate, now: Timestamp) -> QueueStep {
    if policy.merge.strategy == MergeStrategy::Direct {
        return QueueStep::Leave;
    }
    let pull = &snapshot.pull;
    match gate.blockers.as_slice() {
        [] | [MergeBlocker::Behind] => QueueStep::Enter {
            base: pull.base.clone(),
            entry: QueueEntry {
                number: pull.number,
                head: pull.head.clone(),
                priority: policy.merge.queue_priority(&pull.labels),
                entered: now,
                title: pull.title.clone(),
                author: pull.author.clone(),
            },
        },
        waiting
            if waiting
                .iter()
                .all(|blocker| matches!(blocker, MergeBlocker::MergeabilityUnknown | MergeBlocker::Behind)) =>
        {
            QueueStep::Stay
        }
        _ => QueueStep::Leave,
    }
}

fn summary(snapshot: &PullSnapshot, gate: &Gate) -> String {
    let item = format!("{}#{}", snapshot.repository.name, snapshot.pull.number);
    match gate.blockers.as_slice() {
        [] => format!("{item} can be merged."),
        [only] => format!("{item} waits: {only}."),
        [first, rest @ ..] => format!("{item} waits: {first}, and {} more.", rest.len()),
    }
}

fn subject(snapshot: &PullSnapshot) -> Subject {
    Subject::Pull(snapshot.repository.id, snapshot.pull.number)
}

/// Publishes the review of this head; both keys name head and rules, so each is done once. Returns whether a review
/// that approves is among it.
fn review_actions(snapshot: &PullSnapshot, shown: Option<&ShownReview>, actions: &mut Vec<Planned>) -> bool {
    let (Some(review), Some(presented)) = (&snapshot.review, shown) else { return false };
    let (subject, head) = (subject(snapshot), &review.head);
    let rules = review.rules.get(..16).unwrap_or(&review.rules);
    actions.push(Planned {
        key: format!("check/{subject}/{head}/{rules}"),
        slot: None,
        action: Action::PublishCheck {
            repository: snapshot.repository.clone(),
            head: head.clone(),
            report: presented.report.clone(),
        },
    });
    // Nobody reviews their own work, says GitHub, and answers 422.
    if snapshot.pull.author.is(&snapshot.own.0) || !review.faults.is_empty() {
        return false;
    }
    let approve = !review.findings.iter().any(crate::model::Finding::blocks);
    let word = if approve { "approve" } else { "changes" };
    actions.push(Planned {
        key: format!("review/{subject}/{head}/{rules}/{word}"),
        slot: None,
        action: Action::SubmitReview {
            repository: snapshot.repository.clone(),
            number: snapshot.pull.number,
            head: head.clone(),
            approve,
            text: presented.text.clone(),
        },
    });
    approve
}

/// The merge, and what follows once it is made: the one comment, the branch's end, word to people.
fn merge(snapshot: &PullSnapshot, policy: &Policy, record: &PullRecord, now: Timestamp) -> Planned {
    let pull = &snapshot.pull;
    let method = policy.merge.method_for(&snapshot.protection);
    let message = merge_message(pull, &policy.merge, method);
    let order = MergeOrder {
        repository: snapshot.repository.clone(),
        number: pull.number,
        head: pull.head.clone(),
        method,
        title: message.title,
        message: message.body,
        refusals: record.refused.as_ref().map_or(0, |refusal| refusal.times),
        afterwards: afterwards(snapshot, policy, None, now),
    };
    Planned {
        key: format!("merge/{}/{}/{}", subject(snapshot), pull.head, snapshot.decision),
        slot: Some(MERGE_SLOT.to_owned()),
        action: Action::Merge(order),
    }
}

/// The one comment, the branch's end, and word to people. `tested` says where the tests ran, if not on the head.
fn afterwards(snapshot: &PullSnapshot, policy: &Policy, tested: Option<&str>, now: Timestamp) -> Vec<Planned> {
    let (subject, pull) = (subject(snapshot), &snapshot.pull);
    let mut planned = vec![Planned {
        key: format!("card/{subject}/merged"),
        slot: Some("card".to_owned()),
        action: Action::WriteCard {
            repository: snapshot.repository.clone(),
            number: pull.number,
            comment: snapshot.record.as_ref().and_then(|record| record.card),
            text: pull_card::merged_text(snapshot, policy, pull.merge_commit.as_ref(), tested),
        },
    }];
    let own_branch = !pull.is_fork(&snapshot.repository.name);
    let needed = !snapshot.dependents.is_empty()
        || pull.head_branch == snapshot.repository.default_branch
        || pull.head_branch == pull.base;
    if policy.merge.delete_branch && own_branch && !needed {
        planned.push(Planned {
            key: format!("delete-branch/{subject}/{}", pull.head),
            slot: None,
            action: Action::DeleteBranch {
                repository: snapshot.repository.clone(),
                branch: pull.head_branch.clone(),
                head: pull.head.clone(),
            },
        });
    }
    planned.push(tell::merged(snapshot, policy.notify_topic.as_deref(), now));
    planned
}

/// Merged by hand, or landed by the queue, which knows nothing of cards and branches.
fn merged_elsewhere(snapshot: &PullSnapshot, policy: &Policy, mut record: PullRecord, now: Timestamp) -> Decision {
    let before = snapshot.record.as_ref();
    let newly = before.is_some_and(|before| before.state != PullState::Merged);
    let by_queue = before.is_some_and(|before| before.landed.as_ref() == Some(&snapshot.pull.head));
    let mut actions = Vec::new();
    if by_queue {
        actions = afterwards(snapshot, policy, Some("Passed in the merge queue, on the very commit that landed"), now);
    } else if newly && record.card.is_some() {
        write_card(snapshot, &mut record, pull_card::text(snapshot, &Gate::default(), None), &mut actions);
    }
    at_rest(snapshot, record, "it is merged", actions)
}

/// A merge of ours whose answer was lost stays: it finds that the pull is merged, and what follows it is still to be done.
fn at_rest(snapshot: &PullSnapshot, record: PullRecord, why: &str, actions: Vec<Planned>) -> Decision {
    let is_merged = snapshot.pull.state == PullState::Merged;
    Decision {
        summary: format!("{}#{}: {why}.", snapshot.repository.name, snapshot.pull.number),
        explanation: because(why),
        pull: Some(ManagedPull {
            record,
            title: snapshot.pull.title.clone(),
            author: Some(snapshot.pull.author.clone()),
            idle: true,
            looks_at_base: false,
            shown: None,
        }),
        actions,
        queue: QueueStep::Leave,
        withdrawn: if is_merged { Vec::new() } else { vec![MERGE_SLOT.to_owned()] },
        ..Decision::default()
    }
}

fn write_card(snapshot: &PullSnapshot, record: &mut PullRecord, text: String, actions: &mut Vec<Planned>) {
    let digest = super::card::digest(&text);
    if record.card_digest.as_ref() == Some(&digest) {
        return;
    }
    record.card_digest = Some(digest);
    actions.push(Planned {
        key: format!("card/{}/{}", subject(snapshot), snapshot.decision),
        slot: Some("card".to_owned()),
        action: Action::WriteCard {
            repository: snapshot.repository.clone(),
            number: snapshot.pull.number,
            comment: record.card,
            text,
        },
    });
}
