//! Reads `[[release.group]]`: headlines of the release notes and what stands under them.

use std::collections::HashMap;

use serde::Serialize;
use toml::Spanned;

use super::fault::Complaint;
use super::merge::labels;
use super::reader::{Document, Section};
use crate::model::LabelName;

/// One `[[release.group]]`: a headline of the notes and what stands under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotesGroup {
    /// The headline.
    pub title: String,
    /// Pull requests with one of these labels.
    pub labels: Vec<LabelName>,
    /// Conventional types, such as `feat`.
    pub types: Vec<String>,
}

/// Reads the tables `group` of `[release]`.
pub(super) fn read_groups(release: &mut Section<'_>) -> Vec<NotesGroup> {
    let mut seen = HashMap::new();
    release.tables_shown("group", "release.group").into_iter().map(|section| read_group(section, &mut seen)).collect()
}

fn read_group(mut section: Section<'_>, seen: &mut HashMap<String, usize>) -> NotesGroup {
    let table = &mut section;
    let title = table.required_text("title", "\"Security\"");
    if let Some(title) = &title {
        check_title(table.document, title, seen);
    }
    let labels = labels(table, "labels").unwrap_or_default();
    let types = table.texts("types").unwrap_or_default();
    for word in &types {
        check_type(table.document, word);
    }
    // A value of another type is a fault already.
    let readable = |key: &str| !table.has_any(&[key]) || table.is_list(key);
    if labels.is_empty() && types.is_empty() && readable("labels") && readable("types") {
        let complaint = Complaint::new(
            "nothing would ever stand under this headline",
            "`labels` or `types` with something in it",
            "add `labels = [\"security\"]`, `types = [\"sec\"]` or the like",
        );
        table.fault(complaint);
    }
    section.finish();
    NotesGroup {
        title: title.map(|title| title.into_inner().trim().to_owned()).unwrap_or_default(),
        labels,
        types: types.into_iter().map(|word| word.into_inner().to_lowercase()).collect(),
    }
}

fn check_title(document: &Document<'_>, title: &Spanned<&str>, seen: &mut HashMap<String, usize>) {
    if title.get_ref().contains(char::is_control) {
        let complaint = Complaint::new("`title` has more than one line", "one line of text", "write it in one line");
        document.fault(title.span(), complaint);
    }
    let line = document.file.position(title.span().start).0;
    if let Some(first) = seen.insert(title.get_ref().trim().to_lowercase(), line) {
        let message = format!("there is a group {:?} already, at line {first}", title.get_ref());
        let help = "put the labels and types of both into one group";
        document.fault(title.span(), Complaint::new(message, "a headline of its own", help));
    }
}

fn check_type(document: &Document<'_>, word: &Spanned<&str>) {
    let good = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    if !word.get_ref().is_empty() && word.get_ref().chars().all(good) {
        return;
    }
    let message = format!("{:?} is not a type of conventional commits", word.get_ref());
    let help = "write the word alone, without scope, `!` and colon";
    document.fault(word.span(), Complaint::new(message, "a word such as \"feat\"", help));
}
