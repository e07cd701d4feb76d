//! Structural rules in ast-grep's own format: reading, compiling, and finding their places in a file's syntax.

use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use ast_grep_config::{
    GlobalRules, LabelStyle, RuleConfig, RuleConfigError, SerializableRuleConfig, Severity as Weight, from_multiple,
};
use ast_grep_core::matcher::MatcherExt as _;
use ast_grep_core::tree_sitter::StrDoc;
use ast_grep_core::{AstGrep, Matcher as _, NodeMatch};
use ast_grep_language::{Language as _, SupportLang};
use globset::{GlobBuilder, GlobMatcher};
use serde::{Deserialize, Serialize};

use super::super::fault::{Complaint, RuleFault, RuleFile};
use super::super::reader::too_long;
use crate::model::Severity;

/// So many rules of one file are compiled: whoever opens a pull request may write one.
const RULES_MAX: usize = 500;

/// The languages whose grammars are in the program; asking ast-grep for any other one panics.
const COMPILED: [SupportLang; 7] = [
    SupportLang::Go,
    SupportLang::Java,
    SupportLang::JavaScript,
    SupportLang::Python,
    SupportLang::Rust,
    SupportLang::Tsx,
    SupportLang::TypeScript,
];

/// The language of a file that structural rules can look at, by its ending.
#[must_use]
pub fn language_of(path: &str) -> Option<SupportLang> {
    SupportLang::from_path(Path::new(path)).filter(|language| COMPILED.contains(language))
}

/// A file's syntax.
pub type SyntaxTree = AstGrep<StrDoc<SupportLang>>;

/// A rule on the syntax of whole files.
pub struct StructuralRule {
    /// What it is called in findings, directives and settings.
    pub id: String,
    /// How much a finding weighs.
    pub severity: Severity,
    /// The file it stands in.
    pub file: Arc<RuleFile>,
    place: Range<usize>,
    config: RuleConfig<SupportLang>,
    kinds: Vec<usize>,
    only: Vec<GlobMatcher>,
    ignores: Vec<GlobMatcher>,
}

impl fmt::Debug for StructuralRule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("StructuralRule").field("id", &self.id).field("file", &self.file.name).finish_non_exhaustive()
    }
}

/// A place that a structural rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StructuralMatch {
    /// The first line, from 1.
    pub line: u32,
    /// The last line.
    pub end_line: u32,
    /// The rule's message with its variables filled in.
    pub message: String,
}

impl StructuralRule {
    /// The language it is for.
    #[must_use]
    pub fn language(&self) -> SupportLang {
        self.config.language
    }

    /// Whether its `files` and `ignores` let it look at a file.
    #[must_use]
    pub fn covers(&self, path: &str) -> bool {
        (self.only.is_empty() || self.only.iter().any(|glob| glob.is_match(path)))
            && !self.ignores.iter().any(|glob| glob.is_match(path))
    }

    /// A fault at the rule's place.
    #[must_use]
    pub fn fault(&self, complaint: Complaint) -> RuleFault {
        RuleFault::at(&self.file, self.place.clone(), complaint)
    }

