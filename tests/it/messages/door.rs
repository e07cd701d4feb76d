//! Who is let in: whoever knows the secret, in time, and once.

use secrecy::SecretString;
use serde_json::{Value, json};
use stationmaster::model::{HeardMessage, Timestamp};
use stationmaster::receive::{MessageFault, MessageRead, MessageReader};

use super::{MACHINES, SECRET, answers, audited, heard, issues, listen, message, publish, said, say, secret, sign};
use crate::world::{On, World};

const NOON: &str = "2026-11-21T12:00:00Z";

fn read(text: &str, published: &str, now: &str) -> MessageRead {
    let at = |text| Timestamp::parse_rfc3339(text).unwrap();
    let heard = HeardMessage { id: "m00000000001".to_owned(), published: at(published), text: text.to_owned() };
    MessageReader::new(&secret()).read(&heard, at(now))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else it is, the test has failed")]
fn fault(text: &str, published: &str, now: &str) -> MessageFault {
    match read(text, published, now) {
        MessageRead::Refused { fault, .. } => fault,
        other => panic!("it is let in: {other:?}"),
    }
}

fn noon_message() -> Value {
    json!({"type": "task", "id": "t-1", "timestamp": NOON, "text": "Fix it", "from": "scout", "nonce": "n-1"})
}

#[test]
fn the_signature_of_the_readme_is_accepted_with_fields_that_nobody_knows() {
    // Made with Python: json.dumps(message, sort_keys=True, separators=(",", ":"), ensure_ascii=False).
    let text = r#"{"type":"task", "id":"t-1", "priority":"high", "timestamp":"2026-11-21T12:00:00Z",
        "text":"Fix the signal — now", "from":"scout", "nonce":"n-1", "zone":{"b":1,"a":[true,null]},
        "sig":"7644574b8ef9b7976bfdbf1e756a43427c1fe181a92f03f8d8aa270f31415536"}"#;
    let MessageRead::Genuine(genuine) = read(text, NOON, NOON) else { panic!("it is refused") };
    assert_eq!(genuine.envelope.text.as_deref(), Some("Fix the signal — now"));
    assert_eq!(genuine.nonce, "n-1");
    let changed = text.replace("\"b\":1", "\"b\":2");
    assert_eq!(fault(&changed, NOON, NOON), MessageFault::Signature, "what nobody knows is signed too");
}

#[test]
fn what_is_not_signed_with_the_secret_is_refused() {
    assert_eq!(fault("BLOCKED: Task 1 blocked by 2", NOON, NOON), MessageFault::NotJson);
    assert_eq!(fault("[]", NOON, NOON), MessageFault::NotJson);
    assert_eq!(fault(&noon_message().to_string(), NOON, NOON), MessageFault::Missing("sig"));
    assert_eq!(fault(&sign(&noon_message(), "another secret"), NOON, NOON), MessageFault::Signature);
    let mut tampered: Value = serde_json::from_str(&sign(&noon_message(), SECRET)).unwrap();
    tampered["text"] = "Delete it".into();
    assert_eq!(fault(&tampered.to_string(), NOON, NOON), MessageFault::Signature);
    tampered["sig"] = "+f".repeat(32).into();
    assert_eq!(fault(&tampered.to_string(), NOON, NOON), MessageFault::Missing("sig"));
}

#[test]
fn a_message_is_as_old_as_it_was_when_ntfy_took_it() {
    let text = sign(&noon_message(), SECRET);
    assert!(matches!(read(&text, "2026-11-21T12:05:00Z", "2026-11-21T12:05:00Z"), MessageRead::Genuine(_)));
    assert_eq!(fault(&text, "2026-11-21T12:05:01Z", "2026-11-21T12:05:01Z"), MessageFault::Old(301));
    // It waited on the topic while no server ran.
    assert!(matches!(read(&text, "2026-11-21T12:00:01Z", "2026-11-21T18:00:00Z"), MessageRead::Genuine(_)));
    assert!(matches!(read(&text, "2026-11-21T11:59:00Z", "2026-11-21T11:59:00Z"), MessageRead::Genuine(_)));
    assert_eq!(fault(&text, "2026-11-21T11:58:30Z", "2026-11-21T11:58:30Z"), MessageFault::Future(90));
}

