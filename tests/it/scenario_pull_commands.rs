//! Commands on pull requests: who may say what, what it does, and what whoever said it gets to see.

use stationmaster::model::CommentId;
use stationmaster::simulator::github::{CheckApp, NewPull, Permission};

use crate::world::{On, REPOSITORY, World, scenarios};

const SUCCESS: &str = "success";
const FILES: &[(&str, &str)] = &[("docs/signals.md", "Red means stop.\n")];

/// The reactions of ours to the comment that says this.
fn reactions(world: &World, pull: i64, text: &str) -> Vec<String> {
    let comments = world.issue(pull).comments;
    let comment = comments.into_iter().find(|comment| comment.body == text).expect("no such comment");
    comment.reactions.into_iter().map(|(_, content)| content).collect()
}

fn ours(world: &World, pull: i64) -> usize {
    let own = world.github.app_login();
    world.issue(pull).comments.iter().filter(|comment| comment.author == own).count()
}

scenarios! {
    async fn a_hold_keeps_a_pull_until_it_is_taken_back(world: &World) {
        let pull = world.open_pull("signals", FILES).await;
        world.say(pull, "alice", "/hold until the release is out").await;
        world.ci_passes(pull).await;
        world.expect_waiting(pull, &["alice holds it: until the release is out", "| alice |"]);
        assert_eq!(reactions(world, pull, "/hold until the release is out"), ["eyes", "rocket"]);
        world.say(pull, "alice", "/unhold").await;
        world.expect_merged(pull).await;
    }

    async fn why_and_status_bring_a_card_where_there_was_none(world: &World) {
        let pull = world.open_pull("signals", FILES).await;
        assert_eq!(ours(world, pull), 0, "nobody is bothered while only checks are waited for");
        world.say(pull, "mallory", "/why").await;
        world.expect_waiting(pull, &["no check has been reported for this head"]);
        world.say(pull, "mallory", "/status").await;
        assert_eq!(reactions(world, pull, "/status"), ["eyes", "rocket"]);
        assert_eq!(ours(world, pull), 1);
    }

    async fn help_lists_what_the_asker_may_do(world: &World) {
        let pull = world.open_pull("signals", FILES).await;
        world.say(pull, "rita", "/help").await;
        world.expect_comment(pull, "@rita you may write these on a line of their own");
        world.say(pull, "alice", "/help").await;
        world.expect_comment(pull, "| `/hold why` | keeps it from being merged |");
    }

    async fn without_automatic_merging_a_pull_waits_for_the_word(world: &World) {
        world.set_policy("[merge]\nautomatic = false\n").await;
        let pull = world.open_pull("signals", FILES).await;
        world.ci_passes(pull).await;
        world.expect_waiting(pull, &["the policy merges only what is asked for by `/merge`"]);
        world.say(pull, "alice", "/merge").await;
        world.expect_merged(pull).await;
    }

    async fn the_word_for_a_merge_is_for_the_head_that_was_seen(world: &World) {
        world.set_policy("[merge]\nautomatic = false\n").await;
        let pull = world.open_pull("signals", FILES).await;
        world.say(pull, "alice", "/merge").await;
        world.push("alice", "signals", &[("docs/signals.md", "Red means go.\n")]);
        world.settle().await;
        world.ci_passes(pull).await;
        world.expect_waiting(pull, &["the policy merges only what is asked for by `/merge`"]);
    }

    async fn a_readers_command_is_refused_with_a_face_and_one_comment(world: &World) {
        world.set_policy("[merge]\nautomatic = false\n").await;
        world.github.set_permission(REPOSITORY, "rita", Permission::Read).unwrap();
        let pull = world.open_pull("signals", FILES).await;
        world.ci_passes(pull).await;
        world.say(pull, "rita", "/merge").await;
        assert!(world.pull(pull).merge_sha.is_none());
        assert_eq!(reactions(world, pull, "/merge"), ["eyes", "confused"]);
        world.expect_comment(pull, "this needs write permission, and rita has read");
        world.say(pull, "rita", "/hold mine").await;
        assert_eq!(reactions(world, pull, "/hold mine"), ["eyes", "confused"]);
        assert_eq!(ours(world, pull), 2, "the card and one refusal");
    }

    async fn of_an_edited_comment_only_what_is_new_is_run_by_the_authority_of_the_editor(world: &World) {
        world.github.set_permission(REPOSITORY, "rita", Permission::Read).unwrap();
        let pull = world.open_pull("signals", FILES).await;
        world.say(pull, "alice", "/hold one").await;
        let comment = CommentId(world.issue(pull).comments[0].id);
        world.say(pull, "alice", "/unhold").await;
        // The hold is not run again; the reader who adds a line has no more rights than a reader.
        world.github.edit_comment(REPOSITORY, "rita", comment, "/hold one\n\n/hold two").unwrap();
        world.settle().await;
        world.expect_comment(pull, "rita has read");
        world.github.edit_comment(REPOSITORY, "alice", comment, "/hold one\n\n/hold two\n\n/why").unwrap();
        world.settle().await;
        world.ci_passes(pull).await;
        world.expect_merged(pull).await;
    }

    async fn what_stands_in_code_or_is_said_by_a_bot_is_no_command(world: &World) {
        let pull = world.open_pull("signals", FILES).await;
        world.say(pull, "alice", "```\n/hold on\n```").await;
        world.say(pull, "alice", "> /hold on").await;
        world.github.add_bot("helper[bot]");
        world.github.set_permission(REPOSITORY, "helper[bot]", Permission::Write).unwrap();
        world.github.add_bot("helper[bot]");
        world.say(pull, "helper[bot]", "/hold on").await;
        assert!(world.issue(pull).comments.iter().all(|comment| comment.reactions.is_empty()));
        world.ci_passes(pull).await;
        world.expect_merged(pull).await;
    }

    async fn commands_from_before_the_app_came_are_not_run(world: &World) {
        const DEPOT: &str = "octo/depot";
        world.github.create_repository(DEPOT).unwrap();
        world.github.set_permission(DEPOT, "alice", Permission::Write).unwrap();
        world.github.set_installed(DEPOT, false).unwrap();
        world.github.drop_all();
        let files: &[(&str, Option<Vec<u8>>)] = &[("docs/signals.md", Some(b"Red means stop.\n".to_vec()))];
        let head = world.github.commit_files(DEPOT, "alice", "signals", files, "Signals").unwrap();
        let new = NewPull { title: "Signals".to_owned(), head: "signals".to_owned(), base: "main".to_owned(), ..NewPull::default() };
        let pull = world.github.open_pull(DEPOT, "alice", new).unwrap();
        world.github.comment(DEPOT, "alice", pull, "/hold on").unwrap();
        world.settle().await;
        world.clock.advance_ms(3_600_000);
        world.github.set_installed(DEPOT, true).unwrap();
        world.settle().await;
        let check = world.github.start_check(DEPOT, &head, CheckApp::actions(), "build").unwrap();
        world.github.finish_check(check, SUCCESS).unwrap();
        world.settle().await;
        assert!(world.github.pull(DEPOT, pull.0).unwrap().merge_sha.is_some());
        // What is said from now on is heard.
        let other = world.open_pull("signals", FILES).await;
        world.say(other, "alice", "/hold on").await;
        assert_eq!(reactions(world, other, "/hold on"), ["eyes", "rocket"]);
    }

    async fn retest_runs_what_failed_again_and_then_merges(world: &World) {
        let pull = world.open_pull("signals", FILES).await;
        let build = world.check_begins(pull, "build");
        world.check(pull, "lint", SUCCESS).await;
        world.github.finish_check(build, "failure").unwrap();
        world.settle().await;
        world.expect_waiting(pull, &["the check `build` failed"]);
        world.clock.advance_ms(60_000);
        world.say(pull, "alice", "/retest").await;
        let runs = world.github.check_runs(REPOSITORY, &world.head(pull));
        let again: Vec<_> = runs.iter().filter(|run| run.status == "queued").collect();
        assert_eq!(again.iter().map(|run| run.name.as_str()).collect::<Vec<_>>(), ["build"]);
        assert!(world.card(pull).contains("the check `build` is not over"));
        world.github.finish_check(again[0].id, SUCCESS).unwrap();
        world.settle().await;
        world.expect_merged(pull).await;
    }

    async fn an_unknown_command_is_answered_with_the_nearest(world: &World) {
        let pull = world.open_pull("signals", FILES).await;
        world.say(pull, "alice", "/mrege").await;
        world.expect_comment(pull, "did you mean `/merge");
        assert_eq!(reactions(world, pull, "/mrege"), ["eyes", "confused"]);
    }
}
