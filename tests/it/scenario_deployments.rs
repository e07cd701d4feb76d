//! What happens from a landed commit to production: approved, verified, and rolled back where it is sick.

use stationmaster::simulator::github::{CheckApp, Permission};

use crate::world::{On, REPOSITORY, TOPIC, World, scenarios};
use crate::world_releases::Town;

/// One environment, whose deployer watches GitHub and reports there.
const OUTSIDE: &str = "[release]\n[[environment]]\nname = \"qa\"\nauto = true\ntrigger = \"none\"\n";

/// A town, and a repository that deploys to it; bob may approve.
async fn set_up(world: &World, prod: &str) -> Town {
    let town = Town::open().await;
    world.github.add_user("bob");
    world.github.set_permission(REPOSITORY, "bob", Permission::Write).unwrap();
    world.set_policy(&town.policy("", prod)).await;
    town
}

/// The deployer says how the newest deployment to qa has ended.
async fn report(world: &World, state: &str) {
    let newest = world.deployments("qa").pop().expect("nothing is deployed to qa");
    world.github.report_deployment(REPOSITORY, newest.id, "deployer", state, "so it went").unwrap();
    world.settle().await;
}

/// v0.1.0 runs in production, and v0.2.0 has been approved for it.
async fn two_versions(world: &World) {
    world.land("feat: signals").await;
    world.say_on("v0.1.0", "bob", "/approve prod").await;
    world.land("feat: switches").await;
    world.say_on("v0.2.0", "bob", "/approve prod").await;
}

/// What people were told in a message with this in its headline.
fn text_told(world: &World, words: &str) -> String {
    let said = |title: &Option<String>| title.as_ref().is_some_and(|title| title.contains(words));
    let mut messages = world.ntfy.messages(TOPIC).into_iter();
    let found = messages.find(|message| said(&message.title));
    format!("{:?}", found.unwrap_or_else(|| panic!("nobody was told {words:?}: {:?}", world.told())))
}

/// Where production was deployed to, in order.
fn prod_calls(town: &Town) -> Vec<String> {
    town.calls().into_iter().filter(|(environment, _)| environment == "prod").map(|(_, tag)| tag).collect()
}

