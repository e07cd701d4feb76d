//! One pass over a text that says which rules can match in it, and where.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::expression::Expression;
use super::rule::SecretRule;

/// Places of one text that lie no further apart are kept as one, so that memory stays bounded whatever the text says.
const JOINED_BYTES: usize = 128;
/// The finite automaton of more bytes of words than this would be large, and is replaced by a smaller, slower one.
const MOST_WORD_BYTES: usize = 40_000;

/// Every keyword and every anchor of all rules, as one automaton.
#[derive(Debug)]
pub(super) struct Prefilter {
    search: Option<AhoCorasick>,
    /// For each word, the rules that have it as a keyword.
    keyword_of: Vec<Vec<usize>>,
    /// For each rule, the words that are its anchors.
    anchors_of: Vec<Vec<usize>>,
}

/// Where a rule can match in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Places {
    /// Nowhere.
    Nowhere,
    /// Anywhere.
    Anywhere,
    /// Within these ranges of bytes, in order, which do not overlap.
    Within(Vec<(usize, usize)>),
}

/// What the pass found.
#[derive(Debug)]
pub(super) struct Found {
    has_keyword: Vec<bool>,
    /// For each word the stretches within which it begins and ends.
    stretches: Vec<Vec<(usize, usize)>>,
}

impl Prefilter {
    pub(super) fn new(rules: &[SecretRule]) -> Self {
        let mut words: Vec<Vec<u8>> = Vec::new();
        let mut known: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut word = |bytes: &[u8]| {
            *known.entry(bytes.to_vec()).or_insert_with(|| {
                words.push(bytes.to_vec());
                words.len() - 1
            })
        };
        let (mut keywords, mut anchors_of) = (Vec::new(), Vec::new());
        for (index, rule) in rules.iter().enumerate() {
            keywords.extend(rule.keywords.iter().map(|keyword| (word(keyword.as_bytes()), index)));
            let reach = rule.expression.as_ref().and_then(Expression::reach);
            anchors_of
                .push(reach.map(|reach| reach.anchors.iter().map(|anchor| word(anchor)).collect()).unwrap_or_default());
        }
        let mut keyword_of = vec![Vec::new(); words.len()];
        for (word, rule) in keywords {
            keyword_of[word].push(rule);
        }
        let small = words.iter().map(Vec::len).sum::<usize>() <= MOST_WORD_BYTES;
        let search = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(if small { AhoCorasickKind::DFA } else { AhoCorasickKind::ContiguousNFA }))
            .build(&words)
            .ok();
        Self { search, keyword_of, anchors_of }
    }

    /// Goes through a text once.
    pub(super) fn pass(&self, text: &[u8]) -> Found {
        let mut found = Found {
            has_keyword: vec![self.search.is_none(); self.anchors_of.len()],
            stretches: vec![Vec::new(); self.keyword_of.len()],
        };
        let Some(search) = &self.search else { return found };
        for hit in search.find_overlapping_iter(text) {
            let word = hit.pattern().as_usize();
            let stretches = &mut found.stretches[word];
            match stretches.last_mut() {
                Some((_, end)) if hit.start() <= *end + JOINED_BYTES => *end = hit.end(),
                Some(_) => stretches.push((hit.start(), hit.end())),
                None => {
                    stretches.push((hit.start(), hit.end()));
                    for rule in &self.keyword_of[word] {
                        found.has_keyword[*rule] = true;
                    }
                }
            }
        }
        found
    }

    /// Where a rule can match, whatever its keywords say.
    pub(super) fn places(&self, found: &Found, rule: (usize, &SecretRule), text: &[u8]) -> Places {
        let (index, rule) = rule;
        let reach = match rule.expression.as_ref().map(Expression::reach) {
            None => return Places::Nowhere,
            Some(Some(reach)) if self.search.is_some() => reach,
            Some(Some(_) | None) => return Places::Anywhere,
        };
        let mut stretches: Vec<(usize, usize)> =
            self.anchors_of[index].iter().flat_map(|word| found.stretches[*word].iter().copied()).collect();
        if stretches.is_empty() {
            return Places::Nowhere;
        }
        stretches.sort_unstable();
        let mut windows: Vec<(usize, usize)> = Vec::with_capacity(stretches.len());
        for stretch in stretches {
            let floor = windows.last().map_or(0, |(_, end)| *end);
            let (start, end) = reach.window(text, stretch, floor);
            match windows.last_mut() {
                Some(before) if start <= before.1 => before.1 = before.1.max(end),
                Some(_) | None => windows.push((start, end)),
            }
        }
        Places::Within(windows)
    }
}

impl Found {
    /// Whether a keyword of the rule is in the text, or it has none.
    pub(super) fn has_keyword(&self, index: usize, rule: &SecretRule) -> bool {
        rule.keywords.is_empty() || self.has_keyword[index]
    }
}
