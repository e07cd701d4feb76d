//! Content at any commit: files, folders and git blobs, each with a limit.

use serde::Deserialize;

use super::request::Call;
use super::{GithubError, InstallationClient, Path};
use crate::model::{RepositoryName, Sha};

/// Most entries that GitHub lists of a folder
/// (<https://docs.github.com/en/rest/repos/contents#get-repository-content>).
const FOLDER_LIMIT: usize = 1_000;
/// Largest text file that is read as text.
const TEXT_LIMIT_BYTES: usize = 2 * 1024 * 1024;

/// An entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderEntry {
    /// Its path from the root of the repository.
    pub path: String,
    /// Its git object.
    pub sha: Sha,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// Whether it is a file, rather than a folder, link or submodule.
    pub is_file: bool,
}

#[derive(Deserialize)]
struct EntryBody {
    path: String,
    sha: Sha,
    #[serde(default)]
    size: u64,
    #[serde(rename = "type")]
    kind: String,
}

fn contents(repository: &RepositoryName, path: &str, git_ref: Option<&str>) -> Result<Path, GithubError> {
    // The root has no name.
    let parts = path.split('/').filter(|part| !path.is_empty() || !part.is_empty());
    let below = Path::repository(repository, ["contents"].into_iter().chain(parts))?;
    Ok(match git_ref {
        Some(git_ref) => below.query("ref", git_ref),
        None => below,
    })
}

impl InstallationClient {
    /// The content of a git blob, of at most `limit_bytes` (<https://docs.github.com/en/rest/git/blobs#get-a-blob>).
    ///
    /// # Errors
    /// [`GithubError::TooLarge`] for a larger one.
    pub async fn blob(
        &self,
        repository: &RepositoryName,
        sha: &Sha,
        limit_bytes: usize,
    ) -> Result<Vec<u8>, GithubError> {
        let path = Path::repository(repository, ["git", "blobs", sha.as_str()])?;
        let response = self.caller.call(Call::get(path).raw().at_most(limit_bytes)).await?;
        Ok(response.body.to_vec())
    }

    /// The content of a file at a commit or branch, of at most `limit_bytes`; `None` when it is not there.
    ///
    /// # Errors
    /// [`GithubError::TooLarge`] for a larger one.
    pub async fn bytes_at(
        &self,
        repository: &RepositoryName,
        path: &str,
        git_ref: &str,
        limit_bytes: usize,
    ) -> Result<Option<Vec<u8>>, GithubError> {
        let call = Call::get(contents(repository, path, Some(git_ref))?).raw().at_most(limit_bytes);
        match self.caller.call(call).await {
            Ok(response) => Ok(Some(response.body.to_vec())),
            Err(GithubError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The text of a file at a commit or branch, of at most 2 MB; `None` when it is not there.
    ///
    /// # Errors
    /// [`GithubError::Decode`] when it is not UTF-8, [`GithubError::TooLarge`] when it is larger.
    pub async fn file_at(
        &self,
        repository: &RepositoryName,
        path: &str,
        git_ref: &str,
    ) -> Result<Option<String>, GithubError> {
        let Some(bytes) = self.bytes_at(repository, path, git_ref, TEXT_LIMIT_BYTES).await? else { return Ok(None) };
        let text = String::from_utf8(bytes).map_err(|fault| GithubError::Decode {
            call: format!("GET {path} at {git_ref}"),
            fault: fault.to_string(),
            performed: false,
        })?;
        Ok(Some(text))
    }

    /// The entries of a folder, on the default branch where no ref is given; none when there is no such folder.
    ///
    /// # Errors
    /// [`GithubError::TooManyPages`] for a folder that GitHub does not list whole.
    pub async fn folder(
        &self,
        repository: &RepositoryName,
        path: &str,
        git_ref: Option<&str>,
    ) -> Result<Vec<FolderEntry>, GithubError> {
        let call = Call::get(contents(repository, path, git_ref)?);
        let entries: Vec<EntryBody> = match self.caller.call(call.clone()).await {
            Ok(response) => response.decode(&call)?,
            Err(GithubError::NotFound { .. }) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        if entries.len() >= FOLDER_LIMIT {
            return Err(GithubError::TooManyPages { call: call.to_string(), pages: 1 });
        }
        let entries = entries.into_iter().map(|entry| FolderEntry {
            path: entry.path,
            sha: entry.sha,
            size_bytes: entry.size,
            is_file: entry.kind == "file",
        });
        Ok(entries.collect())
    }
}
