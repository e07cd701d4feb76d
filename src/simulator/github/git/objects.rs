//! Blobs and trees by their own names.

use std::collections::BTreeMap;

use git2::{ObjectType, Oid, TreeWalkMode, TreeWalkResult};

use super::Git;

/// One line of a tree.
pub struct TreeLine {
    pub path: String,
    pub mode: String,
    pub kind: &'static str,
    /// Bytes; only files have a size.
    pub size: Option<usize>,
    pub sha: String,
}

impl Git {
    /// A blob's bytes.
    pub fn blob(&self, sha: &str) -> Option<Vec<u8>> {
        let oid = Oid::from_str(sha).ok().filter(|_| sha.len() == 40)?;
        Some(self.repository.find_blob(oid).ok()?.content().to_vec())
    }

    /// The SHA of a tree (named by itself, by a commit or by a ref) and its lines, of all depths where asked.
    pub fn tree(&self, revision: &str, recursive: bool) -> Option<(String, Vec<TreeLine>)> {
        let tree = self.repository.revparse_single(revision).ok()?.peel_to_tree().ok()?;
        let store = self.repository.odb().ok()?;
        let mut lines = Vec::new();
        let walked = tree.walk(TreeWalkMode::PreOrder, |folder, entry| {
            let kind = entry.kind().unwrap_or(ObjectType::Any);
            lines.push(TreeLine {
                path: format!("{folder}{}", entry.name().unwrap_or_default()),
                mode: format!("{:06o}", entry.filemode()),
                kind: kind.str(),
                size: store.read_header(entry.id()).ok().filter(|_| kind == ObjectType::Blob).map(|(size, _)| size),
                sha: entry.id().to_string(),
            });
            if recursive { TreeWalkResult::Ok } else { TreeWalkResult::Skip }
        });
        walked.ok().map(|()| (tree.id().to_string(), lines))
    }

    /// Every file of a commit with its bytes.
    pub fn files(&self, revision: &str) -> BTreeMap<String, Vec<u8>> {
        let lines = self.tree(revision, true).map(|(_, lines)| lines).unwrap_or_default();
        let files = lines.into_iter().filter(|line| line.kind == "blob");
        files.filter_map(|line| Some((line.path, self.blob(&line.sha)?))).collect()
    }
}
