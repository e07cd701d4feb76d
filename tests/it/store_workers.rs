//! The registry on both databases: who is there, what they hold, and what follows when they fall silent.

use stationmaster::model::{
    Login, ManualClock, Number, Presence, SaidStatus, Subject, TaskChanges, TaskState, Telling, Worker, WorkerId,
};
use stationmaster::store::{Committed, Store};

use crate::store::{clock_now, on_both, on_store};
use crate::store_tasks::{HOME, LEASE_MS, claimable, commit, decided, know, look_at, stored, task, worker};
use crate::world::On;

const SILENCES: (i64, i64) = (300_000, 3_600_000);

async fn presence(store: &Store, files: &[Worker], id: &str) -> Presence {
    let roster = store.roster(files, SILENCES).await.unwrap();
    roster.into_iter().find(|(worker, ..)| worker.id.as_str() == id).unwrap().1
}

/// Lets all that is due come to rest, and tells what it was.
async fn due(store: &Store, clock: &ManualClock) -> Vec<Subject> {
    clock.advance_ms(3_000);
    let mut subjects = Vec::new();
    while let Some(claimed) = store.claim_subject("test", 1_000).await.unwrap() {
        store.put_back(&claimed, clock_now(clock).plus_ms(1_000_000_000), None).await.unwrap();
        subjects.push(claimed.subject);
    }
    subjects
}