    /// Every place in a file that some of the rules find, each with the rule's index; one walk for all of them.
    #[must_use]
    pub fn find_all(rules: &[&Self], tree: &SyntaxTree) -> Vec<(usize, StructuralMatch)> {
        let mut by_kind: Vec<Vec<usize>> = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            for kind in &rule.kinds {
                if by_kind.len() <= *kind {
                    by_kind.resize(*kind + 1, Vec::new());
                }
                if let Some(indexes) = by_kind.get_mut(*kind) {
                    indexes.push(index);
                }
            }
        }
        let mut found = Vec::new();
        for node in tree.root().dfs() {
            let Some(indexes) = by_kind.get(usize::from(node.kind_id())) else { continue };
            for index in indexes {
                let Some(rule) = rules.get(*index) else { continue };
                if let Some(matched) = rule.config.matcher.match_node(node.clone()) {
                    found.push((*index, rule.describe(&matched)));
                }
            }
        }
        found
    }

    /// The place is that of the first primary label, so that a rule on a function can point at the function's name.
    fn describe(&self, matched: &NodeMatch<'_, StrDoc<SupportLang>>) -> StructuralMatch {
        let labels = self.config.get_labels(matched);
        let primary = labels.iter().find(|label| matches!(label.style, LabelStyle::Primary));
        let node = primary.map_or_else(|| matched.get_node(), |label| &label.start_node);
        let line = |line: usize| u32::try_from(line + 1).unwrap_or(u32::MAX);
        StructuralMatch {
            line: line(node.start_pos().line()),
            end_line: line(node.end_pos().line()),
            message: self.fill_in(matched),
        }
    }

    fn fill_in(&self, matched: &NodeMatch<'_, StrDoc<SupportLang>>) -> String {
        let mut parts = self.config.message.split('$');
        let mut message = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = part.find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'));
            let (name, rest) = part.split_at(end.unwrap_or(part.len()));
            if let Some(node) = matched.get_env().get_match(name) {
                message.push_str(&node.text());
            } else {
                message.push('$');
                message.push_str(name);
            }
            message.push_str(rest);
        }
        message
    }
}

/// What a rule is expected to find, in ast-grep's test format.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StructuralExamples {
    /// The rule.
    pub id: String,
    /// Code that it leaves alone.
    #[serde(default)]
    pub valid: Vec<String>,
    /// Code in which it finds something.
    #[serde(default)]
    pub invalid: Vec<String>,
    /// The file that says so.
    #[serde(skip)]
    pub file: String,
}

/// Reads the rules of a file, one or several YAML documents; rules whose severity is `off` are left out.
pub(super) fn read_rules(file: &Arc<RuleFile>) -> (Vec<StructuralRule>, Vec<RuleFault>) {
    if let Some(fault) = too_long(file) {
        return (Vec::new(), vec![fault]);
    }
    let documents = match from_multiple::<SerializableRuleConfig<SupportLang>>(&file.text) {
        Ok(documents) => documents,
        Err(error) => {
            let place = error.location().map(|place| (place.line(), place.column()));
            return (Vec::new(), vec![yaml_fault(file, &error.without_snippet().to_string(), place)]);
        }
    };
    let mut rules = Vec::new();
    let mut faults = Vec::new();
    if documents.len() > RULES_MAX {
        let message = format!("there are {} rules in this file", documents.len());
        let complaint = Complaint::new(message, format!("at most {RULES_MAX}"), "take out what is not needed");
        return (rules, vec![RuleFault::of_file(file.name.as_str(), complaint)]);
    }
    for document in documents {
        let place = place_of(file, &document.id);
        match compile(file, document, place.clone()) {
            Ok(rule) => rules.extend(rule),
            Err(complaint) => faults.push(RuleFault::at(file, place, complaint)),
        }
    }
    (rules, faults)
}

fn compile(
    file: &Arc<RuleFile>,
    document: SerializableRuleConfig<SupportLang>,
    place: Range<usize>,
) -> Result<Option<StructuralRule>, Complaint> {
    if document.id.trim().is_empty() || document.message.trim().is_empty() {
        let help = "people see the message, and write the id after `stationmaster:allow`";
        return Err(Complaint::new("this rule lacks an id or a message", "`id:` and `message:`", help));
    }
    if !COMPILED.contains(&document.language) {
        let message = format!("the language {:?} is not built into Stationmaster", document.language);
        let names = COMPILED.map(|language| format!("{language:?}")).join(", ");
        return Err(Complaint::new(message, format!("one of {names}"), "use a `[[rule]]` with a regex instead"));
    }
    let severity = match document.severity {
        Weight::Off => return Ok(None),
        Weight::Error => Severity::Block,
        Weight::Warning | Weight::Info | Weight::Hint => Severity::Warn,
    };
    let only = read_globs(&document.files)?;
    let ignores = read_globs(&document.ignores)?;
    let config = RuleConfig::try_from(document, &GlobalRules::default()).map_err(|error| rule_complaint(&error))?;
    let kinds = config.matcher.potential_kinds().map(|kinds| kinds.iter().collect()).unwrap_or_default();
    let id = config.id.clone();
    Ok(Some(StructuralRule { id, severity, file: Arc::clone(file), place, config, kinds, only, ignores }))
}