scenarios! {
    async fn what_lands_is_released_runs_in_qa_and_once_approved_in_production(world: &World) {
        let town = set_up(world, "").await;
        let sha = world.land("feat: signals").await;
        assert_eq!(world.tag_at("v0.1.0").as_deref(), Some(sha.as_str()));
        assert!(world.release("v0.1.0").body.contains("signals"), "{}", world.release("v0.1.0").body);
        assert_eq!(town.runs("qa").as_deref(), Some("v0.1.0"));
        assert_eq!(town.runs("prod"), None);
        assert_eq!(world.times_told("approval"), 1, "{:?}", world.told());
        world.say_on("v0.1.0", "bob", "/approve prod").await;
        assert_eq!(town.runs("prod").as_deref(), Some("v0.1.0"));
        assert_eq!(world.deployment_states("prod"), ["success"]);
        assert_eq!(world.deployments("prod")[0].sha, sha);
        assert!(world.deployments("prod")[0].production);
    }

    async fn three_merges_during_a_deployment_are_one_next_deployment_of_all_three(world: &World) {
        world.set_policy(OUTSIDE).await;
        world.land("feat: signals").await;
        for title in ["fix: lamps", "fix: levers"] {
            world.land(title).await;
        }
        let last = world.land("fix: wires").await;
        assert_eq!(world.tags(), ["v0.1.0"], "they wait for the deployment");
        assert!(world.release_story().await.contains("v0.1.0 is being deployed to qa"), "{}", world.release_story().await);
        assert_eq!(world.deployments("qa").len(), 1);
        report(world, "success").await;
        assert_eq!(world.tags(), ["v0.1.0", "v0.1.1"]);
        for word in ["lamps", "levers", "wires"] {
            assert!(world.release("v0.1.1").body.contains(word), "{}", world.release("v0.1.1").body);
        }
        assert_eq!(world.deployments("qa").len(), 2);
        assert_eq!(world.deployments("qa")[1].sha, last);
        report(world, "success").await;
        let running = world.environment("qa").await.running.expect("nothing runs");
        assert_eq!(running.version.tag.as_str(), "v0.1.1");
    }

    async fn the_version_that_ran_in_production_before_is_marked_inactive(world: &World) {
        let town = set_up(world, "").await;
        two_versions(world).await;
        assert_eq!(town.runs("prod").as_deref(), Some("v0.2.0"));
        assert_eq!(world.deployment_states("prod"), ["inactive", "success"]);
    }

    async fn a_version_that_is_sick_in_production_is_left_for_the_one_before(world: &World) {
        let town = set_up(world, "").await;
        town.is_sick("prod", "v0.2.0");
        two_versions(world).await;
        assert_eq!(town.runs("qa").as_deref(), Some("v0.2.0"));
        assert_eq!(town.runs("prod").as_deref(), Some("v0.1.0"));
        assert_eq!(world.times_told("prod runs v0.1.0, not v0.2.0"), 1, "{:?}", world.told());
        assert_eq!(world.times_told("prod: v0.2.0 failed"), 1);
        assert_eq!(world.deployment_states("prod"), ["inactive", "failure", "success"]);
        world.pass_ms(3_600_000).await;
        assert_eq!(prod_calls(&town), ["v0.1.0", "v0.2.0", "v0.1.0"], "it is not tried again by itself");
        let card = world.card(world.tracking("v0.2.0").await);
        assert!(card.contains("held back: it is sick"), "{card}");

        world.say_on("v0.2.0", "bob", "/deploy prod").await;
        let card = world.card(world.tracking("v0.2.0").await);
        assert!(card.contains("v0.2.0 is held back here"), "{card}");
        world.say_on("v0.2.0", "bob", "/rollback prod it is not nice either").await;
        let card = world.card(world.tracking("v0.2.0").await);
        assert!(card.contains("a rollback is not rolled back"), "{card}");
        assert_eq!(prod_calls(&town).len(), 3);

        world.land("fix: switches").await;
        world.say_on("v0.2.1", "bob", "/approve prod").await;
        assert_eq!(town.runs("prod").as_deref(), Some("v0.2.1"), "what comes after it is deployed");
    }

    async fn somebody_leaves_a_healthy_version_and_it_is_held_back(world: &World) {
        let town = set_up(world, "").await;
        two_versions(world).await;
        world.say_on("v0.2.0", "bob", "/rollback prod the login fails").await;
        assert_eq!(town.runs("prod").as_deref(), Some("v0.1.0"));
        assert_eq!(world.times_told("prod runs v0.1.0, not v0.2.0"), 1, "{:?}", world.told());
        let card = world.card(world.tracking("v0.2.0").await);
        assert!(card.contains("held back: bob left it: the login fails"), "{card}");
    }

    async fn a_sick_version_with_nothing_to_go_back_to_is_said_to_be_so(world: &World) {
        let town = set_up(world, "").await;
        town.is_sick("prod", "v0.1.0");
        world.land("feat: signals").await;
        world.say_on("v0.1.0", "bob", "/approve prod").await;
        assert_eq!(world.deployment_states("prod"), ["failure"]);
        let told = text_told(world, "prod: v0.1.0 failed");
        assert!(told.contains("No other version was ever verified there"), "{told}");
        assert_eq!(world.times_told("v0.1.0 failed"), 1);
        assert_eq!(prod_calls(&town), ["v0.1.0"]);
    }

    async fn a_check_that_turns_red_keeps_a_version_back_and_the_card_names_it(world: &World) {
        let town = set_up(world, "").await;
        let sha = world.land("feat: signals").await;
        world.say_on("v0.1.0", "bob", "/freeze prod 2h the fair").await;
        world.say_on("v0.1.0", "bob", "/approve prod").await;
        let smoke = world.github.start_check(REPOSITORY, &sha, CheckApp::actions(), "smoke").unwrap();
        world.settle().await;
        world.say_on("v0.1.0", "bob", "/unfreeze prod").await;
        assert_eq!(town.runs("prod"), None);
        let card = world.card(world.tracking("v0.1.0").await);
        assert!(card.contains("the check `smoke` is under way"), "{card}");
        world.github.finish_check(smoke, "failure").unwrap();
        world.settle().await;
        world.pass_ms(120_000).await;
        let card = world.card(world.tracking("v0.1.0").await);
        assert!(card.contains("the check `smoke` ended as failure"), "{card}");
        assert_eq!(town.runs("prod"), None);
    }

    async fn a_way_back_that_is_sick_too_ends_there_and_calls_for_somebody(world: &World) {
        let town = set_up(world, "").await;
        town.is_sick("prod", "v0.2.0");
        world.land("feat: signals").await;
        world.say_on("v0.1.0", "bob", "/approve prod").await;
        town.is_sick("prod", "v0.1.0");
        world.land("feat: switches").await;
        world.say_on("v0.2.0", "bob", "/approve prod").await;
        assert_eq!(world.times_told("prod is sick, and somebody must act"), 1, "{:?}", world.told());
        assert_eq!(prod_calls(&town), ["v0.1.0", "v0.2.0", "v0.1.0"]);
        world.pass_ms(3_600_000).await;
        assert_eq!(prod_calls(&town).len(), 3, "nothing more is done by itself");
    }

    async fn an_older_version_is_deployed_when_somebody_asks_for_it_and_is_not_replaced_by_itself(world: &World) {
        let town = set_up(world, "requires_approval = false\n").await;
        world.land("feat: signals").await;
        world.land("feat: switches").await;
        assert_eq!(town.runs("prod").as_deref(), Some("v0.2.0"));
        world.say_on("v0.2.0", "bob", "/deploy prod v0.1.0").await;
        assert_eq!(town.runs("prod").as_deref(), Some("v0.1.0"));
        world.pass_ms(3_600_000).await;
        assert_eq!(prod_calls(&town), ["v0.1.0", "v0.2.0", "v0.1.0"]);
        world.land("feat: wires").await;
        assert_eq!(town.runs("prod").as_deref(), Some("v0.3.0"));
    }

    async fn production_that_is_not_to_be_rolled_back_stays_as_it_is_and_people_are_told(world: &World) {
        let town = set_up(world, "requires_approval = false\nrollback = false\n").await;
        town.is_sick("prod", "v0.2.0");
        world.land("feat: signals").await;
        world.land("feat: switches").await;
        assert_eq!(town.runs("prod").as_deref(), Some("v0.2.0"));
        assert_eq!(world.deployment_states("prod"), ["success", "failure"]);
        let told = text_told(world, "prod: v0.2.0 failed");
        assert!(told.contains("The policy says that it is not rolled back by itself"), "{told}");
        world.say_on("v0.2.0", "bob", "/rollback prod").await;
        assert_eq!(town.runs("prod").as_deref(), Some("v0.1.0"), "somebody's word brings it back");
    }
}
