//! `stationmaster mcp`: a line in, a line out, whatever the server does meanwhile.

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

use super::message;
use crate::api::Caller;
use crate::world::{On, World, within};

fn relay(url: &str, token: &str, more: &[(&str, &str)]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stationmaster"));
    command.arg("mcp").env_clear().envs(more.iter().copied());
    command.env("STATIONMASTER_URL", url).env("STATIONMASTER_TOKEN", token).current_dir(std::env::temp_dir());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap()
}

/// Says these lines, ends stdin, and returns what came back: the lines of stdout, all of stderr and the status.
async fn said(mut relay: Child, lines: &[&str]) -> (Vec<Value>, String, Option<i32>) {
    let mut input = relay.stdin.take().unwrap();
    for line in lines {
        input.write_all(format!("{line}\n").as_bytes()).await.unwrap();
    }
    drop(input);
    let output = within("the relay ends with its input", relay.wait_with_output()).await.unwrap();
    let lines = std::str::from_utf8(&output.stdout).unwrap().lines();
    let answers = lines.map(|line| serde_json::from_str(line).expect("stdout holds messages alone")).collect();
    (answers, String::from_utf8(output.stderr).unwrap(), output.status.code())
}

/// Somewhere that leads to the server once it is switched on, and nowhere before.
async fn way(world: &World) -> (String, Arc<AtomicBool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (is_on, server) = (Arc::new(AtomicBool::new(false)), world.url.replace("http://", ""));
    let switch = Arc::clone(&is_on);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            if is_on.load(Ordering::SeqCst) {
                let mut server = TcpStream::connect(&server).await.unwrap();
                tokio::spawn(async move { tokio::io::copy_bidirectional(&mut client, &mut server).await });
            }
        }
    });
    (url, switch)
}

#[tokio::test]
async fn a_server_that_is_away_is_told_for_each_message_and_found_once_it_is_back() {
    World::run(On::Sqlite, async |world: &World| {
        let caller = Caller::new(world, "worker:builder-1").await;
        let (url, switch) = way(world).await;
        let mut relay = relay(&url, &caller.secret, &[]);
        let (mut input, output) = (relay.stdin.take().unwrap(), relay.stdout.take().unwrap());
        let mut lines = BufReader::new(output).lines();
        for (index, is_there) in [false, false, true].into_iter().enumerate() {
            switch.store(is_there, Ordering::SeqCst);
            let ask = json!({"jsonrpc": "2.0", "id": format!("m{index}"), "method": "tools/list"});
            input.write_all(format!("{ask}\n").as_bytes()).await.unwrap();
            let line = within("the relay answers", lines.next_line()).await.unwrap().unwrap();
            let answer: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(answer["id"], format!("m{index}"));
            let told = answer["error"]["message"].as_str().unwrap_or_default();
            assert_eq!(told.contains("does not answer") && told.contains("stationmaster serve"), !is_there, "{answer}");
            assert_eq!(answer["result"]["tools"].is_array(), is_there, "{answer}");
        }
        drop(input);
        assert!(within("the relay ends", relay.wait()).await.unwrap().success());
        let mut told = String::new();
        relay.stderr.take().unwrap().read_to_string(&mut told).await.unwrap();
        assert_eq!(told, "");
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_with_a_line_or_a_token_is_told_in_the_protocols_form() {
    World::run(On::Sqlite, async |world: &World| {
        let caller = Caller::new(world, "worker:builder-1").await;
        let own = [("AGENT_ID", "builder-1")];
        let list = message("tools/list", &json!({}));
        let note = json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string();
        let (answers, told, status) = said(relay(&world.url, &caller.secret, &own), &["{", "", &list, &note]).await;
        assert_eq!((status, told.as_str(), answers.len()), (Some(0), "", 2), "{answers:?}");
        let fault = answers.iter().find(|answer| answer["id"].is_null()).unwrap();
        assert_eq!(fault["error"]["code"], -32_700);
        assert!(answers.iter().any(|answer| answer["result"]["tools"].is_array()), "{answers:?}");

        let (answers, told, status) = said(relay(&world.url, "no-token-of-this-server", &[]), &[&list, &note]).await;
        assert_eq!(status, Some(0));
        let sentence = answers[0]["error"]["message"].as_str().unwrap();
        assert!(sentence.starts_with("Wrong token: "), "{sentence}");
        assert!(told.starts_with("warning: a notification did not arrive: Wrong token: "), "{told}");

        let other = [("AGENT_ID", "builder-2")];
        let (answers, told, status) = said(relay(&world.url, &caller.secret, &other), &[&list]).await;
        assert_eq!((answers.len(), status), (0, Some(1)));
        assert!(told.contains("AGENT_ID is builder-2") && told.contains("builder-1"), "{told}");
        let mut bare = Command::new(env!("CARGO_BIN_EXE_stationmaster"));
        bare.arg("mcp").env_clear().current_dir(std::env::temp_dir()).stdin(Stdio::null());
        let output = within("it ends", bare.output()).await.unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&output.stderr).contains("STATIONMASTER_TOKEN"));
    })
    .await;
}
