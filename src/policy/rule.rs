//! One routing rule: its matchers and what it says of an issue that it matches.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use toml::Spanned;

use super::fault::Complaint;
use super::pattern::{Pattern, Wildcard};
use super::reader::{Document, Section, nearest};
use super::routing::RouteInput;
use crate::model::{LabelFamily, LabelName, Level, RoleName, TaskType};

/// GitHub refuses longer label names with 422.
const LABEL_CHARS: usize = 50;

/// A routing rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its name, unique within the rules of the server and within those of a repository.
    pub name: String,
    /// What the title pattern is called for people, such as `deploy%`.
    pub like: Option<String>,
    /// Searched in the title.
    pub title: Option<Pattern>,
    /// Searched in the text.
    pub body: Option<Pattern>,
    /// Each must match one of the labels.
    pub labels: Vec<Wildcard>,
    /// Matches the login of whoever opened the issue.
    pub author: Option<Wildcard>,
    /// Matches `owner/name`.
    pub repo: Option<Wildcard>,
    /// What kind of task it makes of an issue.
    pub task_type: TaskType,
    /// Who could do it.
    pub role: Option<RoleName>,
    /// Higher wins.
    pub priority: i64,
    /// The priority label, where the number is not to decide it.
    pub urgency: Option<Level>,
    /// How dangerous.
    pub risk: Option<Level>,
    /// Labels on top.
    pub add_labels: Vec<LabelName>,
    /// The file it stands in.
    pub file: String,
    /// The line it begins on, from 1.
    pub line: usize,
}

impl Rule {
    /// Whether all of its matchers match: the answer that every faster way must give as well.
    #[must_use]
    pub fn matches(&self, input: &RouteInput<'_>) -> bool {
        let has_label = |glob: &Wildcard| input.labels.iter().any(|label| glob.is_match(label.as_str()));
        self.author.as_ref().is_none_or(|glob| input.author.is_some_and(|author| glob.is_match(author.as_str())))
            && self
                .repo
                .as_ref()
                .is_none_or(|glob| input.repository.is_some_and(|repo| glob.is_match(&repo.to_string())))
            && self.labels.iter().all(has_label)
            && self.title.as_ref().is_none_or(|pattern| pattern.regex().is_match(input.title))
            && self.body.as_ref().is_none_or(|pattern| pattern.regex().is_match(input.body))
    }

    /// What people are shown as the thing that matched: the `like` alias, else the regex, else the first glob.
    #[must_use]
    pub fn shown_pattern(&self) -> &str {
        let regex = || self.title.as_ref().or(self.body.as_ref()).map(Pattern::source);
        let glob = || self.labels.first().or(self.author.as_ref()).or(self.repo.as_ref()).map(Wildcard::source);
        self.like.as_deref().or_else(regex).or_else(glob).unwrap_or_default()
    }

    /// How many characters the matches of its pattern are bound to begin with: the longer one wins a tie.
    #[must_use]
    pub fn prefix_chars(&self) -> usize {
        let of = |pattern: &Option<Pattern>| pattern.as_ref().map_or(0, Pattern::prefix_chars);
        of(&self.title).max(of(&self.body))
    }

