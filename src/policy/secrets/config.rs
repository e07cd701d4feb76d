//! A whole file in gitleaks' format, and the file that it extends.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::Spanned;

use super::allowlist::{Allowlist, ReadAllowlist, read_allowlists};
use super::rule::{SecretRule, read_rule, words};
use crate::policy::fault::{Complaint, Faults, RuleFault, RuleFile};
use crate::policy::reader::{Section, read_any_case};

/// How often a file may extend another, as gitleaks has it.
const MOST_EXTENSIONS: usize = 2;

/// What `[extend]` can refer to.
#[derive(Clone, Copy)]
pub struct Extension<'e> {
    /// The file that `useDefault = true` means.
    pub default: &'e RuleFile,
    /// Finds the file of `path = "…"`; `None` when there is none, or when paths cannot be followed.
    pub find: &'e dyn Fn(&str) -> Option<RuleFile>,
}

/// What a file says, not yet checked as a whole.
#[derive(Debug, Default)]
pub(super) struct SecretConfig {
    pub(super) rules: Vec<SecretRule>,
    pub(super) allowlists: Vec<Allowlist>,
    /// Allowlists for certain rules, which may come from the extended file.
    targeted: Vec<(RuleFault, String, Allowlist)>,
    extend: Extend,
}

#[derive(Debug, Default)]
struct Extend {
    use_default: bool,
    path: Option<Spanned<String>>,
    disabled_rules: Vec<String>,
}

/// Reads a file and those that it extends, and checks the whole.
pub(super) fn read_config(file: RuleFile, extension: &Extension<'_>) -> Result<SecretConfig, Faults> {
    let mut config = read_extended(file, extension, 0)?;
    let mut faults: Vec<RuleFault> = config.rules.iter().filter_map(SecretRule::faults).collect();
    for (fault, target, allowlist) in std::mem::take(&mut config.targeted) {
        match config.rules.iter_mut().find(|rule| rule.id == target) {
            Some(rule) => rule.allowlists.push(allowlist),
            None => faults.push(fault),
        }
    }
    for rule in &config.rules {
        for required in &rule.required {
            if !config.rules.iter().any(|other| other.id == required.rule) {
                let message = format!("rule `{}` requires `{}`, which is not there", rule.id, required.rule);
                faults.push(rule.place.fault(Complaint::new(message, "the id of another rule", "correct the id")));
            }
        }
    }
    Faults::none_or(faults, || Some(config))
}

fn read_extended(file: RuleFile, extension: &Extension<'_>, depth: usize) -> Result<SecretConfig, Faults> {
    let file = Arc::new(file);
    let (config, mut faults) = read_any_case(&file, |top| read_top(top, &file));
    let Some(mut config) = config else { return Faults::none_or(faults, || None) };
    let both = config.extend.use_default && config.extend.path.is_some();
    let base = match &config.extend.path {
        _ if depth >= MOST_EXTENSIONS => None,
        Some(path) if both => {
            let complaint = Complaint::new(
                "`path` and `useDefault` are both here",
                "one of them",
                "extend either the default rules or a file",
            );
            faults.push(RuleFault::at(&file, path.span(), complaint));
            None
        }
        Some(path) => {
            let found = (extension.find)(path.get_ref());
            if found.is_none() {
                let message = format!("the file {:?} that is to be extended cannot be found from here", path.get_ref());
                let expected =
                    "`useDefault = true`, or a file that lies beside this one when the scan runs on a computer";
                let help = "write its rules into this file: the server reads no other file of a repository for this";
                faults.push(RuleFault::at(&file, path.span(), Complaint::new(message, expected, help)));
            }
            found
        }
        None => config.extend.use_default.then(|| extension.default.clone()),
    };
    if let Some(base) = base {
        match read_extended(base, extension, depth + 1) {
            Ok(base) => config = config.over(base),
            Err(more) => faults.extend(more.list().iter().cloned()),
        }
    }
    Faults::none_or(faults, || Some(config))
}

impl SecretConfig {
    /// The extended file with what this one says put over it.
    fn over(self, base: Self) -> Self {
        let Self { rules, mut allowlists, mut targeted, extend } = self;
        let mut own: BTreeMap<String, SecretRule> = BTreeMap::new();
        let order: Vec<String> = rules.iter().map(|rule| rule.id.clone()).collect();
        own.extend(rules.into_iter().map(|rule| (rule.id.clone(), rule)));
        let mut joined = Vec::new();
        for rule in base.rules.into_iter().filter(|rule| !extend.disabled_rules.contains(&rule.id)) {
            joined.push(match own.remove(&rule.id) {
                Some(mine) => mine.over(rule),
                None => rule,
            });
        }
        // What is left is new, or stands in for a rule that was put out; it follows in the order of the file.
        joined.extend(order.iter().filter_map(|id| own.remove(id)));
        allowlists.extend(base.allowlists);
        targeted.extend(base.targeted);
        // An allowlist of the extended file for a rule that has been put out has nothing to do any more.
        targeted.retain(|(_, rule, _)| !extend.disabled_rules.contains(rule));
        Self { rules: joined, allowlists, targeted, extend: Extend::default() }
    }
}

fn read_top(top: &mut Section<'_>, file: &Arc<RuleFile>) -> SecretConfig {
    top.text("title");
    top.text("description");
    top.text("minVersion");
    let extend = top.table("extend").map(read_extend).unwrap_or_default();
    let mut rules: Vec<SecretRule> = Vec::new();
    for section in top.tables("rules") {
        let document = section.document;
        let place = section.place();
        let Some(rule) = read_rule(section, file) else { continue };
        if rules.iter().any(|other| other.id == rule.id) {
            let message = format!("there is a rule `{}` already", rule.id);
            document.fault(place, Complaint::new(message, "an id of its own for each rule", "rename or remove one"));
        }
        rules.push(rule);
    }
    let mut config = SecretConfig { rules, extend, ..SecretConfig::default() };
    for ReadAllowlist { allowlist, target_rules } in read_allowlists(top, true) {
        if target_rules.is_empty() {
            config.allowlists.push(allowlist);
            continue;
        }
        for target in target_rules {
            let message = format!("there is no rule `{}`", target.get_ref());
            let complaint = Complaint::new(message, "the id of a rule here or in the extended file", "correct the id");
            let fault = RuleFault::at(file, target.span(), complaint);
            config.targeted.push((fault, target.into_inner(), allowlist.clone()));
        }
    }
    config
}

fn read_extend(mut section: Section<'_>) -> Extend {
    let use_default = section.boolean("useDefault").is_some_and(Spanned::into_inner);
    let path = section.text("path").map(|text| Spanned::new(text.span(), (*text.get_ref()).to_owned()));
    let disabled_rules = words(&mut section, "disabledRules");
    // gitleaks reads it and does nothing with it.
    section.text("url");
    section.finish();
    Extend { use_default, path: path.filter(|path| !path.get_ref().is_empty()), disabled_rules }
}
