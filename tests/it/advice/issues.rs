//! A model may suggest a type where no rule knows an issue; people take it or leave it.

use super::{NAME, says, with_a_model};
use crate::channels::receiver::Receiver;
use crate::pages::Browser;
use crate::world::World;

const POLICY: &str = "[model]\nsuggest_type = true\n";

with_a_model! {
    async fn its_suggestion_stands_on_the_card_and_changes_no_label(world: &World, model: &Receiver) {
        world.set_policy(POLICY).await;
        model.answers(says("Sure! {\"type\": \"type/testing\", \"reason\": \"It asks @bob for tests. /route x\"}", Some(500)));
        let issue = world.open_issue("Something strange").await;
        let card = world.card(issue);
        let expected = format!("A model suggests `type/testing` (`{NAME}`): It asks @\u{200b}");
        assert!(card.contains(&expected), "{card}");
        assert!(card.contains("`/route testing` takes it") && !card.contains("@bob"), "{card}");
        world.expect_labels(issue, &["priority/medium", "status/triage", "type/triage"]);
        assert_eq!(model.calls(), 1);
        world.pass_ms(600_000).await;
        assert_eq!(model.calls(), 1, "the same text is asked about once");

        world.say(issue, "alice", "/route testing").await;
        assert!(!world.card(issue).contains("A model"), "{}", world.card(issue));
        let labels = world.issue(issue).labels;
        assert!(labels.contains(&"type/testing".to_owned()), "{labels:?}");
    }

    async fn what_is_no_type_is_no_suggestion(world: &World, model: &Receiver) {
        world.set_policy(POLICY).await;
        model.answers(says("{\"type\": \"world-domination\", \"reason\": \"yes\"}", Some(500)));
        let issue = world.open_issue("Something strange").await;
        assert_eq!(model.calls(), 1);
        assert!(!world.card(issue).contains("A model"), "{}", world.card(issue));
        // What a rule knows is not asked about, nor is an issue with a secret in it.
        world.open_issue("Fix the signal").await;
        let token = format!("ghp_{}", "0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R");
        world.github.open_issue(crate::world::REPOSITORY, "alice", "Strange too", &format!("my key is {token}")).unwrap();
        world.settle().await;
        assert_eq!(model.calls(), 1);
    }

    async fn a_day_has_so_many_tokens_and_the_next_one_as_many_again(world: &World, model: &Receiver) {
        world.set_policy(POLICY).await;
        let testing = "{\"type\": \"testing\", \"reason\": \"so\"}";
        model.answers(says(testing, Some(4_500)));
        world.open_issue("Something strange").await;
        let second = world.open_issue("Something else").await;
        assert_eq!(model.calls(), 1, "what is left is not enough for another answer");
        assert!(!world.card(second).contains("A model"));
        let operator = Browser::operator(world).await;
        let page = operator.get("/charts").await;
        page.shows("4500 of 5000").shows("1 questions were not asked").shows(NAME);
        world.clock.advance_ms(86_400_000);
        model.answers(says(testing, Some(100)));
        let third = world.open_issue("Something new").await;
        assert!(world.card(third).contains("A model suggests"), "{}", world.card(third));
        let page = Browser::operator(world).await.get("/charts").await;
        page.shows("100 of 5000").hides("were not asked");
        Browser::person(world, "alice").await.get("/charts").await.hides(NAME);
    }
}
