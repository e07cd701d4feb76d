//! The changed files of a pull request: all of them, of one head, with the diffs that GitHub leaves out.

use serde_json::{Value, json};
use stationmaster::model::{
    ActorKind, FileChange, InstallationId, Mergeability, Number, Pull, PullState, Repository, RepositoryId, Timestamp,
};
use stationmaster::observe::{ChangesFault, changes};

use super::server::{INSTALLATION, Reply, Seen, Server, rust};

fn repository(installation: InstallationId) -> Repository {
    Repository { id: RepositoryId(9), name: rust(), installation, default_branch: "dev".into(), private: true }
}

fn pull(changed_files: u32) -> Pull {
    Pull {
        number: Number(12),
        title: String::new(),
        body: String::new(),
        state: PullState::Open,
        draft: false,
        author: "ann".into(),
        author_kind: ActorKind::User,
        labels: Vec::new(),
        head: "aaa".into(),
        head_branch: "x".into(),
        head_repository: Some(rust()),
        base: "dev".into(),
        base_sha: "bbb".into(),
        mergeability: Mergeability::Mergeable,
        behind: false,
        review_required: false,
        commits: Vec::new(),
        changed_files,
        url: String::new(),
        created: Timestamp(0),
        merge_commit: None,
    }
}

fn file(name: &str, patch: Option<&str>) -> Value {
    json!({ "sha": "f00", "filename": name, "status": "modified", "additions": 1, "deletions": 1, "changes": 2,
            "patch": patch })
}

fn answer(seen: &Seen, head: &str, content: &str) -> Reply {
    let path = seen.target.split('?').next().unwrap();
    match path.strip_prefix("/repos/acme/rust/").unwrap() {
        "pulls/12/files" if seen.target.ends_with("&page=1") => {
            Reply::new(200, json!([file("small.py", Some("@@ -1 +1 @@\n-a\n+b"))]))
                .header("link", "</repositories/9/pulls/12/files?page=2>; rel=\"next\"")
        }
        "pulls/12/files" => Reply::new(200, json!([file("large.py", None)])),
        "git/blobs/f00" => Reply::new(200, content),
        "compare/bbb...aaa" => Reply::new(
            200,
            json!({ "status": "ahead", "ahead_by": 1, "behind_by": 0,
            "merge_base_commit": { "sha": "base" } }),
        ),
        "contents/large.py" => Reply::new(200, "one\ntwo\n"),
        "pulls/12" => Reply::new(
            200,
            json!({ "number": 12, "state": "open", "updated_at": "2026-11-21T07:00:00Z",
            "head": { "ref": "x", "sha": head }, "base": { "ref": "dev", "sha": "bbb" } }),
        ),
        other => panic!("unexpected call of {other}"),
    }
}

async fn read(server: &Server, files: u32) -> Result<Vec<FileChange>, ChangesFault> {
    let mut reading = changes(&server.github, &repository(INSTALLATION), &pull(files))?;
    let mut found = Vec::new();
    while let Some(change) = reading.next().await? {
        found.push(change);
    }
    Ok(found)
}

#[tokio::test]
async fn a_diff_that_github_leaves_out_is_made() {
    let server = Server::start(|seen, _| answer(seen, "aaa", "one\nthree\n")).await;
    let found = read(&server, 2).await.unwrap();
    let added: Vec<(u32, &str)> = found[1].added_lines().map(|line| (line.line, line.text)).collect();
    assert_eq!((found[0].path.as_str(), added), ("small.py", vec![(2, "three")]));
    assert!(server.seen().iter().any(|seen| seen.target.ends_with("/contents/large.py?ref=base")));
}

#[tokio::test]
async fn a_file_too_large_or_no_text_is_returned_without_a_diff() {
    for content in ["x".repeat(2 * 1024 * 1024 + 1), "a\0b".to_owned()] {
        let server = Server::start(move |seen, _| answer(seen, "aaa", &content)).await;
        let found = read(&server, 2).await.unwrap();
        assert!(found[1].lacks_patch(), "whoever reads it can see that it was not read");
    }
}

#[tokio::test]
async fn changes_that_are_not_all_of_one_head_are_none() {
    let server = Server::start(|seen, _| answer(seen, "later", "one\n")).await;
    let fault = read(&server, 2).await.unwrap_err();
    assert!(matches!(fault, ChangesFault::HeadMoved { .. }), "{fault}");
    let server = Server::start(|seen, _| answer(seen, "aaa", "one\n")).await;
    assert_eq!(read(&server, 3).await.unwrap_err(), ChangesFault::Incomplete { listed: 2, files: 3 });
    let fault = read(&server, 3_001).await.unwrap_err();
    assert_eq!(fault.to_string(), "the pull request changes 3001 files, and GitHub lists no more than 3000");
}
