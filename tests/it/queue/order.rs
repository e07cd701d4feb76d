//! Who is tested first, and who waits for whom.

use stationmaster::model::{MergeBlocker, QueuedPull, Stall};

use super::scene::*;

const UNKNOWN: MergeBlocker = MergeBlocker::MergeabilityUnknown;

fn unseen(number: i64) -> QueuedPull {
    QueuedPull { observed: false, ..pull(number) }
}

#[test]
fn a_batch_is_taken_by_priority_then_by_age_up_to_its_size() {
    let rows: Vec<(&str, Vec<QueuedPull>, &str)> = vec![
        ("nobody", vec![], "nothing"),
        ("one", vec![pull(4)], "build #4 on base0"),
        ("the oldest first", vec![pull(3), pull(1), pull(2)], "build #1 #2 #3 on base0"),
        ("the urgent before the old", vec![pull(1), urgent(9)], "build #9 #1 on base0"),
        (
            "no more than five",
            vec![pull(1), pull(2), pull(3), pull(4), pull(5), pull(6), urgent(7)],
            "build #7 #1 #2 #3 #4 on base0",
        ),
        ("a draft is passed over", vec![blocked(1, MergeBlocker::Draft), pull(2)], "build #2 on base0"),
        ("a new head is passed over", vec![pushed(1), pull(2)], "build #2 on base0"),
        (
            "a pull that is gone is passed over",
            vec![QueuedPull { head: None, ..pull(1) }, pull(2)],
            "build #2 on base0",
        ),
        ("being behind is mended by the batch", vec![blocked(1, MergeBlocker::Behind)], "build #1 on base0"),
        ("whether it conflicts is found out by the batch", vec![blocked(1, UNKNOWN), pull(2)], "build #1 #2 on base0"),
        (
            "an unknown draft is passed over",
            vec![QueuedPull { blockers: vec![UNKNOWN, MergeBlocker::Draft], ..pull(1) }, pull(2)],
            "build #2 on base0",
        ),
        ("what was not looked at is not taken", vec![pull(1), unseen(2), pull(3)], "build #1 on base0"),
    ];
    for (name, pulls, expected) in rows {
        assert_eq!(told(&decide(&queue_with(pulls))), expected, "{name}");
    }
}

#[test]
fn a_next_pull_that_was_not_looked_at_is_soon() {
    let decision = decide(&queue_with(vec![unseen(1), pull(2)]));
    assert_eq!(decision.look_again, Some(NOW.plus_ms(1_000)));
    assert!(decision.summary.contains("#1"), "{}", decision.summary);
    assert_eq!(shown(&decision, 2), (2, "it waits for its turn".to_owned()));
}

#[test]
fn an_urgent_pull_does_not_interrupt_a_batch_and_is_first_in_the_next() {
    let snapshot = queue_with(vec![pull(1), pull(2), urgent(3)]).testing(&[1]).checks(vec![running("test")]);
    assert_eq!(told(&decide(&snapshot)), "still testing");
    let mut landed = queue_with(vec![pull(1), pull(2), urgent(3)]).landing(&[1]);
    landed.base_sha = Some(sha("staging1"));
    assert_eq!(told(&decide(&landed)), "build #3 #2 on staging1, landed [1]");
}

#[test]
fn an_urgent_pull_goes_before_the_parts_of_a_failed_batch() {
    let mut snapshot = queue_with(vec![pull(1), pull(2), urgent(3), pull(4)]);
    snapshot.record.suspects = vec![vec![member(2)], vec![member(1)]];
    let decision = decide(&snapshot);
    assert_eq!(told(&decision), "build #3 on base0");
    assert_eq!(decision.record.suspects.len(), 2, "they are still to be tested");
}

#[test]
fn every_queued_pull_shows_its_place_and_what_it_waits_for() {
    let pulls = vec![pull(1), pull(2), unseen(3), pull(4), blocked(5, MergeBlocker::Draft)];
    let decision = decide(&queue_with(pulls));
    assert_eq!(shown(&decision, 1), (1, "it is tested together with #2 on top of `main`".to_owned()));
    assert_eq!(shown(&decision, 2).0, 2);
    assert_eq!(shown(&decision, 3), (3, "it waits for its turn".to_owned()));
    assert_eq!(shown(&decision, 4), (4, "it waits for its turn".to_owned()));
    assert_eq!(shown(&decision, 5).1, "it is passed over, because it is a draft");
}

#[test]
fn after_a_refusal_nothing_is_begun_until_its_time() {
    let mut snapshot = queue_with(vec![pull(1)]);
    let stall = |until| Some(Stall { until, why: "Changes must be made through a pull request.".to_owned() });
    snapshot.record.stalled = stall(NOW.plus_ms(1));
    let decision = decide(&snapshot);
    assert_eq!((told(&decision).as_str(), decision.look_again), ("nothing", Some(NOW.plus_ms(1))));
    assert!(shown(&decision, 1).1.contains("through a pull request"));
    snapshot.record.stalled = stall(NOW);
    let decision = decide(&snapshot);
    assert_eq!((told(&decision).as_str(), &decision.record.stalled), ("build #1 on base0", &None));
}

#[test]
fn without_the_branch_nothing_is_begun() {
    let mut snapshot = queue_with(vec![pull(1)]);
    snapshot.base_sha = None;
    let decision = decide(&snapshot);
    assert_eq!(told(&decision), "nothing");
    assert!(decision.summary.contains("there is no branch `main`"), "{}", decision.summary);
}
