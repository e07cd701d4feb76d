//! Messages for people: whatever they say, what goes to ntfy is within its limits and begins with what was to be said.

use stationmaster::model::{MessageButton, PeopleMessage, Timestamp, Urgency5};
use stationmaster::notify::Fitted;

/// The title on the first line, then a link, then a button's label, then a tag, then the text.
pub fn check(data: &[u8]) {
    let all = super::text(data);
    let mut lines = all.splitn(5, '\n');
    let mut next = || lines.next().unwrap_or_default().to_owned();
    let (title, link, label, tag, text) = (next(), next(), next(), next(), next());
    let button = MessageButton { label, url: link.clone() };
    let message = PeopleMessage {
        topic: None,
        channels: None,
        title,
        text,
        priority: Urgency5::High,
        tags: vec![tag; 3],
        click: Some(link),
        buttons: vec![button; 5],
        happened: Timestamp(0),
    };
    let fitted = Fitted::new("topic", &message);
    assert_eq!(fitted, Fitted::new("topic", &message), "the same message is found again by what it says");
    let json = fitted.to_json();
    // Without a title there is nothing that could be left out for the text's sake.
    assert!(json.len() <= 8_191, "{} bytes", json.len());
    let back: serde_json::Value = serde_json::from_slice(&json).expect("valid JSON");
    assert_eq!(back["message"].as_str(), Some(fitted.message.as_str()));
    assert!(fitted.message.len() <= 4_095 && fitted.title.len() <= 250 && fitted.actions.len() <= 3);
    assert!(!fitted.title.chars().chain(fitted.tags.iter().flat_map(|tag| tag.chars())).any(char::is_control));
    assert!(fitted.actions.iter().all(|button| !button.label.trim().is_empty() && !button.url.trim().is_empty()));
    says_the_beginning(&fitted, &message);
}

fn says_the_beginning(fitted: &Fitted, message: &PeopleMessage) {
    let whole = message.text.trim();
    if whole.is_empty() || fitted.message == whole {
        return;
    }
    let (kept, ending) = fitted.message.rsplit_once('…').expect("what is cut says so");
    assert!(whole.starts_with(kept), "{kept:?} is not how {whole:?} begins");
    assert!(ending.is_empty() || Some(ending.trim()) == fitted.click.as_deref(), "{ending:?}");
}
