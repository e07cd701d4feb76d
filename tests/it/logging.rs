//! Log lines carry the ids of what they are about.

use serde_json::Value;
use stationmaster::config::LogFormat;
use stationmaster::logging::subscriber;
use tracing::subscriber::with_default;
use tracing::{debug, error_span, info_span, warn};

use crate::log_lines::LogLines;

fn logged(format: LogFormat, filter: &str) -> String {
    let lines = LogLines::new();
    let writer = lines.clone();
    with_default(subscriber(format, filter, (move || writer.clone(), None)).unwrap(), || {
        let delivery = error_span!(target: "stationmaster::engine", "delivery", delivery = "g-1", event = "issues");
        delivery.in_scope(|| warn!(target: "stationmaster::engine", subjects = 2, "read"));
        let decision = error_span!(target: "stationmaster::engine", "decision", subject = "issue/7/12");
        decision.in_scope(|| {
            let request = info_span!(target: "stationmaster::github", "github request", path = "/app");
            request.in_scope(|| debug!(target: "stationmaster::github", "asked"));
        });
    });
    lines.text()
}

#[test]
fn json_lines_carry_the_ids_of_all_that_they_are_within() {
    let text = logged(LogFormat::Json, "debug");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["message"], "read");
    assert_eq!(lines[0]["subjects"], 2);
    assert_eq!(lines[0]["span"]["delivery"], "g-1");
    assert_eq!(lines[1]["span"]["path"], "/app");
    assert_eq!(lines[1]["spans"][0]["subject"], "issue/7/12");
}

#[test]
fn text_lines_pass_the_filter_and_have_no_colours_in_a_file() {
    let text = logged(LogFormat::Text, "warn,stationmaster=info");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains("delivery=\"g-1\"") && text.contains("subjects=2"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn a_filter_that_lets_only_warnings_pass_does_not_take_their_ids_away() {
    let text = logged(LogFormat::Text, "warn");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains("delivery=\"g-1\""), "{text}");
}

#[test]
fn a_filter_that_makes_no_sense_is_named() {
    let fault = subscriber(LogFormat::Text, "a=b=c", (std::io::stderr, None)).err().unwrap().to_string();
    assert!(fault.starts_with("RUST_LOG cannot be understood"), "{fault}");
}
