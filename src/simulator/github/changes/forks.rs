//! Forks, the branches that pulls come from, and repositories deleted.

use serde_json::json;

use super::{Done, Happening};
use crate::simulator::github::entities::{AccountKind, Actor, Repository};
use crate::simulator::github::error::SimulatorError;
use crate::simulator::github::git::Git;
use crate::simulator::github::state::State;

/// The branch that a pull comes from.
#[derive(Debug)]
pub struct HeadBranch {
    pub repository: i64,
    pub owner: String,
    pub branch: String,
    pub sha: String,
}

impl State {
    /// Copies a repository to another account, without the App.
    pub fn fork(&mut self, repository: i64, owner: &str) -> Result<i64, SimulatorError> {
        let parent = self.repository(repository)?;
        let full_name = format!("{owner}/{}", parent.name);
        if self.repository_id(&full_name).is_ok() {
            return Err(SimulatorError::BadRepositoryName(full_name));
        }
        let (name, private, default_branch) = (parent.name.clone(), parent.private, parent.default_branch.clone());
        let merge_methods = parent.merge_methods;
        self.add_account(owner, AccountKind::User);
        let (id, now) = (self.fresh_id(), self.now());
        let git = Git::create(&self.directory.path().join(format!("{id}.git")))?;
        git.import(&self.repository(repository)?.git, "refs/heads/*", "refs/heads/*")?;
        let labels = self.default_labels();
        let fork = Repository {
            id,
            owner: owner.to_owned(),
            name,
            private,
            fork_of: Some(repository),
            merge_methods,
            default_branch,
            labels,
            ..Repository::blank(git, now)
        };
        self.repositories.insert(id, fork);
        Ok(id)
    }

    /// Finds the branch that a pull's head names, `branch` or `owner:branch`, and brings a fork's commits over.
    pub fn head_branch(&self, repository: i64, head: &str) -> Result<HeadBranch, SimulatorError> {
        let home = self.repository(repository)?;
        let (owner, branch) = head.split_once(':').unwrap_or((&home.owner, head));
        let unknown = || SimulatorError::UnknownBranch { repository: home.full_name(), branch: head.to_owned() };
        let from = if owner.eq_ignore_ascii_case(&home.owner) {
            home
        } else {
            let network = |one: &&Repository| one.fork_of == Some(repository) || home.fork_of == Some(one.id);
            let mut forks = self.repositories.values().filter(network);
            forks.find(|one| one.owner.eq_ignore_ascii_case(owner)).ok_or_else(unknown)?
        };
        let sha = from.git.head(branch).ok_or_else(unknown)?;
        if from.id != repository {
            let source = format!("refs/heads/{branch}");
            home.git.import(&from.git, &source, &format!("refs/network/{}/{branch}", from.id))?;
        }
        Ok(HeadBranch { repository: from.id, owner: from.owner.clone(), branch: branch.to_owned(), sha })
    }

    /// Every open pull that comes from a branch, in whichever repository it is, as (repository, number).
    pub fn pulls_from(&self, repository: i64, branch: &str) -> Vec<(i64, i64)> {
        let mut found = Vec::new();
        for home in self.repositories.values() {
            let open = home.issues.values().filter(|issue| issue.closed.is_none());
            let from = open.filter(|issue| {
                let pull = issue.pull.as_ref();
                pull.is_some_and(|pull| pull.head == branch && pull.head_repository == Some(repository))
            });
            found.extend(from.map(|issue| (home.id, issue.number)));
        }
        found
    }

    /// Deletes a repository; pulls that came from it lose their head's repository.
    pub fn delete_repository(&mut self, repository: i64, actor: &Actor) -> Done {
        self.tell(repository, Happening { event: "repository", action: Some("deleted"), fields: json!({}), actor })?;
        self.repositories.remove(&repository);
        self.former_names.retain(|_, id| *id != repository);
        let issues = self.repositories.values_mut().flat_map(|home| home.issues.values_mut());
        for pull in issues.filter_map(|issue| issue.pull.as_mut()) {
            pull.head_repository = pull.head_repository.filter(|id| *id != repository);
        }
        Ok(())
    }
}
