//! Linked pulls: what a merge finishes, and what it does not.

use stationmaster::model::{IssueState, LinkedPull, PullState, RepositoryName, TaskState};

use super::{comments, decided, last_line, pull, said, snapshot, state, time};

#[test]
fn a_merged_linked_pull_finishes_the_task_wherever_it_stands() {
    let anywhere = [
        TaskState::Ready,
        TaskState::Assigned,
        TaskState::InProgress,
        TaskState::Blocked,
        TaskState::WaitingApproval,
        TaskState::Review,
        TaskState::Failed,
        TaskState::Deferred,
    ];
    for from in anywhere {
        let mut snapshot = snapshot(from);
        snapshot.pulls = vec![pull()];
        let decision = decided(&snapshot, "");
        assert_eq!(state(&decision), TaskState::Done, "from {from}");
        assert_eq!(last_line(&decision), "done by octo/station#7");
    }
}

#[test]
fn what_github_closes_itself_by_the_merge_is_done_and_not_cancelled() {
    let mut snapshot = snapshot(TaskState::InProgress);
    snapshot.issue.state = IssueState::Closed;
    snapshot.pulls = vec![LinkedPull { body: String::new(), closes: true, ..pull() }];
    assert_eq!(state(&decided(&snapshot, "")), TaskState::Done);
}

#[test]
fn a_pull_that_is_not_linked_or_into_another_branch_or_older_finishes_nothing() {
    let unlinked = LinkedPull { body: "see #12".to_owned(), ..pull() };
    let elsewhere = LinkedPull { base: "next".into(), ..pull() };
    let older = LinkedPull { merged: Some(time("2026-11-21T10:59:59Z")), ..pull() };
    let other = RepositoryName::new("octo", "other");
    let foreign = LinkedPull { repository: other, body: "fixes octo/station#12".to_owned(), ..pull() };
    let closed = LinkedPull { state: PullState::Closed, merged: None, ..pull() };
    for (candidate, words) in [
        (unlinked, ""),
        (elsewhere, "goes into `next`, and counts when it is merged into `main`"),
        (older, "was merged before the task began"),
        (foreign, "octo/other#7 is in another repository, and pulls of `octo/station` count"),
        (closed, ""),
    ] {
        let mut snapshot = snapshot(TaskState::InProgress);
        snapshot.pulls = vec![candidate];
        let decision = decided(&snapshot, "");
        assert_eq!(state(&decision), TaskState::InProgress, "{words}");
        assert!(said(&decision).contains(words), "{}", said(&decision));
    }
}

#[test]
fn the_policy_says_which_repositories_and_branches_count() {
    let text = "[evidence]\nrepositories = [\"octo/other\"]\nbranches = [\"release/*\"]\n";
    let mut snapshot = snapshot(TaskState::InProgress);
    let other = RepositoryName::new("Octo", "other");
    let mut foreign = LinkedPull { repository: other, body: "fixes octo/station#12".to_owned(), ..pull() };
    snapshot.pulls = vec![foreign.clone()];
    assert_eq!(state(&decided(&snapshot, text)), TaskState::InProgress, "main is not listed");
    foreign.base = "release/2".into();
    snapshot.pulls = vec![foreign];
    assert_eq!(state(&decided(&snapshot, text)), TaskState::Done);
}

#[test]
fn a_task_that_was_opened_again_is_not_finished_by_the_same_merge() {
    let mut snapshot = snapshot(TaskState::Done);
    snapshot.pulls = vec![pull()];
    let task = snapshot.task.as_mut().unwrap();
    task.work.closed = true;
    let reopened = decided(&snapshot, "");
    assert_ne!(state(&reopened), TaskState::Done);
    snapshot.task = reopened.task;
    assert_ne!(state(&decided(&snapshot, "")), TaskState::Done, "nor by the next look");
    snapshot.pulls[0].merged = Some(time("2026-11-21T12:00:00Z"));
    assert_eq!(state(&decided(&snapshot, "")), TaskState::Done, "a later merge does");
}

#[test]
fn a_policy_that_cannot_be_read_lets_no_merge_finish_anything() {
    let faults = stationmaster::policy::RepositoryPolicy::parse("[", "x").unwrap_err();
    let rules = stationmaster::policy::Rules::builtin().unwrap();
    let policy = stationmaster::policy::Policy::without_repository(&rules, &faults);
    let mut snapshot = snapshot(TaskState::InProgress);
    snapshot.pulls = vec![pull()];
    let decision = stationmaster::decide::task(&snapshot, &policy, super::now());
    assert_eq!(state(&decision), TaskState::InProgress);
}

#[test]
fn changes_requested_on_a_linked_pull_send_a_task_in_review_back() {
    let asked = LinkedPull { state: PullState::Open, merged: None, changes_requested: true, ..pull() };
    let mut snapshot = snapshot(TaskState::Review);
    snapshot.pulls = vec![asked.clone()];
    let decision = decided(&snapshot, "");
    assert_eq!(state(&decision), TaskState::InProgress);
    assert_eq!(comments(&decision).len(), 1);
    assert!(comments(&decision)[0].contains("- changes are requested on octo/station#7"), "{:?}", comments(&decision));

    let mut working = super::snapshot(TaskState::InProgress);
    working.pulls = vec![asked];
    let decision = decided(&working, "");
    assert_eq!(comments(&decision), Vec::<String>::new(), "whoever works on it sees the review itself");
    assert!(said(&decision).contains("octo/station#7 is open for it"), "{}", said(&decision));
}

#[test]
fn an_issue_that_a_merge_closed_waits_for_a_policy_that_can_be_read_and_one_closed_by_hand_does_not() {
    let faults = stationmaster::policy::RepositoryPolicy::parse("[", "x").unwrap_err();
    let rules = stationmaster::policy::Rules::builtin().unwrap();
    let policy = stationmaster::policy::Policy::without_repository(&rules, &faults);
    let mut snapshot = snapshot(TaskState::InProgress);
    snapshot.issue.state = IssueState::Closed;
    snapshot.pulls = vec![pull()];
    let decision = stationmaster::decide::task(&snapshot, &policy, super::now());
    assert_eq!(state(&decision), TaskState::InProgress);
    assert!(said(&decision).contains("does not hold yet: a policy that can be read"), "{}", said(&decision));
    for candidate in [vec![], vec![LinkedPull { state: PullState::Open, merged: None, ..pull() }]] {
        snapshot.pulls = candidate;
        let decision = stationmaster::decide::task(&snapshot, &policy, super::now());
        assert_eq!(state(&decision), TaskState::Cancelled);
    }
}
