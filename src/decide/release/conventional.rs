//! What a title or a commit message says of the change, by the rules of <https://www.conventionalcommits.org/en/v1.0.0/>.

/// How much a change changes for those who use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// Something is put right.
    Patch,
    /// Something is new.
    Minor,
    /// Something does not work as before.
    Breaking,
}

/// A title, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Headline<'t> {
    /// `type(scope)!: subject`.
    Conventional {
        /// The type, in small letters.
        kind: String,
        /// It carries a `!`.
        breaking: bool,
        /// What stands behind the colon.
        subject: &'t str,
    },
    /// `Revert "title"` or `revert: title`: that title's change is taken back.
    Revert(&'t str),
    /// A revert that is itself taken back: that title's change is there again.
    Reapply(&'t str),
    /// Anything else.
    Plain(&'t str),
}

/// Takes a title apart. A bullet before it, as in the text of a squashed commit, does not count.
pub(super) fn headline(title: &str) -> Headline<'_> {
    let title = unbulleted(title.trim());
    if let Some(of) = quoted(title, "revert ") {
        return match quoted(of, "revert ") {
            Some(inner) => headline_of_reapplied(inner),
            None => Headline::Revert(of),
        };
    }
    if let Some(of) = quoted(title, "reapply ") {
        return headline_of_reapplied(of);
    }
    let first_line = title.lines().next().unwrap_or_default();
    let Ok(commit) = git_conventional::Commit::parse(first_line) else { return Headline::Plain(title) };
    let kind = commit.type_().as_str().to_lowercase();
    let subject = commit.description();
    if kind == "revert" {
        Headline::Revert(subject)
    } else {
        Headline::Conventional { kind, breaking: commit.breaking(), subject }
    }
}

/// What is put back may be a revert as well, and so on.
fn headline_of_reapplied(inner: &str) -> Headline<'_> {
    match headline(inner) {
        Headline::Revert(of) => Headline::Revert(of),
        Headline::Reapply(of) => Headline::Reapply(of),
        Headline::Conventional { .. } | Headline::Plain(_) => Headline::Reapply(inner),
    }
}

/// The title of what a revert takes back; `None` where it is no revert. Git titles the revert of a revert `Reapply "…"`.
pub(super) fn taken_back(title: &str) -> Option<String> {
    let title = unbulleted(title.trim());
    if let Some(of) = quoted(title, "reapply ") {
        return Some(format!("Revert \"{of}\""));
    }
    if let Some(of) = quoted(title, "revert ") {
        return Some(of.to_owned());
    }
    match headline(title) {
        Headline::Revert(of) => Some(of.to_owned()),
        Headline::Conventional { .. } | Headline::Reapply(_) | Headline::Plain(_) => None,
    }
}

/// What stands in the quotes of `word "…"`, which is how git and GitHub title reverts.
fn quoted<'t>(title: &'t str, word: &str) -> Option<&'t str> {
    let start = title.get(..word.len())?;
    let rest = title.get(word.len()..)?;
    if !start.eq_ignore_ascii_case(word) {
        return None;
    }
    let inner = without_number(rest).strip_prefix('"')?;
    Some(inner.strip_suffix('"').unwrap_or(inner))
}

/// A title without the ` (#12)` that GitHub appends when it squashes.
pub(super) fn without_number(title: &str) -> &str {
    let title = title.trim_end();
    let Some((before, number)) = title.strip_suffix(')').and_then(|open| open.rsplit_once(" (#")) else { return title };
    if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) { before.trim_end() } else { title }
}

fn unbulleted(line: &str) -> &str {
    line.strip_prefix("* ").map_or(line, str::trim_start)
}

/// What a title says; `None` where it says nothing about it.
pub(super) fn weight(title: &str) -> Option<Weight> {
    match headline(title) {
        Headline::Conventional { breaking: true, .. } => Some(Weight::Breaking),
        Headline::Conventional { kind, .. } => match kind.as_str() {
            "feat" => Some(Weight::Minor),
            "fix" | "perf" => Some(Weight::Patch),
            _ => None,
        },
        Headline::Revert(_) => Some(Weight::Patch),
        Headline::Reapply(of) => weight(of),
        Headline::Plain(_) => None,
    }
}

/// Whether a title is conventional at all, whatever its type.
pub(super) fn is_conventional(title: &str) -> bool {
    match headline(title) {
        Headline::Conventional { kind, breaking, .. } => breaking || is_known(&kind),
        Headline::Revert(_) | Headline::Reapply(_) => true,
        Headline::Plain(_) => false,
    }
}

/// The types that people use (<https://github.com/conventional-changelog/commitlint>); others may be no types at all,
/// as in `Note: …`.
pub(super) fn is_known(kind: &str) -> bool {
    const KNOWN: [&str; 11] =
        ["build", "chore", "ci", "docs", "feat", "fix", "perf", "refactor", "revert", "style", "test"];
    KNOWN.contains(&kind)
}

/// What a whole commit message says: the most of its title, of the titles that a squash keeps as bullets, and of a
/// footer that tells of a breaking change.
pub(super) fn message_weight(message: &str) -> Option<Weight> {
    if marks_breaking(message) {
        return Some(Weight::Breaking);
    }
    let mut lines = message.lines();
    let title = lines.next().unwrap_or_default();
    let bullets = lines.filter(|line| line.starts_with("* ")).filter_map(weight);
    weight(title).into_iter().chain(bullets).max()
}

/// Whether a line after the title tells of a breaking change, with a blank line before it or without.
pub(super) fn marks_breaking(message: &str) -> bool {
    let mark = |line: &str| line.starts_with("BREAKING CHANGE:") || line.starts_with("BREAKING-CHANGE:");
    message.lines().skip(1).any(|line| mark(unbulleted(line.trim())))
}
