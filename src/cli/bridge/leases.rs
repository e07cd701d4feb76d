//! The leases that a worker was given, so that each of its asks can name the fence.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Bridge, files};
use crate::cli::item::Item;

/// A lease that was given to this worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Its id.
    pub lease: Option<String>,
    /// Its number; a stale one changes nothing.
    pub fence: i64,
    /// When it runs out, as the server said last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

impl Held {
    /// What an answer of the API says of a lease, if it does.
    pub fn of(answer: &Value) -> Option<Self> {
        let text = |key: &str| answer[key].as_str().map(str::to_owned);
        Some(Self { lease: text("lease"), fence: answer["fence"].as_i64()?, until: text("until") })
    }
}

type Leases = BTreeMap<String, Held>;

impl Bridge {
    /// The fence of the lease on a task, if one was given.
    pub fn fence(&self, item: &Item) -> Result<Option<i64>> {
        Ok(self.leases()?.get(&key(item)).map(|held| held.fence))
    }

    /// Keeps a lease.
    pub fn keep(&self, item: &Item, held: Held) -> Result<()> {
        self.change(|leases| {
            leases.insert(key(item), held);
        })
    }

    /// Forgets the lease on a task.
    pub fn forget(&self, item: &Item) -> Result<()> {
        self.change(|leases| {
            leases.remove(&key(item));
        })
    }

    /// Keeps the new ends of leases that are still the ones that were given here. A lease that is not known here is
    /// somebody else's who uses the same id, and one that is no longer listed keeps its fence, which then is refused.
    pub fn extend(&self, listed: &[(Item, Held)]) -> Result<()> {
        self.change(|leases| {
            for (item, held) in listed {
                if let Some(kept) = leases.get_mut(&key(item)).filter(|kept| kept.fence == held.fence) {
                    kept.until.clone_from(&held.until);
                }
            }
        })
    }

    fn change(&self, change: impl FnOnce(&mut Leases)) -> Result<()> {
        let _alone = self.lock()?;
        let before = self.leases()?;
        let mut after = before.clone();
        change(&mut after);
        if after == before {
            return Ok(());
        }
        files::write_json(&self.leases_file(), &serde_json::to_value(after)?)
    }

    fn leases(&self) -> Result<Leases> {
        let path = self.leases_file();
        let Some(value) = files::read_json(&path)? else { return Ok(Leases::new()) };
        serde_json::from_value(value)
            .with_context(|| format!("{} holds no leases and is left as it is", path.display()))
    }

    fn leases_file(&self) -> PathBuf {
        self.workspace().join("leases.json")
    }
}

/// GitHub's names differ in case only for show.
fn key(item: &Item) -> String {
    item.to_string().to_lowercase()
}
