//! What was learned, for those who may read where.

use stationmaster::model::Number;
use stationmaster::simulator::github::Permission;

use super::Browser;
use super::inside::{HIDDEN, hide_one, signed_in};
use crate::scenario_task_commands::{does, people};
use crate::world::{On, REPOSITORY, World, scenarios};

scenarios! {
    async fn learnings_are_found_by_words_tags_category_and_weight(world: &World) {
        people(world);
        let browser = Browser::operator(world).await;
        browser.get("/learnings").await.is(200).shows("Nothing was learned yet.").shows("/learn text");
        let issue = world.open_issue("Fix the signal").await;
        does(world, issue, "bert", "/assign @bert").await;
        does(world, issue, "bert", "/learn \"Relays stick in frost < 6 degrees\" --impact 0.8 --tags relay,cold").await;
        does(world, issue, "bert", "/learn \"Lamps last a year\" --impact 0.3 --tags lamp").await;

        let page = browser.get("/learnings").await;
        page.shows("Relays stick in frost &#60; 6 degrees").hides("frost < 6").shows("Lamps last").shows("#cold");
        page.shows(&format!("href=\"/tasks/{REPOSITORY}/{issue}\""));
        let heavier = page.text.find("Relays").unwrap() < page.text.find("Lamps").unwrap();
        assert!(heavier, "the weightiest stands first");
        browser.get("/learnings?q=FROST+relays").await.shows("Relays stick").hides("Lamps last");
        browser.get("/learnings?tag=lamp").await.shows("Lamps last").hides("Relays stick");
        browser.get("/learnings?impact=0.5").await.shows("Relays stick").hides("Lamps last");
        browser.get("/learnings?category=development").await.shows("Relays stick");
        browser.get("/learnings?category=testing").await.shows("Nothing of the kind was learned yet.");
        browser.get("/learnings?impact=much").await.is(422);
    }

    async fn what_was_learned_in_a_repository_is_for_its_readers(world: &World) {
        people(world);
        hide_one(world).await;
        world.github.set_permission(HIDDEN, "bert", Permission::Write).unwrap();
        let one = Number(1);
        for text in ["/assign @bert", "/learn \"The combination is 1234\" --impact 0.9 --tags lock"] {
            world.github.comment(HIDDEN, "bert", one, text).unwrap();
            world.settle().await;
        }
        signed_in(world, "bert").await.get("/learnings").await.shows("The combination is 1234");
        let alice = signed_in(world, "alice").await;
        alice.get("/learnings").await.is(200).hides("The combination").hides("vault").shows("Nothing was learned yet.");
        alice.get("/learnings?repo=octo/vault").await.is(404);
    }
}
