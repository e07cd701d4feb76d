//! Messages of other machines: only what the secret signed is let in, however its JSON is written.

use hmac::{Hmac, Mac as _};
use secrecy::SecretString;
use serde_json::{Map, Value};
use sha2::Sha256;
use stationmaster::model::{Envelope, HeardMessage, OUR_NAME, Timestamp, canonical_json};
use stationmaster::notify::{MACHINE_LIMIT_BYTES, fitted, signed};
use stationmaster::receive::{MessageFault, MessageRead, MessageReader};

const NOW: Timestamp = Timestamp(1_795_262_400_000);
const SECRET: &str = "a secret between machines";

/// Any text on the topic.
pub fn check(data: &[u8]) {
    let text = super::text(data);
    let reader = MessageReader::new(&SecretString::from(SECRET));
    let heard = |text: &str| HeardMessage { id: "m".to_owned(), published: NOW, text: text.to_owned() };
    match reader.read(&heard(&text), NOW) {
        MessageRead::Own => assert!(text.contains(OUR_NAME)),
        MessageRead::Refused { id, fault } => {
            assert!(id.len() <= 128 && !fault.to_string().is_empty());
            let is_object = matches!(serde_json::from_str(&text), Ok(Value::Object(_)));
            assert_eq!(fault == MessageFault::NotJson, !is_object, "{fault} of {text:?}");
        }
        MessageRead::Genuine(genuine) => assert!(reader.is_signed(&text), "{genuine:?}"),
    }
    if let Ok(Value::Object(map)) = serde_json::from_str::<Value>(&text) {
        // Every language writes fractions in its own way, which is why the docs say to sign none.
        if !map.values().any(has_fractions) {
            holds_however_it_is_written(&reader, &map);
        }
        let envelope = Envelope { kind: "task".to_owned(), ..serde_json::from_value(map.into()).unwrap_or_default() };
        arrives_as_it_was_sent(&reader, &envelope, &heard);
    }
}

fn has_fractions(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(list) => list.iter().any(has_fractions),
        Value::Object(map) => map.values().any(has_fractions),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

fn signature(map: &Map<String, Value>) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(canonical_json(map).as_bytes());
    format!("{:x}", mac.finalize().into_bytes())
}

fn holds_however_it_is_written(reader: &MessageReader, map: &Map<String, Value>) {
    let mut map = map.clone();
    map.remove("sig");
    map.insert("sig".to_owned(), Value::String(signature(&map)));
    let plain = Value::Object(map.clone());
    assert!(reader.is_signed(&plain.to_string()), "{plain}");
    assert!(reader.is_signed(&format!("{plain:#}")), "with spaces: {plain}");
    let backwards: Map<String, Value> = map.clone().into_iter().rev().collect();
    assert!(reader.is_signed(&Value::Object(backwards).to_string()), "in another order: {plain}");
    for key in map.keys().filter(|key| *key != "sig") {
        let mut other = map.clone();
        other.insert(key.clone(), Value::String(format!("not {}", map[key])));
        assert!(!reader.is_signed(&Value::Object(other).to_string()), "`{key}` may be changed in {plain}");
        let mut without = map.clone();
        without.remove(key);
        assert!(!reader.is_signed(&Value::Object(without).to_string()), "`{key}` may be taken out of {plain}");
    }
    map.insert("added".to_owned(), Value::Null);
    let more = Value::Object(map).to_string();
    assert!(more == plain || !reader.is_signed(&more), "fields may be added to {plain}");
}

/// What is sent within ntfy's limit, is valid JSON, and says all that had room.
fn arrives_as_it_was_sent(reader: &MessageReader, envelope: &Envelope, heard: &dyn Fn(&str) -> HeardMessage) {
    let sent = Envelope {
        id: "an id".to_owned(),
        timestamp: NOW.to_rfc3339(),
        nonce: Some("a nonce".to_owned()),
        from: Some("another machine".to_owned()),
        ..envelope.clone()
    };
    let Ok(cut) = fitted(&sent) else { return };
    let body = signed(&cut, Some(&SecretString::from(SECRET)));
    assert!(body.len() <= MACHINE_LIMIT_BYTES, "{} bytes", body.len());
    let MessageRead::Genuine(genuine) = reader.read(&heard(&body), NOW) else { panic!("refused: {body}") };
    let read = Envelope { sig: None, ..genuine.envelope };
    assert_eq!(read, Envelope { sig: None, ..cut.clone() });
    begins_alike(sent.text.as_deref(), cut.text.as_deref());
    begins_alike(sent.result.as_deref(), cut.result.as_deref());
}

fn begins_alike(whole: Option<&str>, cut: Option<&str>) {
    let (Some(whole), Some(cut)) = (whole, cut) else { return assert_eq!(whole, cut) };
    assert!(cut == whole || cut.strip_suffix('…').is_some_and(|cut| whole.starts_with(cut)), "{cut:?} of {whole:?}");
}
