//! What fitting keeps, what it cuts, and that nothing ever exceeds a limit.

use serde_json::Value;

use super::{Fitted, REQUEST_LIMIT_BYTES, TEXT_LIMIT_BYTES, TITLE_LIMIT_BYTES, escaped_len};
use crate::model::{MessageButton, PeopleMessage, Timestamp, Urgency5};

const LINK: &str = "https://github.com/octo/trains/issues/7";

fn message(title: &str, text: &str) -> PeopleMessage {
    PeopleMessage {
        topic: None,
        channels: None,
        title: title.to_owned(),
        text: text.to_owned(),
        priority: Urgency5::High,
        tags: vec!["warning".to_owned()],
        click: Some(LINK.to_owned()),
        buttons: Vec::new(),
        happened: Timestamp(0),
    }
}

fn button(label: &str, url: &str) -> MessageButton {
    MessageButton { label: label.to_owned(), url: url.to_owned() }
}

/// Fits for the topic `people` and checks the limits that always hold.
fn fit(message: &PeopleMessage) -> Fitted {
    let fitted = Fitted::new("people", message);
    let request = fitted.to_json();
    assert!(request.len() <= REQUEST_LIMIT_BYTES, "request has {} bytes", request.len());
    assert!(fitted.message.len() <= TEXT_LIMIT_BYTES, "text has {} bytes", fitted.message.len());
    assert!(fitted.title.len() <= TITLE_LIMIT_BYTES, "title has {} bytes", fitted.title.len());
    let read: Value = serde_json::from_slice(&request).expect("the request is JSON");
    assert_eq!(read["message"], Value::from(fitted.message.clone()));
    fitted
}

