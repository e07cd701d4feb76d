//! The merge queue: what enters, what is tested on the staging branch, what lands, and what is put out.

use stationmaster::simulator::github::{CheckApp, Fault, FaultKind, Protection, ReviewEvent};

use crate::world::{On, REPOSITORY, World, scenarios};

const QUEUE: &str = "[merge]\nstrategy = \"queue\"\n";
const STAGING: &str = "stationmaster/queue/main";
const MINUTE_MS: i64 = 60_000;

fn staging(world: &World) -> String {
    world.github.head_of(REPOSITORY, STAGING).expect("there is no staging branch")
}

fn base(world: &World) -> String {
    world.github.head_of(REPOSITORY, "main").unwrap()
}

/// CI of a staging commit begins and ends.
async fn ci_ends(world: &World, sha: &str, conclusion: &str) {
    let check = world.github.start_check(REPOSITORY, sha, CheckApp::actions(), "build").unwrap();
    world.github.finish_check(check, conclusion).unwrap();
    world.settle().await;
}

/// A pull of one file that has passed its own checks, and so is queued.
async fn ready(world: &World, branch: &str) -> i64 {
    let path = format!("docs/{branch}.md");
    let pull = world.open_pull(branch, &[(&path, "Red means stop.\n")]).await;
    world.ci_passes(pull).await;
    pull
}

scenarios! {
    async fn a_ready_pull_lands_as_the_very_commit_that_was_tested(world: &World) {
        world.set_policy(QUEUE).await;
        let pull = ready(world, "signals").await;
        assert_eq!(world.pull(pull).merge_sha, None);
        let tested = staging(world);
        ci_ends(world, &tested, "success").await;
        assert_eq!(base(world), tested);
        world.expect_merged(pull).await;
        let card = world.card(pull);
        assert!(card.starts_with("Automated review passed. PR merged automatically."), "{card}");
        for row in ["| Code review | 1 file read", "| Secrets | None found |"] {
            assert!(card.contains(row), "{card}");
        }
        assert_eq!(world.github.head_of(REPOSITORY, "signals"), None);
    }

    async fn a_failed_batch_is_halved_and_only_the_culprit_is_put_out(world: &World) {
        world.set_policy(QUEUE).await;
        let first = ready(world, "first").await;
        let (good, bad) = (ready(world, "good").await, ready(world, "bad").await);
        ci_ends(world, &staging(world), "success").await;
        world.expect_merged(first).await;
        ci_ends(world, &staging(world), "failure").await;
        ci_ends(world, &staging(world), "success").await;
        world.expect_merged(good).await;
        ci_ends(world, &staging(world), "failure").await;
        assert_eq!(world.pull(bad).merge_sha, None);
        world.expect_comment(bad, "build");
    }

    async fn a_push_during_a_build_never_lands_the_old_commit(world: &World) {
        world.set_policy(QUEUE).await;
        let pull = ready(world, "signals").await;
        let (old, before) = (staging(world), base(world));
        world.push("alice", "signals", &[("docs/signals.md", "Green means go.\n")]);
        ci_ends(world, &old, "success").await;
        assert_eq!(base(world), before);
        assert_eq!(world.pull(pull).merge_sha, None);
    }

    async fn a_base_that_moved_costs_no_place(world: &World) {
        world.set_policy(QUEUE).await;
        let pull = ready(world, "signals").await;
        let old = staging(world);
        world.push("alice", "main", &[("docs/tracks.md", "Two rails.\n")]);
        world.settle().await;
        let tested = staging(world);
        assert_ne!(tested, old);
        ci_ends(world, &tested, "success").await;
        assert_eq!(base(world), tested);
        world.expect_merged(pull).await;
    }

    async fn green_during_downtime_lands_although_the_timeout_is_past(world: &World) {
        world.set_policy(QUEUE).await;
        let pull = ready(world, "signals").await;
        let tested = staging(world);
        let check = world.github.start_check(REPOSITORY, &tested, CheckApp::actions(), "build").unwrap();
        world.github.finish_check(check, "success").unwrap();
        world.clock.advance_ms(90 * MINUTE_MS);
        world.settle().await;
        assert_eq!(base(world), tested);
        world.expect_merged(pull).await;
    }

    async fn a_batch_without_checks_is_put_out_with_the_reason(world: &World) {
        world.set_policy(QUEUE).await;
        let pull = ready(world, "signals").await;
        world.pass_ms(61 * MINUTE_MS).await;
        assert_eq!(world.pull(pull).merge_sha, None);
        world.expect_comment(pull, "no check was reported within 60 minutes");
    }

    async fn changes_requested_during_a_build_keep_it_from_landing(world: &World) {
        world.set_policy(QUEUE).await;
        let pull = ready(world, "signals").await;
        let (tested, before) = (staging(world), base(world));
        world.github.add_user("bob");
        world.github.set_permission(REPOSITORY, "bob", stationmaster::simulator::github::Permission::Write).unwrap();
        world.review(pull, "bob", ReviewEvent::RequestChanges).await;
        ci_ends(world, &tested, "success").await;
        assert_eq!(base(world), before);
        assert_eq!(world.pull(pull).merge_sha, None);
    }

    async fn lost_answers_to_merging_and_landing_do_no_harm(world: &World) {
        world.set_policy(QUEUE).await;
        world.github.inject(Fault::new("/merges", FaultKind::StatusAfterDoing(500)).method("POST"));
        world.github.inject(Fault::new("/git/refs/heads/main", FaultKind::StatusAfterDoing(500)).method("PATCH"));
        let pull = ready(world, "signals").await;
        world.pass_ms(MINUTE_MS).await;
        let tested = staging(world);
        ci_ends(world, &tested, "success").await;
        world.pass_ms(MINUTE_MS).await;
        assert_eq!(base(world), tested);
        world.expect_merged(pull).await;
    }

    async fn a_base_that_demands_our_review_gets_it_on_the_staging_commit(world: &World) {
        let required_checks = vec![("build".to_owned(), None), ("stationmaster/review".to_owned(), None)];
        world.set_policy(QUEUE).await;
        let protection = Protection { required_checks, ..Protection::default() };
        world.github.protect(REPOSITORY, "main", protection).unwrap();
        let pull = ready(world, "signals").await;
        let tested = staging(world);
        world.pass_ms(MINUTE_MS).await;
        assert_eq!(world.pull(pull).merge_sha, None, "it landed without the required build");
        ci_ends(world, &tested, "success").await;
        assert_eq!(base(world), tested);
        world.expect_merged(pull).await;
    }
}
