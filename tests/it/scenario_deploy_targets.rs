//! Deploy targets that are slow, broken, refuse, or are told in another way; and a server that is cut off meanwhile.

use stationmaster::simulator::github::{Fault, FaultKind, Permission};

use crate::world::{On, REPOSITORY, World, scenarios};
use crate::world_releases::{Answers, HOOK_KEY, Town};

/// An environment `qa` that is deployed to by itself, in this way.
fn qa(more: &str) -> String {
    format!("[release]\n[[environment]]\nname = \"qa\"\nauto = true\n{more}\n")
}

/// An environment `qa` whose hook is in the town.
async fn hooked(world: &World, more: &str) -> Town {
    let town = Town::open().await;
    let url = &town.url;
    let hook = format!(
        "trigger = {{ by = \"hook\", url = \"{url}/qa/deploy\", secret_env = \"{HOOK_KEY}\", finishes = true }}"
    );
    let health = format!("health = {{ url = \"{url}/qa/health\", times = 1, failures = 2, interval_s = 60 }}");
    world.set_policy(&qa(&format!("{hook}\n{health}\n{more}"))).await;
    town
}

/// An environment `qa` that a workflow deploys to.
async fn by_workflow(world: &World) {
    let workflow = "name: Deploy\non:\n  workflow_dispatch:\n    inputs:\n      version:\n        type: string\n";
    world.github.write_file(REPOSITORY, "main", (".github/workflows/deploy.yml", workflow), "Deploy by it").unwrap();
    let trigger = "trigger = { by = \"workflow\", workflow = \"deploy.yml\", inputs = { version = \"{tag}\" } }";
    world.set_policy(&qa(trigger)).await;
}

async fn run_ends(world: &World, run: usize, conclusion: &str) {
    let id = world.github.workflow_runs(REPOSITORY)[run].id;
    world.github.finish_run(REPOSITORY, id, conclusion).unwrap();
    world.settle().await;
    world.pass_ms(30_000).await;
}

fn words_of(world: &World) -> Vec<Vec<String>> {
    let deployments = world.deployments("qa").into_iter();
    deployments.map(|deployment| deployment.statuses.into_iter().map(|status| status.0).collect()).collect()
}

