//! What lands is released: which version, at which commit, with which notes, once, and what keeps it from being released.

use stationmaster::engine::Engine;
use stationmaster::model::Number;
use stationmaster::simulator::github::{
    Access, CheckApp, Fault, FaultKind, NewPull, Permission, Protection, ReviewEvent,
};
use stationmaster::store::OutboxState;

use crate::world::{On, REPOSITORY, World, scenarios};
use crate::world_releases::Town;

const RELEASE: &str = "[release]\n";
const MINUTE_MS: i64 = 60_000;

fn main_head(world: &World) -> String {
    world.github.head_of(REPOSITORY, "main").unwrap()
}

/// Somebody's change lands by a pull request with these labels; nothing is known of the new commit's checks yet.
async fn land_by(world: &World, who: &str, title: &str, labels: &[&str]) -> String {
    world.github.set_permission(REPOSITORY, who, Permission::Write).unwrap();
    let branch: String = title.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    world.push(who, &branch, &[(&format!("docs/{branch}.md"), "Red means stop.\n")]);
    let new = NewPull { title: title.to_owned(), head: branch, base: "main".to_owned(), ..NewPull::default() };
    let number = world.github.open_pull(REPOSITORY, who, new).unwrap();
    for label in labels {
        world.github.label_pull(REPOSITORY, who, number, label).unwrap();
    }
    world.settle().await;
    world.ci_passes(number.0).await;
    world.expect_merged(number.0).await;
    main_head(world)
}

/// A commit of alice's with this message goes straight to a branch; no webhook of it is delivered yet.
fn push_as(world: &World, branch: &str, message: &str) -> String {
    let path = format!("docs/{}.md", message.replace([' ', ':', '/'], "-"));
    let files = [(path.as_str(), Some(b"Red means stop.\n".to_vec()))];
    world.github.commit_files(REPOSITORY, "alice", branch, &files, message).unwrap()
}

/// A check of a landed commit ends, without its webhooks being delivered.
fn check_ends(world: &World, sha: &str, name: &str, conclusion: &str) {
    let check = world.github.start_check(REPOSITORY, sha, CheckApp::actions(), name).unwrap();
    world.github.finish_check(check, conclusion).unwrap();
}

/// Time passes as far as the decision to release, which is not acted on.
async fn until_planned(world: &World) {
    for _ in 0..100 {
        world.github.deliver_all().await;
        world.engine.intake_step().await.unwrap();
        world.engine.decide_step(8).await.unwrap();
        let waiting = world.app().store.actions(Some(OutboxState::Pending), 100).await.unwrap();
        if waiting.iter().any(|action| action.key.starts_with("release/")) {
            return;
        }
        world.clock.advance_ms(100);
    }
    panic!("no release is planned: {}", world.release_story().await);
}

/// Exactly this tag with exactly one release on it, at this commit, told once.
fn expect_released_once(world: &World, tag: &str, sha: &str) {
    assert_eq!(world.tag_at(tag).as_deref(), Some(sha));
    assert_eq!(world.release(tag).tag, tag);
    assert_eq!(world.times_told(&format!("{tag} is released")), 1, "{:?}", world.told());
}

async fn expect_story(world: &World, words: &str) {
    let story = world.release_story().await;
    assert!(story.contains(words), "it is not said that {words:?}: {story}");
}

/// The open pull request that prepares a version, with its title.
fn release_pull(world: &World) -> Option<(i64, String, String)> {
    let issues = world.github.look(|view| view.issues(REPOSITORY));
    let mut open: Vec<_> =
        issues.into_iter().filter(|it| it.is_pull && it.state == "open" && it.title.starts_with("Release ")).collect();
    assert!(open.len() <= 1, "there are {} release pull requests", open.len());
    open.pop().map(|it| (it.number, it.title, it.body))
}

fn file_at(world: &World, revision: &str, path: &str) -> String {
    let files = world.github.files_at(REPOSITORY, revision);
    String::from_utf8(files.get(path).unwrap_or_else(|| panic!("there is no {path}")).clone()).unwrap()
}

