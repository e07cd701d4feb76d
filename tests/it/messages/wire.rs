//! Messages on the wire: their length, their signature, and connections that last or break.

use std::sync::Arc;

use stationmaster::model::{Clock, Envelope, ManualClock, Timestamp};
use stationmaster::notify::{
    MACHINE_LIMIT_BYTES, Next, Notifier, NotifyError, NtfyConfig, fitted, http_client, signed,
};
use stationmaster::simulator::ntfy::{NtfySimulator, RequestLimit};

use super::{MACHINES, secret, sign};
use crate::world::within;

async fn station() -> (NtfySimulator, Notifier, ManualClock) {
    let clock = ManualClock::at(Timestamp::parse_rfc3339("2026-11-21T12:00:00Z").unwrap());
    let ntfy = NtfySimulator::start(Arc::new(clock.clone())).await.unwrap();
    let config = NtfyConfig {
        url: ntfy.url().parse().unwrap(),
        topic: None,
        protocol_topic: Some(MACHINES.to_owned()),
        token: None,
        fallback_url: None,
        fallback_topic: None,
    };
    let notifier = Notifier::new(http_client().unwrap(), config, Arc::new(clock.clone()));
    (ntfy, notifier.signing(Some(secret())), clock)
}

fn complete(id: &str, result: &str) -> Envelope {
    Envelope {
        kind: "task_complete".to_owned(),
        id: id.to_owned(),
        timestamp: "2026-11-21T12:00:00Z".to_owned(),
        result: Some(result.to_owned()),
        from: Some("scout".to_owned()),
        ..Envelope::default()
    }
}

#[test]
fn a_result_that_is_too_long_is_cut_between_characters_and_the_whole_stays_json() {
    for result in
        ["x".repeat(10_000), "🚂é\"\\\n".repeat(2_000), "\u{1}".repeat(5_000), format!("{}🚂", "x".repeat(3_850))]
    {
        let sent = signed(&fitted(&complete("c-1", &result)).unwrap(), Some(&secret()));
        assert!(sent.len() <= MACHINE_LIMIT_BYTES, "{}", sent.len());
        let read: Envelope = serde_json::from_str(&sent).unwrap();
        let kept = read.result.unwrap();
        if result.len() > 5_000 {
            assert!(result.starts_with(kept.trim_end_matches('…').trim_end()) && kept.ends_with('…'));
            assert!(sent.len() > MACHINE_LIMIT_BYTES - 20, "no more is cut than has to be: {}", sent.len());
        }
        assert_eq!(sign(&serde_json::from_str(&sent).unwrap(), super::SECRET), sent, "what is sent is what is signed");
    }
}

#[test]
fn what_fits_is_not_touched_and_what_never_will_is_an_error() {
    let short = complete("c-1", "https://github.com/octo/station/pull/3");
    assert_eq!(fitted(&short).unwrap(), short);
    let both = Envelope { text: Some("t".repeat(9_000)), ..complete("c-1", &"r".repeat(9_000)) };
    let cut = fitted(&both).unwrap();
    assert_eq!(cut.result.as_deref(), Some("…"), "the result goes first");
    assert!(cut.text.unwrap().len() > 3_000);
    assert!(matches!(fitted(&complete(&"i".repeat(5_000), "r")), Err(NotifyError::TooLong)));
    assert_eq!(NotifyError::TooLong.next(), Next::GiveUp);
}

#[tokio::test]
async fn priorities_are_those_of_ntfy() {
    let (ntfy, notifier, _) = station().await;
    for priority in ["critical", "high", "medium", "low"] {
        let envelope = Envelope { priority: Some(priority.to_owned()), ..complete(priority, "r") };
        notifier.publish_machine(None, &envelope).await.unwrap();
    }
    let sent: Vec<_> = ntfy.messages(MACHINES).into_iter().map(|message| (message.priority, message.tags)).collect();
    let tag = vec!["rotating_light".to_owned()];
    assert_eq!(sent, [(Some(5), tag), (Some(5), vec![]), (Some(3), vec![]), (Some(2), vec![])]);
}

#[tokio::test]
async fn a_connection_tells_what_was_there_then_what_comes_and_when_it_breaks() {
    let (ntfy, notifier, clock) = station().await;
    notifier.publish_machine(None, &complete("c-1", "before")).await.unwrap();
    let mut subscription = notifier.subscribe_machines(clock.now()).await.unwrap();
    let first = within("what was there", subscription.next()).await.unwrap().unwrap();
    assert!(first.text.contains("c-1"));
    assert_eq!(first.published, clock.now());
    ntfy.send_keepalive();
    notifier.publish_machine(None, &complete("c-2", "after")).await.unwrap();
    let second = within("what comes", subscription.next()).await.unwrap().unwrap();
    assert!(second.text.contains("c-2"), "a sign of life is no message: {second:?}");
    ntfy.set_down(true);
    assert!(!matches!(within("the break", subscription.next()).await, Ok(Some(_))));
    let refused = notifier.subscribe_machines(clock.now()).await.unwrap_err();
    assert_eq!(refused.next(), Next::Retry);
}

#[tokio::test]
async fn who_asks_too_often_waits_before_listening_again() {
    let (ntfy, notifier, clock) = station().await;
    ntfy.limit_requests(Some(RequestLimit { burst: 1, refill_ms: 60_000 }));
    drop(notifier.subscribe_machines(clock.now()).await.unwrap());
    let limited = notifier.subscribe_machines(clock.now()).await.unwrap_err();
    assert_eq!(limited.next(), Next::Wait(clock.now().plus_ms(5_000)));
    let requests = ntfy.requests();
    assert!(notifier.poll_machines(clock.now()).await.is_err());
    assert_eq!(ntfy.requests(), requests, "nothing is asked while the server wants to be left alone");
}
