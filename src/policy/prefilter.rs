//! One pass over a text that tells which rules can match at all, by the literals that each is bound to contain.

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError};

use super::literals::fold;
use super::pattern::Pattern;

/// A set of rules by their index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RuleSet(Vec<u64>);

impl RuleSet {
    fn empty(rules: usize) -> Self {
        Self(vec![0; rules.div_ceil(64)])
    }

    fn insert(&mut self, rule: usize) {
        if let Some(word) = self.0.get_mut(rule / 64) {
            *word |= 1 << (rule % 64);
        }
    }

    /// The rules that are in both sets, in rising order.
    pub(super) fn in_both(&self, other: &Self) -> Vec<usize> {
        let mut found = Vec::new();
        for (index, (one, two)) in self.0.iter().zip(&other.0).enumerate() {
            let mut word = one & two;
            while word != 0 {
                found.push(index * 64 + word.trailing_zeros() as usize);
                word &= word - 1;
            }
        }
        found
    }
}

/// Answers for one field, title or text, which rules may match it. It never leaves out one that does.
#[derive(Debug, Clone)]
pub(super) struct Prefilter {
    search: Option<AhoCorasick>,
    /// The rules that need the literal of the same index.
    needed_by: Vec<Vec<usize>>,
    /// Rules without a matcher for this field, or with one that is bound to nothing.
    always: RuleSet,
}

impl Prefilter {
    /// Takes each rule's pattern for this field, in the order of the rules.
    pub(super) fn new<'p>(patterns: impl ExactSizeIterator<Item = Option<&'p Pattern>>) -> Self {
        let rules = patterns.len();
        let mut always = RuleSet::empty(rules);
        let mut all: Vec<(String, usize)> = Vec::new();
        for (rule, pattern) in patterns.enumerate() {
            match pattern.and_then(Pattern::required) {
                Some(required) => all.extend(required.iter().map(|literal| (literal.clone(), rule))),
                None => always.insert(rule),
            }
        }
        all.sort();
        all.dedup();
        let mut literals: Vec<String> = Vec::new();
        let mut needed_by: Vec<Vec<usize>> = Vec::new();
        for (literal, rule) in all {
            match needed_by.last_mut() {
                Some(rules) if literals.last() == Some(&literal) => rules.push(rule),
                _ => {
                    literals.push(literal);
                    needed_by.push(vec![rule]);
                }
            }
        }
        match automaton(&literals) {
            Ok(search) => Self { search, needed_by, always },
            // Too many literals for an automaton: slower, never wrong.
            Err(_) => Self { search: None, needed_by: Vec::new(), always: everything(rules) },
        }
    }

    /// The rules that may match this text.
    pub(super) fn candidates(&self, text: &str) -> RuleSet {
        let mut found = self.always.clone();
        if let Some(search) = &self.search {
            for hit in search.find_overlapping_iter(fold(text).as_bytes()) {
                for rule in self.needed_by.get(hit.pattern().as_usize()).into_iter().flatten() {
                    found.insert(*rule);
                }
            }
        }
        found
    }
}

fn everything(rules: usize) -> RuleSet {
    let mut all = RuleSet::empty(rules);
    (0..rules).for_each(|rule| all.insert(rule));
    all
}

fn automaton(literals: &[String]) -> Result<Option<AhoCorasick>, BuildError> {
    if literals.is_empty() {
        return Ok(None);
    }
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::ContiguousNFA))
        .build(literals)
        .map(Some)
}
