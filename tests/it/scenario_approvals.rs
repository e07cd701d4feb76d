//! What people say about a release on its tracking issue, what it shows them, and what keeps production back.

use stationmaster::model::{CommentId, Number};
use stationmaster::simulator::github::Permission;

use crate::world::{On, REPOSITORY, World, scenarios};
use crate::world_releases::Town;

const HOUR_MS: i64 = 3_600_000;

/// A town, and a repository that deploys to it; bob writes, carol reads, and dora maintains.
async fn set_up(world: &World, prod: &str) -> Town {
    let town = Town::open().await;
    let people = [("bob", Permission::Write), ("carol", Permission::Read), ("dora", Permission::Maintain)];
    for (who, permission) in people {
        world.github.add_user(who);
        world.github.set_permission(REPOSITORY, who, permission).unwrap();
    }
    world.set_policy(&town.policy("", prod)).await;
    town
}

/// The card of the issue on which a release is followed says this.
async fn expect_card(world: &World, tag: &str, words: &str) {
    let card = world.card(world.tracking(tag).await);
    assert!(card.contains(words), "the card of {tag} does not say {words:?}:\n{card}");
}

/// The answer on the issue on which a release is followed says this.
async fn expect_answer(world: &World, tag: &str, words: &str) {
    world.expect_comment(world.tracking(tag).await, words);
}

