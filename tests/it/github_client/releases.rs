//! Tags, releases, landed commits and what a release pull request is made of: what goes over the wire, and what comes of it.

use serde_json::{Value, json};
use stationmaster::github::{
    BranchPull, GithubError, NewPull, NewRelease, PullCreation, ReleaseCreation, ReleaseSeen, TagCreation,
};
use stationmaster::model::{ActorKind, Ancestry, Number, Sha, Tag};

use super::server::{Reply, Seen, Server, rust};

fn calls(server: &Server) -> Vec<String> {
    server.seen().iter().map(|seen| format!("{} {}", seen.method, seen.target)).collect()
}

fn tag_page(nodes: &Value, end: Option<&str>) -> Value {
    let info = json!({ "hasNextPage": end.is_some(), "endCursor": end });
    json!({ "data": { "repository": { "refs": { "pageInfo": info, "nodes": nodes } } } })
}

fn object(kind: &str, sha: &str) -> Value {
    json!({ "ref": "refs/tags/v1", "object": { "type": kind, "sha": sha } })
}

#[tokio::test]
async fn every_tag_is_read_and_annotated_ones_are_followed_to_their_commit() {
    let server = Server::start(|seen, before| match before {
        0 => {
            let plain = json!({ "name": "v0.1.0", "target": { "__typename": "Commit", "oid": "aaa" } });
            let below = json!({ "__typename": "Commit", "oid": "bbb" });
            let noted = json!({ "name": "v0.2.0", "target": { "__typename": "Tag", "oid": "ttt", "target": below } });
            let below = json!({ "__typename": "Tag", "oid": "uuu" });
            let deep = json!({ "name": "twice", "target": { "__typename": "Tag", "oid": "vvv", "target": below } });
            Reply::new(200, tag_page(&json!([plain, noted, deep, null]), Some("c1")))
        }
        1 => {
            assert_eq!(seen.target, "/repos/acme/rust/git/tags/uuu");
            Reply::new(200, object("commit", "ccc"))
        }
        _ => {
            assert_eq!(seen.body["variables"]["after"], "c1");
            let file = json!({ "name": "a-file", "target": { "__typename": "Blob", "oid": "fff" } });
            let last = json!({ "name": "deploy/1", "target": { "__typename": "Commit", "oid": "ddd" } });
            Reply::new(200, tag_page(&json!([file, last]), None))
        }
    })
    .await;
    let tags = server.client().tags(&rust()).await.unwrap();
    let tag = |name: &str, sha: &str| Tag { name: name.into(), sha: sha.into() };
    assert_eq!(tags, [tag("v0.1.0", "aaa"), tag("v0.2.0", "bbb"), tag("twice", "ccc"), tag("deploy/1", "ddd")]);
}

#[tokio::test]
async fn a_repository_that_is_not_there_does_not_pass_for_one_without_tags() {
    let server = Server::start(|_, _| Reply::new(200, json!({ "data": { "repository": null } }))).await;
    let error = server.client().tags(&rust()).await.unwrap_err();
    assert!(matches!(error, GithubError::NotFound { .. }), "{error}");
}

#[tokio::test]
async fn a_tag_is_found_at_its_commit_through_its_own_object() {
    let server = Server::start(|_, before| match before {
        0 => Reply::new(200, object("tag", "ttt")),
        1 => Reply::new(200, object("commit", "aaa")),
        2 => Reply::new(200, object("tree", "eee")),
        _ => Reply::new(404, json!({ "message": "Not Found" })),
    })
    .await;
    let client = server.client();
    let mut found = Vec::new();
    for tag in ["deploy/v1", "tree", "none"] {
        found.push(client.tag_sha(&rust(), &tag.into()).await.unwrap());
    }
    assert_eq!(found, [Some("aaa".into()), None, None]);
    assert_eq!(
        calls(&server)[..2],
        ["GET /repos/acme/rust/git/ref/tags/deploy/v1", "GET /repos/acme/rust/git/tags/ttt"]
    );
}

