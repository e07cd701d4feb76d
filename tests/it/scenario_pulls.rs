//! Pull requests: from opened to merged, whatever GitHub does on the way.

use stationmaster::model::Number;
use stationmaster::simulator::github::{AuthKind, Fault, FaultKind, NewPull};

use crate::world::{On, REPOSITORY, World, scenarios};
use crate::world_pulls::SUCCESS;

const DOCS: &[(&str, &str)] = &[("docs/signals.md", "Red means stop.\n")];

/// Requests that count against GitHub's rate limit: not the App's own, and none that was answered 304
/// (<https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests>).
fn counted(world: &World) -> Vec<String> {
    let requests = world.github.requests().into_iter();
    requests
        .filter(|request| matches!(request.auth, AuthKind::Installation(_)) && request.status != Some(304))
        .map(|request| format!("{} {}", request.method, request.path))
        .collect()
}

/// Opens a pull, runs five checks, and returns the requests up to the merge.
async fn five_checks(world: &World, branch: &str, path: &str) -> Vec<String> {
    let before = counted(world).len();
    let pull = world.open_pull(branch, &[(path, "Red means stop.\n")]).await;
    let names = ["build", "test", "lint", "docs", "package"];
    let checks: Vec<i64> = names.iter().map(|name| world.check_begins(pull, name)).collect();
    world.settle().await;
    for check in checks {
        world.github.finish_check(check, SUCCESS).unwrap();
    }
    world.settle().await;
    world.expect_merged(pull).await;
    let made = counted(world).split_off(before);
    let merge = made.iter().position(|request| request.ends_with("/merge")).expect("nobody merged it");
    made.into_iter().take(merge + 1).collect()
}

