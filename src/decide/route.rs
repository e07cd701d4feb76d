//! Which rule wins for an issue, and by what every other rule that matched lost.

use std::cmp::Reverse;
use std::ops::Range;

use crate::model::{Blocker, Explanation, LabelName, Level, RoleName, TaskType};
use crate::policy::{Pattern, RouteInput, Routing, Rule};

/// From this priority up a rule without `urgency` counts as high.
const HIGH_FROM: i64 = 90;
/// From this priority up a rule without `urgency` counts as medium, below it as low.
const MEDIUM_FROM: i64 = 60;

/// The rule that won.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Winner {
    /// Its name.
    pub rule: String,
    /// Its `like` alias if it has one, else its regex, else its first glob.
    pub matched_pattern: String,
    /// The bytes of the title that its regex matched, if it looks at the title.
    pub title_span: Option<Range<usize>>,
    /// The bytes of the text that its regex matched, if it looks at the text.
    pub body_span: Option<Range<usize>>,
    /// Where it is written, as `rules/routing.toml:12`.
    pub place: String,
    /// The sentence that says why it matched.
    pub reason: String,
}

/// What the rules say of an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The rule that won; `None` when none matched.
    pub winner: Option<Winner>,
    /// Every other rule that matched, as [`Blocker::Outranked`], best first.
    pub losers: Vec<Blocker>,
    /// `triage` when no rule matched.
    pub task_type: TaskType,
    /// Who could do it.
    pub role: Option<RoleName>,
    /// The rule's `urgency`, else what its number comes to; medium, the usual, when no rule matched.
    pub priority: Level,
    /// What the rule itself says of urgency.
    pub urgency: Option<Level>,
    /// What the rule says of danger.
    pub risk: Option<Level>,
    /// Labels that the rule adds.
    pub labels: Vec<LabelName>,
    /// The rule's number; 0 when no rule matched.
    pub rule_priority: i64,
}

impl Route {
    /// The same as sentences: what spoke for it, and every no.
    #[must_use]
    pub fn explanation(&self) -> Explanation {
        let reasons = self.winner.iter().map(|winner| winner.reason.clone()).collect();
        let blockers = if self.winner.is_none() { vec![Blocker::NoRuleMatched] } else { self.losers.clone() };
        Explanation { reasons, blockers }
    }

    fn triage() -> Self {
        Self {
            winner: None,
            losers: Vec::new(),
            task_type: TaskType::new("triage"),
            role: None,
            priority: Level::Medium,
            urgency: None,
            risk: None,
            labels: Vec::new(),
            rule_priority: 0,
        }
    }
}

/// Asks the rules about an issue. The highest priority wins; at a tie the pattern that is bound to begin with more
/// characters; at a tie again the rule that stands first.
#[must_use]
pub fn route(routing: &Routing, input: &RouteInput<'_>) -> Route {
    let mut matching = routing.matching(input);
    // Stable, so what ties to the end stays in the order of the files.
    matching.sort_by_key(|rule| Reverse((rule.priority, rule.prefix_chars())));
    let Some((best, others)) = matching.split_first() else { return Route::triage() };
    let lost = |rule: &&Rule| Blocker::Outranked {
        rule: rule.name.clone(),
        winner: best.name.clone(),
        by: outranked_by(rule, best),
    };
    Route {
        winner: Some(winner(best, input)),
        losers: others.iter().map(lost).collect(),
        task_type: best.task_type.clone(),
        role: best.role.clone(),
        priority: best.urgency.unwrap_or_else(|| level(best.priority)),
        urgency: best.urgency,
        risk: best.risk,
        labels: best.add_labels.clone(),
        rule_priority: best.priority,
    }
}

const fn level(priority: i64) -> Level {
    if priority >= HIGH_FROM {
        Level::High
    } else if priority >= MEDIUM_FROM {
        Level::Medium
    } else {
        Level::Low
    }
}

fn winner(rule: &Rule, input: &RouteInput<'_>) -> Winner {
    let find = |pattern: &Option<Pattern>, text: &str| {
        pattern.as_ref().and_then(|pattern| pattern.regex().find(text)).map(|found| found.range())
    };
    let title_span = find(&rule.title, input.title);
    let body_span = find(&rule.body, input.body);
    let matched = match (&title_span, &body_span) {
        (Some(span), _) => format!(" at {:?} in the title", input.title.get(span.clone()).unwrap_or_default()),
        (None, Some(_)) => " in the text".to_owned(),
        (None, None) => String::new(),
    };
    let pattern = rule.shown_pattern();
    let reason = format!(
        "rule `{}` ({}) matches `{pattern}`{matched} and has priority {}",
        rule.name,
        rule.place(),
        rule.priority
    );
    let place = rule.place();
    Winner { rule: rule.name.clone(), matched_pattern: pattern.to_owned(), title_span, body_span, place, reason }
}

fn outranked_by(loser: &Rule, best: &Rule) -> String {
    if loser.priority != best.priority {
        return format!("priority {} is lower than {}", loser.priority, best.priority);
    }
    let (few, many) = (loser.prefix_chars(), best.prefix_chars());
    if few != many {
        return format!(
            "both have priority {}, and its literal beginning is {few} characters against {many}",
            best.priority
        );
    }
    let (priority, place) = (best.priority, best.place());
    format!(
        "both have priority {priority} and a literal beginning of {few} characters, and `{}` ({place}) stands first",
        best.name
    )
}