#[tokio::test]
async fn a_tag_is_created_bare_or_with_a_message_and_one_that_is_there_is_told_apart() {
    let server = Server::start(|seen, before| match before {
        0 => Reply::new(201, object("commit", "aaa")),
        1 => {
            let wanted = json!({ "tag": "v2", "message": "Second", "object": "aaa", "type": "commit" });
            assert_eq!(seen.body, wanted);
            Reply::new(201, json!({ "sha": "ttt" }))
        }
        2 => Reply::new(201, object("tag", "ttt")),
        3 => Reply::new(422, json!({ "message": "Reference already exists" })),
        4 => Reply::new(422, json!({ "message": "Object does not exist" })),
        _ => Reply::new(403, json!({ "message": "Resource not accessible by integration" })),
    })
    .await;
    let (client, sha) = (server.client(), Sha::from("aaa"));
    let create = |tag: &'static str, note: Option<&'static str>| {
        let (client, sha) = (client.clone(), sha.clone());
        async move { client.create_tag(&rust(), &tag.into(), &sha, note).await }
    };
    assert_eq!(create("v1", None).await.unwrap(), TagCreation::Created);
    assert_eq!(create("v2", Some("Second")).await.unwrap(), TagCreation::Created);
    assert_eq!(create("v1", None).await.unwrap(), TagCreation::Exists);
    assert!(matches!(create("v3", None).await.unwrap_err(), GithubError::Validation { .. }));
    assert!(matches!(create("v3", None).await.unwrap_err(), GithubError::Forbidden { .. }));
    let seen = server.seen();
    assert_eq!(seen[0].body, json!({ "ref": "refs/tags/v1", "sha": "aaa" }));
    assert_eq!(seen[2].body, json!({ "ref": "refs/tags/v2", "sha": "ttt" }), "the ref stands at the tag's own object");
}

#[tokio::test]
async fn only_a_stable_release_can_become_the_latest_and_a_second_one_is_told_apart() {
    let server = Server::start(|seen, before| match (seen.method.as_str(), before) {
        ("GET", 3) => Reply::new(404, json!({ "message": "Not Found" })),
        ("POST", 2) => {
            let fault = json!([{ "resource": "Release", "code": "already_exists", "field": "tag_name" }]);
            Reply::new(422, json!({ "message": "Validation Failed", "errors": fault }))
        }
        _ => Reply::new(201, json!({ "id": 5, "html_url": "https://x/releases/v1" })),
    })
    .await;
    let client = server.client();
    let mut new = NewRelease {
        tag: "v1".into(),
        sha: "aaa".into(),
        title: "v1".to_owned(),
        notes: "Text".to_owned(),
        prerelease: false,
    };
    let seen = ReleaseSeen { id: 5, url: "https://x/releases/v1".to_owned() };
    assert_eq!(client.create_release(&rust(), &new).await.unwrap(), ReleaseCreation::Created(seen.clone()));
    new.prerelease = true;
    client.create_release(&rust(), &new).await.unwrap();
    assert_eq!(client.create_release(&rust(), &new).await.unwrap(), ReleaseCreation::Exists);
    assert_eq!(client.release_by_tag(&rust(), &"v9".into()).await.unwrap(), None);
    assert_eq!(client.release_by_tag(&rust(), &"v1".into()).await.unwrap(), Some(seen));
    let bodies = server.seen();
    assert_eq!(
        bodies[0].body,
        json!({ "tag_name": "v1", "target_commitish": "aaa", "name": "v1", "body": "Text", "draft": false,
                "prerelease": false, "make_latest": "legacy" })
    );
    assert_eq!((&bodies[1].body["prerelease"], &bodies[1].body["make_latest"]), (&json!(true), &json!("false")));
}

#[tokio::test]
async fn how_commits_lie_to_each_other_is_told_by_comparing_them() {
    let words = ["ahead", "behind", "identical", "diverged"];
    let server = Server::start(move |_, before| {
        let base = json!({ "sha": "base" });
        Reply::new(
            200,
            json!({ "status": words[before], "ahead_by": 1, "behind_by": 1, "merge_base_commit": base, "commits": [] }),
        )
    })
    .await;
    let mut found = Vec::new();
    for _ in words {
        found.push(server.client().ancestry(&rust(), &"aaa".into(), &"bbb".into()).await.unwrap());
    }
    assert_eq!(found, [Ancestry::Ahead, Ancestry::Behind, Ancestry::Identical, Ancestry::Diverged]);
    assert!(calls(&server)[0].starts_with("GET /repos/acme/rust/compare/aaa...bbb?"), "{:?}", calls(&server));
}

/// Commit `number`, as lists show it.
fn commit(number: usize) -> Value {
    json!({ "sha": format!("{number:040x}"), "html_url": format!("https://x/{number}"), "author": { "login": "ann" },
            "commit": { "message": format!("Commit {number}") } })
}

