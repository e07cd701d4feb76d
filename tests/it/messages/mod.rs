//! Messages between machines over ntfy: what is let in, what comes of it, and what is answered.

mod door;
mod meaning;
mod missed;
mod tasks;
mod wire;

use secrecy::SecretString;
use serde_json::{Map, Value, json};
use stationmaster::model::{Clock, Envelope, canonical_json};
use stationmaster::simulator::ntfy::Message;

use crate::world::{On, World};

/// What every machine here signs with.
pub const SECRET: &str = "a shared secret";
/// The topic for machines.
pub const MACHINES: &str = "machines";

pub fn secret() -> SecretString {
    SecretString::from(SECRET)
}

/// Settings of a server that listens.
pub const LISTENING: [(&str, &str); 2] = [("NTFY_PROTOCOL_TOPIC", MACHINES), ("NTFY_SECRET", SECRET)];

/// Writes a scenario of a listening server as two tests, one on each database.
macro_rules! heard {
    ($($(#[$attribute:meta])* async fn $name:ident($world:ident: &World) $body:block)+) => {$(
        $(#[$attribute])*
        mod $name {
            use super::*;

            async fn scenario($world: &World) $body

            #[tokio::test]
            async fn on_sqlite() {
                crate::messages::listening(On::Sqlite, async |world: &World| scenario(world).await).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                crate::messages::listening(On::Postgres, async |world: &World| scenario(world).await).await;
            }
        }
    )+};
}
use heard;

async fn listening(on: On, scenario: impl AsyncFnOnce(&World)) {
    World::run_with(on, &LISTENING, scenario).await;
}

/// A message as a machine of its own sends it: signed by what is said of the form in the README alone.
pub fn sign(message: &Value, secret: &str) -> String {
    use hmac::Mac as _;
    let mut map: Map<String, Value> = message.as_object().unwrap().clone();
    let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(canonical_json(&map).as_bytes());
    map.insert("sig".to_owned(), format!("{:x}", mac.finalize().into_bytes()).into());
    Value::Object(map).to_string()
}

/// A message of this type and id, sent now by `scout`, with these fields changed.
pub fn message(world: &World, (kind, id): (&str, &str), changed: &Value) -> Value {
    let mut message = json!({
        "type": kind,
        "id": id,
        "timestamp": world.clock.now().to_rfc3339(),
        "from": "scout",
        "nonce": format!("{:032x}", rand::random::<u128>()),
    });
    message.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
    message
}

/// Publishes a text as it is on the topic for machines.
pub async fn publish(world: &World, text: String) {
    let answer = crate::wire::client().post(format!("{}/{MACHINES}", world.ntfy.url())).body(text).send().await;
    assert_eq!(answer.unwrap().status(), 200);
}

/// Publishes a signed message, has the server hear it, and lets the world settle.
pub async fn say(world: &World, what: (&str, &str), changed: &Value) {
    publish(world, sign(&message(world, what, changed), SECRET)).await;
    listen(world).await;
}

/// The server hears what is there; returns how much was new.
pub async fn listen(world: &World) -> usize {
    let new = world.engine.listen_step().await.unwrap();
    world.settle().await;
    new
}

/// What we said to machines, oldest first; each is signed, short enough, and whole.
pub fn said(world: &World) -> Vec<Envelope> {
    let ours = |message: &Message| {
        let envelope: Envelope = serde_json::from_str(&message.message).ok()?;
        (envelope.from.as_deref() == Some("stationmaster")).then(|| {
            let map: Value = serde_json::from_str(&message.message).unwrap();
            assert_eq!(sign(&map, SECRET), message.message, "the signature is that of what was sent");
            assert!(message.message.len() < 4096 && message.attachment.is_none());
            envelope
        })
    };
    world.ntfy.messages(MACHINES).iter().filter_map(ours).collect()
}

/// The answers to a message.
pub fn answers(world: &World, id: &str) -> Vec<Envelope> {
    said(world).into_iter().filter(|envelope| envelope.re.as_deref() == Some(id)).collect()
}

/// The sentences of the audit about messages, oldest first.
pub async fn audited(world: &World) -> Vec<String> {
    let rows = world.app().store.audit_of(None, 1_000).await.unwrap();
    rows.into_iter().filter(|row| row.kind == "message").map(|row| row.summary).collect()
}

/// How many issues there are.
pub fn issues(world: &World) -> usize {
    world.github.look(|view| view.issues(crate::world::REPOSITORY)).len()
}
