//! An optional model is asked where a repository wants it, sees no secrets, and decides nothing.

mod client;
mod issues;
mod pulls;
mod words;

use std::path::Path;

use serde_json::{Value, json};

use crate::channels::receiver::{Answer, Receiver};
use crate::world::{On, World};

/// What the model is called.
pub const NAME: &str = "test/model-1";
/// The key that it wants.
pub const KEY: &str = "sk-for-tests";

/// Runs a scenario on each database, in a world with a model.
macro_rules! with_a_model {
    ($($(#[$attribute:meta])* async fn $name:ident($world:ident: &World, $model:ident: &Receiver) $body:block)+) => {$(
        $(#[$attribute])*
        mod $name {
            use super::*;

            async fn scenario($world: &World, $model: &Receiver) $body

            #[tokio::test]
            async fn on_sqlite() {
                crate::advice::in_a_world(crate::world::On::Sqlite, async |world: &World, model: &Receiver| {
                    scenario(world, model).await;
                })
                .await;
            }

            #[tokio::test]
            async fn on_postgres() {
                crate::advice::in_a_world(crate::world::On::Postgres, async |world: &World, model: &Receiver| {
                    scenario(world, model).await;
                })
                .await;
            }
        }
    )+};
}
pub(crate) use with_a_model;

async fn in_a_world(on: On, scenario: impl AsyncFnOnce(&World, &Receiver)) {
    let model = Receiver::open().await;
    let url = model.url.clone();
    let settings =
        [("MODEL_URL", url.as_str()), ("MODEL_API_KEY", KEY), ("MODEL_NAME", NAME), ("MODEL_TOKENS_PER_DAY", "5000")];
    World::run_with(on, &settings, async |world: &World| scenario(world, &model).await).await;
}

/// The model's next answer, as the protocol has it.
pub fn says(text: &str, tokens: Option<i64>) -> Answer {
    let usage = tokens.map_or(Value::Null, |tokens| json!({ "total_tokens": tokens }));
    let choice = json!({ "index": 0, "message": { "role": "assistant", "content": text }, "finish_reason": "stop" });
    Answer::Text(json!({ "id": "x", "object": "chat.completion", "choices": [choice], "usage": usage }).to_string())
}

#[test]
fn neither_gate_nor_routing_nor_merging_reads_what_a_model_says() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/decide");
    let judges =
        ["gate.rs", "gate", "route.rs", "classify.rs", "pull.rs", "queue", "task/routing.rs", "assign.rs", "labels.rs"];
    let mut read = 0;
    for judge in judges {
        for entry in ignore::Walk::new(src.join(judge)) {
            let path = entry.unwrap().into_path();
            if path.is_file() {
                let text = std::fs::read_to_string(&path).unwrap();
                assert!(!text.contains("advice") && !text.contains("asked_type"), "{} names it", path.display());
                read += 1;
            }
        }
    }
    assert!(read > 12, "the test no longer finds the source");
}