scenarios! {
    async fn a_pull_whose_checks_pass_is_reviewed_and_merged_without_anyone_waiting(world: &World) {
        let pull = world.open_pull("signals", DOCS).await;
        let build = world.check_begins(pull, "build");
        world.settle().await;
        assert_eq!(world.pull(pull).merge_sha, None);
        world.github.finish_check(build, SUCCESS).unwrap();
        world.settle().await;
        world.expect_merged(pull).await;
        let card = world.card(pull);
        assert!(card.starts_with("Automated review passed. PR merged automatically."), "{card}");
        let rows = ["| Tests | ", "| Code review | 1 file read", "| Merge conflicts | None", "| Secrets | None found |"];
        for row in rows {
            assert!(card.contains(row), "{card}");
        }
        assert_eq!(world.github.head_of(REPOSITORY, "signals"), None, "its branch is deleted");
        assert_eq!(world.told(), ["octo/station#1 merged"]);
    }

    async fn opened_five_checks_merged_costs_at_most_twelve_requests(world: &World) {
        world.set_policy("[tasks]\nmanage = true\n").await;
        let cold = five_checks(world, "signals", "docs/signals.md").await;
        assert_eq!(cold.len(), 12, "the first pull of a repository: {cold:#?}");
        let warm = five_checks(world, "points", "docs/points.md").await;
        assert_eq!(warm.len(), 10, "a later one: {warm:#?}");
    }

    async fn thirty_check_events_cost_at_most_two_looks(world: &World) {
        let pull = world.open_pull("signals", DOCS).await;
        let checks: Vec<i64> = (0..15).map(|number| world.check_begins(pull, &format!("check {number}"))).collect();
        for check in &checks[..14] {
            world.github.finish_check(*check, SUCCESS).unwrap();
        }
        assert!(world.github.pending_webhooks().len() >= 29);
        let before = world.looks(pull).await;
        world.settle().await;
        let looks = world.looks(pull).await - before;
        assert!(looks <= 2, "{looks} looks");
        world.github.finish_check(checks[14], SUCCESS).unwrap();
        world.settle().await;
        world.expect_merged(pull).await;
    }

    async fn the_last_checks_webhook_leads_to_the_merge_within_300_ms(world: &World) {
        world.github.set_unknown_mergeability_reads(0);
        let pull = world.open_pull("signals", DOCS).await;
        let build = world.check_begins(pull, "build");
        world.settle().await;
        world.pass_ms(60_000).await;
        let green = world.app().clock.now().ms();
        world.github.finish_check(build, SUCCESS).unwrap();
        world.settle().await;
        world.expect_merged(pull).await;
        let requests = world.github.requests();
        let merge = requests.iter().rev().find(|request| request.path.ends_with("/merge")).unwrap();
        assert!(merge.at.ms() - green <= 300, "{} ms", merge.at.ms() - green);
    }

    async fn a_push_between_judgement_and_merge_is_not_merged(world: &World) {
        world.github.set_unknown_mergeability_reads(0);
        let pull = world.propose("alice", "signals", DOCS);
        let build = world.check_begins(pull, "build");
        world.github.finish_check(build, SUCCESS).unwrap();
        world.github.deliver_all().await;
        // The server hears of nothing any more, judges, and only then the head moves.
        world.engine.intake_step().await.unwrap();
        world.clock.advance_ms(200);
        world.engine.decide_step(8).await.unwrap();
        world.push("alice", "signals", &[("docs/signals.md", "Green means go.\n")]);
        world.github.drop_all();
        for _ in 0..10 {
            world.clock.advance_ms(1_000);
            world.turn().await;
        }
        assert_eq!(world.pull(pull).merge_sha, None, "the new head was never judged green");
        world.ci_passes(pull).await;
        world.expect_merged(pull).await;
    }

    async fn a_base_that_moves_at_the_same_time_is_tried_again(world: &World) {
        world.github.inject(Fault::base_modified());
        let pull = world.open_pull("signals", DOCS).await;
        world.ci_passes(pull).await;
        world.pass_ms(10_000).await;
        world.expect_merged(pull).await;
        assert_eq!(world.count_requests("PUT", "/merge"), 2);
    }

    async fn a_merge_that_happened_although_github_said_500_is_recognised(world: &World) {
        world.github.inject(Fault::new("/merge", FaultKind::StatusAfterDoing(500)).method("PUT"));
        let pull = world.open_pull("signals", DOCS).await;
        world.ci_passes(pull).await;
        world.expect_merged(pull).await;
        assert!(world.card(pull).starts_with("Automated review passed."));
        assert_eq!(world.told(), ["octo/station#1 merged"]);
        assert_eq!(world.count_requests("PUT", "/merge"), 1);
    }

    async fn a_merge_that_failed_with_500_is_tried_again(world: &World) {
        world.github.inject(Fault::new("/merge", FaultKind::Status(500)).method("PUT"));
        let pull = world.open_pull("signals", DOCS).await;
        world.ci_passes(pull).await;
        world.pass_ms(60_000).await;
        world.expect_merged(pull).await;
    }

    async fn a_method_that_is_forbidden_is_said_and_not_asked_for_again(world: &World) {
        world.github.set_merge_methods(REPOSITORY, only_rebase()).unwrap();
        let pull = world.open_pull("signals", DOCS).await;
        world.ci_passes(pull).await;
        world.pass_ms(3_600_000).await;
        world.expect_waiting(pull, &["merging by `squash` is not allowed here", "a maintainer"]);
        assert_eq!(world.count_requests("PUT", "/merge"), 1);
    }

    async fn what_github_has_not_computed_is_asked_for_with_growing_pauses(world: &World) {
        world.github.set_unknown_mergeability_reads(5);
        let pull = world.open_pull("signals", DOCS).await;
        world.ci_passes(pull).await;
        world.pass_ms(120_000).await;
        world.expect_merged(pull).await;
    }

    async fn a_conflict_is_said_and_heals_with_a_push(world: &World) {
        let pull = world.open_pull("signals", DOCS).await;
        world.github.write_file(REPOSITORY, "main", ("docs/signals.md", "Red is a colour.\n"), "Signals").unwrap();
        world.settle().await;
        world.ci_passes(pull).await;
        world.pass_ms(10_000).await;
        world.expect_waiting(pull, &["it conflicts with its base", "the author, alice"]);
    }

    async fn lost_webhooks_of_ci_are_healed_by_the_sweep(world: &World) {
        let pull = world.open_pull("signals", DOCS).await;
        let build = world.check_begins(pull, "build");
        world.github.finish_check(build, SUCCESS).unwrap();
        world.github.drop_all();
        world.settle().await;
        assert_eq!(world.pull(pull).merge_sha, None);
        world.clock.advance_ms(301_000);
        world.engine.tick().await.unwrap();
        world.settle().await;
        world.expect_merged(pull).await;
    }

    async fn a_pull_that_nobody_told_of_is_found_and_one_merged_by_hand_is_let_go(world: &World) {
        let found = world.propose("alice", "signals", DOCS);
        let build = world.check_begins(found, "build");
        world.github.finish_check(build, SUCCESS).unwrap();
        world.github.drop_all();
        world.clock.advance_ms(301_000);
        world.engine.tick().await.unwrap();
        world.settle().await;
        world.expect_merged(found).await;
        let by_hand = world.open_pull("points", &[("docs/points.md", "Left or right.\n")]).await;
        world.github.merge_pull(REPOSITORY, "alice", Number(by_hand)).unwrap();
        world.settle().await;
        assert_eq!(world.count_requests("PUT", &format!("/pulls/{by_hand}/merge")), 0);
    }

    async fn a_fork_is_found_by_its_head_and_waits_for_somebody_trusted(world: &World) {
        world.github.add_user("mallory");
        world.github.fork(REPOSITORY, "mallory").unwrap();
        let files = [("docs/signals.md", Some(b"Red means stop.\n".to_vec()))];
        world.github.commit_files("mallory/station", "mallory", "signals", &files, "Signals").unwrap();
        let new = NewPull { title: "Signals".to_owned(), head: "signals".to_owned(), base: "main".to_owned(), ..NewPull::default() };
        let pull = world.github.open_fork_pull(REPOSITORY, "mallory/station", "mallory", new).unwrap().0;
        world.settle().await;
        let build = world.check_begins(pull, "build");
        world.settle().await;
        world.github.finish_check(build, SUCCESS).unwrap();
        world.settle().await;
        world.expect_waiting(pull, &["mallory has no write permission", "somebody with write permission"]);
        world.review(pull, "alice", stationmaster::simulator::github::ReviewEvent::Approve).await;
        world.expect_merged(pull).await;
        assert!(world.github.head_of("mallory/station", "signals").is_some(), "a fork's branch is not ours to delete");
    }

    async fn a_branch_that_another_pull_is_based_on_is_kept(world: &World) {
        let lower = world.open_pull("signals", DOCS).await;
        let files = [("docs/points.md", Some(b"Left or right.\n".to_vec()))];
        let head = world.github.head_of(REPOSITORY, "signals").unwrap();
        world.github.force_push(REPOSITORY, "alice", "points", &head).unwrap();
        world.github.commit_files(REPOSITORY, "alice", "points", &files, "Points").unwrap();
        let new = NewPull { title: "Points".to_owned(), head: "points".to_owned(), base: "signals".to_owned(), ..NewPull::default() };
        let upper = world.github.open_pull(REPOSITORY, "alice", new).unwrap().0;
        world.settle().await;
        world.ci_passes(lower).await;
        world.expect_merged(lower).await;
        assert!(world.github.head_of(REPOSITORY, "signals").is_some());
        assert_eq!(world.pull(upper).state, "open");
    }

    async fn what_it_depends_on_comes_first(world: &World) {
        let first = world.open_pull("signals", DOCS).await;
        world.push("alice", "points", &[("docs/points.md", "Left or right.\n")]);
        let new = NewPull {
            title: "Points".to_owned(),
            body: Some(format!("Depends-On: #{first}")),
            head: "points".to_owned(),
            base: "main".to_owned(),
            ..NewPull::default()
        };
        let second = world.github.open_pull(REPOSITORY, "alice", new).unwrap().0;
        world.settle().await;
        world.ci_passes(second).await;
        assert_eq!(world.pull(second).merge_sha, None);
        let why = world.why(second).await;
        assert!(why.iter().any(|why| why.contains(&format!("it depends on {REPOSITORY}#{first}, which is open"))), "{why:?}");
        world.ci_passes(first).await;
        world.expect_merged(first).await;
        world.pass_ms(5_000).await;
        world.expect_merged(second).await;
    }

    async fn the_message_is_made_by_the_template_and_names_who_helped(world: &World) {
        world.set_policy("[merge]\nmessage = \"{title} [#{number}]\"\n").await;
        let files = [("docs/signals.md", Some(b"Red means stop.\n".to_vec()))];
        let commit = stationmaster::simulator::github::AuthoredCommit {
            pusher: "alice",
            branch: "signals",
            author: ("Alice", "alice@users.noreply.github.com"),
            co_authors: &[("Bob", "bob@example.com")],
            files: &files,
            message: "Signals",
        };
        world.github.push_commit_by(REPOSITORY, commit).unwrap();
        let new = NewPull {
            title: "Signals".to_owned(),
            body: Some("Red means stop.\n\n<!-- cut -->\n\nNot for the log.".to_owned()),
            head: "signals".to_owned(),
            base: "main".to_owned(),
            ..NewPull::default()
        };
        let pull = world.github.open_pull(REPOSITORY, "alice", new).unwrap().0;
        world.settle().await;
        world.ci_passes(pull).await;
        world.expect_merged(pull).await;
        let message = world.github.message_of(REPOSITORY, &world.pull(pull).merge_sha.unwrap());
        assert!(message.starts_with(&format!("Signals [#{pull}]\n\nRed means stop.")), "{message}");
        assert!(message.contains("Co-authored-by: Bob <bob@example.com>"), "{message}");
        assert!(!message.contains("Not for the log"), "{message}");
    }

    async fn a_draft_waits_and_a_closed_pull_is_left_alone(world: &World) {
        let pull = world.propose("alice", "signals", DOCS);
        world.github.set_draft(REPOSITORY, "alice", Number(pull), true).unwrap();
        world.settle().await;
        world.ci_passes(pull).await;
        assert_eq!(world.pull(pull).merge_sha, None);
        world.github.set_draft(REPOSITORY, "alice", Number(pull), false).unwrap();
        world.settle().await;
        world.pass_ms(5_000).await;
        world.expect_merged(pull).await;
        let other = world.open_pull("points", &[("docs/points.md", "Left or right.\n")]).await;
        world.github.close_pull(REPOSITORY, "alice", Number(other)).unwrap();
        world.settle().await;
        assert_eq!(world.why(other).await, Vec::<String>::new());
    }
}

/// Only rebasing is allowed in the repository's settings.
const fn only_rebase() -> stationmaster::simulator::github::MergeMethods {
    stationmaster::simulator::github::MergeMethods { merge: false, squash: false, rebase: true }
}
