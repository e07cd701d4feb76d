//! An issue is opened, and soon carries its labels, its card and its worker, and people were told.

use crate::world::{On, REPOSITORY, TOPIC, World, scenarios};

scenarios! {
    async fn an_opened_issue_is_routed_carded_given_out_and_told(world: &World) {
        let issue = world.open_issue("Deploy v2.0 to production").await;

        world.expect_labels(issue, &[
            "priority/high",
            "role/deployment_worker",
            "status/assigned",
            "type/deployment",
            "worker/deployment_worker",
        ]);
        let card = world.card(issue);
        assert!(card.contains("**Assigned** to `deployment_worker`"), "{card}");
        assert!(card.contains("rule `deploy`"), "the card says which rule won: {card}");
        let told = world.ntfy.messages(TOPIC);
        assert_eq!(told.len(), 1, "{told:#?}");
        assert_eq!(told[0].title.as_deref(), Some("octo/station#1 → deployment_worker"));
        assert_eq!(told[0].priority, Some(5));
        assert!(told[0].message.contains("Deploy v2.0 to production"));
        assert_eq!(told[0].actions[0].label, "Open issue");
        assert_eq!(told[0].click.as_deref(), Some(told[0].actions[0].url.as_str()));
    }

    async fn labels_are_created_with_colours_and_descriptions(world: &World) {
        world.open_issue("Fix the signal at platform 3").await;
        let labels = world.github.look(|view| view.labels(REPOSITORY));
        let (_, colour, description) = labels.iter().find(|(name, ..)| name == "status/assigned").unwrap();
        assert_eq!(colour, "0e8a16");
        assert_eq!(description.as_deref(), Some("The task is assigned"));
    }

    async fn a_title_that_no_rule_knows_waits_for_triage(world: &World) {
        let issue = world.open_issue("The weather is nice").await;
        world.expect_labels(issue, &["priority/medium", "status/triage", "type/triage"]);
        let card = world.card(issue);
        assert!(card.contains("**Needs triage.**"), "{card}");
        assert!(card.contains("no rule matches"), "{card}");
        assert_eq!(world.told(), ["octo/station#1 needs triage"]);
    }

    async fn a_second_look_changes_nothing_and_says_nothing(world: &World) {
        let issue = world.open_issue("Fix the signal").await;
        let before = world.issue(issue);
        world.github.comment(REPOSITORY, "alice", stationmaster::model::Number(issue), "Any news?").unwrap();
        world.settle().await;
        let after = world.issue(issue);
        assert_eq!(after.labels, before.labels);
        assert_eq!(after.comments[0], before.comments[0], "the card was not touched");
        assert_eq!(world.told().len(), 1);
    }

    async fn closing_cancels_and_reopening_routes_again(world: &World) {
        let issue = world.open_issue("Fix the signal").await;
        let number = stationmaster::model::Number(issue);
        world.github.close_issue(REPOSITORY, "alice", number).unwrap();
        world.settle().await;
        assert!(world.issue(issue).labels.contains(&"status/cancelled".to_owned()));
        assert!(world.card(issue).contains("**Cancelled:**"));

        world.github.reopen_issue(REPOSITORY, "alice", number).unwrap();
        world.settle().await;
        assert!(world.issue(issue).labels.contains(&"status/assigned".to_owned()));
    }

    async fn every_decision_is_kept_with_what_it_saw(world: &World) {
        let issue = world.open_issue("Fix the signal").await;
        let decisions = world.decisions(issue).await;
        let first = &decisions[0];
        assert!(first.summary.contains("by rule `fix`"), "{}", first.summary);
        assert!(first.saw.as_deref().unwrap().contains("Fix the signal"), "what it saw");
        assert!(first.explanation.as_deref().unwrap().contains("matches"), "why");
        let delivery = world.github.look(|view| {
            view.deliveries().iter().find(|record| record.webhook.event == "issues").unwrap().webhook.guid.clone()
        });
        assert!(first.deliveries.as_deref().unwrap().contains(&delivery), "what led to it");
    }
}
