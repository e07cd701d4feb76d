//! What a repository's policy takes for evidence (design §4.6).

use std::collections::BTreeMap;

use serde::Serialize;
use toml::Spanned;
use url::Url;

use super::fault::Complaint;
use super::merge::globs;
use super::pattern::Wildcard;
use super::reader::{Document, Section};
use crate::model::{BranchName, EvidenceKind, RepositoryName, TaskType, listed_host};

/// What `[evidence]` says.
#[derive(Debug, Clone, Default, Serialize)]
pub struct EvidenceSettings {
    /// Repositories beside the task's own whose merged pulls count.
    pub repositories: Vec<RepositoryName>,
    /// Branches into which a pull must be merged, as globs; the default branch and the release branch where none is listed.
    pub branches: Vec<Wildcard>,
    /// Hosts whose pages are looked up, as [`listed_host`] writes them.
    pub hosts: Vec<String>,
    /// Which kind each type of task asks for, beside what [`EvidenceSettings::kind_of`] knows.
    pub kinds: BTreeMap<TaskType, EvidenceKind>,
}

impl EvidenceSettings {
    /// Whether a pull merged into this branch counts; `usual` are the branches where none is listed.
    #[must_use]
    pub fn takes_branch(&self, base: &BranchName, usual: &[String]) -> bool {
        if self.branches.is_empty() {
            return usual.iter().any(|branch| branch == base.as_str());
        }
        self.branches.iter().any(|glob| glob.is_match(base.as_str()))
    }

    /// What kind of evidence a type of task asks for: what the policy says, else by the type's name.
    #[must_use]
    pub fn kind_of(&self, task_type: &TaskType) -> EvidenceKind {
        if let Some(kind) = self.kinds.get(task_type) {
            return *kind;
        }
        match task_type.as_str() {
            "testing" => EvidenceKind::Test,
            "deployment" | "monitoring" | "pr_review" => EvidenceKind::Verification,
            "research" => EvidenceKind::Research,
            "documentation" => EvidenceKind::Documentation,
            _ => EvidenceKind::Code,
        }
    }
}

/// Reads the table `[evidence]`.
pub(super) fn read_evidence(top: &mut Section<'_>) -> EvidenceSettings {
    let mut settings = EvidenceSettings::default();
    let Some(mut section) = top.table("evidence") else { return settings };
    let document = section.document;
    for text in section.texts("repositories").unwrap_or_default() {
        settings.repositories.extend(read_repository(document, &text));
    }
    settings.branches = globs(&mut section, "branches").unwrap_or_default();
    for text in section.texts("hosts").unwrap_or_default() {
        settings.hosts.extend(read_host(document, &text));
    }
    if let Some(kinds) = section.table("kinds") {
        settings.kinds = read_kinds(kinds);
    }
    section.finish();
    settings
}

fn read_repository(document: &Document<'_>, text: &Spanned<&str>) -> Option<RepositoryName> {
    let name = text.get_ref().parse().ok();
    if name.is_none() {
        let complaint = Complaint::new(
            format!("{:?} is not the name of a repository", text.get_ref()),
            "a name such as \"octo/station\"",
            "write owner and name with a slash between, without an address",
        );
        document.fault(text.span(), complaint);
    }
    name
}

/// A host alone: no path, no user, no sign that stands for others.
fn read_host(document: &Document<'_>, text: &Spanned<&str>) -> Option<String> {
    let entry: &str = text.get_ref();
    let whole = if entry.contains("://") { entry.to_owned() } else { format!("https://{entry}") };
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    let authority = whole.split_once("://").map_or("", |(_, rest)| rest);
    let host = Url::parse(&whole).ok().filter(|_| authority.chars().all(plain)).and_then(|url| listed_host(&url));
    if host.is_none() {
        let complaint = Complaint::new(
            format!("{entry:?} is not a host"),
            "a host such as \"docs.example.com\" or \"http://127.0.0.1:8080\"",
            "write the host in full, with its port where it has one, and nothing behind it",
        );
        document.fault(text.span(), complaint);
    }
    host
}

fn read_kinds(section: Section<'_>) -> BTreeMap<TaskType, EvidenceKind> {
    let document = section.document;
    let mut kinds = BTreeMap::new();
    for (task_type, kind) in section.entries() {
        let Some(kind) = kind else { continue };
        match kind.get_ref().parse::<EvidenceKind>() {
            Ok(known) => {
                kinds.insert(TaskType::new(*task_type.get_ref()), known);
            }
            Err(error) => {
                let complaint = Complaint::new(
                    format!("{:?} is not a kind of evidence", kind.get_ref()),
                    error.expected,
                    "write what shows that a task of this type is done",
                );
                document.fault(kind.span(), complaint);
            }
        }
    }
    kinds
}
