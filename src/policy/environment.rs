//! What `[[environment]]` says: where releases are deployed to, how, and what must be so before.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use serde::{Serialize, Serializer};
use serde_json::json;
use toml::Spanned;

use super::deploy_freeze::{DeployFreeze, read_deploy_freezes};
use super::environment_order::connect;
use super::fault::Complaint;
use super::health::{HealthSettings, read_health};
use super::merge::{count, flag};
use super::placeholder::refuse_placeholders;
use super::reader::{Document, Section};
use super::roster::read_login;
use super::telling::{is_address, not_an_address};
use super::trigger::read_trigger;
use crate::model::{EnvironmentName, Login, Trigger};

/// GitHub's limit (<https://docs.github.com/en/actions/reference/deployments-and-environments>).
const NAME_CHARS: usize = 255;

const MINUTE_S: u32 = 60;
const HOUR_S: u32 = 3600;

/// One `[[environment]]`.
#[derive(Debug, Clone, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own in the file")]
pub struct EnvironmentSettings {
    /// Its name.
    pub name: EnvironmentName,
    /// Whether a version is deployed as soon as it may be, without anybody's asking.
    pub auto: bool,
    /// Whether somebody whose work is not in it must approve each version.
    pub requires_approval: bool,
    /// Whether it serves the public.
    pub production: bool,
    /// The environment in which a version must be verified before.
    pub after: Option<EnvironmentName>,
    /// How the deploy target is told; its placeholders are not filled in.
    #[serde(serialize_with = "trigger_as_written")]
    pub trigger: Trigger,
    /// Where it runs, for people.
    pub url: Option<String>,
    /// How long the deploy target may take, in seconds.
    #[serde(rename = "timeout_min", serialize_with = "in_minutes")]
    pub timeout_s: u32,
    /// How often the deploy target is told at most, where it cannot be reached.
    pub attempts: u32,
    /// What healthy means; without it a version is verified as soon as its target says that it is done.
    pub health: Option<HealthSettings>,
    /// How long a healthy version is watched before it counts as verified, in seconds.
    #[serde(rename = "soak_min", serialize_with = "in_minutes")]
    pub soak_s: u32,
    /// How long a question for approval stands, in seconds.
    #[serde(rename = "approval_expires_h", serialize_with = "in_hours")]
    pub approval_expires_s: u32,
    /// Whose approval counts; empty for everybody with write permission.
    pub approvers: Vec<Login>,
    /// Times in which nothing is deployed.
    #[serde(rename = "freeze")]
    pub freezes: Vec<DeployFreeze>,
    /// Whether a sick version is left for the last verified one.
    pub rollback: bool,
    /// Whether pre-releases are deployed here.
    pub prereleases: bool,
}

