//! What a branch demands: protection and rulesets together, or an error.

use serde_json::json;
use stationmaster::github::GithubError;
use stationmaster::model::RequiredCheck;

use super::server::{Reply, Server, rust};

fn branch() -> serde_json::Value {
    json!({ "name": "release/1", "commit": { "sha": "abc" }, "protected": true, "protection": { "enabled": true,
        "required_status_checks": { "enforcement_level": "non_admins", "contexts": ["test", "old"],
                                    "checks": [{ "context": "test", "app_id": 15368 }] } } })
}

#[tokio::test]
async fn protection_and_rulesets_count_together() {
    let server = Server::start(|seen, _| {
        if !seen.target.contains("/rules/") {
            return Reply::new(200, branch());
        }
        let rules = json!([
            { "type": "required_status_checks", "parameters": { "strict_required_status_checks_policy": true,
                "required_status_checks": [{ "context": "lint", "integration_id": 7 }, { "context": "any" }] } },
            { "type": "pull_request", "parameters": { "required_approving_review_count": 2,
                "dismiss_stale_reviews_on_push": true, "allowed_merge_methods": ["merge", "squash"] } },
            { "type": "required_linear_history" }, { "type": "merge_queue", "parameters": {} }, { "type": "novelty" }
        ]);
        Reply::new(200, rules)
    })
    .await;
    let demands = server.client().branch_protection(&rust(), &"release/1".into()).await.unwrap();
    let check = |name: &str, app: Option<i64>, who: &str| RequiredCheck {
        name: name.to_owned(),
        app,
        demanded_by: who.to_owned(),
    };
    assert_eq!(
        demands.required_checks,
        [
            check("any", None, "a ruleset"),
            check("lint", Some(7), "a ruleset"),
            check("old", None, "branch protection"),
            check("test", Some(15368), "branch protection"),
        ]
    );
    assert_eq!((demands.required_approvals, demands.dismisses_stale_approvals), (2, true));
    assert_eq!(demands.allowed_methods, Some(vec!["squash".to_owned()]));
    assert!(demands.github_queue);
    let mut targets: Vec<String> = server.seen().into_iter().map(|seen| seen.target).collect();
    targets.sort();
    assert_eq!(
        targets,
        ["/repos/acme/rust/branches/release%2F1", "/repos/acme/rust/rules/branches/release%2F1?per_page=100"]
    );
}

#[tokio::test]
async fn a_plan_without_rulesets_demands_nothing_by_them() {
    let message = "Upgrade to GitHub Pro or make this repository public to enable this feature.";
    let server = Server::start(move |seen, _| {
        if seen.target.contains("/rules/") {
            Reply::new(403, json!({ "message": message }))
        } else {
            Reply::new(200, branch())
        }
    })
    .await;
    let rules = server.client().branch_rules(&rust(), &"main".into()).await.unwrap();
    assert!(rules.required_checks.is_empty());
}

#[tokio::test]
async fn what_cannot_be_read_does_not_pass_for_no_demand() {
    for reply in [
        Reply::new(403, json!({ "message": "Resource not accessible by integration" })),
        Reply::new(404, json!({ "message": "Not Found" })),
        Reply::new(500, ""),
        Reply::new(200, json!([{ "type": "required_status_checks", "parameters": {} }])),
        Reply::new(200, json!([{ "type": "pull_request" }])),
    ] {
        let server =
            Server::start(
                move |seen, _| {
                    if seen.target.contains("/rules/") { reply.clone() } else { Reply::new(200, branch()) }
                },
            )
            .await;
        assert!(server.client().branch_protection(&rust(), &"main".into()).await.is_err());
    }
    let server = Server::start(|seen, _| {
        if seen.target.contains("/rules/") {
            Reply::new(200, json!([]))
        } else {
            Reply::new(404, json!({ "message": "Branch not found" }))
        }
    })
    .await;
    let error = server.client().branch_protection(&rust(), &"gone".into()).await.unwrap_err();
    assert!(matches!(error, GithubError::NotFound { .. }), "{error}");
    assert_eq!(server.client().branch(&rust(), &"gone".into()).await.unwrap(), None);
}
