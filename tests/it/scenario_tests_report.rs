//! Tests as a worker: what the card tells of the checks of a head.

use stationmaster::simulator::github::{Annotation, CheckApp, CheckOutput};

use crate::world::{On, REPOSITORY, World, scenarios};

const SUCCESS: &str = "success";
const FILES: &[(&str, &str)] = &[("docs/signals.md", "Red means stop.\n")];

fn output(summary: &str) -> CheckOutput {
    CheckOutput { summary: Some(summary.to_owned()), ..CheckOutput::default() }
}

scenarios! {
    async fn a_failure_is_shown_with_its_place_and_how_long_it_took(world: &World) {
        let pull = world.open_pull("signals", FILES).await;
        let unit = world.check_begins(pull, "unit");
        world.pass_ms(62_000).await;
        let note = Annotation {
            path: "src/signal.rs".to_owned(),
            start_line: 12,
            end_line: 12,
            level: "failure".to_owned(),
            message: "expected red, got green".to_owned(),
            title: None,
            raw_details: None,
        };
        let output = CheckOutput { annotations: vec![note], ..output("1 failed") };
        world.github.finish_check_with(unit, "failure", output).unwrap();
        world.settle().await;
        world.expect_waiting(pull, &["**Tests**", "failed after 1 min 2 s", "`src/signal.rs:12` `expected red, got green`"]);
    }

    async fn a_check_that_failed_and_then_passed_is_called_flaky(world: &World) {
        let pull = world.open_pull("signals", FILES).await;
        world.check(pull, "unit", "failure").await;
        world.clock.advance_ms(60_000);
        world.check(pull, "unit", SUCCESS).await;
        world.expect_merged(pull).await;
    }

    async fn the_card_names_what_is_flaky_while_it_waits_for_something_else(world: &World) {
        let pull = world.open_pull("signals", FILES).await;
        world.say(pull, "alice", "/hold for now").await;
        world.check(pull, "unit", "failure").await;
        world.clock.advance_ms(60_000);
        world.check(pull, "unit", SUCCESS).await;
        world.expect_waiting(pull, &["`unit`", "is flaky: it failed and then passed on this commit, in 2 runs"]);
    }

    async fn coverage_is_compared_with_the_base(world: &World) {
        world.set_policy("[checks.coverage]\ncheck = \"unit\"\nregex = 'total: ([0-9.]+)%'\n").await;
        let base = world.github.head_of(REPOSITORY, "main").unwrap();
        let of_base = world.github.start_check(REPOSITORY, &base, CheckApp::actions(), "unit").unwrap();
        world.github.finish_check_with(of_base, SUCCESS, output("total: 80.5%")).unwrap();
        world.settle().await;
        let pull = world.open_pull("signals", FILES).await;
        world.say(pull, "alice", "/hold for now").await;
        let unit = world.check_begins(pull, "unit");
        world.pass_ms(3_000).await;
        world.github.finish_check_with(unit, SUCCESS, output("total: 79.25%")).unwrap();
        world.settle().await;
        world.expect_waiting(pull, &["coverage (`unit`): 79.25 %, 1.25 points less than on the base", "1 passed, in 3 s"]);
    }
}
