//! What a backlog costs: nothing that waits is touched again and again, and what belongs together is written together.

use std::collections::BTreeMap;

use stationmaster::model::{
    Action, Decision, Delivery, DeliveryGuid, DeliverySource, DeliveryState, Event, EventKind, EventName,
    InstallationId, ManualClock, Number, Outcome, Planned, Repository, Subject,
};
use stationmaster::store::{Committed, DecisionRecord, IntakeItem, IntakeResult, OutboxState, Store};

use crate::store::{clock_now, on_both, on_store, record};
use crate::store_tasks::HOME;
use crate::world::On;

const LEASE_MS: i64 = 10_000;
/// What one installation may create in a minute (`store/pace.rs`).
const A_MINUTE: usize = 70;

async fn queue_comment(store: &Store, number: i64) {
    let repository = Repository {
        id: HOME,
        name: "octo/station".parse().unwrap(),
        installation: InstallationId(1),
        default_branch: "main".into(),
        private: false,
    };
    let action = Action::Comment { repository, number: Number(number), text: "Seen.".to_owned() };
    let planned = Planned { key: format!("comment/{number}"), slot: None, action };
    store.queue_alone(&Subject::Issue(HOME, Number(number)), &planned).await.unwrap();
}

/// Performs all that may be performed now, and tells whose it was.
async fn performed(store: &Store, clock: &ManualClock) -> Vec<i64> {
    let mut subjects = Vec::new();
    while let Some(attempt) = store.claim_action("test", LEASE_MS).await.unwrap() {
        let Subject::Issue(_, number) = attempt.subject else { panic!("{}", attempt.subject) };
        subjects.push(number.0);
        let outcome = Outcome::Performed { note: String::new(), learned: None };
        assert!(store.finish_action(&attempt, &outcome, clock_now(clock)).await.unwrap());
    }
    subjects
}

on_both! {
    async fn a_crowd_that_waits_for_its_pace_falls_due_a_window_at_a_time(store: &Store, clock: &ManualClock) {
        for number in 1..=200 {
            queue_comment(store, number).await;
            clock.advance_ms(1);
        }
        assert_eq!(performed(store, clock).await, (1..=70).collect::<Vec<_>>());
        let mut due = BTreeMap::<i64, usize>::new();
        for waiting in store.actions(Some(OutboxState::Pending), 1_000).await.unwrap() {
            *due.entry(waiting.due.ms()).or_default() += 1;
        }
        assert_eq!(due.values().sum::<usize>(), 130);
        assert!(due.values().all(|together| *together <= A_MINUTE), "{due:?}");
        let windows: Vec<i64> = due.into_keys().collect();
        assert_eq!(windows[1] - windows[0], 60_000, "the second window's follow a minute later");
        clock.advance_ms(60_001);
        assert_eq!(performed(store, clock).await, (71..=140).collect::<Vec<_>>(), "in the order of queueing");
        clock.advance_ms(60_001);
        assert_eq!(performed(store, clock).await, (141..=200).collect::<Vec<_>>());
    }

    async fn a_batch_of_deliveries_marks_each_subject_once_and_closes_all_of_them(store: &Store, clock: &ManualClock) {
        for number in 0..100 {
            let delivery = Delivery {
                guid: DeliveryGuid::new(format!("g-{number:03}")),
                source: DeliverySource::Github,
                event: EventName("issues".to_owned()),
                received: clock_now(clock),
                body: "{}".into(),
            };
            store.accept(delivery).await.unwrap();
        }
        let event = Event {
            kind: EventKind::Issue { action: "edited".to_owned() },
            actor: None,
            installation: None,
            repository: None,
            subjects: Vec::new(),
        };
        let event = serde_json::to_string(&event).unwrap();
        // Of every three deliveries two are about an issue, and the third is not for us.
        let understand = |item: &IntakeItem| {
            let number: i64 = item.delivery.guid.as_str()[2..].parse().unwrap();
            if number % 3 == 2 {
                return IntakeResult::at_rest(DeliveryState::Ignored, "not for us");
            }
            let subjects = vec![Subject::Issue(HOME, Number(number % 3 + 1))];
            IntakeResult { subjects, event: event.clone(), note: None, ..IntakeResult::at_rest(DeliveryState::Marked, "") }
        };
        assert_eq!(store.intake(64, understand).await.unwrap(), 64);
        assert_eq!(store.intake(64, understand).await.unwrap(), 36);
        let counts = store.delivery_counts().await.unwrap();
        assert_eq!(counts, [("ignored".to_owned(), 33), ("marked".to_owned(), 67)]);
        clock.advance_ms(3_000);
        for expected in [34, 33] {
            let claimed = store.claim_subject("test", LEASE_MS).await.unwrap().unwrap();
            assert_eq!(claimed.generation, 2, "once for each batch");
            let seen = store.marked_deliveries(&claimed.subject).await.unwrap();
            assert_eq!(seen.len(), expected);
            assert!(seen.is_sorted_by_key(|delivery| delivery.id));
            let decision = Decision::default();
            let record = DecisionRecord { seen: &seen, ..record(&claimed, &decision) };
            assert_eq!(store.commit_decision(record).await.unwrap(), Committed::Done);
        }
        let counts = store.delivery_counts().await.unwrap();
        assert_eq!(counts, [("done".to_owned(), 67), ("ignored".to_owned(), 33)]);
    }
}
