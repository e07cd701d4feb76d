//! The queue in the database, on both: ten servers build once, and what pulls do meanwhile is not lost.

use std::sync::Arc;

use futures::future::join_all;
use stationmaster::decide::queue;
use stationmaster::model::{
    Action, BatchState, BranchName, Clock as _, Fact, ManualClock, MergeBlocker, Number, Outcome, QueueDecision,
    QueueEnd, QueueEntry, QueueSnapshot, QueuedPull, RepositoryId, StagingReport, Subject, Timestamp,
};
use stationmaster::store::{ClaimedSubject, OutboxState, QueueCommit, QueueCommitted, Store};

use super::scene::*;
use crate::world::{On, drop_database, migrated_database};

const LEASE_MS: i64 = 10_000;
const REPOSITORY: RepositoryId = RepositoryId(7);

async fn on_store(on: On, test: impl AsyncFnOnce(&Store, &ManualClock)) {
    let folder = tempfile::tempdir().unwrap();
    let address = migrated_database(on, folder.path()).await;
    let clock = ManualClock::at(NOW);
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

fn main_branch() -> BranchName {
    BranchName::from("main")
}

fn lane() -> Subject {
    Subject::Branch(REPOSITORY, main_branch())
}

async fn enter(store: &Store, number: i64) -> bool {
    store.enter_queue_alone((REPOSITORY, &main_branch()), &pull(number).entry).await.unwrap()
}

/// The queue as the database has it, with every pull as it entered.
async fn see(store: &Store) -> QueueSnapshot {
    let stored = store.queue_of(REPOSITORY, &main_branch()).await.unwrap();
    let queued = |entry: QueueEntry| QueuedPull { head: Some(entry.head.clone()), entry, ..pull(0) };
    let mut seen = queue_with(stored.entries.into_iter().map(queued).collect());
    seen.record = stored.record;
    seen.reports = stored.reports;
    seen.attempts = stored.attempts;
    seen
}

async fn claim(store: &Store, clock: &ManualClock) -> ClaimedSubject {
    clock.advance_ms(2_000);
    loop {
        let claimed = store.claim_subject("one", LEASE_MS).await.unwrap().expect("something is due");
        if claimed.subject == lane() {
            return claimed;
        }
        store.put_back(&claimed, clock.now().plus_ms(3_600_000), None).await.unwrap();
    }
}

async fn commit(store: &Store, claimed: &ClaimedSubject, decision: &QueueDecision) -> QueueCommitted {
    let commit = QueueCommit { claimed, seen: &[], decision, saw: "null", replay: None, checks: &[], notable: true };
    store.commit_queue(commit).await.unwrap()
}

/// Looks and decides, as the engine does.
async fn tick(store: &Store, clock: &ManualClock, look: impl FnOnce(&mut QueueSnapshot)) -> QueueDecision {
    let claimed = claim(store, clock).await;
    let mut seen = see(store).await;
    look(&mut seen);
    let decision = queue(&seen, &settings(), clock.now());
    assert_eq!(commit(store, &claimed, &decision).await, QueueCommitted::Done);
    decision
}

/// Performs the head of the staging lane with this outcome.
async fn report(store: &Store, clock: &ManualClock, report: StagingReport) {
    let attempt = store.claim_action("one", LEASE_MS).await.unwrap().expect("an action is due");
    let (Action::BuildStaging { batch, .. } | Action::LandStaging { batch, .. }) = attempt.action else { panic!() };
    let learned = Some(Fact::Staging { batch, report });
    let outcome = Outcome::Performed { note: "done".to_owned(), learned };
    assert!(store.finish_action(&attempt, &outcome, clock.now()).await.unwrap());
}

async fn kinds(store: &Store) -> Vec<(String, String)> {
    let rows = store.actions(None, 50).await.unwrap();
    rows.into_iter().map(|row| (row.kind, row.state)).collect()
}

/// Takes the queue so far that its one batch of #1 is about to land.
async fn about_to_land(store: &Store, clock: &ManualClock) {
    enter(store, 1).await;
    tick(store, clock, |_| {}).await;
    report(store, clock, StagingReport::Built { staging: sha("staging1"), conflicts: Vec::new() }).await;
    let green = |seen: &mut QueueSnapshot| {
        seen.staging_sha = Some(sha("staging1"));
        seen.checks = vec![check("test", stationmaster::model::Conclusion::Success)];
    };
    assert_eq!(told(&tick(store, clock, green).await), "land #1 as staging1");
}

on_both! {
    async fn ten_concurrent_ticks_start_one_build(store: &Store, clock: &ManualClock) {
        for number in 1..=3 {
            enter(store, number).await;
        }
        clock.advance_ms(2_000);
        let ticks = (0..10).map(|server| async move {
            let claimed = store.claim_subject(&format!("server-{server}"), LEASE_MS).await.unwrap()?;
            assert_eq!(claimed.subject, lane());
            let decision = queue(&see(store).await, &settings(), clock.now());
            Some(commit(store, &claimed, &decision).await)
        });
        let outcomes: Vec<_> = join_all(ticks).await.into_iter().flatten().collect();
        assert_eq!(outcomes, [QueueCommitted::Done], "one of ten has the lane");
        assert_eq!(kinds(store).await, [("build_staging".to_owned(), "pending".to_owned())]);
    }

    async fn a_server_that_lost_its_lease_builds_nothing(store: &Store, clock: &ManualClock) {
        enter(store, 1).await;
        let slow = claim(store, clock).await;
        let late = queue(&see(store).await, &settings(), clock.now());
        clock.advance_ms(LEASE_MS);
        tick(store, clock, |_| {}).await;
        assert_eq!(commit(store, &slow, &late).await, QueueCommitted::Stale);
        assert_eq!(kinds(store).await.len(), 1);
    }

    async fn a_pull_keeps_its_age_until_it_has_another_head(store: &Store, _clock: &ManualClock) {
        assert!(enter(store, 1).await);
        assert!(!enter(store, 1).await, "nothing changed, so nobody need look");
        let mut entry = pull(1).entry;
        let age = entry.entered;
        entry.entered = Timestamp(NOW.ms() + 1);
        entry.priority = 200;
        store.enter_queue_alone((REPOSITORY, &main_branch()), &entry).await.unwrap();
        let kept = store.queue_of(REPOSITORY, &main_branch()).await.unwrap().entries.remove(0);
        assert_eq!((kept.entered, kept.priority), (age, 200));
        entry.head = sha("another");
        store.enter_queue_alone((REPOSITORY, &main_branch()), &entry).await.unwrap();
        let anew = store.queue_of(REPOSITORY, &main_branch()).await.unwrap().entries.remove(0);
        assert_eq!((anew.entered, anew.head), (entry.entered, sha("another")));
    }

    async fn a_pull_that_changes_its_base_changes_its_queue(store: &Store, clock: &ManualClock) {
        enter(store, 1).await;
        tick(store, clock, |_| {}).await;
        let dev = BranchName::from("dev");
        store.enter_queue_alone((REPOSITORY, &dev), &pull(1).entry).await.unwrap();
        assert!(store.queue_of(REPOSITORY, &main_branch()).await.unwrap().entries.is_empty());
        assert_eq!(store.queued_branches(REPOSITORY).await.unwrap(), [dev, main_branch()]);
        assert_eq!(told(&tick(store, clock, |_| {}).await), "nothing", "and its batch ends");
        assert_eq!(store.queued_branches(REPOSITORY).await.unwrap(), [BranchName::from("dev")]);
    }

    async fn what_leaves_during_a_decision_is_not_built(store: &Store, clock: &ManualClock) {
        enter(store, 1).await;
        enter(store, 2).await;
        let claimed = claim(store, clock).await;
        let decision = queue(&see(store).await, &settings(), clock.now());
        assert!(store.leave_queue_alone(REPOSITORY, Number(1)).await.unwrap());
        assert_eq!(commit(store, &claimed, &decision).await, QueueCommitted::Changed);
        assert!(kinds(store).await.is_empty(), "nothing of it is in force");
        let anew = queue(&see(store).await, &settings(), clock.now());
        assert_eq!(commit(store, &claimed, &anew).await, QueueCommitted::Done, "the claim still holds");
        assert_eq!(told(&anew), "build #2 on base0");
    }

    async fn what_leaves_after_a_decision_has_the_branch_looked_at_again(store: &Store, clock: &ManualClock) {
        enter(store, 1).await;
        enter(store, 2).await;
        tick(store, clock, |_| {}).await;
        store.leave_queue_alone(REPOSITORY, Number(1)).await.unwrap();
        assert_eq!(told(&tick(store, clock, |_| {}).await), "build #2 on base0");
        let states = kinds(store).await;
        assert_eq!(states.iter().filter(|(_, state)| state == "pending").count(), 1, "{states:?}");
        assert!(!store.leave_queue_alone(REPOSITORY, Number(1)).await.unwrap());
    }

    async fn a_report_reaches_the_decision_and_only_that_of_its_batch(store: &Store, clock: &ManualClock) {
        enter(store, 1).await;
        tick(store, clock, |_| {}).await;
        report(store, clock, StagingReport::BaseMoved).await;
        let decision = tick(store, clock, |seen| seen.base_sha = Some(sha("base1"))).await;
        assert_eq!(told(&decision), "build #1 on base1");
        assert!(see(store).await.reports.is_empty(), "what was said of batch 1 is not said of batch 2");
        report(store, clock, StagingReport::Built { staging: sha("staging2"), conflicts: Vec::new() }).await;
        assert_eq!(see(store).await.reports.len(), 1);
    }

    async fn what_has_landed_has_left_and_its_pull_is_looked_at(store: &Store, clock: &ManualClock) {
        about_to_land(store, clock).await;
        report(store, clock, StagingReport::Landed { sha: sha("staging1") }).await;
        assert_eq!(told(&tick(store, clock, |_| {}).await), "landed [1]");
        assert!(store.queue_place(REPOSITORY, Number(1)).await.unwrap().is_none());
        let end = store.queue_end(REPOSITORY, Number(1)).await.unwrap();
        assert_eq!(end, Some(QueueEnd { head: head(1), put_out: None }), "its own decision will comment");
        clock.advance_ms(2_000);
        let next = store.claim_subject("one", LEASE_MS).await.unwrap();
        assert!(next.is_none_or(|claimed| claimed.subject == Subject::Pull(REPOSITORY, Number(1))));
    }

    async fn landing_is_withdrawn_while_it_waits(store: &Store, clock: &ManualClock) {
        about_to_land(store, clock).await;
        store.leave_queue_alone(REPOSITORY, Number(1)).await.unwrap();
        assert_eq!(told(&tick(store, clock, |_| {}).await), "withdraw");
        assert!(store.claim_action("one", LEASE_MS).await.unwrap().is_none(), "it is never performed");
        assert!(kinds(store).await.contains(&("land_staging".to_owned(), OutboxState::Superseded.to_string())));
    }

    async fn landing_is_not_withdrawn_while_it_is_under_way(store: &Store, clock: &ManualClock) {
        about_to_land(store, clock).await;
        let attempt = store.claim_action("other", LEASE_MS).await.unwrap().unwrap();
        store.leave_queue_alone(REPOSITORY, Number(1)).await.unwrap();
        let claimed = claim(store, clock).await;
        let decision = queue(&see(store).await, &settings(), clock.now());
        assert_eq!(commit(store, &claimed, &decision).await, QueueCommitted::UnderWay);
        let record = store.queue_of(REPOSITORY, &main_branch()).await.unwrap().record;
        assert!(matches!(record.batch.unwrap().state, BatchState::Landing { .. }), "nothing changed");
        let failed = Outcome::Failed { reason: "502".to_owned() };
        store.finish_action(&attempt, &failed, clock.now().plus_ms(5_000)).await.unwrap();
        let again = commit(store, &claimed, &decision).await;
        assert_eq!(again, QueueCommitted::UnderWay, "the decision does not know what came of the attempt");
        let decision = queue(&see(store).await, &settings(), clock.now());
        assert_eq!(commit(store, &claimed, &decision).await, QueueCommitted::Done, "the base has not moved by it");
        clock.advance_ms(60_000);
        assert!(store.claim_action("one", LEASE_MS).await.unwrap().is_none());
    }

    async fn landing_whose_answer_was_lost_is_not_withdrawn_once_the_base_has_moved(store: &Store, clock: &ManualClock) {
        about_to_land(store, clock).await;
        let attempt = store.claim_action("other", LEASE_MS).await.unwrap().unwrap();
        let failed = Outcome::Failed { reason: "502".to_owned() };
        store.finish_action(&attempt, &failed, clock.now().plus_ms(5_000)).await.unwrap();
        store.leave_queue_alone(REPOSITORY, Number(1)).await.unwrap();
        let claimed = claim(store, clock).await;
        let moved = QueueSnapshot { base_sha: Some(sha("later")), ..see(store).await };
        let decision = queue(&moved, &settings(), clock.now());
        assert_eq!(commit(store, &claimed, &decision).await, QueueCommitted::UnderWay);
        store.put_back(&claimed, clock.now().plus_ms(1_000), None).await.unwrap();
        clock.advance_ms(5_000);
        report(store, clock, StagingReport::Landed { sha: sha("staging1") }).await;
        assert_eq!(told(&tick(store, clock, |_| {}).await), "landed [1]");
    }

    async fn what_has_landed_while_its_withdrawal_was_decided_on_has_landed(store: &Store, clock: &ManualClock) {
        about_to_land(store, clock).await;
        let merged = |seen: &QueueSnapshot| {
            let pulls = seen.pulls.iter().map(|pull| QueuedPull { blockers: vec![MergeBlocker::NotOpen], ..pull.clone() });
            pulls.collect::<Vec<_>>()
        };
        // The base was read before it moved, and the pull after that.
        let seen = see(store).await;
        let between = QueueSnapshot { pulls: merged(&seen), ..seen };
        report(store, clock, StagingReport::Landed { sha: sha("staging1") }).await;
        let claimed = claim(store, clock).await;
        let decision = queue(&between, &settings(), clock.now());
        assert_eq!(commit(store, &claimed, &decision).await, QueueCommitted::Changed, "what was reported is not passed over");
        let seen = see(store).await;
        let decision = queue(&QueueSnapshot { pulls: merged(&seen), ..seen }, &settings(), clock.now());
        assert_eq!(told(&decision), "landed [1]");
        assert_eq!(commit(store, &claimed, &decision).await, QueueCommitted::Done);
        let end = store.queue_end(REPOSITORY, Number(1)).await.unwrap();
        assert_eq!(end, Some(QueueEnd { head: head(1), put_out: None }));
    }

    async fn who_was_put_out_stays_out_until_its_own_decision_knows(store: &Store, clock: &ManualClock) {
        enter(store, 1).await;
        tick(store, clock, |_| {}).await;
        report(store, clock, StagingReport::Built { staging: sha("staging1"), conflicts: vec![Number(1)] }).await;
        assert_eq!(told(&tick(store, clock, |_| {}).await), "out #1");
        let end = store.queue_end(REPOSITORY, Number(1)).await.unwrap().unwrap();
        assert_eq!(end.head, head(1));
        assert!(end.put_out.as_ref().unwrap().contains("conflicts with `main`"), "{end:?}");
        assert!(!enter(store, 1).await, "a decision that does not know it yet must not bring it back");
        let later = QueueEnd { head: sha("another"), ..end.clone() };
        store.forget_queue_end_alone((REPOSITORY, Number(1)), &later).await.unwrap();
        assert_eq!(store.queue_end(REPOSITORY, Number(1)).await.unwrap().as_ref(), Some(&end), "only what was seen");
        store.forget_queue_end_alone((REPOSITORY, Number(1)), &end).await.unwrap();
        assert!(enter(store, 1).await, "once it is known, only people bring it back");
    }

    async fn a_place_is_shown_once_the_branch_was_looked_at(store: &Store, clock: &ManualClock) {
        enter(store, 1).await;
        let (base, place) = store.queue_place(REPOSITORY, Number(1)).await.unwrap().unwrap();
        assert_eq!((base, place.place, place.state.as_str()), (main_branch(), 0, "it has just entered"));
        tick(store, clock, |_| {}).await;
        let (_, place) = store.queue_place(REPOSITORY, Number(1)).await.unwrap().unwrap();
        assert_eq!((place.place, place.state.as_str()), (1, "it is tested alone on top of `main`"));
    }

    async fn the_branch_is_looked_at_again_at_its_time(store: &Store, clock: &ManualClock) {
        enter(store, 1).await;
        let decision = tick(store, clock, |_| {}).await;
        let at = decision.look_again.unwrap();
        report(store, clock, StagingReport::Built { staging: sha("staging1"), conflicts: Vec::new() }).await;
        tick(store, clock, |seen| seen.staging_sha = Some(sha("staging1"))).await;
        clock.advance_ms(at.since_ms(clock.now()) - 1_000);
        let early = store.claim_subject("one", LEASE_MS).await.unwrap();
        assert!(early.is_none_or(|claimed| claimed.subject != lane()));
        clock.advance_ms(60_000);
        assert_eq!(claim(store, clock).await.subject, lane());
    }
}
