//! Claims on both databases: the best task goes to one worker, and to nobody beyond its room.

use std::collections::BTreeSet;
use std::sync::Arc;

use stationmaster::model::{
    Level, ManualClock, Number, RepositoryId, Subject, TaskChanges, TaskState, TaskType, Timestamp, WorkerId,
};
use stationmaster::store::{ClaimedTask, Committed, RepositoryUpdate, Store};
use tokio::task::JoinSet;

use crate::store::{clock_now, on_both, on_store};
use crate::store_tasks::{HOME, LEASE_MS, claimable, commit, decided, know, look_at, stored, task, worker};
use crate::world::{On, drop_database, migrated_database};

async fn next(store: &Store, id: &str) -> Option<i64> {
    let claimed = store.claim_next(&worker(id, "dev"), None, LEASE_MS).await.unwrap();
    claimed.map(|claimed| claimed.number.0)
}

/// Fifty workers at two servers claim at once.
async fn fifty_at_two_servers(on: On) {
    let folder = tempfile::tempdir().unwrap();
    let address = migrated_database(on, folder.path()).await;
    let clock = ManualClock::at(Timestamp(1_795_262_400_000));
    let first = Store::open(&address, Arc::new(clock.clone())).await.unwrap();
    let second = Store::open(&address, Arc::new(clock.clone())).await.unwrap();
    know(&first, HOME, "octo/station").await;
    for number in 1..=3 {
        decided(&first, &clock, task(number), claimable()).await;
    }
    let mut claims = JoinSet::new();
    for index in 0..50 {
        let store = if index % 2 == 0 { first.clone() } else { second.clone() };
        claims.spawn(async move {
            let worker = worker(&format!("w{index}"), "dev");
            // A claim that finds every task in another's hands looks again, as a worker would.
            for _ in 0..3 {
                if let Some(claimed) = store.claim_next(&worker, None, LEASE_MS).await.unwrap() {
                    return Some((claimed, worker.id));
                }
            }
            None
        });
    }
    let won: Vec<(ClaimedTask, WorkerId)> = claims.join_all().await.into_iter().flatten().collect();
    let numbers: BTreeSet<i64> = won.iter().map(|(claimed, _)| claimed.number.0).collect();
    assert_eq!((won.len(), numbers), (3, [1, 2, 3].into()), "each task went to one of them");
    for (claimed, id) in won {
        let task = stored(&second, claimed.number.0).await;
        assert_eq!((task.worker, task.fence), (Some(id), 1));
        assert_eq!(task.lease.unwrap().id, claimed.lease);
    }
    first.database().close().await;
    second.database().close().await;
    drop_database(&address).await;
}

#[tokio::test]
async fn of_fifty_claimers_at_two_servers_each_task_goes_to_one_on_sqlite() {
    fifty_at_two_servers(On::Sqlite).await;
}

#[tokio::test]
async fn of_fifty_claimers_at_two_servers_each_task_goes_to_one_on_postgres() {
    fifty_at_two_servers(On::Postgres).await;
}

