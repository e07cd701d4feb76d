//! Webhooks come twice, late, in the wrong order, in crowds or not at all, and the end is the same.

use stationmaster::model::{DeliveryGuid, DeliveryState, Number};

use crate::world::{On, REPOSITORY, TOPIC, World, scenarios};

scenarios! {
    async fn the_same_delivery_three_times_takes_effect_once(world: &World) {
        let number = world.github.open_issue(REPOSITORY, "alice", "Fix the signal", "").unwrap();
        world.github.duplicate_next();
        world.github.duplicate_next();
        assert_eq!(world.github.pending_webhooks().len(), 3);
        world.settle().await;
        world.card(number.0);
        assert_eq!(world.told().len(), 1);
        assert_eq!(world.count_requests("POST", "/issues/1/comments"), 1);
        let first = world.decisions(number.0).await;
        assert_eq!(first.len(), 1, "{first:#?}");
    }

    async fn two_hooks_with_ids_of_their_own_give_one_card(world: &World) {
        let number = world.github.open_issue(REPOSITORY, "alice", "Fix the signal", "").unwrap();
        world.github.duplicate_next();
        world.github.deliver_next_with_new_guid().await;
        // The second one comes after everything that followed from the first.
        while world.turn().await > 0 {}
        world.clock.advance_ms(1_000);
        while world.turn().await > 0 {}
        world.github.deliver_next_with_new_guid().await;
        world.settle().await;
        world.card(number.0);
        assert_eq!(world.told().len(), 1);
        assert_eq!(world.count_requests("POST", "/issues/1/comments"), 1);
    }

    async fn fifty_events_of_one_issue_are_taken_in_order(world: &World) {
        let number = world.github.open_issue(REPOSITORY, "alice", "Fix the signal 0", "").unwrap();
        for edit in 1..50 {
            let title = if edit == 49 { "Test the signal".to_owned() } else { format!("Fix the signal {edit}") };
            world.github.edit_title(REPOSITORY, "alice", number, &title).unwrap();
        }
        let sent: Vec<String> =
            world.github.pending_webhooks().into_iter().filter(|hook| hook.event == "issues").map(|hook| hook.guid).collect();
        assert_eq!(sent.len(), 50);
        world.settle().await;
        assert!(world.issue(number.0).labels.contains(&"type/testing".to_owned()), "the last title counts");
        let taken: Vec<String> = world
            .decisions(number.0)
            .await
            .iter()
            .flat_map(|row| serde_json::from_str::<Vec<String>>(row.deliveries.as_deref().unwrap()).unwrap())
            .collect();
        assert_eq!(taken, sent, "each once, in the order of arrival");
    }

    async fn thirty_events_in_a_moment_cost_two_looks_at_the_most(world: &World) {
        let issue = world.open_issue("Fix the signal").await;
        let before = world.count_requests("GET", "/issues/1");
        for event in 0..30 {
            world.github.add_label(REPOSITORY, "alice", Number(issue), &format!("mood-{event}")).unwrap();
        }
        // They come one by one, a twentieth of a second apart, and the engine turns after each: the subject is never quiet
        // for long enough, and is looked at all the same two seconds after the first.
        while world.github.deliver_next().await.is_some() {
            while world.turn().await > 0 {}
            world.clock.advance_ms(50);
        }
        let meanwhile = world.count_requests("GET", "/issues/1") - before;
        assert_eq!(meanwhile, 1, "one look while they came");
        world.settle().await;
        let looks = world.count_requests("GET", "/issues/1") - before;
        assert_eq!(looks, 2, "and one when it was over");
    }

    async fn events_in_the_wrong_order_come_to_the_same_end(world: &World) {
        let number = world.github.open_issue(REPOSITORY, "alice", "Deploy v2", "").unwrap();
        world.github.edit_title(REPOSITORY, "alice", number, "Test v2").unwrap();
        world.github.reverse_pending();
        world.settle().await;
        assert!(world.issue(number.0).labels.contains(&"type/testing".to_owned()));
        assert_eq!(world.told(), ["octo/station#1 → qa_tester1"]);
    }

    async fn a_lost_webhook_is_healed_by_the_sweep(world: &World) {
        let number = world.github.open_issue(REPOSITORY, "alice", "Fix the signal", "").unwrap();
        world.github.drop_all();
        world.settle().await;
        assert!(world.issue(number.0).labels.is_empty());
        world.clock.advance_ms(301_000);
        world.engine.tick().await.unwrap();
        world.settle().await;
        world.card(number.0);
        assert!(world.issue(number.0).labels.contains(&"type/development".to_owned()));
    }

    async fn what_cannot_be_understood_is_set_aside_and_blocks_nobody(world: &World) {
        let secret = world.github.app().webhook_secret;
        let body = br#"{"action":"opened","issue":{"title":"no number"},"repository":{"id":1,"full_name":"octo/station"}}"#;
        let answer = crate::world::deliver(&world.url, &secret, ("issues", "bad-1"), body).await;
        assert_eq!(answer, 202);
        let issue = world.open_issue("Fix the signal").await;
        world.card(issue);

        let dead = world.app().store.deliveries(Some(DeliveryState::Dead), 10).await.unwrap();
        assert_eq!(dead.len(), 1);
        assert_eq!(dead[0].guid.as_str(), "bad-1");
        assert!(dead[0].note.as_deref().unwrap().contains("issue.number"), "{:?}", dead[0].note);
        assert!(world.app().store.replay(&DeliveryGuid::from("bad-1")).await.unwrap());
        world.settle().await;
        assert_eq!(world.deliveries(DeliveryState::Dead).await, 1, "looked at again, with the same result");
        world.expect_one_dead();
    }

    async fn one_server_serves_every_installation(world: &World) {
        world.github.create_repository("acme/yard").unwrap();
        world.settle().await;
        let number = world.github.open_issue("acme/yard", "bob", "Fix the signal", "").unwrap();
        world.settle().await;
        let other = world.open_issue("Fix the signal").await;
        world.card(other);
        let issue = world.github.issue("acme/yard", number.0).unwrap();
        assert!(issue.labels.contains(&"status/assigned".to_owned()), "{:?}", issue.labels);
        assert_eq!(world.count_requests("POST", "/access_tokens"), 2, "a token for each installation");
    }

    async fn a_deleted_card_is_written_anew(world: &World) {
        let issue = world.open_issue("Fix the signal").await;
        let card = world.issue(issue).comments[0].id;
        world.github.delete_comment(REPOSITORY, "alice", stationmaster::model::CommentId(card)).unwrap();
        world.github.edit_title(REPOSITORY, "alice", Number(issue), "Test the signal").unwrap();
        world.settle().await;
        assert!(world.card(issue).contains("`testing`"));
    }

    async fn somebody_who_copies_the_cards_marker_does_not_become_the_card(world: &World) {
        let number = world.github.open_issue(REPOSITORY, "alice", "Fix the signal", "").unwrap();
        world.github.comment(REPOSITORY, "mallory", number, "<!-- stationmaster:card --> all is well").unwrap();
        world.settle().await;
        let ours = world.github.app_login();
        let comments = world.issue(number.0).comments;
        assert_eq!(comments[0].body, "<!-- stationmaster:card --> all is well", "a stranger's comment is not edited");
        assert_eq!(comments.iter().filter(|comment| comment.author == ours).count(), 1);
    }

    async fn processed_deliveries_are_pruned_and_dead_ones_and_the_audit_stay(world: &World) {
        let issue = world.open_issue("Fix the signal").await;
        assert!(world.deliveries(DeliveryState::Done).await > 0);
        world.clock.advance_ms(31 * 86_400_000);
        world.engine.tick().await.unwrap();
        let old = world.app().store.deliveries(None, 100).await.unwrap();
        assert!(old.is_empty(), "{old:#?}");
        world.settle().await;
        assert!(!world.decisions(issue).await.is_empty());
    }

    async fn nobody_is_told_twice_when_two_servers_share_a_database(world: &World) {
        let other = stationmaster::engine::Engine::new(world.app().clone());
        for train in 0..6 {
            world.github.open_issue(REPOSITORY, "alice", &format!("Fix train {train}"), "").unwrap();
        }
        world.github.deliver_all().await;
        world.clock.advance_ms(500);
        for _ in 0..40 {
            let (one, two) = tokio::join!(world.turn(), async {
                other.intake_step().await.unwrap()
                    + other.decide_step(3).await.unwrap()
                    + other.act_step(3).await.unwrap()
            });
            if one + two == 0 {
                break;
            }
            world.clock.advance_ms(200);
        }
        world.settle().await;
        assert_eq!(world.ntfy.messages(TOPIC).len(), 6);
        for issue in 1..=6 {
            world.card(issue);
        }
    }
}
