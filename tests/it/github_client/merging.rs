//! Merging, the branches of a queue, and our own checks and reviews: what goes over the wire and what is refused.

use serde_json::{Value, json};
use stationmaster::github::{
    BranchCreation, BranchMove, GithubError, MergeInto, MergeRefusal, MergeRequest, NewCheckRun, NewReview, Reaction,
    ReviewEvent,
};
use stationmaster::model::{Annotation, CheckRunId, CheckState, CommentId, Conclusion, Number, PullState};

use super::server::{Reply, Server, rust};

fn squash() -> MergeRequest {
    MergeRequest { sha: "aaa".into(), method: "squash".to_owned(), title: Some("Fix (#12)".to_owned()), message: None }
}

fn said(text: &str) -> Value {
    json!({ "message": text })
}

#[tokio::test]
async fn a_merge_names_the_head_that_was_judged() {
    let server = Server::start(|seen, _| match seen.method.as_str() {
        "PUT" => {
            Reply::new(200, json!({ "sha": "ddd", "merged": true, "message": "Pull Request successfully merged" }))
        }
        _ => Reply::new(
            200,
            json!({ "number": 12, "state": "closed", "merged": true, "merge_commit_sha": "ddd",
            "updated_at": "2026-11-21T07:00:00Z", "head": { "ref": "x", "sha": "aaa" },
            "base": { "ref": "dev", "sha": "bbb" } }),
        ),
    })
    .await;
    assert_eq!(server.client().merge_pull(&rust(), Number(12), &squash()).await.unwrap().as_str(), "ddd");
    assert_eq!(server.seen()[0].body, json!({ "sha": "aaa", "merge_method": "squash", "commit_title": "Fix (#12)" }));
    let standing = server.client().pull_state(&rust(), Number(12)).await.unwrap();
    assert_eq!((standing.state, standing.merge_commit), (PullState::Merged, Some("ddd".into())));
}

#[tokio::test]
async fn refused_merges_are_told_apart_by_what_github_says() {
    let unmet = |text: &str| MergeRefusal::ProtectionUnmet(text.to_owned());
    let approval = "At least 1 approving review is required by reviewers with write access.";
    let rules = "Repository rule violations found\n\nRequired status check \"test\" is expected.";
    for (status, text, meaning) in [
        (409, "Head branch was modified. Review and try the merge again.", MergeRefusal::HeadMoved),
        (409, "Something new", MergeRefusal::HeadMoved),
        (405, "Base branch was modified. Review and try the merge again.", MergeRefusal::BaseMoved),
        (405, "Pull Request is still a draft", MergeRefusal::Draft),
        (405, "Pull Request is not mergeable", MergeRefusal::NotMergeable),
        (405, "Merge commits are not allowed on this repository.", MergeRefusal::MethodForbidden),
        (405, "Squash merges are not allowed on this repository.", MergeRefusal::MethodForbidden),
        (405, approval, unmet(approval)),
        (405, rules, unmet(rules)),
    ] {
        let server = Server::start(move |_, _| Reply::new(status, said(text))).await;
        let error = server.client().merge_pull(&rust(), Number(12), &squash()).await.unwrap_err();
        assert_eq!(MergeRefusal::of(&error), meaning, "{text}");
    }
    let server = Server::start(|_, _| Reply::new(500, "")).await;
    let error = server.client().merge_pull(&rust(), Number(12), &squash()).await.unwrap_err();
    assert!(error.may_have_happened() && matches!(MergeRefusal::of(&error), MergeRefusal::Other(_)));
}

#[tokio::test]
async fn a_merge_that_github_did_not_make_is_none() {
    let server = Server::start(|_, _| Reply::new(200, json!({ "sha": null, "merged": false, "message": "No" }))).await;
    assert!(server.client().merge_pull(&rust(), Number(12), &squash()).await.is_err());
}

