//! Whether the checks of a commit let it be deployed: the gate's rules, applied to what was released.

use crate::decide::gate::{OWN_CHECK, demanded, newest};
use crate::model::{Check, CheckState, EnvironmentSnapshot};
use crate::policy::CheckSettings;

/// What is not green, a sentence part each; nothing where the commit may be deployed.
pub(super) fn against(snapshot: &EnvironmentSnapshot, settings: &CheckSettings, allow_no_checks: bool) -> Vec<String> {
    let others: Vec<&Check> = newest(&snapshot.checks)
        .into_iter()
        .filter(|check| check.name != OWN_CHECK && !check.is_by(snapshot.own_app))
        .collect();
    let required = demanded(&snapshot.required, &settings.required, snapshot.own_app);
    if required.is_empty() {
        let counted: Vec<&Check> = others.into_iter().filter(|check| !settings.ignores(&check.name)).collect();
        if counted.is_empty() && !allow_no_checks && !settings.allow_none {
            return vec!["no check was reported for it".to_owned()];
        }
        return counted.into_iter().filter_map(|check| fault(check, settings)).collect();
    }
    let mut found = Vec::new();
    for wanted in &required {
        let fitting: Vec<&&Check> = others.iter().filter(|check| wanted.is_met_by(check)).collect();
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
