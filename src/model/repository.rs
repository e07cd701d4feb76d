//! A repository that the App is installed on.

use serde::{Deserialize, Serialize};

use super::{BranchName, InstallationId, RepositoryId, RepositoryName};

/// A repository as far as every stage needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repository {
    /// Its id, which survives renames.
    pub id: RepositoryId,
    /// Its name at present.
    pub name: RepositoryName,
    /// The installation through which it is reached.
    pub installation: InstallationId,
    /// Where policy is read from.
    pub default_branch: BranchName,
    /// Whether strangers cannot read it.
    pub private: bool,
}