scenarios! {
    async fn the_first_version_is_the_policys_and_each_landing_moves_it_on(world: &World) {
        world.set_policy(RELEASE).await;
        assert!(world.tags().is_empty());
        let landings = [
            ("feat: signals", None, "v0.1.0"),
            ("feat: points", None, "v0.2.0"),
            ("fix: points stick", None, "v0.2.1"),
            ("feat!: other rails", None, "v0.3.0"),
            ("Paint the station", None, "v0.3.1"),
            ("docs: we are open", Some("release/major"), "v1.0.0"),
            ("fix: doors", Some("release/minor"), "v1.1.0"),
            ("feat!: no more steam", None, "v2.0.0"),
        ];
        for (title, label, tag) in landings {
            let sha = land_by(world, "alice", title, label.as_slice()).await;
            world.checked(&sha, "success").await;
            expect_released_once(world, tag, &sha);
        }
        assert_eq!(world.tags().len(), landings.len());
        assert_eq!(world.times_told("is released"), landings.len(), "{:?}", world.told());
    }

    async fn tags_that_are_no_versions_or_of_another_prefix_are_passed_over(world: &World) {
        world.set_policy("[release]\nprefix = \"app-v\"\n").await;
        let before = main_head(world);
        for name in ["nightly", "v3.0.0", "app-v1", "app-vnext", "app-v1.4.0", "lib-v9.0.0", "app-v2.0.0-rc.1"] {
            world.github.tag(REPOSITORY, name, &before).unwrap();
        }
        let sha = world.land("feat: signals").await;
        expect_released_once(world, "app-v1.5.0", &sha);
        assert_eq!(world.tags().len(), 8);
    }

    async fn the_branch_dev_is_released_where_there_is_one(world: &World) {
        let begin = main_head(world);
        world.github.force_push(REPOSITORY, "alice", "dev", &begin).unwrap();
        world.set_policy(RELEASE).await;
        world.land("feat: signals").await;
        assert!(world.tags().is_empty());
        let sha = push_as(world, "dev", "feat: points");
        world.settle().await;
        world.checked(&sha, "success").await;
        expect_released_once(world, "v0.1.0", &sha);
    }

    async fn a_tag_that_appears_at_the_tested_commit_meanwhile_gets_its_release(world: &World) {
        world.set_policy(RELEASE).await;
        let sha = world.land_unchecked("feat: signals").await;
        check_ends(world, &sha, "build", "success");
        until_planned(world).await;
        world.github.tag(REPOSITORY, "v0.1.0", &sha).unwrap();
        world.settle().await;
        expect_released_once(world, "v0.1.0", &sha);
        assert_eq!(world.count_requests("POST", "/git/refs"), 0);
    }

    async fn a_pre_release_that_people_tagged_at_the_tested_commit_gets_its_release(world: &World) {
        world.set_policy("[release]\nprerelease = \"rc\"\n").await;
        world.github.tag(REPOSITORY, "v1.0.0", &main_head(world)).unwrap();
        let sha = world.land_unchecked("fix: signals").await;
        world.github.tag(REPOSITORY, "v1.0.1-rc.1", &sha).unwrap();
        world.checked(&sha, "success").await;
        expect_released_once(world, "v1.0.1-rc.1", &sha);
        assert_eq!(world.count_requests("POST", "/git/refs"), 0);
    }

    async fn a_branch_dev_that_comes_later_is_found_by_the_sweep(world: &World) {
        world.set_policy(RELEASE).await;
        let first = world.land("feat: signals").await;
        expect_released_once(world, "v0.1.0", &first);
        world.github.force_push(REPOSITORY, "alice", "dev", &first).unwrap();
        let sha = push_as(world, "dev", "fix: signals");
        check_ends(world, &sha, "build", "success");
        world.settle().await;
        world.clock.advance_ms(301_000);
        world.engine.sweep().await.unwrap();
        world.settle().await;
        expect_released_once(world, "v0.1.1", &sha);
    }

    async fn a_version_that_people_tagged_themselves_is_gone_on_from(world: &World) {
        world.set_policy(RELEASE).await;
        let first = world.land_unchecked("feat: signals").await;
        world.github.annotated_tag(REPOSITORY, "v1.0.0", &first, "By hand").unwrap();
        world.checked(&first, "success").await;
        assert!(world.github.releases(REPOSITORY).is_empty(), "what they tagged is theirs to publish");
        let second = world.land("fix: signals").await;
        expect_released_once(world, "v1.0.1", &second);
    }

    async fn a_tag_elsewhere_is_never_moved_and_told_once(world: &World) {
        world.set_policy(RELEASE).await;
        world.land("feat: signals").await;
        let side = push_as(world, "side", "Try something");
        world.github.tag(REPOSITORY, "v0.2.0", &side).unwrap();
        world.land("feat: points").await;
        expect_story(world, &format!("the tag v0.2.0 stands at {} already", &side[..7])).await;
        world.pass_ms(150 * MINUTE_MS).await;
        world.land("fix: points stick").await;
        assert_eq!(world.times_told("v0.2.0 stands elsewhere"), 1, "{:?}", world.told());
        assert_eq!(world.tag_at("v0.2.0").as_deref(), Some(side.as_str()));
        assert_eq!(world.github.releases(REPOSITORY).len(), 1);
        // A label leads past it, and so would its removal.
        let sha = land_by(world, "alice", "docs: timetable", &["release/major"]).await;
        world.checked(&sha, "success").await;
        expect_released_once(world, "v1.0.0", &sha);
        assert!(world.release("v1.0.0").body.contains("points stick"), "{}", world.release("v1.0.0").body);
    }

    async fn a_tag_that_appears_elsewhere_meanwhile_is_not_moved_and_what_lands_once_it_is_gone_is_released(world: &World) {
        world.set_policy(RELEASE).await;
        world.land("feat: signals").await;
        let side = push_as(world, "side", "Try something");
        let sha = world.land_unchecked("feat: points").await;
        check_ends(world, &sha, "build", "success");
        until_planned(world).await;
        world.github.tag(REPOSITORY, "v0.2.0", &side).unwrap();
        world.settle().await;
        world.pass_ms(70 * MINUTE_MS).await;
        assert_eq!(world.times_told("v0.2.0 stands elsewhere"), 1, "{:?}", world.told());
        assert_eq!(world.tag_at("v0.2.0").as_deref(), Some(side.as_str()));
        world.github.delete_tag(REPOSITORY, "v0.2.0").unwrap();
        world.settle().await;
        let later = world.land("fix: points stick").await;
        expect_released_once(world, "v0.2.0", &later);
    }

    async fn a_branch_that_is_moved_back_behind_its_version_gets_no_tag(world: &World) {
        world.set_policy(RELEASE).await;
        let first = world.land("feat: signals").await;
        let second = world.land("feat: points").await;
        world.github.force_push(REPOSITORY, "alice", "main", &first).unwrap();
        world.settle().await;
        expect_story(world, "moved back behind v0.2.0").await;
        for _ in 0..3 {
            world.pass_ms(10 * MINUTE_MS).await;
            world.engine.sweep().await.unwrap();
            world.settle().await;
        }
        assert_eq!(world.times_told("`main` has left the line"), 1, "{:?}", world.told());
        assert_eq!(world.tags(), ["v0.1.0", "v0.2.0"]);
        // Put back, it goes on as if nothing had happened.
        world.github.force_push(REPOSITORY, "alice", "main", &second).unwrap();
        world.settle().await;
        let third = world.land("fix: points stick").await;
        expect_released_once(world, "v0.2.1", &third);
    }

    async fn a_rewritten_history_gets_no_tag(world: &World) {
        world.set_policy(RELEASE).await;
        let begin = main_head(world);
        world.land("feat: signals").await;
        world.github.force_push(REPOSITORY, "alice", "main", &begin).unwrap();
        let other = push_as(world, "main", "feat: points");
        world.settle().await;
        world.checked(&other, "success").await;
        expect_story(world, "the branch does not contain v0.1.0").await;
        assert_eq!(world.tags(), ["v0.1.0"]);
        assert_eq!(world.times_told("has left the line"), 1, "{:?}", world.told());
    }

    async fn a_commit_without_checks_is_never_green(world: &World) {
        world.set_policy(RELEASE).await;
        world.land_unchecked("feat: signals").await;
        for _ in 0..20 {
            world.pass_ms(30 * MINUTE_MS).await;
        }
        assert!(world.tags().is_empty());
        expect_story(world, "no check was reported for").await;
        expect_story(world, "allow_no_checks = true").await;
        world.set_policy("[release]\nallow_no_checks = true\n").await;
        world.pass_ms(MINUTE_MS).await;
        expect_released_once(world, "v0.1.0", &main_head(world));
    }

    async fn a_required_check_that_is_missing_or_did_not_pass_is_named(world: &World) {
        world.set_policy("[release]\nchecks = [\"test\"]\n").await;
        let sha = world.land("feat: signals").await;
        expect_story(world, "the check `test` was not reported yet").await;
        for (conclusion, words) in [("cancelled", "cancelled"), ("failure", "failure"), ("timed_out", "timed_out")] {
            world.clock.advance_ms(1_000);
            check_ends(world, &sha, "test", conclusion);
            world.settle().await;
            expect_story(world, "`test`").await;
            expect_story(world, words).await;
            assert!(world.tags().is_empty());
        }
        world.clock.advance_ms(1_000);
        let again = world.github.start_check(REPOSITORY, &sha, CheckApp::actions(), "test").unwrap();
        world.settle().await;
        expect_story(world, "`test`").await;
        world.github.finish_check(again, "success").unwrap();
        world.settle().await;
        expect_released_once(world, "v0.1.0", &sha);
    }

    async fn what_the_branchs_protection_requires_has_to_pass_on_the_commit_itself(world: &World) {
        world.set_policy("[release]\nchecks = [\"build\"]\n").await;
        let sha = world.land_unchecked("feat: signals").await;
        let required_checks = vec![("test".to_owned(), None)];
        let protection = Protection { required_checks, ..Protection::default() };
        world.github.protect(REPOSITORY, "main", protection).unwrap();
        // What protects a branch is remembered for a while.
        world.pass_ms(10 * MINUTE_MS).await;
        world.checked(&sha, "success").await;
        expect_story(world, "the check `test` was not reported yet").await;
        assert!(world.tags().is_empty());
        check_ends(world, &sha, "test", "success");
        world.settle().await;
        expect_released_once(world, "v0.1.0", &sha);
    }

    async fn a_release_branch_that_is_not_there_yet_is_waited_for(world: &World) {
        world.set_policy("[release]\nbranch = \"stable\"\n").await;
        let sha = world.land("feat: signals").await;
        expect_story(world, "there is no branch `stable`").await;
        world.github.force_push(REPOSITORY, "alice", "stable", &sha).unwrap();
        world.settle().await;
        expect_released_once(world, "v0.1.0", &sha);
    }

    async fn a_revert_in_the_same_release_takes_its_change_out_of_the_step(world: &World) {
        world.set_policy(RELEASE).await;
        world.land("feat: signals").await;
        land_by(world, "alice", "feat: points", &[]).await;
        land_by(world, "alice", "Revert \"feat: points\"", &[]).await;
        let sha = world.land("fix: doors").await;
        expect_released_once(world, "v0.1.1", &sha);
        let revert = world.land("Revert \"fix: doors\"").await;
        expect_released_once(world, "v0.1.2", &revert);
    }

    async fn a_failed_check_that_nobody_requires_counts_as_well(world: &World) {
        world.set_policy(RELEASE).await;
        let sha = world.land_unchecked("feat: signals").await;
        check_ends(world, &sha, "lint", "failure");
        world.checked(&sha, "success").await;
        expect_story(world, "`lint`").await;
        assert!(world.tags().is_empty());
        let next = world.land("fix: lint").await;
        expect_released_once(world, "v0.1.0", &next);
        assert_eq!(world.tags().len(), 1);
    }

    async fn an_older_green_commit_is_released_while_the_tip_still_runs(world: &World) {
        world.set_policy(RELEASE).await;
        let older = world.land_unchecked("feat: signals").await;
        let tip = world.land_unchecked("feat: points").await;
        let running = world.github.start_check(REPOSITORY, &tip, CheckApp::actions(), "build").unwrap();
        world.settle().await;
        world.checked(&older, "success").await;
        expect_released_once(world, "v0.1.0", &older);
        assert!(!world.release("v0.1.0").body.contains("points"));
        world.github.finish_check(running, "success").unwrap();
        world.settle().await;
        expect_released_once(world, "v0.2.0", &tip);
        let body = world.release("v0.2.0").body;
        assert!(body.contains("points") && !body.contains("signals"), "{body}");
    }

    async fn lost_answers_make_no_second_tag_and_no_second_release(world: &World) {
        world.set_policy(RELEASE).await;
        let trouble = [
            ("/git/refs", FaultKind::StatusAfterDoing(502)),
            ("/git/refs", FaultKind::CutAfterDoing),
            ("/git/refs", FaultKind::Status(500)),
            ("/releases", FaultKind::StatusAfterDoing(500)),
            ("/releases", FaultKind::CutAfterDoing),
            ("/releases", FaultKind::CutConnection),
        ];
        for (index, (path, kind)) in trouble.into_iter().enumerate() {
            world.github.inject(Fault::new(path, kind).method("POST"));
            let sha = world.land(&format!("feat: signal {index}")).await;
            world.pass_ms(5 * MINUTE_MS).await;
            expect_released_once(world, &format!("v0.{}.0", index + 1), &sha);
        }
        assert_eq!(world.tags().len(), 6);
        assert_eq!(world.github.releases(REPOSITORY).len(), 6);
    }

    async fn a_server_that_dies_between_tag_and_release_is_gone_on_from_by_another(world: &World) {
        world.set_policy(RELEASE).await;
        let sha = world.land_unchecked("feat: signals").await;
        check_ends(world, &sha, "build", "success");
        until_planned(world).await;
        world.github.inject(Fault::new("/releases", FaultKind::Stall).method("POST"));
        let asked = async {
            while world.count_requests("POST", "/releases") == 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            done = world.engine.act_step(8) => panic!("it did not stall: {done:?}"),
            () = asked => {}
        }
        assert_eq!(world.tag_at("v0.1.0").as_deref(), Some(sha.as_str()));
        assert!(world.github.releases(REPOSITORY).is_empty());
        // More lands before anybody goes on: it is not what is released as v0.1.0.
        let later = push_as(world, "main", "feat: points");
        let other = Engine::new(world.app().clone());
        for _ in 0..200 {
            world.github.deliver_all().await;
            other.tick().await.unwrap();
            other.intake_step().await.unwrap();
            other.decide_step(8).await.unwrap();
            other.act_step(8).await.unwrap();
            world.clock.advance_ms(5_000);
        }
        world.settle().await;
        expect_released_once(world, "v0.1.0", &sha);
        assert_eq!(world.tags().len(), 1);
        world.checked(&later, "success").await;
        expect_released_once(world, "v0.2.0", &later);
    }

    async fn what_was_decided_is_released_by_whoever_comes_next_though_more_is_green_by_then(world: &World) {
        world.set_policy(RELEASE).await;
        let sha = world.land_unchecked("feat: signals").await;
        check_ends(world, &sha, "build", "success");
        until_planned(world).await;
        let later = push_as(world, "main", "fix: points");
        check_ends(world, &later, "build", "success");
        let other = Engine::new(world.app().clone());
        for _ in 0..100 {
            world.github.deliver_all().await;
            other.intake_step().await.unwrap();
            other.decide_step(8).await.unwrap();
            other.act_step(8).await.unwrap();
            world.clock.advance_ms(200);
        }
        world.settle().await;
        expect_released_once(world, "v0.1.0", &sha);
        expect_released_once(world, "v0.1.1", &later);
        assert_eq!(world.count_requests("POST", "/releases"), 2);
    }

    async fn the_same_push_twice_and_by_two_servers_is_one_release(world: &World) {
        world.set_policy(RELEASE).await;
        let other = Engine::new(world.app().clone());
        let sha = push_as(world, "main", "feat: signals");
        check_ends(world, &sha, "build", "success");
        for _ in 0..world.github.pending_webhooks().len() {
            world.github.duplicate_next();
            world.github.duplicate_next();
            world.github.deliver_next_with_new_guid().await;
            world.github.deliver_next().await;
            world.github.deliver_next().await;
        }
        for _ in 0..80 {
            let (one, two) = tokio::join!(world.turn(), async {
                other.intake_step().await.unwrap()
                    + other.decide_step(3).await.unwrap()
                    + other.act_step(3).await.unwrap()
            });
            if one + two == 0 {
                world.clock.advance_ms(200);
            }
        }
        world.settle().await;
        expect_released_once(world, "v0.1.0", &sha);
        assert_eq!(world.count_requests("POST", "/git/refs"), 1);
        assert_eq!(world.count_requests("POST", "/releases"), 1);
        assert_eq!(world.told().len(), 1, "{:?}", world.told());
    }

    async fn a_missing_workflows_permission_is_named_once_and_the_next_commit_is_released(world: &World) {
        world.set_policy(RELEASE).await;
        world.github.set_workflows_permission_needed(REPOSITORY, true).unwrap();
        world.push("alice", "main", &[(".github/workflows/ci.yml", "on: push\n")]);
        let older = main_head(world);
        world.settle().await;
        world.push("alice", "main", &[(".github/workflows/ci.yml", "on: [push]\n")]);
        let tip = main_head(world);
        world.settle().await;
        world.checked(&older, "success").await;
        for _ in 0..3 {
            world.pass_ms(70 * MINUTE_MS).await;
        }
        assert!(world.tags().is_empty());
        expect_story(world, "*Workflows: write*").await;
        assert_eq!(world.times_told("v0.1.0 was not released"), 1, "{:?}", world.told());
        assert_eq!(world.told().len(), 1, "{:?}", world.told());
        world.checked(&tip, "success").await;
        expect_released_once(world, "v0.1.0", &tip);
    }

    async fn an_app_that_may_not_write_contents_says_so_once(world: &World) {
        world.set_policy(RELEASE).await;
        let rights = |contents| {
            [("metadata", Access::Read), ("checks", Access::Write), ("issues", Access::Write), ("statuses", Access::Read),
             ("pull_requests", Access::Write), ("administration", Access::Read), ("contents", contents)]
        };
        world.github.set_installation_permissions("octo", &rights(Access::Read)).unwrap();
        let sha = push_as(world, "main", "feat: signals");
        world.settle().await;
        world.checked(&sha, "success").await;
        world.pass_ms(150 * MINUTE_MS).await;
        assert!(world.tags().is_empty());
        expect_story(world, "ontents: write").await;
        assert_eq!(world.times_told("v0.1.0 was not released"), 1, "{:?}", world.told());
        world.github.set_installation_permissions("octo", &rights(Access::Write)).unwrap();
        world.settle().await;
        // The token in hand still lacks it, and is good for most of an hour.
        world.pass_ms(2 * MINUTE_MS).await;
        let next = push_as(world, "main", "fix: signals");
        world.settle().await;
        world.checked(&next, "success").await;
        expect_released_once(world, "v0.1.0", &next);
    }

    async fn a_tag_that_a_rule_of_the_repositorys_forbids_is_not_asked_for_again(world: &World) {
        world.set_policy(RELEASE).await;
        let message = "Repository rule violations found: cannot create ref due to creations being restricted.".to_owned();
        world.github.inject(Fault::new("/git/refs", FaultKind::Refusal { status: 422, message }).method("POST"));
        world.land("feat: signals").await;
        for _ in 0..4 {
            world.pass_ms(65 * MINUTE_MS).await;
        }
        expect_story(world, "creations being restricted").await;
        assert_eq!(world.count_requests("POST", "/git/refs"), 1);
        assert_eq!(world.times_told("v0.1.0 was not released"), 1, "{:?}", world.told());
        let next = world.land("fix: signals").await;
        expect_released_once(world, "v0.1.0", &next);
    }

    async fn an_annotated_tag_is_made_once_though_its_answer_was_lost(world: &World) {
        world.set_policy("[release]\nannotated = true\n").await;
        world.github.inject(Fault::new("/git/refs", FaultKind::StatusAfterDoing(502)).method("POST"));
        let sha = world.land("feat: signals").await;
        world.pass_ms(5 * MINUTE_MS).await;
        expect_released_once(world, "v0.1.0", &sha);
        assert_eq!(world.count_requests("POST", "/git/tags"), 1);
        let next = world.land("fix: signals").await;
        expect_released_once(world, "v0.1.1", &next);
    }

    async fn pre_releases_are_counted_and_begin_anew_where_more_landed(world: &World) {
        world.set_policy("[release]\nprerelease = \"rc\"\n").await;
        world.github.tag(REPOSITORY, "v1.0.0", &main_head(world)).unwrap();
        for (title, tag) in [
            ("fix: signals", "v1.0.1-rc.1"),
            ("fix: points", "v1.0.1-rc.2"),
            ("feat: doors", "v1.1.0-rc.1"),
            ("fix: doors", "v1.1.0-rc.2"),
        ] {
            let sha = world.land(title).await;
            expect_released_once(world, tag, &sha);
            assert!(world.release(tag).prerelease);
        }
    }

    async fn a_pre_release_that_is_verified_becomes_a_stable_version_at_the_same_commit(world: &World) {
        let town = Town::open().await;
        let policy = town.policy("prerelease = \"rc\"\nstable_after = \"qa\"\n", "");
        world.set_policy(&policy.replacen("name = \"qa\"\n", "name = \"qa\"\nprereleases = true\n", 1)).await;
        for (title, candidate, stable) in
            [("feat: signals", "v0.1.0-rc.1", "v0.1.0"), ("fix: signals", "v0.1.1-rc.1", "v0.1.1")]
        {
            let sha = world.land(title).await;
            expect_released_once(world, candidate, &sha);
            expect_released_once(world, stable, &sha);
            assert!(world.release(candidate).prerelease);
            assert!(!world.release(stable).prerelease);
            assert_eq!(town.runs("qa").as_deref(), Some(candidate), "the same commit is not deployed there again");
        }
        assert_eq!(town.runs("prod"), None);
        assert_eq!(world.tags().len(), 4);
    }

    async fn a_version_is_prepared_by_a_pull_request_and_released_once_it_is_merged(world: &World) {
        let manifest = "[package]\nname = \"station\"\nversion = \"0.0.0\"\nedition = \"2024\"\n";
        world.push("alice", "main", &[("Cargo.toml", manifest)]);
        world.set_policy("[release]\nchangelog = \"CHANGELOG.md\"\nversion_files = [\"Cargo.toml\"]\n").await;
        world.land("feat: signals").await;
        let (number, title, body) = release_pull(world).expect("no pull request prepares the release");
        assert_eq!(title, "Release v0.1.0");
        assert!(body.contains("signals"), "{body}");
        assert!(world.tags().is_empty());
        expect_story(world, "the release pull request for v0.1.0 has to be merged first").await;
        world.land("fix: points stick").await;
        let (same, _, body) = release_pull(world).unwrap();
        assert_eq!(same, number);
        assert!(body.contains("signals") && body.contains("points stick"), "{body}");
        assert!(world.tags().is_empty());
        world.github.merge_pull(REPOSITORY, "alice", Number(number)).unwrap();
        world.settle().await;
        assert!(world.tags().is_empty(), "its own checks have to pass");
        let sha = main_head(world);
        world.checked(&sha, "success").await;
        expect_released_once(world, "v0.1.0", &sha);
        assert!(file_at(world, "v0.1.0", "CHANGELOG.md").contains("points stick"));
        assert!(file_at(world, "v0.1.0", "Cargo.toml").contains("version = \"0.1.0\""));
        assert_eq!(release_pull(world), None);
        world.land("feat: doors").await;
        assert_eq!(release_pull(world).map(|(_, title, _)| title).as_deref(), Some("Release v0.2.0"));
        assert!(file_at(world, "stationmaster/release/main", "Cargo.toml").contains("version = \"0.2.0\""));
        assert_eq!(world.tags().len(), 1);
    }

    async fn lost_answers_make_no_second_release_pull_request(world: &World) {
        world.set_policy("[release]\nchangelog = \"CHANGELOG.md\"\n").await;
        let sha = world.land_unchecked("feat: signals").await;
        let pulls = regex::Regex::new("/pulls$").unwrap();
        world.github.inject(Fault::matching(pulls, FaultKind::StatusAfterDoing(502)).method("POST"));
        world.github.inject(Fault::new("/git/refs", FaultKind::CutAfterDoing).method("POST"));
        world.checked(&sha, "success").await;
        world.pass_ms(5 * MINUTE_MS).await;
        let (number, ..) = release_pull(world).expect("no pull request prepares the release");
        let sha = world.land_unchecked("feat: points").await;
        world.github.inject(Fault::new("/git/refs/heads/", FaultKind::StatusAfterDoing(502)).method("PATCH"));
        world.checked(&sha, "success").await;
        world.pass_ms(5 * MINUTE_MS).await;
        let (same, _, body) = release_pull(world).unwrap();
        assert_eq!(same, number);
        assert!(body.contains("points"), "{body}");
        let head = world.head(number);
        assert_eq!(world.github.parents_of(REPOSITORY, &head), [sha]);
        assert!(file_at(world, &head, "CHANGELOG.md").contains("points"));
    }

    async fn what_lands_right_behind_the_release_pull_request_is_released_with_it(world: &World) {
        world.set_policy("[release]\nchangelog = \"CHANGELOG.md\"\n").await;
        world.land("feat: signals").await;
        let (number, ..) = release_pull(world).expect("no pull request prepares the release");
        world.github.merge_pull(REPOSITORY, "alice", Number(number)).unwrap();
        world.settle().await;
        let sha = world.land("feat: points").await;
        expect_released_once(world, "v0.1.0", &sha);
        assert_eq!(release_pull(world), None);
        assert!(world.release("v0.1.0").body.contains("points"), "{}", world.release("v0.1.0").body);
    }

    async fn the_release_pull_request_is_reviewed_and_waits_for_a_person(world: &World) {
        world.set_policy("[release]\nchangelog = \"CHANGELOG.md\"\n").await;
        world.land("feat: signals").await;
        let (number, ..) = release_pull(world).expect("no pull request prepares the release");
        world.ci_passes(number).await;
        assert_eq!(world.pull(number).merge_sha, None, "nobody has approved it");
        world.github.set_permission(REPOSITORY, "bob", Permission::Write).unwrap();
        world.review(number, "bob", ReviewEvent::Approve).await;
        world.expect_merged(number).await;
        let sha = main_head(world);
        world.checked(&sha, "success").await;
        expect_released_once(world, "v0.1.0", &sha);
    }

    async fn notes_are_grouped_and_name_authors_and_newcomers_without_calling_anybody(world: &World) {
        world.set_policy("[release]\n[[release.group]]\ntitle = \"Signals\"\nlabels = [\"signals\"]\n").await;
        world.land("feat: signals").await;
        land_by(world, "bob", "feat: green signals", &["signals"]).await;
        land_by(world, "alice", "fix: thank @carol for <b>the</b> points", &[]).await;
        let sha = land_by(world, "alice", "perf!: faster trains", &[]).await;
        world.checked(&sha, "success").await;
        let body = world.release("v0.2.0").body;
        let places: Vec<usize> = ["## Signals", "## Breaking changes", "## Fixes", "## New contributors", "**Full changelog**"]
            .iter()
            .map(|words| body.find(words).unwrap_or_else(|| panic!("{words} is not in {body}")))
            .collect();
        assert!(places.is_sorted(), "{body}");
        assert!(!body.contains("@carol") && !body.contains("<b>"), "{body}");
        assert!(body.contains("- green signals ([#2]("), "{body}");
        assert!(body.contains("by [bob]("), "{body}");
        assert!(body[places[3]..].contains("[bob]"), "{body}");
        assert!(!body[places[3]..].contains("alice"), "{body}");
        assert!(body.contains("v0.1.0...v0.2.0"), "{body}");
    }

    async fn what_is_labelled_to_be_skipped_waits_for_the_next_release(world: &World) {
        world.set_policy(RELEASE).await;
        world.land("feat: signals").await;
        let sha = land_by(world, "alice", "feat: points", &["release/skip"]).await;
        world.checked(&sha, "success").await;
        expect_story(world, "nothing that landed asks for a release").await;
        assert_eq!(world.tags(), ["v0.1.0"]);
        let next = world.land("fix: doors").await;
        expect_released_once(world, "v0.1.1", &next);
        assert!(world.release("v0.1.1").body.contains("points"), "{}", world.release("v0.1.1").body);
    }

    async fn what_says_nothing_of_itself_moves_as_far_as_the_policy_says(world: &World) {
        world.set_policy("[release]\nfirst = \"1.0.0\"\ndefault_bump = \"none\"\n").await;
        let first = world.land("feat: signals").await;
        expect_released_once(world, "v1.0.0", &first);
        world.land("Paint the station").await;
        expect_story(world, "nothing that landed asks for a release").await;
        assert_eq!(world.tags(), ["v1.0.0"]);
        let next = world.land("fix: doors").await;
        expect_released_once(world, "v1.0.1", &next);
    }

    async fn nothing_is_released_while_the_policy_cannot_be_read(world: &World) {
        world.set_policy(RELEASE).await;
        world.set_policy("[release]\nprefix = 7\n").await;
        let sha = push_as(world, "main", "feat: signals");
        world.settle().await;
        world.checked(&sha, "success").await;
        assert!(world.tags().is_empty());
        expect_story(world, "nothing is released while the policy cannot be read").await;
        world.set_policy(RELEASE).await;
        world.checked(&main_head(world), "success").await;
        expect_released_once(world, "v0.1.0", &main_head(world));
    }

    async fn a_lost_push_and_lost_checks_are_healed_by_the_sweep(world: &World) {
        world.set_policy(RELEASE).await;
        let sha = push_as(world, "main", "feat: signals");
        check_ends(world, &sha, "build", "success");
        world.github.drop_all();
        world.settle().await;
        assert!(world.tags().is_empty());
        world.clock.advance_ms(301_000);
        world.engine.sweep().await.unwrap();
        world.settle().await;
        expect_released_once(world, "v0.1.0", &sha);
    }
}
