//! What is put off comes back by itself, with a time of its own to answer.

use super::{Server, alarms, asleep_until, command, has, staff, until};
use crate::world::{On, World, scenarios};

const NONE: [&str; 0] = [];

scenarios! {
    async fn what_is_put_off_until_a_day_comes_back_by_itself(world: &World) {
        staff(world, "").await;
        until(world, "2026-11-21T15:00:00Z").await;
        let issue = world.open_issue("Deploy v2").await;
        let forever = world.open_issue("Deploy v3").await;
        command(world, issue, "alice", "/defer 2026-11-24").await;
        command(world, forever, "alice", "/defer").await;
        assert!(has(world, issue, "status/deferred"));
        until(world, "2026-11-23T23:59:50Z").await;
        assert!(has(world, issue, "status/deferred"));
        assert_eq!(alarms(world), NONE, "no clock runs for it");
        until(world, "2026-11-24T00:00:10Z").await;
        assert!(has(world, issue, "status/assigned") && has(world, issue, "worker/ada"));
        assert!(has(world, forever, "status/deferred"));
        assert!(world.card(issue).contains("it was put off until now"), "{}", world.card(issue));
        // It is seven in the evening in New York, so there is an hour.
        until(world, "2026-11-24T00:59:50Z").await;
        assert_eq!(alarms(world), NONE);
        until(world, "2026-11-24T01:00:20Z").await;
        assert_eq!(alarms(world), [format!("octo/station#{issue}: nobody answered in time")]);
    }

    async fn what_is_put_off_comes_back_though_no_server_ran_then(world: &World) {
        staff(world, "").await;
        until(world, "2026-11-21T15:00:00Z").await;
        let issue = world.open_issue("Deploy v2").await;
        command(world, issue, "alice", "/defer 2h").await;
        asleep_until(world, "2026-11-21T17:30:00Z");
        let told = world.told().len();
        let server = Server::start(world).await;
        assert!(has(world, issue, "status/assigned"));
        drop(server);
        Server::start(world).await;
        assert!(world.told().len() <= told + 1, "{:?}", world.told());
        assert_eq!(alarms(world), NONE);
    }

    async fn a_closed_issue_that_was_put_off_does_not_come_back(world: &World) {
        staff(world, "").await;
        until(world, "2026-11-21T15:00:00Z").await;
        let issue = world.open_issue("Deploy v2").await;
        command(world, issue, "alice", "/defer 2h").await;
        world.close_issue(issue, "alice").await;
        until(world, "2026-11-21T20:00:00Z").await;
        assert!(!has(world, issue, "status/assigned"), "{:?}", world.issue(issue).labels);
        assert_eq!(alarms(world), NONE);
    }
}
