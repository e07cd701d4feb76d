//! A batch that is being built.

use stationmaster::model::{BatchState, MergeBlocker, Number, QueueSnapshot, StagingReport};

use super::scene::*;

fn built(conflicts: &[i64]) -> StagingReport {
    StagingReport::Built { staging: sha("staging1"), conflicts: conflicts.iter().copied().map(Number).collect() }
}

fn moved_base(mut snapshot: QueueSnapshot) -> QueueSnapshot {
    snapshot.base_sha = Some(sha("base9"));
    snapshot
}

#[test]
fn a_build_goes_on_as_its_report_says() {
    let two = || queue_with(vec![pull(1), pull(2)]).building(&[1, 2]);
    let refused = StagingReport::Refused { why: "Resource not accessible by integration".to_owned() };
    let rows: Vec<(&str, QueueSnapshot, &str)> = vec![
        ("no report yet", two(), "still building"),
        ("built", two().report(built(&[])), "still testing"),
        ("the base moved, it says", two().report(StagingReport::BaseMoved), "build #1 #2 on base0"),
        ("the base moved, it is seen", moved_base(two()), "build #1 #2 on base9"),
        ("built on a base that has moved", moved_base(two().report(built(&[]))), "build #1 #2 on base9"),
        ("refused", two().report(refused), "nothing"),
        ("a push to a member", queue_with(vec![pushed(1), pull(2)]).building(&[1, 2]), "build #2 on base0"),
        ("a member has left", queue_with(vec![pull(2)]).building(&[1, 2]), "build #2 on base0"),
        (
            "a member is blocked",
            queue_with(vec![pull(1), blocked(2, MergeBlocker::NotAsked)]).building(&[1, 2]),
            "build #1 on base0",
        ),
        (
            "GitHub computes anew, which is no reason to begin anew",
            queue_with(vec![pull(1), blocked(2, MergeBlocker::MergeabilityUnknown)]).building(&[1, 2]),
            "still building",
        ),
    ];
    for (name, snapshot, expected) in rows {
        assert_eq!(told(&decide(&snapshot)), expected, "{name}");
    }
}

#[test]
fn a_rebuilt_batch_has_a_number_and_keys_of_its_own() {
    let first = decide(&queue_with(vec![pull(1)]));
    let second = decide(&queue_with(vec![pull(1)]).building(&[1]).report(StagingReport::BaseMoved));
    assert_eq!(second.record.batch.as_ref().unwrap().id, 2);
    assert_ne!(first.actions[0].key, second.actions[0].key);
    assert!(second.put_out.is_empty(), "nobody is to blame for a base that moves");
}

#[test]
fn a_refused_build_says_so_and_rests() {
    let why = "Resource not accessible by integration".to_owned();
    let snapshot = queue_with(vec![pull(1)]).building(&[1]).report(StagingReport::Refused { why });
    let decision = decide(&snapshot);
    assert!(decision.record.stalled.is_some());
    assert!(shown(&decision, 1).1.contains("Resource not accessible"));
}

#[test]
fn a_member_that_conflicts_with_the_base_is_put_out_and_the_others_go_on() {
    let decision = decide(&queue_with(vec![pull(1), pull(2)]).building(&[1, 2]).report(built(&[1])));
    assert_eq!(told(&decision), "out #1");
    assert!(comment_on(&decision, 1).contains("it conflicts with `main` at base0"), "{}", comment_on(&decision, 1));
    let batch = decision.record.batch.unwrap();
    assert_eq!(batch.members, [member(2)]);
    assert!(matches!(batch.state, BatchState::Testing { .. }));
}

#[test]
fn a_member_that_conflicts_with_another_member_waits_for_the_next_batch() {
    let decision = decide(&queue_with(vec![pull(1), pull(2), pull(3)]).building(&[1, 2, 3]).report(built(&[2])));
    assert_eq!(told(&decision), "still testing");
    assert_eq!(decision.record.batch.as_ref().unwrap().members, [member(1), member(3)]);
    assert_eq!(shown(&decision, 2), (2, "it waits for its turn".to_owned()));
}

#[test]
fn when_all_conflict_all_are_put_out_and_the_next_are_built() {
    let decision = decide(&queue_with(vec![pull(1), pull(2), pull(3)]).building(&[1, 2]).report(built(&[1, 2])));
    assert_eq!(told(&decision), "out #1, out #2, build #3 on base0");
}

#[test]
fn a_build_of_which_nothing_is_heard_is_begun_anew() {
    let since = NOW.plus_ms(-60 * MINUTE_MS);
    let snapshot = queue_with(vec![pull(1)]).batch(&[1], BatchState::Building { since });
    assert_eq!(told(&decide(&snapshot)), "build #1 on base0");
    assert_eq!(decide(&snapshot).record.last_batch, 2);
}
