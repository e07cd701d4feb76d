//! What people read: the card, the comment on a merge, and the plain text of `why`.

use stationmaster::decide::explain_pull;
use stationmaster::decide::pull_card::{MERGED, digest, merged_text, text};
use stationmaster::model::{
    CheckState, Conclusion, Finding, FindingKind, Hold, Login, PullSnapshot, PullState, Severity, Sha, Timestamp,
};

use super::{check, finding, gate, policy, ready, record, review, run};

fn troubled() -> PullSnapshot {
    let mut snapshot = ready();
    let mut failed = run("build | <b>", 1, Conclusion::Failure);
    failed.url = Some("https://ci.example/runs/1?by=@bob".to_owned());
    snapshot.checks = vec![failed, check("docs", 2, CheckState::Running), run("lint", 3, Conclusion::Success)];
    snapshot.record = Some(record());
    let why = "ask @cat\n| first".to_owned();
    snapshot.record.as_mut().unwrap().hold = Some(Hold { by: Login::from("bob"), why, since: Timestamp(0) });
    snapshot
}

#[test]
fn the_card_lists_every_blocker_and_on_whom_it_waits() {
    let snapshot = troubled();
    let card = text(&snapshot, &gate(&snapshot, &policy("")), Some("3 checks, 1 failed.\n"));
    insta::assert_snapshot!(card.replace('\u{200b}', "·"), @r"
    **Not merged yet.** 3 things stand in the way of aaaaaaa:

    | Why not | Waits on |
    | --- | --- |
    | bob holds it: ask @·cat \| first | bob |
    | the check `build \| &lt;b>` failed ([details](https://ci.example/runs/1?by=@bob)) | the author, ann |
    | the check `docs` is not over | the check `docs` |

    3 checks, 1 failed.

    <details><summary>Why</summary>

    - it can be merged into `main` without conflict
    - the review of 2 files found nothing that blocks
    - 1 check is green: `lint`
    - its author ann has write permission

    </details>
    ");
    assert_eq!(digest(&card), digest(&text(&snapshot, &gate(&snapshot, &policy("")), Some("3 checks, 1 failed."))));
}

#[test]
fn a_link_that_could_break_out_of_the_card_is_left_out() {
    let mut snapshot = troubled();
    for url in ["https://a.example/) [x](https://evil.example", "javascript:alert(1)", "https://a.example/|x"] {
        snapshot.checks[0].url = Some(url.to_owned());
        let card = text(&snapshot, &gate(&snapshot, &policy("")), None);
        assert!(!card.contains(url) && card.contains("failed |"), "{card}");
    }
}

#[test]
fn a_card_says_what_a_change_of_the_policy_would_do_and_when_nothing_stands_in_the_way() {
    let mut snapshot = ready();
    snapshot.review.as_mut().unwrap().policy_change = Some("- `merge.approvals`: `0` → `2`".to_owned());
    let card = text(&snapshot, &gate(&snapshot, &policy("")), None);
    let expected = "**Ready.** Nothing stands in the way of merging aaaaaaa.\n\n<details><summary>What this pull \
                    would change of the policy, once it is merged</summary>\n\n- `merge.approvals`: `0` → `2`\n\n</details>";
    assert!(card.starts_with(expected), "{card}");
}

#[test]
fn a_fault_as_long_as_a_file_does_not_fill_the_card() {
    let mut snapshot = ready();
    snapshot.review.as_mut().unwrap().faults = vec!["ü".repeat(100_000); 60];
    let card = text(&snapshot, &gate(&snapshot, &policy("")), None);
    assert!(card.chars().count() < 60_000, "{}", card.chars().count());
    assert!(card.contains("| … and 10 more | |"));
}

#[test]
fn cards_of_pulls_that_are_not_open_say_so() {
    let mut snapshot = ready();
    snapshot.pull.state = PullState::Closed;
    assert_eq!(text(&snapshot, &gate(&snapshot, &policy("")), None), "**Closed without a merge.**");
    snapshot.pull.state = PullState::Merged;
    snapshot.pull.merge_commit = Some(Sha::from("cafe"));
    assert_eq!(text(&snapshot, &gate(&snapshot, &policy("")), None), "**Merged** as cafe.");
}

#[test]
fn the_comment_on_a_merge_has_a_row_for_everything_that_was_looked_at() {
    let mut snapshot = ready();
    snapshot.checks.push(run("lint", 2, Conclusion::Success));
    snapshot.checks.push(run("flaky", 3, Conclusion::Failure));
    let only_required = policy("[checks]\nrequired = [\"lint\", \"build\"]");
    let warnings: Vec<Finding> = vec![finding(FindingKind::Code, Severity::Warn); 2];
    snapshot.review = Some(review(warnings));
    let comment = merged_text(&snapshot, &only_required, Some(&Sha::from("cafe")), None);
    insta::assert_snapshot!(comment, @r"
    Automated review passed. PR merged automatically.

    | | |
    | --- | --- |
    | Tests | 2 checks passed: `build`, `lint` |
    | Code review | 2 files read, 2 remarks, none of which blocks |
    | Merge conflicts | None with `main` |
    | Secrets | None found |
    | Merge commit | cafe |
    ");
    assert_eq!(comment.lines().next(), Some(MERGED));
    let queued = merged_text(&ready(), &policy(""), Some(&Sha::from("cafe")), Some("`build` passed on batch 7"));
    assert!(queued.contains("| Tests | `build` passed on batch 7 |\n| Code review | 2 files read, no findings |"));
}

#[test]
fn why_says_the_same_as_the_card_in_plain_text() {
    let snapshot = troubled();
    insta::assert_snapshot!(explain_pull(&snapshot, &gate(&snapshot, &policy(""))), @r"
    octo/station#12 “Add a signal box” is not merged, because
    - bob holds it: ask @cat | first. It waits on bob.
    - the check `build | <b>` failed (https://ci.example/runs/1?by=@bob). It waits on the author, ann.
    - the check `docs` is not over. It waits on the check `docs`.
    What else was seen:
    - it can be merged into `main` without conflict
    - the review of 2 files found nothing that blocks
    - 1 check is green: `lint`
    - its author ann has write permission
    ");
    let open = explain_pull(&ready(), &gate(&ready(), &policy("")));
    assert!(open.starts_with("octo/station#12 “Add a signal box” is ready: nothing stands in the way of aaaaaaa.\n"));
}
