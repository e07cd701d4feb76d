//! Titles, labels, rules and policies change, and tasks follow, unless a person has said otherwise.

use stationmaster::model::Number;
use stationmaster::simulator::github::Permission;

use crate::world::{On, REPOSITORY, World, scenarios};

scenarios! {
    async fn an_edited_title_routes_again(world: &World) {
        let issue = world.open_issue("Deploy v2").await;
        world.github.edit_title(REPOSITORY, "alice", Number(issue), "Test v2").unwrap();
        world.settle().await;
        world.expect_labels(issue, &[
            "priority/medium", "role/testing_worker", "status/assigned", "type/testing", "worker/qa_tester1",
        ]);
        assert!(world.card(issue).contains("rule `test`"));
        assert_eq!(world.told(), ["octo/station#1 → deployment_worker", "octo/station#1 → qa_tester1"]);
    }

    async fn an_edited_title_changes_nothing_once_a_person_set_the_type(world: &World) {
        let issue = world.open_issue("Deploy v2").await;
        world.github.add_label(REPOSITORY, "alice", Number(issue), "type/testing").unwrap();
        world.settle().await;
        world.expect_labels(issue, &[
            "priority/high", "role/testing_worker", "status/assigned", "type/testing", "worker/qa_tester1",
        ]);
        assert!(world.card(issue).contains("a person set the type `testing`"));

        world.github.edit_title(REPOSITORY, "alice", Number(issue), "Refactor v2").unwrap();
        world.settle().await;
        let labels = world.issue(issue).labels;
        assert!(labels.contains(&"type/testing".to_owned()), "{labels:?}");
        assert!(!labels.contains(&"type/development".to_owned()), "{labels:?}");

        world.github.remove_label(REPOSITORY, "alice", Number(issue), "type/testing").unwrap();
        world.settle().await;
        let labels = world.issue(issue).labels;
        assert!(labels.contains(&"type/development".to_owned()), "without the label, rules decide again: {labels:?}");
    }

    async fn a_type_that_was_there_from_the_start_is_a_persons(world: &World) {
        let number =
            world.github.open_labelled_issue(REPOSITORY, "alice", ("Deploy v2", ""), &["type/testing"]).unwrap();
        world.settle().await;
        let labels = world.issue(number.0).labels;
        assert!(labels.contains(&"type/testing".to_owned()) && !labels.contains(&"type/deployment".to_owned()));
    }

    async fn a_worker_label_hands_the_task_over(world: &World) {
        let issue = world.open_issue("Test v2").await;
        world.github.add_label(REPOSITORY, "alice", Number(issue), "worker/qa_tester3").unwrap();
        world.settle().await;
        let labels = world.issue(issue).labels;
        assert!(labels.contains(&"worker/qa_tester3".to_owned()));
        assert!(!labels.contains(&"worker/qa_tester1".to_owned()), "the old one is taken off: {labels:?}");
        assert!(world.card(issue).contains("a person gave it to `qa_tester3`"));
        assert_eq!(world.told().last().unwrap(), "octo/station#1 → qa_tester3");
    }

    async fn a_worker_that_nobody_knows_is_taken_off_with_its_reason(world: &World) {
        let issue = world.open_issue("Test v2").await;
        world.github.add_label(REPOSITORY, "alice", Number(issue), "worker/nobody").unwrap();
        world.settle().await;
        let labels = world.issue(issue).labels;
        assert!(labels.contains(&"worker/qa_tester1".to_owned()) && !labels.contains(&"worker/nobody".to_owned()));
        assert!(world.card(issue).contains("`worker/nobody` names a worker that is not in the roster"));
    }

    async fn a_status_set_by_hand_is_put_back(world: &World) {
        let issue = world.open_issue("Test v2").await;
        world.github.add_label(REPOSITORY, "alice", Number(issue), "status/done").unwrap();
        world.settle().await;
        let statuses: Vec<String> =
            world.issue(issue).labels.into_iter().filter(|label| label.starts_with("status/")).collect();
        assert_eq!(statuses, ["status/assigned"]);
        assert!(world.card(issue).contains("`status/done` was set by hand and is taken off"));
    }

    async fn a_priority_set_by_hand_stays(world: &World) {
        let issue = world.open_issue("Test v2").await;
        world.github.add_label(REPOSITORY, "alice", Number(issue), "priority/critical").unwrap();
        world.settle().await;
        world.github.edit_title(REPOSITORY, "alice", Number(issue), "Refactor v2").unwrap();
        world.settle().await;
        let priorities: Vec<String> =
            world.issue(issue).labels.into_iter().filter(|label| label.starts_with("priority/")).collect();
        assert_eq!(priorities, ["priority/critical"]);
    }

    async fn a_risk_set_by_hand_stays_until_a_maintainer_takes_it_off(world: &World) {
        let issue = world.open_issue("Test v2").await;
        world.github.add_label(REPOSITORY, "alice", Number(issue), "risk/high").unwrap();
        world.settle().await;
        world.github.edit_title(REPOSITORY, "alice", Number(issue), "Refactor v2").unwrap();
        world.settle().await;
        assert!(world.issue(issue).labels.contains(&"risk/high".to_owned()));
        assert!(world.card(issue).contains("| Risk | `high` |"));
        world.github.remove_label(REPOSITORY, "alice", Number(issue), "risk/high").unwrap();
        world.settle().await;
        assert!(world.issue(issue).labels.contains(&"risk/high".to_owned()), "she may write, and so not lower a risk");
        assert!(world.card(issue).contains("which does not count: lowering a risk takes maintain permission"));
        world.github.set_permission(REPOSITORY, "mia", Permission::Maintain).unwrap();
        world.github.remove_label(REPOSITORY, "mia", Number(issue), "risk/high").unwrap();
        world.settle().await;
        assert!(!world.issue(issue).labels.iter().any(|label| label.starts_with("risk/")));
        assert!(!world.card(issue).contains("| Risk |"));
    }

    async fn labels_that_are_not_ours_are_left_alone(world: &World) {
        let number =
            world.github.open_labelled_issue(REPOSITORY, "alice", ("Deploy v2", ""), &["good first issue"]).unwrap();
        world.settle().await;
        world.github.edit_title(REPOSITORY, "alice", number, "Test v2").unwrap();
        world.settle().await;
        assert!(world.issue(number.0).labels.contains(&"good first issue".to_owned()));
    }

    async fn changed_rules_route_open_tasks_again_without_a_restart(world: &World) {
        let issue = world.open_issue("Paint the platform").await;
        assert!(world.issue(issue).labels.contains(&"type/triage".to_owned()));
        world.engine.tick().await.unwrap();

        let rules = world.rules().join("routing-local.toml");
        std::fs::write(&rules, "[[rule]]\nname = \"paint\"\ntitle = '^paint\\b'\ntype = \"development\"\n\
                                role = \"development\"\npriority = 60\n").unwrap();
        world.engine.tick().await.unwrap();
        world.settle().await;
        assert!(world.issue(issue).labels.contains(&"type/development".to_owned()));

        // A broken file keeps the last good rules, and says so once.
        std::fs::write(&rules, "[[rule]]\nname = \"paint\"\ntitle = '^paint('\n").unwrap();
        world.engine.tick().await.unwrap();
        world.engine.tick().await.unwrap();
        let second = world.open_issue("Paint the signal box").await;
        assert!(world.issue(second).labels.contains(&"type/development".to_owned()), "the last good rules hold");
        let warnings: Vec<_> = world.told().into_iter().filter(|title| title == "Rules are broken").collect();
        assert_eq!(warnings.len(), 1);
        let message = world.ntfy.messages(crate::world::TOPIC).into_iter()
            .find(|message| message.title.as_deref() == Some("Rules are broken")).unwrap();
        assert!(message.message.contains("routing-local.toml:3:"), "file and line: {}", message.message);
    }

    async fn a_repositorys_own_rule_ties_with_a_shipped_one_and_both_are_explained(world: &World) {
        let policy = "[[rule]]\nname = \"signals\"\ntitle = '^fix\\b.*signal'\ntype = \"safety\"\n\
                      role = \"development\"\npriority = 70\n";
        world.github.write_file(REPOSITORY, "main", (".github/stationmaster.toml", policy), "Signals").unwrap();
        world.settle().await;
        let issue = world.open_issue("Fix the signal").await;
        assert!(world.issue(issue).labels.contains(&"type/safety".to_owned()));
        let card = world.card(issue);
        assert!(card.contains("rule `fix` lost to `signals`: both have priority 70"), "{card}");
    }

    async fn a_policy_pushed_later_reaches_tasks_that_are_open(world: &World) {
        let issue = world.open_issue("Fix the signal").await;
        let policy = "[[rule]]\nname = \"signals\"\ntitle = 'signal'\ntype = \"safety\"\n\
                      role = \"development\"\npriority = 95\n";
        world.github.write_file(REPOSITORY, "main", (".github/stationmaster.toml", policy), "Signals").unwrap();
        world.settle().await;
        assert!(world.issue(issue).labels.contains(&"type/safety".to_owned()));
    }

    async fn policy_is_not_read_from_another_branch(world: &World) {
        let policy = "[[rule]]\nname = \"mine\"\ntitle = '.'\ntype = \"mine\"\npriority = 1000\n";
        world.github.write_file(REPOSITORY, "takeover", (".github/stationmaster.toml", policy), "Mine").unwrap();
        world.settle().await;
        let issue = world.open_issue("Fix the signal").await;
        assert!(world.issue(issue).labels.contains(&"type/development".to_owned()));
    }

    async fn a_policy_with_a_fault_does_not_count_and_the_card_says_where_it_is(world: &World) {
        let policy = "[tasks]\nmanage = true\n\n[merge]\nstrategy = \"someday\"\n";
        world.github.write_file(REPOSITORY, "main", (".github/stationmaster.toml", policy), "Too early").unwrap();
        world.settle().await;
        let issue = world.open_issue("Fix the signal").await;
        assert!(world.issue(issue).labels.contains(&"type/development".to_owned()), "the server's rules hold");
        assert!(world.card(issue).contains(".github/stationmaster.toml:5:"), "{}", world.card(issue));
    }

    async fn the_organisations_policy_holds_where_a_repository_has_none(world: &World) {
        world.github.create_repository("octo/.github").unwrap();
        let policy = "[tasks]\nmanage = false\n";
        world.github.write_file("octo/.github", "main", (".github/stationmaster.toml", policy), "No tasks").unwrap();
        world.settle().await;
        let issue = world.open_issue("Fix the signal").await;
        assert_eq!(world.issue(issue).labels, Vec::<String>::new(), "issues are not tasks here");
        assert!(world.issue(issue).comments.is_empty());
    }

    async fn a_transferred_issue_is_a_task_in_its_new_place_and_frees_its_old_one(world: &World) {
        world.github.create_repository("octo/yard").unwrap();
        world.settle().await;
        let issue = world.open_issue("Deploy v2").await;
        let moved = world.github.transfer_issue(REPOSITORY, "alice", Number(issue), "octo/yard").unwrap();
        world.settle().await;
        assert_eq!(world.task(issue).await.unwrap().state, stationmaster::model::TaskState::Cancelled);
        let there = world.github.issue("octo/yard", moved.0).unwrap();
        assert!(there.labels.contains(&"worker/deployment_worker".to_owned()), "{:?}", there.labels);
        assert!(there.comments.iter().any(|comment| comment.body.contains("**Assigned**")));
    }

    async fn a_deleted_issue_is_no_task_any_more(world: &World) {
        let issue = world.open_issue("Deploy v2").await;
        world.github.delete_issue(REPOSITORY, "alice", Number(issue)).unwrap();
        world.settle().await;
        assert_eq!(world.task(issue).await.unwrap().state, stationmaster::model::TaskState::Cancelled);
    }

    async fn a_renamed_repository_goes_on_under_its_new_name(world: &World) {
        world.github.rename_repository(REPOSITORY, "terminus").unwrap();
        world.settle().await;
        let number = world.github.open_issue("octo/terminus", "alice", "Fix the signal", "").unwrap();
        world.settle().await;
        let issue = world.github.issue("octo/terminus", number.0).unwrap();
        assert!(issue.labels.contains(&"type/development".to_owned()));
        assert_eq!(world.told(), ["octo/terminus#1 → architect"]);
    }
}
