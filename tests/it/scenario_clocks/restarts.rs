//! Restarts in the middle of every clock: none is lost, and nothing is told twice.

use serde_json::json;
use stationmaster::model::{Number, TaskState};

use super::{HOUR_MS, MINUTE_MS, Server, alarms, asleep_until, command, has, heard_on, staff, until, until_ms};
use crate::api::{Caller, item};
use crate::world::{On, REPOSITORY, World, scenarios};

const CHAIN: &str = "[[clocks.escalation]]\nafter = \"30m\"\ntopic = \"lead\"\n\
                     [[clocks.escalation]]\nafter = \"2h\"\ntopic = \"chief\"\n";

/// One task for each clock, at ten in the morning in New York.
struct Clocks {
    answer: i64,
    urgent: i64,
    stuck: i64,
    lease: i64,
    deferred: i64,
}

async fn wound(world: &World) -> Clocks {
    staff(world, CHAIN).await;
    let robo = Caller::new(world, "worker:robo").await;
    until(world, "2026-11-21T15:00:00Z").await;
    let registered = json!({"role": "agents", "agent": true, "calendar": {"always": true}, "capacity": 20});
    let body = robo.send(reqwest::Method::PUT, "workers/robo", Some((registered, None))).await;
    assert_eq!(body.status, 200, "{}", body.body);
    let clocks = Clocks {
        answer: world.open_issue("Deploy v1").await,
        urgent: world.open_issue("URGENT: Paint the gate").await,
        stuck: world.open_issue("Paint the bridge").await,
        lease: world.open_issue("Refactor the parser").await,
        deferred: world.open_issue("Paint the tower").await,
    };
    command(world, clocks.answer, "alice", "/assign ada").await;
    command(world, clocks.stuck, "alice", "/assign bob").await;
    command(world, clocks.stuck, "bob", "/claim").await;
    command(world, clocks.lease, "alice", "/assign robo").await;
    robo.post(&item(clocks.lease, "claim"), json!({})).await.good(200);
    command(world, clocks.deferred, "alice", "/defer 2026-11-21T19:00:00Z").await;
    assert!(has(world, clocks.deferred, "status/deferred"));
    clocks
}

/// What has become of them by 17:30 in New York: half an hour after ada was found to be offline.
fn expect_all_told_once(world: &World, clocks: &Clocks) {
    let Clocks { answer, urgent, stuck, lease, deferred } = clocks;
    let mut told = alarms(world);
    told.retain(|title| !["Plan for", "Status of", "Review of"].iter().any(|digest| title.starts_with(digest)));
    told.sort();
    let mut expected = vec![
        format!("BLOCKED - Worker Offline: octo/station#{answer}"),
        "The heartbeat of robo is lost".to_owned(),
        format!("URGENT octo/station#{urgent}: not acknowledged"),
        format!("octo/station#{answer}: nobody answered in time"),
        format!("octo/station#{stuck} is stuck"),
    ];
    expected.sort();
    assert_eq!(told, expected);
    for topic in ["lead", "chief"] {
        let mut told = heard_on(world, topic);
        told.sort();
        told.dedup();
        assert_eq!(told, [answer, urgent, stuck].map(|issue| format!("Escalated: octo/station#{issue}")), "{topic}");
        assert_eq!(heard_on(world, topic).len(), 3, "{topic}: {:?}", heard_on(world, topic));
    }
    assert!(has(world, *answer, "worker/bob"));
    assert!(has(world, *urgent, "sla-breached") && has(world, *stuck, "stuck"));
    assert!(has(world, *lease, "worker/robo2") && has(world, *lease, "status/assigned"));
    assert!(has(world, *deferred, "status/assigned"));
}

scenarios! {
    async fn a_server_that_starts_anew_every_twenty_minutes_forgets_no_clock(world: &World) {
        let clocks = wound(world).await;
        let end = until_ms(world, "2026-11-21T22:28:00Z");
        for _ in 0..end / (20 * MINUTE_MS) {
            world.clock.advance_ms(20 * MINUTE_MS);
            Server::start(world).await;
        }
        Server::start(world).await.until("2026-11-21T22:28:00Z").await;
        expect_all_told_once(world, &clocks);
        Server::start(world).await.tick().await;
        expect_all_told_once(world, &clocks);
    }

    async fn a_server_that_was_away_for_hours_tells_all_once(world: &World) {
        let clocks = wound(world).await;
        asleep_until(world, "2026-11-21T19:30:00Z");
        let server = Server::start(world).await;
        assert_eq!(heard_on(world, "lead"), [""; 0], "the chain counts from when people were told first");
        assert!(has(world, clocks.lease, "worker/robo2"));
        assert!(has(world, clocks.deferred, "status/assigned"));
        drop(server);
        let told = world.told();
        Server::start(world).await;
        assert_eq!(world.told(), told, "nothing is told twice");
        for at in ["2026-11-21T20:05:00Z", "2026-11-21T21:35:00Z", "2026-11-21T22:28:00Z"] {
            asleep_until(world, at);
            Server::start(world).await.tick().await;
        }
        expect_all_told_once(world, &clocks);
    }

    async fn all_clocks_go_on_without_a_restart(world: &World) {
        let clocks = wound(world).await;
        let end = until_ms(world, "2026-11-21T22:28:00Z");
        for _ in 0..end / (5 * MINUTE_MS) {
            world.pass_ms(5 * MINUTE_MS).await;
            world.engine.tick().await.unwrap();
        }
        until(world, "2026-11-21T22:28:00Z").await;
        expect_all_told_once(world, &clocks);
    }

    async fn evidence_that_waits_for_a_merge_is_found_by_the_next_server(world: &World) {
        staff(world, "").await;
        let issue = world.open_issue("Fix the parser").await;
        command(world, issue, "alice", "/assign @alice").await;
        command(world, issue, "alice", "/claim").await;
        let branch = format!("task/{issue}-parser");
        let pull = world.open_pull(&branch, &[("docs/parser.md", "How it parses.\n")]).await;
        command(world, issue, "alice", &format!("/complete octo/station#{pull}")).await;
        assert!(has(world, issue, "status/review"), "{:?}", world.issue(issue).labels);
        assert!(world.card(issue).contains("the evidence does not hold yet"), "{}", world.card(issue));
        // It is merged while no server runs.
        world.github.merge_pull(REPOSITORY, "alice", Number(pull)).unwrap();
        world.clock.advance_ms(HOUR_MS);
        Server::start(world).await;
        assert_eq!(world.task(issue).await.unwrap().state, TaskState::Done);
        assert_eq!(world.issue(issue).state.as_str(), "closed");
    }

    async fn two_servers_that_find_the_same_breach_tell_it_once(world: &World) {
        staff(world, "").await;
        let other = Server::start(world).await;
        until(world, "2026-11-21T15:00:00Z").await;
        for train in 0..5 {
            world.open_issue(&format!("Deploy train {train}")).await;
        }
        world.clock.advance_ms(HOUR_MS + MINUTE_MS);
        loop {
            let (one, two) = tokio::join!(world.turn(), async {
                other.engine.decide_step(3).await.unwrap() + other.engine.act_step(3).await.unwrap()
            });
            if one + two == 0 {
                break;
            }
            world.clock.advance_ms(200);
        }
        world.settle().await;
        let mut told = alarms(world);
        told.sort();
        assert_eq!(told, [1, 2, 3, 4, 5].map(|issue| format!("octo/station#{issue}: nobody answered in time")));
    }
}
