//! One regex or glob of a rule, compiled once, with what can be known of it before any text is seen.

use std::ops::Range;

use globset::{GlobBuilder, GlobMatcher};
use regex::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;
use serde::{Serialize, Serializer};

use super::literals;

/// Compiled programs above this many bytes are refused: policy files come from repositories.
const PROGRAM_LIMIT_BYTES: usize = 2 << 20;

/// A regex that ignores case unless its text says `(?-i)`.
#[derive(Debug, Clone)]
pub struct Pattern {
    source: String,
    regex: Regex,
    prefix_chars: usize,
    required: Option<Vec<String>>,
}

/// Why a pattern cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PatternFault {
    /// What is wrong.
    pub(super) message: String,
    /// Where in the pattern, in bytes; `None` when it is the pattern as a whole.
    pub(super) span: Option<Range<usize>>,
}

impl Pattern {
    /// Compiles a pattern and finds its literals.
    pub(crate) fn new(source: &str) -> Result<Self, PatternFault> {
        let hir = parse(source)?;
        let regex = RegexBuilder::new(source)
            .case_insensitive(true)
            .size_limit(PROGRAM_LIMIT_BYTES)
            .build()
            .map_err(|error| PatternFault { message: error.to_string(), span: None })?;
        let prefix_chars = literals::prefix_chars(&hir);
        Ok(Self { source: source.to_owned(), regex, prefix_chars, required: literals::required(&hir) })
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The compiled regex.
    #[must_use]
    pub const fn regex(&self) -> &Regex {
        &self.regex
    }

    /// How many characters its matches are bound to begin with, after whatever may be left out.
    #[must_use]
    pub const fn prefix_chars(&self) -> usize {
        self.prefix_chars
    }

    /// Texts of which every match contains at least one, if there are any; folded, see [`literals::fold`].
    pub(super) fn required(&self) -> Option<&[String]> {
        self.required.as_deref()
    }
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.source)
    }
}

fn parse(source: &str) -> Result<Hir, PatternFault> {
    ParserBuilder::new().case_insensitive(true).build().parse(source).map_err(|error| {
        let (kind, span) = match &error {
            regex_syntax::Error::Parse(error) => (error.kind().to_string(), Some(error.span())),
            regex_syntax::Error::Translate(error) => (error.kind().to_string(), Some(error.span())),
            other => (other.to_string(), None),
        };
        PatternFault { message: kind, span: span.map(|span| span.start.offset..span.end.offset) }
    })
}

/// A glob that ignores case; `*` also matches slashes.
#[derive(Debug, Clone)]
pub struct Wildcard {
    source: String,
    matcher: GlobMatcher,
}

impl Wildcard {
    /// Compiles a glob.
    pub(super) fn new(source: &str) -> Result<Self, String> {
        // GitHub writes Apps as `name[bot]`, and nobody means one of the letters b, o, t by that.
        let escaped = source.replace("[bot]", "\\[bot\\]");
        let glob = GlobBuilder::new(&escaped)
            .case_insensitive(true)
            .backslash_escape(true)
            .build()
            .map_err(|error| error.kind().to_string())?;
        Ok(Self { source: source.to_owned(), matcher: glob.compile_matcher() })
    }

    /// The glob as it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether the whole text matches.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.matcher.is_match(text)
    }
}

impl Serialize for Wildcard {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.source)
    }
}
