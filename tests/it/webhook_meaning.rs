//! What each kind of webhook tells us to look at again.

use serde_json::{Value, json};
use stationmaster::model::{
    Actor, ActorKind, Event, EventKind, EventName, InstallationChange, InstallationId, Login, Parsed, RepositoryChange,
    RepositoryId, RepositoryName,
};
use stationmaster::receive::parse;

fn read(event: &str, payload: &Value) -> Result<Parsed, String> {
    parse(&EventName(event.to_owned()), payload.to_string().as_bytes()).map_err(|fault| fault.to_string())
}

#[track_caller]
fn known(event: &str, payload: &Value) -> Event {
    match read(event, payload) {
        Ok(Parsed::Known(event)) => event,
        other => panic!("{event} is not known: {other:?}"),
    }
}

#[track_caller]
fn subjects(event: &str, payload: &Value) -> Vec<String> {
    known(event, payload).subjects.iter().map(ToString::to_string).collect()
}

#[test]
fn an_issue_event_says_who_did_what_where() {
    let event = known(
        "issues",
        &json!({
            "action": "labeled", "sender": {"login": "renovate[bot]", "type": "Bot"}, "installation": {"id": 9},
            "repository": {"id": 7, "full_name": "acme/rails"}, "issue": {"number": 12},
        }),
    );
    assert_eq!(event.kind, EventKind::Issue { action: "labeled".to_owned() });
    assert_eq!(event.actor, Some(Actor { login: Login::new("renovate[bot]"), kind: ActorKind::Bot }));
    assert_eq!(event.installation, Some(InstallationId(9)));
    assert_eq!(event.repository, Some((RepositoryId(7), RepositoryName::new("acme", "rails"))));
    assert_eq!(event.subjects[0].to_string(), "issue/7/12");
}

#[test]
fn a_comment_belongs_to_the_issue_or_to_the_pull() {
    let on_issue = json!({"repository": {"id": 7}, "issue": {"number": 12, "pull_request": null}});
    assert_eq!(subjects("issue_comment", &on_issue), ["issue/7/12"]);
    let on_pull = json!({"action": "created", "repository": {"id": 7}, "issue": {"number": 12, "pull_request": {}}});
    assert_eq!(subjects("issue_comment", &on_pull), ["pull/7/12"]);
    assert_eq!(known("issue_comment", &on_pull).kind, EventKind::Pull { action: "created".to_owned() });
}

#[test]
fn a_check_names_its_pulls_into_this_repository_and_its_branch() {
    let payload = json!({"repository": {"id": 7}, "check_run": {
        "head_sha": "abc", "check_suite": {"head_branch": "task/12"},
        "pull_requests": [
            {"number": 3, "base": {"repo": {"id": 7}}}, {"number": 4, "base": {"repo": {"id": 8}}}, {"number": 5},
        ],
    }});
    assert_eq!(subjects("check_run", &payload), ["pull/7/3", "pull/7/5", "branch/7/task/12"]);
}

#[test]
fn a_check_of_a_fork_keeps_the_head_by_which_its_pull_is_found() {
    let payload = json!({"action": "completed", "repository": {"id": 7},
        "check_suite": {"head_sha": "abc", "head_branch": null, "pull_requests": []}});
    let event = known("check_suite", &payload);
    assert_eq!(event.kind, EventKind::Check { action: "completed".to_owned(), head_sha: Some("abc".to_owned()) });
    assert_eq!(event.subjects, []);
}

#[test]
fn a_status_names_every_branch_that_holds_the_commit() {
    let payload = json!({"repository": {"id": 7}, "sha": "abc", "state": "failure",
        "branches": [{"name": "main"}, {"name": "dev"}]});
    let event = known("status", &payload);
    assert_eq!(event.kind, EventKind::Check { action: "failure".to_owned(), head_sha: Some("abc".to_owned()) });
    assert_eq!(subjects("status", &payload), ["branch/7/main", "branch/7/dev"]);
}

#[test]
fn only_branches_are_looked_at_when_refs_move() {
    let push = |branch: &str| json!({"repository": {"id": 7, "default_branch": "main"}, "ref": format!("refs/heads/{branch}")});
    assert_eq!(subjects("push", &push("task/12")), ["branch/7/task/12"]);
    assert_eq!(subjects("push", &push("main")), ["branch/7/main", "repository/7"], "the policy may have changed");
    let deleted = json!({"repository": {"id": 7, "default_branch": "main"}, "ref": "task/12", "ref_type": "branch"});
    assert_eq!(known("delete", &deleted).kind, EventKind::Branch { action: "delete".to_owned() });
    assert_eq!(subjects("delete", &deleted), ["branch/7/task/12"]);
    let tag = json!({"repository": {"id": 7}, "ref": "refs/tags/v1"});
    assert_eq!(read("push", &tag), Ok(Parsed::Ignored("`refs/tags/v1` is not a branch".to_owned())));
    let tag = json!({"repository": {"id": 7}, "ref": "v1", "ref_type": "tag"});
    assert_eq!(read("create", &tag), Ok(Parsed::Ignored("`v1` is a tag, not a branch".to_owned())));
}