/// Answers a comparison of `total` commits, oldest first, in pages of 100.
fn compared(target: &str, total: usize) -> Reply {
    let page: usize = target.rsplit_once("page=").unwrap().1.parse().unwrap();
    let commits: Vec<Value> = ((page - 1) * 100 + 1..=total.min(page * 100)).map(commit).collect();
    Reply::new(200, json!({ "status": "ahead", "ahead_by": total, "total_commits": total, "commits": commits }))
}

/// No pull request brought any of the commits asked about.
fn nothing_brought(seen: &Seen) -> Reply {
    let asked = seen.body["query"].as_str().unwrap().matches(": object(oid:").count();
    let none = json!({ "associatedPullRequests": { "nodes": [] } });
    let each: serde_json::Map<String, Value> = (0..asked).map(|at| (format!("c{at}"), none.clone())).collect();
    Reply::new(200, json!({ "data": { "repository": each } }))
}

#[tokio::test]
async fn of_a_long_range_the_newest_500_commits_are_read_newest_first() {
    for (total, oldest, cut) in [(1, 1, false), (230, 1, false), (500, 1, false), (730, 301, true)] {
        let server = Server::start(move |seen, _| match seen.method.as_str() {
            "GET" => compared(&seen.target, total),
            _ => nothing_brought(seen),
        })
        .await;
        let range = server.client().landed(&rust(), Some(&"aaa".into()), &"bbb".into()).await.unwrap();
        let messages: Vec<&str> = range.commits.iter().map(|commit| commit.message.as_str()).collect();
        let expected: Vec<String> = (oldest..=total).rev().map(|number| format!("Commit {number}")).collect();
        assert_eq!((messages, range.cut), (expected.iter().map(String::as_str).collect(), cut), "of {total}");
        let seen = server.seen();
        let mut queries = seen.iter().filter_map(|seen| seen.body["query"].as_str());
        assert!(queries.all(|query| query.matches("object(oid:").count() <= 50));
    }
}

#[tokio::test]
async fn without_a_release_before_the_newest_commits_are_read_and_nobody_is_new() {
    let server = Server::start(|seen, _| match seen.method.as_str() {
        "GET" => Reply::new(200, json!([commit(2), commit(1)]))
            .header("link", "<https://x/repositories/9/commits?sha=bbb&per_page=100&page=2>; rel=\"next\""),
        _ => nothing_brought(seen),
    })
    .await;
    let range = server.client().landed(&rust(), None, &"bbb".into()).await.unwrap();
    assert_eq!((range.commits[0].message.as_str(), range.commits.len(), range.cut), ("Commit 2", 2, true));
    assert_eq!(calls(&server)[0], "GET /repos/acme/rust/commits?sha=bbb&per_page=100");
}

fn pull(number: i64, author: &Value, merged: bool) -> Value {
    json!({ "number": number, "title": "Fix it", "url": format!("https://x/{number}"), "merged": merged,
            "headRefName": "fix/it", "baseRefName": "dev", "author": author,
            "labels": { "nodes": [{ "name": "release/minor" }] } })
}

#[tokio::test]
async fn landed_pulls_are_merged_ones_each_once_and_first_contributions_are_marked() {
    let server = Server::start(|seen, _| {
        let (ann, bob) =
            (json!({ "__typename": "User", "login": "ann" }), json!({ "__typename": "User", "login": "bob" }));
        if seen.target.contains("/compare/") {
            let mut strange = commit(3);
            strange["author"] = Value::Null;
            let commits = json!([commit(1), commit(2), strange]);
            return Reply::new(200, json!({ "status": "ahead", "ahead_by": 3, "commits": commits }));
        }
        if seen.method == "GET" {
            let known = if seen.target.contains("author=ann") { json!([commit(0)]) } else { json!([]) };
            return Reply::new(200, known);
        }
        let bot = json!({ "__typename": "Bot", "login": "renovate" });
        let pulls = |nodes: Value| json!({ "associatedPullRequests": { "nodes": nodes } });
        Reply::new(
            200,
            json!({ "data": { "repository": {
                "c0": pulls(json!([pull(12, &ann, true), pull(15, &bob, true), pull(13, &bob, false)])),
                "c1": pulls(json!([pull(12, &ann, true)])), "c2": pulls(json!([pull(14, &bot, true), null, pull(16, &Value::Null, true)]))
            } } }),
        )
    })
    .await;
    let range = server.client().landed(&rust(), Some(&"aaa".into()), &"bbb".into()).await.unwrap();
    let brought: Vec<Vec<i64>> =
        range.commits.iter().map(|commit| commit.pulls.iter().map(|number| number.0).collect()).collect();
    assert_eq!(brought, [vec![12, 15], vec![12], vec![14, 16]]);
    assert_eq!(range.commits[0].author, None, "GitHub does not know the account");
    assert_eq!(range.commits[2].author, Some("ann".into()));
    let pulls: Vec<(i64, &str, ActorKind, bool)> = range
        .pulls
        .iter()
        .map(|pull| (pull.number.0, pull.author.as_str(), pull.author_kind, pull.first_contribution))
        .collect();
    assert_eq!(
        pulls,
        [
            (12, "ann", ActorKind::User, false),
            (14, "renovate[bot]", ActorKind::Bot, false),
            (15, "bob", ActorKind::User, true),
            (16, "ghost", ActorKind::User, false)
        ]
    );
    assert_eq!((range.pulls[0].labels[0].as_str(), range.pulls[0].head_branch.as_str()), ("release/minor", "fix/it"));
    let asked: Vec<String> = calls(&server).into_iter().filter(|call| call.contains("author=")).collect();
    assert_eq!(
        asked,
        [
            "GET /repos/acme/rust/commits?author=ann&sha=aaa&per_page=1",
            "GET /repos/acme/rust/commits?author=bob&sha=aaa&per_page=1"
        ]
    );
}

