//! What keeps the server from its work, told once when it begins and once when it is over, however many wait for it.
//!
//! Whoever fails says so with [`Troubles::struck`], as often as it fails, and with [`Troubles::passed`] once it has
//! got through. The first strike of a cause is a warning with what to do; further ones are for those who debug. A cause
//! is over when nobody waits for it any more.

mod cause;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::model::{Clock, Timestamp};

pub use cause::Cause;

/// Who does not come back for so long after the time at which it was to try again has something else to do by now: an
/// action was replaced by a newer one, a subject is gone.
const ABANDONED_MS: i64 = 900_000;

/// Somebody who failed.
#[derive(Debug, Clone, Copy)]
pub struct Strike<'a> {
    /// Who it was: the key of an action, a subject, a part of the server. It stands in no message.
    pub who: &'a str,
    /// What happened to it.
    pub detail: &'a str,
    /// When it tries again.
    pub again: Timestamp,
}

/// A trouble as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// What is the matter.
    pub cause: Cause,
    /// Since when.
    pub since: Timestamp,
    /// How often something failed because of it.
    pub failures: u64,
    /// How many wait for it to pass.
    pub waiting: usize,
    /// What happened first.
    pub detail: String,
}

#[derive(Debug)]
struct Entry {
    since: Timestamp,
    failures: u64,
    detail: String,
    /// Who waits, with when it tries again.
    waiting: BTreeMap<String, Timestamp>,
}

/// The ledger of this server's troubles; clones share it. It is empty after a start: what still is wrong is met again.
#[derive(Clone)]
pub struct Troubles {
    clock: Arc<dyn Clock>,
    entries: Arc<Mutex<BTreeMap<Cause, Entry>>>,
    /// How many entries there are, so that whoever gets through while all is well asks for no lock.
    count: Arc<AtomicUsize>,
}

impl std::fmt::Debug for Troubles {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_list().entries(self.standing()).finish()
    }
}

impl Troubles {
    /// A ledger without an entry, whose times come from `clock`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, entries: Arc::default(), count: Arc::default() }
    }

    /// Somebody failed because of `cause`. Tells of it if it is the first, and returns whether it was.
    pub fn struck(&self, cause: Cause, strike: Strike<'_>) -> bool {
        let now = self.clock.now();
        let mut entries = self.entries();
        // Whoever meets another cause has got past the one before.
        settle(&mut entries, now, |known, who| *known != cause && who == strike.who);
        let first = !entries.contains_key(&cause);
        let entry = entries.entry(cause).or_insert_with(|| Entry {
            since: now,
            failures: 0,
            detail: strike.detail.to_owned(),
            waiting: BTreeMap::new(),
        });
        entry.failures += 1;
        entry.waiting.insert(strike.who.to_owned(), strike.again);
        self.count.store(entries.len(), Ordering::Release);
        drop(entries);
        if first {
            tracing::warn!(
                trouble = cause.name(),
                installation = cause.installation().map(|id| id.0),
                detail = strike.detail,
                "{cause}; {}",
                cause.advice()
            );
        } else {
            tracing::debug!(trouble = cause.name(), who = strike.who, detail = strike.detail, "{cause}, still");
        }
        first
    }

    /// Somebody got through, whatever it had waited for.
    pub fn passed(&self, who: &str) {
        if self.count.load(Ordering::Acquire) > 0 {
            self.settle(|_, known| known == who);
        }
    }

    /// Forgets who does not come back any more; to be called now and then.
    pub fn look(&self) {
        if self.count.load(Ordering::Acquire) > 0 {
            self.settle(|_, _| false);
        }
    }

    fn settle(&self, is_through: impl Fn(&Cause, &str) -> bool) {
        let mut entries = self.entries();
        settle(&mut entries, self.clock.now(), is_through);
        self.count.store(entries.len(), Ordering::Release);
    }

    /// What stands now.
    #[must_use]
    pub fn standing(&self) -> Vec<Standing> {
        let entries = self.entries();
        let standing = entries.iter().map(|(cause, entry)| Standing {
            cause: *cause,
            since: entry.since,
            failures: entry.failures,
            waiting: entry.waiting.len(),
            detail: entry.detail.clone(),
        });
        standing.collect()
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<Cause, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes out whoever is through or does not come back, and every cause that nobody waits for any more.
fn settle(entries: &mut BTreeMap<Cause, Entry>, now: Timestamp, is_through: impl Fn(&Cause, &str) -> bool) {
    entries.retain(|cause, entry| {
        entry.waiting.retain(|who, again| !is_through(cause, who) && now.since_ms(*again) < ABANDONED_MS);
        let stands = !entry.waiting.is_empty();
        if !stands {
            tracing::info!(
                trouble = cause.name(),
                installation = cause.installation().map(|id| id.0),
                lasted_s = now.since_ms(entry.since) / 1000,
                failures = entry.failures,
                "{}",
                cause.over()
            );
        }
        stands
    });
}