#[test]
fn links_between_issues_name_both_ends() {
    let payload = json!({"repository": {"id": 7}, "parent_issue": {"number": 1}, "sub_issue": {"number": 2},
        "sub_issue_repo": {"id": 8}});
    assert_eq!(subjects("sub_issues", &payload), ["issue/7/1", "issue/8/2"]);
    let payload = json!({"repository": {"id": 7}, "blocked_issue": {"number": 1}, "blocking_issue": {"number": 2}});
    assert_eq!(subjects("issue_dependencies", &payload), ["issue/7/1", "issue/7/2"]);
    let payload = json!({"action": "parent_issue_added", "repository": {"id": 7}, "sub_issue": {"number": 2}});
    assert_eq!(subjects("sub_issues", &payload), ["issue/7/2"], "GitHub may leave out the end that is elsewhere");
    let payload = json!({"action": "blocking_added", "repository": {"id": 7}, "blocking_issue": {"number": 4},
        "blocked_issue": {"number": 3}, "blocked_issue_repo": {"id": 9}});
    assert_eq!(subjects("issue_dependencies", &payload), ["issue/9/3", "issue/7/4"]);
    let nothing = json!({"action": "blocking_added", "repository": {"id": 7}});
    assert!(read("issue_dependencies", &nothing).unwrap_err().contains("blocked_issue.number"));
}

#[test]
fn installations_come_and_go() {
    let repositories = json!([{"id": 7, "full_name": "acme/rails"}, {"id": 8, "full_name": "acme/signals"}]);
    let change = |event: &str, action: &str| {
        let payload = json!({"action": action, "installation": {"id": 9}, "repositories": repositories,
            "repositories_added": [], "repositories_removed": repositories});
        known(event, &payload).kind
    };
    let added = vec![
        (RepositoryId(7), RepositoryName::new("acme", "rails")),
        (RepositoryId(8), RepositoryName::new("acme", "signals")),
    ];
    assert_eq!(change("installation", "created"), EventKind::Installation(InstallationChange::Usable { added }));
    assert_eq!(change("installation", "suspend"), EventKind::Installation(InstallationChange::Suspended));
    assert_eq!(change("installation", "deleted"), EventKind::Installation(InstallationChange::Deleted));
    let removed = vec![RepositoryId(7), RepositoryId(8)];
    let expected = EventKind::Installation(InstallationChange::Removed { removed });
    assert_eq!(change("installation_repositories", "removed"), expected);
}

#[test]
fn a_renamed_repository_and_a_changed_label_look_at_the_repository() {
    let payload = json!({"action": "renamed", "repository": {"id": 7, "full_name": "acme/new-name"}});
    assert_eq!(known("repository", &payload).kind, EventKind::Repository(RepositoryChange::Renamed));
    assert_eq!(known("label", &payload).kind, EventKind::Repository(RepositoryChange::Changed));
    assert_eq!(subjects("label", &payload), ["repository/7"]);
}

#[test]
fn a_known_event_without_its_identity_says_what_is_missing() {
    let fault = |event: &str, payload: Value| read(event, &payload).unwrap_err();
    let sentence =
        |event: &str, field: &str| format!("this `{event}` event lacks `{field}`, so what it is about cannot be told");
    let here = json!({"id": 7});
    assert_eq!(fault("issues", json!({"issue": {"number": 1}})), sentence("issues", "repository.id"));
    assert_eq!(fault("issues", json!({"repository": here})), sentence("issues", "issue.number"));
    assert_eq!(
        fault("issues", json!({"repository": here, "issue": {"number": "1"}})),
        sentence("issues", "issue.number")
    );
    assert_eq!(fault("pull_request", json!({"repository": here})), sentence("pull_request", "pull_request.number"));
    assert_eq!(fault("check_run", json!({"repository": here})), sentence("check_run", "check_run.head_sha"));
    assert_eq!(fault("status", json!({"repository": here})), sentence("status", "sha"));
    assert_eq!(fault("push", json!({"repository": here})), sentence("push", "ref"));
    assert_eq!(fault("installation", json!({"action": "created"})), sentence("installation", "installation.id"));
}

#[test]
fn what_is_not_a_json_object_is_refused_whatever_the_event() {
    for event in ["issues", "star"] {
        for body in [json!([]), json!(null), json!("text"), json!(1)] {
            assert_eq!(read(event, &body), Err(format!("the body of this `{event}` event is not a JSON object")));
        }
        let cut = parse(&EventName(event.to_owned()), br#"{"action": "top secret"#).unwrap_err().to_string();
        assert!(cut.starts_with(&format!("the body of this `{event}` event is not JSON: EOF")), "{cut}");
        assert!(!cut.contains("secret"), "{cut}");
    }
}
