//! How people talk on a task when it is not as simple: at once, from telephones, over a policy, and as somebody else.

use stationmaster::model::Number;
use stationmaster::simulator::github::Permission;
use stationmaster::store::LearningQuery;

use crate::scenario_task_commands::{
    DOCS, answers, card_says, does, has, is_refused, lacks, page_of_pull, people, set_up, set_up_with,
};
use crate::world::{On, REPOSITORY, World, scenarios};

const MANUAL: &str = "[assignment]\nstrategy = \"manual\"\n";

scenarios! {
    async fn who_claims_first_has_it_and_the_other_is_told_who(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        let first = world.github.comment(REPOSITORY, "bert", Number(issue), "/claim").unwrap();
        let second = world.github.comment(REPOSITORY, "wendy", Number(issue), "/claim").unwrap();
        world.github.reverse_pending();
        world.settle().await;
        has(world, issue, &["status/in-progress", "worker/bert"]);
        assert_eq!(world.reactions_to(issue, first), ["eyes", "rocket"]);
        assert_eq!(world.reactions_to(issue, second), ["eyes", "confused"]);
        world.expect_comment(issue, "- @wendy `/claim`: only `bert`, who holds the task, may do this.");
    }

    async fn what_the_policy_gave_to_a_worker_is_a_persons_only_when_it_is_given_to_them(world: &World) {
        people(world);
        let issue = world.open_issue("Fix the signal").await;
        is_refused(world, issue, ("bert", "/claim"), "only `architect`, who holds the task, may do this").await;
        does(world, issue, "bert", "/assign @Bert\n/claim").await;
        has(world, issue, &["status/in-progress", "worker/bert"]);
        assert_eq!(world.issue(issue).assignees, ["bert"]);
        does(world, issue, "bert", "/progress 30%").await;
        card_says(world, issue, "| Progress | `30 %` |");
    }

    async fn nobody_is_a_worker_of_the_roster_for_being_called_like_it(world: &World) {
        people(world);
        world.permission("architect", Permission::Write);
        let issue = world.open_issue("Fix the signal").await;
        has(world, issue, &["worker/architect"]);
        is_refused(world, issue, ("architect", "/progress 50%"), "only `architect`, who holds the task").await;
        does(world, issue, "architect", "/priority high").await;
        does(world, issue, "architect", "/assign dev_worker1").await;
        has(world, issue, &["priority/high", "status/assigned", "worker/dev_worker1"]);
    }

    async fn a_browser_ends_lines_in_its_own_way_and_a_telephone_quotes_in_its_own(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        does(world, issue, "bert", "I take it.\r\n\r\n/claim\r\n/progress 40% the lamp is red\r\n/blocker “no key” --needs “a smith”\r\n").await;
        card_says(world, issue, "**Blocked**: no key. It takes: a smith.");
        card_says(world, issue, "| Progress | `40 %` |");
        does(world, issue, "tess", "/Cancel Nobody needs it").await;
        has(world, issue, &["status/cancelled"]);
        card_says(world, issue, "cancelled it: Nobody needs it");
    }

    async fn a_comment_that_is_deleted_has_said_what_it_said(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        let comment = does(world, issue, "bert", "/claim").await;
        world.github.delete_comment(REPOSITORY, "bert", comment).unwrap();
        world.settle().await;
        has(world, issue, &["status/in-progress", "worker/bert"]);
        does(world, issue, "bert", "/progress still here").await;
    }

    async fn a_text_with_words_of_markdown_calls_nobody_and_breaks_no_card(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        does(world, issue, "bert", "/claim").await;
        does(world, issue, "bert", "/discover @mia look | at <b>this</b> --impact \"</details> | x\"").await;
        card_says(world, issue, "**D1** @\u{200b}mia look \\| at &lt;b>this&lt;/b> (impact: &lt;/details> \\| x)");
        is_refused(world, issue, ("bert", "/assign @mia/../x"), "is neither an account nor a worker nor a role").await;
    }

    async fn a_name_that_nobody_can_have_is_refused_and_stops_nothing(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        for line in ["/assign @..", "/assign @", "/assign ../people"] {
            is_refused(world, issue, ("mia", line), "is neither an account nor a worker nor a role").await;
        }
        does(world, issue, "bert", "/claim").await;
    }

    async fn only_those_whom_the_policy_lists_approve(world: &World) {
        set_up_with(world, &format!("[tasks]\napprovers = [\"tess\"]\n{MANUAL}")).await;
        let issue = world.open_issue("Fix the signal").await;
        does(world, issue, "tess", "/risk critical").await;
        is_refused(world, issue, ("mia", "/approve"), "the policy has @\u{200b}tess approve, and nobody else").await;
        has(world, issue, &["status/waiting-approval"]);
        does(world, issue, "tess", "/approve").await;
        has(world, issue, &["status/ready"]);
    }

    async fn while_the_policy_cannot_be_read_nobody_approves(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        does(world, issue, "tess", "/risk high").await;
        world.set_policy("[tasks]\napprovers = 7\n").await;
        is_refused(world, issue, ("mia", "/approve"), "the repository's policy cannot be read").await;
        has(world, issue, &["status/waiting-approval"]);
        world.set_policy(MANUAL).await;
        does(world, issue, "mia", "/approve").await;
        has(world, issue, &["status/ready"]);
    }

    async fn a_listed_bot_does_what_its_permission_allows_and_never_approves(world: &World) {
        set_up_with(world, &format!("[tasks]\nbots = [\"robot[bot]\"]\n{MANUAL}")).await;
        world.github.add_bot("robot[bot]");
        world.github.set_permission(REPOSITORY, "robot[bot]", Permission::Write).unwrap();
        let issue = world.open_issue("Fix the signal").await;
        does(world, issue, "robot[bot]", "/risk high").await;
        is_refused(world, issue, ("robot[bot]", "/approve"), "only a person can approve this").await;
        has(world, issue, &["status/waiting-approval"]);
    }

    async fn the_text_of_a_bots_issue_runs_nothing(world: &World) {
        set_up(world).await;
        world.github.add_bot("robot[bot]");
        world.github.set_permission(REPOSITORY, "robot[bot]", Permission::Write).unwrap();
        let issue = world.github.open_issue(REPOSITORY, "robot[bot]", "Fix the signal", "/priority high").unwrap().0;
        world.settle().await;
        has(world, issue, &["priority/medium"]);
        assert_eq!(world.issue(issue).reactions.len(), 0);
    }

    async fn somebody_who_may_nothing_any_more_is_refused_after_a_minute(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        does(world, issue, "tess", "/priority high").await;
        world.permission("tess", Permission::None);
        world.pass_ms(61_000).await;
        is_refused(world, issue, ("tess", "/priority low"), "this takes triage permission, and tess has read").await;
        has(world, issue, &["priority/high"]);
    }

    async fn whoever_asks_much_and_may_nothing_is_answered_once(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        for n in 0..5 {
            let comment = world.comment_as(issue, "mallory", &format!("/cancel {n}")).await;
            assert_eq!(world.reactions_to(issue, comment), ["eyes", "confused"]);
        }
        assert_eq!(answers(world, issue).len(), 1);
        world.expect_comment(issue, "this takes triage permission, and mallory has ");
        assert_eq!(world.issue(issue).state, "open");
    }

    async fn a_release_and_a_command_in_the_same_comment_are_done_in_order(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        does(world, issue, "bert", "/claim\n/progress 80% nearly\n/release my shift is over").await;
        has(world, issue, &["status/ready"]);
        lacks(world, issue, "worker/");
        card_says(world, issue, "is at 80%: nearly");
        card_says(world, issue, "let go of it: my shift is over");
    }

    async fn words_alone_complete_nothing_and_what_was_handed_in_can_be_sent_back(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        does(world, issue, "bert", "/claim").await;
        is_refused(world, issue, ("bert", "/complete Done"), "\"Done\" alone shows nothing").await;
        is_refused(world, issue, ("bert", "/complete"), "nothing was handed in").await;
        is_refused(world, issue, ("bert", "/complete --override I say so"), "this takes maintain permission, and bert has write").await;
        has(world, issue, &["status/in-progress"]);
        let pull = world.open_pull(&format!("task/{issue}-signal"), DOCS).await;
        let page = page_of_pull(world, issue, pull).await;
        does(world, issue, "bert", &format!("/complete {page}")).await;
        has(world, issue, &["status/review"]);
        is_refused(world, issue, ("bert", "/request-changes more"), "nobody approves their own work").await;
        does(world, issue, "wendy", "/request-changes the test is missing").await;
        has(world, issue, &["status/in-progress", "worker/bert"]);
        card_says(world, issue, "sent it back: the test is missing");
        does(world, issue, "mia", "/complete --override I have seen it work").await;
        has(world, issue, &["status/done"]);
        card_says(world, issue, "**Done** without evidence, by a maintainer’s word: I have seen it work.");
        assert_eq!(world.issue(issue).state, "closed");
    }

    async fn a_line_that_is_written_twice_is_run_twice_and_again_when_it_is_added(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        does(world, issue, "bert", "/claim").await;
        let comment = does(world, issue, "bert", "/discover rust\n\n/discover rust").await;
        card_says(world, issue, "**D2** rust");
        world.clock.advance_ms(60_000);
        world.edit_comment(comment, "bert", "/discover rust\n\n/discover rust\n\n/discover rust").await;
        card_says(world, issue, "**D3** rust");
        assert!(!world.card(issue).contains("**D4**"), "{}", world.card(issue));
    }

    async fn what_was_learned_is_kept_for_everybody(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        does(world, issue, "bert", "/claim\n/learn Lamps need glass. Never paint it. --impact 0.8 --tags lamp,glass").await;
        card_says(world, issue, "learned: Lamps need glass");
        let query = LearningQuery { tag: Some("lamp".to_owned()), limit: 10, ..LearningQuery::default() };
        let kept = world.app().store.learnings(&query).await.unwrap();
        assert_eq!(kept.len(), 1);
        assert_eq!((kept[0].description.as_str(), kept[0].impact.thousandths()), ("Lamps need glass. Never paint it.", 800));
        is_refused(world, issue, ("wendy", "/learn It rains. --impact 0.1"), "only `bert`, who holds the task").await;
    }
}
