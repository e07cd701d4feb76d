//! A repository is renamed or given away, an installation sleeps, tokens end: in the middle of every stage.

use super::faults::{expect_undisturbed, read_all};
use super::logs::Logs;
use super::stages::{Course, Event, Stage};
use crate::world::{Beginning, On, World};

/// Between which steps of a story it happens: in the middle, or with `STATIONMASTER_FAULTS_EACH` between any two.
fn steps() -> std::ops::RangeInclusive<u32> {
    if std::env::var_os("STATIONMASTER_FAULTS_EACH").is_some() { 1..=7 } else { 4..=4 }
}

async fn midway(stage: Stage, event: Event) {
    for step in steps() {
        World::run_from(On::Sqlite, Beginning { lenient: true, ..Beginning::default() }, async |world: &World| {
            let logs = Logs::begin();
            let end = Course::new(world).sweeping().with((step, event)).play(stage).await;
            let former =
                |line: String| line.replace("octo/terminus", "octo/station").replace("harbour/station", "octo/station");
            let mut end: Vec<String> = end.into_iter().map(former).collect();
            end.sort();
            expect_undisturbed(&format!("{stage:?} with {event:?} at step {step}"), stage, &end).await;
            assert_eq!(logs.unended(), [""; 0], "{stage:?} with {event:?} at step {step}");
            read_all(world);
        })
        .await;
    }
}

macro_rules! events {
    ($($module:ident: $stage:ident;)+) => {$(
        mod $module {
            use super::*;

            #[tokio::test]
            async fn goes_on_though_the_repository_is_renamed() {
                midway(Stage::$stage, Event::Rename).await;
            }

            #[tokio::test]
            async fn goes_on_though_the_repository_is_given_away() {
                midway(Stage::$stage, Event::Transfer).await;
            }

            #[tokio::test]
            async fn goes_on_though_the_installation_sleeps_for_a_while() {
                midway(Stage::$stage, Event::Sleep).await;
            }

            #[tokio::test]
            async fn goes_on_though_the_app_is_removed_and_installed_again() {
                midway(Stage::$stage, Event::Reinstall).await;
            }

            #[tokio::test]
            async fn goes_on_though_every_token_ends() {
                midway(Stage::$stage, Event::TokensEnd).await;
            }
        }
    )+};
}

events! {
    issue: Issue;
    pull: Pull;
    queue: Queue;
    release: Release;
    deployment: Deployment;
}
