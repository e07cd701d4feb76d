//! A regex of a secret rule: checked when it is read, compiled when it is first needed.

use std::borrow::Cow;
use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::dialect::from_go;
use super::reach::Reach;

/// Patterns whose automaton would have more states than this are refused: rule files come from repositories.
const MOST_STATES: usize = 100_000;
/// Patterns with more states than this are compiled when they are read, to be sure that they can be.
const MANY_STATES: usize = 10_000;
/// What [`MOST_STATES`] fit into.
const PROGRAM_LIMIT_BYTES: usize = 64 << 20;
/// What one search may remember. With the crate's default of 2 MiB a few hundred rules would hold hundreds of MiB.
const SEARCH_MEMORY_BYTES: usize = 256 << 10;

/// A regex in Go's syntax over bytes.
#[derive(Debug)]
pub struct Expression {
    source: String,
    unicode: bool,
    groups: usize,
    reach: Option<Reach>,
    compiled: OnceLock<Option<Regex>>,
}

impl Expression {
    /// Checks a pattern without compiling it. The error says what is wrong.
    pub(super) fn new(pattern: &str) -> Result<Self, String> {
        let source = from_go(pattern).into_owned();
        // Bytes are enough for what secrets are made of, and cost a hundredth of Unicode's classes. What cannot be
        // said without Unicode, such as `\p{Greek}`, is said with it.
        let (hir, unicode) = match parse(&source, false) {
            Ok(hir) => (hir, false),
            Err(error) => (parse(&source, true).map_err(|_| error)?, true),
        };
        let too_large = || "this regex repeats so much that it would not fit into memory".to_owned();
        let states = states(&hir);
        if states > MOST_STATES {
            return Err(too_large());
        }
        let groups = hir.properties().explicit_captures_len();
        let expression = Self { source, unicode, groups, reach: Reach::of(&hir), compiled: OnceLock::new() };
        if states > MANY_STATES && expression.regex().is_none() {
            return Err(too_large());
        }
        Ok(expression)
    }

    /// The compiled regex. `None` cannot come about for what [`Self::new`] let pass.
    #[must_use]
    pub fn regex(&self) -> Option<&Regex> {
        let compile = || {
            RegexBuilder::new(&self.source)
                .unicode(self.unicode)
                .size_limit(PROGRAM_LIMIT_BYTES)
                .dfa_size_limit(SEARCH_MEMORY_BYTES)
                .build()
                .ok()
        };
        self.compiled.get_or_init(compile).as_ref()
    }

    /// How many groups it captures, the whole match not counted.
    #[must_use]
    pub const fn groups(&self) -> usize {
        self.groups
    }

    /// Where it can match, as far as that is known.
    pub(super) const fn reach(&self) -> Option<&Reach> {
        self.reach.as_ref()
    }

    /// Whether it matches anywhere in the text.
    #[must_use]
    pub fn is_match(&self, text: &[u8]) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(text))
    }
}

impl Clone for Expression {
    /// What has been compiled is shared.
    fn clone(&self) -> Self {
        Self {
            source: self.source.clone(),
            unicode: self.unicode,
            groups: self.groups,
            reach: self.reach.clone(),
            compiled: self.compiled.clone(),
        }
    }
}

fn parse(source: &str, unicode: bool) -> Result<Hir, String> {
    ParserBuilder::new().unicode(unicode).utf8(false).build().parse(source).map_err(|error| {
        let what: Cow<'static, str> = match &error {
            regex_syntax::Error::Parse(error) => error.kind().to_string().into(),
            regex_syntax::Error::Translate(error) => error.kind().to_string().into(),
            _ => "it cannot be read".into(),
        };
        format!("this is not a regex: {what}")
    })
}

/// About how many states the automaton has.
fn states(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(Class::Bytes(class)) => 1 + class.ranges().len(),
        // Each range of characters takes several of bytes.
        HirKind::Class(Class::Unicode(class)) => 1 + class.ranges().len() * 4,
        HirKind::Capture(capture) => states(&capture.sub).saturating_add(2),
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min.saturating_add(1)).max(1) as usize;
            states(&repetition.sub).saturating_add(1).saturating_mul(times)
        }
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().map(states).fold(1, usize::saturating_add),
    }
}
