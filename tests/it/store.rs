//! What the store promises whoever works on its rows, on both databases.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use stationmaster::model::{
    Action, Decision, Explanation, ManualClock, Outcome, PeopleMessage, Planned, RepositoryId, Subject, TaskState,
    Timestamp, Urgency5,
};
use stationmaster::store::{Committed, DecisionRecord, Store};

use crate::world::{On, drop_database, migrated_database};

const LEASE_MS: i64 = 10_000;
const SUBJECT: Subject = Subject::Repository(RepositoryId(7));

/// Runs a test on a fresh store with a clock that is ours.
pub async fn on_store(on: On, test: impl AsyncFnOnce(&Store, &ManualClock)) {
    let folder = tempfile::tempdir().unwrap();
    let address = migrated_database(on, folder.path()).await;
    let clock = ManualClock::at(Timestamp(1_795_262_400_000));
    let store = Store::open(&address, Arc::new(clock.clone())).await.unwrap();
    test(&store, &clock).await;
    store.database().close().await;
    drop_database(&address).await;
}

macro_rules! on_both {
    ($(async fn $name:ident($store:ident: &Store, $clock:ident: &ManualClock) $body:block)+) => {$(
        mod $name {
            use super::*;

            async fn test($store: &Store, $clock: &ManualClock) $body

            #[tokio::test]
            async fn on_sqlite() {
                on_store(On::Sqlite, async |store: &Store, clock: &ManualClock| test(store, clock).await).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                on_store(On::Postgres, async |store: &Store, clock: &ManualClock| test(store, clock).await).await;
            }
        }
    )+};
}

fn message(topic: &str, title: &str) -> Planned {
    Planned {
        key: format!("{topic}/{title}"),
        slot: None,
        action: Action::Notify(PeopleMessage {
            topic: Some(topic.to_owned()),
            channels: None,
            title: title.to_owned(),
            text: String::new(),
            priority: Urgency5::Default,
            tags: Vec::new(),
            click: None,
            buttons: Vec::new(),
            happened: Timestamp(0),
        }),
    }
}

fn decision(title: &str) -> Decision {
    let explanation = Explanation::default();
    Decision { summary: title.to_owned(), explanation, actions: vec![message("lane", title)], ..Decision::default() }
}

pub fn record<'a>(claimed: &'a stationmaster::store::ClaimedSubject, decision: &'a Decision) -> DecisionRecord<'a> {
    DecisionRecord {
        claimed,
        seen: &[],
        reports_read: 0,
        decision,
        title: "",
        saw: "null",
        replay: None,
        places: &[],
        route: None,
        notable: true,
    }
}

const DONE: fn() -> Outcome = || Outcome::Performed { note: "done".to_owned(), learned: None };

