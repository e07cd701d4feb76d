//! What is not a secret although a rule matches it: allowlists of a rule and of the whole file.

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use toml::Spanned;

use super::expression::Expression;
use crate::policy::fault::Complaint;
use crate::policy::reader::{Document, Section};

/// What the regexes of an allowlist are held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RegexTarget {
    /// The secret, which is a group of the match.
    #[default]
    Secret,
    /// All that the rule matched.
    Match,
    /// The whole lines of the match.
    Line,
}

/// A match as allowlists look at it.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'c> {
    /// The file's path.
    pub path: &'c str,
    /// The commit, where one is known.
    pub commit: Option<&'c str>,
    /// The secret alone.
    pub secret: &'c [u8],
    /// All that the rule matched.
    pub matched: &'c [u8],
    /// The lines that it is on.
    pub line: &'c [u8],
}

/// One allowlist (<https://github.com/gitleaks/gitleaks#configuration>).
#[derive(Debug, Clone)]
pub struct Allowlist {
    all_must_hold: bool,
    commits: Vec<String>,
    paths: Vec<Expression>,
    target: RegexTarget,
    regexes: Vec<Expression>,
    stopwords: Vec<String>,
    stopword_search: OnceLock<Option<AhoCorasick>>,
}

impl Allowlist {
    /// Whether a file or commit as a whole is allowed, before its content is looked at.
    #[must_use]
    pub fn allows_file(&self, path: &str, commit: Option<&str>) -> bool {
        let (by_commit, by_path) = (self.has_commit(commit), self.has_path(path));
        if !self.all_must_hold {
            return by_commit || by_path;
        }
        self.regexes.is_empty()
            && self.stopwords.is_empty()
            && (self.commits.is_empty() || by_commit)
            && (self.paths.is_empty() || by_path)
    }

    /// Whether a match is allowed.
    #[must_use]
    pub fn allows(&self, candidate: &Candidate<'_>) -> bool {
        let target = match self.target {
            RegexTarget::Secret => candidate.secret,
            RegexTarget::Match => candidate.matched,
            RegexTarget::Line => candidate.line,
        };
        let by_regex = || self.regexes.iter().any(|regex| regex.is_match(target));
        let by_stopword = || self.has_stopword(candidate.secret);
        if !self.all_must_hold {
            return by_regex() || by_stopword();
        }
        (self.commits.is_empty() || self.has_commit(candidate.commit))
            && (self.paths.is_empty() || self.has_path(candidate.path))
            && (self.regexes.is_empty() || by_regex())
            && (self.stopwords.is_empty() || by_stopword())
    }

    fn has_commit(&self, commit: Option<&str>) -> bool {
        commit.is_some_and(|commit| self.commits.iter().any(|allowed| allowed.eq_ignore_ascii_case(commit)))
    }

    fn has_path(&self, path: &str) -> bool {
        !path.is_empty() && self.paths.iter().any(|regex| regex.is_match(path.as_bytes()))
    }

    fn has_stopword(&self, secret: &[u8]) -> bool {
        if self.stopwords.is_empty() {
            return false;
        }
        let build = || AhoCorasick::builder().ascii_case_insensitive(true).build(&self.stopwords).ok();
        self.stopword_search.get_or_init(build).as_ref().is_some_and(|search| search.is_match(secret))
    }
}

/// An allowlist and the rules that it is for; none are all rules.
#[derive(Debug)]
pub(super) struct ReadAllowlist {
    pub(super) allowlist: Allowlist,
    pub(super) target_rules: Vec<Spanned<String>>,
}

/// The allowlists of a table: `[[allowlists]]`, or the one `[allowlist]` of older files. `targeted` says whether they
/// may name rules.
pub(super) fn read_allowlists(section: &mut Section<'_>, targeted: bool) -> Vec<ReadAllowlist> {
    let both = section.has_any(&["allowlist"]) && section.has_any(&["allowlists"]);
    // Some older files write the one as a list.
    let old = if section.is_list("allowlist") {
        section.tables("allowlist")
    } else {
        section.table("allowlist").into_iter().collect()
    };
    if both {
        section.fault(Complaint::new(
            "`allowlist` and `allowlists` are both here",
            "one of them",
            "write all as `[[allowlists]]`, which is the newer form",
        ));
    }
    let all = section.tables("allowlists").into_iter().chain(old);
    all.filter_map(|section| read_allowlist(section, targeted)).collect()
}

