//! A batch that fails: halves, and whoever is left alone with the failure.

use stationmaster::model::{Conclusion, QueueSnapshot, StagingReport};

use super::scene::*;

fn red(members: &[i64]) -> QueueSnapshot {
    let pulls = members.iter().map(|number| pull(*number)).collect();
    queue_with(pulls).testing(members).checks(vec![check("test", Conclusion::Failure)])
}

/// The same queue after a decision, with another thing to see.
fn after(snapshot: &QueueSnapshot, see: impl FnOnce(&mut QueueSnapshot)) -> QueueSnapshot {
    let decision = decide(snapshot);
    let mut next = snapshot.clone();
    next.pulls.retain(|pull| decision.places.iter().any(|place| place.number == pull.entry.number));
    next.record = decision.record;
    next.reports.clear();
    next.checks.clear();
    see(&mut next);
    next
}

fn built(staging: &str) -> impl FnOnce(&mut QueueSnapshot) {
    let staging = sha(staging);
    move |snapshot| {
        snapshot.staging_sha = Some(staging.clone());
        snapshot.reports = vec![StagingReport::Built { staging, conflicts: Vec::new() }];
    }
}

fn ends(conclusion: Conclusion) -> impl FnOnce(&mut QueueSnapshot) {
    move |snapshot| snapshot.checks = vec![check("test", conclusion)]
}

fn at_base(base: &str) -> impl FnOnce(&mut QueueSnapshot) {
    let base = sha(base);
    move |snapshot| snapshot.base_sha = Some(base)
}

#[test]
fn a_red_batch_is_tested_in_halves() {
    type Row = (&'static [i64], &'static str, &'static [&'static [i64]]);
    let rows: [Row; 4] = [
        (&[1, 2], "build #1 on base0", &[&[2]]),
        (&[1, 2, 3], "build #1 #2 on base0", &[&[3]]),
        (&[1, 2, 3, 4], "build #1 #2 on base0", &[&[3, 4]]),
        (&[1, 2, 3, 4, 5], "build #1 #2 #3 on base0", &[&[4, 5]]),
    ];
    for (members, expected, suspects) in rows {
        let decision = decide(&red(members));
        assert_eq!(told(&decision), expected);
        let kept: Vec<Vec<i64>> =
            decision.record.suspects.iter().map(|group| group.iter().map(|member| member.number.0).collect()).collect();
        assert_eq!(kept, suspects.iter().map(|group| group.to_vec()).collect::<Vec<_>>());
        assert!(decision.put_out.is_empty(), "nobody is to blame yet");
    }
}

#[test]
fn of_a_failed_two_the_culprit_is_put_out_and_the_other_lands() {
    for culprit in [1, 2] {
        let verdict = |number| if number == culprit { Conclusion::Failure } else { Conclusion::Success };
        let first_tested = after(&after(&red(&[1, 2]), built("staging2")), ends(verdict(1)));
        if culprit == 1 {
            assert_eq!(told(&decide(&first_tested)), "out #1, build #2 on base0");
            let second = after(&after(&first_tested, built("staging3")), ends(verdict(2)));
            assert_eq!(told(&decide(&second)), "land #2 as staging3");
        } else {
            assert_eq!(told(&decide(&first_tested)), "land #1 as staging2");
            let landed = after(&first_tested, at_base("staging2"));
            assert_eq!(told(&decide(&landed)), "build #2 on staging2, landed [1]");
            let second = after(&after(&landed, built("staging3")), ends(verdict(2)));
            assert_eq!(told(&decide(&second)), "out #2");
        }
    }
}

#[test]
fn a_lone_failure_is_told_by_the_check_that_failed() {
    let decision = decide(&red(&[4]));
    assert_eq!(told(&decision), "out #4");
    let comment = comment_on(&decision, 4);
    assert!(comment.contains("[`test`](https://ci.example/test) failed"), "{comment}");
    assert!(comment.contains("tested alone on top of `main` at base0"), "{comment}");
    assert!(comment.contains("`/queue`"), "{comment}");
    assert_eq!(decision.put_out[0].head, head(4));
    assert!(decision.places.is_empty());
}

#[test]
fn a_base_that_moves_under_a_half_leaves_it_a_half() {
    let half = after(&red(&[1, 2, 3, 4]), at_base("base9"));
    let decision = decide(&half);
    assert_eq!(told(&decision), "build #1 #2 on base9");
    assert_eq!(decision.record.suspects.len(), 1);
    assert!(decision.record.batch.unwrap().suspected);
}

#[test]
fn a_suspect_with_a_new_head_is_suspected_no_longer() {
    let half = after(&red(&[1, 2, 3, 4]), |snapshot| snapshot.pulls[0] = pushed(1));
    let decision = decide(&half);
    assert_eq!(told(&decision), "build #2 on base0");
    assert!(!decision.record.suspects.iter().flatten().any(|suspect| *suspect == member(1)));
}

#[test]
fn newcomers_wait_until_the_parts_of_a_failed_batch_are_through() {
    let half = after(&red(&[1, 2]), |snapshot| snapshot.pulls.push(pull(3)));
    let tested = after(&after(&half, built("staging2")), ends(Conclusion::Success));
    let landed = after(&tested, at_base("staging2"));
    assert_eq!(told(&decide(&landed)), "build #2 on staging2, landed [1]");
}
