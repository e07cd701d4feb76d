//! The files that a pull request changes, one at a time, with the diffs that GitHub leaves out.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use similar::TextDiff;

use crate::github::{Github, GithubError, InstallationClient};
use crate::model::{FileChange, Number, Pull, Repository, Sha};

/// GitHub lists no more (<https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files>).
pub const FILES_LIMIT: u32 = 3_000;
/// Of a larger file no diff is made.
const CONTENT_LIMIT_BYTES: usize = 2 * 1024 * 1024;
/// After this, the diff is finished in a way that is right but longer than it need be.
const DIFF_TIMEOUT_S: u64 = 2;
/// Unchanged lines around a change, as GitHub shows.
const CONTEXT_LINES: usize = 3;

/// Why the changes of a pull request are not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangesFault {
    /// GitHub does not list them all.
    #[error("the pull request changes {files} files, and GitHub lists no more than {FILES_LIMIT}")]
    TooMany {
        /// How many it changes.
        files: u32,
    },
    /// A push came meanwhile, so that what was read may be of either head.
    #[error("the pull request's head is {now} now, no longer {judged}")]
    HeadMoved {
        /// The head that was to be read.
        judged: Sha,
        /// The head there is now.
        now: Sha,
    },
    /// GitHub listed fewer or more files than it counts.
    #[error("GitHub listed {listed} of {files} changed files")]
    Incomplete {
        /// How many came.
        listed: u32,
        /// How many it changes.
        files: u32,
    },
    /// They cannot be read.
    #[error(transparent)]
    Github(#[from] GithubError),
}

/// The changed files of one head, read page by page: no more than 100 files are held at a time.
pub struct Changes {
    client: Arc<InstallationClient>,
    repository: Repository,
    number: Number,
    head: Sha,
    base: Sha,
    files: u32,
    listed: u32,
    page: u32,
    more: bool,
    waiting: VecDeque<FileChange>,
    /// The commit that GitHub compares the head with, once a diff had to be made.
    merge_base: Option<Sha>,
    /// Every page named the head that it was of.
    sure: bool,
}

/// Begins to read what `pull` changes at the head that it names.
///
/// # Errors
/// [`ChangesFault::TooMany`] before anything is read.
pub fn changes(github: &Github, repository: &Repository, pull: &Pull) -> Result<Changes, ChangesFault> {
    if pull.changed_files > FILES_LIMIT {
        return Err(ChangesFault::TooMany { files: pull.changed_files });
    }
    Ok(Changes {
        client: github.installation(repository.installation),
        repository: repository.clone(),
        number: pull.number,
        head: pull.head.clone(),
        base: pull.base_sha.clone(),
        files: pull.changed_files,
        listed: 0,
        page: 0,
        more: true,
        waiting: VecDeque::new(),
        merge_base: None,
        sure: true,
    })
}

impl Changes {
    /// The next file; `None` after the last one, once it is sure that all were of the same head.
    pub async fn next(&mut self) -> Result<Option<FileChange>, ChangesFault> {
        while self.waiting.is_empty() {
            if !self.more {
                return self.finished().await.map(|()| None);
            }
            self.page += 1;
            let page = self.client.pull_files(&self.repository.name, self.number, self.page).await?;
            self.listed = self.listed.saturating_add(u32::try_from(page.files.len()).unwrap_or(u32::MAX));
            self.more = page.more;
            match page.head {
                Some(now) if now != self.head => {
                    return Err(ChangesFault::HeadMoved { judged: self.head.clone(), now });
                }
                Some(_) => {}
                None => self.sure = false,
            }
            if self.listed > FILES_LIMIT {
                return Err(ChangesFault::TooMany { files: self.listed });
            }
            self.waiting = page.files.into();
        }
        match self.waiting.pop_front() {
            Some(change) if change.lacks_patch() => Ok(Some(self.with_patch(change).await?)),
            other => Ok(other),
        }
    }

    async fn finished(&self) -> Result<(), ChangesFault> {
        if !self.sure {
            let now = self.client.pull_state(&self.repository.name, self.number).await?.head;
            if now != self.head {
                return Err(ChangesFault::HeadMoved { judged: self.head.clone(), now });
            }
        }
        if self.listed != self.files {
            return Err(ChangesFault::Incomplete { listed: self.listed, files: self.files });
        }
        Ok(())
    }

    /// Makes the diff that GitHub left out, or returns the change as it is where a side is too large or no text.
    async fn with_patch(&mut self, change: FileChange) -> Result<FileChange, ChangesFault> {
        let Some((before, after)) = self.sides(&change).await? else { return Ok(change) };
        let made = tokio::task::spawn_blocking(move || unified(&before, &after)).await;
        // A diff that panicked is one that there is not: the caller sees that the patch is missing.
        Ok(FileChange { patch: made.ok(), ..change })
    }

    /// The text of both sides; `None` where either has no text that can be compared.
    async fn sides(&mut self, change: &FileChange) -> Result<Option<(String, String)>, ChangesFault> {
        let Some(blob) = &change.blob else { return Ok(None) };
        let name = &self.repository.name;
        let Some(after) = within_limit(self.client.blob(name, blob, CONTENT_LIMIT_BYTES).await)? else {
            return Ok(None);
        };
        let base = match &self.merge_base {
            Some(known) => known.clone(),
            None => self.client.compare(name, self.base.as_str(), self.head.as_str()).await?.merge_base,
        };
        let path = change.previous_path.as_deref().unwrap_or(&change.path);
        let before = self.client.bytes_at(name, path, base.as_str(), CONTENT_LIMIT_BYTES).await;
        self.merge_base = Some(base);
        let Some(before) = within_limit(before)? else { return Ok(None) };
        Ok(text(&before.unwrap_or_default()).zip(text(&after)))
    }
}

fn within_limit<T>(answer: Result<T, GithubError>) -> Result<Option<T>, GithubError> {
    match answer {
        Ok(content) => Ok(Some(content)),
        Err(GithubError::TooLarge { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What git takes for text: content without a zero byte. What is no UTF-8 in it is replaced.
fn text(content: &[u8]) -> Option<String> {
    (!content.contains(&0)).then(|| String::from_utf8_lossy(content).into_owned())
}

fn unified(before: &str, after: &str) -> String {
    let diff = TextDiff::configure().timeout(Duration::from_secs(DIFF_TIMEOUT_S)).diff_lines(before, after);
    diff.unified_diff().context_radius(CONTEXT_LINES).to_string()
}