fn read_allowlist(mut section: Section<'_>, targeted: bool) -> Option<ReadAllowlist> {
    section.text("description");
    let target_rules = if targeted { owned(section.texts("targetRules")) } else { Vec::new() };
    let all_must_hold = read_condition(&mut section);
    let target = read_target(&mut section);
    let commits: Vec<String> = owned(section.texts("commits")).into_iter().map(Spanned::into_inner).collect();
    let (paths, regexes) = (read_expressions(&mut section, "paths"), read_expressions(&mut section, "regexes"));
    let stopwords: Vec<String> = owned(section.texts("stopwords")).into_iter().map(Spanned::into_inner).collect();
    let says_something = section.has_any(&["commits", "paths", "regexes", "stopwords"]);
    if !says_something {
        section.fault(Complaint::new(
            "this allowlist allows nothing",
            "at least one of `commits`, `paths`, `regexes` and `stopwords`",
            "say what it allows, or remove it",
        ));
    }
    section.finish();
    let allowlist = Allowlist {
        all_must_hold,
        commits,
        paths: paths?,
        target,
        regexes: regexes?,
        stopwords,
        stopword_search: OnceLock::new(),
    };
    // An allowlist of empty lists would, with the condition AND, allow everything.
    let empty = allowlist.commits.is_empty()
        && allowlist.paths.is_empty()
        && allowlist.regexes.is_empty()
        && allowlist.stopwords.is_empty();
    (says_something && !empty).then_some(ReadAllowlist { allowlist, target_rules })
}

fn owned(texts: Option<Vec<Spanned<&str>>>) -> Vec<Spanned<String>> {
    let own = |text: Spanned<&str>| Spanned::new(text.span(), (*text.get_ref()).to_owned());
    texts.unwrap_or_default().into_iter().map(own).collect()
}

fn read_condition(section: &mut Section<'_>) -> bool {
    let Some(text) = section.text("condition") else { return false };
    match text.get_ref().to_ascii_uppercase().as_str() {
        "AND" | "&&" => true,
        "" | "OR" | "||" => false,
        _ => {
            let message = format!("{:?} is not a condition", text.get_ref());
            let complaint = Complaint::new(message, "\"AND\" or \"OR\"", "write \"AND\" when all of it must hold");
            section.document.fault(text.span(), complaint);
            false
        }
    }
}

fn read_target(section: &mut Section<'_>) -> RegexTarget {
    let Some(text) = section.text("regexTarget") else { return RegexTarget::Secret };
    match *text.get_ref() {
        "" | "secret" => RegexTarget::Secret,
        "match" => RegexTarget::Match,
        "line" => RegexTarget::Line,
        other => {
            let message = format!("{other:?} is nothing that a regex could be held against");
            let complaint = Complaint::new(message, "\"secret\", \"match\" or \"line\"", "write one of the three");
            section.document.fault(text.span(), complaint);
            RegexTarget::Secret
        }
    }
}

fn read_expressions(section: &mut Section<'_>, key: &'static str) -> Option<Vec<Expression>> {
    let document = section.document;
    let texts = section.texts(key).unwrap_or_default();
    let count = texts.len();
    let good: Vec<Expression> = texts.iter().filter_map(|text| read_expression(document, text)).collect();
    (good.len() == count).then_some(good)
}

/// A regex; one that cannot be read is a fault.
pub(super) fn read_expression(document: &Document<'_>, text: &Spanned<&str>) -> Option<Expression> {
    match Expression::new(text.get_ref()) {
        Ok(expression) => Some(expression),
        Err(message) => {
            let help = "see https://github.com/google/re2/wiki/Syntax; there is no looking ahead or behind";
            document.fault(text.span(), Complaint::new(message, "a regex in Go's syntax", help));
            None
        }
    }
}
