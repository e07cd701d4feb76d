//! GitHub and ntfy fail in every way they can, and the end is as if they had not.

use stationmaster::simulator::github::{Fault, FaultKind};
use stationmaster::store::OutboxState;

use crate::world::{On, REPOSITORY, TOPIC, World, scenarios};

scenarios! {
    async fn a_502_after_the_card_was_created_leaves_one_card(world: &World) {
        world.github.inject(Fault::new("/issues/1/comments", FaultKind::StatusAfterDoing(502)).method("POST"));
        let issue = world.open_issue("Fix the signal").await;
        assert!(world.card(issue).contains("**Assigned**"));
        assert_eq!(world.count_requests("POST", "/issues/1/comments"), 1, "found, not created again");
    }

    async fn a_cut_connection_after_the_card_was_created_leaves_one_card(world: &World) {
        world.github.inject(Fault::new("/issues/1/comments", FaultKind::CutAfterDoing).method("POST"));
        let issue = world.open_issue("Fix the signal").await;
        world.card(issue);
    }

    async fn a_failing_github_is_asked_again_until_it_answers(world: &World) {
        for path in ["/repositories/", "/issues/1", "/labels", "/issues/1/comments"] {
            world.github.inject(Fault::new(path, FaultKind::Status(503)).times(2));
        }
        let issue = world.open_issue("Fix the signal").await;
        for _ in 0..5 {
            world.pass_ms(30_000).await;
        }
        world.card(issue);
        assert!(world.issue(issue).labels.contains(&"status/assigned".to_owned()));
        assert_eq!(world.told().len(), 1);
    }

    async fn a_dead_ntfy_holds_up_nothing_and_its_messages_arrive_in_order(world: &World) {
        world.ntfy.set_down(true);
        for train in 1..=5 {
            let issue = world.open_issue(&format!("Fix train {train}")).await;
            assert!(world.issue(issue).labels.contains(&"status/assigned".to_owned()), "everything else went on");
            world.card(issue);
        }
        for _ in 0..12 {
            world.pass_ms(300_000).await;
        }
        assert!(world.told().is_empty());
        world.ntfy.set_down(false);
        world.pass_ms(720_000).await;
        let items: Vec<String> =
            world.told().into_iter().map(|title| title.split(' ').next().unwrap().to_owned()).collect();
        assert_eq!(items, (1..=5).map(|issue| format!("octo/station#{issue}")).collect::<Vec<_>>());
    }

    async fn an_answer_of_ntfy_that_was_lost_does_not_double_the_message(world: &World) {
        world.ntfy.inject(stationmaster::simulator::ntfy::Fault::StatusAfterDoing(502), 1);
        world.open_issue("Fix the signal").await;
        assert_eq!(world.ntfy.messages(TOPIC).len(), 1);
    }

    async fn ntfys_limit_is_waited_out(world: &World) {
        world.ntfy.limit_requests(Some(stationmaster::simulator::ntfy::RequestLimit { burst: 2, refill_ms: 5_000 }));
        for train in 1..=4 {
            world.open_issue(&format!("Fix train {train}")).await;
        }
        for _ in 0..10 {
            world.pass_ms(60_000).await;
        }
        assert_eq!(world.told().len(), 4);
    }

    async fn a_token_that_expires_midway_is_renewed(world: &World) {
        world.open_issue("Fix the signal").await;
        world.github.expire_tokens();
        let issue = world.open_issue("Test the signal").await;
        world.card(issue);
        assert_eq!(world.count_requests("POST", "/access_tokens"), 2);
        // An hour later it has expired by the clock, which is noticed without asking.
        world.clock.advance_ms(3_600_000);
        let refused = world.github.requests().iter().filter(|request| request.status == Some(401)).count();
        world.open_issue("Deploy the signal").await;
        assert_eq!(world.count_requests("POST", "/access_tokens"), 3);
        let refused_since = world.github.requests().iter().filter(|request| request.status == Some(401)).count() - refused;
        assert_eq!(refused_since, 0);
    }

    async fn the_rate_limit_is_waited_out_without_asking(world: &World) {
        world.github.set_rate_limit(5_000, 3);
        let issue = world.open_issue("Fix the signal").await;
        let asked = world.github.requests().len();
        assert!(world.issue(issue).comments.is_empty(), "there was not enough left");
        world.pass_ms(600_000).await;
        let second = world.open_issue("Test the signal").await;
        assert_eq!(world.github.requests().len(), asked, "nothing is asked before the reset, whatever comes in");
        world.pass_ms(3_100_000).await;
        for issue in [issue, second] {
            world.card(issue);
            assert!(world.issue(issue).labels.contains(&"status/assigned".to_owned()));
        }
        assert_eq!(world.told().len(), 2);
    }

    async fn a_crowd_of_issues_is_paced_below_githubs_limit(world: &World) {
        world.github.limit_content(Some(80));
        for train in 1..=75 {
            world.github.open_issue(REPOSITORY, "alice", &format!("Fix train {train}"), "").unwrap();
        }
        world.settle().await;
        let cards = |world: &World| (1..=75).filter(|issue| !world.issue(*issue).comments.is_empty()).count();
        assert_eq!(cards(world), 70, "some wait for the next minute");
        world.pass_ms(61_000).await;
        assert_eq!(cards(world), 75);
        let refused = world.github.requests().iter().filter(|request| request.status == Some(403)).count();
        assert_eq!(refused, 0, "GitHub never had to refuse");
    }

    async fn a_secondary_limit_pauses_as_long_as_it_says(world: &World) {
        world.github.inject(
            Fault::new("/issues/1/comments", FaultKind::SecondaryLimit { retry_after_s: Some(120) }).method("POST"),
        );
        let issue = world.open_issue("Fix the signal").await;
        assert!(world.issue(issue).comments.is_empty());
        world.pass_ms(100_000).await;
        assert!(world.issue(issue).comments.is_empty());
        world.pass_ms(25_000).await;
        world.card(issue);
    }

    async fn a_missing_permission_is_given_up_with_a_sentence_that_names_it(world: &World) {
        use stationmaster::simulator::github::Access;
        world.github.set_installation_permissions("octo", &[
            ("metadata", Access::Read), ("contents", Access::Read), ("issues", Access::Read),
            ("pull_requests", Access::Read),
        ]).unwrap();
        let issue = world.open_issue("Fix the signal").await;
        assert!(world.issue(issue).comments.is_empty());
        let dead = world.app().store.actions(Some(OutboxState::Dead), 10).await.unwrap();
        assert!(!dead.is_empty());
        for action in dead {
            let note = action.note.unwrap();
            assert!(note.contains("`issues: write`"), "{note}");
            world.expect_one_dead();
        }
        assert_eq!(world.told().len(), 1, "people are told all the same");
    }

    async fn a_suspended_installation_is_waited_for(world: &World) {
        let issue = world.open_issue("Fix the signal").await;
        world.github.suspend_installation("octo", true).unwrap();
        world.settle().await;
        world.github.suspend_installation("octo", false).unwrap();
        world.settle().await;
        world.github.edit_title(REPOSITORY, "alice", stationmaster::model::Number(issue), "Test the signal").unwrap();
        world.settle().await;
        assert!(world.issue(issue).labels.contains(&"type/testing".to_owned()));
    }
}
