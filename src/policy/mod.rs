//! Rules and settings: files in, compiled values out, with every fault named by line and column.

mod advice;
mod assignment;
mod calendar;
mod change;
mod channels;
mod checks;
mod clocks;
mod commands;
mod deploy_freeze;
mod environment;
mod environment_order;
mod evidence;
mod expectation;
mod fault;
mod fingerprint;
mod freeze;
mod git_name;
mod health;
mod learn;
mod literals;
mod merge;
mod merge_template;
mod pattern;
mod placeholder;
mod prefilter;
mod reader;
mod reference;
mod release;
mod release_files;
mod release_groups;
mod repository;
mod review;
mod roster;
mod routing;
mod rule;
mod rules;
mod secrets;
mod tasks;
mod telling;
mod trigger;
mod trust;
mod watch;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use advice::AdviceSettings;
pub use assignment::{AssignmentSettings, Strategy};
pub use change::{EditedParts, edited_parts, policy_change};
pub use channels::ChannelSettings;
pub use checks::{CheckSettings, CoverageSettings};
pub use clocks::{ClockSettings, DigestTimes, OfflinePolicy};
pub use deploy_freeze::{DeployFreeze, FreezeTimes};
pub use environment::EnvironmentSettings;
pub use evidence::EvidenceSettings;
pub use expectation::{Expectation, read_expectations};
pub use fault::{Complaint, FaultStyle, Faults, RuleFault, RuleFile};
pub use fingerprint::fingerprint as fingerprint_of;
pub use freeze::FreezeWindow;
pub use health::HealthSettings;
pub use learn::{LearnRules, LearnSettings};
pub use merge::{MergeSettings, MergeStrategy};
pub use merge_template::MessageTemplate;
pub use pattern::{Pattern, Wildcard};
pub use placeholder::PLACEHOLDERS;
pub use reference::{PolicyKey, PolicyTable, policy_markdown, policy_tables};
pub use release::{Bump, ReleaseSettings};
pub use release_groups::NotesGroup;
pub use repository::RepositoryPolicy;
pub use review::{
    ForbiddenFile, LineRule, Paths, ReviewRules, ReviewRulesOnce, ReviewSettings, ReviewSource, StructuralExamples,
    StructuralMatch, StructuralRule, SyntaxTree, language_of,
};
pub use roster::{Role, Roster};
pub use routing::{RouteInput, Routing};
pub use rule::Rule;
pub use rules::{Rules, RulesPlace, read_file, rule_files};
pub use secrets::{
    Allowlist, Candidate, Expression, Extension, IgnoredLeaks, Pass, Places, Required, SecretRule, SecretRules,
};
pub use tasks::TaskSettings;
pub use trust::TrustSettings;
pub use watch::{Reload, RulesWatch};

use crate::model::{EnvironmentName, RoleName, TaskType, Worker};

/// All that applies to one repository: the server's rules and its own, compiled.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The rules, ready to be asked.
    pub routing: Routing,
    /// Roles and workers of the server.
    pub roster: Roster,
    /// The ntfy topic that tells people of this repository; `None` is the people's topic of the configuration.
    pub notify_topic: Option<String>,
    /// The channels of the server, by name, that tell people of this repository; `None` is all of them.
    pub notify_channels: Option<Vec<String>>,
    /// Whether issues here are tasks, and whose word counts on them.
    pub tasks: TaskSettings,
    /// How long everything may take, and what follows.
    pub clocks: ClockSettings,
    /// What shows that a task is done.
    pub evidence: EvidenceSettings,
    /// What the repository says of the code review.
    pub review: ReviewSettings,
    /// What an optional model is asked.
    pub advice: AdviceSettings,
    /// Which conclusions are drawn from what happened before.
    pub learn: LearnSettings,
    /// Why the repository's own policy could not be read, so that only the server's rules are in it.
    pub unreadable: Option<String>,
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
    /// Commands that the server's own rules allow as deploy targets: program and arguments by name.
    pub commands: BTreeMap<String, Vec<String>>,
    own_rules: Vec<Arc<Rule>>,
    own_assignment: AssignmentSettings,
    fingerprint: String,
}

