//! Pull requests by REST: which are open, which files they change, where one stands.

use serde::Deserialize;

use super::request::Call;
use super::{GithubError, InstallationClient, Path};
use crate::model::{BranchName, ChangeKind, FileChange, Login, Number, PullState, RepositoryName, Sha, Timestamp};

/// Entries a page, GitHub's most.
const PER_PAGE: &str = "100";

/// An open pull request as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedPull {
    /// Its number.
    pub number: Number,
    /// The commit to be merged.
    pub head: Sha,
    /// The branch that this is on, in whichever repository.
    pub head_branch: BranchName,
    /// The branch to merge into.
    pub base: BranchName,
    /// When anything about it last changed.
    pub updated: Timestamp,
    /// Not ready, its author says.
    pub draft: bool,
}

/// Where a pull request stands, for looking after a merge that ended unclear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullStanding {
    /// Whether it is merged.
    pub merged: bool,
    /// The commit that it became on the base; only once it is merged.
    pub merge_commit: Option<Sha>,
    /// Who merged it; `None` before that, and where GitHub knows nobody any more.
    pub merged_by: Option<Login>,
    /// Open, closed or merged.
    pub state: PullState,
    /// Its head.
    pub head: Sha,
}

/// A page of the files that a pull request changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilesPage {
    /// Up to 100 files.
    pub files: Vec<FileChange>,
    /// Whether there is another page.
    pub more: bool,
    /// The head of which these are the files; `None` where the page does not say.
    pub head: Option<Sha>,
}

/// A pull request as GitHub tells it (<https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request>).
#[derive(Deserialize)]
struct PullBody {
    number: i64,
    state: String,
    head: End,
    base: End,
    updated_at: String,
    #[serde(default)]
    draft: Option<bool>,
    /// Only in the answer about a single one.
    #[serde(default)]
    merged: bool,
    #[serde(default)]
    merge_commit_sha: Option<Sha>,
    #[serde(default)]
    merged_by: Option<Merger>,
}

#[derive(Deserialize)]
struct Merger {
    login: Login,
}

#[derive(Deserialize)]
struct End {
    #[serde(rename = "ref")]
    branch: BranchName,
    sha: Sha,
}

/// A changed file (<https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files>).
#[derive(Deserialize)]
struct FileBody {
    filename: String,
    status: FileStatus,
    #[serde(default)]
    sha: Option<Sha>,
    additions: u32,
    deletions: u32,
    #[serde(default)]
    patch: Option<String>,
    #[serde(default)]
    previous_filename: Option<String>,
    #[serde(default)]
    contents_url: Option<String>,
}

impl FileBody {
    /// The head that it was listed for, which GitHub names only in the address of the content.
    fn head(&self) -> Option<Sha> {
        let (_, head) = self.contents_url.as_deref()?.rsplit_once("?ref=")?;
        Some(Sha::new(head))
    }
}

/// A word that is not among these is an error: what it would mean for a review is not known.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FileStatus {
    Added,
    Removed,
    Modified,
    Renamed,
    Copied,
    Changed,
    Unchanged,
}

#[derive(Deserialize)]
struct NumberBody {
    number: i64,
}

impl From<FileBody> for FileChange {
    fn from(body: FileBody) -> Self {
        let kind = match body.status {
            FileStatus::Added => ChangeKind::Added,
            FileStatus::Removed => ChangeKind::Removed,
            FileStatus::Modified => ChangeKind::Modified,
            FileStatus::Renamed => ChangeKind::Renamed,
            FileStatus::Copied => ChangeKind::Copied,
            FileStatus::Changed | FileStatus::Unchanged => ChangeKind::ModeChanged,
        };
        // Of a file that is gone, GitHub names the content that it had.
        let blob = body.sha.filter(|_| kind != ChangeKind::Removed);
        Self {
            path: body.filename,
            previous_path: body.previous_filename,
            kind,
            blob,
            patch: body.patch,
            additions: body.additions,
            deletions: body.deletions,
        }
    }
}

/// The path of a pull request, with `parts` below it.
pub(super) fn pull_path(repository: &RepositoryName, number: Number, parts: &[&str]) -> Result<Path, GithubError> {
    let number = number.to_string();
    Path::repository(repository, ["pulls", &number].into_iter().chain(parts.iter().copied()))
}

