//! Releases written, published and deleted.

use serde_json::{Value, json};

use super::{Done, Happening};
use crate::simulator::github::entities::{AccountKind, Actor};
use crate::simulator::github::error::SimulatorError;
use crate::simulator::github::shipping::Release;
use crate::simulator::github::state::State;

/// Which release is to be the latest, as `make_latest` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MakeLatest {
    True,
    False,
    Legacy,
}

/// What a release is to be.
#[derive(Debug)]
pub struct ReleaseText {
    pub tag: String,
    pub target: String,
    pub name: Option<String>,
    pub body: Option<String>,
    pub draft: bool,
    pub prerelease: bool,
    pub latest: MakeLatest,
}

impl State {
    /// Creates a release; one that is no draft makes its tag where that is not there yet.
    pub fn create_release(&mut self, repository: i64, actor: &Actor, new: ReleaseText) -> Result<i64, SimulatorError> {
        self.add_account(&actor.login, AccountKind::User);
        let (id, now) = (self.fresh_id(), self.now());
        let release = Release {
            id,
            tag: new.tag,
            target: new.target,
            name: new.name,
            body: new.body,
            draft: true,
            prerelease: new.prerelease,
            author: actor.login.clone(),
            created_at: now,
            published_at: None,
            updated_at: now,
        };
        self.repository_mut(repository)?.shipping.releases.push(release);
        if !new.draft {
            self.publish(repository, id, new.latest, actor)?;
        }
        self.tell_release(repository, (id, "created"), json!({}), actor)?;
        if new.draft { Ok(id) } else { self.tell_published(repository, id, actor).map(|()| id) }
    }

    /// Changes a release, and publishes a draft that is to be one no more.
    pub fn edit_release(&mut self, repository: i64, id: i64, new: ReleaseText, actor: &Actor) -> Done {
        let now = self.now();
        let unknown = || SimulatorError::UnknownRelease(id.to_string());
        let release = self.repository_mut(repository)?.shipping.release_mut(id).ok_or_else(unknown)?;
        let (was_draft, was_prerelease) = (release.draft, release.prerelease);
        let mut changes = json!({});
        for (field, before, after) in [("name", &release.name, &new.name), ("body", &release.body, &new.body)] {
            if before != after {
                changes[field] = json!({"from": before.as_deref().unwrap_or_default()});
            }
        }
        release.tag = new.tag;
        release.target = new.target;
        release.name = new.name;
        release.body = new.body;
        release.prerelease = new.prerelease;
        release.updated_at = now;
        if was_draft && !new.draft {
            self.publish(repository, id, new.latest, actor)?;
            return self.tell_published(repository, id, actor);
        }
        if !was_draft {
            release.draft = new.draft;
            self.mark_latest(repository, id, new.latest)?;
        }
        self.tell_release(repository, (id, "edited"), json!({"changes": changes}), actor)?;
        if was_prerelease && !new.prerelease && !new.draft {
            self.tell_release(repository, (id, "released"), json!({}), actor)?;
        }
        Ok(())
    }

    /// Deletes a release; its tag stays.
    pub fn delete_release(&mut self, repository: i64, id: i64, actor: &Actor) -> Done {
        self.tell_release(repository, (id, "deleted"), json!({}), actor)?;
        self.repository_mut(repository)?.shipping.releases.retain(|release| release.id != id);
        Ok(())
    }

    fn publish(&mut self, repository: i64, id: i64, latest: MakeLatest, actor: &Actor) -> Done {
        let unknown = || SimulatorError::UnknownRelease(id.to_string());
        let home = self.repository(repository)?;
        let release = home.shipping.release(id).ok_or_else(unknown)?;
        let (tag, target) = (release.tag.clone(), release.target.clone());
        if home.git.reference(&format!("refs/tags/{tag}")).is_none() {
            let sha = home.git.resolve(&target).ok_or_else(|| SimulatorError::UnknownCommit(target.clone()))?;
            self.set_tag(repository, &tag, &sha, actor)?;
        }
        let now = self.now();
        let home = self.repository_mut(repository)?;
        let commit = home.git.resolve(&format!("refs/tags/{tag}")).and_then(|sha| home.git.view(&sha));
        let release = home.shipping.release_mut(id).ok_or_else(unknown)?;
        release.draft = false;
        release.published_at = Some(now);
        // GitHub's date of a published release is that of its commit.
        release.created_at = commit.map_or(now, |commit| commit.at);
        self.mark_latest(repository, id, latest)
    }

    /// <https://docs.github.com/en/rest/releases/releases#create-a-release>
    fn mark_latest(&mut self, repository: i64, id: i64, latest: MakeLatest) -> Done {
        let shipping = &mut self.repository_mut(repository)?.shipping;
        let version = |release: &Release| semver::Version::parse(release.tag.trim_start_matches(['v', 'V'])).ok();
        let Some(own) = shipping.release(id).filter(|release| !release.draft && !release.prerelease) else {
            return Ok(());
        };
        let higher = match latest {
            MakeLatest::True => true,
            MakeLatest::False => false,
            MakeLatest::Legacy => {
                let before = shipping.latest.and_then(|before| shipping.release(before));
                before.is_none_or(|before| version(own) >= version(before))
            }
        };
        if higher {
            shipping.latest = Some(id);
        }
        Ok(())
    }

    fn tell_published(&mut self, repository: i64, id: i64, actor: &Actor) -> Done {
        let release = self.repository(repository)?.shipping.release(id);
        let kind = if release.is_some_and(|release| release.prerelease) { "prereleased" } else { "released" };
        self.tell_release(repository, (id, "published"), json!({}), actor)?;
        self.tell_release(repository, (id, kind), json!({}), actor)
    }

    /// <https://docs.github.com/en/webhooks/webhook-events-and-payloads#release>
    fn tell_release(
        &mut self,
        repository: i64,
        (id, action): (i64, &'static str),
        mut fields: Value,
        actor: &Actor,
    ) -> Done {
        let home = self.repository(repository)?;
        let release = home.shipping.release(id).ok_or_else(|| SimulatorError::UnknownRelease(id.to_string()))?;
        fields["release"] = self.views().release(home, release);
        self.tell(repository, Happening { event: "release", action: Some(action), fields, actor })
    }
}
