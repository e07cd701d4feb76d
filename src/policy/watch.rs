//! Notices when the rule files change, and keeps the last good rules while they are broken.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use super::fault::Faults;
use super::rules::{Rules, RulesPlace, rule_files};

/// What a look at the files came to.
#[derive(Debug, Clone)]
pub enum Reload {
    /// Nothing to do: as it was, also when it was broken and has been reported.
    Unchanged,
    /// New rules, or the old ones again after they were broken.
    Loaded(Arc<Rules>),
    /// The files changed and have faults; the last good rules stay in force. Said once for each change.
    Broken(Faults),
}

/// What tells a changed file without reading it: its path, when it was written and its length in bytes.
type Stamp = (PathBuf, Option<SystemTime>, u64);

/// The rules in force, and where they come from.
#[derive(Debug)]
pub struct RulesWatch {
    place: RulesPlace,
    current: Arc<Rules>,
    stamps: Vec<Stamp>,
    broken: bool,
}

impl RulesWatch {
    /// Loads the rules for the first time; when they have faults there is nothing to fall back on.
    pub fn start(place: RulesPlace) -> Result<Self, Faults> {
        let stamps = stamps(&place);
        let current = Arc::new(place.load()?);
        Ok(Self { place, current, stamps, broken: false })
    }

    /// The last good rules.
    #[must_use]
    pub fn current(&self) -> Arc<Rules> {
        Arc::clone(&self.current)
    }

    /// Looks whether a file was written, added or removed, and only then reads them again.
    pub fn poll(&mut self) -> Reload {
        // Stamps are taken before reading: a write in between shows at the next look.
        let stamps = stamps(&self.place);
        if stamps == self.stamps {
            return Reload::Unchanged;
        }
        self.stamps = stamps;
        match self.place.load() {
            Ok(rules) => {
                let same = rules.fingerprint() == self.current.fingerprint();
                if same && !self.broken {
                    return Reload::Unchanged;
                }
                self.broken = false;
                self.current = Arc::new(rules);
                Reload::Loaded(self.current())
            }
            Err(faults) => {
                self.broken = true;
                Reload::Broken(faults)
            }
        }
    }
}

fn stamps(place: &RulesPlace) -> Vec<Stamp> {
    let RulesPlace::Folder(folder) = place else { return Vec::new() };
    let stamp = |path: PathBuf| {
        let metadata = std::fs::metadata(&path).ok();
        let length = metadata.as_ref().map_or(0, std::fs::Metadata::len);
        (path, metadata.and_then(|metadata| metadata.modified().ok()), length)
    };
    rule_files(folder).unwrap_or_default().into_iter().map(stamp).collect()
}
