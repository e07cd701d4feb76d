//! GitHub's answers: nothing passes for green or mergeable that GitHub did not call so.

use serde_json::Value;
use stationmaster::github::{PullAnswer, issue_of_answer, pull_of_answer};
use stationmaster::model::{CheckState, Conclusion, Mergeability, ReviewState};

/// The `data` of an answer to one of the two large queries.
pub fn check(data: &[u8]) {
    // Written anew, letters that were written by their numbers are letters.
    let anew = serde_json::from_slice::<Value>(data).map(|value| value.to_string());
    let said = anew.unwrap_or_else(|_| super::text(data).into_owned());
    if let Ok(Some(answer)) = pull_of_answer(data) {
        is_no_better_than_said(&answer, &said);
        let stored = serde_json::to_string(&answer.pull).expect("a pull can be stored");
        assert_eq!(serde_json::from_str::<stationmaster::model::Pull>(&stored).ok(), Some(answer.pull));
    }
    if let Ok(Some(thread)) = issue_of_answer(data) {
        assert!(thread.comments.iter().all(|comment| !comment.author.as_str().is_empty() || said.contains("\"\"")));
        let entries = thread.comments.len() + thread.label_events.len() + thread.sub_issues.len() + thread.pulls.len();
        assert!(entries <= said.len(), "{entries} entries of {} bytes", said.len());
    }
}

fn is_no_better_than_said(answer: &PullAnswer, said: &str) {
    let count = |word: &str| said.matches(&format!("\"{word}\"")).count();
    let green = |state: &CheckState| *state == CheckState::Completed(Conclusion::Success);
    let greens = answer.checks.iter().filter(|check| green(&check.state)).count();
    assert!(greens <= count("SUCCESS"), "{greens} green checks in {said}");
    let approvals = answer.reviews.iter().filter(|review| review.state == ReviewState::Approved).count();
    assert!(approvals <= count("APPROVED"), "{approvals} approvals in {said}");
    if answer.pull.mergeability == Mergeability::Mergeable {
        assert!(count("MERGEABLE") > 0, "mergeable: {said}");
    }
    // Checks are those of the head that is judged, and of no other commit.
    if !answer.checks.is_empty() {
        assert!(count(answer.pull.head.as_str()) > 1, "checks of another commit: {said}");
    }
}
