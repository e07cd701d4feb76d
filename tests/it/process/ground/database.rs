//! PostgreSQL is cut off, says nothing, lets nobody in, or is not there yet, and comes back.

use std::process::Stdio;

use sqlx::{Connection as _, Executor as _};

use super::proxy::{Line, Proxy};
use super::{expect_kept, until};
use crate::process::{PATIENCE, Place, text};
use crate::world::On;

#[tokio::test]
async fn a_database_that_is_cut_off_or_silent_is_told_once_and_gone_on_with() {
    Place::run(On::Postgres, async |place: &Place| {
        let proxy = Proxy::to(&place.database, Line::Open).await;
        let database = proxy.way_to(&place.database);
        let changed = [("DATABASE_URL", database.as_str()), ("DATABASE_TIMEOUT_S", "5"), ("SWEEP_INTERVAL_S", "10")];
        for line in [Line::Still, Line::Shut] {
            let server = place.serve_with(&changed).await;
            let before = place.open_issue("Deploy v1.0");
            place.carded(before).await;
            place.rest().await;

            proxy.set(line);
            assert_eq!(server.delivered(place, &format!("{line:?}-1"), 10).await, 503, "{line:?}");
            server.ready(503).await;
            assert_eq!(server.asked("/healthz").await.0, 200);
            let meanwhile = place.open_issue("Deploy v2.0");
            assert_eq!(server.delivered(place, &format!("{line:?}-2"), 10).await, 503, "{line:?}");
            until("it is told", async || !server.lines(&["WARN", "ERROR"]).is_empty()).await;
            server.expect_one_warning("database");

            proxy.set(Line::Open);
            server.ready(200).await;
            server.over("database").await;
            let guid = format!("{line:?}-3");
            assert_eq!(server.delivered(place, &guid, 10).await, 202);
            place.carded(meanwhile).await;
            place.rest().await;
            for issue in [before, meanwhile] {
                place.expect_deployment(issue);
            }
            expect_kept(&place.database, &[guid]).await;
            server.expect_one_warning("database");
            server.kill().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_database_that_lets_nobody_in_for_a_while_is_gone_on_with() {
    Place::run(On::Postgres, async |place: &Place| {
        let server = place.serve_with(&[("SWEEP_INTERVAL_S", "10")]).await;
        let before = place.open_issue("Deploy v1.0");
        place.carded(before).await;
        place.rest().await;
        let (address, name) = place.database.rsplit_once('/').unwrap();
        let mut owner = sqlx::PgConnection::connect(&format!("{address}/postgres")).await.unwrap();
        let mut say = async |sql: String| owner.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();

        say(format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await;
        say(format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")).await;
        assert_eq!(server.delivered(place, "shut-1", 10).await, 503);
        server.ready(503).await;
        let meanwhile = place.open_issue("Deploy v2.0");
        until("it is told", async || !server.lines(&["WARN", "ERROR"]).is_empty()).await;
        server.expect_one_warning("database");

        say(format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).await;
        server.ready(200).await;
        server.over("database").await;
        assert_eq!(server.delivered(place, "open-1", 10).await, 202);
        place.carded(meanwhile).await;
        place.rest().await;
        for issue in [before, meanwhile] {
            place.expect_deployment(issue);
        }
        server.expect_one_warning("database");
    })
    .await;
}

#[tokio::test]
async fn a_server_that_starts_before_its_database_waits_for_it_but_not_for_ever() {
    Place::run(On::Postgres, async |place: &Place| {
        let proxy = Proxy::to(&place.database, Line::Shut).await;
        let mut settings = place.settings();
        settings.insert("DATABASE_URL", proxy.way_to(&place.database));
        settings.insert("DATABASE_TIMEOUT_S", "1".to_owned());
        let refused = tokio::time::timeout(PATIENCE, place.program(&settings, &["serve"]).output());
        let refused = refused.await.expect("it ends").unwrap();
        let said = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{said}");
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines.len(), 2, "it says that it waits, and why it ends: {said}");
        assert!(lines[0].contains("it is waited for"), "{said}");
        assert!(lines[1].starts_with("error: the database of DATABASE_URL (postgres://…@"), "{said}");

        settings.insert("DATABASE_TIMEOUT_S", "60".to_owned());
        let log = place.folder.path().join("early.log");
        let mut command = place.program(&settings, &["serve"]);
        command.stderr(Stdio::from(std::fs::File::create(&log).unwrap()));
        let early = command.spawn().unwrap();
        let logged = || std::fs::read_to_string(&log).unwrap();
        until("it waits", async || logged().contains("it is waited for")).await;
        proxy.set(Line::Open);
        until("it listens", async || logged().contains("listening")).await;
        assert_eq!(logged().matches("it is waited for").count(), 1, "{}", logged());
        drop(early);
    })
    .await;
}
