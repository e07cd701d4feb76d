//! How long a merge may take, and how likely an answer is late.

use stationmaster::decide::learn::{MergeTime, PullSize, merge_time, roughly, sla_risk};
use stationmaster::model::{AnsweredBefore, Level, MergedBefore, ResponseClock, Task, Timestamp, WorkerId};

const HOUR_MS: i64 = 3_600_000;

fn merged(hours: i64, lines: Option<u64>) -> MergedBefore {
    MergedBefore { took_ms: hours * HOUR_MS, lines }
}

#[test]
fn pulls_of_the_same_size_say_how_long_it_may_take() {
    let mut before: Vec<MergedBefore> = (1..=10).map(|hours| merged(hours, Some(99))).collect();
    before.extend((1..=10).map(|days| merged(days * 24, Some(500))));
    let small = merge_time(Some(99), &before);
    assert_eq!(
        small,
        MergeTime::Known { size: Some(PullSize::Small), half_ms: 5 * HOUR_MS, most_ms: 9 * HOUR_MS, of: 10 }
    );
    assert_eq!(
        small.sentence(),
        "Half of the small pull requests here (fewer than 100 changed lines) were merged within 5 h of being opened, nine \
         of ten within 9 h (of 10)."
    );
    assert_eq!(
        [0, 99, 100, 499, 500].map(PullSize::of),
        [PullSize::Small, PullSize::Small, PullSize::Medium, PullSize::Medium, PullSize::Large]
    );
    assert!(
        merge_time(Some(100_000), &before)
            .sentence()
            .contains("within 5 days of being opened, nine of ten within 9 days")
    );
}

#[test]
fn where_few_are_of_its_size_all_count_and_where_few_are_there_nothing_is_said() {
    let before: Vec<MergedBefore> = (1..=5).map(|hours| merged(hours, None)).collect();
    for lines in [None, Some(100), Some(7)] {
        let said = merge_time(lines, &before).sentence();
        assert!(said.contains("pull requests here (of any size) were merged within 3 h"), "{said}");
    }
    let few = merge_time(Some(1), &before[..4]);
    assert_eq!(few, MergeTime::TooFew { of: 4 });
    assert!(few.sentence().starts_with("There is too little history to say"), "{}", few.sentence());
    assert_eq!(merge_time(None, &[]), MergeTime::TooFew { of: 0 });
}

#[test]
fn spans_are_told_in_one_unit() {
    let said: Vec<String> =
        [-5, 0, 119, 120, 7_199, 7_200, 172_799, 172_800, 9_000_000].map(|seconds| roughly(seconds * 1000)).into();
    assert_eq!(said, ["0 s", "0 s", "119 s", "2 min", "119 min", "2 h", "47 h", "2 days", "104 days"]);
}

/// A task whose answer was due ten hours after midnight, as of so many hours.
fn risk(before: &[AnsweredBefore], hours: i64) -> Option<String> {
    let mut task = crate::store_tasks::task(1);
    task.priority = Level::High;
    task.worker = Some(WorkerId::new("ada"));
    task.work.clocks.response =
        Some(ResponseClock { began: Timestamp(0), due: Timestamp(10 * HOUR_MS), stopped: None, breached: None });
    said(&task, before, hours)
}

fn said(task: &Task, before: &[AnsweredBefore], hours: i64) -> Option<String> {
    sla_risk(task, before, Timestamp(hours * HOUR_MS)).map(|risk| risk.sentence())
}

fn answers(worker: &str, late: usize, kept: usize) -> Vec<AnsweredBefore> {
    let one = |late| AnsweredBefore { worker: Some(WorkerId::new(worker)), late };
    std::iter::repeat_n(one(true), late).chain(std::iter::repeat_n(one(false), kept)).collect()
}

#[test]
fn the_risk_is_high_where_others_were_late_and_time_runs_out() {
    let others = answers("bob", 4, 2);
    assert_eq!(
        risk(&others, 8).unwrap(),
        "High risk of a late answer: 4 of 6 like it (priority high) were late, and 80 % of its time is gone."
    );
    assert!(risk(&others, 1).unwrap().starts_with("Some risk"));
    assert!(risk(&answers("bob", 0, 9), 1).unwrap().starts_with("Low risk of a late answer: 0 of 9"));
    assert!(risk(&answers("bob", 0, 9), 8).unwrap().starts_with("Some risk"));
    assert!(risk(&answers("bob", 3, 6), 9).unwrap().starts_with("High risk"));
    assert!(risk(&others, 99).unwrap().contains("100 % of its time is gone"));
}

#[test]
fn five_of_the_same_worker_count_more_than_all_others() {
    let mut before = answers("bob", 10, 0);
    before.extend(answers("ada", 0, 4));
    assert!(risk(&before, 1).unwrap().contains("10 of 14 like it (priority high) were late"));
    before.extend(answers("ada", 0, 1));
    assert!(
        risk(&before, 1).unwrap().contains("Low risk of a late answer: 0 of 5 like it (priority high, given to ada)")
    );
}

#[test]
fn nothing_is_said_of_an_answer_that_nobody_waits_for_and_little_of_too_few() {
    assert_eq!(
        risk(&answers("bob", 2, 2), 1).unwrap(),
        "There is too little history to say whether the answer comes in time (4 of the 5 tasks of priority high that it \
         takes)."
    );
    let mut task = crate::store_tasks::task(1);
    assert_eq!(said(&task, &answers("bob", 9, 9), 1), None);
    let clock = ResponseClock { began: Timestamp(0), due: Timestamp(1), stopped: Some(Timestamp(1)), breached: None };
    task.work.clocks.response = Some(clock.clone());
    assert_eq!(said(&task, &answers("bob", 9, 9), 1), None, "it was answered");
    task.work.clocks.response = Some(ResponseClock { stopped: None, breached: Some(Timestamp(1)), ..clock });
    assert_eq!(said(&task, &answers("bob", 9, 9), 1), None, "it is late already");
}
