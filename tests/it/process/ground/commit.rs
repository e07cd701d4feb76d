//! The connection is cut at the moment of a commit: it is made, its answer is lost, and nothing is lost or doubled.

use std::collections::BTreeSet;

use super::proxy::{Line, Proxy};
use super::until;
use crate::process::Place;
use crate::world::On;

/// So many commits in a row are made without an answer.
const LOST: usize = 6;

#[tokio::test]
async fn a_commit_whose_answer_is_lost_loses_and_doubles_nothing() {
    Place::run(On::Postgres, async |place: &Place| {
        let proxy = Proxy::to(&place.database, Line::Open).await;
        let database = proxy.way_to(&place.database);
        let server = place.serve_with(&[("DATABASE_URL", &database), ("SWEEP_INTERVAL_S", "10")]).await;
        place.rest().await;

        proxy.lose_commits(LOST);
        let issues: Vec<i64> = (1..=4).map(|train| place.open_issue(&format!("Deploy v{train}.0"))).collect();
        until("answers to commits are lost", async || proxy.commits_to_lose() == 0).await;
        for issue in &issues {
            place.carded(*issue).await;
        }
        place.told(issues.len()).await;
        place.rest().await;
        for issue in issues {
            place.expect_deployment(issue);
        }
        let told: Vec<String> =
            server.lines(&["WARN", "ERROR"]).iter().map(|line| line["trouble"].to_string()).collect();
        let kinds: BTreeSet<&String> = told.iter().collect();
        assert!(kinds.iter().all(|kind| kind.contains("database")), "{}", server.log());
        assert!(!server.log().contains("panicked"), "{}", server.log());
    })
    .await;
}
