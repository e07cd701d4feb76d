//! Webhooks: what they mean names nothing that they do not say, and survives being stored.

use std::collections::BTreeSet;

use stationmaster::model::{Event, EventName, Parsed};
use stationmaster::receive::{WebhookFault, is_object, parse};

/// The event's name on the first line, its body behind it.
pub fn check(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let event = EventName(super::text(&data[..end]).into_owned());
    let body = data.get(end + 1..).unwrap_or_default();
    let parsed = parse(&event, body);
    match &parsed {
        Ok(Parsed::Known(known)) => names_only_what_it_says(known, body),
        Ok(Parsed::Ignored(reason)) => assert!(!reason.is_empty()),
        Err(fault) => says_nothing_of_the_body(fault, &event),
    }
    let refused = matches!(parsed, Err(WebhookFault::NotJson { .. } | WebhookFault::NotAnObject { .. }));
    assert!(is_object(body) || refused, "{event:?} was understood and is no JSON object");
    if parsed.is_ok() {
        means_the_same_tomorrow(&event, body, &parsed);
    }
}

fn names_only_what_it_says(event: &Event, body: &[u8]) {
    let said = String::from_utf8_lossy(body);
    for subject in &event.subjects {
        let id = subject.repository().0;
        assert!(said.contains(&id.to_string()), "{subject} is of a repository that is not named");
        let text = subject.to_string();
        assert_eq!(text.parse().as_ref(), Ok(subject), "{text} is the name of a lane");
    }
    let distinct: BTreeSet<String> = event.subjects.iter().map(ToString::to_string).collect();
    assert!(distinct.len() <= body.len() / 2, "more subjects than fit into the body");
    let stored = serde_json::to_string(event).expect("an event can be stored");
    assert_eq!(&serde_json::from_str::<Event>(&stored).expect("what is stored can be read"), event);
}

/// Faults are logged; bodies are not.
fn says_nothing_of_the_body(fault: &WebhookFault, event: &EventName) {
    let told = fault.to_string();
    assert!(told.len() <= 2 * event.0.len() + 300, "{told}");
}

/// GitHub adds fields whenever it likes.
fn means_the_same_tomorrow(event: &EventName, body: &[u8], today: &Result<Parsed, WebhookFault>) {
    let text = String::from_utf8_lossy(body);
    let inside = text.trim_start().strip_prefix('{').expect("an object").trim_start();
    let comma = if inside.starts_with('}') { "" } else { "," };
    let tomorrow = format!("{{\"added_tomorrow\":{{\"deep\":[1,null,{{\"id\":7}}]}}{comma}{inside}");
    assert_eq!(&parse(event, tomorrow.as_bytes()), today, "{tomorrow}");
}