/// ast-grep does not give the type of its globs a name, so they are read from what they would be written as:
/// a text, or `{ glob, caseInsensitive }`.
fn read_globs(globs: &impl Serialize) -> Result<Vec<GlobMatcher>, Complaint> {
    let complaint = |error: &dyn fmt::Display| {
        Complaint::new(format!("this glob cannot be used: {error}"), "a glob such as \"src/**\"", "mend the glob")
    };
    let written = serde_json::to_value(globs).map_err(|error| complaint(&error))?;
    let mut matchers = Vec::new();
    for glob in written.as_array().into_iter().flatten() {
        let source = glob.as_str().or_else(|| glob.get("glob")?.as_str()).unwrap_or_default();
        let any_case = glob.get("caseInsensitive").and_then(serde_json::Value::as_bool).unwrap_or(false);
        let built = GlobBuilder::new(source).case_insensitive(any_case).build().map_err(|error| complaint(&error))?;
        matchers.push(built.compile_matcher());
    }
    Ok(matchers)
}

fn rule_complaint(error: &RuleConfigError) -> Complaint {
    let mut message = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        message.push_str(": ");
        message.push_str(&inner.to_string());
        cause = inner.source();
    }
    let help = "https://ast-grep.github.io/reference/yaml.html says what can be written";
    Complaint::new(
        format!("this structural rule cannot be used: {}", one_line(&message)),
        "a rule as ast-grep reads it",
        help,
    )
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn yaml_fault(file: &Arc<RuleFile>, message: &str, place: Option<(u64, u64)>) -> RuleFault {
    let offset = place.map_or(0, |(line, column)| offset_of(&file.text, line, column));
    let help = "https://ast-grep.github.io/reference/yaml.html says what can be written";
    let message = format!("this YAML cannot be read: {}", one_line(message));
    RuleFault::at(file, offset..offset, Complaint::new(message, "rules as ast-grep reads them", help))
}

/// The byte offset of a line and a column in characters, both from 1.
fn offset_of(text: &str, line: u64, column: u64) -> usize {
    let (line, column) = (usize::try_from(line).unwrap_or(1), usize::try_from(column).unwrap_or(1));
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default();
    start + rest.chars().take(column.saturating_sub(1)).map(char::len_utf8).sum::<usize>()
}

/// The line that gives a rule its id; the file's beginning when that is written in an unusual way.
fn place_of(file: &RuleFile, id: &str) -> Range<usize> {
    let mut start = 0;
    for line in file.text.split_inclusive('\n') {
        let value = line.strip_prefix("id:").map(|value| value.trim().trim_matches(['"', '\'']));
        if value == Some(id) {
            return start..start + line.trim_end().len();
        }
        start += line.len();
    }
    0..0
}

/// Reads the examples of a file.
pub(super) fn read_examples(file: &Arc<RuleFile>) -> (Vec<StructuralExamples>, Vec<RuleFault>) {
    match from_multiple::<StructuralExamples>(&file.text) {
        Ok(mut rows) => {
            for row in &mut rows {
                row.file.clone_from(&file.name);
            }
            (rows, Vec::new())
        }
        Err(error) => {
            let place = error.location().map(|place| (place.line(), place.column()));
            (Vec::new(), vec![yaml_fault(file, &error.without_snippet().to_string(), place)])
        }
    }
}
