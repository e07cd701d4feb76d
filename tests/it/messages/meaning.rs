//! What a message asks of a task, as the value that its decision gets to see.

use stationmaster::decide::message::{About, about, meaning};
use stationmaster::model::{
    Door, Envelope, Inbound, InstallationId, Item, Report, Repository, RepositoryId, Subject, TaskAsk, TaskAuthority,
    TaskReport, Timestamp, WorkerId,
};

fn repository() -> Repository {
    Repository {
        id: RepositoryId(1),
        name: "octo/station".parse().unwrap(),
        installation: InstallationId(1),
        default_branch: "main".into(),
        private: false,
    }
}

fn asked(envelope: Envelope) -> (Subject, TaskAsk, TaskAuthority, Option<String>) {
    let inbound = Inbound {
        envelope: Envelope { id: "m-1".to_owned(), from: Some("dev_worker1".to_owned()), ..envelope },
        repository: Some(repository()),
        item: Some("octo/station#12".parse().unwrap()),
        overview: None,
        fault: None,
    };
    let meaning = meaning(&inbound, Timestamp(0));
    assert!(meaning.actions.is_empty(), "its decision answers");
    let [(subject, Report::Task(TaskReport::Asked { ask, authority, door: Door::Ntfy, answer_to, .. }))] =
        meaning.reports.as_slice()
    else {
        panic!("nothing is asked: {meaning:?}")
    };
    (subject.clone(), ask.clone(), authority.clone(), answer_to.clone())
}

fn said(text: &str) -> Envelope {
    Envelope { kind: "message".to_owned(), text: Some(text.to_owned()), ..Envelope::default() }
}

#[test]
fn a_blocked_task_is_blocked_by_an_issue_or_by_what_is_said() {
    let (subject, ask, authority, answer_to) = asked(said("BLOCKED: Task octo/station#12 blocked by #7"));
    assert_eq!(subject.to_string(), Subject::Issue(RepositoryId(1), stationmaster::model::Number(12)).to_string());
    let by: Item = "octo/station#7".parse().unwrap();
    assert_eq!(ask, TaskAsk::Block { text: "blocked by #7".to_owned(), needs: None, by: Some(by) });
    assert_eq!(authority, TaskAuthority::Worker { id: WorkerId::new("dev_worker1"), fence: None });
    assert_eq!(answer_to.as_deref(), Some("m-1"));
    let (_, ask, ..) = asked(said("blocked: task 12 BLOCKED BY missing credentials"));
    let text = "blocked by missing credentials".to_owned();
    assert_eq!(ask, TaskAsk::Block { text, needs: None, by: None });
}

#[test]
fn what_only_looks_like_a_blocker_is_for_people() {
    for text in ["Task 12 blocked by #7", "BLOCKED: Task 12", "BLOCKED: blocked by #7", "BLÖCKED: Task 1 blocked by 2"]
    {
        assert_eq!(about(&said(text)), About::Nothing, "{text}");
    }
    assert_eq!(about(&said("BLOCKED: Task S-9 blocked by rain")), About::Task("S-9".to_owned()));
}

#[test]
fn a_completed_task_hands_in_its_result_as_evidence() {
    let envelope = Envelope {
        kind: "task_complete".to_owned(),
        task_id: Some("S-9".to_owned()),
        result: Some("https://github.com/octo/station/pull/3".to_owned()),
        ..Envelope::default()
    };
    assert_eq!(about(&envelope), About::Task("S-9".to_owned()));
    let (_, ask, _, answer_to) = asked(envelope);
    let evidence = "https://github.com/octo/station/pull/3".to_owned();
    assert_eq!(ask, TaskAsk::Complete { evidence, overrides: false });
    assert_eq!(answer_to.as_deref(), Some("m-1"));
}

#[test]
fn an_acknowledgement_stops_the_clock_and_wants_no_answer() {
    let envelope = Envelope { kind: "ack".to_owned(), task: Some("#12".to_owned()), ..Envelope::default() };
    let (_, ask, _, answer_to) = asked(envelope);
    assert_eq!((ask, answer_to), (TaskAsk::Acknowledge, None));
}
