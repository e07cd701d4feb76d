//! What is otherwise between a decision as it was made and as it would be made now.

use serde::Serialize;

use super::Outcome;
use crate::model::PlannedMark;

/// Differences, each as people read it; all empty where there are none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The sentence then and now.
    pub summary: Option<(String, String)>,
    /// Reasons that are not given any more.
    pub reasons_gone: Vec<String>,
    /// Reasons that are new.
    pub reasons_new: Vec<String>,
    /// Blockers that do not stand in the way any more.
    pub blockers_gone: Vec<String>,
    /// Blockers that are new.
    pub blockers_new: Vec<String>,
    /// Actions that would not be planned any more.
    pub actions_gone: Vec<String>,
    /// Actions that are new.
    pub actions_new: Vec<String>,
    /// Actions that would be planned with another content.
    pub actions_changed: Vec<String>,
}

impl Difference {
    pub(super) fn between(before: &Outcome, now: &Outcome) -> Self {
        let (reasons_gone, reasons_new) = apart(&before.explanation.reasons, &now.explanation.reasons);
        let said = |outcome: &Outcome| -> Vec<String> {
            outcome.explanation.blockers.iter().map(ToString::to_string).collect()
        };
        let (blockers_gone, blockers_new) = apart(&said(before), &said(now));
        let summary = (before.summary != now.summary).then(|| (before.summary.clone(), now.summary.clone()));
        let mut found = Self { summary, reasons_gone, reasons_new, blockers_gone, blockers_new, ..Self::default() };
        if let (Some(before), Some(now)) = (&before.actions, &now.actions) {
            found.compare_actions(before, now);
        }
        found
    }

    fn compare_actions(&mut self, before: &[PlannedMark], now: &[PlannedMark]) {
        let named = |mark: &PlannedMark| format!("{} ({})", mark.kind, mark.key);
        let same = |list: &[PlannedMark], mark: &PlannedMark| {
            list.iter().find(|other| other.key == mark.key && other.kind == mark.kind).cloned()
        };
        for mark in before {
            match same(now, mark) {
                None => self.actions_gone.push(named(mark)),
                Some(other) if other.digest != mark.digest => self.actions_changed.push(named(mark)),
                Some(_) => {}
            }
        }
        self.actions_new = now.iter().filter(|mark| same(before, mark).is_none()).map(named).collect();
    }

    /// Whether nothing is otherwise.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// A line for each difference, as the command line prints it.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some((before, now)) = &self.summary {
            lines.push(format!("was: {before}"));
            lines.push(format!("now: {now}"));
        }
        let lists = [
            ("no reason any more", &self.reasons_gone),
            ("a new reason", &self.reasons_new),
            ("no blocker any more", &self.blockers_gone),
            ("a new blocker", &self.blockers_new),
            ("would not be done any more", &self.actions_gone),
            ("would be done as well", &self.actions_new),
            ("would be done otherwise", &self.actions_changed),
        ];
        for (what, list) in lists {
            lines.extend(list.iter().map(|one| format!("{what}: {one}")));
        }
        lines
    }
}

/// What only the first and only the second list holds, counting those that are there several times.
fn apart(before: &[String], now: &[String]) -> (Vec<String>, Vec<String>) {
    let mut new = now.to_vec();
    let mut gone = Vec::new();
    for one in before {
        match new.iter().position(|other| other == one) {
            Some(place) => drop(new.remove(place)),
            None => gone.push(one.clone()),
        }
    }
    (gone, new)
}
