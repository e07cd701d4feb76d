//! What a repository's policy says of its tasks.

use super::reader::Section;
use super::roster::read_login;
use crate::model::{Level, Login};

/// What `[tasks]` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskSettings {
    /// Whether issues here are tasks.
    pub manage: bool,
    /// Who approves, beside having write permission; whoever has it where nobody is listed.
    pub approvers: Vec<Login>,
    /// Bots whose commands are run, if their permission allows it.
    pub bots: Vec<Login>,
    /// From this risk on, a task begins only with somebody's consent.
    pub approval_from: Level,
}

impl Default for TaskSettings {
    fn default() -> Self {
        Self { manage: true, approvers: Vec::new(), bots: Vec::new(), approval_from: Level::High }
    }
}

/// Reads the table `[tasks]`.
pub(super) fn read_tasks(top: &mut Section<'_>) -> TaskSettings {
    let mut settings = TaskSettings::default();
    let Some(mut section) = top.table("tasks") else { return settings };
    if let Some(manage) = section.boolean("manage") {
        settings.manage = manage.into_inner();
    }
    if let Some(risk) = section.level("approval_from") {
        settings.approval_from = risk;
    }
    let document = section.document;
    for (key, list) in [("approvers", &mut settings.approvers), ("bots", &mut settings.bots)] {
        for text in section.texts(key).unwrap_or_default() {
            list.extend(read_login(document, &text));
        }
    }
    section.finish();
    settings
}
