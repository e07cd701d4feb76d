//! Whether the checks of a commit let it be deployed: the gate's rules, applied to what was released.

use crate::decide::gate::{OWN_CHECK, newest};
use crate::model::{Check, CheckOrigin, CheckState, EnvironmentSnapshot, RequiredCheck};
use crate::policy::CheckSettings;

/// What is not green, a sentence part each; nothing where the commit may be deployed.
pub(super) fn against(snapshot: &EnvironmentSnapshot, settings: &CheckSettings, allow_no_checks: bool) -> Vec<String> {
    let others: Vec<&Check> = newest(&snapshot.checks)
        .into_iter()
        .filter(|check| check.name != OWN_CHECK && !is_of(check, snapshot.own_app))
        .collect();
    let required = required(snapshot, settings);
    if required.is_empty() {
        let counted: Vec<&Check> = others.into_iter().filter(|check| !settings.ignores(&check.name)).collect();
        if counted.is_empty() && !allow_no_checks && !settings.allow_none {
            return vec!["no check was reported for it".to_owned()];
        }
        return counted.into_iter().filter_map(|check| fault(check, settings)).collect();
    }
    let mut found = Vec::new();
    for wanted in &required {
        let fitting: Vec<&&Check> = others.iter().filter(|check| fits(check, wanted)).collect();
        if fitting.is_empty() {
            found.push(format!("the check `{}` was not reported; {} demands it", wanted.name, wanted.demanded_by));
        }
        found.extend(fitting.into_iter().filter_map(|check| fault(check, settings)));
    }
    found.dedup();
    found
}

fn fault(check: &Check, settings: &CheckSettings) -> Option<String> {
    match check.state {
        state if settings.passes(state) => None,
        CheckState::Queued | CheckState::Running => Some(format!("the check `{}` is under way", check.name)),
        CheckState::Completed(conclusion) => Some(format!("the check `{}` ended as {conclusion}", check.name)),
    }
}

/// Our own checks are of pulls, so none of them is waited for on what landed.
fn required(snapshot: &EnvironmentSnapshot, settings: &CheckSettings) -> Vec<RequiredCheck> {
    let by_policy = settings.required.iter().map(|name| RequiredCheck {
        name: name.clone(),
        app: None,
        demanded_by: "the policy".to_owned(),
    });
    let mut required: Vec<RequiredCheck> = Vec::new();
    for one in snapshot.required.iter().cloned().chain(by_policy) {
        let ours = one.name == OWN_CHECK || one.app == Some(snapshot.own_app);
        let included = required.iter().any(|kept| kept.name == one.name && (one.app.is_none() || kept.app == one.app));
        if !ours && !included {
            required.push(one);
        }
    }
    required
}

fn fits(check: &Check, wanted: &RequiredCheck) -> bool {
    check.name == wanted.name && wanted.app.is_none_or(|app| is_of(check, app))
}

fn is_of(check: &Check, app: i64) -> bool {
    match &check.origin {
        CheckOrigin::App { id, .. } => *id == app,
        CheckOrigin::Status { .. } => false,
    }
}