impl Policy {
    /// Joins the server's rules with those of a repository. The repository's stand first, so they win where
    /// neither priority nor prefix tells two rules apart.
    #[must_use]
    pub fn combine(rules: &Rules, repository: Option<&RepositoryPolicy>) -> Self {
        let own_rules = repository.map(|own| own.rules.as_slice()).unwrap_or_default();
        let parts = [Some(("rules", rules.fingerprint())), repository.map(|own| ("repository", own.fingerprint()))];
        Self {
            routing: Routing::new(own_rules.iter().chain(&rules.routing).map(Arc::clone).collect()),
            roster: rules.roster.clone(),
            notify_topic: repository.and_then(|own| own.notify_topic.clone()),
            notify_channels: repository.and_then(|own| own.notify_channels.clone()),
            tasks: repository.map(|own| own.tasks.clone()).unwrap_or_default(),
            clocks: rules.roster.clocks.clone(),
            evidence: repository.map(|own| own.evidence.clone()).unwrap_or_default(),
            review: repository.map(|own| own.review.clone()).unwrap_or_default(),
            advice: repository.map(|own| own.advice.clone()).unwrap_or_default(),
            learn: repository.map(|own| own.learn.clone()).unwrap_or_default(),
            unreadable: None,
            merge: repository.map(|own| own.merge.clone()).unwrap_or_default(),
            checks: repository.map(|own| own.checks.clone()).unwrap_or_default(),
            trust: repository.map(|own| own.trust.clone()).unwrap_or_default(),
            freezes: repository.map(|own| own.freezes.clone()).unwrap_or_default(),
            release: repository.and_then(|own| own.release.clone()),
            environments: repository.map(|own| own.environments.clone()).unwrap_or_default(),
            commands: rules.commands.clone(),
            own_rules: own_rules.to_vec(),
            own_assignment: repository.map(|own| own.assignment.clone()).unwrap_or_default(),
            fingerprint: fingerprint::fingerprint(parts.into_iter().flatten()),
        }
    }

    /// The server's rules alone, because the repository's own policy has faults.
    #[must_use]
    pub fn without_repository(rules: &Rules, faults: &Faults) -> Self {
        let fault = faults.render(FaultStyle::Plain);
        let mut policy = Self::combine(rules, None);
        policy.fingerprint =
            fingerprint::fingerprint([("rules", rules.fingerprint()), ("unreadable", &fault)].into_iter());
        policy.unreadable = Some(fault.trim_end().to_owned());
        policy
    }

    /// An environment by its name, which is the same in any case.
    #[must_use]
    pub fn environment(&self, name: &EnvironmentName) -> Option<&EnvironmentSettings> {
        self.environments.iter().find(|environment| environment.name.as_str().eq_ignore_ascii_case(name.as_str()))
    }

    /// Every worker of the roster.
    #[must_use]
    pub fn workers(&self) -> Vec<Worker> {
        self.roster.workers.clone()
    }

    /// Who could do tasks of this type, by the first rule of the greatest priority that gives it.
    #[must_use]
    pub fn role_of_type(&self, task_type: &TaskType) -> Option<RoleName> {
        let of_type = self.routing.rules().iter().filter(|rule| rule.task_type == *task_type && rule.role.is_some());
        // `max_by_key` takes the last of equals, so the order is turned round.
        of_type.rev().max_by_key(|rule| rule.priority).and_then(|rule| rule.role.clone())
    }

    /// How tasks of a role are given out: what the repository says of it, else what the server says.
    #[must_use]
    pub fn strategy(&self, role: &RoleName) -> Strategy {
        self.own_assignment.of(role).or_else(|| self.roster.assignment.of(role)).unwrap_or_default()
    }

    /// Changes whenever a rule or a setting does: a SHA-256 in hexadecimal.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}
