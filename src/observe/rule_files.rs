//! Files on a repository's default branch by which its pull requests are reviewed.

use crate::github::{Github, GithubError};
use crate::model::Repository;

/// Where gitleaks looks for its own rules (<https://github.com/gitleaks/gitleaks#configuration>).
pub const GITLEAKS_PATH: &str = ".gitleaks.toml";
/// Where gitleaks looks for findings to be left out.
pub const GITLEAKS_IGNORE_PATH: &str = ".gitleaksignore";
/// Where a repository keeps structural rules of its own.
pub const STRUCTURAL_FOLDER: &str = ".github/stationmaster/rules";

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundFile {
    /// Which it is, for messages: `owner/name:path`.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// What was found; most repositories have none of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleFiles {
    /// `.gitleaks.toml`.
    pub gitleaks: Option<FoundFile>,
    /// `.gitleaksignore`.
    pub gitleaks_ignore: Option<FoundFile>,
    /// Structural rules, by name.
    pub structural: Vec<FoundFile>,
}

impl RuleFiles {
    /// All of them.
    pub fn texts(&self) -> impl Iterator<Item = &FoundFile> {
        self.gitleaks.iter().chain(&self.gitleaks_ignore).chain(&self.structural)
    }
}

/// Reads the files. The root is listed first, so a repository without any costs one request.
pub async fn rule_files(github: &Github, repository: &Repository) -> Result<RuleFiles, GithubError> {
    let client = github.installation(repository.installation);
    let name = &repository.name;
    let read = async |path: &str| -> Result<Option<FoundFile>, GithubError> {
        let text = client.file(name, path).await?;
        Ok(text.map(|text| FoundFile { name: format!("{name}:{path}"), text }))
    };
    let root = client.folder(name, "", None).await?;
    let has = |path: &str| root.iter().any(|entry| entry.path == path);
    let mut found = RuleFiles::default();
    if has(GITLEAKS_PATH) {
        found.gitleaks = read(GITLEAKS_PATH).await?;
    }
    if has(GITLEAKS_IGNORE_PATH) {
        found.gitleaks_ignore = read(GITLEAKS_IGNORE_PATH).await?;
    }
    if has(".github") {
        for entry in client.folder(name, STRUCTURAL_FOLDER, None).await? {
            if is_structural(&entry.path) && entry.is_file {
                found.structural.extend(read(&entry.path).await?);
            }
        }
    }
    Ok(found)
}

/// Whether a path is that of a structural rule.
#[must_use]
pub fn is_structural(path: &str) -> bool {
    let extension = std::path::Path::new(path).extension();
    path.starts_with(STRUCTURAL_FOLDER) && extension.is_some_and(|extension| extension == "yml" || extension == "yaml")
}
