//! Freezes of environments: when they are in force, until when, and their faults.

use stationmaster::model::Timestamp;

use super::{faults, one};

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

#[expect(clippy::too_many_lines, reason = "one table")]
#[test]
fn faults_of_freezes_are_told_at_their_places() {
    let freeze = |text: &str| faults(&format!("[[environment]]\nname = \"qa\"\n[[environment.freeze]]\n{text}\n"));
    insta::assert_snapshot!(
        [
            freeze("from = 2026-12-24T18:00:00Z\nuntil = 2026-12-24T18:00:00Z\nwhy = \"x\""),
            freeze("from = 2026-12-24\nuntil = \"tomorrow\""),
            freeze("days = [\"friday\", \"Sat\", \"holiday\", 5]\nwhy = \"x\""),
            freeze("days = []\nwhy = \"x\""),
            freeze("days = \"fri\"\nwhy = \"x\""),
            freeze("hours = \"09:00-17:00\"\nwhy = \"x\""),
            freeze("days = [\"fri\"]\nhours = \"22:00-06:00\"\nwhy = \"x\""),
            freeze("days = [\"fri\"]\nhours = \"15:00-00:00\"\nwhy = \"x\""),
            freeze("days = [\"fri\"]\nhours = \"15-24\"\nwhy = \"x\""),
            freeze("days = [\"fri\"]\nzone = \"Mars/Base\"\nwhy = \"x\""),
            freeze("days = [\"fri\"]\nfrom = 2026-12-24T18:00:00Z\nwhy = \" \""),
            freeze("day = \"fri\"\nwhy = \"x\""),
        ]
        .join("---\n"),
        @r###"
    5:9: `until` is not after `from`
        expected a later time
        swap the two, or mend the later one
    ---
    3:1: `why` is missing here
        expected `why = "nobody watches it on weekends"`
        add a line `why = "nobody watches it on weekends"`
    4:8: `2026-12-24` is not a point in time
        expected date, time and zone, such as 2026-12-24T18:00:00Z or 2026-12-24T18:00:00-05:00
        write all three
    5:9: `tomorrow` is not a point in time
        expected date, time and zone, such as 2026-12-24T18:00:00Z or 2026-12-24T18:00:00-05:00
        write all three
    ---
    4:9: "friday" is not a day
        expected days such as "mon", "tue", "wed", "thu", "fri", "sat", "sun"
        write "fri"
    4:19: "Sat" is not a day
        expected days such as "mon", "tue", "wed", "thu", "fri", "sat", "sun"
        write "sat"
    4:26: "holiday" is not a day
        expected days such as "mon", "tue", "wed", "thu", "fri", "sat", "sun"
        write the first three letters, each day by itself
    4:37: `days` is of type integer
        expected a list of texts in quotes
        write a list of texts in quotes after `days =`
    ---
    4:8: `days` is empty
        expected days such as "mon", "tue", "wed", "thu", "fri", "sat", "sun"
        name the days, or remove this freeze
    ---
    4:8: `days` is of type string
        expected a list in square brackets
        write a list in square brackets after `days =`
    ---
    3:1: `hours` and `zone` alone say nothing of days
        expected a list `days`
        add `days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]`, or those of them that are meant
    ---
    5:9: "22:00-06:00" goes over midnight
        expected hours within one day
        write two windows: `hours = "22:00-24:00"`, and `hours = "00:00-06:00"` for the days after
    ---
    5:9: "15:00-00:00" goes over midnight
        expected hours within one day
        write `hours = "15:00-24:00"`
    ---
    5:9: "15-24" are not hours of a day
        expected hours such as "15:00-24:00"
        write two different times with a hyphen between; leave `hours` out for the whole day
    ---
    5:8: "Mars/Base" is not a time zone
        expected a zone such as "Europe/Berlin"
        take a name from https://en.wikipedia.org/wiki/List_of_tz_database_time_zones
    ---
    3:1: `from` and `until` are a time that comes once, `days`, `hours` and `zone` one of every week
        expected either `from` and `until`, or `days` with `hours` and `zone`
        remove the one or the other, or write two freezes
    6:7: `why` is empty
        expected "nobody watches it on weekends"
        write `why = "nobody watches it on weekends"`
    ---
    4:1: `day` is not a known key here
        expected one of `from`, `until`, `days`, `hours`, `zone`, `why`
        did you mean `days`?
    "###
    );
}

