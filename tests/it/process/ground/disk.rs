//! A disk that is full or cannot be written to: webhooks are refused, pages are still read, and all goes on by itself.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use sqlx::Connection as _;
use tokio::process::Command;

use super::narrow::Narrow;
use super::{expect_kept, until};
use crate::process::{PATIENCE, Place, text};
use crate::world::{API_TOKEN, On, within};

/// Also what is told to those alone who debug: each further time that something fails for the same cause.
const EVERY_STRIKE: &str = "warn,sqlx=error,stationmaster=info,stationmaster::trouble=debug";
/// A few of these fill whatever room a log has left within itself.
const LARGE_BYTES: usize = 300_000;

#[tokio::test]
async fn a_disk_that_is_full_refuses_webhooks_until_there_is_room() {
    gives_way(true).await;
}

#[tokio::test]
async fn a_disk_that_takes_no_write_refuses_webhooks_until_it_does() {
    gives_way(false).await;
}

async fn gives_way(on_its_own: bool) {
    let place = Place::start(On::Sqlite).await;
    let changed = [("SWEEP_INTERVAL_S", "10"), ("PUBLIC_DASHBOARD", "1"), ("RUST_LOG", EVERY_STRIKE)];
    let (server, narrow) = Narrow::serve(&place, on_its_own, &changed).await;
    let before = place.open_issue("Deploy v1.0");
    place.carded(before).await;
    assert_eq!(server.asked("/readyz").await.0, 200);

    narrow.fill().await;
    let mut kept = Vec::new();
    let mut number = 0;
    until("a webhook is refused", async || {
        number += 1;
        let guid = format!("large-{number}");
        let status = server.delivered(&place, &guid, LARGE_BYTES).await;
        assert!(matches!(status, 202 | 503), "{status}");
        if status == 202 {
            kept.push(guid);
        }
        status == 503
    })
    .await;
    // Refused once is refused for as long as nothing changes.
    for number in 0..3 {
        assert_eq!(server.delivered(&place, &format!("refused-{number}"), LARGE_BYTES).await, 503);
    }
    let said = server.ready(503).await;
    assert!(said.contains("the disk cannot be written to") && said.contains("\"not_ready\""), "{said}");
    assert_eq!(server.asked("/healthz").await.0, 200);
    assert_eq!(server.asked("/").await.0, 200, "pages are read");
    let list = format!(
        "GET /api/v1/tasks HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {API_TOKEN}\r\nconnection: close\r\n\r\n"
    );
    let listed = server.send(list.as_bytes()).await;
    assert!(listed.starts_with("HTTP/1.1 200 ") && listed.contains("Deploy v1.0"), "{listed}");
    let meanwhile = place.open_issue("Deploy v2.0");
    until("it has failed often", async || server.lines(&["DEBUG"]).len() >= 8).await;
    let detail = server.expect_one_warning("disk");
    assert!(detail.contains("full") || detail.contains("I/O error"), "{detail}");

    narrow.clear().await;
    server.ready(200).await;
    server.over("disk").await;
    assert_eq!(server.delivered(&place, "afterwards", LARGE_BYTES).await, 202);
    kept.push("afterwards".to_owned());
    // Its webhook was refused: the sweep finds it.
    place.carded(meanwhile).await;
    place.told(2).await;
    for issue in [before, meanwhile] {
        place.expect_deployment(issue);
    }
    server.understood().await;
    let copy = narrow.copy(&server, &place.folder.path().join("copy")).await;
    expect_kept(&copy, &kept).await;
    let mut connection = sqlx::SqliteConnection::connect(&copy).await.unwrap();
    let sound: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut connection).await.unwrap();
    assert_eq!(sound, "ok");
    connection.close().await.unwrap();
    server.expect_one_warning("disk");
    assert!(!server.log().contains("panicked"), "{}", server.log());
    server.signal("TERM").await;
    assert!(server.ended().await.0.success());
}

#[tokio::test]
async fn a_server_that_may_not_write_its_database_says_so_and_ends() {
    let place = Place::start(On::Sqlite).await;
    let folder = place.folder.path().join("locked");
    std::fs::create_dir(&folder).unwrap();
    let file = folder.join("station.db");
    let mut settings = place.settings();
    settings.insert("DATABASE_URL", format!("sqlite://{}", file.display()));
    let made = within("a database is made", place.program(&settings, &["audit"]).output()).await.unwrap();
    assert!(made.status.success(), "{}", text(&made.stderr));
    for (path, mode) in [(&file, 0o444), (&folder, 0o555)] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    // Root may write all the same, unless that is taken from it.
    let mut command = if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
        let mut command = Command::new("setpriv");
        command.args(["--bounding-set", "-dac_override", "--", env!("CARGO_BIN_EXE_stationmaster"), "serve"]);
        settings.insert("PATH", std::env::var("PATH").unwrap());
        command.env_clear().envs(&settings).kill_on_drop(true);
        command
    } else {
        place.program(&settings, &["serve"])
    };
    let refused = tokio::time::timeout(PATIENCE, command.output()).await.expect("it ends");
    let refused = refused.expect("install util-linux: `setpriv` takes from root what it may do beyond others");
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    let said = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    let expected = format!("error: the database of DATABASE_URL (sqlite://{}) cannot be used: ", file.display());
    assert!(said.starts_with(&expected), "{said}");
    assert!(said.contains("that the server's user may write the file and its folder"), "{said}");
}