on_both! {
    async fn the_best_task_is_claimed_first(store: &Store, clock: &ManualClock) {
        know(store, HOME, "octo/station").await;
        let mut given = task(1);
        (given.worker, given.state, given.priority) = (Some(WorkerId::new("ada")), TaskState::Assigned, Level::Low);
        let mut urgent = task(2);
        (urgent.work.urgent, urgent.priority) = (true, Level::Low);
        let mut critical = task(3);
        critical.priority = Level::Critical;
        let (older, younger) = (task(4), task(5));
        for task in [younger, older, critical, urgent, given] {
            decided(store, clock, task, claimable()).await;
        }
        assert_eq!(next(store, "bob").await, Some(2), "what is given to ada is not for bob, and urgent comes first");
        for expected in [1, 3, 4, 5] {
            assert_eq!(next(store, "ada").await, Some(expected));
        }
        assert_eq!(next(store, "ada").await, None);
    }

    async fn only_what_a_worker_is_capable_of_is_claimed(store: &Store, clock: &ManualClock) {
        know(store, HOME, "octo/station").await;
        let mut writing = task(1);
        writing.task_type = TaskType::new("docs");
        decided(store, clock, writing, claimable()).await;
        decided(store, clock, task(2), TaskChanges::default()).await;
        let mut tester = worker("tess", "qa");
        assert_eq!(store.claim_next(&tester, None, LEASE_MS).await.unwrap(), None, "neither role nor type");
        assert_eq!(store.claim_task(&tester, (HOME, Number(1)), LEASE_MS).await.unwrap(), None);
        tester.capabilities = vec!["python".to_owned(), "docs".to_owned()];
        assert_eq!(store.claim_next(&tester, Some(RepositoryId(8)), LEASE_MS).await.unwrap(), None, "elsewhere");
        let claimed = store.claim_task(&tester, (HOME, Number(1)), LEASE_MS).await.unwrap().unwrap();
        assert_eq!((claimed.title.as_str(), claimed.handoff.as_str()), ("Task 1", "{\"item_id\":\"x\"}"));
        assert_eq!(store.claim_task(&worker("ada", "dev"), (HOME, Number(1)), LEASE_MS).await.unwrap(), None, "held");
        assert_eq!(next(store, "ada").await, None, "what a decision holds back cannot be claimed");
    }

    async fn nothing_is_claimed_where_the_app_is_suspended(store: &Store, clock: &ManualClock) {
        know(store, HOME, "octo/station").await;
        decided(store, clock, task(1), claimable()).await;
        store.note_repositories(&[RepositoryUpdate::Gone(HOME)]).await.unwrap();
        assert_eq!(next(store, "ada").await, None);
        know(store, HOME, "octo/station").await;
        assert_eq!(next(store, "ada").await, Some(1));
    }

    async fn claims_at_once_never_exceed_a_worker_s_room(store: &Store, clock: &ManualClock) {
        know(store, HOME, "octo/station").await;
        for number in 1..=8 {
            decided(store, clock, task(number), claimable()).await;
        }
        let mut claims = JoinSet::new();
        for _ in 0..20 {
            let (store, mut ada) = (store.clone(), worker("ada", "dev"));
            ada.capacity = 3;
            claims.spawn(async move { store.claim_next(&ada, None, LEASE_MS).await.unwrap() });
        }
        assert_eq!(claims.join_all().await.into_iter().flatten().count(), 3);
        assert_eq!(store.leases_of(&WorkerId::new("ada")).await.unwrap().len(), 3);
    }

    async fn a_claim_is_under_way_at_once_and_a_decision_of_before_changes_nothing(store: &Store, clock: &ManualClock) {
        know(store, HOME, "octo/station").await;
        decided(store, clock, task(1), claimable()).await;
        let claimed_subject = look_at(store, clock, 1).await;
        let before = stored(store, 1).await;
        let claim = store.claim_next(&worker("ada", "dev"), None, LEASE_MS).await.unwrap().unwrap();
        let now = clock_now(clock);
        assert_eq!((claim.fence, claim.until), (1, now.plus_ms(LEASE_MS)));

        let after = stored(store, 1).await;
        assert_eq!((after.state, after.work.begun, after.work.given), (TaskState::InProgress, Some(now), Some(now)));
        assert_eq!(after.work.timeline.last().unwrap().what, "claimed it");
        assert_eq!(commit(store, &claimed_subject, before, claimable()).await, Committed::Overtaken);
        assert_eq!(stored(store, 1).await, after, "nothing of it is in force");
        assert_eq!(commit(store, &claimed_subject, after.clone(), TaskChanges::default()).await, Committed::Done);
        let settled = stored(store, 1).await;
        assert_eq!(settled.work, after.work, "the decision has taken the claim over, once");
        assert_eq!(settled.lease, after.lease);

        clock.advance_ms(3_000);
        let again = store.claim_subject("test", 1_000).await.unwrap().unwrap();
        assert_eq!(again.subject, Subject::Issue(HOME, Number(1)), "the claim has marked the issue");
        let lines = store.timeline(&again.subject, 10).await.unwrap();
        let claims: Vec<_> = lines.iter().filter(|line| line.kind == "claim").collect();
        assert_eq!(claims.len(), 1);
        assert_eq!((claims[0].actor.as_str(), claims[0].door.as_deref()), ("worker ada", Some("api")));
    }

    async fn a_place_that_a_claim_has_filled_is_not_filled_by_a_decision(store: &Store, clock: &ManualClock) {
        know(store, HOME, "octo/station").await;
        decided(store, clock, task(1), claimable()).await;
        let roster = [(worker("ada", "dev"), stationmaster::model::Presence::Active)];
        let before = store.worker_loads(&roster).await.unwrap().remove(0);
        assert_eq!(next(store, "ada").await, Some(1));
        let after = store.worker_loads(&roster).await.unwrap().remove(0);
        assert_eq!((before.open_tasks, after.open_tasks), (0, 1));
        assert_ne!(before.version, after.version);
    }

    async fn claims_and_decisions_about_the_same_tasks_do_not_wait_for_each_other_for_ever(store: &Store, clock: &ManualClock) {
        know(store, HOME, "octo/station").await;
        for number in 1..=12 {
            decided(store, clock, task(number), claimable()).await;
        }
        let mut claimed = Vec::new();
        for number in 1..=12 {
            claimed.push(look_at(store, clock, number).await);
        }
        let mut both = JoinSet::new();
        for (number, subject) in (1..).zip(claimed) {
            let (one, two) = (store.clone(), store.clone());
            both.spawn(async move {
                let mut changes = claimable();
                changes.marks = (1..=12).map(|other| Subject::Issue(HOME, Number(other))).collect();
                for _ in 0..20 {
                    let task = stored(&one, number).await;
                    if commit(&one, &subject, task, changes.clone()).await == Committed::Done {
                        return;
                    }
                }
                panic!("it never came through");
            });
            both.spawn(async move {
                let ada = worker(&format!("w{}", number % 3), "dev");
                two.claim_task(&ada, (HOME, Number(number)), LEASE_MS).await.unwrap();
            });
        }
        both.join_all().await;
    }
}