#[test]
fn what_has_to_be_there_is_named_where_it_is_not() {
    for (field, missing) in [("id", "id"), ("nonce", "nonce"), ("timestamp", "timestamp")] {
        let mut message = noon_message();
        message.as_object_mut().unwrap().remove(field);
        assert_eq!(fault(&sign(&message, SECRET), NOON, NOON), MessageFault::Missing(missing));
    }
    let mut message = noon_message();
    message["id"] = "a\nb".into();
    assert_eq!(fault(&sign(&message, SECRET), NOON, NOON), MessageFault::Missing("id"), "it would stand in a log");
}

#[test]
fn the_reader_does_not_show_its_secret() {
    let reader = MessageReader::new(&SecretString::from("hunter2"));
    assert!(!format!("{reader:?}").contains("hunter2"));
}

heard! {
    async fn spoofed_old_and_future_messages_change_nothing(world: &World) {
        let open = json!({"text": "Fix the signal"});
        publish(world, "free pizza".to_owned()).await;
        publish(world, message(world, ("task", "t-1"), &open).to_string()).await;
        publish(world, sign(&message(world, ("task", "t-2"), &open), "another secret")).await;
        publish(world, sign(&message(world, ("task", "t-3"), &json!({"text": "Fix it", "timestamp": "2026-11-21T11:50:00Z"})), SECRET)).await;
        publish(world, sign(&message(world, ("task", "t-4"), &json!({"text": "Fix it", "timestamp": "2026-11-21T12:10:00Z"})), SECRET)).await;
        assert_eq!(listen(world).await, 5);
        assert_eq!(issues(world), 0);
        assert!(said(world).is_empty(), "nobody is answered");
        assert_eq!(audited(world).await, [
            "A message over ntfy is refused: it is not a JSON object.",
            "A message over ntfy is refused: it has no usable `sig`.",
            "A message over ntfy is refused: its signature is wrong.",
            "A message over ntfy is refused: it is too old: it says that it was sent 600 s before it came.",
            "A message over ntfy is refused: it says that it was sent 600 s in the future.",
        ]);
        // Looking again finds the same messages, and says nothing more of them.
        assert_eq!(listen(world).await, 0);
        assert_eq!(audited(world).await.len(), 5);
    }

    async fn a_message_that_is_played_back_changes_nothing(world: &World) {
        let text = sign(&message(world, ("task", "t-1"), &json!({"text": "Fix the signal"})), SECRET);
        publish(world, text.clone()).await;
        listen(world).await;
        publish(world, text).await;
        let before = audited(world).await.len();
        assert_eq!(listen(world).await, 1);
        assert_eq!(issues(world), 1);
        assert_eq!(answers(world, "t-1").len(), 1, "whoever plays it back is not answered");
        let audited = audited(world).await;
        assert_eq!(audited.len(), before + 1);
        assert!(audited.last().unwrap().contains("its nonce was used before"), "{audited:?}");
    }

    async fn a_used_nonce_is_refused_under_another_id_too(world: &World) {
        say(world, ("task", "t-1"), &json!({"text": "Fix the signal", "nonce": "once"})).await;
        say(world, ("task", "t-2"), &json!({"text": "Fix the switch", "nonce": "once"})).await;
        assert_eq!(issues(world), 1);
        assert!(answers(world, "t-2").is_empty());
    }

    async fn a_message_that_is_sent_twice_runs_once_and_is_answered_twice(world: &World) {
        let open = json!({"text": "Fix the signal"});
        say(world, ("task", "t-1"), &open).await;
        world.pass_ms(30_000).await;
        say(world, ("task", "t-1"), &open).await;
        assert_eq!(issues(world), 1);
        let answers = answers(world, "t-1");
        assert_eq!(answers.len(), 2);
        assert_eq!(answers[0].result.as_deref(), Some("opened as octo/station#1"));
        assert_eq!(answers[1].result, answers[0].result);
        assert_ne!(answers[1].nonce, answers[0].nonce, "an answer can be told from one that is played back");
    }

    async fn what_we_said_ourselves_is_not_heard(world: &World) {
        say(world, ("status_request", "s-1"), &json!({})).await;
        let before = world.ntfy.messages(MACHINES).len();
        assert_eq!(listen(world).await, 0);
        assert_eq!(world.ntfy.messages(MACHINES).len(), before);
        assert_eq!(audited(world).await.len(), 1);
    }
}

#[tokio::test]
async fn without_a_secret_nobody_listens() {
    World::run_with(On::Sqlite, &[("NTFY_PROTOCOL_TOPIC", MACHINES)], async |world: &World| {
        let requests = world.ntfy.requests();
        assert_eq!(world.engine.listen_step().await.unwrap(), 0);
        assert_eq!(world.ntfy.requests(), requests);
    })
    .await;
}
