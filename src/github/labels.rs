//! Labels: created with colour and description, put on issues and taken off.

use futures::future::try_join_all;
use http::Method;
use serde::{Deserialize, Serialize};

use super::issues::issue_path;
use super::request::Call;
use super::{GithubError, InstallationClient, Path};
use crate::model::{LabelName, LabelSpec, Number, RepositoryName};

#[derive(Serialize)]
struct NewLabel<'a> {
    name: &'a LabelName,
    color: &'a str,
    description: &'a str,
}

#[derive(Serialize)]
struct LabelsToAdd<'a> {
    labels: &'a [LabelName],
}

#[derive(Deserialize)]
struct LabelEntry {
    name: LabelName,
}

impl InstallationClient {
    /// The names of all labels of a repository.
    pub async fn repository_labels(&self, repository: &RepositoryName) -> Result<Vec<LabelName>, GithubError> {
        let entries: Vec<LabelEntry> = self.caller.list(Path::repository(repository, ["labels"])?).await?;
        Ok(entries.into_iter().map(|label| label.name).collect())
    }

    /// Creates those labels that the repository lacks. What was once seen there is not asked for again: should
    /// somebody delete it, GitHub makes it anew when it is put on an issue, only without its colour.
    pub async fn ensure_labels(&self, repository: &RepositoryName, specs: &[LabelSpec]) -> Result<(), GithubError> {
        let unknown: Vec<&LabelSpec> = specs.iter().filter(|spec| !self.knows_label(repository, &spec.name)).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let present = self.repository_labels(repository).await?;
        // GitHub takes names that differ only in case for the same label.
        let same = |name: &LabelName, other: &LabelName| name.as_str().eq_ignore_ascii_case(other.as_str());
        let missing = unknown.iter().filter(|spec| !present.iter().any(|name| same(name, &spec.name)));
        // All at once: one after the other, a first issue would wait for each of them.
        try_join_all(missing.map(|spec| self.ensure_label(repository, spec))).await?;
        self.learn_labels(repository, unknown.into_iter().map(|spec| spec.name.clone()));
        Ok(())
    }

    /// Creates a label; true if it did not exist. One that exists keeps the colour that people gave it
    /// (<https://docs.github.com/en/rest/issues/labels#create-a-label>).
    pub async fn ensure_label(&self, repository: &RepositoryName, spec: &LabelSpec) -> Result<bool, GithubError> {
        let path = Path::repository(repository, ["labels"])?;
        let new = NewLabel { name: &spec.name, color: &spec.colour, description: &spec.description };
        match self.caller.write(Method::POST, path, &new).await {
            Ok(_) => Ok(true),
            Err(GithubError::Validation { errors, .. }) if errors.iter().any(|e| e.contains("already_exists")) => {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Puts labels on an issue, beside those it has; returns all that it has then.
    pub async fn add_labels(
        &self,
        repository: &RepositoryName,
        number: Number,
        labels: &[LabelName],
    ) -> Result<Vec<LabelName>, GithubError> {
        let path = issue_path(repository, number, &["labels"])?;
        let entries: Vec<LabelEntry> =
            self.caller.write(Method::POST, path, &LabelsToAdd { labels }).await?.decode()?;
        Ok(entries.into_iter().map(|label| label.name).collect())
    }

    /// Takes a label off an issue; true if it was there.
    pub async fn remove_label(
        &self,
        repository: &RepositoryName,
        number: Number,
        label: &LabelName,
    ) -> Result<bool, GithubError> {
        let path = issue_path(repository, number, &["labels", label.as_str()])?;
        match self.caller.call(Call::new(Method::DELETE, path)).await {
            Ok(_) => Ok(true),
            Err(GithubError::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
