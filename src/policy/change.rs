//! What would change if another text of a repository's policy came into force.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use super::fault::Faults;
use super::repository::RepositoryPolicy;
use super::rule::Rule;
use super::{EnvironmentSettings, Pattern, Policy, ReleaseSettings, TaskSettings, Wildcard};

/// The file's name in the faults of a text that is not in force yet.
const FILE: &str = ".github/stationmaster.toml";

/// What would change if `new_text` took the place of the policy in force: a Markdown list of settings with the old
/// and the new value, and of rules by name.
pub fn policy_change(old: &Policy, new_text: &str) -> Result<String, Faults> {
    let new = RepositoryPolicy::parse(new_text, FILE)?;
    let before = Settings::of_policy(old);
    let after = Settings::of_repository(&new);
    let mut lines = Vec::new();
    let keys: BTreeSet<&String> = before.values.keys().chain(after.values.keys()).collect();
    for key in keys {
        let shown = |values: &BTreeMap<String, String>| values.get(key).cloned().unwrap_or_else(|| "unset".to_owned());
        let (was, is) = (shown(&before.values), shown(&after.values));
        if was != is {
            lines.push(format!("- `{}`: `{}` → `{}`", code(key), code(&was), code(&is)));
        }
    }
    lines.extend(block_changes(&before.blocks, &after.blocks));
    let names: BTreeSet<&String> = before.rules.keys().chain(after.rules.keys()).collect();
    for name in names {
        let what = match (before.rules.get(name), after.rules.get(name)) {
            (None, Some(_)) => "added",
            (Some(_), None) => "removed",
            (Some(was), Some(is)) if was != is => "changed",
            (Some(_), Some(_)) | (None, None) => continue,
        };
        lines.push(format!("- rule `{}` {what}", code(name)));
    }
    if lines.is_empty() {
        return Ok("Nothing would change.".to_owned());
    }
    Ok(lines.join("\n"))
}

/// Which parts of a policy an edit touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EditedParts {
    /// Rules: what is routed where.
    pub rules: bool,
    /// What is merged, and when.
    pub merging: bool,
}

/// Which parts `new` says otherwise than the policy in force.
#[must_use]
pub fn edited_parts(old: &Policy, new: &RepositoryPolicy) -> EditedParts {
    let (before, after) = (Settings::of_policy(old), Settings::of_repository(new));
    let merging = |settings: &Settings| -> Vec<(String, String)> {
        let parts = ["merge", "checks", "trust", "freeze"];
        let of_merging = |key: &str| parts.contains(&key.split('.').next().unwrap_or_default());
        let values = settings.values.iter().filter(|(key, _)| of_merging(key));
        values.map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    // The order of rules counts where neither priority nor prefix does.
    let order = |rules: &[std::sync::Arc<Rule>]| -> Vec<String> { rules.iter().map(|rule| said(rule)).collect() };
    EditedParts { rules: order(&old.own_rules) != order(&new.rules), merging: merging(&before) != merging(&after) }
}

/// What changes about tables that need not be there: of one that is new, only what is not as usual is shown.
fn block_changes(before: &BTreeMap<String, Block>, after: &BTreeMap<String, Block>) -> Vec<String> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut lines = Vec::new();
    for name in names {
        match (before.get(name), after.get(name)) {
            (Some(was), Some(is)) => lines.extend(is.differences(&was.values).into_iter().map(|(key, was, is)| {
                format!("- `{}.{}`: `{}` → `{}`", code(name), code(&key), code(&was), code(&is))
            })),
            (None, Some(is)) => {
                let unusual = is.differences(&is.usual).into_iter();
                let shown: Vec<String> =
                    unusual.map(|(key, _, is)| format!("`{} = {}`", code(&key), code(&is))).collect();
                let with = if shown.is_empty() { String::new() } else { format!(" with {}", shown.join(", ")) };
                lines.push(format!("- `{}` added{with}", code(name)));
            }
            (Some(_), None) => lines.push(format!("- `{}` removed", code(name))),
            (None, None) => {}
        }
    }
    lines
}

/// A table that need not be there.
struct Block {
    values: BTreeMap<String, String>,
    usual: BTreeMap<String, String>,
}

impl Block {
    fn new<T: Serialize>(settings: &T, usual: &T) -> Self {
        // Settings have texts as keys, so they can always be shown.
        let values = |settings: &T| {
            let mut values = BTreeMap::new();
            flatten("", &serde_json::to_value(settings).unwrap_or_default(), &mut values);
            values
        };
        Self { values: values(settings), usual: values(usual) }
    }

