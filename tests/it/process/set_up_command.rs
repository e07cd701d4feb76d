//! `setup` registers an App without a server, and replaces no other App unasked.

use std::process::Output;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};

use super::set_up::{Visitor, without_app};
use super::{Place, text};
use crate::world::{On, within};

/// Runs `setup`, and the browser with it; what it printed in the end, and what it said on the way.
async fn registers(place: &Place, more: &[&str]) -> (Output, String) {
    let github = place.github.api_url();
    let usual = ["setup", "--url", "http://127.0.0.1:9", "--organization", "octo", "--github-url", &github];
    let mut child = place.program(&without_app(place), &[&usual, more].concat()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut said = String::new();
    while let Some(line) = within("it says where", stderr.next_line()).await.unwrap() {
        said.push_str(&line);
        said.push('\n');
        if let Some(address) = line.trim().strip_prefix("http://") {
            let visitor = Visitor::new();
            let confirmation = visitor.get(&format!("http://{address}")).await;
            confirmation.is(200).shows("Register the App");
            let back = visitor.agrees(&github, &confirmation).await;
            visitor.get(&back).await.is(200).shows("stationmaster serve");
        }
    }
    (within("it ends", child.wait_with_output()).await.unwrap(), said)
}

#[tokio::test]
async fn setup_registers_an_app_and_says_what_comes_next() {
    let place = Place::start(On::Sqlite).await;
    let (output, said) = registers(&place, &["--name", "Octo"]).await;
    let printed = text(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(printed.contains("/apps/octo/installations/new") && printed.contains("stationmaster serve"), "{printed}");
    let env = std::fs::read_to_string(place.folder.path().join(".env")).unwrap();
    assert!(env.contains(&format!("GITHUB_APP_ID={}\n", place.github.app().app_id)), "{env}");
    assert!(env.contains("PUBLIC_URL=http://127.0.0.1:9\n"), "{env}");

    // The folder has an App now.
    let refused = place.command_with(&without_app(&place), &["setup", "--url", "http://127.0.0.1:9"]).await;
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("an App is configured already"), "{}", text(&refused.stderr));

    let (output, said) = registers(&place, &["--name", "Octo two", "--json", "--force"]).await;
    let shown: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
    assert_eq!((&shown["name"], &shown["next"]), (&"Octo two".into(), &"stationmaster serve".into()));
    let notes = shown["notes"].to_string();
    assert!(notes.contains("in the place of another one") && notes.contains("GITHUB_APP_ID"), "{notes}");
}

#[tokio::test]
async fn setup_into_another_folder_names_the_key_from_everywhere() {
    let place = Place::start(On::Sqlite).await;
    let there = place.folder.path().join("run here");
    std::fs::create_dir(&there).unwrap();
    let (output, said) = registers(&place, &["--name", "Octo", "--directory", there.to_str().unwrap()]).await;
    assert!(output.status.success(), "{said}");
    let env = std::fs::read_to_string(there.join(".env")).unwrap();
    assert!(
        env.contains(&format!("GITHUB_APP_PRIVATE_KEY_PATH='{}'\n", there.join("stationmaster.pem").display())),
        "{env}"
    );
    assert!(!place.folder.path().join(".env").exists());
}

#[tokio::test]
async fn setup_refuses_what_cannot_be_before_anything_is_registered() {
    let place = Place::start(On::Sqlite).await;
    let folder = place.folder.path().to_owned();
    let settings = without_app(&place);
    let refused = async |arguments: &[&str], says: &str| {
        let output = place.command_with(&settings, &[&["setup"], arguments].concat()).await;
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains(says), "{arguments:?}: {}", text(&output.stderr));
    };
    let url = ["--url", "http://127.0.0.1:9"];
    refused(&[], "say with --url").await;
    refused(&["--url", "ftp://x"], "cannot be this server's address").await;
    refused(&[url.as_slice(), &["--organization", "a/b"]].concat(), "cannot be an organisation").await;
    refused(&["--url", "http://localhost:3000", "--github-url", "https://github.com"], "GitHub cannot send").await;
    refused(&[url.as_slice(), &["--directory", "nowhere"]].concat(), "nothing can be written to the folder").await;
    let key = folder.join("stationmaster.pem");
    std::fs::write(&key, "a key").unwrap();
    refused(&url, "holds the key of another App already").await;
    std::fs::remove_file(&key).unwrap();
    std::fs::create_dir(&key).unwrap();
    refused(&url, "is not a file").await;
    std::fs::remove_dir(&key).unwrap();
    std::os::unix::fs::symlink("/tmp/nowhere", folder.join("stationmaster.pem")).unwrap();
    refused(&url, "is a link").await;
    std::fs::remove_file(&key).unwrap();
    std::fs::write(folder.join(".env"), "GITHUB_APP_CLIENT_ID=Iv1\nGITHUB_APP_CLIENT_SECRET=x\n").unwrap();
    refused(&url, "sets GITHUB_APP_CLIENT_ID, GITHUB_APP_CLIENT_SECRET already").await;
    assert_eq!(place.github.app().slug, "stationmaster", "no App was made");
}
