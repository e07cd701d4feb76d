//! How a team plans by comments and labels: to whom a task goes, when, after what, and at which risk.

use stationmaster::model::Number;
use stationmaster::simulator::github::Permission;

use crate::scenario_task_commands::{
    answers, card_says, does, has, is_refused, lacks, people, set_up, set_up_with, waits_for,
};
use crate::world::{On, REPOSITORY, World, scenarios};

const DAY_MS: i64 = 86_400_000;

/// A rule by which what is about the vault is dangerous.
const VAULT: &str = "[[rule]]\nname = \"vault\"\ntitle = '^vault'\ntype = \"development\"\nrole = \"development\"\n\
                     priority = 60\nrisk = \"high\"\n";

fn titles(world: &World, words: &str) -> usize {
    world.told().iter().filter(|title| title.contains(words)).count()
}

scenarios! {
    async fn a_task_is_given_to_an_account_a_worker_a_role_or_whom_the_policy_chooses(world: &World) {
        people(world);
        world.permission("carol", Permission::Triage);
        let issue = world.open_issue("Fix the signal").await;
        has(world, issue, &["worker/architect"]);
        does(world, issue, "tess", "/assign @carol").await;
        has(world, issue, &["status/assigned", "worker/carol"]);
        lacks(world, issue, "worker/architect");
        assert_eq!(world.issue(issue).assignees, ["carol"]);
        card_says(world, issue, "**Assigned** to `carol`.");
        card_says(world, issue, "@\u{200b}tess gave it to `carol`");

        let second = world.open_issue("Fix the lamp").await;
        does(world, second, "tess", "/assign carol").await;
        assert_eq!(world.issue(second).assignees, ["carol"], "whoever was given a task is known as a worker");

        does(world, issue, "tess", "/assign dev_worker2").await;
        has(world, issue, &["worker/dev_worker2"]);
        assert_eq!(world.issue(issue).assignees, [""; 0]);
        does(world, issue, "tess", "/assign testing_worker").await;
        has(world, issue, &["worker/qa_tester1"]);
        does(world, issue, "tess", "/assign auto").await;
        has(world, issue, &["status/assigned"]);
        lacks(world, issue, "worker/qa_tester");
        let title = "this takes triage permission, and rita has read";
        is_refused(world, issue, ("tess", "/assign @rita"), title).await;
        is_refused(world, issue, ("rita", "/assign @bert"), title).await;
        does(world, issue, "carol", "/assign @carol").await;
        does(world, issue, "carol", "/claim").await;
        has(world, issue, &["status/in-progress", "worker/carol"]);
    }

    async fn a_worker_label_moves_a_task_where_somebody_may_move_it(world: &World) {
        people(world);
        let issue = world.open_issue("Fix the signal").await;
        world.label_as(issue, "worker/dev_worker2", "tess").await;
        has(world, issue, &["worker/dev_worker2"]);
        lacks(world, issue, "worker/architect");
        world.clock.advance_ms(2_000);
        world.label_as(issue, "worker/dev_worker3", "rita").await;
        has(world, issue, &["worker/dev_worker2"]);
        lacks(world, issue, "worker/dev_worker3");
        card_says(world, issue, "which does not count: this takes triage permission, and `rita` has read");
        world.clock.advance_ms(2_000);
        world.unlabel_as(issue, "worker/dev_worker2", "rita").await;
        has(world, issue, &["worker/dev_worker2"]);
        assert_eq!(titles(world, "→ dev_worker2"), 1, "nobody was given anything twice: {:?}", world.told());
        assert_eq!(answers(world, issue).len(), 0);
    }

    async fn a_worker_label_by_whom_nobody_knows_is_put_back(world: &World) {
        people(world);
        let issue = world.open_issue("Fix the signal").await;
        world.clock.advance_ms(2_000);
        world.permissions_fail(100);
        world.label_as(issue, "worker/dev_worker2", "tess").await;
        for _ in 0..4 {
            world.pass_ms(20_000).await;
        }
        world.github.clear_faults();
        has(world, issue, &["worker/architect"]);
        lacks(world, issue, "worker/dev_worker2");
        card_says(world, issue, "it could not be found out what `tess` may do");
    }

    async fn a_risk_label_counts_when_it_is_raised_and_is_put_back_when_lowered(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        world.label_as(issue, "risk/medium", "tess").await;
        has(world, issue, &["risk/medium", "status/ready"]);
        for (added, label) in [(true, "risk/low"), (false, "risk/medium")] {
            world.clock.advance_ms(2_000);
            if added {
                world.label_as(issue, label, "tess").await;
            } else {
                world.unlabel_as(issue, label, "tess").await;
            }
            has(world, issue, &["risk/medium"]);
            lacks(world, issue, "risk/low");
        }
        card_says(world, issue, "set `risk/low`, which does not count: lowering a risk takes maintain permission, and `tess` has triage");
        world.clock.advance_ms(2_000);
        world.label_as(issue, "risk/low", "mia").await;
        has(world, issue, &["risk/low"]);
        lacks(world, issue, "risk/medium");
        is_refused(world, issue, ("rita", "/risk high"), "this takes triage permission, and rita has read").await;
        does(world, issue, "tess", "/risk medium").await;
        is_refused(world, issue, ("tess", "/risk low"), "this takes maintain permission, and tess has triage").await;
        does(world, issue, "mia", "/risk low").await;
        has(world, issue, &["risk/low"]);
    }

    async fn a_status_label_is_put_back_whoever_sets_it(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        for login in ["rita", "mia"] {
            world.clock.advance_ms(2_000);
            world.label_as(issue, "status/done", login).await;
            has(world, issue, &["status/ready"]);
            lacks(world, issue, "status/done");
        }
        world.clock.advance_ms(2_000);
        world.unlabel_as(issue, "status/ready", "mia").await;
        has(world, issue, &["status/ready"]);
        assert_eq!(world.issue(issue).state, "open");
    }

    async fn a_dangerous_task_waits_for_approval_before_anybody_has_it(world: &World) {
        set_up_with(world, VAULT).await;
        let issue = world.open_issue("Vault rotation").await;
        has(world, issue, &["risk/high", "status/waiting-approval"]);
        lacks(world, issue, "worker/");
        card_says(world, issue, "**Waiting for approval:** its risk is high.");
        assert_eq!(world.told(), ["octo/station#1 needs approval"]);
        is_refused(world, issue, ("bert", "/claim"), "its risk is high, so somebody has to `/approve` it").await;

        let before = world.issue(issue).labels;
        is_refused(world, issue, ("rita", "/approve"), "this takes write permission, and rita has read").await;
        let again = world.comment_as(issue, "rita", "/approve").await;
        assert_eq!(world.reactions_to(issue, again), ["eyes", "confused"]);
        assert_eq!(answers(world, issue).len(), 2, "somebody without a say is told once");
        assert_eq!(world.issue(issue).labels, before);
        is_refused(world, issue, ("tess", "/approve"), "this takes write permission, and tess has triage").await;
        is_refused(world, issue, ("alice", "/approve"), "nobody approves their own work, and @\u{200b}alice opened the issue").await;
        has(world, issue, &["status/waiting-approval"]);

        does(world, issue, "bert", "/approve").await;
        has(world, issue, &["risk/high", "status/assigned", "worker/architect"]);
        is_refused(world, issue, ("bert", "/approve"), "nothing waits for approval here").await;
    }

    async fn another_title_or_text_voids_an_approval(world: &World) {
        set_up_with(world, VAULT).await;
        let issue = world.open_issue("Vault rotation").await;
        does(world, issue, "bert", "/approve").await;
        has(world, issue, &["status/assigned", "worker/architect"]);
        world.pass_ms(60_000).await;
        world.edit_issue_body(issue, "alice", "And give everybody a key.").await;
        has(world, issue, &["status/waiting-approval"]);
        lacks(world, issue, "worker/");
        card_says(world, issue, "took back the approval of @\u{200b}bert: its title or text changed");
        does(world, issue, "bert", "/approve").await;
        has(world, issue, &["status/assigned"]);
        world.pass_ms(60_000).await;
        world.github.edit_title(REPOSITORY, "alice", Number(issue), "Vault demolition").unwrap();
        world.settle().await;
        has(world, issue, &["status/waiting-approval"]);
        assert_eq!(titles(world, "octo/station#1 needs approval"), 3, "{:?}", world.told());
        does(world, issue, "bert", "/reject this is madness").await;
        has(world, issue, &["status/deferred"]);
        card_says(world, issue, "did not approve it: this is madness");
        does(world, issue, "tess", "/retry").await;
        has(world, issue, &["status/waiting-approval"]);
        lacks(world, issue, "worker/");
    }

    async fn what_is_critical_is_approved_by_somebody_else_than_its_holder_and_by_a_person(world: &World) {
        set_up(world).await;
        let rules = world.rules().join("workers.toml");
        let mut roster = std::fs::read_to_string(&rules).unwrap();
        roster.push_str("\n[[worker]]\nid = \"claudio\"\nrole = \"development\"\nlogin = \"claudio\"\nagent = true\n");
        std::fs::write(&rules, roster).unwrap();
        world.permission("claudio", Permission::Write);
        world.engine.tick().await.unwrap();
        world.settle().await;
        let issue = world.open_issue("Fix the signal").await;
        does(world, issue, "bert", "/claim").await;
        does(world, issue, "tess", "/risk critical").await;
        has(world, issue, &["risk/critical", "status/waiting-approval", "worker/bert"]);
        is_refused(world, issue, ("bert", "/approve"), "nobody approves their own work, and @\u{200b}bert holds the task").await;
        is_refused(world, issue, ("claudio", "/approve"), "only a person can approve this, and @\u{200b}claudio is none").await;
        has(world, issue, &["status/waiting-approval"]);
        does(world, issue, "wendy", "/approve").await;
        has(world, issue, &["risk/critical", "status/in-progress", "worker/bert"]);
    }

    async fn a_holder_asks_for_approval_and_goes_on_with_it(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        does(world, issue, "bert", "/claim").await;
        does(world, issue, "bert", "/request-approval it cuts the power").await;
        has(world, issue, &["status/waiting-approval", "worker/bert"]);
        card_says(world, issue, "**Waiting for approval:** it cuts the power.");
        assert_eq!(titles(world, "octo/station#1 waits for approval"), 1);
        does(world, issue, "wendy", "/reject do it at night").await;
        has(world, issue, &["status/in-progress", "worker/bert"]);
        assert_eq!(titles(world, "octo/station#1 was not approved"), 1);
    }

    async fn a_task_is_put_off_and_comes_back_by_itself(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        does(world, issue, "tess", "/defer 3d").await;
        has(world, issue, &["status/deferred"]);
        card_says(world, issue, "**Deferred** until 2026-11-24 12:00 UTC.");
        world.pass_ms(2 * DAY_MS).await;
        has(world, issue, &["status/deferred"]);
        world.pass_ms(DAY_MS).await;
        has(world, issue, &["status/ready"]);
        does(world, issue, "tess", "/defer").await;
        card_says(world, issue, "**Deferred** until somebody writes `/retry`.");
        does(world, issue, "tess", "/retry").await;
        has(world, issue, &["status/ready"]);
        is_refused(world, issue, ("tess", "/defer 2020-01-01"), "`2020-01-01` has passed").await;
    }

    async fn a_cancelled_task_is_closed_as_not_planned_and_is_a_task_again_when_reopened(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        does(world, issue, "tess", "/cancel nobody needs it").await;
        let seen = world.issue(issue);
        assert_eq!((seen.state.as_str(), seen.state_reason.as_deref()), ("closed", Some("not_planned")));
        has(world, issue, &["status/cancelled"]);
        card_says(world, issue, "cancelled it: nobody needs it");
        assert!(!world.card(issue).contains("closed by hand"), "{}", world.card(issue));
        is_refused(world, issue, ("tess", "/priority high"), "the issue is closed; open it again first").await;
        world.github.reopen_issue(REPOSITORY, "alice", Number(issue)).unwrap();
        world.settle().await;
        has(world, issue, &["status/ready", "type/development"]);
        does(world, issue, "bert", "/claim").await;
        has(world, issue, &["status/in-progress", "worker/bert"]);
    }

    async fn type_priority_and_urgency_are_what_the_team_says(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        does(world, issue, "tess", "/route testing\n/priority critical\n/urgent").await;
        world.expect_labels(issue, &["priority/critical", "role/testing_worker", "status/ready", "type/testing", "urgent"]);
        world.github.edit_title(REPOSITORY, "alice", Number(issue), "Deploy the signal").unwrap();
        world.settle().await;
        has(world, issue, &["type/testing", "priority/critical"]);
        is_refused(world, issue, ("rita", "/urgent"), "this takes triage permission, and rita has read").await;
        let triage = world.open_issue("The weather is nice").await;
        does(world, triage, "tess", "/route development").await;
        world.expect_labels(triage, &["priority/medium", "role/development", "status/ready", "type/development"]);
    }

    async fn a_subtask_is_an_issue_of_its_own_and_part_of_this_one(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Implement signals").await;
        does(world, issue, "tess", "/subtask \"Fix the lamp\" -r \"it is red\" -r \"it is bright\"\nIt was dark.\n").await;
        let part = issue + 1;
        let seen = world.issue(part);
        assert_eq!(seen.title, "Fix the lamp");
        assert!(seen.body.contains("It was dark.") && seen.body.contains("- it is red\n- it is bright"), "{}", seen.body);
        let parent = world.observed(part).await.parent.unwrap();
        assert_eq!(parent.0.number.0, issue, "GitHub shows it as a part");
        has(world, part, &["status/ready", "type/development"]);
        card_says(world, issue, &format!("- [ ] octo/station#{part} Fix the lamp · "));
        does(world, part, "bert", "/claim").await;
        card_says(world, issue, &format!("- [ ] octo/station#{part} Fix the lamp · in-progress"));
        does(world, part, "tess", "/cancel").await;
        card_says(world, issue, &format!("- [x] octo/station#{part} Fix the lamp"));
    }

    async fn a_discovery_becomes_a_task_once(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Implement signals").await;
        does(world, issue, "bert", "/claim\n/discover Fix the fuse. It is old. --impact darkness").await;
        is_refused(world, issue, ("rita", "/accept-discovery D1"), "this takes triage permission").await;
        does(world, issue, "tess", "/accept-discovery D1").await;
        let part = world.issue(issue + 1);
        assert_eq!(part.title, "Fix the fuse");
        assert!(part.body.contains("Impact: darkness") && part.body.contains("Discovered as D1"), "{}", part.body);
        card_says(world, issue, " · accepted");
        is_refused(world, issue, ("tess", "/accept-discovery D1"), "D1 is a task already").await;
    }

    async fn a_task_that_waits_for_another_is_ready_and_nobody_can_claim_it(world: &World) {
        set_up(world).await;
        let first = world.open_issue("Fix the fuse").await;
        let issue = world.open_issue("Fix the signal").await;
        does(world, issue, "tess", &format!("/depends #{first}")).await;
        assert_eq!(waits_for(world, issue).await, [first]);
        has(world, issue, &["status/ready"]);
        card_says(world, issue, "**Ready**, but it waits for another issue.");
        is_refused(world, issue, ("bert", "/claim"), &format!("it depends on octo/station#{first}, which is ")).await;
        is_refused(world, issue, ("tess", &format!("/depends #{first}")), "it waits for octo/station#1 already").await;
        is_refused(world, first, ("tess", &format!("/depends #{issue}")), "waits for this task already").await;
        has(world, issue, &["status/ready"]);
        does(world, first, "mia", "/complete --override done long ago").await;
        card_says(world, issue, "**Ready** for whoever fills the role");
        does(world, issue, "bert", "/claim").await;
        has(world, issue, &["status/in-progress"]);
    }

    async fn a_task_cannot_wait_for_what_is_not_there_or_waits_for_it_in_the_end(world: &World) {
        set_up(world).await;
        let first = world.open_issue("Fix the fuse").await;
        let second = world.open_issue("Fix the lamp").await;
        let third = world.open_issue("Fix the signal").await;
        does(world, second, "tess", &format!("/depends #{first}")).await;
        does(world, third, "tess", &format!("/depends #{second}")).await;
        world.expect_one_dead();
        does(world, first, "tess", &format!("/depends #{third}")).await;
        world.expect_comment(first, &format!("This issue cannot wait for octo/station#{third}: "));
        world.expect_one_dead();
        does(world, first, "tess", "/depends #999").await;
        world.expect_comment(first, "This issue cannot wait for octo/station#999: ");
        assert!(waits_for(world, first).await.is_empty());
    }
}
