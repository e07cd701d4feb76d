//! What `[merge]` says: which pull requests are merged, how, and by what message.

use std::collections::BTreeMap;

use serde::Serialize;
use toml::Spanned;

use super::fault::Complaint;
use super::merge_template::{MessageTemplate, read_template};
use super::pattern::Wildcard;
use super::reader::{Section, nearest};
use super::rule::read_glob;
use crate::model::{BranchName, BranchProtection, LabelName, MergeMethod};

/// The release branch that is merged into beside the default branch, where the policy names no bases.
const RELEASE_BRANCH: &str = "dev";

/// Our own staging branches, into which only the queue itself merges.
const STAGING: &str = "stationmaster/queue/";

/// How ready pull requests reach their base.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MergeStrategy {
    /// Each by GitHub's merge call.
    #[default]
    Direct,
    /// Tested together on a staging branch first.
    Queue,
}

/// The table `[merge]`.
#[derive(Debug, Clone, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own in the file")]
pub struct MergeSettings {
    /// Whether anything is merged at all.
    pub enabled: bool,
    /// Whether it is merged without being asked for.
    pub automatic: bool,
    /// One by one, or through the queue.
    pub strategy: MergeStrategy,
    /// By which of GitHub's ways.
    pub method: MergeMethod,
    /// The branches that are merged into; `None` is the default branch and `dev`.
    pub bases: Option<Vec<Wildcard>>,
    /// How many approvals of the head are needed.
    pub approvals: u32,
    /// Labels that forbid merging.
    pub forbid_labels: Vec<LabelName>,
    /// Labels that ask for a merge where it is not automatic.
    pub ask_labels: Vec<LabelName>,
    /// Whether the head's branch is deleted afterwards.
    pub delete_branch: bool,
    /// The first line of the commit.
    pub message: MessageTemplate,
    /// Where the pull's text is cut to become the commit's.
    pub cut_body_at: String,
    /// Whether everybody who wrote a commit is named in the message.
    pub co_authors: bool,
    /// How many pulls the queue tests together at most.
    pub batch_size: u32,
    /// How many minutes the queue waits for a batch's checks.
    pub queue_timeout_min: u32,
    /// What labels add to a pull's place in the queue; the highest counts.
    pub priority_labels: BTreeMap<String, i64>,
}

impl Default for MergeSettings {
    fn default() -> Self {
        let priorities = [
            ("urgent", 200),
            ("priority/critical", 100),
            ("priority/high", 50),
            ("priority/medium", 0),
            ("priority/low", -50),
        ];
        Self {
            enabled: true,
            automatic: true,
            strategy: MergeStrategy::default(),
            method: MergeMethod::default(),
            bases: None,
            approvals: 0,
            forbid_labels: vec![LabelName::from("do-not-merge")],
            ask_labels: Vec::new(),
            delete_branch: true,
            message: MessageTemplate::default(),
            cut_body_at: "<!-- cut -->".to_owned(),
            co_authors: true,
            batch_size: 5,
            queue_timeout_min: 60,
            priority_labels: priorities.into_iter().map(|(label, weight)| (label.to_owned(), weight)).collect(),
        }
    }
}

impl MergeSettings {
    /// Whether pulls for `base` are merged, in a repository with this default branch.
    #[must_use]
    pub fn merges_into(&self, base: &BranchName, default_branch: &BranchName) -> bool {
        if base.as_str().starts_with(STAGING) {
            return false;
        }
        match &self.bases {
            Some(globs) => globs.iter().any(|glob| glob.is_match(base.as_str())),
            None => base == default_branch || base.as_str() == RELEASE_BRANCH,
        }
    }

    /// The branches that are merged into, as people are told of them.
    #[must_use]
    pub fn shown_bases(&self, default_branch: &BranchName) -> Vec<String> {
        if let Some(globs) = &self.bases {
            return globs.iter().map(|glob| glob.source().to_owned()).collect();
        }
        let mut shown = vec![default_branch.to_string()];
        if default_branch.as_str() != RELEASE_BRANCH {
            shown.push(RELEASE_BRANCH.to_owned());
        }
        shown
    }

    /// The way to merge into a branch: the policy's, unless the branch's rules allow only others.
    #[must_use]
    pub fn method_for(&self, protection: &BranchProtection) -> MergeMethod {
        let Some(allowed) = &protection.allowed_methods else { return self.method };
        let fits = |method: &MergeMethod| allowed.iter().any(|word| word == method.as_str());
        std::iter::once(self.method).chain(MergeMethod::ALL).find(fits).unwrap_or(self.method)
    }

