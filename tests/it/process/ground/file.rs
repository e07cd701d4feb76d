//! The file of the database is moved away under the server, or another process keeps it for itself.

use sqlx::{Connection as _, Executor as _};

use super::{expect_kept, until};
use crate::process::Place;
use crate::world::On;

#[tokio::test]
async fn a_database_file_that_is_moved_away_is_not_written_to_until_it_is_back() {
    let place = Place::start(On::Sqlite).await;
    let server = place.serve_with(&[("SWEEP_INTERVAL_S", "10")]).await;
    let before = place.open_issue("Deploy v1.0");
    place.carded(before).await;
    place.rest().await;
    let (file, away) = (place.folder.path().join("world.db"), place.folder.path().join("away.db"));

    std::fs::rename(&file, &away).unwrap();
    assert_eq!(server.delivered(&place, "gone", 10).await, 503, "it would be written where nobody finds it");
    std::fs::write(&file, "another file").unwrap();
    assert_eq!(server.delivered(&place, "replaced", 10).await, 503);
    let meanwhile = place.open_issue("Deploy v2.0");
    server.ready(503).await;
    let detail = server.expect_one_warning("database");
    assert!(detail.contains("was deleted or replaced under the server"), "{detail}");
    assert!(detail.contains(&file.display().to_string()), "{detail}");

    std::fs::rename(&away, &file).unwrap();
    server.ready(200).await;
    server.over("database").await;
    assert_eq!(server.delivered(&place, "back", 10).await, 202);
    place.carded(meanwhile).await;
    place.told(2).await;
    place.expect_deployment(meanwhile);
    server.understood().await;
    expect_kept(&place.database, &["back".to_owned()]).await;
    server.expect_one_warning("database");
}

#[tokio::test]
async fn a_database_that_another_process_holds_is_waited_for_and_refused_in_time() {
    let place = Place::start(On::Sqlite).await;
    let server = place.serve_with(&[("SWEEP_INTERVAL_S", "10")]).await;
    let before = place.open_issue("Deploy v1.0");
    place.carded(before).await;
    place.rest().await;

    let mut other = sqlx::SqliteConnection::connect(&place.database).await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let meanwhile = place.open_issue("Deploy v2.0");
    assert_eq!(server.delivered(&place, "held", 10).await, 503);
    server.ready(503).await;
    assert_eq!(server.asked("/healthz").await.0, 200);
    until("it is told", async || !server.lines(&["WARN", "ERROR"]).is_empty()).await;
    let detail = server.expect_one_warning("database");
    assert!(detail.contains("locked"), "{detail}");

    other.execute("ROLLBACK").await.unwrap();
    other.close().await.unwrap();
    server.ready(200).await;
    server.over("database").await;
    assert_eq!(server.delivered(&place, "free", 10).await, 202);
    place.carded(meanwhile).await;
    place.told(2).await;
    place.expect_deployment(meanwhile);
    server.expect_one_warning("database");
}
