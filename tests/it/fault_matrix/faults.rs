//! The faults, and a test for each at each stage.

use std::collections::BTreeSet;

use stationmaster::simulator::github::{EndpointFaults, FaultKind, Post};
use tokio::sync::OnceCell;

use super::logs::Logs;
use super::stages::{Course, Stage};
use crate::world::{Beginning, On, REPOSITORY, World};

/// How a stage ends when nothing goes wrong, and which endpoints it calls.
#[derive(Debug)]
struct Undisturbed {
    end: Vec<String>,
    endpoints: BTreeSet<String>,
}

async fn undisturbed(stage: Stage) -> &'static Undisturbed {
    static KNOWN: [OnceCell<Undisturbed>; 5] = [const { OnceCell::const_new() }; 5];
    KNOWN[stage as usize].get_or_init(async || play_undisturbed(stage).await).await
}

async fn play_undisturbed(stage: Stage) -> Undisturbed {
    let mut found = None;
    World::run(On::Sqlite, async |world: &World| {
        let end = Course::new(world).play(stage).await;
        read_all(world);
        let endpoints =
            world.github.requests().iter().map(stationmaster::simulator::github::LoggedRequest::endpoint).collect();
        found = Some(Undisturbed { end, endpoints });
    })
    .await;
    found.unwrap()
}

/// The story's comments are compared word by word, so the world need not ask whether somebody has read them.
pub fn read_all(world: &World) {
    for issue in world.github.issues(REPOSITORY) {
        for comment in world.bot_comments(issue.number) {
            if !comment.body.contains("<!-- stationmaster:card -->") {
                world.expect_comment(issue.number, &comment.body);
            }
        }
    }
}

fn beginning(kinds: &[FaultKind]) -> Beginning<'static> {
    Beginning { impatient: kinds.contains(&FaultKind::Stall), lenient: true, ..Beginning::default() }
}

/// Plays a stage in which every endpoint fails in each of these ways, one after the other.
async fn answers(on: On, stage: Stage, kinds: &[FaultKind]) {
    cell((on, stage), EndpointFaults::first_calls(kinds.to_vec()), kinds).await;
    if std::env::var_os("STATIONMASTER_FAULTS_EACH").is_some() {
        for (endpoint, kind) in
            undisturbed(stage).await.endpoints.iter().flat_map(|it| kinds.iter().map(move |kind| (it, kind)))
        {
            let fault = |times| EndpointFaults::first_calls(vec![kind.clone(); times]).only(endpoint);
            for faults in [fault(1), fault(1).after(1), fault(3)] {
                cell((on, stage), faults, kinds).await;
            }
        }
    }
}

async fn cell((on, stage): (On, Stage), faults: EndpointFaults, kinds: &[FaultKind]) {
    let what = format!("{stage:?} with {faults:?}");
    let expected = undisturbed(stage).await;
    World::run_from(on, beginning(kinds), async |world: &World| {
        let logs = Logs::begin();
        world.github.fail_endpoints(faults);
        let end = Course::new(world).play(stage).await;
        let struck = world.github.spare_endpoints();
        // The second call of an endpoint that is called once is not there to fail.
        let must_strike = !what.contains("after: 1");
        assert!(!struck.is_empty() || !must_strike, "{what}: nothing failed");
        assert_same(&what, &expected.end, &end);
        assert_eq!(logs.unended(), [""; 0], "{what}: troubles whose end was not told");
        assert_eq!(logs.others(), [""; 0], "{what}: warnings that belong to no trouble");
        read_all(world);
    })
    .await;
}

/// Plays a stage with this post.
async fn posts(on: On, stage: Stage, rule: Post) {
    let expected = undisturbed(stage).await;
    World::run_from(on, Beginning { lenient: true, ..Beginning::default() }, async |world: &World| {
        world.github.set_post(rule);
        let end = Course::new(world).sweeping().play(stage).await;
        world.github.set_post(Post::Good);
        assert_same(&format!("{stage:?} with {rule:?}"), &expected.end, &end);
        read_all(world);
    })
    .await;
}