    /// A pull's weight in the queue, by its labels: the highest of those that are named, else 0.
    #[must_use]
    pub fn queue_priority(&self, labels: &[LabelName]) -> i64 {
        let weight = |label: &LabelName| {
            let named = |(name, _): &(&String, &i64)| name.eq_ignore_ascii_case(label.as_str());
            self.priority_labels.iter().find(named).map(|(_, weight)| *weight)
        };
        labels.iter().filter_map(weight).max().unwrap_or_default()
    }
}

/// Reads the table `[merge]`; what it does not name is as it is without it.
pub(super) fn read_merge(top: &mut Section<'_>) -> MergeSettings {
    let mut settings = MergeSettings::default();
    let Some(mut section) = top.table("merge") else { return settings };
    let table = &mut section;
    flag(table, "enabled", &mut settings.enabled);
    flag(table, "automatic", &mut settings.automatic);
    flag(table, "delete_branch", &mut settings.delete_branch);
    flag(table, "co_authors", &mut settings.co_authors);
    let strategies = [("direct", MergeStrategy::Direct), ("queue", MergeStrategy::Queue)];
    settings.strategy = choice(table, "strategy", &strategies).unwrap_or_default();
    let methods = MergeMethod::ALL.map(|method| (method.as_str(), method));
    settings.method = choice(table, "method", &methods).unwrap_or_default();
    settings.bases = globs(table, "bases");
    count(table, "approvals", 0..=20, &mut settings.approvals);
    count(table, "batch_size", 1..=50, &mut settings.batch_size);
    count(table, "queue_timeout_min", 1..=1440, &mut settings.queue_timeout_min);
    if let Some(labels) = labels(table, "forbid_labels") {
        settings.forbid_labels = labels;
    }
    if let Some(labels) = labels(table, "ask_labels") {
        settings.ask_labels = labels;
    }
    if let Some(template) = read_template(table, "message") {
        settings.message = template;
    }
    if let Some(marker) = table.text("cut_body_at") {
        settings.cut_body_at = marker.into_inner().to_owned();
    }
    if let Some(weights) = table.table("priority_labels") {
        settings.priority_labels =
            weights.integers().into_iter().map(|(label, weight)| (label.into_inner().to_owned(), weight)).collect();
    }
    section.finish();
    settings
}

/// Puts a flag's value in place of the default, where the file gives one.
pub(super) fn flag(section: &mut Section<'_>, key: &'static str, setting: &mut bool) {
    if let Some(given) = section.boolean(key) {
        *setting = given.into_inner();
    }
}

/// Globs; those that cannot be used are faults.
pub(super) fn globs(section: &mut Section<'_>, key: &'static str) -> Option<Vec<Wildcard>> {
    let texts = section.texts(key)?;
    Some(texts.iter().filter_map(|text| read_glob(section.document, text)).collect())
}

/// Names of labels.
pub(super) fn labels(section: &mut Section<'_>, key: &'static str) -> Option<Vec<LabelName>> {
    let texts = section.texts(key)?;
    Some(texts.into_iter().map(|text| LabelName::new(text.into_inner())).collect())
}

/// Puts a whole number in place of the default, where the file gives one within the range.
pub(super) fn count(
    section: &mut Section<'_>,
    key: &'static str,
    range: std::ops::RangeInclusive<u32>,
    setting: &mut u32,
) {
    let Some(given) = section.integer(key) else { return };
    if let Some(number) = u32::try_from(*given.get_ref()).ok().filter(|number| range.contains(number)) {
        *setting = number;
        return;
    }
    let expected = format!("a number from {} to {}", range.start(), range.end());
    let complaint = Complaint::new(format!("`{key}` is {}", given.get_ref()), &expected, format!("write {expected}"));
    section.document.fault(given.span(), complaint);
}

/// One of some words; any other is a fault that names the nearest.
pub(super) fn choice<T: Copy>(section: &mut Section<'_>, key: &'static str, choices: &[(&str, T)]) -> Option<T> {
    let text: Spanned<&str> = section.text(key)?;
    let found = choices.iter().find(|(word, _)| word == text.get_ref());
    if let Some((_, value)) = found {
        return Some(*value);
    }
    let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
    let expected = words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" or ");
    let help = match nearest(text.get_ref(), &words) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("write {expected}"),
    };
    let message = format!("`{key}` cannot be {:?}", text.get_ref());
    section.document.fault(text.span(), Complaint::new(message, expected, help));
    None
}
