//! The rules of the code review: `review.toml`, structural rules in ast-grep's format, and what a repository says of them.

mod line_rule;
mod settings;
mod source;
mod structural;

use std::path::Path;
use std::sync::{Arc, OnceLock};

pub use line_rule::{ForbiddenFile, LineRule, Paths};
pub use settings::ReviewSettings;
pub(super) use settings::read_review;
pub use source::ReviewSource;
pub use structural::{StructuralExamples, StructuralMatch, StructuralRule, SyntaxTree, language_of};

use super::fault::{Complaint, Faults, RuleFault, RuleFile};
use super::reader::read;
use super::rules::RulesPlace;
use crate::model::{ChangeKind, FileChange};
use settings::Limits;

/// The compiled rules of the review. Compiling takes a while, so it is done on first use, see [`ReviewRulesOnce`].
#[derive(Debug, Clone)]
pub struct ReviewRules {
    /// Regexes on added lines.
    pub lines: Vec<Arc<LineRule>>,
    /// Files that must not come in.
    pub forbidden: Vec<Arc<ForbiddenFile>>,
    /// Rules on the syntax of whole files.
    pub structural: Vec<Arc<StructuralRule>>,
    /// What structural rules are expected to find.
    pub examples: Vec<StructuralExamples>,
    limits: Limits,
}

impl ReviewRules {
    /// Compiles rules; every fault is named by file, line and column.
    pub fn compile(source: ReviewSource) -> Result<Self, Faults> {
        let file = Arc::new(source.review);
        let (parsed, mut faults) = read(&file, settings::read_server);
        let mut structural = Vec::new();
        for file in source.structural {
            let (rules, more) = structural::read_rules(&Arc::new(file));
            structural.extend(rules.into_iter().map(Arc::new));
            faults.extend(more);
        }
        let mut examples = Vec::new();
        for file in source.examples {
            let (rows, more) = structural::read_examples(&Arc::new(file));
            examples.extend(rows);
            faults.extend(more);
        }
        faults.extend(repeated_ids(&structural));
        Faults::none_or(faults, || {
            parsed.map(|server| Self {
                lines: server.lines,
                forbidden: server.forbidden,
                structural,
                examples,
                limits: server.limits,
            })
        })
    }

    /// These rules and those of a repository: `files` are the texts of its `.github/stationmaster/rules/*.yml`.
    pub fn with_repository(&self, files: Vec<RuleFile>) -> Result<Self, Faults> {
        let mut joined = self.clone();
        let mut faults = Vec::new();
        for file in files {
            let (rules, more) = structural::read_rules(&Arc::new(file));
            joined.structural.extend(rules.into_iter().map(Arc::new));
            faults.extend(more);
        }
        faults.extend(repeated_ids(&joined.structural));
        Faults::none_or(faults, || Some(joined))
    }

    /// Reads a file of structural rules for its faults alone.
    pub fn check_structural(file: RuleFile) -> Result<(), Faults> {
        let (_, faults) = structural::read_rules(&Arc::new(file));
        Faults::none_or(faults, || Some(()))
    }

    /// Whether the whole content must be read to review this change. That of a new file is in its patch already.
    #[must_use]
    pub fn wants_content(&self, change: &FileChange) -> bool {
        match change.kind {
            ChangeKind::Removed | ChangeKind::ModeChanged => return false,
            ChangeKind::Added | ChangeKind::Modified | ChangeKind::Renamed | ChangeKind::Copied => {}
        }
        if change.lacks_patch() {
            return true;
        }
        change.kind != ChangeKind::Added && change.additions > 0 && self.has_structural_for(&change.path)
    }

    fn has_structural_for(&self, path: &str) -> bool {
        language_of(path)
            .is_some_and(|language| self.structural.iter().any(|rule| rule.language() == language && rule.covers(path)))
    }

    /// The most lines of a file that pass without a word.
    #[must_use]
    pub fn max_file_lines(&self, settings: &ReviewSettings) -> u64 {
        settings.limits.file_lines.or(self.limits.file_lines).unwrap_or(u64::MAX)
    }

    /// The most bytes of a file that may come in.
    #[must_use]
    pub fn max_file_bytes(&self, settings: &ReviewSettings) -> u64 {
        settings.limits.file_bytes.or(self.limits.file_bytes).unwrap_or(u64::MAX)
    }

    /// The most lines that a pull may add and take out without a word.
    #[must_use]
    pub fn max_pull_lines(&self, settings: &ReviewSettings) -> u64 {
        settings.limits.pull_lines.or(self.limits.pull_lines).unwrap_or(u64::MAX)
    }

    /// The most files that a pull may change without a word.
    #[must_use]
    pub fn max_pull_files(&self, settings: &ReviewSettings) -> u64 {
        settings.limits.pull_files.or(self.limits.pull_files).unwrap_or(u64::MAX)
    }
}

/// One id may be used once per language: the same rule is written once for JavaScript and once for TypeScript.
fn repeated_ids(rules: &[Arc<StructuralRule>]) -> Vec<RuleFault> {
    let mut faults = Vec::new();
    for (index, rule) in rules.iter().enumerate() {
        let twin = rules.iter().take(index).find(|one| one.id == rule.id && one.language() == rule.language());
        if let Some(first) = twin {
            let message =
                format!("another rule for this language is called `{}` already, in {}", rule.id, first.file.name);
            let complaint = Complaint::new(message, "an id of its own", "rename one of the two");
            faults.push(rule.fault(complaint));
        }
    }
    faults
}

/// Review rules that are compiled when they are asked for first.
#[derive(Debug)]
pub struct ReviewRulesOnce {
    place: RulesPlace,
    compiled: OnceLock<Result<Arc<ReviewRules>, Faults>>,
}

impl ReviewRulesOnce {
    /// Rules of a place; nothing is read yet.
    #[must_use]
    pub const fn new(place: RulesPlace) -> Self {
        Self { place, compiled: OnceLock::new() }
    }

    /// The rules, read and compiled by the first call, which takes some tens of milliseconds.
    pub fn get(&self) -> Result<Arc<ReviewRules>, Faults> {
        self.compiled
            .get_or_init(|| {
                let source = match &self.place {
                    RulesPlace::Folder(folder) => ReviewSource::load(Path::new(folder))?,
                    RulesPlace::Builtin => ReviewSource::builtin(),
                };
                ReviewRules::compile(source).map(Arc::new)
            })
            .clone()
    }
}
