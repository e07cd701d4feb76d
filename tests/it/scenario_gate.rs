//! The gate: every reason why a pull request is not merged, on whom it waits, and how each goes away.

use stationmaster::model::Number;
use stationmaster::simulator::github::{
    CheckApp, Fault, FaultKind, NewPull, Permission, Protection, ReviewEvent, Rule,
};

use crate::world::{On, REPOSITORY, World, scenarios};

const SUCCESS: &str = "success";
const FILES: &[(&str, &str)] = &[("docs/signals.md", "Red means stop.\n")];
const POLICY: &str = ".github/stationmaster.toml";
const MINUTE_MS: i64 = 60_000;

/// Not merged, and these words are among the reasons that the server gives; `/why` and the card are made of them.
async fn blocked(world: &World, pull: i64, words: &[&str]) {
    assert!(world.pull(pull).merge_sha.is_none(), "pull {pull} is merged");
    let mut why = world.why(pull).await;
    // GitHub is not asked again about conflicts while something else stands in the way.
    why.retain(|reason| !reason.starts_with("GitHub has not computed yet"));
    for words in words {
        assert!(why.iter().any(|reason| reason.contains(words)), "nothing says {words:?}: {why:#?}");
    }
    assert_eq!(why.len(), words.len(), "{why:#?}");
}

fn may(world: &World, who: &str, permission: Permission) {
    world.github.add_user(who);
    world.github.set_permission(REPOSITORY, who, permission).unwrap();
}

fn require(world: &World, checks: &[&str]) {
    let required_checks = checks.iter().map(|name| ((*name).to_owned(), None)).collect();
    world.github.protect(REPOSITORY, "main", Protection { required_checks, ..Protection::default() }).unwrap();
}

async fn explained(world: &World, pull: i64) -> String {
    let known = world.app().store.repositories().await.unwrap();
    let known = known.iter().find(|known| known.name.to_string() == REPOSITORY).unwrap();
    let look = world.engine.look_at_pull(known, Number(pull), 1_000).await.unwrap().unwrap();
    look.explain(stationmaster::model::Clock::now(&world.clock))
}

