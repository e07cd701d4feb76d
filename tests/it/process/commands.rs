//! Commands beside a running server and without one: what they print, and what comes of it.

use std::process::Output;

use serde_json::{Value, json};

use super::{Place, on_both, text, webhook};
use crate::world::{REPOSITORY, TOPIC};

/// What a command printed on stdout; it must have succeeded and have said nothing else.
#[track_caller]
fn printed(output: &Output) -> &str {
    assert!(output.status.success(), "{}\n{}", output.status, text(&output.stderr));
    assert_eq!(text(&output.stderr), "");
    text(&output.stdout)
}

/// The one line of JSON that a command printed.
#[track_caller]
fn json_line(output: &Output) -> Value {
    let printed = printed(output);
    assert_eq!(printed.lines().count(), 1, "{printed}");
    serde_json::from_str(printed).unwrap()
}

/// What `router` says of a title that begins with "Deploy".
fn deployment(added: &Value) -> Value {
    let mut said = json!({
        "success": true,
        "task_type": "deployment",
        "session": "deployment_worker",
        "priority": 100,
        "classification": {"matched_pattern": "deploy%", "rule": "deploy", "losers": []},
    });
    said.as_object_mut().unwrap().extend(added.as_object().unwrap().clone());
    said
}

async fn send(place: &Place, more: &[&str]) -> Value {
    json_line(&place.command(&[&["router", "send", "Deploy v2.0 to production"], more].concat()).await)
}

/// Asserts what there is on GitHub and on ntfy after one `router send`.
async fn expect_sent_once(place: &Place, said: &Value) {
    let issues = place.github.look(|view| view.issues(REPOSITORY));
    assert_eq!(issues.len(), 1, "the issue exists once");
    let number = issues[0].number;
    let url = format!("http://127.0.0.1/{REPOSITORY}/issues/{number}");
    let expected = deployment(&json!({"sent": true, "issue": format!("{REPOSITORY}#{number}"), "url": said["url"]}));
    assert_eq!(said, &expected);
    assert!(said["url"].as_str().unwrap().ends_with(url.trim_start_matches("http://127.0.0.1")), "{said}");
    assert_eq!(issues[0].title, "Deploy v2.0 to production");
    place.expect_deployment(number);
    assert_eq!(place.ntfy.messages(TOPIC).len(), 1);
    let stats = json_line(&place.command(&["router", "stats"]).await);
    assert_eq!(stats, json!({"total_routes": 1, "by_type": {"deployment": 1}, "by_status": {"sent": 1, "pending": 0}}));
}

on_both! {
    async fn what_was_only_routed_is_recorded_and_counted_as_pending(place: &Place) {
        let said = json_line(&place.command(&["router", "route", "Deploy v2.0 to production"]).await);
        assert_eq!(said, deployment(&json!({"status": "pending"})));
        let other = json_line(&place.command(&["router", "route", "The weather is nice"]).await);
        assert_eq!((&other["success"], &other["task_type"]), (&json!(false), &json!("triage")));
        let stats = json_line(&place.command(&["router", "stats"]).await);
        let expected = json!({
            "total_routes": 2,
            "by_type": {"deployment": 1, "triage": 1},
            "by_status": {"sent": 0, "pending": 2},
        });
        assert_eq!(stats, expected);
        assert!(place.github.requests().is_empty(), "GitHub has nothing to do with it");
    }

    async fn a_text_is_sent_by_the_command_alone_where_no_server_runs(place: &Place) {
        let said = send(place, &["--repo", REPOSITORY]).await;
        expect_sent_once(place, &said).await;
        // A server that starts later finds nothing left to do.
        let _server = place.serve().await;
        place.rest().await;
        expect_sent_once(place, &said).await;
    }

    async fn a_text_is_sent_once_where_a_server_runs_and_its_only_repository_is_meant(place: &Place) {
        let _server = place.serve().await;
        let said = send(place, &[]).await;
        place.rest().await;
        expect_sent_once(place, &said).await;
    }

    async fn a_repository_that_cannot_be_reached_is_named(place: &Place) {
        place.github.create_repository("octo/yard").unwrap();
        let unclear = place.command(&["router", "send", "Deploy v2.0"]).await;
        assert_eq!((unclear.status.code(), text(&unclear.stdout)), (Some(1), ""));
        assert_eq!(text(&unclear.stderr), "error: say which repository with --repo: octo/station, octo/yard\n");
        let missing = place.command(&["router", "send", "Deploy v2.0", "--repo", "octo/nowhere"]).await;
        assert_eq!((missing.status.code(), text(&missing.stdout)), (Some(1), ""));
        let said = text(&missing.stderr);
        assert!(said.starts_with("error: the App is not installed on octo/nowhere, or it does not exist"), "{said}");
    }

    async fn a_delivery_that_makes_no_sense_is_kept_shown_and_replayed(place: &Place) {
        let server = place.serve().await;
        place.rest().await;
        let body = r#"{"action":"opened","issue":{"title":"A strange one"},"repository":{"id":1,"full_name":"octo/station"},"installation":{"id":1}}"#;
        let (head, body) = webhook(&place.github.app().webhook_secret, "strange-1", "issues", body);
        let answer = server.send((head + &body).as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
        let number = place.open_issue("Deploy v2.0");
        place.carded(number).await;
        place.told(1).await;
        place.rest().await;
        place.expect_deployment(number);

        let listed = place.command(&["inbox", "list", "--state", "dead"]).await;
        let listed = printed(&listed);
        assert_eq!(listed.lines().count(), 2, "a head and one delivery: {listed}");
        assert!(listed.contains("strange-1") && listed.contains("number"), "{listed}");
        let row = json_line(&place.command(&["inbox", "list", "--state", "dead", "--json"]).await);
        assert_eq!((&row["guid"], &row["event"], &row["state"]), (&json!("strange-1"), &json!("issues"), &json!("dead")));
        assert!(row["note"].as_str().unwrap().contains("number"), "{row}");
        let shown = place.command(&["inbox", "show", "strange-1"]).await;
        let shown = printed(&shown);
        assert!(shown.contains("state:    dead") && shown.contains("\"title\": \"A strange one\""), "{shown}");

        let replayed = place.command(&["inbox", "replay", "strange-1"]).await;
        assert_eq!(printed(&replayed), "strange-1: waits to be understood once more\n");
        place.rest().await;
        let metrics = server.get("/metrics").await;
        let twice = "stationmaster_deliveries_read_total{state=\"dead\"} 2";
        assert!(metrics.lines().any(|line| line == twice), "it was looked at again: {metrics}");
        let again = json_line(&place.command(&["inbox", "list", "--state", "dead", "--json"]).await);
        assert_eq!(again, row);

        let unknown = place.command(&["inbox", "replay", "nobody"]).await;
        assert_eq!(unknown.status.code(), Some(1));
        assert_eq!(text(&unknown.stdout), "nobody: not replayed; it does not exist or has not come to rest\n");
    }
}
