//! The rows of a pull request's page: blockers, checks, findings, approvals, and what happened.

use super::said::{Piece, pieces, web_address};
use super::when::When;
use crate::decide::{next_step, pull_card};
use crate::model::{
    Check, CheckOrigin, CheckState, Conclusion, Finding, FindingKind, Login, Number, PullShown, RepositoryName,
    ReviewState, Sha, Timestamp,
};
use crate::store::{Happened, ListedPull};

/// A reason why it is not merged.
pub(super) struct BlockerRow {
    pub(super) sentence: Vec<Piece>,
    pub(super) url: Option<String>,
    pub(super) waits_on: Vec<Piece>,
    pub(super) next: Vec<Piece>,
}

/// Every reason, in the sentences of its card.
pub(super) fn blockers(listed: &ListedPull) -> Vec<BlockerRow> {
    let author = Login::new(listed.author.clone());
    let row = |blocker| {
        let (sentence, url) = pull_card::sentence(blocker);
        BlockerRow {
            sentence: pieces(&unlinked(&sentence)),
            url: url.and_then(web_address),
            waits_on: pieces(&blocker.waits_on(&author).to_string()),
            next: pieces(&next_step(blocker)),
        }
    };
    listed.blockers().map(row).collect()
}

/// A check and how it stands.
#[derive(Debug, Clone)]
pub(super) struct CheckRow {
    pub(super) name: String,
    pub(super) state: String,
    pub(super) tone: &'static str,
    pub(super) by: String,
    pub(super) demanded: String,
    pub(super) url: Option<String>,
}

impl CheckRow {
    /// A check of which `demanded` says whether and to whom it matters.
    pub(super) fn new(check: &Check, demanded: String) -> Self {
        let (state, tone) = standing(check.state);
        let by = match &check.origin {
            CheckOrigin::App { slug, .. } => slug.clone(),
            CheckOrigin::Status { creator } => creator.as_ref().map_or("a status", Login::as_str).to_owned(),
        };
        Self { name: check.name.clone(), state, tone, by, demanded, url: check.url.as_deref().and_then(web_address) }
    }
}

fn standing(state: CheckState) -> (String, &'static str) {
    match state {
        CheckState::Queued => ("not begun".to_owned(), "waits"),
        CheckState::Running => ("running".to_owned(), "waits"),
        CheckState::Completed(Conclusion::Success) => ("passed".to_owned(), "ok"),
        CheckState::Completed(conclusion) => {
            (conclusion.as_str().replace('_', " "), if conclusion.is_bad() { "bad" } else { "muted" })
        }
    }
}

/// Checks that are demanded and missing first, then all that were reported.
pub(super) fn checks(shown: &PullShown) -> Vec<CheckRow> {
    let missing = shown.demanded.iter().filter(|demand| !shown.checks.iter().any(|check| demand.is_met_by(check)));
    let mut rows: Vec<CheckRow> = missing
        .map(|demand| CheckRow {
            name: demand.name.clone(),
            state: "not reported".to_owned(),
            tone: "waits",
            by: "nobody yet".to_owned(),
            demanded: demand.demanded_by.clone(),
            url: None,
        })
        .collect();
    for check in &shown.checks {
        let demand = shown.demanded.iter().find(|demand| demand.is_met_by(check));
        let demanded = match demand {
            Some(demand) => demand.demanded_by.clone(),
            None if shown.counted.contains(&check.name) => "counts, as every check does".to_owned(),
            None => "does not count".to_owned(),
        };
        rows.push(CheckRow::new(check, demanded));
    }
    rows
}

/// Something that the review found.
pub(super) struct FindingRow {
    pub(super) kind: &'static str,
    pub(super) rule: String,
    pub(super) severity: &'static str,
    pub(super) tone: &'static str,
    pub(super) place: String,
    pub(super) message: Vec<Piece>,
}

impl FindingRow {
    /// So many are shown.
    pub(super) const SHOWN: usize = 100;

    pub(super) fn new(finding: &Finding) -> Self {
        Self {
            kind: match finding.kind {
                FindingKind::Code => "code",
                FindingKind::Secret => "secret",
            },
            rule: finding.rule.clone(),
            severity: if finding.blocks() { "blocks" } else { "remark" },
            tone: if finding.blocks() { "bad" } else { "waits" },
            place: format!("{}:{}", finding.path, finding.line),
            message: pieces(&finding.message),
        }
    }
}

/// Somebody's review.
pub(super) struct ApprovalRow {
    pub(super) author: String,
    pub(super) state: &'static str,
    pub(super) tone: &'static str,
    pub(super) head: String,
    pub(super) is_current: bool,
    pub(super) when: Option<When>,
}

/// What people's reviews say, the newest first.
pub(super) fn approvals(shown: &PullShown, head: &Sha, now: Timestamp) -> Vec<ApprovalRow> {
    let row = |review: &crate::model::Review| {
        let (state, tone) = match review.state {
            ReviewState::Approved => ("approved", "ok"),
            ReviewState::ChangesRequested => ("changes requested", "bad"),
            ReviewState::Commented => ("commented", "muted"),
            ReviewState::Dismissed => ("dismissed", "muted"),
            ReviewState::Pending => ("not submitted", "muted"),
        };
        ApprovalRow {
            author: review.author.to_string(),
            state,
            tone,
            head: review.commit.as_ref().map_or("a head that is gone", |commit| commit.short()).to_owned(),
            is_current: review.commit.as_ref() == Some(head),
            when: review.submitted.map(|at| When::new(at, now)),
        }
    };
    shown.reviews.iter().rev().map(row).collect()
}

/// Another issue or pull request, and the page that shows it.
pub(super) struct ItemLink {
    pub(super) href: Option<String>,
    pub(super) item: String,
    /// What is known of it, and whether that is what was waited for.
    pub(super) state: Option<(String, bool)>,
}

impl ItemLink {
    /// One of this repository, below this path of ours.
    pub(super) fn new(path: &str, name: &RepositoryName, number: Number, state: Option<(String, bool)>) -> Self {
        Self { href: Some(format!("{path}/{name}/{number}")), item: format!("{name}#{number}"), state }
    }

    /// One of a repository that may not be seen, or that nothing is known of.
    pub(super) fn elsewhere(name: &RepositoryName, number: Number, state: Option<(String, bool)>) -> Self {
        Self { href: None, item: format!("{name}#{number}"), state }
    }
}

/// A sentence of ours without the addresses of Markdown's links, which are for GitHub: ``[`name`](https://…)`` is
/// `` `name` `` here.
pub(super) fn unlinked(sentence: &str) -> String {
    let mut text = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some((before, name, after)) = next_link(rest) {
        text.push_str(before);
        text.push_str(name);
        rest = after;
    }
    text.push_str(rest);
    text
}

fn next_link(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("[`")?;
    let (name, rest) = rest.split_once("`](http")?;
    let (_, after) = rest.split_once(')')?;
    let name = text.get(before.len() + 1..before.len() + name.len() + 3)?;
    Some((before, name, after))
}

/// A line of what happened.
pub(super) struct Happening {
    pub(super) id: i64,
    pub(super) when: When,
    pub(super) who: String,
    pub(super) what: Vec<Piece>,
    pub(super) refused: bool,
}

impl Happening {
    pub(super) fn new(line: Happened, now: Timestamp) -> Self {
        Self {
            id: line.id,
            when: When::new(Timestamp(line.at_ms), now),
            who: line.actor,
            what: pieces(&unlinked(&line.summary)),
            refused: line.kind == "refused",
        }
    }
}
