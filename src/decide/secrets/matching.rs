//! One rule on one text: every match that is a secret by the rule's own measure and by no allowlist harmless.

use std::ops::Range;

use super::ScanOptions;
use super::entropy::entropy;
use super::lines::Lines;
use crate::policy::{Candidate, Pass, Places, SecretRule, SecretRules};

/// The comment that says that a line's secret is none.
const ALLOW: &[u8] = b"gitleaks:allow";
/// No text is worth more findings of one rule than this.
const MOST_MATCHES: usize = 1000;

/// A text under scan.
pub(super) struct Scanned<'s> {
    pub(super) rules: &'s SecretRules,
    pub(super) path: &'s str,
    pub(super) text: &'s [u8],
    pub(super) lines: Lines<'s>,
    pub(super) pass: Pass<'s>,
    pub(super) options: ScanOptions<'s>,
}

/// A secret within a text.
#[derive(Clone, PartialEq)]
pub(super) struct Spot {
    /// The rule, by its place in the list.
    pub(super) rule: usize,
    /// The secret's bytes.
    pub(super) secret: Range<usize>,
    /// The line of the text on which the match begins, from 1.
    pub(super) line: u32,
    pub(super) end_line: u32,
    pub(super) column: u32,
    pub(super) entropy: f64,
}

impl Scanned<'_> {
    /// Every secret that the rule finds, whatever its keywords say, in the order of the text.
    pub(super) fn spots(&self, index: usize, rule: &SecretRule) -> Vec<Spot> {
        let mut spots = Vec::new();
        let Some(expression) = &rule.expression else { return spots };
        let windows = match self.pass.places(index) {
            Places::Nowhere => return spots,
            Places::Anywhere => vec![(0, self.text.len())],
            Places::Within(windows) => windows,
        };
        // Asked for only here: most rules are never compiled.
        let Some(regex) = expression.regex() else { return spots };
        for (start, end) in windows {
            let window = &self.text[..end];
            let mut from = start;
            while let Some(found) = (from <= end).then(|| regex.find_at(window, from)).flatten() {
                from = found.end() + usize::from(found.is_empty());
                spots.extend(self.spot((index, rule), found.range()));
                if spots.len() >= MOST_MATCHES {
                    return spots;
                }
            }
        }
        spots
    }

    /// What gitleaks makes of one match: <https://github.com/gitleaks/gitleaks/blob/master/detect/detect.go>.
    fn spot(&self, (index, rule): (usize, &SecretRule), found: Range<usize>) -> Option<Spot> {
        let matched = trimmed(self.text, found);
        let line = self.lines.around(&matched);
        if self.options.honour_allow_comments && contains(&self.text[line.clone()], ALLOW) {
            return None;
        }
        let secret = self.secret(rule, &matched)?;
        let entropy = entropy(&self.text[secret.clone()]);
        if rule.entropy > 0.0 && entropy <= rule.entropy {
            return None;
        }
        let candidate = Candidate {
            path: self.path,
            commit: self.options.commit,
            secret: &self.text[secret.clone()],
            matched: &self.text[matched.clone()],
            line: &self.text[line],
        };
        if self.rules.allowlists().iter().chain(&rule.allowlists).any(|allowlist| allowlist.allows(&candidate)) {
            return None;
        }
        let (line, column) = self.lines.position(matched.start);
        let (end_line, _) = self.lines.position(matched.end.saturating_sub(1).max(matched.start));
        Some(Spot { rule: index, secret, line, end_line, column, entropy })
    }

    /// The group of the match that is the secret. As in gitleaks, groups are sought in the match taken by itself.
    fn secret(&self, rule: &SecretRule, matched: &Range<usize>) -> Option<Range<usize>> {
        let expression = rule.expression.as_ref().filter(|expression| expression.groups() > 0);
        let Some(groups) = expression.and_then(|expression| expression.regex()?.captures(&self.text[matched.clone()]))
        else {
            return Some(matched.clone());
        };
        let moved = |group: regex::bytes::Match<'_>| matched.start + group.start()..matched.start + group.end();
        if rule.secret_group > 0 {
            let empty = matched.start..matched.start;
            return (rule.secret_group < groups.len()).then(|| groups.get(rule.secret_group).map_or(empty, moved));
        }
        let first = groups.iter().skip(1).flatten().find(|group| !group.is_empty());
        Some(first.map_or_else(|| matched.clone(), moved))
    }
}

/// A match without the line ends around it.
fn trimmed(text: &[u8], found: Range<usize>) -> Range<usize> {
    let inside = &text[found.clone()];
    let before = inside.iter().take_while(|byte| **byte == b'\n').count();
    let after = inside[before..].iter().rev().take_while(|byte| **byte == b'\n').count();
    found.start + before..found.end - after
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|part| part == word)
}