scenarios! {
    async fn a_check_that_branch_protection_requires_is_waited_for(world: &World) {
        require(world, &["build"]);
        let pull = world.open_pull("signals", FILES).await;
        world.check(pull, "lint", SUCCESS).await;
        blocked(world, pull, &["the check `build` has not been reported for this head; branch protection demands it"]).await;
        world.ci_passes(pull).await;
        world.expect_merged(pull).await;
    }

    async fn a_check_that_a_ruleset_requires_is_waited_for(world: &World) {
        let rule = Rule::RequiredStatusChecks { checks: vec![("build".to_owned(), None)], strict: false };
        world.github.add_ruleset(REPOSITORY, "main", vec![rule]).unwrap();
        let pull = world.open_pull("signals", FILES).await;
        world.check(pull, "lint", SUCCESS).await;
        blocked(world, pull, &["the check `build` has not been reported for this head; a ruleset demands it"]).await;
        world.ci_passes(pull).await;
        world.expect_merged(pull).await;
    }

    async fn a_check_that_the_policy_requires_is_waited_for_and_others_are_not(world: &World) {
        world.set_policy("[checks]\nrequired = [\"build\"]\n").await;
        let pull = world.open_pull("signals", FILES).await;
        world.check(pull, "lint", "failure").await;
        blocked(world, pull, &["the check `build` has not been reported for this head; the policy demands it"]).await;
        world.ci_passes(pull).await;
        world.expect_merged(pull).await;
    }

    async fn a_required_check_that_runs_is_waited_for_and_one_that_fails_is_told_to_the_author(world: &World) {
        require(world, &["build"]);
        let pull = world.open_pull("signals", FILES).await;
        let build = world.check_begins(pull, "build");
        world.settle().await;
        blocked(world, pull, &["the check `build` is not over"]).await;
        world.github.finish_check(build, "failure").unwrap();
        world.settle().await;
        world.expect_waiting(pull, &["**Not merged yet.** One thing stands in the way", "the check `build` failed", "the author, alice"]);
        // Run again under the same name, it passes.
        world.ci_passes(pull).await;
        world.expect_merged(pull).await;
    }

    async fn of_a_check_that_is_reported_twice_the_newest_counts(world: &World) {
        require(world, &["build"]);
        let pull = world.open_pull("signals", FILES).await;
        let old = world.check_begins(pull, "build");
        let new = world.check_begins(pull, "build");
        world.github.finish_check(new, "failure").unwrap();
        world.clock.advance_ms(MINUTE_MS);
        // The old run ends late and well, which does not make the new one any better.
        world.github.finish_check(old, SUCCESS).unwrap();
        world.settle().await;
        world.expect_waiting(pull, &["the check `build` failed"]);
        world.ci_passes(pull).await;
        world.expect_merged(pull).await;
    }

    async fn a_cancelled_check_is_not_green(world: &World) {
        let pull = world.open_pull("signals", FILES).await;
        world.check(pull, "build", "cancelled").await;
        world.expect_waiting(pull, &["the check `build` ended as cancelled"]);
        world.ci_passes(pull).await;
        world.expect_merged(pull).await;
    }

    async fn neutral_and_skipped_checks_pass_only_where_the_policy_says_so(world: &World) {
        let pull = world.open_pull("signals", FILES).await;
        world.check(pull, "docs", "skipped").await;
        world.check(pull, "lint", "neutral").await;
        world.expect_waiting(pull, &["the check `docs` ended as skipped", "the check `lint` ended as neutral"]);
        world.set_policy("[checks]\npass_skipped = true\n").await;
        world.expect_waiting(pull, &["the check `lint` ended as neutral"]);
        assert!(!world.card(pull).contains("ended as skipped"));
        world.set_policy("[checks]\npass_skipped = true\npass_neutral = true\n").await;
        world.expect_merged(pull).await;
    }

    async fn a_head_without_any_check_is_not_green_unless_the_policy_says_so(world: &World) {
        let pull = world.open_pull("signals", FILES).await;
        blocked(world, pull, &["no check has been reported for this head"]).await;
        world.pass_ms(60 * MINUTE_MS).await;
        blocked(world, pull, &["no check has been reported for this head"]).await;
        world.set_policy("[checks]\nallow_none = true\n").await;
        world.expect_merged(pull).await;
    }

    async fn a_status_in_the_name_of_a_required_check_does_not_count_for_its_app(world: &World) {
        let required_checks = vec![("build".to_owned(), Some(CheckApp::actions().id))];
        world.github.protect(REPOSITORY, "main", Protection { required_checks, ..Protection::default() }).unwrap();
        let pull = world.open_pull("signals", FILES).await;
        let head = world.head(pull);
        world.github.set_status(REPOSITORY, "alice", &head, ("build", "success")).unwrap();
        world.settle().await;
        world.expect_waiting(pull, &["the check `build` was reported by a status of alice, from whom it does not count"]);
        world.ci_passes(pull).await;
        world.expect_merged(pull).await;
    }

    async fn a_status_in_our_own_name_merges_nothing(world: &World) {
        let pull = world.open_pull("signals", &[("keys/id.py", "token = \"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\"\n")]).await;
        let head = world.head(pull);
        world.github.set_status(REPOSITORY, "alice", &head, ("stationmaster/review", "success")).unwrap();
        world.settle().await;
        world.ci_passes(pull).await;
        world.expect_waiting(pull, &["the review found 1 secret", "reported a check under our own name, which does not count"]);
        let other = world.open_pull("gates", &[("docs/gates.md", "Mind the gap.\n")]).await;
        let head = world.head(other);
        world.github.set_status(REPOSITORY, "alice", &head, ("stationmaster/review", "success")).unwrap();
        world.settle().await;
        blocked(world, other, &["no check has been reported for this head"]).await;
    }

    async fn a_bots_own_check_is_not_waited_for(world: &World) {
        world.set_policy("[trust]\nbots = [\"renovate\"]\n").await;
        world.github.add_bot("renovate[bot]");
        let pull = world.propose("renovate[bot]", "bump", FILES);
        let head = world.head(pull);
        world.github.start_check(REPOSITORY, &head, CheckApp::named("renovate"), "stability-days").unwrap();
        world.settle().await;
        blocked(world, pull, &["no check has been reported for this head"]).await;
        world.ci_passes(pull).await;
        world.expect_merged(pull).await;
    }

    async fn a_freeze_lets_the_excepted_label_through_and_ends_by_the_clock(world: &World) {
        // It is noon when the world begins.
        world.set_policy("[[freeze]]\nuntil = 2026-11-21T14:00:00Z\nwhy = \"the fair\"\nexcept_labels = [\"priority/urgent\"]\n").await;
        let usual = world.open_pull("signals", FILES).await;
        world.ci_passes(usual).await;
        blocked(world, usual, &["merging is frozen until 2026-11-21T14:00:00"]).await;
        let urgent = world.open_pull("hotfix", &[("docs/hotfix.md", "Green means go.\n")]).await;
        world.ci_passes(urgent).await;
        blocked(world, urgent, &["the fair"]).await;
        world.github.label_pull(REPOSITORY, "alice", Number(urgent), "priority/urgent").unwrap();
        world.settle().await;
        world.expect_merged(urgent).await;
        world.pass_ms(60 * MINUTE_MS).await;
        blocked(world, usual, &["the fair"]).await;
        world.pass_ms(61 * MINUTE_MS).await;
        world.expect_merged(usual).await;
    }

    async fn an_author_cannot_approve_and_one_approval_of_another_writer_is_enough(world: &World) {
        world.set_policy("[merge]\napprovals = 1\n").await;
        may(world, "bob", Permission::Write);
        may(world, "rita", Permission::Read);
        let pull = world.open_pull("signals", FILES).await;
        world.ci_passes(pull).await;
        world.expect_waiting(pull, &["it has 0 of 1 approvals for this head", "somebody with write permission"]);
        // GitHub itself lets nobody approve their own work.
        assert!(world.github.review(REPOSITORY, "alice", Number(pull), (ReviewEvent::Approve, None)).is_err());
        world.review(pull, "rita", ReviewEvent::Approve).await;
        world.expect_waiting(pull, &["it has 0 of 1 approvals for this head"]);
        world.review(pull, "bob", ReviewEvent::Approve).await;
        world.expect_merged(pull).await;
    }

    async fn an_approval_of_an_older_head_is_stale_and_says_so(world: &World) {
        world.set_policy("[merge]\napprovals = 1\n").await;
        may(world, "bob", Permission::Write);
        let pull = world.open_pull("signals", FILES).await;
        let old = world.head(pull);
        world.review(pull, "bob", ReviewEvent::Approve).await;
        world.push("alice", "signals", &[("docs/signals.md", "Red means go.\n")]);
        world.settle().await;
        world.ci_passes(pull).await;
        let stale = format!("the approval of bob is for the older head {}", &old[..7]);
        world.expect_waiting(pull, &["it has 0 of 1 approvals for this head", &stale, "| bob |"]);
        world.review(pull, "bob", ReviewEvent::Approve).await;
        world.expect_merged(pull).await;
    }

    async fn changes_that_a_writer_requests_block_until_they_approve(world: &World) {
        may(world, "bob", Permission::Write);
        may(world, "rita", Permission::Read);
        let pull = world.open_pull("signals", FILES).await;
        world.review(pull, "bob", ReviewEvent::RequestChanges).await;
        world.review(pull, "rita", ReviewEvent::RequestChanges).await;
        world.ci_passes(pull).await;
        world.expect_waiting(pull, &["One thing stands in the way", "bob requested changes", "| bob |"]);
        world.review(pull, "bob", ReviewEvent::Comment).await;
        world.expect_waiting(pull, &["bob requested changes"]);
        world.review(pull, "bob", ReviewEvent::Approve).await;
        world.expect_merged(pull).await;
    }

    async fn an_outsider_waits_for_a_writer_who_approves_this_head(world: &World) {
        may(world, "bob", Permission::Write);
        may(world, "rita", Permission::Read);
        world.github.fork(REPOSITORY, "mallory").unwrap();
        let files: &[(&str, Option<Vec<u8>>)] = &[("docs/signals.md", Some(b"Red means stop.\n".to_vec()))];
        world.github.commit_files("mallory/station", "mallory", "signals", files, "Signals").unwrap();
        let new = NewPull { title: "Signals".to_owned(), head: "signals".to_owned(), base: "main".to_owned(), ..NewPull::default() };
        let pull = world.github.open_fork_pull(REPOSITORY, "mallory/station", "mallory", new).unwrap().0;
        world.settle().await;
        world.ci_passes(pull).await;
        world.expect_waiting(pull, &["its author mallory has no write permission, and nobody who has it has approved this head"]);
        world.review(pull, "rita", ReviewEvent::Approve).await;
        world.expect_waiting(pull, &["its author mallory has no write permission"]);
        world.review(pull, "bob", ReviewEvent::Approve).await;
        world.expect_merged(pull).await;
    }

    async fn a_push_takes_back_what_was_found_of_the_head_before(world: &World) {
        may(world, "bob", Permission::Write);
        world.set_policy("[merge]\napprovals = 1\n").await;
        let pull = world.open_pull("signals", FILES).await;
        let build = world.check_begins(pull, "build");
        world.review(pull, "bob", ReviewEvent::Approve).await;
        blocked(world, pull, &["the check `build` is not over"]).await;
        world.push("alice", "signals", &[("docs/signals.md", "Red means go.\n")]);
        world.github.finish_check(build, SUCCESS).unwrap();
        world.settle().await;
        blocked(world, pull, &["no check has been reported for this head", "0 of 1 approvals", "older head"]).await;
    }

    async fn a_pull_for_another_branch_is_left_alone_and_told_why(world: &World) {
        world.push("alice", "develop", &[("docs/develop.md", "Here.\n")]);
        world.push("alice", "signals", FILES);
        let new = NewPull { title: "Signals".to_owned(), head: "signals".to_owned(), base: "develop".to_owned(), ..NewPull::default() };
        let pull = world.github.open_pull(REPOSITORY, "alice", new).unwrap();
        world.settle().await;
        world.ci_passes(pull.0).await;
        world.expect_waiting(pull.0, &["the policy merges into main", "and this is for `develop`", "the author, alice"]);
        world.github.retarget_pull(REPOSITORY, "alice", pull, "main").unwrap();
        world.settle().await;
        world.expect_merged(pull.0).await;
    }

    async fn an_unreadable_policy_blocks_with_its_place_and_heals_when_mended(world: &World) {
        world.set_policy("[merge]\nautomatic = true\nmethod = \"smash\"\n").await;
        let pull = world.open_pull("signals", FILES).await;
        world.ci_passes(pull).await;
        world.expect_waiting(pull, &["the repository's policy cannot be read", ".github/stationmaster.toml:3:10", "smash", "a maintainer"]);
        world.set_policy("[merge]\nautomatic = true\nmethod = \"squash\"\n").await;
        world.expect_merged(pull).await;
    }

    async fn a_pull_that_edits_the_policy_is_judged_by_the_old_one_and_told_what_would_change(world: &World) {
        world.set_policy("[merge]\napprovals = 1\n").await;
        let pull = world.open_pull("lax", &[(POLICY, "[merge]\napprovals = 0\n")]).await;
        world.ci_passes(pull).await;
        world.expect_waiting(pull, &["it has 0 of 1 approvals for this head", "What this pull would change of the policy", "`merge.approvals`: `1` → `0`"]);
        let head = world.head(pull);
        let runs = world.github.check_runs(REPOSITORY, &head);
        let ours = runs.iter().find(|run| run.name == "stationmaster/review").unwrap();
        let said = format!("{:?}", ours.output);
        assert!(said.contains("merge.approvals"), "{said}");
        may(world, "bob", Permission::Write);
        world.review(pull, "bob", ReviewEvent::Approve).await;
        world.expect_merged(pull).await;
        let next = world.open_pull("signals", FILES).await;
        world.ci_passes(next).await;
        world.expect_merged(next).await;
    }

    async fn an_invalid_edit_of_the_policy_blocks_with_its_place(world: &World) {
        let pull = world.open_pull("broken", &[(POLICY, "[merge]\napprovals = \"many\"\n")]).await;
        world.ci_passes(pull).await;
        world.expect_waiting(pull, &["the review could not be made", ".github/stationmaster.toml:2:13"]);
        world.push("alice", "broken", &[(POLICY, "[merge]\napprovals = 0\n")]);
        world.settle().await;
        world.ci_passes(pull).await;
        world.expect_merged(pull).await;
    }

    async fn nothing_is_merged_while_permissions_cannot_be_read(world: &World) {
        world.github.inject(Fault::new("/collaborators/", FaultKind::Status(500)).times(1_000));
        let pull = world.open_pull("signals", FILES).await;
        world.ci_passes(pull).await;
        assert!(world.pull(pull).merge_sha.is_none());
        assert_eq!(world.count_requests("PUT", "/merge"), 0);
        world.github.clear_faults();
        world.pass_ms(30 * MINUTE_MS).await;
        world.expect_merged(pull).await;
    }

    async fn nothing_is_merged_while_protection_cannot_be_read(world: &World) {
        for status in [500, 403] {
            world.github.inject(Fault::new("/branches/main", FaultKind::Status(status)).times(1_000));
            let branch = format!("signals-{status}");
            let pull = world.open_pull(&branch, &[(&format!("docs/{branch}.md"), "Red means stop.\n")]).await;
            world.ci_passes(pull).await;
            assert!(world.pull(pull).merge_sha.is_none(), "{status}");
            world.github.clear_faults();
            world.pass_ms(30 * MINUTE_MS).await;
            world.expect_merged(pull).await;
        }
    }

    async fn the_card_lists_every_reason_with_whom_it_waits_on_and_why_says_the_same(world: &World) {
        world.set_policy("[merge]\napprovals = 1\n[checks]\nrequired = [\"build\", \"lint\"]\n").await;
        let pull = world.open_pull("signals", FILES).await;
        world.check(pull, "lint", "failure").await;
        world.github.set_draft(REPOSITORY, "alice", Number(pull), true).unwrap();
        world.github.label_pull(REPOSITORY, "alice", Number(pull), "do-not-merge").unwrap();
        world.settle().await;
        let card = world.card(pull);
        let plain = explained(world, pull).await;
        let rows = [
            ("it is a draft", "the author, alice"),
            ("it carries the label `do-not-merge`", "somebody with write permission"),
            ("the check `build` has not been reported for this head; the policy demands it", "the check `build`"),
            ("the check `lint` failed", "the author, alice"),
            ("it has 0 of 1 approvals for this head", "somebody with write permission"),
        ];
        assert!(card.contains("5 things stand in the way"), "{card}");
        for (sentence, waits_on) in rows {
            let row = card.lines().find(|line| line.starts_with("| ") && line.contains(sentence));
            assert!(row.is_some_and(|row| row.ends_with(&format!("| {waits_on} |"))), "{sentence}: {card}");
            let line = plain.lines().find(|line| line.contains(sentence));
            assert!(line.is_some_and(|line| line.ends_with(&format!("It waits on {waits_on}."))), "{sentence}: {plain}");
        }
        assert_eq!(plain.lines().filter(|line| line.contains("It waits on")).count(), rows.len(), "{plain}");
        assert_eq!(world.why(pull).await.len(), rows.len());
    }
}
