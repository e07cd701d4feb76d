//! How much of an installation's limit sweeps may use, and which webhooks are asked for again.

use stationmaster::decide::missed::{LOG_KEPT_MS, ask_turn, given_up, read_from};
use stationmaster::decide::sweep_pace::{KnownLimit, Spent};
use stationmaster::model::{DeliveryGuid, Timestamp};

const NOW: Timestamp = Timestamp(1_795_262_400_000);
const HOUR_MS: i64 = 3_600_000;

const fn limit(limit: i64, remaining: i64) -> KnownLimit {
    KnownLimit { limit: Some(limit), remaining: Some(remaining), reset: Some(NOW.plus_ms(HOUR_MS)) }
}

/// How many reads of one request each are made in so long, one after the other as soon as they may.
fn reads_in(limit: KnownLimit, ms: i64) -> i64 {
    let (mut spent, mut now, mut count) = (Spent::default(), NOW, 0);
    while now.since_ms(NOW) < ms {
        if let Some(until) = limit.wait(&spent, now) {
            now = until;
        } else {
            limit.count_reads(&mut spent, now, 1);
            count += 1;
        }
    }
    count
}

#[test]
fn a_fifth_of_the_limit_goes_into_reading_what_changed() {
    let unknown = KnownLimit::default();
    for (limit, an_hour) in [(limit(5_000, 5_000), 1_000), (limit(15_000, 15_000), 3_000), (unknown, 1_000)] {
        // Half an hour's worth may come at once.
        let (first, ten) = (reads_in(limit, 1), reads_in(limit, 10 * HOUR_MS));
        assert!((an_hour / 2..=an_hour / 2 + 1).contains(&first), "{first} at once");
        let expected = 10 * an_hour + an_hour / 2;
        assert!((expected - 2..=expected + 2).contains(&ten), "{ten} in ten hours");
    }
}

#[test]
fn nothing_is_read_while_less_than_a_fifth_is_left() {
    let spent = Spent::default();
    assert_eq!(limit(5_000, 1_000).wait(&spent, NOW), None);
    assert_eq!(limit(5_000, 999).wait(&spent, NOW), Some(NOW.plus_ms(HOUR_MS)));
    assert_eq!(limit(5_000, 0).wait(&spent, NOW.plus_ms(HOUR_MS)), None, "the hour is over");
}

#[test]
fn a_hundred_looks_begin_at_once_and_four_hundred_follow_in_an_hour() {
    let (limit, mut spent) = (limit(5_000, 5_000), Spent::default());
    let due: Vec<i64> = (0..600).map(|_| limit.next_look(&mut spent, NOW).since_ms(NOW)).collect();
    assert_eq!(due.iter().filter(|due| **due == 0).count(), 101);
    assert!(due.windows(2).all(|pair| pair[0] <= pair[1]));
    assert_eq!(due.iter().filter(|due| **due < HOUR_MS).count(), 500);
    assert_eq!(due[599], 499 * 9_000);
}

#[test]
fn one_webhook_is_asked_for_until_something_came_after_the_last_failure() {
    let (before, after) = (NOW.plus_ms(-10), NOW.plus_ms(-5));
    for (failure, came, most) in
        [(None, None, 40), (Some(before), None, 1), (Some(after), Some(before), 1), (Some(before), Some(after), 40)]
    {
        assert_eq!(ask_turn(failure, came, NOW).most, most, "{failure:?} {came:?}");
    }
}

#[test]
fn the_log_is_read_no_further_than_anything_could_come_of_it() {
    let long_ago = NOW.plus_ms(-30 * 24 * HOUR_MS);
    assert_eq!(read_from(long_ago, 30 * 24 * HOUR_MS, NOW), NOW.plus_ms(-LOG_KEPT_MS), "GitHub keeps three days");
    let day = 24 * HOUR_MS;
    assert_eq!(read_from(long_ago, day, NOW), NOW.plus_ms(-day), "what was pruned from the inbox did come");
    assert_eq!(read_from(NOW.plus_ms(-5), day, NOW), NOW.plus_ms(-5));
}

#[test]
fn those_that_are_given_up_together_are_told_of_together() {
    let (one, two) = (DeliveryGuid::from("a-1"), DeliveryGuid::from("b-2"));
    assert_eq!(given_up(&[]), None);
    let (key, title, text) = given_up(&[(&one, "issues", "timed out"), (&two, "push", "timed out")]).unwrap();
    assert_eq!((key.as_str(), title.as_str()), ("missed/a-1", "2 webhooks did not arrive"));
    assert!(text.contains("each of them three times") && text.contains("a-1 (issues): timed out"), "{text}");
}
