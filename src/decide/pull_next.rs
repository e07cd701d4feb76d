//! What to do so that a reason against a merge goes away, for pages.

use crate::model::MergeBlocker;

/// What to do about a blocker, as one sentence.
#[must_use]
pub fn next_step(blocker: &MergeBlocker) -> String {
    let text = match blocker {
        MergeBlocker::CheckFailed { name, .. } => {
            return format!("Push a fix, or have `{name}` run again with “Retest”.");
        }
        MergeBlocker::CheckMissing { name, .. } => {
            return format!("Have `{name}` run for this head; if nothing is called so any more, stop demanding it.");
        }
        MergeBlocker::ForbiddenByLabel { label } => return format!("Take the label `{label}` off."),
        MergeBlocker::WrongBase { .. } => {
            "Change the base on GitHub, or list the branch in the policy's `[merge] bases`."
        }
        MergeBlocker::NotOpen => "Nothing: open it again if it was closed by mistake.",
        MergeBlocker::MergingOff => "Merge by hand, or set `[merge] enabled = true` in the policy.",
        MergeBlocker::Draft => "Mark it ready for review on GitHub.",
        MergeBlocker::Conflict => "Merge or rebase onto the base, solve the conflicts, and push.",
        MergeBlocker::MergeabilityUnknown => "Wait: GitHub works it out within a minute.",
        MergeBlocker::Behind => "Update the branch with the base's newest commits.",
        MergeBlocker::CheckRunning { .. } => "Wait until it is over.",
        MergeBlocker::CheckForged { .. } => "Have the App report it that the branch's protection names.",
        MergeBlocker::NoChecks => {
            "Add a workflow that runs for pull requests, or set `[checks] allow_none = true` in the policy."
        }
        MergeBlocker::ReviewPending => "Wait a moment: it is reviewed at the next look.",
        MergeBlocker::ReviewFailed { .. } => "Mend the findings below, and push.",
        MergeBlocker::SecretFound { .. } => "Take the secret out of all commits, and replace it where it is in use.",
        MergeBlocker::ReviewImpossible { .. } => "Mend what is named, in the rules or in the pull request.",
        MergeBlocker::Held { .. } => "Take the hold back with “Unhold” once the reason is gone.",
        MergeBlocker::ChangesRequested { .. } => "Make the changes; then they approve, or dismiss their review.",
        MergeBlocker::ApprovalsMissing { .. } => "Approve this head on GitHub.",
        MergeBlocker::ApprovalStale { .. } => "Look at what is new, and approve this head.",
        MergeBlocker::ReviewRequired => "Review it on GitHub, as the branch's protection asks.",
        MergeBlocker::AuthorNotTrusted { .. } => "Somebody with write permission looks at it and approves this head.",
        MergeBlocker::Frozen { .. } => "Wait until the freeze is over, or take it back.",
        MergeBlocker::PolicyUnreadable { .. } => "Mend the policy file on the default branch.",
        MergeBlocker::DependencyOpen { .. } => "Merge or close that one first.",
        MergeBlocker::NotAsked => "Press “Merge”, or comment `/merge`.",
        MergeBlocker::PutOut { .. } => "Push a change, or press “Queue” to have it tested again.",
        MergeBlocker::Queued { .. } => "Nothing: its turn comes.",
        MergeBlocker::MergeRefused { again: Some(_), .. } => "Nothing: it is tried again.",
        MergeBlocker::MergeRefused { again: None, .. } => {
            "Mend what GitHub names; any change to the pull has it tried again."
        }
        MergeBlocker::GithubQueue => "Add it to GitHub's queue there, or switch that queue off.",
    };
    text.to_owned()
}