/// Holds an end against that of the undisturbed play.
pub async fn expect_undisturbed(what: &str, stage: Stage, end: &[String]) {
    assert_same(what, &undisturbed(stage).await.end, end);
}

fn assert_same(what: &str, expected: &[String], end: &[String]) {
    let missing: Vec<_> = expected.iter().filter(|line| !end.contains(line)).collect();
    let new: Vec<_> = end.iter().filter(|line| !expected.contains(line)).collect();
    assert!(missing.is_empty() && new.is_empty(), "{what}\nshould be: {missing:#?}\nis: {new:#?}");
    assert_eq!(expected, end, "{what}: something is there more often");
}

macro_rules! cells {
    ($($kind:ident: $faults:expr;)+) => {
        cells!(@stage issue Issue [$($kind: $faults;)+]);
        cells!(@stage pull Pull [$($kind: $faults;)+]);
        cells!(@stage queue Queue [$($kind: $faults;)+]);
        cells!(@stage release Release [$($kind: $faults;)+]);
        cells!(@stage deployment Deployment [$($kind: $faults;)+]);
    };
    (@stage $module:ident $stage:ident [$($kind:ident: $faults:expr;)+]) => {
        mod $module {
            use super::*;

            $(#[tokio::test]
            async fn $kind() {
                answers(On::Sqlite, Stage::$stage, &$faults).await;
            })+

            #[tokio::test]
            async fn error_500_after_doing_it_on_postgres() {
                answers(On::Postgres, Stage::$stage, &[FaultKind::StatusAfterDoing(500)]).await;
            }

            #[tokio::test]
            async fn webhooks_lost() {
                posts(On::Sqlite, Stage::$stage, Post::Lost).await;
            }

            #[tokio::test]
            async fn every_second_webhook_lost() {
                posts(On::Sqlite, Stage::$stage, Post::HalfLost).await;
            }

            #[tokio::test]
            async fn webhooks_doubled() {
                posts(On::Sqlite, Stage::$stage, Post::Doubled).await;
            }

            #[tokio::test]
            async fn webhooks_doubled_under_another_id() {
                posts(On::Sqlite, Stage::$stage, Post::DoubledAnew).await;
            }

            #[tokio::test]
            async fn webhooks_in_reverse() {
                posts(On::Sqlite, Stage::$stage, Post::Reversed).await;
            }

            #[tokio::test]
            async fn webhooks_late() {
                posts(On::Sqlite, Stage::$stage, Post::Late).await;
            }
        }
    };
}

cells! {
    errors: [FaultKind::Status(500), FaultKind::Status(502), FaultKind::Status(503)];
    limits: [
        FaultKind::TooManyRequests { retry_after_s: None },
        FaultKind::SecondaryLimit { retry_after_s: Some(30) },
        FaultKind::TooManyRequests { retry_after_s: Some(30) },
        FaultKind::SecondaryLimit { retry_after_s: None },
    ];
    primary_limit: [FaultKind::RateLimitPrimary { reset_in_s: 60 }];
    connection_cut_or_a_page_instead: [FaultKind::CutConnection, FaultKind::Page];
    error_500_after_doing_it: [FaultKind::StatusAfterDoing(500), FaultKind::StatusAfterDoing(502)];
    connection_cut_after_doing_it: [FaultKind::CutAfterDoing];
    a_page_instead_after_doing_it: [FaultKind::PageAfterDoing];
    half_an_answer: [FaultKind::TruncatedAfterDoing];
    an_answer_that_breaks_off: [FaultKind::BrokenOffAfterDoing];
    no_answer: [FaultKind::Stall];
    slow_answers: [FaultKind::Slow { ms: 5 }, FaultKind::Slow { ms: 20 }];
    token_refused: [FaultKind::Status(401)];
}
