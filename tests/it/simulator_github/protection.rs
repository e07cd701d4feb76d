//! A protected branch shows what it requires, and refuses whatever does not have it.

use serde_json::{Value, json};
use stationmaster::simulator::github::{Access, CheckApp, Permission, Protection, ReviewEvent, Rule};

use super::{REPOSITORY, World};

fn checks(names: &[&str]) -> Vec<(String, Option<i64>)> {
    names.iter().map(|&name| (name.to_owned(), None)).collect()
}

#[tokio::test]
async fn a_branch_shows_its_required_checks_to_readers_and_all_of_its_protection_to_administrators() {
    let world = World::new().await;
    assert_eq!(world.get("/branches/main/protection").await.message(), "Branch not protected");
    assert_eq!(world.get("/branches/main").await.body["protected"], false);
    let required_checks = vec![("build".to_owned(), Some(15368)), ("legacy".to_owned(), None)];
    let protection = Protection { required_checks, strict: true, required_approvals: 2, ..Protection::default() };
    world.github.protect(REPOSITORY, "main", protection).unwrap();
    let branch = world.get("/branches/main").await.body;
    let listed = json!([{"context": "build", "app_id": 15368}, {"context": "legacy", "app_id": null}]);
    let required = &branch["protection"]["required_status_checks"];
    assert_eq!(
        (&branch["protected"], &required["enforcement_level"], &required["checks"]),
        (&json!(true), &json!("non_admins"), &listed)
    );
    assert_eq!(required["contexts"], json!(["build", "legacy"]));
    let whole = world.get("/branches/main/protection").await.body;
    assert_eq!(
        (&whole["required_status_checks"]["strict"], &whole["required_status_checks"]["checks"]),
        (&json!(true), &listed)
    );
    assert_eq!(whole["required_pull_request_reviews"]["required_approving_review_count"], 2);
    world.github.set_installation_permissions("acme", &[("contents", Access::Write)]).unwrap();
    let refused = world.get("/branches/main/protection").await;
    assert_eq!((refused.status, refused.message()), (403, "Resource not accessible by integration"));
    assert_eq!(world.get("/branches/main").await.body["protected"], true);
}