    /// Keys with the other value and with this one, where they differ.
    fn differences(&self, other: &BTreeMap<String, String>) -> Vec<(String, String, String)> {
        let shown =
            |values: &BTreeMap<String, String>, key| values.get(key).cloned().unwrap_or_else(|| "unset".to_owned());
        let keys: BTreeSet<&String> = self.values.keys().chain(other.keys()).collect();
        let both = keys.into_iter().map(|key| (key.clone(), shown(other, key), shown(&self.values, key)));
        both.filter(|(_, other, own)| other != own).collect()
    }

    /// `[release]` and each `[[environment]]`.
    fn all(release: Option<&ReleaseSettings>, environments: &[EnvironmentSettings]) -> BTreeMap<String, Self> {
        let usual = ReleaseSettings::default();
        let release = release.map(|release| ("release".to_owned(), Self::new(release, &usual)));
        let of = |settings: &EnvironmentSettings| {
            let usual = EnvironmentSettings::named(settings.name.clone());
            (format!("environment.{}", settings.name), Self::new(settings, &usual))
        };
        release.into_iter().chain(environments.iter().map(of)).collect()
    }
}

/// Everything that a repository's file can say, as texts that can be compared and shown.
struct Settings {
    values: BTreeMap<String, String>,
    blocks: BTreeMap<String, Block>,
    rules: BTreeMap<String, String>,
}

impl Settings {
    fn of_policy(policy: &Policy) -> Self {
        let tree = json!({
            "assignment": {
                "strategy": policy.own_assignment.strategy,
                "roles": policy.own_assignment.roles,
            },
            "notify": { "topic": policy.notify_topic, "channels": policy.notify_channels },
            "tasks": tasks(&policy.tasks),
            "evidence": policy.evidence,
            "merge": policy.merge,
            "checks": policy.checks,
            "trust": policy.trust,
            "freeze": policy.freezes,
            "model": policy.advice,
            "learn": policy.learn,
        });
        let blocks = Block::all(policy.release.as_ref(), &policy.environments);
        Self::new(&tree, blocks, policy.own_rules.iter().map(AsRef::as_ref))
    }

    fn of_repository(own: &RepositoryPolicy) -> Self {
        let tree = json!({
            "assignment": {
                "strategy": own.assignment.strategy,
                "roles": own.assignment.roles,
            },
            "notify": { "topic": own.notify_topic, "channels": own.notify_channels },
            "tasks": tasks(&own.tasks),
            "evidence": own.evidence,
            "merge": own.merge,
            "checks": own.checks,
            "trust": own.trust,
            "freeze": own.freezes,
            "model": own.advice,
            "learn": own.learn,
        });
        let blocks = Block::all(own.release.as_ref(), &own.environments);
        Self::new(&tree, blocks, own.rules.iter().map(AsRef::as_ref))
    }

    fn new<'r>(tree: &Value, blocks: BTreeMap<String, Block>, rules: impl Iterator<Item = &'r Rule>) -> Self {
        let mut values = BTreeMap::new();
        flatten("", tree, &mut values);
        Self { values, blocks, rules: rules.map(|rule| (rule.name.clone(), said(rule))).collect() }
    }
}

fn tasks(settings: &TaskSettings) -> Value {
    json!({
        "manage": settings.manage,
        "approval_from": settings.approval_from,
        "approvers": settings.approvers,
        "bots": settings.bots,
    })
}

/// Tables become dotted keys; lists stay whole, since their order and length are one setting.
fn flatten(key: &str, value: &Value, into: &mut BTreeMap<String, String>) {
    if let Value::Object(table) = value {
        for (name, inner) in table {
            let longer = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
            flatten(&longer, inner, into);
        }
    } else if !value.is_null() {
        into.insert(key.to_owned(), value.to_string());
    }
}

/// All that a rule says, apart from where it stands.
fn said(rule: &Rule) -> String {
    let pattern = |pattern: &Option<Pattern>| pattern.as_ref().map(|pattern| pattern.source().to_owned());
    let glob = |glob: &Option<Wildcard>| glob.as_ref().map(|glob| glob.source().to_owned());
    json!([
        rule.like,
        pattern(&rule.title),
        pattern(&rule.body),
        rule.labels,
        glob(&rule.author),
        glob(&rule.repo),
        rule.task_type,
        rule.role,
        rule.priority,
        rule.urgency,
        rule.risk,
        rule.add_labels,
    ])
    .to_string()
}

fn code(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || c == '`' { ' ' } else { c }).collect()
}
