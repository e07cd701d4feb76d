//! Which rules history suggests: for titles that no rule matched and that people gave a type by hand.
//!
//! # Why a proposed rule takes nothing from another
//!
//! Its number is below that of every rule in force, so it wins only where none of them matches. And it is proposed only
//! where nearly all titles that it would match are known to be of its type, also those that other rules route.

use std::collections::BTreeMap;

use super::words::{Shape, is_led, shapes};
use crate::decide::route::route;
use crate::model::{Level, Number, RepositoryName, RoleName, RuleKey, SeenTitle, TaskType};
use crate::policy::{Pattern, Policy, RouteInput};

/// So many titles that people gave a type must speak for a rule.
const SUPPORT_MIN: usize = 3;
/// Of all titles that a rule matches and whose type is known, so many in a hundred must have its type.
const SHARE_MIN_PERCENT: usize = 80;
/// So many rules are proposed at once: more nobody looks at closely.
const RULES_MAX: usize = 5;
/// So many shapes are tried against all titles.
const TRIED_MAX: usize = 200;
/// A proposed rule's number, where no rule in force has a lower one.
const PRIORITY: i64 = 10;
/// GitHub takes no longer labels, and the type becomes `type/…`.
const TYPE_CHARS: usize = 45;
const TRIAGE: &str = "triage";

/// What proposals are made of.
#[derive(Debug, Clone, Copy)]
pub struct History<'h> {
    /// Where the titles are from.
    pub repository: &'h RepositoryName,
    /// The rules in force.
    pub policy: &'h Policy,
    /// All titles that are known.
    pub titles: &'h [SeenTitle],
    /// What people turned down.
    pub declined: &'h [RuleKey],
}

/// A title that a proposal tells of.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Told {
    /// The issue.
    pub number: Number,
    /// Its title.
    pub title: String,
    /// What it is known to be.
    pub task_type: TaskType,
}

/// A rule that history suggests, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Proposal {
    /// What it would be called.
    pub name: String,
    /// The regex for the title.
    pub title: String,
    /// The type that it would give.
    #[serde(rename = "type")]
    pub task_type: TaskType,
    /// The role, as other rules of this type have it.
    pub role: Option<RoleName>,
    /// Its number, lower than that of any rule in force.
    pub priority: i64,
    /// How soon such tasks were wanted.
    pub urgency: Level,
    /// Titles that no rule matches and that people gave this type.
    pub support: Vec<Told>,
    /// How many titles of all that it matches are of this type, those of `support` included.
    pub agree: usize,
    /// Titles that it matches and that are of another type.
    pub disagree: Vec<Told>,
    /// Titles that it matches and that nobody has given a type: it would have.
    pub waiting: Vec<Told>,
}

impl Proposal {
    /// What tells it from others.
    #[must_use]
    pub fn key(&self) -> RuleKey {
        RuleKey { title: self.title.clone(), task_type: self.task_type.clone() }
    }

    /// How many in a hundred of the titles whose type is known have this one.
    #[must_use]
    pub fn percent(&self) -> usize {
        self.agree * 100 / (self.agree + self.disagree.len()).max(1)
    }

    /// The evidence in one sentence.
    #[must_use]
    pub fn reason(&self) -> String {
        let known = self.agree + self.disagree.len();
        let reason = format!(
            "people gave {} titles that no rule matches the type `{}`; of {known} titles that it matches, {} are of this \
             type ({} %)",
            self.support.len(),
            self.task_type,
            self.agree,
            self.percent()
        );
        match self.waiting.len() {
            0 => reason,
            1 => reason + "; it would have routed 1 that is still in triage",
            many => format!("{reason}; it would have routed {many} that are still in triage"),
        }
    }
}

/// The rules that history suggests, the best founded first.
#[must_use]
pub fn propose(history: &History<'_>) -> Vec<Proposal> {
    let supporting: Vec<&SeenTitle> = history.titles.iter().filter(|seen| speaks_for_a_rule(history, seen)).collect();
    let mut candidates: Vec<Proposal> = ranked(&supporting)
        .into_iter()
        .take(TRIED_MAX)
        .filter_map(|(shape, task_type)| judged(history, &supporting, (&shape, &task_type)))
        .collect();
    candidates.retain(|proposal| !is_declined(history, proposal));
    let mut proposals: Vec<Proposal> = Vec::new();
    for mut proposal in candidates {
        let explained = |told: &Told| proposals.iter().any(|before| before.support.contains(told));
        let news = proposal.support.iter().filter(|told| !explained(told)).count();
        if news >= SUPPORT_MIN && proposals.len() < RULES_MAX {
            proposal.name = free_name(history.policy, &proposals, &proposal.name);
            proposals.push(proposal);
        }
    }
    proposals
}

/// Titles that ended in triage, until a person gave them a type.
fn speaks_for_a_rule(history: &History<'_>, seen: &SeenTitle) -> bool {
    let input = RouteInput { repository: Some(history.repository), ..RouteInput::title_alone(&seen.title) };
    seen.by_person && can_be_a_rules(&seen.task_type) && route(&history.policy.routing, &input).winner.is_none()
}

