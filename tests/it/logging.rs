//! Log lines carry the ids of what they are about.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use stationmaster::config::LogFormat;
use stationmaster::logging::{delivery_span, subject_span, subscriber};
use stationmaster::model::{DeliveryGuid, Number, RepositoryId, Subject};
use tracing::subscriber::with_default;
use tracing::{debug, info};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn logged(format: LogFormat, filter: &str) -> String {
    let lines = Lines::default();
    let writer = lines.clone();
    with_default(subscriber(format, filter, move || writer.clone()).unwrap(), || {
        delivery_span(&DeliveryGuid::new("g-1"))
            .in_scope(|| info!(target: "stationmaster::intake", subjects = 2, "read"));
        let subject = Subject::Issue(RepositoryId(7), Number(12));
        subject_span(&subject).in_scope(|| debug!(target: "stationmaster::decide", "looked"));
    });
    String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
}

#[test]
fn json_lines_name_the_delivery_and_the_subject() {
    let text = logged(LogFormat::Json, "debug");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["message"], "read");
    assert_eq!(lines[0]["subjects"], 2);
    assert_eq!(lines[0]["span"]["delivery"], "g-1");
    assert_eq!(lines[1]["span"]["subject"], "issue/7/12");
}

#[test]
fn text_lines_pass_the_filter_and_have_no_colours_in_a_file() {
    let text = logged(LogFormat::Text, "warn,stationmaster=info");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains("delivery=g-1") && text.contains("subjects=2"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn a_filter_that_makes_no_sense_is_named() {
    let fault = subscriber(LogFormat::Text, "a=b=c", io::stderr).err().unwrap().to_string();
    assert!(fault.starts_with("RUST_LOG cannot be understood"), "{fault}");
}