scenarios! {
    async fn a_broken_target_is_told_again_until_it_works_and_its_errors_are_counted_apart(world: &World) {
        let town = hooked(world, "").await;
        town.answers("qa", Answers::Broken);
        world.land("feat: signals").await;
        assert_eq!(town.calls().len(), 1);
        world.pass_ms(30_000).await;
        assert_eq!(town.calls().len(), 2);
        world.pass_ms(30_000).await;
        assert_eq!(town.calls().len(), 2, "each pause is twice as long");
        town.answers("qa", Answers::Done);
        world.pass_ms(30_000).await;
        assert_eq!(town.runs("qa").as_deref(), Some("v0.1.0"));
        assert_eq!(world.deployment_states("qa"), ["success"], "it is one deployment all along");
        let card = world.card(world.tracking("v0.1.0").await);
        assert!(card.contains("succeeded, 2 errors on the way"), "{card}");
        assert_eq!(world.times_told("could not be deployed") + world.times_told("failed"), 0);
    }

    async fn a_target_that_stays_broken_is_given_up_and_the_next_version_has_its_turn(world: &World) {
        let town = hooked(world, "attempts = 2").await;
        town.answers("qa", Answers::Broken);
        world.land("feat: signals").await;
        world.pass_ms(30_000).await;
        assert_eq!(world.deployment_states("qa"), ["error"]);
        assert_eq!(world.times_told("v0.1.0 could not be deployed"), 1, "{:?}", world.told());
        world.pass_ms(3_600_000).await;
        assert_eq!(town.calls().len(), 2);
        assert!(world.environment("qa").await.held.is_empty(), "it says nothing of the version");
        town.answers("qa", Answers::Done);
        world.land("feat: switches").await;
        assert_eq!(town.runs("qa").as_deref(), Some("v0.2.0"));
        assert_eq!(world.deployment_states("qa"), ["error", "success"]);
    }

    async fn a_target_that_says_no_has_failed_and_is_not_asked_again(world: &World) {
        let town = hooked(world, "").await;
        town.answers("qa", Answers::No);
        world.land("feat: signals").await;
        world.pass_ms(3_600_000).await;
        assert_eq!(town.calls().len(), 1);
        assert_eq!(world.deployment_states("qa"), ["failure"]);
        assert_eq!(world.times_told("v0.1.0 failed"), 1, "{:?}", world.told());
    }

    async fn a_lost_answer_to_a_new_deployment_leaves_one_deployment(world: &World) {
        let town = hooked(world, "").await;
        let sha = world.land_unchecked("feat: signals").await;
        world.github.inject(Fault::new("/deployments", FaultKind::StatusAfterDoing(502)).method("POST"));
        world.checked(&sha, "success").await;
        world.pass_ms(60_000).await;
        assert_eq!(words_of(world), [["queued", "in_progress", "success"]]);
        assert_eq!(town.calls().len(), 1);
    }

    async fn lost_answers_to_its_statuses_leave_each_said_once(world: &World) {
        let town = hooked(world, "").await;
        let sha = world.land_unchecked("feat: signals").await;
        world.github.inject(Fault::new("/statuses", FaultKind::CutAfterDoing).method("POST").times(3));
        world.checked(&sha, "success").await;
        for _ in 0..4 {
            world.pass_ms(60_000).await;
        }
        assert_eq!(words_of(world), [["queued", "in_progress", "success"]]);
        assert_eq!(town.calls().len(), 1);
    }

    async fn a_workflow_deploys_and_its_end_is_the_end(world: &World) {
        by_workflow(world).await;
        let sha = world.land("feat: signals").await;
        let runs = world.github.workflow_runs(REPOSITORY);
        assert_eq!(runs.len(), 1);
        assert_eq!((runs[0].git_ref.as_str(), runs[0].head_sha.as_str()), ("v0.1.0", sha.as_str()));
        assert_eq!(runs[0].inputs["version"], "v0.1.0");
        assert_eq!(world.deployment_states("qa"), ["in_progress"]);
        run_ends(world, 0, "success").await;
        assert_eq!(world.deployment_states("qa"), ["success"]);
    }

    async fn a_workflow_that_fails_is_a_failure_and_one_that_is_cancelled_runs_again(world: &World) {
        by_workflow(world).await;
        world.land("feat: signals").await;
        run_ends(world, 0, "cancelled").await;
        assert_eq!(world.deployment_states("qa"), ["in_progress"]);
        world.pass_ms(30_000).await;
        assert_eq!(world.github.workflow_runs(REPOSITORY).len(), 2);
        run_ends(world, 1, "failure").await;
        assert_eq!(world.deployment_states("qa"), ["failure"]);
        assert_eq!(world.times_told("v0.1.0 failed"), 1, "{:?}", world.told());
    }

    async fn an_event_is_sent_once_and_an_outside_deployer_reports(world: &World) {
        world.set_policy(&qa("trigger = { by = \"dispatch\", event = \"deploy\" }")).await;
        world.land("feat: signals").await;
        let sent = world.github.dispatches(REPOSITORY);
        assert_eq!(sent.len(), 1);
        assert_eq!((sent[0].event.as_str(), &sent[0].payload["tag"]), ("deploy", &"v0.1.0".into()));
        let id = world.deployments("qa")[0].id;
        world.github.report_deployment(REPOSITORY, id, "deployer", "success", "done").unwrap();
        world.settle().await;
        assert_eq!(world.deployment_states("qa"), ["success"]);
        let running = world.environment("qa").await.running.expect("nothing runs");
        assert!(running.verified);
    }

    async fn an_outside_deployer_that_is_not_heard_of_in_time_is_an_error(world: &World) {
        world.set_policy(&qa("trigger = \"none\"\ntimeout_min = 10")).await;
        world.land("feat: signals").await;
        world.pass_ms(600_000).await;
        assert_eq!(world.deployment_states("qa"), ["error"]);
        assert_eq!(world.times_told("v0.1.0 could not be deployed"), 1, "{:?}", world.told());
        world.land("feat: switches").await;
        let id = world.deployments("qa")[1].id;
        world.github.report_deployment(REPOSITORY, id, "deployer", "failure", "no room").unwrap();
        world.settle().await;
        assert_eq!(world.deployment_states("qa"), ["error", "failure"]);
        assert!(world.card(world.tracking("v0.2.0").await).contains("no room"));
    }

    async fn a_version_counts_as_verified_once_it_was_healthy_for_a_while(world: &World) {
        let town = hooked(world, "soak_min = 10").await;
        world.land("feat: signals").await;
        assert_eq!(town.runs("qa").as_deref(), Some("v0.1.0"));
        assert_eq!(world.deployment_states("qa"), ["in_progress"]);
        let card = world.card(world.tracking("v0.1.0").await);
        assert!(card.contains("is healthy; watched until 2026-11-21 12:1"), "{card}");
        world.pass_ms(300_000).await;
        assert_eq!(world.deployment_states("qa"), ["in_progress"]);
        world.pass_ms(300_000).await;
        assert_eq!(world.deployment_states("qa"), ["success"]);
        world.land("feat: switches").await;
        town.is_sick("qa", "v0.2.0");
        world.pass_ms(60_000).await;
        world.pass_ms(60_000).await;
        assert_eq!(town.runs("qa").as_deref(), Some("v0.1.0"), "it became sick while it was watched");
        assert!(world.card(world.tracking("v0.2.0").await).contains("it became sick"));
    }

    async fn a_report_of_the_deployer_that_never_arrived_is_read_when_its_time_is_up(world: &World) {
        world.set_policy(&qa("trigger = \"none\"\ntimeout_min = 10")).await;
        world.land("feat: signals").await;
        let id = world.deployments("qa")[0].id;
        world.github.report_deployment(REPOSITORY, id, "deployer", "success", "done").unwrap();
        assert!(world.github.drop_all() > 0);
        world.pass_ms(600_000).await;
        assert_eq!(world.deployment_states("qa"), ["success"]);
        assert_eq!(world.times_told("could not be deployed"), 0, "{:?}", world.told());
    }

    async fn an_unreadable_policy_stops_a_deployment_on_its_way_which_goes_on_once_it_is_mended(world: &World) {
        let town = hooked(world, "").await;
        town.answers("qa", Answers::Broken);
        world.land("feat: signals").await;
        let good = world.github.files_at(REPOSITORY, "main").remove(".github/stationmaster.toml").unwrap();
        world.set_policy("[release]\n[[environment]]\nname = 7\n").await;
        town.answers("qa", Answers::Done);
        world.pass_ms(600_000).await;
        assert_eq!(town.calls().len(), 1, "nobody is told while the policy cannot be read");
        world.set_policy(&String::from_utf8(good).unwrap()).await;
        assert_eq!(town.runs("qa").as_deref(), Some("v0.1.0"));
        assert_eq!(world.deployment_states("qa"), ["success"]);
    }

    async fn an_environment_that_the_policy_drops_is_deployed_to_no_more(world: &World) {
        let town = hooked(world, "").await;
        world.land("feat: signals").await;
        world.set_policy("[release]\n[[environment]]\nname = \"staging\"\n").await;
        world.land("feat: switches").await;
        assert_eq!(town.runs("qa").as_deref(), Some("v0.1.0"));
        world.github.add_user("bob");
        world.github.set_permission(REPOSITORY, "bob", Permission::Write).unwrap();
        world.say_on("v0.2.0", "bob", "/deploy qa").await;
        world.expect_comment(world.tracking("v0.2.0").await, "there is no environment `qa`, only staging");
        assert_eq!(town.calls().len(), 1);
    }
}
