//! Keeping, putting back and moving the database of a real server, and what commands say of it.

use stationmaster::simulator::github::Permission;

use super::{Place, text};
use crate::world::{On, REPOSITORY, drop_database, fresh_database};

/// The one line on stderr of a command that fails.
async fn refusal(place: &Place, arguments: &[&str]) -> String {
    let output = place.command(arguments).await;
    let said = text(&output.stderr).to_owned();
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), ""), "{arguments:?}: {said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

#[tokio::test]
async fn a_server_on_postgres_goes_on_where_the_one_on_sqlite_stopped() {
    let mut place = Place::start(On::Sqlite).await;
    place.github.set_permission(REPOSITORY, "alice", Permission::Maintain).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let postgres = fresh_database(On::Postgres, folder.path()).await;
    let server = place.serve().await;
    let number = place.open_issue("Deploy v2.0 to production");
    place.carded(number).await;
    place.told(1).await;
    place.rest().await;

    let kept = place.command(&["backup", "kept.db"]).await;
    assert!(kept.status.success(), "{}", text(&kept.stderr));
    assert!(text(&kept.stdout).starts_with("kept.db: ") && text(&kept.stdout).ends_with(", whole\n"));
    assert_eq!(text(&kept.stderr), "", "no progress where nobody looks at it");
    let again = refusal(&place, &["backup", "kept.db"]).await;
    assert_eq!(again, "error: kept.db is there already; name another file, or give --force\n");
    let used = refusal(&place, &["restore", "kept.db"]).await;
    assert!(used.ends_with("world.db is in use; stop the server first\n"), "{used}");
    let used = refusal(&place, &["migrate", "copy", "--to", &postgres]).await;
    assert!(used.contains("the source database is in use; stop every server"), "{used}");
    let place_before = place.github.issue(REPOSITORY, number).unwrap();

    server.signal("TERM").await;
    let (status, log) = server.ended().await;
    assert!(status.success(), "{log}");
    let copied = place.command(&["migrate", "copy", "--to", &postgres]).await;
    assert!(copied.status.success(), "{}", text(&copied.stderr));
    let told = text(&copied.stdout);
    assert!(told.lines().any(|line| line.split_whitespace().eq(["tasks", "1"])), "{told}");
    assert!(told.contains("set DATABASE_URL to it") && !told.contains('│'), "{told}");
    let twice = refusal(&place, &["migrate", "copy", "--to", &postgres]).await;
    assert!(twice.contains("the target database holds data already"), "{twice}");

    place.database.clone_from(&postgres);
    let server = place.serve().await;
    place.rest().await;
    let after = place.github.issue(REPOSITORY, number).unwrap();
    assert_eq!(after.labels, place_before.labels, "nothing was done twice");
    assert_eq!(after.comments.len(), place_before.comments.len());
    let done = "/complete --override \"it was deployed by hand\"";
    place.github.comment(REPOSITORY, "alice", stationmaster::model::Number(number), done).unwrap();
    let completed = place.github.wait_until("the task is done", super::PATIENCE, |view| {
        view.issue(REPOSITORY, number)
            .is_some_and(|issue| issue.labels.contains(&"status/done".to_owned()) && super::cards(&issue) == 1)
    });
    completed.await.unwrap();
    place.rest().await;
    server.kill().await;

    // And what was kept of the first one can still be put back.
    let sqlite = format!("sqlite://{}", place.folder.path().join("world.db").display());
    let mut settings = place.settings();
    settings.insert("DATABASE_URL", sqlite);
    let restored = place.command_with(&settings, &["restore", "kept.db"]).await;
    assert!(restored.status.success(), "{}", text(&restored.stderr));
    assert!(text(&restored.stdout).contains("world.db.before-restore-"), "{}", text(&restored.stdout));
    let on_postgres = refusal(&place, &["backup", "other.db"]).await;
    assert!(on_postgres.contains("`pg_dump --format=custom`"), "{on_postgres}");
    drop_database(&postgres).await;
}

#[tokio::test]
async fn a_container_asks_its_server_whether_it_lives() {
    let place = Place::start(On::Sqlite).await;
    let server = place.serve().await;
    let mut settings = place.settings();
    settings.insert("PORT", server.address.port().to_string());
    for host in ["127.0.0.1", "0.0.0.0"] {
        settings.insert("HOST", host.to_owned());
        let lives = place.command_with(&settings, &["healthcheck"]).await;
        assert!(lives.status.success(), "{}", text(&lives.stderr));
        assert!(text(&lives.stdout).ends_with("/healthz answers 200\n"), "{}", text(&lives.stdout));
    }
    server.kill().await;
    let dead = place.command_with(&settings, &["healthcheck"]).await;
    assert_eq!(dead.status.code(), Some(1));
    assert!(text(&dead.stderr).contains("/healthz does not answer"), "{}", text(&dead.stderr));
}