fn ends(freeze: &str, now: &str) -> String {
    let settings = one(&format!("name = \"qa\"\n[[environment.freeze]]\nwhy = \"x\"\n{freeze}\n"));
    match settings.freezes[0].ends(at(now)) {
        None => "open".to_owned(),
        Some(None) => "for ever".to_owned(),
        Some(Some(end)) => end.to_string(),
    }
}

#[test]
fn a_freeze_that_comes_once_ends_when_it_says() {
    let both = "from = 2026-12-24T18:00:00+01:00\nuntil = 2027-01-02T06:00:00Z";
    assert_eq!(ends(both, "2026-12-24T16:59:59Z"), "open");
    assert_eq!(ends(both, "2026-12-24T17:00:00Z"), "2027-01-02T06:00:00Z");
    assert_eq!(ends(both, "2027-01-02T05:59:59Z"), "2027-01-02T06:00:00Z");
    assert_eq!(ends(both, "2027-01-02T06:00:00Z"), "open");
    assert_eq!(ends("from = 2026-12-24T18:00:00Z", "2030-01-01T00:00:00Z"), "for ever");
    assert_eq!(ends("until = 2026-12-24T18:00:00Z", "2000-01-01T00:00:00Z"), "2026-12-24T18:00:00Z");
    assert_eq!(ends("", "2026-11-21T12:00:00Z"), "for ever");
}

#[test]
fn a_weekly_freeze_follows_the_wall_clock_of_its_zone_through_the_change_of_hours() {
    let friday = "days = [\"fri\"]\nhours = \"15:00-24:00\"\nzone = \"Europe/Berlin\"";
    // In winter 15:00 in Berlin is 14:00 in UTC, in summer 13:00.
    assert_eq!(ends(friday, "2026-11-20T13:59:59Z"), "open");
    assert_eq!(ends(friday, "2026-11-20T14:00:00Z"), "2026-11-20T23:00:00Z");
    assert_eq!(ends(friday, "2026-11-20T23:00:00Z"), "open");
    assert_eq!(ends(friday, "2026-07-17T13:00:00Z"), "2026-07-17T22:00:00Z");
    assert_eq!(ends(friday, "2026-07-17T12:59:59Z"), "open");
    // Friday in Berlin is still Thursday in New York.
    let new_york = "days = [\"thu\"]\nzone = \"America/New_York\"";
    assert_eq!(ends(new_york, "2026-11-20T04:59:59Z"), "2026-11-20T05:00:00Z");
    assert_eq!(ends("days = [\"fri\"]", "2026-11-20T12:34:56Z"), "2026-11-21T00:00:00Z");

    // On 29 March 2026 the clock goes from 02:00 to 03:00, on 25 October from 03:00 back to 02:00.
    let weekend = "days = [\"sat\", \"sun\"]\nzone = \"Europe/Berlin\"";
    assert_eq!(ends(weekend, "2026-03-27T23:00:00Z"), "2026-03-29T22:00:00Z", "47 hours");
    assert_eq!(ends(weekend, "2026-10-23T22:00:00Z"), "2026-10-25T23:00:00Z", "49 hours");
    let night = "days = [\"sun\"]\nhours = \"01:00-02:30\"\nzone = \"Europe/Berlin\"";
    assert_eq!(ends(night, "2026-03-29T00:30:00Z"), "2026-03-29T01:00:00Z", "02:30 is never shown");
    assert_eq!(ends(night, "2026-10-25T00:15:00Z"), "2026-10-25T00:30:00Z", "02:30 for the first time");
    assert_eq!(ends(night, "2026-10-25T00:45:00Z"), "open");
    assert_eq!(ends(night, "2026-10-25T01:15:00Z"), "2026-10-25T01:30:00Z", "02:30 for the second time");
    let shown_never = "days = [\"sun\"]\nhours = \"02:15-02:45\"\nzone = \"Europe/Berlin\"";
    assert_eq!(ends(shown_never, "2026-03-29T01:20:00Z"), "open");
}

#[test]
fn a_weekly_freeze_of_every_day_has_no_end() {
    let every = "days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"]";
    assert_eq!(ends(every, "2026-11-21T12:00:00Z"), "for ever");
    assert_eq!(ends(&format!("{every}\nhours = \"00:00-23:59\""), "2026-11-21T12:00:00Z"), "2026-11-21T23:59:00Z");
    let six = "days = [\"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"]\nzone = \"Asia/Kolkata\"";
    assert_eq!(ends(six, "2026-11-16T18:30:00Z"), "2026-11-22T18:30:00Z", "from Tuesday to Monday, 5:30 h ahead");
}
