//! Issues of the past: how the rules route each, against the labels that they carry.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::decide::route::{Route, route};
use crate::model::{LabelFamily, LabelName, Number, PastIssue, RepositoryName};
use crate::policy::{Policy, RouteInput};

/// What would become of one issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IssueRow {
    /// Its number; `None` where a file did not say it.
    pub number: Option<Number>,
    /// Its title.
    pub title: String,
    /// Whether it is closed.
    pub closed: bool,
    /// The `type/…` label it carries now, without the prefix.
    pub labelled: Option<String>,
    /// The `role/…` label it carries now, without the prefix.
    pub labelled_role: Option<String>,
    /// The type that the rules give it.
    pub routed: String,
    /// The rule that wins.
    pub rule: Option<String>,
    /// The role that it goes to.
    pub role: Option<String>,
}

impl IssueRow {
    /// Whether it carries another type than the rules give it.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.labelled.as_ref().is_some_and(|label| *label != self.routed)
    }
}

/// How often what people left on issues met with what the rules say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Confusion {
    /// What the rules say, in the order of the columns.
    pub columns: Vec<String>,
    /// What people left, with a count for each column.
    pub rows: Vec<(String, Vec<u64>)>,
}

impl Confusion {
    /// Counts pairs of what people left and what the rules say.
    fn of<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Self {
        let mut counts: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for pair in pairs {
            *counts.entry(pair).or_default() += 1;
        }
        let columns: BTreeSet<&str> = counts.keys().map(|(_, column)| *column).collect();
        let names: BTreeSet<&str> = counts.keys().map(|(row, _)| *row).collect();
        let row = |row: &str| {
            let cells = columns.iter().map(|column| counts.get(&(row, *column)).copied().unwrap_or_default());
            (row.to_owned(), cells.collect())
        };
        Self {
            rows: names.iter().map(|name| row(name)).collect(),
            columns: columns.iter().map(|column| (*column).to_owned()).collect(),
        }
    }
}

/// What the rules would have done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IssueBacktest {
    /// A row for each issue, in their order.
    pub rows: Vec<IssueRow>,
    /// Types: those of issues that carry one.
    pub types: Confusion,
    /// Roles: those of issues that carry one.
    pub roles: Confusion,
    /// How often each rule wins, most often first.
    pub winners: Vec<(String, u64)>,
    /// Rules that win never.
    pub never: Vec<String>,
    /// How many no rule knows.
    pub triage: u64,
    /// How many carry another type than the rules give them.
    pub differ: u64,
}

/// Routes issues of the past.
#[must_use]
pub fn issues(policy: &Policy, repository: Option<&RepositoryName>, past: &[PastIssue]) -> IssueBacktest {
    let rows: Vec<IssueRow> = past.iter().map(|issue| row(issue, &routed(policy, repository, issue))).collect();
    let mut wins: BTreeMap<&str, u64> = BTreeMap::new();
    for rule in rows.iter().filter_map(|row| row.rule.as_deref()) {
        *wins.entry(rule).or_default() += 1;
    }
    let never = policy.routing.rules().iter().filter(|rule| !wins.contains_key(rule.name.as_str()));
    let never = never.map(|rule| rule.name.clone()).collect();
    let mut winners: Vec<(String, u64)> = wins.into_iter().map(|(rule, count)| (rule.to_owned(), count)).collect();
    winners.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let count = |wanted: fn(&&IssueRow) -> bool| rows.iter().filter(wanted).count() as u64;
    IssueBacktest {
        types: Confusion::of(rows.iter().filter_map(|row| Some((row.labelled.as_deref()?, row.routed.as_str())))),
        roles: Confusion::of(
            rows.iter()
                .filter_map(|row| Some((row.labelled_role.as_deref()?, row.role.as_deref().unwrap_or("nobody")))),
        ),
        triage: count(|row| row.rule.is_none()),
        differ: count(|row| row.differs()),
        winners,
        never,
        rows,
    }
}

/// Labels that we manage are what rules made of an issue, so they are not shown to them.
pub(super) fn routed(policy: &Policy, repository: Option<&RepositoryName>, issue: &PastIssue) -> Route {
    let labels: Vec<LabelName> =
        issue.labels.iter().filter(|label| LabelFamily::of(label).is_none()).cloned().collect();
    let input = RouteInput {
        title: &issue.title,
        body: &issue.body,
        labels: &labels,
        author: issue.author.as_ref(),
        repository,
    };
    route(&policy.routing, &input)
}

fn row(issue: &PastIssue, route: &Route) -> IssueRow {
    let carried = |family: LabelFamily| issue.labels.iter().find_map(|label| family.value(label)).map(str::to_owned);
    IssueRow {
        number: issue.number,
        title: issue.title.clone(),
        closed: issue.closed,
        labelled: carried(LabelFamily::Type),
        labelled_role: carried(LabelFamily::Role),
        routed: route.task_type.to_string(),
        rule: route.winner.as_ref().map(|winner| winner.rule.clone()),
        role: route.role.as_ref().map(ToString::to_string),
    }
}