#[tokio::test]
async fn a_commit_of_a_release_pull_is_made_of_whole_files_on_the_base() {
    let server = Server::start(|_, _| Reply::new(201, json!({ "sha": "new" }))).await;
    let client = server.client();
    let files = [("CHANGELOG.md".to_owned(), "# v1\n".to_owned())];
    assert_eq!(client.create_tree(&rust(), &"ttt".into(), &files).await.unwrap().as_str(), "new");
    let parents = ["aaa".into()];
    assert_eq!(client.create_commit(&rust(), "Release v1", &"new".into(), &parents).await.unwrap().as_str(), "new");
    let seen = server.seen();
    let entry = json!({ "path": "CHANGELOG.md", "mode": "100644", "type": "blob", "content": "# v1\n" });
    assert_eq!(seen[0].body, json!({ "base_tree": "ttt", "tree": [entry] }));
    assert_eq!(seen[1].body, json!({ "message": "Release v1", "tree": "new", "parents": ["aaa"] }));
}

#[tokio::test]
async fn the_pull_of_a_branch_is_found_opened_and_changed() {
    let listed = |number: i64, branch: &str| json!({ "number": number, "title": "Release v1", "body": null, "head": { "ref": branch, "sha": "aaa" } });
    let server = Server::start(move |seen, before| match (seen.method.as_str(), before) {
        ("GET", _) => Reply::new(200, json!([listed(3, "other"), listed(4, "stationmaster/release/dev")])),
        ("POST", 2) => {
            let fault = json!([{ "resource": "PullRequest", "code": "custom",
                                 "message": "A pull request already exists for acme:stationmaster/release/dev." }]);
            Reply::new(422, json!({ "message": "Validation Failed", "errors": fault }))
        }
        _ => Reply::new(201, json!({ "number": 4 })),
    })
    .await;
    let client = server.client();
    let (branch, base) = ("stationmaster/release/dev".into(), "dev".into());
    let found = client.pull_of_branch(&rust(), &branch, &base).await.unwrap();
    assert_eq!(found, Some(BranchPull { number: Number(4), title: "Release v1".to_owned(), body: String::new() }));
    let new = NewPull { title: "T".to_owned(), body: "B".to_owned(), head: branch, base };
    assert_eq!(client.create_pull(&rust(), &new).await.unwrap(), PullCreation::Created(Number(4)));
    assert_eq!(client.create_pull(&rust(), &new).await.unwrap(), PullCreation::Exists);
    client.update_pull(&rust(), Number(4), "T2", "B2").await.unwrap();
    let seen = server.seen();
    assert_eq!(seen[0].target, "/repos/acme/rust/pulls?state=open&head=acme%3Astationmaster%2Frelease%2Fdev&base=dev");
    let wanted = json!({ "title": "T", "body": "B", "head": "stationmaster/release/dev", "base": "dev" });
    assert_eq!(seen[1].body, wanted);
    assert_eq!((seen[3].method.as_str(), &seen[3].body), ("PATCH", &json!({ "title": "T2", "body": "B2" })));
}