impl EnvironmentSettings {
    /// What holds of an environment of this name where nothing else is said.
    #[must_use]
    pub fn named(name: EnvironmentName) -> Self {
        let production = ["prod", "production"].iter().any(|usual| name.as_str().eq_ignore_ascii_case(usual));
        Self {
            name,
            auto: false,
            requires_approval: production,
            production,
            after: None,
            trigger: Trigger::None,
            url: None,
            timeout_s: 15 * MINUTE_S,
            attempts: 3,
            health: None,
            soak_s: 0,
            approval_expires_s: 24 * HOUR_S,
            approvers: Vec::new(),
            freezes: Vec::new(),
            rollback: true,
            prereleases: !production,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference to the field")]
fn in_minutes<S: Serializer>(seconds: &u32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u32(seconds / MINUTE_S)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference to the field")]
fn in_hours<S: Serializer>(seconds: &u32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u32(seconds / HOUR_S)
}

/// The trigger in the words of the file.
fn trigger_as_written<S: Serializer>(trigger: &Trigger, serializer: S) -> Result<S::Ok, S::Error> {
    let written = match trigger {
        Trigger::Workflow { workflow, git_ref, inputs } => {
            json!({ "by": "workflow", "workflow": workflow, "ref": git_ref, "inputs": inputs })
        }
        Trigger::Dispatch { event } => json!({ "by": "dispatch", "event": event }),
        Trigger::Hook { url, secret_env, finishes } => {
            json!({ "by": "hook", "url": url, "secret_env": secret_env, "finishes": finishes })
        }
        Trigger::Command { name, run: _ } => json!({ "by": "command", "name": name }),
        Trigger::None => json!({ "by": "none" }),
    };
    written.serialize(serializer)
}

/// An environment and the name that it says it comes after, which need not exist.
pub(super) type Placed<'d> = (EnvironmentSettings, Option<Spanned<&'d str>>);

/// Reads the tables `[[environment]]`.
pub(super) fn read_environments(top: &mut Section<'_>) -> Vec<EnvironmentSettings> {
    let document = top.document;
    let mut seen = HashMap::new();
    let sections = top.tables("environment").into_iter();
    let placed = sections.filter_map(|section| read_environment(section, &mut seen)).collect();
    connect(document, placed)
}

fn read_environment<'d>(mut section: Section<'d>, seen: &mut HashMap<String, usize>) -> Option<Placed<'d>> {
    let table = &mut section;
    let document = table.document;
    let name = table.required_text("name", "\"qa\"");
    if let Some(name) = &name {
        check_name(document, name, seen);
    }
    let known_as = name.as_ref().map(|name| *name.get_ref()).unwrap_or_default();
    let mut settings = EnvironmentSettings::named(EnvironmentName::new(known_as));
    flag(table, "auto", &mut settings.auto);
    flag(table, "production", &mut settings.production);
    settings.requires_approval = settings.production;
    settings.prereleases = !settings.production;
    flag(table, "requires_approval", &mut settings.requires_approval);
    let after = table.text("after");
    settings.trigger = read_trigger(table).unwrap_or(Trigger::None);
    settings.url = read_url(table);
    counted(table, "timeout_min", (MINUTE_S, 1..=1440), &mut settings.timeout_s);
    count(table, "attempts", 1..=10, &mut settings.attempts);
    settings.health = read_health(table);
    counted(table, "soak_min", (MINUTE_S, 0..=10_080), &mut settings.soak_s);
    counted(table, "approval_expires_h", (HOUR_S, 1..=720), &mut settings.approval_expires_s);
    settings.approvers = read_approvers(table, settings.requires_approval);
    settings.freezes = read_deploy_freezes(table);
    flag(table, "rollback", &mut settings.rollback);
    flag(table, "prereleases", &mut settings.prereleases);
    section.finish();
    name.map(|_| (settings, after))
}

/// Names become parts of addresses and arguments of commands, so they are plain words; and nothing is defined twice.
fn check_name(document: &Document<'_>, name: &Spanned<&str>, seen: &mut HashMap<String, usize>) {
    let text: &str = name.get_ref();
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '.');
    if text.len() > NAME_CHARS || !text.chars().all(good) || text.starts_with(['-', '_', '/', '.']) {
        let message = format!("{text:?} cannot be the name of an environment");
        let expected =
            format!("at most {NAME_CHARS} letters, digits, `-`, `_`, `/` and `.`, beginning with a letter or digit");
        document.fault(name.span(), Complaint::new(message, expected, "write a word such as \"qa\""));
    }
    let line = document.file.position(name.span().start).0;
    if let Some(first) = seen.insert(text.to_ascii_lowercase(), line) {
        let message = format!("there is an environment `{text}` already, at line {first}");
        let expected = "a name of its own, which differs in more than case";
        document.fault(name.span(), Complaint::new(message, expected, "rename or remove one of the two"));
    }
}

fn read_url(table: &mut Section<'_>) -> Option<String> {
    let url = table.text("url")?;
    let help = "write the address under which people always find this environment";
    if !refuse_placeholders(table.document, &url, help) && !is_address(url.get_ref()) {
        not_an_address(table.document, &url, "the address of an environment");
    }
    Some(url.into_inner().to_owned())
}

/// A number of minutes or hours, kept in seconds.
fn counted(table: &mut Section<'_>, key: &'static str, unit: (u32, RangeInclusive<u32>), setting_s: &mut u32) {
    let (unit_s, range) = unit;
    let mut number = *setting_s / unit_s;
    count(table, key, range, &mut number);
    *setting_s = number * unit_s;
}

/// People who approve. Where nobody has to, naming some would look like a safeguard and be none.
fn read_approvers(table: &mut Section<'_>, requires_approval: bool) -> Vec<Login> {
    let document = table.document;
    let texts = table.texts("approvers").unwrap_or_default();
    if let (Some(first), false) = (texts.first(), requires_approval) {
        let help = "add `requires_approval = true`, or remove `approvers`";
        let message = "nothing waits for approval here, so these approvers are never asked";
        document.fault(first.span(), Complaint::new(message, "`requires_approval = true` beside it", help));
    }
    let mut approvers = Vec::with_capacity(texts.len());
    for text in texts {
        if text.get_ref().ends_with("[bot]") {
            let message = format!("`{}` is an App", text.get_ref());
            let complaint = Complaint::new(message, "the account of a person", "name people, or remove it");
            document.fault(text.span(), complaint);
        } else {
            approvers.extend(read_login(document, &text));
        }
    }
    approvers
}
