//! What was said while nobody listened is heard later, once.

use serde_json::json;
use stationmaster::simulator::github::{Fault, FaultKind};
use stationmaster::simulator::ntfy;

use super::{MACHINES, SECRET, answers, audited, heard, issues, listen, message, publish, said, say, sign};
use crate::world::{On, World};

heard! {
    async fn five_messages_are_missed_and_heard_after_the_server_forgot_what_was_heard_last(world: &World) {
        say(world, ("task", "t-0"), &json!({"text": "Fix train 0"})).await;
        // The last message that was heard is no longer known there: by its id, everything would come again.
        world.ntfy.forget_messages();
        world.pass_ms(3_600_000).await;
        for train in 1..=5 {
            let open = json!({"text": format!("Fix train {train}")});
            publish(world, sign(&message(world, ("task", &format!("t-{train}")), &open), SECRET)).await;
            world.clock.advance_ms(700);
        }
        world.clock.advance_ms(1_200_000);
        assert_eq!(listen(world).await, 5, "and none of them is too old");
        assert_eq!(issues(world), 6);
        for train in 0..=5 {
            let expected = usize::from(train > 0);
            assert_eq!(answers(world, &format!("t-{train}")).len(), expected, "train {train}");
        }
        assert_eq!(listen(world).await, 0);
        assert_eq!(audited(world).await.len(), 6);
    }

    async fn what_is_older_than_the_overlap_is_not_asked_for_again(world: &World) {
        say(world, ("message", "m-1"), &json!({"text": "first"})).await;
        world.pass_ms(61_000).await;
        say(world, ("message", "m-2"), &json!({"text": "second"})).await;
        let heard = world.app().store.heard_until().await.unwrap().unwrap();
        let second = world.ntfy.messages(MACHINES).into_iter().find(|message| message.message.contains("m-2"));
        assert_eq!(heard.seconds(), second.unwrap().time);
    }

    async fn a_message_that_cannot_be_understood_for_the_moment_is_heard_later(world: &World) {
        world.pass_ms(120_000).await;
        publish(world, sign(&message(world, ("task", "t-1"), &json!({"text": "Fix it"})), SECRET)).await;
        world.github.inject(Fault::new("/repositories/", FaultKind::Status(503)));
        assert!(world.engine.listen_step().await.is_err(), "GitHub is asked for the repository");
        assert!(audited(world).await.is_empty());
        listen(world).await;
        assert_eq!((issues(world), answers(world, "t-1").len()), (1, 1));
    }

    async fn a_message_that_cannot_be_understood_for_long_does_not_hold_up_the_others(world: &World) {
        // Nothing was ever heard, and yet what comes while nobody listens is not missed.
        assert_eq!(listen(world).await, 0);
        publish(world, sign(&message(world, ("task", "t-1"), &json!({"text": "Fix it"})), SECRET)).await;
        publish(world, sign(&message(world, ("status_request", "s-1"), &json!({})), SECRET)).await;
        world.clock.advance_ms(360_000);
        world.github.inject(Fault::new("/repositories/", FaultKind::Status(503)));
        assert_eq!(listen(world).await, 2);
        let refused = "refused: GitHub does not tell of octo/station at present";
        assert_eq!(answers(world, "t-1")[0].result.as_deref(), Some(refused));
        assert_eq!(answers(world, "s-1").len(), 1);
    }

    async fn an_answer_is_said_once_though_ntfy_failed_after_taking_it(world: &World) {
        publish(world, sign(&message(world, ("status_request", "s-1"), &json!({})), SECRET)).await;
        world.engine.listen_step().await.unwrap();
        world.ntfy.inject(ntfy::Fault::StatusAfterDoing(502), 1);
        world.settle().await;
        world.pass_ms(60_000).await;
        assert_eq!(answers(world, "s-1").len(), 1);
        assert_eq!(said(world).len(), 1);
    }
}
