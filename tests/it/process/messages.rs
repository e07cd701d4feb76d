//! `msg` as it is run by hand, alone and beside a server that listens.

use std::collections::BTreeMap;
use std::process::Output;

use serde_json::Value;
use stationmaster::simulator::ntfy::Message;

use super::{PATIENCE, Place, text};
use crate::messages::{LISTENING, MACHINES};
use crate::world::On;

/// `NTFY_*` and nothing else: no server, no database, no GitHub.
fn settings(place: &Place) -> BTreeMap<&'static str, String> {
    let mut settings = BTreeMap::from([("NTFY_URL", place.ntfy.url().to_owned())]);
    settings.extend(LISTENING.map(|(name, value)| (name, value.to_owned())));
    settings
}

#[track_caller]
fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}\n{}", output.status, text(&output.stderr));
    assert_eq!(text(&output.stderr), "");
    text(&output.stdout).to_owned()
}

fn sent(message: &Message) -> Value {
    serde_json::from_str(&message.message).unwrap()
}

#[tokio::test]
async fn msg_says_what_it_sent_and_lists_what_was_said() {
    Place::run(On::Sqlite, async |place: &Place| {
        let settings = settings(place);
        let run = async |arguments: &[&str]| printed(&place.command_with(&settings, arguments).await);

        let task = run(&["msg", "task", "Fix the signal", "--priority", "high", "--repo", "octo/station"]).await;
        let status = run(&["msg", "status"]).await;
        let said = run(&["msg", "send", "The track is clear"]).await;
        let messages = place.ntfy.messages(MACHINES);
        let envelopes: Vec<Value> = messages.iter().map(sent).collect();
        let id = |position: usize| envelopes[position]["id"].as_str().unwrap();
        assert_eq!(task, format!("Sent task (ID: {})\n", id(0)));
        assert_eq!(status, "Status request sent\n");
        assert_eq!(said, format!("Sent message (ID: {})\n", id(2)));
        assert_eq!(envelopes[0]["type"], "task");
        assert_eq!(envelopes[0]["text"], "Fix the signal");
        assert_eq!(envelopes[0]["priority"], "high");
        assert_eq!(envelopes[0]["task"], "octo/station");
        assert_eq!(envelopes[0]["from"], "operator");
        assert_eq!(messages[0].priority, Some(5));
        assert_eq!(envelopes[1]["type"], "status_request");

        let listed = run(&["msg", "poll"]).await;
        let lines: Vec<&str> = listed.lines().collect();
        assert_eq!(lines.len(), 3, "{listed}");
        let expected = format!("task from operator (ID: {}) octo/station: Fix the signal", id(0));
        assert!(lines[0].ends_with(&expected), "{listed}");
        let json = run(&["msg", "poll", "--since", "all", "--json"]).await;
        let parsed: Vec<Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(parsed, envelopes);
    })
    .await;
}

#[tokio::test]
async fn msg_says_what_is_wrong() {
    Place::run(On::Sqlite, async |place: &Place| {
        let mut settings = settings(place);
        let failed = async |settings: &BTreeMap<&'static str, String>, arguments: &[&str]| {
            let output = place.command_with(settings, arguments).await;
            assert!(!output.status.success());
            assert_eq!(text(&output.stdout), "");
            text(&output.stderr).to_owned()
        };
        let wrong = failed(&settings, &["msg", "task", "Fix it", "--priority", "asap"]).await;
        assert!(wrong.contains("one of low, medium, high, critical"), "{wrong}");
        let wrong = failed(&settings, &["msg", "poll", "--since", "yesterday"]).await;
        assert!(wrong.contains("\"yesterday\" is none of `30m`, `2h`, a time in RFC 3339, and `all`"), "{wrong}");
        settings.remove("NTFY_PROTOCOL_TOPIC");
        let wrong = failed(&settings, &["msg", "status"]).await;
        assert_eq!(wrong, "error: NTFY_PROTOCOL_TOPIC is not set: it is where machines speak with each other\n");
    })
    .await;
}

#[tokio::test]
async fn a_server_that_listens_opens_the_task_and_answers_the_question() {
    Place::run(On::Sqlite, async |place: &Place| {
        let server = place.serve_with(&LISTENING).await;
        place.github.deliver_all().await;
        place.rest().await;
        let settings = settings(place);
        printed(&place.command_with(&settings, &["msg", "task", "Deploy v2.0"]).await);
        let opened =
            |messages: &[Message]| messages.iter().any(|message| message.message.contains("opened as octo/station#1"));
        assert!(
            place.ntfy.wait_until(PATIENCE, opened).await,
            "{:#?}\n{}",
            place.ntfy.messages(MACHINES),
            server.log()
        );
        place.carded(1).await;

        // A connection that breaks is made again.
        place.ntfy.set_down(true);
        place.ntfy.set_down(false);
        let answered = place.command_with(&settings, &["msg", "status", "--wait"]).await;
        let answered = printed(&answered);
        assert!(answered.starts_with("Status request sent\n"), "{answered}");
        assert!(answered.contains("octo/station#1 Deploy v2.0 (") || answered.contains("1 "), "{answered}");
    })
    .await;
}
