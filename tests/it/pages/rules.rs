//! The rules in force, and trying them on a title.

use super::Browser;
use super::inside::{HIDDEN, hide_one, signed_in};
use crate::world::{On, World, scenarios};

scenarios! {
    async fn a_title_is_tried_and_everything_is_told_about_it(world: &World) {
        let browser = Browser::operator(world).await;
        let page = browser.get("/rules").await;
        page.is(200).shows("No title yet.").shows("Rules in force").shows("rules/routing.toml:");
        for path in ["/rules", "/rules/try"] {
            let page = browser.get(&format!("{path}?title=Deploy+v2.0+%3Cb%3Efix")).await;
            page.is(200).shows("<mark>Deploy</mark> v2.0 &#60;b&#62;fix").shows("deploy wins").shows("deploy%");
            page.shows("deployment_worker").shows("high").shows("No other rule matches.").hides("<b>fix");
        }
        assert!(!browser.get("/rules/try?title=x").await.text.contains("<html"), "only the answer");
        browser.get("/rules/try?title=Sing+a+song").await.shows("No rule matches").shows("triage").shows("nobody");
        assert!(world.app().store.route_counts().await.unwrap().is_empty(), "nothing is written");
    }

    async fn the_rules_of_a_repository_count_where_it_is_chosen_and_losers_say_why(world: &World) {
        world.set_policy("[[rule]]\nname = \"signals\"\ntitle = 'signal'\nlabels = [\"area/*\"]\ntype = \"development\"\n\
            role = \"development\"\npriority = 95\nadd_labels = [\"track\"]\n").await;
        let browser = Browser::operator(world).await;
        let alone = browser.get("/rules/try?title=Fix+the+signal&labels=bug,+area/north").await;
        alone.shows("fix wins").shows("No other rule matches.");
        let with = browser.get("/rules?title=Fix+the+signal&labels=bug,+area/north&repo=octo/station").await;
        with.shows("signals wins").shows("Fix the <mark>signal</mark>").shows("<strong>fix</strong> lost: priority 70 is lower than 95");
        with.shows("track").shows("Rules in force in octo/station").shows(".github/stationmaster.toml:1");
        browser.get("/rules/try?title=Fix+the+signal&repo=octo/station").await.shows("fix wins");
    }

    async fn the_worker_is_the_one_who_would_get_it_now(world: &World) {
        let browser = Browser::operator(world).await;
        let before = browser.get("/rules/try?title=Deploy+v2").await;
        before.shows("<strong>deployment_worker</strong>").shows("holds 0 of");
        for version in 1..=5 {
            world.open_issue(&format!("Deploy v{version}")).await;
        }
        let full = browser.get("/rules/try?title=Deploy+v2").await;
        full.hides("holds 0 of").shows("deployment_worker");
    }

    async fn broken_files_are_told_to_who_runs_the_server_and_the_last_good_rules_stay(world: &World) {
        let good = std::fs::read_to_string(world.rules().join("routing.toml")).unwrap();
        std::fs::write(world.rules().join("routing.toml"), format!("{good}\n[[rule]]\nname = 5\n")).unwrap();
        let _ = world.app().rules.poll();
        let page = Browser::operator(world).await.get("/rules?title=Deploy+v2").await;
        page.is(200).shows("cannot be read as they are now").shows("`name` is of type integer").shows("deploy wins");
        let page = signed_in(world, "alice").await.get("/rules").await;
        page.shows("cannot be read as they are now").hides("is of type integer");
        std::fs::write(world.rules().join("routing.toml"), good).unwrap();
        let _ = world.app().rules.poll();
        signed_in(world, "alice").await.get("/rules").await.hides("cannot be read as they are now");
    }

    async fn what_is_too_long_or_not_for_them_is_not_tried(world: &World) {
        hide_one(world).await;
        let hidden = format!("\n[[rule]]\nname = \"vault-only\"\ntitle = 'x'\nrepo = \"{HIDDEN}\"\ntype = \"testing\"\npriority = 1\n");
        let good = std::fs::read_to_string(world.rules().join("routing.toml")).unwrap();
        std::fs::write(world.rules().join("routing.toml"), good + &hidden).unwrap();
        let _ = world.app().rules.poll();
        let alice = signed_in(world, "alice").await;
        alice.get("/rules").await.is(200).hides("vault");
        alice.get("/rules?repo=octo/vault&title=x").await.is(404);
        alice.get("/rules/try?repo=octo/vault&title=x").await.is(404);
        let long = "x".repeat(257);
        alice.get(&format!("/rules/try?title={long}")).await.shows("A title has at most 256 characters.");
        let labels = vec!["l"; 101].join(",");
        alice.get(&format!("/rules/try?title=x&labels={labels}")).await.shows("at most 100 labels");
        Browser::operator(world).await.get("/rules").await.shows("vault-only");
    }
}
