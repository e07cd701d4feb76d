//! Workers: who can be reached, what they hold, when they work, and how their tasks ended.

use serde_json::json;
use stationmaster::model::{Number, RepositoryId, WorkerId};

use super::Browser;
use super::releases::person;
use crate::api::{Caller, item, ready_task};
use crate::scenario_claims::{MINUTE_MS, claimed, named, robot};
use crate::world::{On, REPOSITORY, World, scenarios};

/// What stands in the row of a worker.
#[track_caller]
fn row(page: &super::Page, id: &str) -> String {
    let (_, rest) = page.text.split_once(&format!("id=\"worker-{id}\"")).unwrap_or_else(|| panic!("no row of {id}"));
    rest.split("</tr>").next().unwrap().to_owned()
}

scenarios! {
    async fn everybody_stands_there_with_status_load_and_hours(world: &World) {
        let night = robot(world, "night", json!({"capacity": 2, "capabilities": ["python"]})).await;
        let number = ready_task(world, "Fix the <timetable>").await;
        claimed(&night, number).await;
        let browser = Browser::operator(world).await;
        let page = browser.get("/workers").await;
        let shown = row(page.is(200), "night");
        for words in ["development, agent", "can python", "busy", "1 of 2", &named(number), "around the clock", "works now"] {
            assert!(shown.contains(words), "no {words:?} in {shown}");
        }
        page.shows("Connect an agent").shows("mcpServers");
        assert!(shown.contains("Fix the &#60;timetable&#62;"), "{shown}");
        let dev = row(&page, "dev_worker1");
        assert!(dev.contains("active") && dev.contains("sends none") && dev.contains("0 of "), "{dev}");
        world.pass_ms(6 * MINUTE_MS).await;
        assert!(row(&browser.get("/workers").await, "night").contains("stale"));
        browser.get("/workers?status=stale").await.shows("worker-night").hides("worker-dev_worker1");
        browser.get("/workers?role=development").await.shows("worker-night").hides("worker-deployment_worker");
        browser.get("/workers?role=none").await.shows("No worker is like this.");
    }

    async fn the_page_of_a_worker_tells_its_tasks_its_ends_and_its_times_offline(world: &World) {
        let night = robot(world, "night", json!({})).await;
        let number = ready_task(world, "Fix the timetable").await;
        let fence = claimed(&night, number).await;
        let browser = Browser::operator(world).await;
        browser.get("/workers/night").await.is(200).shows(&named(number)).shows("in 9 min").shows("None is known.");
        night.asked(number, "fail", json!({"why": "the <paper> is lost", "fence": fence})).await;
        let page = browser.get("/workers/night").await;
        page.shows("the &#60;paper&#62; is lost").shows("failed").shows("100 % (1) in 90 days").shows("0 % (0)");
        world.pass_ms(7 * 60 * MINUTE_MS).await;
        world.engine.app().store.begin_downtime(&stationmaster::model::Downtime {
            worker: WorkerId::new("night"),
            from: stationmaster::model::Clock::now(&world.clock),
            until: None,
            cause: "heartbeat lost".to_owned(),
        }).await.unwrap();
        browser.get("/workers/night").await.shows("still offline").shows("heartbeat lost");
        let connect = browser.get("/workers/night").await;
        connect.shows("Connect an agent").shows("--scope worker:night").shows(&format!("{}/mcp", world.url)).shows("Bearer …");
        browser.get("/workers/nobody").await.is(404);
    }

    async fn whoever_runs_the_server_signs_a_worker_off_and_on_and_nobody_else_does(world: &World) {
        let _night = robot(world, "night", json!({})).await;
        let (operator, alice) = (Browser::operator(world).await, person(world, "alice").await);
        alice.get("/workers/night").await.is(200).hides("value=\"off\"");
        let off = [("ask", "off"), ("said", "active")];
        alice.post("/workers/night", &off).await.is(404);
        operator.get("/workers/night").await.is(200).shows("Sign night off");
        operator.post("/workers/night", &off).await.is(200).shows("offline").shows("Sign it on again");
        operator.post("/workers/night", &off).await.is(409).shows("says something else of itself by now");
        operator.post("/workers/night", &[("ask", "on"), ("said", "offline")]).await.is(200).shows("Sign night off");
        operator.post("/workers/dev_worker1", &off).await.is(404);
        let audit = world.app().store.audit_of(None, 100).await.unwrap();
        let told: Vec<_> = audit.iter().filter(|line| line.door.as_deref() == Some("page") && line.kind == "worker").collect();
        assert_eq!(told.len(), 2, "{told:#?}");
        assert_eq!((told[0].summary.as_str(), told[0].actor.contains("operator")), ("The worker `night` was signed off.", true));
        world.settle().await;
    }

    async fn tasks_of_repositories_that_somebody_does_not_see_are_never_named(world: &World) {
        let night = robot(world, "night", json!({"capacity": 3})).await;
        let number = ready_task(world, "Fix the timetable").await;
        claimed(&night, number).await;
        let (store, here) = (&world.app().store, world.repository().await);
        let held = store.held_tasks(&[here], None, 5).await.unwrap();
        assert_eq!((held.len(), held[0].number, held[0].all), (1, Number(number), 1));
        for elsewhere in [vec![], vec![RepositoryId(here.0 + 1)]] {
            assert_eq!(store.held_tasks(&elsewhere, Some(&WorkerId::new("night")), 5).await.unwrap(), []);
            assert_eq!(store.ended_tasks(&elsewhere, &WorkerId::new("night"), 5).await.unwrap(), []);
            let since = stationmaster::model::Timestamp(0);
            assert_eq!(store.end_counts(&elsewhere, None, since).await.unwrap(), []);
        }
    }

    async fn somebody_who_was_given_one_task_is_shown_to_those_who_see_that_task(world: &World) {
        let caller = Caller::operator(world);
        let number = ready_task(world, "Fix the timetable").await;
        world.github.add_user("grace");
        world.github.set_permission(REPOSITORY, "grace", stationmaster::simulator::github::Permission::Write).unwrap();
        caller.asked(number, "assign", json!({"to": "@grace"})).await;
        let shown = person(world, "alice").await.get("/workers").await;
        assert!(row(&shown, "grace").contains(&item(number, "").replace("tasks/", "/tasks/")), "{}", shown.text);
    }
}
