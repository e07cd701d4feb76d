//! The client of a model: what is found out without a question, and an answer that never comes.

use std::time::Duration;

use secrecy::SecretString;
use serde_json::json;
use stationmaster::act::{ModelAccess, ModelClient, ModelFault};

use super::{KEY, NAME, says};
use crate::channels::receiver::{Answer, Call, Receiver};

fn client(url: &str) -> ModelClient {
    let access = ModelAccess { url: url.parse().unwrap(), key: Some(SecretString::from(KEY)), name: NAME.to_owned() };
    ModelClient::new(crate::wire::client(), access)
}

async fn found(answer: Answer) -> Result<String, String> {
    let model = Receiver::open().await;
    model.answers(answer);
    client(&model.url).look().await
}

fn list(ids: &[&str]) -> Answer {
    let models: Vec<_> = ids.iter().map(|id| json!({"id": id, "object": "model"})).collect();
    Answer::Text(json!({"object": "list", "data": models}).to_string())
}

#[tokio::test]
async fn a_look_finds_out_whether_it_is_there_and_knows_the_model() {
    assert_eq!(found(list(&["other/model", NAME])).await.unwrap(), "it is there and knows `test/model-1`");
    let others = found(list(&["other/model", "another"])).await.unwrap_err();
    assert_eq!(others, "it knows no model `test/model-1`, only 2 others");
    for silent in [list(&[]), Answer::Status(404, "x: y", "what?"), Answer::Status(405, "x: y", "")] {
        assert_eq!(found(silent).await.unwrap(), "it is there, and does not list its models");
    }
    let refused = found(Answer::Status(401, "x: y", KEY)).await.unwrap_err();
    assert_eq!(refused, "it does not take the key: the model answered with status 401");
    assert_eq!(found(Answer::Status(500, "x: y", "")).await.unwrap_err(), "the model answered with status 500");
    let page = Answer::Text("<html>Sign in</html>".to_owned());
    assert_eq!(found(page).await.unwrap_err(), "what answered does not speak as a model does");
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let dead = client(&format!("http://{gone}/v1")).look().await.unwrap_err();
    assert_eq!(dead, "the model could not be reached");
}

#[tokio::test]
async fn a_look_asks_nothing_and_goes_with_the_key() {
    let model = Receiver::open().await;
    model.answers(list(&[NAME]));
    model.answers(says("Yes", Some(9)));
    client(&model.url).look().await.unwrap();
    client(&model.url).ask(("Answer with one word.", "Are you there?")).await.unwrap();
    let lines: Vec<String> = model.taken().iter().map(Call::line).collect();
    assert!(lines[0].starts_with("GET ") && lines[0].ends_with("/models HTTP/1.1"), "{lines:?}");
    assert!(lines[1].starts_with("POST ") && lines[1].ends_with("/chat/completions HTTP/1.1"), "{lines:?}");
    for call in model.taken() {
        assert_eq!(call.header("authorization"), Some(format!("Bearer {KEY}")));
    }
}

#[tokio::test]
async fn an_answer_that_never_comes_or_never_ends_is_not_waited_for() {
    let model = Receiver::open().await;
    let impatient = client(&model.url).within(Duration::from_millis(200));
    model.answers(Answer::Silence);
    assert_eq!(impatient.ask(("", "")).await, Err(ModelFault::TooSlow));
    model.answers(Answer::Unended);
    assert_eq!(impatient.ask(("", "")).await, Err(ModelFault::TooSlow));
}