#[test]
fn a_short_message_is_left_alone() {
    let mut given = message("Deployed v1.2", "All green.");
    given.buttons = vec![button("Open", LINK)];
    let fitted = fit(&given);
    insta::assert_snapshot!(String::from_utf8(fitted.to_json()).unwrap(), @r#"{"topic":"people","title":"Deployed v1.2","message":"All green.","priority":4,"tags":["warning"],"click":"https://github.com/octo/trains/issues/7","actions":[{"action":"view","label":"Open","url":"https://github.com/octo/trains/issues/7"}]}"#);
}

#[test]
fn a_text_exactly_at_the_limit_is_kept_whole() {
    let text = "x".repeat(TEXT_LIMIT_BYTES);
    assert_eq!(fit(&message("t", &text)).message, text);
}

#[test]
fn a_text_one_byte_over_is_cut_to_the_limit_and_ends_with_the_link() {
    let fitted = fit(&message("t", &"x".repeat(TEXT_LIMIT_BYTES + 1)));
    assert_eq!(fitted.message.len(), TEXT_LIMIT_BYTES);
    assert!(fitted.message.ends_with(&format!("xx… {LINK}")));
}

#[test]
fn without_a_link_a_cut_text_ends_with_an_ellipsis() {
    let mut given = message("t", &"x".repeat(5_000));
    given.click = None;
    let fitted = fit(&given);
    assert_eq!(fitted.message.len(), TEXT_LIMIT_BYTES);
    assert!(fitted.message.ends_with("x…"));
}

#[test]
fn texts_are_cut_between_characters_of_any_width_at_any_offset() {
    for character in ["é", "線", "🚂"] {
        for offset in 0..4 {
            let text = format!("{}{}", "x".repeat(offset), character.repeat(4_200 / character.len()));
            let fitted = fit(&message("t", &text));
            let kept = fitted.message.strip_suffix(&format!("… {LINK}")).expect("cut");
            assert!(text.starts_with(kept), "{character} at {offset}");
            assert!(fitted.message.len() > TEXT_LIMIT_BYTES - character.len(), "{character} at {offset}: cut too much");
        }
    }
}

#[test]
fn emoji_exactly_at_the_limit_are_kept() {
    let text = format!("xxx{}", "🚂".repeat(1_023));
    assert_eq!(text.len(), TEXT_LIMIT_BYTES);
    assert_eq!(fit(&message("t", &text)).message, text);
}

#[test]
fn escapes_count_against_the_request_and_fill_it() {
    for character in ["\"", "\\", "\t", "\u{1}", "\u{1}線"] {
        let text = format!("<{}>", character.repeat(4_090 / character.len()));
        assert!(text.len() <= TEXT_LIMIT_BYTES);
        let fitted = fit(&message("t", &text));
        assert!(fitted.message.ends_with(&format!("… {LINK}")), "{character:?}");
        if !character.starts_with('\t') {
            let left = REQUEST_LIMIT_BYTES - fitted.to_json().len();
            assert!(left < 6, "{character:?}: {left} bytes left unused");
        }
    }
}

#[test]
fn a_request_exactly_at_the_limit_is_not_cut() {
    let mut given = message("t", "");
    given.text = "x".to_owned();
    let around = fit(&given).to_json().len() - 1;
    let room = REQUEST_LIMIT_BYTES - around;
    // Each quote takes two bytes; one letter makes up for an odd rest.
    given.text = format!("{}{}", "\"".repeat(room / 2), "x".repeat(room % 2));
    assert!(given.text.len() <= TEXT_LIMIT_BYTES);
    let fitted = fit(&given);
    assert_eq!(fitted.message, given.text);
    assert_eq!(fitted.to_json().len(), REQUEST_LIMIT_BYTES);
    given.text.insert(0, 'x');
    assert!(fit(&given).message.ends_with(LINK));
}

#[test]
fn escaped_lengths_are_those_of_the_serializer() {
    for character in ('\0'..='\u{ff}').chain(['…', '線', '🚂', '\u{2028}', '\u{fffd}']) {
        let text = character.to_string();
        assert_eq!(escaped_len(&text) + 2, serde_json::to_string(&text).unwrap().len(), "{character:?}");
    }
}

#[test]
fn a_long_title_is_cut_between_characters() {
    let fitted = fit(&message(&"駅".repeat(100), "text"));
    assert_eq!(fitted.title, format!("{}…", "駅".repeat(82)));
    let exact = "x".repeat(TITLE_LIMIT_BYTES);
    assert_eq!(fit(&message(&exact, "text")).title, exact);
}

#[test]
fn a_title_is_one_line() {
    assert_eq!(fit(&message(" Blocked:\r\nno token\n", "text")).title, "Blocked:  no token");
}

#[test]
fn without_a_text_the_title_is_the_text() {
    let fitted = fit(&message("Deployed v1.2", " \n"));
    assert_eq!((fitted.title.as_str(), fitted.message.as_str()), ("", "Deployed v1.2"));
}

#[test]
fn three_buttons_are_sent_and_unusable_ones_do_not_count() {
    let mut given = message("t", "text");
    given.buttons = vec![button(" ", LINK), button("a", LINK), button("b", ""), button("c", LINK)];
    given.buttons.extend([button("d", LINK), button("e", LINK)]);
    let labels: Vec<String> = fit(&given).actions.into_iter().map(|button| button.label).collect();
    assert_eq!(labels, ["a", "c", "d"]);
}

#[test]
fn buttons_that_leave_no_room_for_the_text_go_from_the_last() {
    let mut given = message("t", &"x".repeat(4_000));
    let long = format!("https://example.org/{}", "a".repeat(2_500));
    given.buttons = vec![button("a", &long), button("b", &long), button("c", &long)];
    let fitted = fit(&given);
    assert_eq!(fitted.actions.len(), 2);
    assert!(fitted.message.len() > 2_000);
    assert_eq!(fitted.click.as_deref(), Some(LINK));
}

#[test]
fn a_link_too_long_for_any_request_is_left_out() {
    let mut given = message("t", &"x".repeat(5_000));
    given.click = Some(format!("https://example.org/{}", "a".repeat(9_000)));
    given.tags = vec!["tag".repeat(4_000)];
    let fitted = fit(&given);
    assert_eq!((fitted.click, fitted.tags), (None, Vec::new()));
    assert!(fitted.message.ends_with("x…"));
}

#[test]
fn a_link_too_long_to_repeat_is_kept_as_click_alone() {
    let mut given = message("t", &"x".repeat(5_000));
    given.click = Some(format!("https://example.org/{}", "a".repeat(4_500)));
    let fitted = fit(&given);
    assert_eq!(fitted.click, given.click);
    assert!(fitted.message.ends_with("x…"));
}

#[test]
fn even_the_worst_title_leaves_room_for_the_text() {
    let fitted = fit(&message(&"\"".repeat(1_000), &"\u{1}".repeat(9_000)));
    assert!(fitted.message.len() > 1_000);
}