/// Where a pull request stands, by GitHub's two fields for it.
pub(super) fn pull_state(call: &Call, state: &str, merged: bool) -> Result<PullState, GithubError> {
    match (merged, state) {
        (true, _) => Ok(PullState::Merged),
        (false, "open") => Ok(PullState::Open),
        (false, "closed") => Ok(PullState::Closed),
        (false, other) => {
            let fault = format!("at state: {other:?} is not known");
            Err(GithubError::Decode { call: call.to_string(), fault, performed: false })
        }
    }
}

impl InstallationClient {
    /// Every open pull request, oldest first (<https://docs.github.com/en/rest/pulls/pulls#list-pull-requests>).
    pub async fn open_pulls(&self, repository: &RepositoryName) -> Result<Vec<ListedPull>, GithubError> {
        self.open_pulls_where(Path::repository(repository, ["pulls"])?).await
    }

    /// Every open pull request that is to be merged into `base`.
    pub async fn open_pulls_onto(
        &self,
        repository: &RepositoryName,
        base: &BranchName,
    ) -> Result<Vec<ListedPull>, GithubError> {
        self.open_pulls_where(Path::repository(repository, ["pulls"])?.query("base", base.as_str())).await
    }

    async fn open_pulls_where(&self, path: Path) -> Result<Vec<ListedPull>, GithubError> {
        let path = path.query("state", "open").query("sort", "created").query("direction", "asc");
        let bodies: Vec<PullBody> = self.caller.list(path).await?;
        let listed = bodies.into_iter().map(|body| ListedPull {
            number: Number(body.number),
            head: body.head.sha,
            head_branch: body.head.branch,
            base: body.base.branch,
            updated: Timestamp::parse_rfc3339(&body.updated_at).unwrap_or(Timestamp(0)),
            draft: body.draft.unwrap_or(false),
        });
        Ok(listed.collect())
    }

    /// The pull requests, open or not, that a commit belongs to
    /// (<https://docs.github.com/en/rest/commits/commits#list-pull-requests-associated-with-a-commit>).
    pub async fn pulls_of_commit(&self, repository: &RepositoryName, sha: &Sha) -> Result<Vec<Number>, GithubError> {
        let path = Path::repository(repository, ["commits", sha.as_str(), "pulls"])?;
        let bodies: Vec<NumberBody> = self.caller.list(path).await?;
        Ok(bodies.into_iter().map(|body| Number(body.number)).collect())
    }

    /// Where a pull request stands now.
    ///
    /// # Errors
    /// [`GithubError::Decode`] for a state that is neither open nor closed.
    pub async fn pull_state(&self, repository: &RepositoryName, number: Number) -> Result<PullStanding, GithubError> {
        let call = Call::get(pull_path(repository, number, &[])?);
        let body: PullBody = self.caller.call(call.clone()).await?.decode(&call)?;
        let state = pull_state(&call, &body.state, body.merged)?;
        // Before the merge, GitHub names its own test merge there.
        let merge_commit = body.merge_commit_sha.filter(|_| body.merged);
        let merged_by = body.merged_by.map(|merger| merger.login);
        Ok(PullStanding { merged: body.merged, merge_commit, merged_by, state, head: body.head.sha })
    }

    /// A page of the files that a pull request changes, beginning with page 1. GitHub lists 3,000 files at most
    /// (<https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files>).
    pub async fn pull_files(
        &self,
        repository: &RepositoryName,
        number: Number,
        page: u32,
    ) -> Result<FilesPage, GithubError> {
        let path = pull_path(repository, number, &["files"])?.query("per_page", PER_PAGE);
        let call = Call::get(path.query("page", &page.to_string()));
        let response = self.caller.call(call.clone()).await?;
        let bodies: Vec<FileBody> = response.decode(&call)?;
        let more = super::pages::next(&response).is_some();
        let kept = bodies.iter().filter(|body| !matches!(body.status, FileStatus::Removed));
        let mut heads: Vec<Option<Sha>> = kept.map(FileBody::head).collect();
        heads.dedup();
        let head = match heads.as_slice() {
            [Some(only)] => Some(only.clone()),
            _ => None,
        };
        Ok(FilesPage { files: bodies.into_iter().map(FileChange::from).collect(), more, head })
    }
}