on_both! {
    async fn a_worker_that_registers_is_known_until_it_falls_silent(store: &Store, clock: &ManualClock) {
        let ada = worker("ada", "dev");
        let first = store.register_worker(&ada, SaidStatus::Idle, "ci").await.unwrap();
        assert_eq!((first.heartbeat, first.by.as_str()), (Some(clock_now(clock)), "ci"));
        assert_eq!(presence(store, &[], "ada").await, Presence::Idle);
        clock.advance_ms(300_001);
        assert_eq!(presence(store, &[], "ada").await, Presence::Stale);
        store.heartbeat(&ada.id, Some(SaidStatus::Active), LEASE_MS).await.unwrap().unwrap();
        assert_eq!(presence(store, &[], "ada").await, Presence::Active);
        clock.advance_ms(3_600_001);
        assert_eq!(presence(store, &[], "ada").await, Presence::Offline);
        let again = store.register_worker(&ada, SaidStatus::Offline, "ci").await.unwrap();
        assert_eq!((again.registered, again.updated), (first.registered, clock_now(clock)));
        assert_eq!(presence(store, &[], "ada").await, Presence::Offline, "it says so itself");
        assert_eq!(store.registered_workers().await.unwrap(), [again]);
    }

    async fn people_send_no_heartbeats_and_are_not_missed(store: &Store, clock: &ManualClock) {
        let mut person = worker("grace", "dev");
        (person.agent, person.login) = (false, Some(Login::new("grace")));
        let changes = TaskChanges { people: vec![person.clone()], ..claimable() };
        decided(store, clock, task(1), changes).await;
        clock.advance_ms(100 * 86_400_000);
        assert_eq!(presence(store, &[], "grace").await, Presence::Active);
        assert_eq!(store.registered_workers().await.unwrap()[0].by, "github");
        let again = store.register_worker(&person, SaidStatus::Active, "ops").await.unwrap();
        assert_eq!((again.heartbeat, again.by.as_str()), (None, "ops"));
    }

    async fn the_files_say_what_a_worker_is_for_and_it_says_how_it_works(store: &Store, clock: &ManualClock) {
        let mut file = worker("ada", "qa");
        (file.capacity, file.tell) = (1, vec![Telling::Assignee]);
        let files = [file, worker("bob", "dev")];
        let mut own = worker("ada", "dev");
        (own.capacity, own.login, own.tell) = (5, Some(Login::new("ada-bot")), vec![Telling::Mention]);
        store.register_worker(&own, SaidStatus::Active, "ci").await.unwrap();
        store.register_worker(&worker("zoe", "dev"), SaidStatus::Active, "ci").await.unwrap();
        clock.advance_ms(400_000);
        let roster = store.roster(&files, SILENCES).await.unwrap();
        let known: Vec<_> = roster.iter().map(|(worker, presence, _)| (worker.id.as_str(), *presence)).collect();
        assert_eq!(known, [("ada", Presence::Stale), ("bob", Presence::Active), ("zoe", Presence::Stale)]);
        let ada = &roster[0].0;
        assert_eq!((ada.role.as_str(), ada.capacity, &ada.tell[..]), ("qa", 5, &[Telling::Mention][..]));
        assert_eq!(ada.login, Some(Login::new("ada-bot")));
    }

    async fn a_heartbeat_keeps_leases_and_overtakes_no_decision(store: &Store, clock: &ManualClock) {
        know(store, HOME, "octo/station").await;
        decided(store, clock, task(12), claimable()).await;
        let ada = worker("ada", "dev");
        assert_eq!(store.heartbeat(&ada.id, None, LEASE_MS).await.unwrap(), None, "nobody registered it");
        store.register_worker(&ada, SaidStatus::Active, "ci").await.unwrap();
        let claim = store.claim_next(&ada, None, LEASE_MS).await.unwrap().unwrap();
        assert_eq!(presence(store, &[], "ada").await, Presence::Busy);
        let subject = look_at(store, clock, 12).await;
        let seen = stored(store, 12).await;

        clock.advance_ms(60_000);
        let leases = store.heartbeat(&ada.id, None, LEASE_MS).await.unwrap().unwrap();
        let until = clock_now(clock).plus_ms(LEASE_MS);
        assert_eq!((leases[0].item.to_string().as_str(), leases[0].fence), ("octo/station#12", 1));
        assert_eq!((&leases[0].lease, leases[0].until), (&claim.lease, until));
        assert_eq!(commit(store, &subject, seen, TaskChanges::default()).await, Committed::Done);
        assert_eq!(stored(store, 12).await.lease.unwrap().until, until, "a decision of before does not shorten it");

        clock.advance_ms(LEASE_MS);
        assert_eq!(store.heartbeat(&ada.id, None, LEASE_MS).await.unwrap().unwrap(), [], "it has run out");
        assert_eq!(stored(store, 12).await.lease.unwrap().until, until);
    }

    async fn whoever_comes_back_has_its_tasks_looked_at_and_its_downtime_ends(store: &Store, clock: &ManualClock) {
        know(store, HOME, "octo/station").await;
        let ada = worker("ada", "dev");
        store.register_worker(&ada, SaidStatus::Active, "ci").await.unwrap();
        let mut held = task(1);
        (held.worker, held.state) = (Some(ada.id.clone()), TaskState::Blocked);
        let since = clock_now(clock);
        let changes = TaskChanges { downtime: Some((ada.id.clone(), since)), ..TaskChanges::default() };
        decided(store, clock, held, changes).await;
        let mut others = task(2);
        others.role = Some("qa".into());
        decided(store, clock, others, claimable()).await;
        decided(store, clock, task(3), claimable()).await;
        due(store, clock).await;

        store.heartbeat(&ada.id, None, LEASE_MS).await.unwrap().unwrap();
        let held_and_waiting = [1, 3].map(|number| Subject::Issue(HOME, Number(number)));
        assert_eq!(due(store, clock).await, held_and_waiting);
        store.heartbeat(&ada.id, None, LEASE_MS).await.unwrap().unwrap();
        assert_eq!(due(store, clock).await, [], "a heartbeat as any other changes nothing");
        store.heartbeat(&WorkerId::new("ada"), Some(SaidStatus::Offline), LEASE_MS).await.unwrap().unwrap();
        assert_eq!(due(store, clock).await, held_and_waiting, "what it holds may be given to others");
    }
}
