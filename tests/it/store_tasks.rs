//! Tasks and workers as the tests of the store need them.

use stationmaster::model::{
    Calendar, Decision, Explanation, InstallationId, Level, ManualClock, Number, RepositoryId, RoleName, Subject, Task,
    TaskChanges, TaskState, TaskType, TaskWork, Timestamp, Worker, WorkerId,
};
use stationmaster::store::{ClaimedSubject, Committed, DecisionRecord, RepositoryUpdate, Store};

use crate::store::clock_now;

pub const HOME: RepositoryId = RepositoryId(7);
pub const LEASE_MS: i64 = 600_000;

/// Has the store know the repository, as it must for claims.
pub async fn know(store: &Store, id: RepositoryId, name: &str) {
    let seen = RepositoryUpdate::Seen(id, name.parse().unwrap(), InstallationId(1));
    store.note_repositories(&[seen]).await.unwrap();
}

/// A task of the role `dev` that nobody has.
pub fn task(number: i64) -> Task {
    Task {
        repository: HOME,
        number: Number(number),
        state: TaskState::Ready,
        task_type: TaskType::new("bug"),
        role: Some(RoleName::new("dev")),
        worker: None,
        priority: Level::Medium,
        risk: None,
        type_pinned: false,
        priority_pinned: false,
        worker_pinned: false,
        rule: None,
        assignment: Explanation::default(),
        fence: 0,
        lease: None,
        version: 0,
        work: TaskWork::default(),
        projected: Vec::new(),
        ours: Vec::new(),
        assignees: Vec::new(),
        card: None,
        card_digest: None,
        policy_fingerprint: String::new(),
        created: Timestamp(number),
        updated: Timestamp(number),
    }
}

pub fn worker(id: &str, role: &str) -> Worker {
    Worker {
        id: WorkerId::new(id),
        role: RoleName::new(role),
        capabilities: Vec::new(),
        login: None,
        capacity: 100,
        calendar: Calendar::Always,
        agent: true,
        tell: Vec::new(),
    }
}

pub fn claimable() -> TaskChanges {
    TaskChanges { claimable: true, handoff: "{\"item_id\":\"x\"}".to_owned(), ..TaskChanges::default() }
}

/// Claims the subject of an issue for a decision about it.
pub async fn look_at(store: &Store, clock: &ManualClock, number: i64) -> ClaimedSubject {
    let subject = Subject::Issue(HOME, Number(number));
    store.mark(std::slice::from_ref(&subject)).await.unwrap();
    clock.advance_ms(3_000);
    loop {
        let claimed = store.claim_subject("test", LEASE_MS).await.unwrap().expect("it was marked");
        if claimed.subject == subject {
            return claimed;
        }
        store.put_back(&claimed, clock_now(clock).plus_ms(60_000), None).await.unwrap();
    }
}

/// Puts a decision into force that leaves the task so.
pub async fn commit(store: &Store, claimed: &ClaimedSubject, task: Task, changes: TaskChanges) -> Committed {
    let title = format!("Task {}", task.number);
    let decision = Decision { summary: title.clone(), task: Some(task), changes, ..Decision::default() };
    let record = DecisionRecord {
        claimed,
        seen: &[],
        reports_read: 0,
        decision: &decision,
        title: &title,
        saw: "null",
        replay: None,
        places: &[],
        route: None,
        notable: true,
    };
    store.commit_decision(record).await.unwrap()
}

/// Decides that the task is so.
pub async fn decided(store: &Store, clock: &ManualClock, task: Task, changes: TaskChanges) {
    let claimed = look_at(store, clock, task.number.0).await;
    assert_eq!(commit(store, &claimed, task, changes).await, Committed::Done);
}

/// The task as it is stored.
pub async fn stored(store: &Store, number: i64) -> Task {
    store.task(HOME, Number(number)).await.unwrap().unwrap()
}
