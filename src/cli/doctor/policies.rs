//! Whether the policy of each installed repository can be read.

use std::sync::Arc;

use futures::{StreamExt as _, stream};

use super::report::Finding;
use crate::app::{Github, Installation};
use crate::model::Repository;
use crate::observe;
use crate::policy::RepositoryPolicy;

const WHAT: &str = "policies";
/// Repositories that are looked at together.
const TOGETHER: usize = 8;

/// A line for all that are well, and one for each fault with its file and line.
pub(super) async fn check(github: &Github, installed: &[Installation]) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut repositories = Vec::new();
    for installation in installed {
        match github.installation(installation.id).repositories().await {
            Ok(seen) => repositories.extend(seen),
            Err(error) => found.push(Finding::of_github(WHAT, &error, "see what the line of the installation says")),
        }
    }
    let count = repositories.len();
    let github = Arc::new(github.clone());
    let looks = repositories.into_iter().map(|repository| {
        let github = Arc::clone(&github);
        async move { look(&github, &repository).await }
    });
    found.extend(stream::iter(looks).buffered(TOGETHER).collect::<Vec<_>>().await.into_iter().flatten());
    if found.is_empty() && count > 0 {
        found.push(Finding::ok(
            WHAT,
            match count {
                1 => "that of the one installed repository is good".to_owned(),
                count => format!("those of all {count} installed repositories are good"),
            },
        ));
    }
    found
}

async fn look(github: &Github, repository: &Repository) -> Vec<Finding> {
    let seen = match observe::policy(github, repository).await {
        Ok(Some(seen)) => seen,
        Ok(None) => return Vec::new(),
        Err(error) => return vec![Finding::of_github(WHAT, &error, "see what the line of the installation says")],
    };
    let faults = RepositoryPolicy::parse(&seen.text, &seen.file).err();
    let fix = "put the file on the default branch right; until then nothing is merged there";
    let faults = faults.iter().flat_map(crate::policy::Faults::list);
    faults.map(|fault| Finding::fail(WHAT, fault.to_string(), fix)).collect()
}
