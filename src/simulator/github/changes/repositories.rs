//! Repositories created, pushed to, renamed and transferred, and installations on them.

use serde_json::json;

use super::{Done, Happening};
use crate::model::RepositoryName;
use crate::simulator::github::entities::{AccountKind, Actor, Repository};
use crate::simulator::github::error::SimulatorError;
use crate::simulator::github::git::{FileChange, Git};
use crate::simulator::github::installations::{Installation, Suspended};
use crate::simulator::github::payloads::repository_lite;
use crate::simulator::github::state::State;

impl State {
    /// Creates a repository with a first commit, and installs the App on it.
    pub fn create_repository(&mut self, full_name: &str) -> Result<i64, SimulatorError> {
        let bad = || SimulatorError::BadRepositoryName(full_name.to_owned());
        let name: RepositoryName = full_name.parse().map_err(|_| bad())?;
        // A name that a repository had before is free again; then nothing redirects from it any more.
        if self.repositories.values().any(|known| known.full_name().eq_ignore_ascii_case(full_name)) {
            return Err(bad());
        }
        self.add_account(&name.owner, AccountKind::Organization);
        let (id, now) = (self.fresh_id(), self.now());
        let git = Git::create(&self.directory.path().join(format!("{id}.git")))?;
        let readme = format!("# {}\n", name.name);
        git.commit(&FileChange {
            branch: "main",
            path: "README.md",
            content: Some(readme.as_bytes()),
            message: "Initial commit",
            author: &name.owner,
            at: now,
        })?;
        let labels = self.default_labels();
        let repository =
            Repository { id, owner: name.owner.clone(), name: name.name, labels, ..Repository::blank(git, now) };
        self.repositories.insert(id, repository);
        self.set_installed(id, true, &Actor::person(&name.owner))?;
        Ok(id)
    }

    /// Puts a repository into its owner's installation (made on first need) or takes it out.
    pub fn set_installed(&mut self, repository: i64, on: bool, actor: &Actor) -> Done {
        let home = self.repository_mut(repository)?;
        if home.installed == on {
            return Ok(());
        }
        home.installed = on;
        let owner = home.owner.clone();
        let known = self.installation_of(&owner).map(|installation| installation.id);
        let lite = vec![repository_lite(self.repository(repository)?)];
        let Some(id) = known else {
            let id = self.install(&owner);
            let fields = json!({"repositories": lite});
            return self.tell_installation(id, ("installation", "created"), fields, actor);
        };
        let (added, removed) = if on { (lite, Vec::new()) } else { (Vec::new(), lite) };
        let fields = json!({
            "repository_selection": "selected",
            "repositories_added": added,
            "repositories_removed": removed,
            "requester": null,
        });
        self.tell_installation(id, ("installation_repositories", if on { "added" } else { "removed" }), fields, actor)
    }

    fn install(&mut self, owner: &str) -> i64 {
        let (id, now) = (self.fresh_id(), self.now());
        let installation = Installation {
            id,
            account: owner.to_owned(),
            permissions: self.app.permissions.clone(),
            suspended: None,
            created_at: now,
            updated_at: now,
        };
        self.installations.insert(id, installation);
        id
    }

    /// Tells of an installation as a whole; these come even to one that sleeps.
    pub fn tell_installation(
        &mut self,
        id: i64,
        (event, action): (&'static str, &'static str),
        mut fields: serde_json::Value,
        actor: &Actor,
    ) -> Done {
        let unknown = || SimulatorError::NotInstalled(id.to_string());
        let installation = self.installations.get(&id).ok_or_else(unknown)?;
        fields["installation"] = self.views().installation(installation);
        self.queue(None, id, Happening { event, action: Some(action), fields, actor });
        Ok(())
    }

    pub fn set_suspended(&mut self, owner: &str, on: bool, actor: &Actor) -> Done {
        let now = self.now();
        let id = self.installation_of(owner).map(|installation| installation.id);
        let id = id.ok_or_else(|| SimulatorError::NotInstalled(owner.to_owned()))?;
        if let Some(installation) = self.installations.get_mut(&id) {
            installation.suspended = on.then(|| Suspended { at: now, by: actor.login.clone() });
            installation.updated_at = now;
        }
        self.tell_installation(id, ("installation", if on { "suspend" } else { "unsuspend" }), json!({}), actor)
    }

    /// Takes the App off an account altogether.
    pub fn uninstall(&mut self, owner: &str, actor: &Actor) -> Done {
        let id = self.installation_of(owner).map(|installation| installation.id);
        let id = id.ok_or_else(|| SimulatorError::NotInstalled(owner.to_owned()))?;
        let mine = |repository: &&mut Repository| repository.owner.eq_ignore_ascii_case(owner) && repository.installed;
        let mut gone = Vec::new();
        for repository in self.repositories.values_mut().filter(mine) {
            repository.installed = false;
            gone.push(repository.id);
        }
        let known = gone.iter().filter_map(|gone| self.repositories.get(gone));
        let lite: Vec<_> = known.map(repository_lite).collect();
        self.tell_installation(id, ("installation", "deleted"), json!({"repositories": lite}), actor)?;
        self.installations.remove(&id);
        self.tokens.retain(|_, token| token.installation != id);
        Ok(())
    }

    /// Gives a repository a new name; the old one redirects.
    pub fn rename_repository(&mut self, repository: i64, name: &str, actor: &Actor) -> Done {
        let home = self.repository_mut(repository)?;
        let (former, old) = (home.full_name(), std::mem::replace(&mut home.name, name.to_owned()));
        self.former_names.insert(former.to_lowercase(), repository);
        let fields = json!({"changes": {"repository": {"name": {"from": old}}}});
        self.tell(repository, Happening { event: "repository", action: Some("renamed"), fields, actor })
    }

    /// Gives a repository to another account, on which the App is installed for it as well.
    pub fn transfer_repository(&mut self, repository: i64, owner: &str, actor: &Actor) -> Done {
        self.add_account(owner, AccountKind::Organization);
        let home = self.repository_mut(repository)?;
        let (former, old) = (home.full_name(), std::mem::replace(&mut home.owner, owner.to_owned()));
        home.installed = false;
        self.former_names.insert(former.to_lowercase(), repository);
        self.set_installed(repository, true, actor)?;
        let kind = self.account(&old).map_or("user", |account| match account.kind {
            AccountKind::Organization => "organization",
            AccountKind::User | AccountKind::Bot => "user",
        });
        let owner = self.views().organization(&old).unwrap_or_else(|| self.views().user(&old));
        let fields = json!({"changes": {"owner": {"from": {kind: owner}}}});
        self.tell(repository, Happening { event: "repository", action: Some("transferred"), fields, actor })
    }
}
