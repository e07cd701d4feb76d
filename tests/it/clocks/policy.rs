//! The settings of clocks, and every fault in them with its place.

use stationmaster::model::Level;
use stationmaster::policy::{ClockSettings, DigestTimes, Faults, OfflinePolicy, RuleFile, Rules};

use super::scene::{HOUR_MS, MINUTE_MS};

fn read(text: &str) -> Result<ClockSettings, Faults> {
    Rules::from_files(vec![RuleFile::new("workers.toml", text)]).map(|rules| rules.roster.clocks)
}

#[test]
fn every_setting_is_read_and_what_is_not_named_is_as_the_design_says() {
    let text = r#"
        [clocks]
        response = { critical = "15m", low = "2d" }
        urgent = "5m"
        stuck = "1h30m"
        offline = "90m"
        offline_policy = "defer"
        stale = "90s"
        grace = "0s"
        failure_percent = 30
        failure_among = 20
        repeated_errors = 3
        zone = "Europe/Berlin"
        digests = { plan = "07:30", status = false }
        [[clocks.escalation]]
        after = "2h"
        topic = "boss"
        [[clocks.escalation]]
        after = "30m"
        topic = "lead"
    "#;
    let read = read(text).unwrap();
    let usual = ClockSettings::default();
    let response = Level::ALL.map(|level| read.response_of(level));
    assert_eq!(response, [48 * HOUR_MS, usual.response_of(Level::Medium), HOUR_MS, 15 * MINUTE_MS]);
    let expected = ClockSettings {
        response_ms: read.response_ms,
        urgent_ms: 5 * MINUTE_MS,
        stuck_ms: 90 * MINUTE_MS,
        offline_ms: 90 * MINUTE_MS,
        offline: OfflinePolicy::Defer,
        stale_ms: 90_000,
        grace_ms: 0,
        escalation: vec![(30 * MINUTE_MS, "lead".to_owned()), (2 * HOUR_MS, "boss".to_owned())],
        failure_percent: 30,
        failure_among: 20,
        repeated_errors: 3,
        zone: "Europe/Berlin".parse().unwrap(),
        digests: DigestTimes { plan: Some(450), status: None, review: Some(18 * 60) },
    };
    assert_eq!(read, expected);
}

#[test]
fn the_example_in_the_shipped_file_says_what_holds_without_it() {
    let shipped = include_str!("../../../rules/workers.toml");
    let block: Vec<&str> = shipped
        .lines()
        .skip_while(|line| *line != "# [clocks]")
        .take_while(|line| line.starts_with("# "))
        .map(|line| &line[2..])
        .collect();
    assert!(block.len() > 10, "the example is gone: {block:?}");
    assert_eq!(read(&block.join("\n")).unwrap(), ClockSettings::default());
    let chain = "[[clocks.escalation]]\nafter = \"30m\"\ntopic = \"lead\"\n";
    for line in chain.lines() {
        assert!(shipped.contains(&format!("# {line}")), "{line}");
    }
    assert_eq!(read(chain).unwrap().escalation, [(30 * MINUTE_MS, "lead".to_owned())]);
}

#[test]
fn each_fault_is_told_with_its_place_and_what_would_work() {
    let text = r#"[clocks]
response = { critical = "soon", urgent = "1h", high = 3600 }
urgent = "15"
stuck = "0s"
offline = "365d"
offline_policy = "ignore"
stale = "-5m"
failure_percent = 101
zone = "Middle/Earth"
digests = { plan = "8 o'clock", status = true, review = "24:00" }
silence = "1h"
[[clocks.escalation]]
topic = "the lead"
"#;
    let faults = read(text).unwrap_err();
    for fault in faults.list() {
        assert!(!fault.expected.is_empty() && !fault.help.is_empty(), "{fault}");
    }
    let lines: Vec<String> =
        faults.list().iter().map(|fault| format!("{}:{}: {}", fault.line, fault.column, fault.message)).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    2:25: `critical` is no span of time: "soon"
    2:33: `urgent` is not a known key here
    2:55: `high` is of type integer
    3:10: `urgent` is no span of time: "15"
    4:9: `stuck` cannot be "0s"
    5:11: `offline` cannot be "365d"
    6:18: `offline_policy` cannot be "ignore"
    7:9: `stale` is no span of time: "-5m"
    8:19: `failure_percent` is 101
    9:8: "Middle/Earth" is not a time zone
    10:20: `plan` is neither a time of the day nor false
    10:42: `status` is neither a time of the day nor false
    10:57: `review` is neither a time of the day nor false
    11:1: `silence` is not a known key here
    12:1: `after` is missing here
    13:9: "the lead" is not an ntfy topic
    "#);
}
