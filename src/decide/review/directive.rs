//! Comments that allow a finding: `stationmaster:allow rule-id reason`, on its line or the line before.

use std::collections::BTreeMap;

use super::rule;
use super::sight::{Findings, Sight};
use crate::model::Severity;

const WORD: &str = "stationmaster:allow";

/// The rules that are allowed, by the line of the directive.
#[derive(Debug, Default)]
pub(super) struct Directives(BTreeMap<u32, Vec<String>>);

impl Directives {
    /// Reads the directives of a file. A new one without a reason is a finding itself, and allows nothing.
    pub(super) fn read(sight: &Sight<'_>, findings: &mut Findings<'_>) -> Self {
        let mut directives: BTreeMap<u32, Vec<String>> = BTreeMap::new();
        for shown in sight.known() {
            let Some((_, rest)) = shown.text.split_once(WORD) else { continue };
            let mut words = rest.trim_start_matches(':').split_whitespace();
            let id = words.next().filter(|id| id.chars().any(char::is_alphanumeric));
            // What closes a comment, such as `*/` or `-->`, is no reason.
            let reasoned = words.any(|word| word.chars().any(char::is_alphanumeric));
            if let (Some(id), true) = (id, reasoned) {
                directives.entry(shown.line).or_default().push(id.to_owned());
            } else if sight.touches(shown.line, shown.line) {
                let rule_id = id.unwrap_or("rule-id");
                let message = format!(
                    "This allows nothing, because it gives no reason. Write `{WORD} {rule_id} why it is right here`."
                );
                findings.add(rule::ALLOW_WITHOUT_REASON, Severity::Warn, (shown.line, shown.line), message);
            }
        }
        Self(directives)
    }

    /// Whether a rule is allowed on a line.
    pub(super) fn allow(&self, rule: &str, line: u32) -> bool {
        let on = |line: u32| self.0.get(&line).is_some_and(|rules| rules.iter().any(|allowed| allowed == rule));
        on(line) || line.checked_sub(1).is_some_and(on)
    }
}