#[tokio::test]
async fn rules_are_listed_for_the_branches_that_their_pattern_names() {
    let world = World::new().await;
    let rules = vec![
        Rule::RequiredStatusChecks { checks: vec![("build".to_owned(), Some(15368))], strict: false },
        Rule::PullRequest { approvals: 1, dismiss_stale: true, allowed_merge_methods: vec!["squash".to_owned()] },
        Rule::MergeQueue,
        Rule::NonFastForward,
        Rule::RequiredLinearHistory,
    ];
    world.github.add_ruleset(REPOSITORY, "release/*", rules).unwrap();
    assert_eq!(world.get("/rules/branches/main").await.body, json!([]));
    let listed = world.get("/rules/branches/release%2F1").await.body;
    let kinds: Vec<&str> = listed.as_array().unwrap().iter().map(|rule| rule["type"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        ["required_status_checks", "pull_request", "merge_queue", "non_fast_forward", "required_linear_history"]
    );
    assert_eq!(
        listed[0]["parameters"]["required_status_checks"],
        json!([{"context": "build", "integration_id": 15368}])
    );
    let reviews = &listed[1]["parameters"];
    assert_eq!(
        (&reviews["dismiss_stale_reviews_on_push"], &reviews["allowed_merge_methods"]),
        (&json!(true), &json!(["squash"]))
    );
    assert_eq!((&listed[3]["parameters"], &listed[3]["ruleset_source"]), (&Value::Null, &json!(REPOSITORY)));
}

#[tokio::test]
async fn a_merge_is_refused_with_the_reason_until_checks_and_approvals_are_there() {
    let world = World::new().await;
    let required_checks = checks(&["a", "b", "c"]);
    let protection = Protection { required_checks, strict: true, required_approvals: 1, ..Protection::default() };
    world.github.protect(REPOSITORY, "main", protection).unwrap();
    let sha = world.write("topic", "a.txt", "a\n");
    let pull = world.open_pull("topic", "");
    let refusal = async || {
        let refused = world.merge(pull, json!({})).await;
        assert_eq!(refused.status, 405, "{}", refused.body);
        refused.message().to_owned()
    };
    assert_eq!(refusal().await, "3 of 3 required status checks are expected.");
    let check = |name| world.github.start_check(REPOSITORY, &sha, CheckApp::actions(), name).unwrap();
    let (a, b) = (check("a"), check("b"));
    world.github.finish_check(a, "skipped").unwrap();
    world.github.finish_check(b, "timed_out").unwrap();
    assert_eq!(refusal().await, "2 of 3 required status checks have not succeeded: 1 failing and 1 expected.");
    let again = check("b");
    world.github.finish_check(again, "neutral").unwrap();
    assert_eq!(refusal().await, "Required status check \"c\" is expected.");
    world.github.set_status(REPOSITORY, "ci[bot]", &sha, ("c", "pending")).unwrap();
    assert_eq!(refusal().await, "Required status check \"c\" is pending.");
    world.github.set_status(REPOSITORY, "ci[bot]", &sha, ("c", "success")).unwrap();
    assert_eq!(refusal().await, "At least 1 approving review is required by reviewers with write access.");
    world.github.review(REPOSITORY, "stranger", pull, (ReviewEvent::Approve, None)).unwrap();
    assert_eq!(refusal().await, "At least 1 approving review is required by reviewers with write access.");
    world.github.set_permission(REPOSITORY, "alice", Permission::Write).unwrap();
    world.github.review(REPOSITORY, "alice", pull, (ReviewEvent::Approve, None)).unwrap();
    world.write("main", "b.txt", "b\n");
    assert_eq!(refusal().await, "Head branch is out of date. Review and try the merge again.");
    let lax = Protection { required_checks: checks(&["a"]), required_approvals: 1, ..Protection::default() };
    world.github.protect(REPOSITORY, "main", lax).unwrap();
    assert_eq!(world.merge(pull, json!({})).await.status, 200);
}

#[tokio::test]
async fn a_check_of_the_right_name_by_another_app_does_not_count() {
    let world = World::new().await;
    let rule = Rule::RequiredStatusChecks { checks: vec![("build".to_owned(), Some(15368))], strict: false };
    world.github.add_ruleset(REPOSITORY, "main", vec![rule]).unwrap();
    let sha = world.write("topic", "a.txt", "a\n");
    let pull = world.open_pull("topic", "");
    let forged = world.post("/check-runs", json!({"name": "build", "head_sha": sha, "conclusion": "success"})).await;
    assert_eq!(forged.status, 201);
    world.github.set_status(REPOSITORY, "mallory", &sha, ("build", "success")).unwrap();
    assert_eq!(world.merge(pull, json!({})).await.message(), "Required status check \"build\" is expected.");
    let check = world.github.start_check(REPOSITORY, &sha, CheckApp::actions(), "build").unwrap();
    assert_eq!(world.merge(pull, json!({})).await.message(), "Required status check \"build\" is in progress.");
    world.github.finish_check(check, "success").unwrap();
    assert_eq!(world.merge(pull, json!({})).await.status, 200);
}

#[tokio::test]
async fn a_protected_branch_moves_only_to_a_commit_whose_checks_are_green() {
    let world = World::new().await;
    let protection = Protection { required_checks: checks(&["build"]), ..Protection::default() };
    world.github.protect(REPOSITORY, "main", protection).unwrap();
    let sha = world.write("staging", "a.txt", "a\n");
    let refused = world.patch("/git/refs/heads/main", json!({"sha": sha})).await;
    assert_eq!((refused.status, refused.message()), (422, "Required status check \"build\" is expected."));
    assert_eq!(world.patch("/git/refs/heads/staging", json!({"sha": sha})).await.status, 200);
    let check = world.github.start_check(REPOSITORY, &sha, CheckApp::actions(), "build").unwrap();
    world.github.finish_check(check, "success").unwrap();
    assert_eq!(world.patch("/git/refs/heads/main", json!({"sha": sha})).await.status, 200);
}

#[tokio::test]
async fn a_branch_that_wants_pull_requests_is_not_moved_by_hand_unless_the_app_may_bypass_them() {
    let world = World::new().await;
    let protect = |app_bypasses_pulls| {
        let protection = Protection { required_approvals: 1, app_bypasses_pulls, ..Protection::default() };
        world.github.protect(REPOSITORY, "main", protection).unwrap();
    };
    protect(false);
    let start = world.get("/commits/main").await.body["sha"].clone();
    let sha = world.write("staging", "a.txt", "a\n");
    let refused = world.patch("/git/refs/heads/main", json!({"sha": sha})).await;
    assert_eq!((refused.status, refused.message()), (422, "Changes must be made through a pull request."));
    protect(true);
    assert_eq!(world.patch("/git/refs/heads/main", json!({"sha": sha})).await.status, 200);
    let back = world.patch("/git/refs/heads/main", json!({"sha": start, "force": true})).await;
    assert_eq!((back.status, back.message()), (422, "Cannot force-push to this branch"));
}

#[tokio::test]
async fn a_merge_by_a_method_that_the_rules_forbid_is_refused() {
    let world = World::new().await;
    let methods = vec!["merge".to_owned(), "squash".to_owned()];
    let rule = Rule::PullRequest { approvals: 0, dismiss_stale: false, allowed_merge_methods: methods };
    world.github.add_ruleset(REPOSITORY, "*", vec![rule, Rule::RequiredLinearHistory]).unwrap();
    world.write("topic", "a.txt", "a\n");
    let pull = world.open_pull("topic", "");
    let rebase = world.merge(pull, json!({"merge_method": "rebase"})).await;
    assert_eq!((rebase.status, rebase.message()), (405, "Rebase merges are not allowed on this repository."));
    let merge = world.merge(pull, json!({"merge_method": "merge"})).await;
    assert_eq!((merge.status, merge.message()), (405, "Merge commits are not allowed on this repository."));
    assert_eq!(world.merge(pull, json!({"merge_method": "squash"})).await.status, 200);
    world.github.add_ruleset(REPOSITORY, "main", vec![Rule::MergeQueue]).unwrap();
    world.write("other", "b.txt", "b\n");
    let queued = world.open_pull("other", "");
    let refused = world.merge(queued, json!({"merge_method": "squash"})).await;
    assert_eq!((refused.status, refused.message()), (405, "Changes must be made through the merge queue"));
}
