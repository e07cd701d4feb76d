//! Whose consent counts.

use super::approver;
use crate::decide::task::{Turn, drafted};
use crate::model::{
    ActorKind, Calendar, InstallationId, Issue, IssueSnapshot, IssueState, Login, Number, Permission, Presence,
    Repository, RepositoryId, RepositoryName, TaskAuthority, Timestamp, Worker, WorkerLoad,
};
use crate::policy::{Policy, RepositoryPolicy, Rules};

fn worker(id: &str, login: &str, agent: bool) -> WorkerLoad {
    WorkerLoad {
        worker: Worker {
            id: id.into(),
            role: "development".into(),
            capabilities: Vec::new(),
            login: Some(login.into()),
            capacity: 1,
            calendar: Calendar::Always,
            agent,
            tell: Vec::new(),
        },
        presence: Presence::Active,
        open_tasks: 0,
        last_assigned: None,
        version: 0,
    }
}

/// Opened by ann, held by bob; carol and robot write, tim triages, rita reads, and nothing is known of zoe.
fn snapshot() -> IssueSnapshot {
    let people = [
        ("ann", Permission::Admin),
        ("bob", Permission::Write),
        ("carol", Permission::Write),
        ("robot", Permission::Write),
        ("tim", Permission::Triage),
        ("rita", Permission::Read),
    ];
    IssueSnapshot {
        repository: Repository {
            id: RepositoryId(1),
            name: RepositoryName::new("octo", "station"),
            installation: InstallationId(1),
            default_branch: "main".into(),
            private: false,
        },
        issue: Issue {
            number: Number(12),
            title: String::new(),
            body: String::new(),
            state: IssueState::Open,
            author: "ann".into(),
            author_kind: ActorKind::User,
            labels: Vec::new(),
            assignees: Vec::new(),
            url: String::new(),
            created: Timestamp(0),
        },
        decision: 1,
        comments: Vec::new(),
        permissions: people.into_iter().map(|(login, permission)| (login.into(), permission)).collect(),
        label_events: Vec::new(),
        dependencies: Vec::new(),
        dependents: Vec::new(),
        parent: None,
        sub_issues: Vec::new(),
        pulls: Vec::new(),
        evidence: None,
        reports: Vec::new(),
        own: ("stationmaster[bot]".into(), 777),
        known_since: Timestamp(0),
        task: None,
        workers: vec![worker("dev1", "bob", false), worker("ai1", "robot", true)],
    }
}

fn policy(text: &str) -> Policy {
    let own = RepositoryPolicy::parse(text, "x").unwrap();
    Policy::combine(&Rules::builtin().unwrap(), Some(&own))
}

fn asked(authority: &TaskAuthority, policy: &Policy) -> Result<String, String> {
    let snapshot = snapshot();
    let mut task = drafted(&snapshot, Timestamp(0));
    task.worker = Some("dev1".into());
    let turn = Turn::new(&snapshot, policy, Timestamp(0), task);
    approver(&turn, authority).map(|login| login.to_string()).map_err(|blocker| blocker.to_string())
}

fn person(login: &str) -> TaskAuthority {
    TaskAuthority::Person { login: login.into(), bot: login.ends_with("[bot]") }
}

#[test]
fn a_person_with_write_permission_approves_what_is_not_their_own() {
    let usual = policy("");
    assert_eq!(asked(&person("carol"), &usual), Ok("carol".to_owned()));
    assert_eq!(asked(&person("Carol"), &usual), Ok("Carol".to_owned()));
    for (who, words) in [
        ("bob", "nobody approves their own work, and @bob holds the task"),
        ("BOB", "nobody approves their own work, and @BOB holds the task"),
        ("ann", "nobody approves their own work, and @ann opened the issue"),
        ("tim", "this takes write permission, and tim has triage"),
        ("rita", "this takes write permission, and rita has read"),
        ("zoe", "it could not be found out what zoe has"),
        ("robot", "only a person can approve this, and @robot is none"),
        ("helper[bot]", "only a person can approve this, and @helper[bot] is none"),
        ("stationmaster[bot]", "only a person can approve this"),
    ] {
        let said = asked(&person(who), &usual).unwrap_err();
        assert!(said.contains(words), "{who}: {said}");
    }
}

#[test]
fn a_list_of_approvers_lets_those_who_triage_in_and_everybody_else_out() {
    let listed = policy("[tasks]\napprovers = [\"Tim\", \"rita\"]\n");
    assert_eq!(asked(&person("tim"), &listed), Ok("tim".to_owned()));
    assert!(asked(&person("rita"), &listed).unwrap_err().contains("this takes triage permission"));
    let said = asked(&person("carol"), &listed).unwrap_err();
    assert!(said.contains("the policy has @Tim, @rita approve, and nobody else"), "{said}");
}

#[test]
fn a_token_approves_only_with_the_person_whose_it_is() {
    let usual = policy("");
    let of = |person: Option<&str>| TaskAuthority::Orchestrator {
        name: "night".to_owned(),
        person: person.map(Login::from),
    };
    assert_eq!(asked(&of(Some("carol")), &usual), Ok("carol".to_owned()));
    assert!(asked(&of(Some("ann")), &usual).unwrap_err().contains("@ann opened the issue"));
    assert!(asked(&of(None), &usual).unwrap_err().contains("only a person can approve this"));
    let agent = TaskAuthority::Worker { id: "ai1".into(), fence: None };
    assert!(asked(&agent, &usual).is_err() && asked(&TaskAuthority::Clock, &usual).is_err());
    assert!(asked(&TaskAuthority::Operator { name: "root".to_owned() }, &usual).is_ok());
}

#[test]
fn nobody_but_the_operator_approves_while_the_policy_cannot_be_read() {
    let faults = RepositoryPolicy::parse("[", "x").unwrap_err();
    let unreadable = Policy::without_repository(&Rules::builtin().unwrap(), &faults);
    assert_eq!(asked(&person("carol"), &unreadable), Err("the repository's policy cannot be read".to_owned()));
    assert!(asked(&TaskAuthority::Operator { name: "root".to_owned() }, &unreadable).is_ok());
}
