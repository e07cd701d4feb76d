//! Rules of `review.toml`: a regex on added lines, or a path that must not come in.

use regex::{Regex, RegexBuilder};
use toml::Spanned;

use super::super::fault::Complaint;
use super::super::pattern::Wildcard;
use super::super::reader::{Document, Section};
use super::super::rule::{read_glob, within};
use crate::model::Severity;

/// Compiled programs above this many bytes are refused: rules come from repositories too.
const PROGRAM_LIMIT_BYTES: usize = 2 << 20;

/// Which files a rule looks at.
#[derive(Debug, Clone, Default)]
pub struct Paths {
    /// One of these matches; with none, every file is looked at.
    pub only: Vec<Wildcard>,
    /// None of these matches.
    pub exclude: Vec<Wildcard>,
}

impl Paths {
    /// Whether a file is looked at.
    #[must_use]
    pub fn covers(&self, path: &str) -> bool {
        (self.only.is_empty() || self.only.iter().any(|glob| glob.is_match(path)))
            && !self.exclude.iter().any(|glob| glob.is_match(path))
    }
}

/// A regex on added lines.
#[derive(Debug, Clone)]
pub struct LineRule {
    /// What it is called in findings, directives and settings.
    pub id: String,
    /// Searched in each added line; case matters unless it says `(?i)`.
    pub regex: Regex,
    /// Which files it looks at.
    pub paths: Paths,
    /// How much a finding weighs.
    pub severity: Severity,
    /// What is wrong and what to do.
    pub message: String,
}

/// A path that must not come in.
#[derive(Debug, Clone)]
pub struct ForbiddenFile {
    /// What it is called in findings and settings.
    pub id: String,
    /// Which files.
    pub paths: Paths,
    /// How much a finding weighs.
    pub severity: Severity,
    /// What is wrong and what to do.
    pub message: String,
}

/// Reads one `[[rule]]`. Shipped rules must show examples; those of a repository may.
pub(super) fn read_line_rule(mut section: Section<'_>, examples_required: bool) -> Option<LineRule> {
    let id = read_id(&mut section);
    let pattern = section.required_text("regex", "'^<<<<<<< '");
    let head = read_rest(&mut section);
    let examples = section.texts("examples");
    let counterexamples = section.texts("counterexamples").unwrap_or_default();
    let document = section.document;
    let regex = pattern.and_then(|text| read_regex(document, &text));
    require_examples(&section, examples_required, examples.as_deref(), &counterexamples);
    section.finish();
    if let Some(regex) = &regex {
        check_examples(document, &examples.unwrap_or_default(), true, |text| regex.is_match(text));
        check_examples(document, &counterexamples, false, |text| regex.is_match(text));
    }
    let (paths, severity, message) = head;
    Some(LineRule { id: id?, regex: regex?, paths, severity, message: message? })
}

/// Reads one `[[forbidden]]`.
pub(super) fn read_forbidden(mut section: Section<'_>) -> Option<ForbiddenFile> {
    let id = read_id(&mut section);
    let (paths, severity, message) = read_rest(&mut section);
    let examples = section.texts("examples");
    let counterexamples = section.texts("counterexamples").unwrap_or_default();
    let document = section.document;
    if paths.only.is_empty() {
        let expected = "`paths` with at least one glob";
        section.fault(Complaint::new("this would forbid every file", expected, "add `paths = [\"**/*.pem\"]`"));
    }
    require_examples(&section, true, examples.as_deref(), &counterexamples);
    section.finish();
    check_examples(document, &examples.unwrap_or_default(), true, |path| paths.covers(path));
    check_examples(document, &counterexamples, false, |path| paths.covers(path));
    Some(ForbiddenFile { id: id?, paths, severity, message: message? })
}

fn read_id(section: &mut Section<'_>) -> Option<String> {
    let id = section.required_text("id", "\"merge-conflict\"")?;
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if id.get_ref().chars().all(good) {
        return Some((*id.get_ref()).to_owned());
    }
    let message = format!("{:?} cannot be a rule's id", id.get_ref());
    let expected = "letters, digits, `-`, `_` and `.`";
    let help = "people write it after `stationmaster:allow`, so it must be one word";
    section.document.fault(id.span(), Complaint::new(message, expected, help));
    None
}

fn read_rest(section: &mut Section<'_>) -> (Paths, Severity, Option<String>) {
    let only = section.texts("paths").unwrap_or_default();
    let exclude = section.texts("exclude").unwrap_or_default();
    let severity = section.text("severity");
    let message = section.required_text("message", "\"What is wrong and what to do.\"");
    let document = section.document;
    let globs = |texts: &[Spanned<&str>]| texts.iter().filter_map(|text| read_glob(document, text)).collect();
    let paths = Paths { only: globs(&only), exclude: globs(&exclude) };
    let severity = severity.and_then(|text| read_severity(document, &text)).unwrap_or(Severity::Warn);
    (paths, severity, message.map(|text| (*text.get_ref()).to_owned()))
}

/// `block` or `warn`.
pub(super) fn read_severity(document: &Document<'_>, text: &Spanned<&str>) -> Option<Severity> {
    let known = [Severity::Warn, Severity::Block].into_iter().find(|one| one.as_str() == *text.get_ref());
    if known.is_none() {
        let message = format!("{:?} is not a severity", text.get_ref());
        document.fault(text.span(), Complaint::new(message, "\"warn\" or \"block\"", "write one of the two"));
    }
    known
}

fn read_regex(document: &Document<'_>, text: &Spanned<&str>) -> Option<Regex> {
    if document.is_hopeless() {
        return None;
    }
    let (message, span) = match regex_syntax::Parser::new().parse(text.get_ref()) {
        Ok(_) => match RegexBuilder::new(text.get_ref()).size_limit(PROGRAM_LIMIT_BYTES).build() {
            Ok(regex) => return Some(regex),
            Err(error) => (error.to_string(), None),
        },
        Err(regex_syntax::Error::Parse(error)) => (error.kind().to_string(), Some(*error.span())),
        Err(regex_syntax::Error::Translate(error)) => (error.kind().to_string(), Some(*error.span())),
        Err(other) => (other.to_string(), None),
    };
    let place = span.and_then(|span| within(document, text, span.start.offset..span.end.offset));
    let help = "mend the pattern; https://docs.rs/regex/latest/regex/#syntax says what can be written";
    let complaint =
        Complaint::new(format!("this regex cannot be used: {message}"), "a regex as Rust understands it", help);
    document.fault(place.unwrap_or_else(|| text.span()), complaint);
    None
}

fn require_examples(
    section: &Section<'_>,
    required: bool,
    examples: Option<&[Spanned<&str>]>,
    counterexamples: &[Spanned<&str>],
) {
    if required && (examples.is_none_or(<[_]>::is_empty) || counterexamples.is_empty()) {
        let message = "this rule does not show what it finds and what it leaves alone";
        let help = "add `examples = ['…']` and `counterexamples = ['…']`";
        section.fault(Complaint::new(message, "`examples` and `counterexamples`", help));
    }
}

fn check_examples(document: &Document<'_>, texts: &[Spanned<&str>], wanted: bool, matches: impl Fn(&str) -> bool) {
    for text in texts.iter().filter(|text| matches(text.get_ref()) != wanted) {
        let (message, expected) = if wanted {
            ("this example does not match its rule", "a text that the rule finds")
        } else {
            ("this counterexample matches its rule", "a text that the rule leaves alone")
        };
        document.fault(text.span(), Complaint::new(message, expected, "mend the rule or the example"));
    }
}
