//! What a repository's own `.github/stationmaster.toml` says.

use std::collections::BTreeSet;
use std::sync::Arc;

use toml::Spanned;

use super::advice::{AdviceSettings, read_advice};
use super::assignment::{AssignmentSettings, read_assignment};
use super::checks::{CheckSettings, read_checks};
use super::environment::{EnvironmentSettings, read_environments};
use super::evidence::{EvidenceSettings, read_evidence};
use super::fault::{Complaint, Faults, RuleFile};
use super::fingerprint::fingerprint;
use super::freeze::{FreezeWindow, read_freezes};
use super::learn::{LearnSettings, read_learn};
use super::merge::{MergeSettings, read_merge};
use super::reader::{Document, Section, read};
use super::release::{ReleaseSettings, read_release};
use super::review::{ReviewSettings, read_review};
use super::rule::{Rule, RuleChecks, read_rules};
use super::tasks::{TaskSettings, read_tasks};
use super::trust::{TrustSettings, read_trust};
use crate::model::RoleName;

/// The policy of one repository. Keys that are not known are faults, so that a setting which does not work yet is
/// never taken for one that does.
#[derive(Debug, Clone, Default)]
pub struct RepositoryPolicy {
    /// Rules that are tried beside the server's, and stand before them.
    pub rules: Vec<Arc<Rule>>,
    /// How tasks are given out here.
    pub assignment: AssignmentSettings,
    /// The ntfy topic that tells people of this repository.
    pub notify_topic: Option<String>,
    /// The channels of the server, by name, that tell people of this repository; `None` is all of them.
    pub notify_channels: Option<Vec<String>>,
    /// Whether issues here are tasks, and whose word counts on them.
    pub tasks: TaskSettings,
    /// What shows that a task is done.
    pub evidence: EvidenceSettings,
    /// Which pull requests are merged, and how.
    pub merge: MergeSettings,
    /// Which checks of a pull request count.
    pub checks: CheckSettings,
    /// Whose pull requests are merged without write permission.
    pub trust: TrustSettings,
    /// Times in which nothing is merged.
    pub freezes: Vec<FreezeWindow>,
    /// What is released, and how; `None` where nothing is.
    pub release: Option<ReleaseSettings>,
    /// Where releases are deployed to, in the order of the file.
    pub environments: Vec<EnvironmentSettings>,
    /// What it says of the code review.
    pub review: ReviewSettings,
    /// What an optional model is asked.
    pub advice: AdviceSettings,
    /// Which conclusions are drawn from what happened before.
    pub learn: LearnSettings,
    fingerprint: String,
}

impl RepositoryPolicy {
    /// Reads the file's text; roles are taken as they are written.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, Faults> {
        Self::parse_checked(text, file_name, None)
    }

    /// Reads the file's text; roles must be among `roles`, those of the server.
    pub fn parse_with_roles(text: &str, file_name: &str, roles: &BTreeSet<RoleName>) -> Result<Self, Faults> {
        Self::parse_checked(text, file_name, Some(roles))
    }

    fn parse_checked(text: &str, file_name: &str, roles: Option<&BTreeSet<RoleName>>) -> Result<Self, Faults> {
        let file = Arc::new(RuleFile::new(file_name, text));
        let (policy, faults) = read(&file, |top| {
            let policy = Self::read(top, roles);
            Self { fingerprint: fingerprint(std::iter::once((file_name, text))), ..policy }
        });
        Faults::none_or(faults, || policy)
    }

    fn read(top: &mut Section<'_>, roles: Option<&BTreeSet<RoleName>>) -> Self {
        let own_rules = read_rules(top, &mut RuleChecks { roles: roles.cloned(), ..RuleChecks::default() });
        let assignment = read_assignment(top, roles);
        let (notify_topic, notify_channels) = read_notify(top);
        let mut policy = Self {
            rules: own_rules.into_iter().map(Arc::new).collect(),
            assignment,
            notify_topic,
            notify_channels,
            tasks: read_tasks(top),
            evidence: read_evidence(top),
            merge: read_merge(top),
            checks: read_checks(top),
            trust: read_trust(top),
            freezes: read_freezes(top),
            release: None,
            environments: read_environments(top),
            review: read_review(top),
            advice: read_advice(top),
            learn: read_learn(top),
            fingerprint: String::new(),
        };
        policy.release = read_release(top, &policy.environments);
        policy
    }

    /// Changes whenever the text does: a SHA-256 in hexadecimal.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

/// The topic, and the names of channels.
fn read_notify(top: &mut Section<'_>) -> (Option<String>, Option<Vec<String>>) {
    let Some(mut section) = top.table("notify") else { return (None, None) };
    let topic = section.text("topic");
    let channels =
        section.texts("channels").map(|names| names.iter().map(|name| (*name.get_ref()).to_owned()).collect());
    let document = section.document;
    section.finish();
    (topic.and_then(|topic| read_topic(document, &topic)), channels)
}

/// The name of an ntfy topic; anything else is a fault.
pub(super) fn read_topic(document: &Document<'_>, topic: &Spanned<&str>) -> Option<String> {
    // The pattern of ntfy's own server: https://github.com/binwiederhier/ntfy/blob/main/server/server.go
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if (1..=64).contains(&topic.get_ref().len()) && topic.get_ref().chars().all(good) {
        return Some((*topic.get_ref()).to_owned());
    }
    let message = format!("{:?} is not an ntfy topic", topic.get_ref());
    let complaint =
        Complaint::new(message, "1 to 64 letters, digits, `_` and `-`", "write the topic alone, no address");
    document.fault(topic.span(), complaint);
    None
}