#[tokio::test]
async fn branches_are_made_moved_and_deleted_with_distinct_refusals() {
    let server = Server::start(|_, before| match before {
        0 => Reply::new(422, said("Reference already exists")),
        1 => Reply::new(422, said("Update is not a fast forward")),
        2 => Reply::new(422, said("Repository rule violations found")),
        3 => Reply::new(422, said("Reference does not exist")),
        4 => Reply::new(201, json!({ "sha": "mmm" })),
        5 => Reply::new(204, ""),
        6 => Reply::new(409, said("Merge conflict")),
        _ => Reply::new(409, said("Git Repository is empty.")),
    })
    .await;
    let (client, queue, sha) = (server.client(), "stationmaster/queue/dev".into(), "abc".into());
    assert_eq!(client.create_branch(&rust(), &queue, &sha).await.unwrap(), BranchCreation::Exists);
    assert_eq!(client.move_branch(&rust(), &queue, &sha, false).await.unwrap(), BranchMove::NotFastForward);
    let error = client.move_branch(&rust(), &queue, &sha, false).await.unwrap_err();
    assert!(matches!(error, GithubError::Validation { .. }), "{error}");
    assert!(!client.delete_branch(&rust(), &queue).await.unwrap());
    let mut merges = Vec::new();
    for _ in 0..3 {
        merges.push(client.merge_into(&rust(), &queue, &sha, "Merge #12").await.unwrap());
    }
    assert_eq!(merges, [MergeInto::Merged("mmm".into()), MergeInto::Nothing, MergeInto::Conflict]);
    assert!(client.merge_into(&rust(), &queue, &sha, "Merge #12").await.is_err());
    let seen = server.seen();
    assert_eq!(seen[0].body, json!({ "ref": "refs/heads/stationmaster/queue/dev", "sha": "abc" }));
    assert_eq!(seen[1].target, "/repos/acme/rust/git/refs/heads/stationmaster/queue/dev");
    assert_eq!(seen[1].body, json!({ "sha": "abc", "force": false }));
}

fn review_run(annotations: usize) -> NewCheckRun {
    let annotation = Annotation {
        path: "src/a.py".to_owned(),
        line: 3,
        level: "failure".to_owned(),
        title: None,
        message: "bare except".to_owned(),
    };
    NewCheckRun {
        head: "aaa".into(),
        name: "stationmaster/review".to_owned(),
        state: CheckState::Completed(Conclusion::Failure),
        title: "1 finding".to_owned(),
        summary: "Text".to_owned(),
        annotations: vec![annotation; annotations],
        external_id: Some("review-aaa".to_owned()),
        details_url: None,
    }
}

#[tokio::test]
async fn our_check_review_and_reaction_are_published() {
    let server = Server::start(|_, _| Reply::new(201, json!({ "id": 5 }))).await;
    let client = server.client();
    assert_eq!(client.create_check_run(&rust(), &review_run(1)).await.unwrap(), CheckRunId(5));
    client.update_check_run(&rust(), CheckRunId(5), &review_run(0)).await.unwrap();
    assert!(client.create_check_run(&rust(), &review_run(51)).await.is_err(), "GitHub takes 50 a request");
    let review = NewReview { commit: "aaa".into(), event: ReviewEvent::RequestChanges, body: "See above".to_owned() };
    assert_eq!(client.create_review(&rust(), Number(12), &review).await.unwrap(), 5);
    client.add_reaction(&rust(), CommentId(7), Reaction::Eyes).await.unwrap();
    let bodies: Vec<Value> = server.seen().into_iter().map(|seen| seen.body).collect();
    assert_eq!(
        bodies[0],
        json!({ "name": "stationmaster/review", "head_sha": "aaa", "status": "completed", "conclusion": "failure",
                "external_id": "review-aaa", "output": { "title": "1 finding", "summary": "Text", "annotations": [
                    { "path": "src/a.py", "start_line": 3, "end_line": 3, "annotation_level": "failure",
                      "message": "bare except" }] } })
    );
    assert_eq!(bodies[1].get("head_sha"), None);
    assert_eq!(bodies[2], json!({ "commit_id": "aaa", "event": "REQUEST_CHANGES", "body": "See above" }));
    assert_eq!(bodies[3], json!({ "content": "eyes" }));
}
