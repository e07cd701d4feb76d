//! Our review of a head as it is published: the check run with its annotations, and the text of the review.

use std::fmt::Write as _;

use super::gate::OWN_CHECK;
use super::pull::ShownReview;
use super::review::{present, review_body};
use crate::model::{CheckReport, Conclusion, FindingKind, HeadReview};

/// GitHub takes no longer summary (<https://docs.github.com/en/rest/checks/runs#create-a-check-run>).
const SUMMARY_MAX_CHARS: usize = 65_535;
/// What stands at the end of one that was cut.
const CUT: &str = "\n\n… and more, which GitHub has no room for.";

/// The review as it is published. A review that could not be made fails, and says why in the first place.
#[must_use]
pub fn show_review(review: &HeadReview) -> ShownReview {
    let presented = present(&review.findings);
    let mut report = CheckReport {
        name: OWN_CHECK.to_owned(),
        conclusion: presented.conclusion,
        title: presented.title,
        summary: presented.summary,
        pages: presented.pages,
    };
    if !review.faults.is_empty() {
        report.conclusion = Conclusion::Failure;
        "The review could not be made".clone_into(&mut report.title);
        let faults = review.faults.iter().fold(String::new(), |mut text, fault| {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "```\n{}\n```\n", fault.replace("```", "'''"));
            text
        });
        report.summary = format!("{faults}{}", report.summary);
    }
    let unkept = review.total.saturating_sub(u32::try_from(review.findings.len()).unwrap_or(u32::MAX));
    if unkept > 0 {
        let _ = write!(report.summary, "\n\n{unkept} more findings are not listed.");
    }
    if review.findings.iter().any(|finding| finding.kind == FindingKind::Secret) {
        report.summary.push_str(
            "\n\nA secret that was pushed is known: replace it where it is used, whatever becomes of this pull.",
        );
    }
    if let Some(change) = &review.policy_change {
        let _ = write!(report.summary, "\n\nWhat this would change of the policy:\n\n{change}");
    }
    if let Some(backtest) = &review.backtest {
        let _ = write!(report.summary, "\n\nWhat it would have done in the past:\n\n{backtest}");
    }
    fit(&mut report.summary);
    ShownReview { report, text: review_body(&review.findings) }
}

/// Cuts a summary at the end of a line, so that GitHub takes it.
fn fit(summary: &mut String) {
    if summary.chars().count() <= SUMMARY_MAX_CHARS {
        return;
    }
    let room = SUMMARY_MAX_CHARS - CUT.chars().count();
    let end = summary.char_indices().nth(room).map_or(summary.len(), |(place, _)| place);
    summary.truncate(end);
    summary.truncate(summary.rfind('\n').unwrap_or(end));
    summary.push_str(CUT);
}