on_both! {
    async fn a_decision_under_a_stale_fence_changes_nothing(store: &Store, clock: &ManualClock) {
        store.mark(&[SUBJECT]).await.unwrap();
        clock.advance_ms(1_000);
        let first = store.claim_subject("one", LEASE_MS).await.unwrap().unwrap();
        assert!(store.claim_subject("two", LEASE_MS).await.unwrap().is_none(), "it is held");
        clock.advance_ms(LEASE_MS);
        let second = store.claim_subject("two", LEASE_MS).await.unwrap().unwrap();
        assert!(second.fence > first.fence);

        let late = store.commit_decision(record(&first, &decision("late"))).await.unwrap();
        assert_eq!(late, Committed::Stale);
        assert!(store.actions(None, 10).await.unwrap().is_empty(), "nothing of it is in force");
        assert!(store.audit_of(None, 10).await.unwrap().is_empty());
        assert!(!store.put_back(&first, clock_now(clock), Some("late")).await.unwrap());

        let right = store.commit_decision(record(&second, &decision("right"))).await.unwrap();
        assert_eq!(right, Committed::Done);
        assert_eq!(store.actions(None, 10).await.unwrap()[0].key, "lane/right");
    }

    async fn a_mark_during_a_decision_is_not_lost(store: &Store, clock: &ManualClock) {
        store.mark(&[SUBJECT]).await.unwrap();
        clock.advance_ms(1_000);
        let claimed = store.claim_subject("one", LEASE_MS).await.unwrap().unwrap();
        store.mark(&[SUBJECT]).await.unwrap();
        assert_eq!(store.commit_decision(record(&claimed, &decision("first"))).await.unwrap(), Committed::Done);
        clock.advance_ms(1_000);
        let again = store.claim_subject("one", LEASE_MS).await.unwrap();
        assert!(again.is_some(), "it is looked at once more");
        assert_eq!(store.commit_decision(record(&again.unwrap(), &decision("second"))).await.unwrap(), Committed::Done);
        clock.advance_ms(60_000);
        assert!(store.claim_subject("one", LEASE_MS).await.unwrap().is_none(), "and then it rests");
    }

    async fn an_outcome_under_a_stale_fence_changes_nothing(store: &Store, clock: &ManualClock) {
        store.queue_alone(&SUBJECT, &message("lane", "hello")).await.unwrap();
        let first = store.claim_action("one", LEASE_MS).await.unwrap().unwrap();
        clock.advance_ms(LEASE_MS);
        assert_eq!(store.free_expired_actions().await.unwrap(), 1);
        let second = store.claim_action("two", LEASE_MS).await.unwrap().unwrap();
        let refused = Outcome::Refused { reason: "late".to_owned() };
        assert!(!store.finish_action(&first, &refused, clock_now(clock)).await.unwrap());
        assert!(store.finish_action(&second, &DONE(), clock_now(clock)).await.unwrap());
        assert_eq!(store.actions(None, 10).await.unwrap()[0].state, "done");
    }

    async fn a_key_is_queued_once(store: &Store, clock: &ManualClock) {
        for _ in 0..3 {
            store.queue_alone(&SUBJECT, &message("lane", "hello")).await.unwrap();
            clock.advance_ms(1_000);
        }
        assert_eq!(store.actions(None, 10).await.unwrap().len(), 1);
    }

    async fn one_of_a_lane_at_a_time_and_lanes_beside_each_other(store: &Store, clock: &ManualClock) {
        for title in ["1", "2", "3"] {
            for lane in ["a", "b"] {
                store.queue_alone(&SUBJECT, &message(lane, title)).await.unwrap();
            }
        }
        for round in ["1", "2", "3"] {
            let one = store.claim_action("one", LEASE_MS).await.unwrap().unwrap();
            let two = store.claim_action("two", LEASE_MS).await.unwrap().unwrap();
            assert!(store.claim_action("three", LEASE_MS).await.unwrap().is_none(), "both lanes are busy");
            let keys: BTreeSet<&str> = [one.key.as_str(), two.key.as_str()].into();
            assert_eq!(keys, [format!("a/{round}").as_str(), format!("b/{round}").as_str()].into());
            for attempt in [one, two] {
                store.finish_action(&attempt, &DONE(), clock_now(clock)).await.unwrap();
            }
        }
    }

    async fn what_stands_behind_a_failed_head_waits_for_it(store: &Store, clock: &ManualClock) {
        for title in ["1", "2"] {
            store.queue_alone(&SUBJECT, &message("a", title)).await.unwrap();
        }
        let head = store.claim_action("one", LEASE_MS).await.unwrap().unwrap();
        let failed = Outcome::Failed { reason: "no answer".to_owned() };
        store.finish_action(&head, &failed, clock_now(clock).plus_ms(5_000)).await.unwrap();
        store.queue_alone(&SUBJECT, &message("a", "3")).await.unwrap();
        assert!(store.claim_action("one", LEASE_MS).await.unwrap().is_none());
        clock.advance_ms(5_000);
        for title in ["1", "2", "3"] {
            let next = store.claim_action("one", LEASE_MS).await.unwrap().unwrap();
            assert_eq!(next.key, format!("a/{title}"));
            store.finish_action(&next, &DONE(), clock_now(clock)).await.unwrap();
        }
    }

    async fn a_dead_action_is_tried_again_when_somebody_says_so(store: &Store, clock: &ManualClock) {
        store.queue_alone(&SUBJECT, &message("a", "1")).await.unwrap();
        let attempt = store.claim_action("one", LEASE_MS).await.unwrap().unwrap();
        let refused = Outcome::Refused { reason: "not allowed".to_owned() };
        store.finish_action(&attempt, &refused, clock_now(clock)).await.unwrap();
        assert!(store.claim_action("one", LEASE_MS).await.unwrap().is_none());
        assert!(store.retry_action("a/1").await.unwrap());
        assert!(store.claim_action("one", LEASE_MS).await.unwrap().is_some());
        assert!(!store.retry_action("a/1").await.unwrap(), "it is not dead any more");
    }

    async fn a_turn_is_taken_by_one(store: &Store, clock: &ManualClock) {
        assert!(store.take_turn("sweep", 1_000).await.unwrap());
        assert!(!store.take_turn("sweep", 1_000).await.unwrap());
        clock.advance_ms(1_000);
        assert!(store.take_turn("sweep", 1_000).await.unwrap());
    }
}

pub(crate) use on_both;

pub fn clock_now(clock: &ManualClock) -> Timestamp {
    stationmaster::model::Clock::now(clock)
}

#[test]
fn open_states_in_sql_are_those_of_the_type() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/tasks.rs")).unwrap();
    let list = text.split("OPEN_STATES: &str =").nth(1).unwrap().split(';').next().unwrap();
    for state in TaskState::ALL {
        assert_eq!(list.contains(&format!("'{state}'")), state.is_open(), "{state}");
    }
}
