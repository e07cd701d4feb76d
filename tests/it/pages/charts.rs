//! Charts: the numbers stand in a table below each, so that is what is looked at.

use super::Browser;
use crate::world::{On, World, scenarios};

scenarios! {
    async fn charts_say_what_to_do_where_there_is_nothing_to_draw(world: &World) {
        let page = Browser::operator(world).await.get("/charts").await;
        page.is(200).shows("Nothing was done or merged in this time.").shows("No check was flaky in this time.");
        page.shows("No pull request was merged in this time.").hides("<svg class=\"chart\"");
    }

    async fn a_merge_a_finished_task_and_a_flaky_check_are_counted(world: &World) {
        let issue = world.open_issue("Fix the timetable").await;
        let pull = world.open_pull("signals", &[("docs/signals.md", "Red means stop.\n")]).await;
        world.check(pull, "build", "failure").await;
        world.pass_ms(2 * 3_600_000).await;
        world.ci_passes(pull).await;
        world.expect_merged(pull).await;
        world.say(issue, "alice", "/cancel not needed").await;
        let browser = Browser::operator(world).await;
        let page = browser.get("/charts").await;
        page.is(200).shows("role=\"img\"><title>Throughput by day</title>").shows("<title>Hours to merge, by week</title>");
        page.shows("<th scope=\"row\">21 Nov</th><td class=\"number\">0</td><td class=\"number\">1</td>");
        page.shows("<td class=\"number\">2</td><td class=\"number\">2</td>");
        page.shows("1 of 1").shows("100 %").shows("<dd class=\"figure\">2 h</dd>");
        browser.get("/charts?days=7&repository=octo/station").await.is(200).shows("Throughput by day").shows("The last 7 days");
        browser.get("/charts?days=1000000&repository=x").await.is(200).shows("The last 30 days");
    }

    async fn an_answer_that_came_late_is_counted_as_late(world: &World) {
        let issue = world.open_issue("Deploy v2.0").await;
        world.pass_ms(5 * 3_600_000).await;
        assert!(world.task(issue).await.is_some());
        let page = Browser::operator(world).await.get("/charts").await;
        page.is(200).shows("<title>Answers in time and late, by week</title>").shows("0 %");
    }
}
