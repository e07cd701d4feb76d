//! What people are told about the queue.

use crate::model::{Batch, BatchState, Member, Number, PutOut, QueueSnapshot, Stall};

use super::order::Standing;

/// `#4`, `#4 and #5`, `#4, #5 and #6`.
pub(super) fn list(numbers: &[Number]) -> String {
    match numbers {
        [] => "nothing".to_owned(),
        [one] => format!("#{one}"),
        [before @ .., last] => {
            let before: Vec<String> = before.iter().map(|number| format!("#{number}")).collect();
            format!("{} and #{last}", before.join(", "))
        }
    }
}

/// The members' numbers.
pub(super) fn numbers(members: &[Member]) -> Vec<Number> {
    members.iter().map(|member| member.number).collect()
}

/// `the check `test`` or `the checks `lint` and `test``.
pub(super) fn checks_named(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [one] => format!("the check {one}"),
        many => format!("the checks {}", many.join(", ")),
    }
}

/// The comment for somebody who must act.
pub(super) fn put_out_comment(out: &PutOut) -> String {
    format!(
        "This was taken out of the merge queue at {}: {}.\n\nPush a change, or comment `/queue` to have it tested again.",
        out.head.short(),
        out.why
    )
}

/// What is going on with a queued pull, as a sentence part.
pub(super) fn place_state(
    snapshot: &QueueSnapshot,
    number: Number,
    standing: Standing<'_>,
    (batch, suspect, stalled): (Option<&Batch>, bool, Option<&Stall>),
) -> String {
    if let Some(batch) = batch.filter(|batch| batch.members.iter().any(|member| member.number == number)) {
        let others: Vec<Number> =
            batch.members.iter().map(|member| member.number).filter(|other| *other != number).collect();
        let with = if others.is_empty() { "alone".to_owned() } else { format!("together with {}", list(&others)) };
        return match batch.state {
            BatchState::Building { .. } | BatchState::Testing { .. } => {
                format!("it is tested {with} on top of `{}`", snapshot.base)
            }
            BatchState::Landing { .. } => format!("its tests are green, and it is put on `{}`", snapshot.base),
        };
    }
    match standing {
        Standing::Unfit(blocker) => format!("it is passed over, because {blocker}"),
        Standing::Moved => "it is passed over, because it has a new head".to_owned(),
        Standing::Fit | Standing::Unseen => match stalled {
            Some(stall) => format!("GitHub refused, and it is tried again at {}: {}", stall.until, stall.why),
            None if suspect => "the batch that it was in failed; a smaller one is tested".to_owned(),
            None => "it waits for its turn".to_owned(),
        },
    }
}