/// What a person writes on a label need not be what a rule can say.
fn can_be_a_rules(task_type: &TaskType) -> bool {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    let text = task_type.as_str();
    text != TRIAGE && !text.is_empty() && text.len() <= TYPE_CHARS && text.chars().all(good)
}

/// Shapes that enough titles of one type have, the most telling first. A word anywhere must explain more than twice as
/// many as a beginning does, and of beginnings that explain as many the longest comes first.
fn ranked(supporting: &[&SeenTitle]) -> Vec<(Shape, TaskType)> {
    let mut counts: BTreeMap<(Shape, &TaskType), usize> = BTreeMap::new();
    for seen in supporting {
        for shape in shapes(&seen.title) {
            *counts.entry((shape, &seen.task_type)).or_default() += 1;
        }
    }
    let mut ranked: Vec<((Shape, &TaskType), usize)> =
        counts.into_iter().filter(|(_, count)| *count >= SUPPORT_MIN).collect();
    let weight = |shape: &Shape, count: usize| match shape {
        Shape::Beginning(_) => count * 2,
        Shape::Anywhere(_) => count,
    };
    ranked.sort_by_key(|((shape, _), count)| {
        let is_anywhere = matches!(shape, Shape::Anywhere(_));
        std::cmp::Reverse((weight(shape, *count), !is_anywhere, shape.words().len()))
    });
    ranked.into_iter().map(|((shape, task_type), _)| (shape, task_type.clone())).collect()
}

/// The rule for a shape, held against all titles that are known; `None` where they do not bear it out.
fn judged(
    history: &History<'_>,
    supporting: &[&SeenTitle],
    (shape, task_type): (&Shape, &TaskType),
) -> Option<Proposal> {
    let is_of_shape = |seen: &&&SeenTitle| seen.task_type == *task_type && shapes(&seen.title).contains(shape);
    let led = supporting.iter().filter(is_of_shape).any(|seen| is_led(&seen.title));
    let pattern = shape.pattern(led);
    let matcher = compiled(&pattern)?;
    let mut proposal = Proposal {
        name: format!("learned-{}", shape.words().join("-")),
        title: pattern,
        task_type: task_type.clone(),
        role: history.policy.role_of_type(task_type),
        priority: lowest(history.policy),
        urgency: Level::Medium,
        support: Vec::new(),
        agree: 0,
        disagree: Vec::new(),
        waiting: Vec::new(),
    };
    let mut urgencies: BTreeMap<Level, usize> = BTreeMap::new();
    for seen in history.titles.iter().filter(|seen| matcher.regex().is_match(&seen.title)) {
        let told = || Told { number: seen.number, title: seen.title.clone(), task_type: seen.task_type.clone() };
        if !seen.by_person && seen.rule.is_none() || seen.task_type.as_str() == TRIAGE {
            proposal.waiting.push(told());
        } else if seen.task_type == *task_type {
            proposal.agree += 1;
            if supporting.iter().any(|one| one.number == seen.number) {
                *urgencies.entry(seen.priority).or_default() += 1;
                proposal.support.push(told());
            }
        } else {
            proposal.disagree.push(told());
        }
    }
    let usual = urgencies.into_iter().max_by_key(|(level, count)| (*count, *level == Level::Medium));
    proposal.urgency = usual.map_or(Level::Medium, |(level, _)| level);
    (proposal.support.len() >= SUPPORT_MIN && proposal.percent() >= SHARE_MIN_PERCENT).then_some(proposal)
}

/// `None` for what no rule can say.
fn compiled(pattern: &str) -> Option<Pattern> {
    Pattern::new(pattern).ok()
}

/// Below every rule in force.
fn lowest(policy: &Policy) -> i64 {
    let least = policy.routing.rules().iter().map(|rule| rule.priority).min();
    least.map_or(PRIORITY, |least| PRIORITY.min(least.saturating_sub(1)))
}

/// What was turned down is not proposed again, nor a narrower rule for the same titles.
fn is_declined(history: &History<'_>, proposal: &Proposal) -> bool {
    history.declined.iter().filter(|key| key.task_type == proposal.task_type).any(|key| {
        let matches_all = |pattern: Pattern| proposal.support.iter().all(|told| pattern.regex().is_match(&told.title));
        key.title == proposal.title || compiled(&key.title).is_some_and(matches_all)
    })
}

/// A name that no rule has.
fn free_name(policy: &Policy, before: &[Proposal], wanted: &str) -> String {
    let is_taken = |name: &str| {
        policy.routing.rules().iter().any(|rule| rule.name == name) || before.iter().any(|other| other.name == name)
    };
    let numbered = (2..).map(|number| format!("{wanted}-{number}"));
    std::iter::once(wanted.to_owned()).chain(numbered).find(|name| !is_taken(name)).unwrap_or_default()
}
