//! What a decision about a task leaves behind, beside the task, on both databases.

use stationmaster::model::{
    Action, Clock, Decision, Deed, Delivery, DeliveryGuid, DeliverySource, DeliveryState, Door, Event, EventKind,
    EventName, Fact, InstallationId, ManualClock, Number, Outcome, Planned, Repository, Subject, TaskChanges,
    TaskState, Timer, Timestamp, WorkerId,
};
use stationmaster::store::{
    AuditQuery, Committed, DecisionRecord, IntakeResult, OutboxState, RequestState, Store, TaskQuery,
};

use crate::store::{clock_now, on_both, on_store};
use crate::store_tasks::{HOME, claimable, decided, know, look_at, stored, task};
use crate::world::On;

const ISSUE: Subject = Subject::Issue(HOME, Number(1));

fn home() -> Repository {
    Repository {
        id: HOME,
        name: "octo/station".parse().unwrap(),
        installation: InstallationId(1),
        default_branch: "main".into(),
        private: false,
    }
}

fn timer(clock: &str, due_ms: i64) -> Timer {
    Timer { clock: clock.to_owned(), due: Timestamp(due_ms) }
}

on_both! {
    async fn timers_are_those_of_the_last_decision(store: &Store, clock: &ManualClock) {
        let changes = TaskChanges { timers: vec![timer("stuck", 30), timer("response", 20)], ..claimable() };
        decided(store, clock, task(1), changes).await;
        assert_eq!(store.timers(&ISSUE).await.unwrap(), [timer("response", 20), timer("stuck", 30)]);
        let changes = TaskChanges { timers: vec![timer("stuck", 40)], ..claimable() };
        decided(store, clock, stored(store, 1).await, changes).await;
        assert_eq!(store.timers(&ISSUE).await.unwrap(), [timer("stuck", 40)]);
    }

    async fn an_end_is_noted_once_and_the_next_one_again(store: &Store, clock: &ManualClock) {
        let mut failed = task(1);
        (failed.state, failed.worker) = (TaskState::Failed, Some(WorkerId::new("ada")));
        failed.work.failure = Some("no disk".to_owned());
        failed.work.finished = Some(Timestamp(50));
        decided(store, clock, failed, claimable()).await;
        decided(store, clock, stored(store, 1).await, claimable()).await;
        let mut done = stored(store, 1).await;
        (done.state, done.work.finished) = (TaskState::Done, Some(Timestamp(90)));
        decided(store, clock, done, claimable()).await;
        let ends = store.task_ends(Timestamp(0), 10).await.unwrap();
        let told: Vec<_> = ends.iter().map(|end| (end.ended.ms(), end.state, end.error.as_deref())).collect();
        assert_eq!(told, [(90, TaskState::Done, None), (50, TaskState::Failed, Some("no disk"))]);
        assert_eq!(store.task_ends(Timestamp(51), 10).await.unwrap().len(), 1);
    }

    async fn others_are_looked_at_when_a_decision_says_so(store: &Store, clock: &ManualClock) {
        let marks = [3, 2].map(|number| Subject::Issue(HOME, Number(number))).to_vec();
        decided(store, clock, task(1), TaskChanges { marks, ..claimable() }).await;
        clock.advance_ms(3_000);
        for number in [2, 3] {
            let due = store.claim_subject("test", 1_000).await.unwrap().unwrap();
            assert_eq!(due.subject, Subject::Issue(HOME, Number(number)));
        }
        assert!(store.claim_subject("test", 1_000).await.unwrap().is_none());
    }

    async fn what_is_planned_twice_stays_in_its_slot(store: &Store, _clock: &ManualClock) {
        let planned = |key: &str| Planned {
            key: key.to_owned(),
            slot: Some("card".to_owned()),
            action: Action::CloseIssue { repository: home(), number: Number(1), not_planned: false },
        };
        for key in ["older", "merged", "merged"] {
            store.queue_alone(&ISSUE, &planned(key)).await.unwrap();
        }
        let waiting = store.actions(Some(OutboxState::Pending), 10).await.unwrap();
        let keys: Vec<&str> = waiting.iter().map(|action| action.key.as_str()).collect();
        assert_eq!(keys, ["merged"]);
    }

    async fn what_was_asked_is_in_the_audit_and_known_by_its_request(store: &Store, clock: &ManualClock) {
        let guid = DeliveryGuid::new("api-1");
        assert_eq!(store.what_became_of(&guid).await.unwrap(), None);
        let delivery = Delivery {
            guid: guid.clone(),
            source: DeliverySource::Api,
            event: EventName("task".to_owned()),
            received: clock.now(),
            body: "{}".into(),
        };
        store.accept(delivery).await.unwrap();
        assert_eq!(store.what_became_of(&guid).await.unwrap(), Some(RequestState::Waiting));
        let event = Event {
            kind: EventKind::Issue { action: "asked".to_owned() },
            actor: None,
            installation: None,
            repository: None,
            subjects: vec![ISSUE],
        };
        let event = serde_json::to_string(&event).unwrap();
        let understood = || IntakeResult {
            subjects: vec![ISSUE],
            event: event.clone(),
            ..IntakeResult::at_rest(DeliveryState::Marked, "")
        };
        store.intake(10, |_| understood()).await.unwrap();
        assert_eq!(store.what_became_of(&guid).await.unwrap(), Some(RequestState::Waiting));

        let claimed = look_at(store, clock, 1).await;
        let seen = store.marked_deliveries(&ISSUE).await.unwrap();
        let what = "Progress: 40.".to_owned();
        let deeds = vec![Deed { who: "worker ada".to_owned(), what, door: Door::Api, at: clock.now(), refused: false, request: None }];
        let changes = TaskChanges { deeds, ..claimable() };
        let decision = Decision { task: Some(task(1)), changes, ..Decision::default() };
        let record = DecisionRecord {
            claimed: &claimed,
            seen: &seen,
            reports_read: 0,
            decision: &decision,
            title: "",
            saw: "null",
            replay: None,
            places: &[],
            route: None,
            notable: true,
        };
        assert_eq!(store.commit_decision(record).await.unwrap(), Committed::Done);
        let note = Some("Progress: 40.".to_owned());
        let done = RequestState::Done { item: None, url: None, note };
        assert_eq!(store.what_became_of(&guid).await.unwrap(), Some(done));
        let line = store.timeline(&ISSUE, 10).await.unwrap().remove(0);
        assert_eq!((line.actor.as_str(), line.kind.as_str(), line.door.as_deref()), ("worker ada", "ask", Some("api")));
    }

    async fn what_was_opened_for_a_request_is_named(store: &Store, clock: &ManualClock) {
        let guid = DeliveryGuid::new("api-2");
        let delivery = Delivery {
            guid: guid.clone(),
            source: DeliverySource::Api,
            event: EventName("open_issue".to_owned()),
            received: clock.now(),
            body: "{}".into(),
        };
        store.accept(delivery).await.unwrap();
        store.intake(10, |_| IntakeResult::at_rest(DeliveryState::Done, "asked")).await.unwrap();
        let action = Action::OpenIssue {
            repository: home(),
            title: "Cache it".to_owned(),
            body: String::new(),
            labels: Vec::new(),
            parent: None,
        };
        let planned = Planned { key: format!("asked/{guid}"), slot: None, action };
        store.queue_alone(&Subject::Repository(HOME), &planned).await.unwrap();
        assert_eq!(store.what_became_of(&guid).await.unwrap(), Some(RequestState::Waiting));
        let attempt = store.claim_action("test", 10_000).await.unwrap().unwrap();
        let url = "https://github.example/octo/station/issues/5".to_owned();
        let learned = Some(Fact::IssueOpened { number: Number(5), url: url.clone() });
        let outcome = Outcome::Performed { note: "opened #5".to_owned(), learned };
        store.finish_action(&attempt, &outcome, clock.now()).await.unwrap();
        let item = Some("octo/station#5".parse().unwrap());
        let done = RequestState::Done { item, url: Some(url), note: Some("opened #5".to_owned()) };
        assert_eq!(store.what_became_of(&guid).await.unwrap(), Some(done));
    }

    async fn the_audit_is_searched_by_actor_door_words_and_time(store: &Store, clock: &ManualClock) {
        let deed = |who: &str, what: &str, door| Deed {
            who: who.to_owned(), what: what.to_owned(), door, at: Timestamp(0), refused: false, request: None,
        };
        let deeds = vec![deed("@grace", "Priority is 100% high.", Door::Github), deed("worker ada", "Progress: 40.", Door::Ntfy)];
        decided(store, clock, task(1), TaskChanges { deeds, ..claimable() }).await;
        let then = clock_now(clock);
        clock.advance_ms(1_000);
        decided(store, clock, task(2), claimable()).await;
        let find = async |query: AuditQuery| {
            let rows = store.audit_rows(&AuditQuery { limit: 10, ..query }).await.unwrap();
            rows.into_iter().map(|row| row.summary).collect::<Vec<_>>()
        };
        let all = find(AuditQuery { repository: Some(HOME), ..AuditQuery::default() }).await;
        assert_eq!(all, ["Task 2", "Task 1", "Progress: 40.", "Priority is 100% high."]);
        assert_eq!(find(AuditQuery { actor: Some("@grace".to_owned()), ..AuditQuery::default() }).await.len(), 1);
        assert_eq!(find(AuditQuery { door: Some(Door::Ntfy), ..AuditQuery::default() }).await, ["Progress: 40."]);
        assert_eq!(find(AuditQuery { words: vec!["100%".to_owned()], ..AuditQuery::default() }).await.len(), 1);
        assert_eq!(find(AuditQuery { kind: Some("ask".to_owned()), ..AuditQuery::default() }).await.len(), 2);
        assert_eq!(find(AuditQuery { from: Some(then.plus_ms(1)), ..AuditQuery::default() }).await, ["Task 2"]);
        assert_eq!(find(AuditQuery { until: Some(then.plus_ms(1)), ..AuditQuery::default() }).await.len(), 3);
        let newest = store.audit_rows(&AuditQuery { limit: 2, ..AuditQuery::default() }).await.unwrap();
        let before_id = Some(newest[1].id);
        assert_eq!(find(AuditQuery { before_id, ..AuditQuery::default() }).await, ["Progress: 40.", "Priority is 100% high."]);
        let story: Vec<_> = store.timeline(&ISSUE, 10).await.unwrap().into_iter().map(|row| row.summary).collect();
        assert_eq!(story, ["Priority is 100% high.", "Progress: 40.", "Task 1"]);
    }

    async fn tasks_are_listed_page_by_page(store: &Store, clock: &ManualClock) {
        know(store, HOME, "octo/station").await;
        for number in 1..=4 {
            let mut task = task(number);
            if number > 2 {
                task.state = TaskState::Blocked;
                task.work.parent = Some("octo/station#1".parse().unwrap());
            }
            let changes = if number == 2 { claimable() } else { TaskChanges::default() };
            decided(store, clock, task, changes).await;
        }
        let list = async |query: TaskQuery| {
            let tasks = store.list_tasks(&TaskQuery { limit: 3, ..query }).await.unwrap();
            tasks.into_iter().map(|listed| listed.task.number.0).collect::<Vec<_>>()
        };
        assert_eq!(list(TaskQuery::default()).await, [1, 2, 3]);
        assert_eq!(list(TaskQuery { after: Some((HOME, Number(3))), ..TaskQuery::default() }).await, [4]);
        let states = vec![TaskState::Blocked, TaskState::Done];
        assert_eq!(list(TaskQuery { states, repository: Some(HOME), ..TaskQuery::default() }).await, [3, 4]);
        assert_eq!(list(TaskQuery { claimable: true, ..TaskQuery::default() }).await, [2]);
        let parent = Some(Number(1));
        assert_eq!(list(TaskQuery { parent, repository: Some(HOME), ..TaskQuery::default() }).await, [3, 4]);
        let listed = store.listed_task(HOME, Number(2)).await.unwrap().unwrap();
        assert_eq!((listed.title.as_str(), listed.handoff.as_str()), ("Task 2", "{\"item_id\":\"x\"}"));
        assert_eq!(store.listed_task(HOME, Number(9)).await.unwrap(), None);
    }
}
