//! The review of one changed file.

use super::directive::Directives;
use super::sight::{Findings, Sight};
use super::{imports, rule};
use crate::model::{ChangeKind, FileChange, Finding, Severity};
use crate::policy::{ReviewRules, ReviewSettings, StructuralRule, SyntaxTree, language_of};

/// Files above this many bytes are not parsed: syntax trees take many times the memory of the text.
pub const PARSE_LIMIT_BYTES: usize = 2 << 20;

/// A changed file, and its content in the head where [`ReviewRules::wants_content`] asked for it.
#[derive(Debug, Clone, Copy)]
pub struct FileToReview<'f> {
    /// What changed.
    pub change: &'f FileChange,
    /// The whole content in the head.
    pub content: Option<&'f [u8]>,
}

/// Everything that the rules find in one file, by line. Files are reviewed one by one, so that a pull of thousands
/// needs no more memory than its largest file.
#[must_use]
pub fn review_file(rules: &ReviewRules, settings: &ReviewSettings, file: FileToReview<'_>) -> Vec<Finding> {
    let change = file.change;
    match change.kind {
        ChangeKind::Removed | ChangeKind::ModeChanged => return Vec::new(),
        ChangeKind::Added | ChangeKind::Modified | ChangeKind::Renamed | ChangeKind::Copied => {}
    }
    if settings.ignores(&change.path) {
        return Vec::new();
    }
    let mut findings = Findings::new(settings, &change.path);
    if let Some(sight) = Sight::new(change, file.content)
        && change.additions > 0
    {
        // Directives may be in the lines around the change, so they are read first and from all of them.
        let directives = Directives::read(&sight, &mut findings);
        match_lines(rules, settings, &sight, &mut findings, &change.path);
        check_structure(rules, &sight, &mut findings, &change.path);
        findings.drop_allowed(|finding| directives.allow(&finding.rule, finding.line));
    }
    // From here on findings are about the file as a whole, which no comment in it can allow.
    check_size(rules, settings, file, &mut findings);
    check_forbidden(rules, change, &mut findings);
    findings.into_sorted()
}

/// A file that was there before is nobody's fault now.
fn check_forbidden(rules: &ReviewRules, change: &FileChange, findings: &mut Findings<'_>) {
    if change.kind == ChangeKind::Modified {
        return;
    }
    for forbidden in rules.forbidden.iter().filter(|forbidden| forbidden.paths.covers(&change.path)) {
        let was_there = change.kind == ChangeKind::Renamed
            && change.previous_path.as_ref().is_some_and(|path| forbidden.paths.covers(path));
        if !was_there {
            findings.add(&forbidden.id, forbidden.severity, (1, 1), forbidden.message.as_str());
        }
    }
}

fn check_size(rules: &ReviewRules, settings: &ReviewSettings, file: FileToReview<'_>, findings: &mut Findings<'_>) {
    let change = file.change;
    if change.additions <= change.deletions {
        return;
    }
    let most_bytes = rules.max_file_bytes(settings);
    let patch_bytes = || change.added_lines().map(|added| added.text.len() + 1).sum();
    let bytes = u64::try_from(file.content.map_or_else(patch_bytes, <[u8]>::len)).unwrap_or(u64::MAX);
    if bytes > most_bytes {
        let message = format!(
            "This file has {bytes} bytes; at most {most_bytes} may come in (`max_file_bytes`). Keep large data outside the repository, or in Git LFS."
        );
        findings.add(rule::HUGE_FILE, Severity::Block, (1, 1), message);
    }
    let most_lines = rules.max_file_lines(settings);
    let lines = file.content.map_or(u64::from(change.additions), line_count);
    if lines > most_lines {
        let message = format!(
            "This file has {lines} lines, which is more than {most_lines} (`max_file_lines`). Consider splitting it."
        );
        findings.add(rule::LARGE_FILE, Severity::Warn, (1, 1), message);
    }
}

fn line_count(content: &[u8]) -> u64 {
    let unended = usize::from(content.last().is_some_and(|last| *last != b'\n'));
    let ended = content.iter().fold(0, |count: usize, byte| count + usize::from(*byte == b'\n'));
    u64::try_from(ended + unended).unwrap_or(u64::MAX)
}

fn match_lines(
    rules: &ReviewRules,
    settings: &ReviewSettings,
    sight: &Sight<'_>,
    findings: &mut Findings<'_>,
    path: &str,
) {
    for rule in rules.lines.iter().chain(&settings.rules).filter(|rule| rule.paths.covers(path)) {
        for added in sight.added().filter(|added| rule.regex.is_match(added.text)) {
            findings.add(&rule.id, rule.severity, (added.line, added.line), rule.message.as_str());
        }
    }
}

fn check_structure(rules: &ReviewRules, sight: &Sight<'_>, findings: &mut Findings<'_>, path: &str) {
    let Some(language) = language_of(path) else { return };
    let Some(text) = sight.text.as_deref() else { return };
    let fitting: Vec<&StructuralRule> = rules
        .structural
        .iter()
        .filter(|rule| rule.language() == language && rule.covers(path))
        .map(AsRef::as_ref)
        .collect();
    if fitting.is_empty() {
        return;
    }
    let unparsed = |reason: String| format!("Structural rules did not look at this file: {reason}.");
    if text.len() > PARSE_LIMIT_BYTES {
        let reason = format!("it has {} bytes, and at most {PARSE_LIMIT_BYTES} are parsed", text.len());
        findings.add(rule::UNPARSED_FILE, Severity::Warn, (1, 1), unparsed(reason));
        return;
    }
    let tree = match SyntaxTree::try_new(text, language) {
        Ok(tree) => tree,
        Err(error) => {
            findings.add(rule::UNPARSED_FILE, Severity::Warn, (1, 1), unparsed(error));
            return;
        }
    };
    for (index, matched) in StructuralRule::find_all(&fitting, &tree) {
        if let Some(rule) = fitting.get(index)
            && sight.touches(matched.line, matched.end_line)
        {
            findings.add(&rule.id, rule.severity, (matched.line, matched.end_line), matched.message);
        }
    }
    for (line, message) in imports::ungrouped(&tree, path) {
        if sight.touches(line, line) {
            findings.add(rule::UNGROUPED_IMPORTS, Severity::Warn, (line, line), message);
        }
    }
}
