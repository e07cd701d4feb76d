//! What the checks of a staging commit say about its batch: the gate's rules, applied to the commit of all.

use crate::decide::gate::{OWN_CHECK, newest};
use crate::model::{Check, CheckOrigin, CheckState, Conclusion, QueueSnapshot, RequiredCheck};
use crate::policy::CheckSettings;

/// What the checks come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// All that count went well.
    Green,
    /// One that counts went badly.
    Red { name: String, conclusion: Conclusion, url: Option<String> },
    /// These are not over.
    Running { names: Vec<String> },
    /// These have not been reported at all.
    Missing { names: Vec<String> },
    /// Nothing has been reported and nothing is required.
    Nothing,
}

/// Judges the newest check of each App and name: the required ones, or all where none is required.
pub(super) fn verdict(snapshot: &QueueSnapshot, settings: &CheckSettings) -> Verdict {
    let checks = newest(&snapshot.checks);
    let required = required(snapshot, settings);
    let mut missing = Vec::new();
    let mut counted = Vec::new();
    for wanted in &required {
        let before = counted.len();
        counted.extend(checks.iter().copied().filter(|check| wanted.is_met_by(check)));
        if counted.len() == before {
            missing.push(wanted.name.clone());
        }
    }
    if required.is_empty() {
        let counts = |check: &&Check| {
            let ours = matches!(check.origin, CheckOrigin::App { id, .. } if id == snapshot.own_app);
            !ours && check.name != OWN_CHECK && !settings.ignores(&check.name)
        };
        counted = checks.into_iter().filter(counts).collect();
    }
    judge(&counted, missing, settings, required.is_empty())
}

fn judge(counted: &[&Check], missing: Vec<String>, settings: &CheckSettings, none_required: bool) -> Verdict {
    let mut running = Vec::new();
    for check in counted {
        match check.state {
            state if settings.passes(state) => {}
            CheckState::Queued | CheckState::Running => running.push(check.name.clone()),
            CheckState::Completed(conclusion) => {
                return Verdict::Red { name: check.name.clone(), conclusion, url: check.url.clone() };
            }
        }
    }
    if !missing.is_empty() {
        Verdict::Missing { names: missing }
    } else if !running.is_empty() {
        Verdict::Running { names: running }
    } else if counted.is_empty() && none_required {
        Verdict::Nothing
    } else {
        Verdict::Green
    }
}

/// Required by GitHub's settings and by the policy. Our own review is of pulls: every member has passed it before it
/// entered, and has to pass it still.
fn required(snapshot: &QueueSnapshot, settings: &CheckSettings) -> Vec<RequiredCheck> {
    let by_policy = settings.required.iter().map(|name| RequiredCheck::by_policy(name));
    let of_others = |one: &RequiredCheck| one.name != OWN_CHECK && one.app != Some(snapshot.own_app);
    snapshot.required.iter().cloned().chain(by_policy).filter(of_others).collect()
}

/// Whether the base demands our own check, and the staging commit has none that went well.
pub(super) fn lacks_own_check(snapshot: &QueueSnapshot) -> bool {
    let demanded = |one: &RequiredCheck| one.name == OWN_CHECK && one.app.is_none_or(|app| app == snapshot.own_app);
    let there = |check: &Check| {
        let ours = matches!(check.origin, CheckOrigin::App { id, .. } if id == snapshot.own_app);
        ours && check.name == OWN_CHECK && check.state == CheckState::Completed(Conclusion::Success)
    };
    snapshot.required.iter().any(demanded) && !snapshot.checks.iter().any(there)
}
