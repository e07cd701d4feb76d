//! Finds secrets in files and in the lines that a change adds, as gitleaks would by the same rules.

mod added;
mod entropy;
mod leak;
mod lines;
mod matching;

pub use leak::Leak;

use crate::model::{ChangeKind, FileChange};
use crate::policy::{IgnoredLeaks, Required, SecretRule, SecretRules};
use lines::Lines;
use matching::{Scanned, Spot};

/// How a scan is done.
#[derive(Debug, Clone, Copy)]
pub struct ScanOptions<'o> {
    /// Whether `gitleaks:allow` on a secret's line makes it none, as gitleaks has it.
    pub honour_allow_comments: bool,
    /// The commit that the text is of, for allowlists and ignored leaks that name one.
    pub commit: Option<&'o str>,
    /// Leaks that somebody has looked at.
    pub ignored: Option<&'o IgnoredLeaks>,
}

impl Default for ScanOptions<'_> {
    fn default() -> Self {
        Self { honour_allow_comments: true, commit: None, ignored: None }
    }
}

/// The secrets of a whole file, in the order of its lines.
#[must_use]
pub fn scan_text(rules: &SecretRules, path: &str, text: &[u8], options: ScanOptions<'_>) -> Vec<Leak> {
    if is_allowed_file(rules, path, options) {
        return Vec::new();
    }
    let mut leaks = path_leaks(rules, path, options);
    leaks.extend(content_leaks((rules, path, text), options, (1, &|_| true)));
    leaks
}

/// The secrets that a change brings in: those of which a line is added. What it removes is none, and of what it leaves
/// as it was the path alone counts, where it is new. A change that lacks its patch has to be scanned by its content.
#[must_use]
pub fn scan_added(rules: &SecretRules, change: &FileChange, options: ScanOptions<'_>) -> Vec<Leak> {
    let gone = matches!(change.kind, ChangeKind::Removed | ChangeKind::ModeChanged);
    if gone || is_allowed_file(rules, &change.path, options) {
        return Vec::new();
    }
    let mut leaks = path_leaks(rules, &change.path, options);
    for hunk in added::hunks(change) {
        let text = (rules, change.path.as_str(), hunk.text.as_bytes());
        let lines = Lines::of(hunk.text.as_bytes());
        let wanted = |spot: &Spot| {
            let last = spot.secret.end.saturating_sub(1).max(spot.secret.start);
            hunk.adds(lines.position(spot.secret.start).0..=lines.position(last).0)
        };
        leaks.extend(content_leaks(text, options, (hunk.first_line, &wanted)));
    }
    leaks
}

/// gitleaks' own file holds what looks like secrets to it.
fn is_allowed_file(rules: &SecretRules, path: &str, options: ScanOptions<'_>) -> bool {
    path == ".gitleaks.toml" || rules.allowlists().iter().any(|allowlist| allowlist.allows_file(path, options.commit))
}

/// Whether a rule is for a file at all.
fn is_for(rule: &SecretRule, path: &str, options: ScanOptions<'_>) -> bool {
    rule.path.as_ref().is_none_or(|pattern| pattern.is_match(path.as_bytes()))
        && !rule.allowlists.iter().any(|allowlist| allowlist.allows_file(path, options.commit))
}

fn is_ignored(fingerprint: &str, options: ScanOptions<'_>) -> bool {
    options.ignored.is_some_and(|ignored| ignored.has(fingerprint, options.commit))
}

/// What the path alone says.
fn path_leaks(rules: &SecretRules, path: &str, options: ScanOptions<'_>) -> Vec<Leak> {
    let about_paths = rules.rules().iter().filter(|rule| rule.expression.is_none() && !rule.skip_report);
    let matching = about_paths.filter(|rule| rule.path.is_some() && is_for(rule, path, options));
    let leak = |rule: &SecretRule| Leak {
        rule: rule.id.clone(),
        description: rule.description.clone(),
        path: path.to_owned(),
        line: 1,
        end_line: 1,
        column: 1,
        fingerprint: format!("{path}:{}:0", rule.id),
        entropy: 0.0,
    };
    matching.map(leak).filter(|leak| !is_ignored(&leak.fingerprint, options)).collect()
}

/// What the content says. `part` is the number of the text's first line, and which secrets count.
fn content_leaks(
    (rules, path, text): (&SecretRules, &str, &[u8]),
    options: ScanOptions<'_>,
    (first_line, wanted): (u32, &dyn Fn(&Spot) -> bool),
) -> Vec<Leak> {
    let scanned = Scanned { rules, path, text, lines: Lines::of(text), pass: rules.pass(text), options };
    let mut spots = Vec::new();
    for (index, rule) in rules.rules().iter().enumerate() {
        if rule.skip_report || !scanned.pass.has_keyword(index) || !is_for(rule, path, options) {
            continue;
        }
        let found = scanned.spots(index, rule);
        let near = near_required(&scanned, rule, found);
        spots.extend(near.into_iter().filter(|spot| wanted(spot)));
    }
    spots.sort_by_key(|spot| (spot.line, spot.column, spot.rule));
    let better = without_generic(&scanned, &spots);
    let leak = |spot: Spot| {
        let rule = &rules.rules()[spot.rule];
        let line = spot.line.saturating_add(first_line).saturating_sub(1);
        Leak {
            rule: rule.id.clone(),
            description: rule.description.clone(),
            path: path.to_owned(),
            line,
            end_line: spot.end_line.saturating_add(first_line).saturating_sub(1),
            column: spot.column,
            fingerprint: format!("{path}:{}:{line}", rule.id),
            entropy: spot.entropy,
        }
    };
    better.into_iter().map(leak).filter(|leak| !is_ignored(&leak.fingerprint, options)).collect()
}

/// Those near which every rule that this one requires has found something.
fn near_required(scanned: &Scanned<'_>, rule: &SecretRule, mut spots: Vec<Spot>) -> Vec<Spot> {
    for required in &rule.required {
        if spots.is_empty() {
            break;
        }
        let other = scanned.rules.rules().iter().enumerate().find(|(_, other)| other.id == required.rule);
        let others = other.map(|(index, other)| scanned.spots(index, other)).unwrap_or_default();
        spots.retain(|spot| others.iter().any(|other| is_near(required, spot, other)));
    }
    spots
}

fn is_near(required: &Required, one: &Spot, other: &Spot) -> bool {
    required.within_lines.is_none_or(|most| one.line.abs_diff(other.line) <= most)
        && required.within_columns.is_none_or(|most| one.column.abs_diff(other.column) <= most)
}

/// Leaves out what a generic rule found where another rule of the same line says it better, as gitleaks does.
fn without_generic(scanned: &Scanned<'_>, spots: &[Spot]) -> Vec<Spot> {
    let is_generic = |spot: &Spot| scanned.rules.rules()[spot.rule].id.to_lowercase().contains("generic");
    let says_better = |spot: &Spot, other: &Spot| {
        let (short, long) = (&spot.secret, &other.secret);
        !is_generic(other) && long.start <= short.start && short.end <= long.end
    };
    let mut kept = Vec::with_capacity(spots.len());
    for same_line in spots.chunk_by(|one, other| one.line == other.line) {
        let stays = |spot: &&Spot| !is_generic(spot) || !same_line.iter().any(|other| says_better(spot, other));
        kept.extend(same_line.iter().filter(stays).cloned());
    }
    kept
}