    /// Where it is written, as `rules/routing.toml:12`.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

/// What rules are checked against while they are read.
#[derive(Debug, Default)]
pub(super) struct RuleChecks {
    /// The roles that exist; `None` when that is not known.
    pub(super) roles: Option<BTreeSet<RoleName>>,
    /// Where each name was used first.
    pub(super) names: HashMap<String, String>,
}

/// Reads the `[[rule]]` tables of a file. Faults are noted; with any, the rules are not to be used.
pub(super) fn read_rules(top: &mut Section<'_>, checks: &mut RuleChecks) -> Vec<Rule> {
    top.tables("rule").into_iter().map(|section| read_rule(section, checks)).collect()
}

fn read_rule(mut section: Section<'_>, checks: &mut RuleChecks) -> Rule {
    let name = section.required_text("name", "\"deploy\"");
    let like = section.text("like");
    let title = section.text("title");
    let body = section.text("body");
    let labels = section.texts("labels");
    let author = section.text("author");
    let repo = section.text("repo");
    let task_type = section.required_text("type", "\"deployment\"");
    let role = section.text("role");
    let priority = section.required_integer("priority", "50");
    let urgency = section.level("urgency");
    let risk = section.level("risk");
    let add_labels = section.texts("add_labels").unwrap_or_default();

    let document = section.document;
    if !section.has_any(&["title", "body", "labels", "author", "repo"]) {
        let complaint = Complaint::new(
            "this rule has no matcher, so it would match every issue",
            "one of `title`, `body`, `labels`, `author`, `repo`",
            "add a line such as `title = '^deploy'`",
        );
        section.fault(complaint);
    }
    check_name(document, name.as_ref(), checks);
    check_like(document, like.as_ref(), title.is_some());
    check_role(document, role.as_ref(), checks.roles.as_ref());
    let first_line = section.line();
    section.finish();
    // Everything is looked at before anything is given up, so that one look finds all faults.
    let name = name.map(|name| name.into_inner().to_owned());
    let task_type = task_type.and_then(|text| read_type(document, &text));
    // A file with any fault is refused as a whole, so what stands in for a missing value is never used.
    Rule {
        name: name.unwrap_or_default(),
        like: like.map(|like| like.into_inner().to_owned()),
        title: title.and_then(|text| read_pattern(document, &text)),
        body: body.and_then(|text| read_pattern(document, &text)),
        labels: labels.unwrap_or_default().iter().filter_map(|text| read_glob(document, text)).collect(),
        author: author.and_then(|text| read_glob(document, &text)),
        repo: repo.and_then(|text| read_glob(document, &text)),
        task_type: task_type.unwrap_or_else(|| TaskType::new("triage")),
        role: role.map(|role| RoleName::new(role.into_inner())),
        priority: priority.unwrap_or_default(),
        urgency,
        risk,
        add_labels: add_labels.iter().filter_map(|text| read_label(document, text)).collect(),
        file: document.file.name.clone(),
        line: first_line,
    }
}

fn check_name(document: &Document<'_>, name: Option<&Spanned<&str>>, checks: &mut RuleChecks) {
    let Some(name) = name else { return };
    let line = document.file.position(name.span().start).0;
    let place = format!("{}:{line}", document.file.name);
    if let Some(first) = checks.names.get(*name.get_ref()) {
        let message = format!("another rule is called `{}` already, at {first}", name.get_ref());
        document.fault(name.span(), Complaint::new(message, "a name of its own", "rename one of the two"));
    } else {
        checks.names.insert((*name.get_ref()).to_owned(), place);
    }
}

fn check_like(document: &Document<'_>, like: Option<&Spanned<&str>>, has_title: bool) {
    let Some(like) = like else { return };
    if !has_title {
        let start = like.get_ref().trim_end_matches('%');
        let help = format!("add `title = '^{}'`: `like` only says how that is called for people", regex::escape(start));
        document
            .fault(like.span(), Complaint::new("`like` without `title` matches nothing", "`title` beside it", help));
    }
}

fn check_role(document: &Document<'_>, role: Option<&Spanned<&str>>, roles: Option<&BTreeSet<RoleName>>) {
    if let (Some(role), Some(roles)) = (role, roles) {
        check_known_role(document, role, roles);
    }
}

/// Notes a fault when a role is not in the roster.
pub(super) fn check_known_role(document: &Document<'_>, role: &Spanned<&str>, roles: &BTreeSet<RoleName>) {
    if roles.contains(&RoleName::new(*role.get_ref())) {
        return;
    }
    let names: Vec<&str> = roles.iter().map(RoleName::as_str).collect();
    let help = match nearest(role.get_ref(), &names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "add a `[[role]]` of that name to workers.toml, or name one that is there".to_owned(),
    };
    let expected =
        if names.is_empty() { "a role; there are none yet".to_owned() } else { format!("one of {}", names.join(", ")) };
    document.fault(role.span(), Complaint::new(format!("there is no role `{}`", role.get_ref()), expected, help));
}

/// Compiles a regex; one that cannot be used is a fault at its place.
pub(super) fn read_pattern(document: &Document<'_>, text: &Spanned<&str>) -> Option<Pattern> {
    if document.is_hopeless() {
        return None;
    }
    if text.get_ref().is_empty() {
        let help = "write a regex such as '^deploy', or '.*' if really everything is meant";
        document.fault(text.span(), Complaint::new("this pattern is empty", "a regex", help));
        return None;
    }
    match Pattern::new(text.get_ref()) {
        Ok(pattern) => Some(pattern),
        Err(fault) => {
            let span = fault.span.and_then(|span| within(document, text, span)).unwrap_or_else(|| text.span());
            let help = "mend the pattern; https://docs.rs/regex/latest/regex/#syntax says what can be written";
            let message = format!("this regex cannot be used: {}", fault.message);
            document.fault(span, Complaint::new(message, "a regex as Rust understands it", help));
            None
        }
    }
}

/// The place in the file of a place within a text, unless escapes have shifted it.
pub(super) fn within(document: &Document<'_>, text: &Spanned<&str>, part: Range<usize>) -> Option<Range<usize>> {
    let written = document.file.text.get(text.span())?;
    let quotes = if written.starts_with("'''") || written.starts_with("\"\"\"") { 3 } else { 1 };
    let inner = written.get(quotes..)?;
    let newline = usize::from(quotes == 3 && inner.starts_with('\n'));
    let start = text.span().start + quotes + newline;
    inner.get(newline..)?.starts_with(text.get_ref()).then(|| start + part.start..start + part.end)
}

/// Compiles a glob; one that cannot be used is a fault.
pub(super) fn read_glob(document: &Document<'_>, text: &Spanned<&str>) -> Option<Wildcard> {
    let fault = match Wildcard::new(text.get_ref()) {
        Ok(_) if text.get_ref().is_empty() => "it is empty".to_owned(),
        Ok(glob) => return Some(glob),
        Err(fault) => fault,
    };
    let help = "`*` stands for any text, `?` for a character, `{a,b}` for either; a backslash takes a sign as it is";
    document.fault(
        text.span(),
        Complaint::new(format!("this glob cannot be used: {fault}"), "a glob such as \"area/*\"", help),
    );
    None
}

fn read_type(document: &Document<'_>, text: &Spanned<&str>) -> Option<TaskType> {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    let fits = LabelFamily::Type.prefix().len() + text.get_ref().len() <= LABEL_CHARS;
    if text.get_ref().chars().all(good) && fits {
        return Some(TaskType::new(*text.get_ref()));
    }
    let message = format!("{:?} cannot be a type, which becomes the label `type/…`", text.get_ref());
    let expected = "at most 45 small letters, digits, `_` and `-`";
    document.fault(text.span(), Complaint::new(message, expected, "write a word such as \"deployment\""));
    None
}

fn read_label(document: &Document<'_>, text: &Spanned<&str>) -> Option<LabelName> {
    let label = LabelName::new(*text.get_ref());
    let ours = LabelFamily::ALL.into_iter().find(|family| text.get_ref().starts_with(family.prefix()));
    let complaint = match ours {
        Some(family) => Complaint::new(
            format!("labels of the family `{}*` are set by Stationmaster itself", family.prefix()),
            "a label outside status/, type/, priority/, risk/, role/ and worker/",
            "use `type`, `role`, `urgency` or `risk` of the rule instead",
        ),
        None if text.get_ref().trim().is_empty() || text.get_ref().chars().count() > LABEL_CHARS => Complaint::new(
            "GitHub does not take this as the name of a label",
            format!("between 1 and {LABEL_CHARS} characters"),
            "shorten the name",
        ),
        None => return Some(label),
    };
    document.fault(text.span(), complaint);
    None
}