scenarios! {
    async fn nobody_approves_their_own_work_nor_without_permission(world: &World) {
        let town = set_up(world, "").await;
        world.land("feat: signals").await;
        world.say_on("v0.1.0", "alice", "/approve prod").await;
        expect_answer(world, "v0.1.0", "alice may not approve v0.1.0: their own work is in it").await;
        world.say_on("v0.1.0", "carol", "/approve prod").await;
        expect_answer(world, "v0.1.0", "this needs write permission, and carol has read").await;
        assert_eq!(town.runs("prod"), None);
        assert_eq!(world.environment("prod").await.last_number, 0);
        expect_card(world, "v0.1.0", "writes `/approve prod` here").await;
    }

    async fn a_listed_approver_needs_no_permission_and_everybody_else_is_told_who_is_listed(world: &World) {
        let town = set_up(world, "approvers = [\"carol\"]\n").await;
        world.land("feat: signals").await;
        world.say_on("v0.1.0", "bob", "/approve prod").await;
        expect_answer(world, "v0.1.0", "for prod the policy lists carol").await;
        assert_eq!(town.runs("prod"), None);
        world.say_on("v0.1.0", "carol", "/approve prod").await;
        assert_eq!(town.runs("prod").as_deref(), Some("v0.1.0"));
    }

    async fn a_newer_version_never_inherits_an_approval(world: &World) {
        let town = set_up(world, "").await;
        world.land("feat: signals").await;
        world.say_on("v0.1.0", "bob", "/freeze prod 2h the fair").await;
        world.say_on("v0.1.0", "bob", "/approve prod").await;
        assert_eq!(town.runs("prod"), None, "approved, and frozen all the same");
        world.land("feat: switches").await;
        world.say_on("v0.2.0", "bob", "/unfreeze prod").await;
        assert_eq!(town.runs("prod"), None, "the approval was of v0.1.0 alone");
        assert_eq!(world.times_told("v0.2.0 needs approval"), 1, "{:?}", world.told());
        world.say_on("v0.1.0", "bob", "/approve prod").await;
        expect_answer(world, "v0.1.0", "v0.2.0 in prod does").await;
        assert_eq!(town.runs("prod"), None);
        world.say_on("v0.2.0", "bob", "/approve prod").await;
        assert_eq!(town.runs("prod").as_deref(), Some("v0.2.0"));
        assert_eq!(town.calls().iter().filter(|(place, _)| place == "prod").count(), 1);
        assert_eq!(world.times_told("v0.1.0 needs approval"), 1);
    }

    async fn a_question_that_nobody_answers_is_taken_back_once_and_frees_the_lane(world: &World) {
        let town = set_up(world, "approval_expires_h = 1\n").await;
        world.land("feat: signals").await;
        world.pass_ms(HOUR_MS).await;
        assert_eq!(world.times_told("nobody approved v0.1.0"), 1, "{:?}", world.told());
        expect_card(world, "v0.1.0", "nobody approved it in time").await;
        world.say_on("v0.1.0", "bob", "/approve prod").await;
        expect_answer(world, "v0.1.0", "nothing waits for approval in prod").await;
        world.pass_ms(3 * HOUR_MS).await;
        assert_eq!(world.times_told("nobody approved v0.1.0"), 1);
        assert_eq!(world.times_told("v0.1.0 needs approval"), 1, "nobody is asked again by itself");
        assert_eq!(town.runs("prod"), None);

        world.say_on("v0.1.0", "bob", "/deploy prod").await;
        assert_eq!(world.times_told("v0.1.0 needs approval"), 2, "{:?}", world.told());
        world.land("feat: switches").await;
        assert_eq!(world.times_told("v0.2.0 needs approval"), 1, "{:?}", world.told());
        world.say_on("v0.2.0", "bob", "/approve prod").await;
        assert_eq!(town.runs("prod").as_deref(), Some("v0.2.0"));
    }

    async fn a_rejected_version_is_not_deployed_and_its_card_says_by_whom_and_why(world: &World) {
        let town = set_up(world, "").await;
        world.land("feat: signals").await;
        world.say_on("v0.1.0", "bob", "/reject prod").await;
        expect_answer(world, "v0.1.0", "say why").await;
        world.say_on("v0.1.0", "bob", "/reject prod the login fails").await;
        expect_card(world, "v0.1.0", "bob rejects v0.1.0: the login fails").await;
        world.pass_ms(HOUR_MS).await;
        assert_eq!(town.runs("prod"), None);
        world.land("feat: switches").await;
        world.say_on("v0.2.0", "bob", "/approve prod").await;
        assert_eq!(town.runs("prod").as_deref(), Some("v0.2.0"), "the lane was free");
        expect_card(world, "v0.1.0", "was not approved").await;
    }

    async fn what_the_calendar_freezes_waits_with_its_reason_while_qa_goes_on(world: &World) {
        let freeze = "requires_approval = false\n[[environment.freeze]]\nfrom = 2026-11-21T11:00:00Z\n\
                      until = 2026-11-21T14:00:00Z\nwhy = \"the fair\"\n";
        let town = set_up(world, freeze).await;
        world.land("feat: signals").await;
        world.land("feat: switches").await;
        assert_eq!(town.runs("qa").as_deref(), Some("v0.2.0"));
        assert_eq!(town.runs("prod"), None);
        let story = world.environment_story("prod").await;
        assert!(story.contains("it is frozen until") && story.contains("the fair"), "{story}");
        expect_card(world, "v0.2.0", "the fair").await;
        assert_eq!(world.times_told("prod: v0.2.0 waits"), 1, "{:?}", world.told());
        world.pass_ms(HOUR_MS).await;
        assert_eq!(world.times_told("prod: v0.2.0 waits"), 1);
        assert_eq!(town.runs("prod"), None);
        world.pass_ms(HOUR_MS).await;
        assert_eq!(town.runs("prod").as_deref(), Some("v0.2.0"));
        assert!(!town.calls().contains(&("prod".to_owned(), "v0.1.0".to_owned())), "the older one is passed over");
    }

    async fn somebody_freezes_production_and_lets_go(world: &World) {
        let town = set_up(world, "requires_approval = false\n").await;
        world.land("feat: signals").await;
        world.say_on("v0.1.0", "carol", "/freeze prod 2h the fair").await;
        expect_answer(world, "v0.1.0", "carol has read").await;
        world.say_on("v0.1.0", "bob", "/freeze prod 2h the fair").await;
        world.land("feat: switches").await;
        assert_eq!(town.runs("qa").as_deref(), Some("v0.2.0"));
        assert_eq!(town.runs("prod").as_deref(), Some("v0.1.0"));
        expect_card(world, "v0.2.0", "prod is frozen").await;
        world.say_on("v0.2.0", "bob", "/unfreeze prod").await;
        assert_eq!(town.runs("prod").as_deref(), Some("v0.2.0"));
        world.say_on("v0.2.0", "bob", "/unfreeze prod").await;
        expect_answer(world, "v0.2.0", "nobody froze prod").await;
    }

    async fn a_freeze_is_passed_only_by_who_maintains_and_with_a_reason(world: &World) {
        let town = set_up(world, "requires_approval = false\n").await;
        world.land("feat: signals").await;
        world.say_on("v0.1.0", "bob", "/freeze prod forever the fair").await;
        world.land("fix: lamps").await;
        world.say_on("v0.1.1", "bob", "/deploy prod --override \"the signal is dark\"").await;
        expect_answer(world, "v0.1.1", "with `--override` this needs maintain permission, and bob has write").await;
        world.say_on("v0.1.1", "dora", "/deploy prod --override \"\"").await;
        expect_answer(world, "v0.1.1", "say why").await;
        assert_eq!(town.runs("prod").as_deref(), Some("v0.1.0"));
        world.say_on("v0.1.1", "dora", "/deploy prod --override \"the signal is dark\"").await;
        assert_eq!(town.runs("prod").as_deref(), Some("v0.1.1"));
        expect_card(world, "v0.1.1", "the signal is dark").await;
        world.land("fix: levers").await;
        assert_eq!(town.runs("prod").as_deref(), Some("v0.1.1"), "the freeze is still in force");
    }

    async fn the_tracking_issue_shows_what_runs_where_is_no_task_and_closes_in_the_end(world: &World) {
        set_up(world, "").await;
        world.land("feat: signals").await;
        let issue = world.tracking("v0.1.0").await;
        let view = world.tracking_issue(issue);
        assert_eq!((view.state.as_str(), view.labels.as_slice()), ("open", &[][..]));
        assert!(view.assignees.is_empty());
        assert!(world.task(issue).await.is_none());
        expect_card(world, "v0.1.0", "| `qa` | v0.1.0 since 2026-11-21").await;
        expect_card(world, "v0.1.0", "| `prod` | nothing known | waits for approval until 2026-11-22").await;
        world.say_on("v0.1.0", "bob", "/approve prod").await;
        expect_card(world, "v0.1.0", "is verified in prod").await;
        assert_eq!(world.tracking_issue(issue).state, "closed");
        assert!(world.tracking_issue(issue).labels.is_empty());
    }

    async fn an_unknown_environment_or_version_is_answered_with_those_that_exist(world: &World) {
        let town = set_up(world, "").await;
        world.land("feat: signals").await;
        world.say_on("v0.1.0", "bob", "/deploy prod v9.9.9").await;
        expect_answer(world, "v0.1.0", "there is no version `v9.9.9`, only v0.1.0").await;
        world.say_on("v0.1.0", "bob", "/deploy nowhere").await;
        expect_answer(world, "v0.1.0", "there is no environment `nowhere`, only qa and prod").await;
        world.say_on("v0.1.0", "bob", "/merge").await;
        expect_answer(world, "v0.1.0", "`/merge` is for pull requests").await;
        assert_eq!(town.runs("prod"), None);
    }

    async fn an_edit_approves_with_the_authority_of_whoever_edited(world: &World) {
        let town = set_up(world, "").await;
        world.land("feat: signals").await;
        let issue = world.tracking("v0.1.0").await;
        // Bob may approve, but it is alice who puts these words into his mouth.
        world.say_on("v0.1.0", "bob", "This is good.").await;
        let bobs = CommentId(world.tracking_issue(issue).comments.pop().unwrap().id);
        world.say_on("v0.1.0", "alice", "Is it?").await;
        let alices = CommentId(world.tracking_issue(issue).comments.pop().unwrap().id);
        world.clock.advance_ms(60_000);
        world.github.edit_comment(REPOSITORY, "alice", bobs, "/approve prod").unwrap();
        world.settle().await;
        world.expect_comment(issue, "alice may not approve v0.1.0: their own work is in it");
        assert_eq!(town.runs("prod"), None);
        world.github.edit_comment(REPOSITORY, "bob", alices, "/approve prod").unwrap();
        world.settle().await;
        assert_eq!(town.runs("prod").as_deref(), Some("v0.1.0"));
    }

    async fn nobody_elses_issue_is_taken_for_one_that_follows_a_release(world: &World) {
        let town = set_up(world, "").await;
        let words = "Stationmaster follows the release v0.1.0 here.";
        let issue = world.github.open_issue(REPOSITORY, "alice", "Fix the signal", words).unwrap().0;
        world.settle().await;
        assert!(world.task(issue).await.is_some());
        world.land("feat: signals").await;
        assert_ne!(world.tracking("v0.1.0").await, issue);
        world.github.comment(REPOSITORY, "bob", Number(issue), "/approve prod").unwrap();
        world.settle().await;
        world.expect_comment(issue, "This line was not run");
        assert_eq!(town.runs("prod"), None);
    }

    async fn while_the_policy_cannot_be_read_nothing_is_deployed_and_then_it_goes_on(world: &World) {
        let town = set_up(world, "approval_expires_h = 1\n").await;
        world.land("feat: signals").await;
        world.set_policy("[release]\n[[environment]]\nname = \"prod\"\nafter = \"nowhere\"\n").await;
        let story = world.environment_story("prod").await;
        assert!(story.contains("nothing is deployed while the policy cannot be read"), "{story}");
        assert!(story.contains("nowhere"), "{story}");
        expect_card(world, "v0.1.0", "policy cannot be read").await;
        world.say_on("v0.1.0", "bob", "/approve prod").await;
        expect_answer(world, "v0.1.0", "the repository's policy cannot be read").await;
        assert_eq!(town.runs("prod"), None);
        world.set_policy(&town.policy("", "approval_expires_h = 1\n")).await;
        expect_card(world, "v0.1.0", "writes `/approve prod` here").await;
        world.say_on("v0.1.0", "bob", "/approve prod").await;
        assert_eq!(town.runs("prod").as_deref(), Some("v0.1.0"));
    }
}
