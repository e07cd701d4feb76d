//! The board.

use stationmaster::model::Number;
use stationmaster::simulator::github::Permission;

use super::{Browser, many_tasks};
use crate::scenario_task_commands::{does, set_up};
use crate::world::{On, REPOSITORY, World, scenarios};

/// A repository that only some may read, with a task in it.
async fn vault(world: &World) {
    world.github.create_repository("octo/vault").unwrap();
    world.github.set_private("octo/vault", true).unwrap();
    world.github.set_permission("octo/vault", "mia", Permission::Read).unwrap();
    world.settle().await;
    world.github.open_issue("octo/vault", "alice", "Fix the safe", "").unwrap();
    world.settle().await;
}

scenarios! {
    async fn an_issue_stands_on_the_board_where_its_task_is(world: &World) {
        let issue = world.open_issue("Deploy v2.0 <script>alert(1)</script>").await;
        let browser = Browser::operator(world).await;
        let page = browser.get("/").await;
        page.is(200).shows("assigned").shows(&format!("{REPOSITORY}#{issue}")).shows("deployment_worker");
        page.shows(&format!("href=\"/tasks/{REPOSITORY}/{issue}\""));
        page.shows("&#60;script&#62;").hides("<script>alert");
        browser.get("/?q=nothing+of+this+kind").await.shows("No task fits these filters.").shows("Take all filters off");
    }

    async fn an_empty_board_says_how_the_first_task_comes_onto_it(world: &World) {
        Browser::operator(world).await.get("/").await.is(200).shows("No task is here yet.").shows("Open an issue");
    }

    async fn the_board_is_filtered_by_what_stands_in_its_address(world: &World) {
        set_up(world).await;
        let signal = world.open_issue("Fix the signal").await;
        let deploy = world.open_issue("Deploy v2.0 to prod").await;
        does(world, signal, "bert", "/claim").await;
        does(world, deploy, "tess", "/priority critical\n/urgent").await;
        let (signal, deploy) = (format!("{REPOSITORY}#{signal}"), format!("{REPOSITORY}#{deploy}"));
        let browser = Browser::operator(world).await;
        browser.get("/").await.is(200).shows(&signal).shows(&deploy);
        for query in
            ["type=deployment", "role=deployment_worker", "priority=critical", "flag=urgent", "q=V2.0", "state=ready"]
        {
            browser.get(&format!("/?{query}")).await.is(200).shows(&deploy).hides(&signal);
        }
        for query in ["type=development", "worker=bert", "priority=medium", "q=signal", "state=in-progress"] {
            browser.get(&format!("/?{query}")).await.is(200).shows(&signal).hides(&deploy);
        }
        browser.get("/?repository=octo/station&q=fix").await.is(200).shows(&signal).hides(&deploy);
        // What is looked for stays in the form, and in the links to one state.
        let page = browser.get("/?type=deployment&q=v2").await;
        page.shows("<option selected>deployment</option>").shows("name=\"q\" type=\"search\" value=\"v2\"");
        page.shows("hx-get=\"/?type=deployment&#38;q=v2\"");
        browser.get("/?type=&q=&state=").await.is(200).shows(&signal).shows(&deploy);
        browser.get("/?q=100%25").await.is(200).shows("No task fits these filters.");
        browser.get("/?type=%3Cscript%3E").await.is(200).hides("<script>").shows("&#60;script&#62;");
        browser.get("/?priority=enormous").await.is(422).shows("no such priority");
        browser.get("/?state=nowhere").await.is(422);
        browser.get("/?repository=octo/elsewhere").await.is(404);
        browser.get("/?repository=nonsense").await.is(404);
    }

    async fn a_person_sees_the_repositories_that_they_may_read_and_no_trace_of_others(world: &World) {
        set_up(world).await;
        vault(world).await;
        let issue = world.open_issue("Fix the signal").await;
        let item = format!("{REPOSITORY}#{issue}");
        let mia = Browser::person(world, "mia").await;
        mia.get("/").await.is(200).shows("Fix the safe").shows(&item);
        let rita = Browser::person(world, "rita").await;
        rita.get("/").await.is(200).shows(&item).hides("Fix the safe").hides("vault");
        rita.get("/?q=safe").await.is(200).shows("No task fits these filters.").hides("octo/vault");
        rita.get("/?repository=octo/vault").await.is(404).hides("safe");
        rita.get("/tasks/octo/vault/1").await.is(404).hides("safe");
        let vault = rita.post("/tasks/octo/vault/1", &[("ask", "cancel"), ("version", "1")]).await;
        vault.is(404);
        Browser::new(world).get("/").await.shows("Sign in").hides(&item);
    }

    async fn the_figures_count_what_is_open_done_and_waits_for_whoever_looks(world: &World) {
        set_up(world).await;
        let signal = world.open_issue("Fix the signal").await;
        let done = world.open_issue("Fix the door").await;
        does(world, signal, "tess", "/risk high").await;
        does(world, done, "mia", "/complete --override it was the draught").await;
        let wendy = Browser::person(world, "wendy").await;
        let page = wendy.get("/").await;
        page.is(200).shows("Open now").shows("<p class=\"figure\">1</p>").shows("by day: 0, 0, 0, 0, 0, 0, 1");
        page.shows("Waiting for you").shows("100 %").shows("<polyline");
        let mine = wendy.get("/?mine=yes").await;
        mine.shows(&format!("{REPOSITORY}#{signal}")).hides(&format!("{REPOSITORY}#{done}"));
        // Whoever may not approve has nothing that waits.
        Browser::person(world, "tess").await.get("/?mine=yes").await.shows("No task fits these filters.");
        does(world, signal, "bert", "/approve").await;
        wendy.get("/?mine=yes").await.shows("No task fits these filters.");
        does(world, signal, "bert", "/claim").await;
        Browser::person(world, "Bert").await.get("/?mine=yes").await.shows(&format!("{REPOSITORY}#{signal}"));
    }

    async fn a_state_with_many_tasks_is_shown_by_pages_and_quickly(world: &World) {
        let issue = world.open_issue("Fix the signal").await;
        many_tasks(world, issue, 10_000).await;
        let browser = Browser::operator(world).await;
        let board = browser.get("/").await;
        board.is(200).shows("<span class=\"count\">10001</span>").shows("and 9971 more").shows("/?state=assigned");
        assert_eq!(board.text.matches("<li class=\"card").count(), 30);
        let first = browser.get("/?state=assigned").await;
        first.shows("type=\"hidden\" name=\"state\" value=\"assigned\"");
        first.is(200).shows("Page 1 of 201").shows("state=assigned&#38;page=2").hides(">Back<");
        assert_eq!(first.text.matches("<li class=\"card").count(), 50);
        let second = browser.get("/?state=assigned&page=2&q=signal").await;
        second.is(200).shows("Page 2 of 201").shows(">Back<").shows("q=signal");
        let last = browser.get("/?state=assigned&page=999999999").await;
        last.is(200).shows("Page 201 of 201").hides(">On<");
        assert_eq!(last.text.matches("<li class=\"card").count(), 1);
        browser.get("/?state=assigned&page=-7").await.is(200).shows("Page 1 of 201");
        for path in ["/", "/?q=no+such+title", "/?flag=stuck", "/?state=assigned&page=150", "/?mine=yes"] {
            let began = std::time::Instant::now();
            browser.get(path).await.is(200);
            // A build for tests is slower than a server, and the machine may be busy: this only finds what grows.
            assert!(began.elapsed().as_secs() < 5, "{path} took {:?}", began.elapsed());
        }
        assert!(world.task(Number(issue).0).await.is_some());
    }
}
