//! Numbers of how tasks ended.

use stationmaster::decide::task_stats::{by_priority, by_worker};
use stationmaster::model::{Level, Number, RepositoryId, TaskEnd, TaskState, Timestamp, WorkerId};

use super::scene::MINUTE_MS;

/// A task of `worker` that took so many minutes and ended so many minutes after 1970 began.
pub fn end(worker: &str, state: TaskState, ended_min: i64, took_min: i64) -> TaskEnd {
    let ended = Timestamp(ended_min * MINUTE_MS);
    TaskEnd {
        repository: RepositoryId(9),
        number: Number(ended_min),
        ended,
        state,
        worker: Some(WorkerId::new(worker)),
        priority: Level::Medium,
        created: ended.plus_ms(-took_min * MINUTE_MS),
        begun: None,
        error: None,
    }
}

#[test]
fn mean_times_go_by_priority_and_only_what_was_done_counts() {
    let mut ends = vec![
        end("ada", TaskState::Done, 100, 10),
        end("bob", TaskState::Done, 110, 21),
        end("bob", TaskState::Failed, 120, 90),
        end("ada", TaskState::Cancelled, 130, 90),
    ];
    ends.push(TaskEnd { priority: Level::Critical, ..end("ada", TaskState::Done, 140, 5) });
    let stats = by_priority(&ends);
    let shown: Vec<_> = stats.iter().map(|one| (one.priority, one.done, one.mean_minutes.to_string())).collect();
    assert_eq!(shown, [(Level::Critical, 1, "5".to_owned()), (Level::Medium, 2, "15.5".to_owned())]);
    assert!(by_priority(&[]).is_empty());
}

#[test]
fn rates_go_by_worker_and_what_was_cancelled_is_nobodys_failure() {
    let ends = [
        end("bob", TaskState::Done, 1, 30),
        end("bob", TaskState::Done, 2, 40),
        end("bob", TaskState::Failed, 3, 1),
        end("bob", TaskState::Cancelled, 4, 1),
        end("ada", TaskState::Failed, 5, 1),
    ];
    let json = serde_json::to_value(by_worker(&ends)).unwrap();
    assert_eq!(
        json,
        serde_json::json!([
            {"worker": "ada", "done": 0, "failed": 1, "completion_percent": 0.0, "failure_percent": 100.0,
             "mean_minutes": null},
            {"worker": "bob", "done": 2, "failed": 1, "completion_percent": 66.7, "failure_percent": 33.3,
             "mean_minutes": 35.0},
        ])
    );
}
