//! Rows of "this title must come to that", by which rules are tested.

use std::sync::Arc;

use toml::Spanned;

use super::fault::{Complaint, Faults, RuleFile};
use super::reader::{Section, read};
use super::routing::RouteInput;
use crate::model::{LabelName, Login, RepositoryName};

/// What is given to the rules, and what must come of it. Only what is stated is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// The title.
    pub title: String,
    /// The text.
    pub body: String,
    /// The labels.
    pub labels: Vec<LabelName>,
    /// Who opens it.
    pub author: Option<Login>,
    /// Where.
    pub repository: Option<RepositoryName>,
    /// The type that must come of it; `triage` when no rule may match.
    pub task_type: Option<String>,
    /// The role.
    pub role: Option<String>,
    /// The rule that must win.
    pub rule: Option<String>,
    /// The winner's priority.
    pub priority: Option<i64>,
    /// The line of the row, from 1.
    pub line: usize,
}

impl Expectation {
    /// The row as rules see it.
    #[must_use]
    pub fn input(&self) -> RouteInput<'_> {
        RouteInput {
            title: &self.title,
            body: &self.body,
            labels: &self.labels,
            author: self.author.as_ref(),
            repository: self.repository.as_ref(),
        }
    }
}

/// Reads the `[[expect]]` tables of a file.
pub fn read_expectations(file: RuleFile) -> Result<Vec<Expectation>, Faults> {
    let file = Arc::new(file);
    let (rows, faults) =
        read(&file, |top| top.tables("expect").into_iter().filter_map(read_expectation).collect::<Vec<_>>());
    Faults::none_or(faults, || rows)
}

fn read_expectation(mut section: Section<'_>) -> Option<Expectation> {
    let owned = |text: Option<Spanned<&str>>| text.map(|text| text.into_inner().to_owned());
    let title = owned(section.required_text("title", "\"Deploy v2\""));
    let body = owned(section.text("body")).unwrap_or_default();
    let labels = section.texts("labels").unwrap_or_default();
    let author = section.text("author").map(|text| Login::new(text.into_inner()));
    let repository = read_repository(&mut section);
    let task_type = owned(section.text("type"));
    let role = owned(section.text("role"));
    let winner = owned(section.text("rule"));
    let priority = section.integer("priority").map(Spanned::into_inner);
    if task_type.is_none() && role.is_none() && winner.is_none() && priority.is_none() {
        let help = "add a line such as `type = \"deployment\"`";
        let complaint = Complaint::new("this row expects nothing", "one of `type`, `role`, `rule`, `priority`", help);
        section.fault(complaint);
    }
    let line = section.line();
    section.finish();
    let labels = labels.into_iter().map(|label| LabelName::new(label.into_inner())).collect();
    Some(Expectation { title: title?, body, labels, author, repository, task_type, role, rule: winner, priority, line })
}

fn read_repository(section: &mut Section<'_>) -> Option<RepositoryName> {
    let text = section.text("repo")?;
    let name = text.get_ref().parse().ok();
    if name.is_none() {
        let message = format!("{:?} is not a repository", text.get_ref());
        section
            .document
            .fault(text.span(), Complaint::new(message, "owner/name", "write it as \"octo-org/octo-repo\""));
    }
    name
}
