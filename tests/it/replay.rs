//! When decisions are made again by night, and how those that came out otherwise are counted and named.

use stationmaster::decide::replay::{Difference, Differing, Replayed, Tally, Verdict, due, read_difference};
use stationmaster::model::{Number, RepositoryId, StoredDecision, Subject, Timestamp};
use stationmaster::policy::Rules;

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

#[test]
fn a_night_is_due_at_three_in_the_teams_morning_and_until_the_next_one() {
    let clocks = Rules::builtin().unwrap().roster.clocks.clone();
    let day = |now: &str| due(&clocks, at(now)).unwrap().day.to_string();
    assert_eq!(day("2026-11-20T02:59:59-05:00"), "2026-11-19");
    assert_eq!(day("2026-11-20T03:00:00-05:00"), "2026-11-20");
    assert_eq!(day("2026-11-20T23:59:00-05:00"), "2026-11-20");
    // Clocks are set forward at two o'clock that night.
    assert_eq!(day("2026-03-08T03:00:00-04:00"), "2026-03-08");
}

fn counted(verdicts: &[Verdict]) -> Tally {
    let mut tally = Tally::default();
    for (number, verdict) in (1..).zip(verdicts) {
        let stored = StoredDecision {
            id: number,
            at: Timestamp(0),
            subject: Subject::Issue(RepositoryId(1), Number(7)),
            number,
            summary: String::new(),
            explanation: String::new(),
            saw: String::new(),
            record: None,
        };
        let difference = Difference { reasons_new: vec![format!("reason {number}")], ..Difference::default() };
        let replayed = Replayed { verdict: verdict.clone(), policy: None, version: None, difference };
        tally.count(&stored, "octo/station#7".to_owned(), replayed);
    }
    tally
}

#[test]
fn what_should_not_be_is_named_first_however_late_it_comes_and_however_many_others_there_are() {
    let mut verdicts = vec![Verdict::Same, Verdict::Unexplained];
    verdicts.extend(std::iter::repeat_n(Verdict::Policy, 30));
    verdicts.extend([Verdict::Version, Verdict::Unexplained]);
    let tally = counted(&verdicts);
    assert_eq!(tally.by_word().map(|(_, count)| count), [1, 30, 1, 2, 0]);
    assert_eq!(tally.differing.len(), 20, "not all are named");
    let first: Vec<String> = tally.differing.iter().take(3).map(Differing::line).collect();
    assert_eq!(
        first,
        [
            "decision 2 on octo/station#7 differs and should not: a new reason: reason 2",
            "decision 34 on octo/station#7 differs and should not: a new reason: reason 34",
            "decision 3 on octo/station#7 differs by the policy: a new reason: reason 3",
        ]
    );
    assert_eq!(
        tally.sentence(),
        "34 decisions were made again: 1 the same, 30 otherwise by another policy, 1 otherwise by another version, 2 \
         otherwise without a reason."
    );
    let (title, text) = read_difference(&tally).unwrap();
    assert_eq!(title, "2 decisions come out otherwise when they are made again");
    assert!(text.ends_with(&format!("- {}\n- {}", first[0], first[1])), "only those: {text}");
    assert_eq!(read_difference(&counted(&[Verdict::Policy, Verdict::Version])), None, "that was to be expected");
}
