//! Commits, diffs and the body of a push.

use serde_json::{Value, json};

use super::{Views, node_id};
use crate::simulator::github::entities::Repository;
use crate::simulator::github::git::{CommitView, FileDiff};

impl Views<'_> {
    /// GitHub's `commit`.
    pub fn commit(self, repository: &Repository, commit: &CommitView) -> Value {
        let (url, page) = (self.repository_url(repository), self.page_url(repository));
        let (author, committer) = git_authors(commit);
        let user = |login: Option<&str>| login.map_or(Value::Null, |login| self.user(login));
        json!({
            "sha": commit.sha,
            "node_id": node_id("C_", i64::from_str_radix(&commit.sha[..12], 16).unwrap_or_default()),
            "url": format!("{url}/commits/{}", commit.sha),
            "html_url": format!("{page}/commit/{}", commit.sha),
            "comments_url": format!("{url}/commits/{}/comments", commit.sha),
            "commit": {
                "url": format!("{url}/git/commits/{}", commit.sha),
                "author": author,
                "committer": committer,
                "message": commit.message,
                "comment_count": 0,
                "tree": {"sha": commit.tree, "url": format!("{url}/git/trees/{}", commit.tree)},
                "verification": unsigned(),
            },
            "author": user(commit.author_login()),
            "committer": user(commit.committer_login()),
            "parents": commit.parents.iter().map(|sha| json!({
                "sha": sha,
                "url": format!("{url}/commits/{sha}"),
                "html_url": format!("{page}/commit/{sha}"),
            })).collect::<Vec<_>>(),
        })
    }

    /// GitHub's `git-commit`: the bare object.
    pub fn git_commit(self, repository: &Repository, commit: &CommitView) -> Value {
        let (url, page) = (self.repository_url(repository), self.page_url(repository));
        let (author, committer) = git_authors(commit);
        json!({
            "sha": commit.sha,
            "node_id": node_id("C_", i64::from_str_radix(&commit.sha[..12], 16).unwrap_or_default()),
            "url": format!("{url}/git/commits/{}", commit.sha),
            "html_url": format!("{page}/commit/{}", commit.sha),
            "author": author,
            "committer": committer,
            "message": commit.message,
            "tree": {"sha": commit.tree, "url": format!("{url}/git/trees/{}", commit.tree)},
            "parents": commit.parents.iter().map(|sha| json!({
                "sha": sha,
                "url": format!("{url}/git/commits/{sha}"),
                "html_url": format!("{page}/commit/{sha}"),
            })).collect::<Vec<_>>(),
            "verification": unsigned(),
        })
    }

    /// GitHub's `diff-entry`.
    pub fn file_diff(self, repository: &Repository, file: &FileDiff, sha: &str) -> Value {
        let path = encode_path(&file.path);
        let mut view = json!({
            "sha": file.sha,
            "filename": file.path,
            "status": file.status,
            "additions": file.additions,
            "deletions": file.deletions,
            "changes": file.additions + file.deletions,
            "blob_url": format!("{}/blob/{sha}/{path}", self.page_url(repository)),
            "raw_url": format!("{}/raw/{sha}/{path}", self.page_url(repository)),
            "contents_url": format!("{}/contents/{path}?ref={sha}", self.repository_url(repository)),
        });
        let optional = [("patch", &file.patch), ("previous_filename", &file.previous)];
        for (name, value) in optional.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?))) {
            view[name] = value.clone().into();
        }
        view
    }

    /// A commit as a push lists it, with the paths that it touched.
    pub fn pushed_commit(self, repository: &Repository, commit: &CommitView) -> Value {
        let touched = repository.git.touched(commit.parents.first().map(String::as_str), &commit.sha);
        let [added, removed, modified] = touched.unwrap_or_default();
        let mut author = json!({"name": commit.author, "email": commit.email});
        let mut committer = json!({"name": commit.committer, "email": commit.committer_email});
        let logins = [(&mut author, commit.author_login()), (&mut committer, commit.committer_login())];
        for (who, login) in logins.into_iter().filter_map(|(who, login)| Some((who, login?))) {
            who["username"] = login.into();
        }
        json!({
            "id": commit.sha,
            "tree_id": commit.tree,
            "distinct": true,
            "message": commit.message,
            "timestamp": commit.at.to_rfc3339(),
            "url": format!("{}/commit/{}", self.page_url(repository), commit.sha),
            "author": author,
            "committer": committer,
            "added": added,
            "removed": removed,
            "modified": modified,
        })
    }

    /// A push's own form of the repository: times as seconds, and a few older fields.
    pub fn pushed_repository(self, repository: &Repository) -> Value {
        let mut view = self.told_repository(repository);
        view["created_at"] = repository.created_at.seconds().into();
        view["pushed_at"] = repository.pushed_at.seconds().into();
        view["master_branch"] = repository.default_branch.clone().into();
        view["stargazers"] = 0.into();
        view["owner"]["name"] = repository.owner.clone().into();
        view["owner"]["email"] = Value::Null;
        view
    }
}

/// The author and the committer as Git knows them.
fn git_authors(commit: &CommitView) -> (Value, Value) {
    let date = commit.at.to_rfc3339();
    (
        json!({"name": commit.author, "email": commit.email, "date": date}),
        json!({"name": commit.committer, "email": commit.committer_email, "date": date}),
    )
}

/// What GitHub says of an object without a signature.
pub fn unsigned() -> Value {
    json!({"verified": false, "reason": "unsigned", "signature": null, "payload": null, "verified_at": null})
}

/// Percent-encodes what must be in a path, but leaves its slashes.
pub fn encode_path(path: &str) -> String {
    let encode = |part: &str| url::form_urlencoded::byte_serialize(part.as_bytes()).collect::<String>();
    path.split('/').map(|part| encode(part).replace('+', "%20")).collect::<Vec<_>>().join("/")
}
