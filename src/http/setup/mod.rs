//! Set-up by a browser: a person chooses whose App it is to be, GitHub registers it, and its credentials are stored.
//!
//! This is all that a server shows before it has an App. Whoever reaches the port needs the code that the server told
//! to whoever started it: without it there is nothing to choose and nothing to register.

mod answer;
mod choices;
mod doors;
mod steps;

use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::routing::get;
use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::pages;
use crate::model::{Clock, Timestamp};

pub use choices::{Wanted, WantedFault};

/// Makes the manifest of what is wanted, in JSON; the second argument is where GitHub sends the browser back to.
pub type ManifestOf = Arc<dyn Fn(&Wanted, &str) -> String + Send + Sync>;
/// Ends a registration by the code that GitHub gave to the browser, and stores what comes of it; else a sentence.
pub type Register = Arc<dyn Fn(Wanted, String) -> BoxFuture<'static, Result<Registered, String>> + Send + Sync>;
/// Whether credentials could be stored; else a sentence. It is asked before anything is registered.
pub type MayStore = Arc<dyn Fn() -> Result<(), String> + Send + Sync>;

/// An App that was registered, as far as people are told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// Its name.
    pub name: String,
    /// Its page on GitHub.
    pub app_url: String,
    /// Where it is installed.
    pub install_url: String,
    /// What was written, a sentence each.
    pub notes: Vec<String>,
    /// What comes next: the dashboard of this server, or a command to give.
    pub next: Result<String, String>,
}

/// Whoever begins has so long until GitHub leads back; its own code lives as long.
const STATE_LIVES_MS: i64 = 60 * 60 * 1000;
/// More beginnings than anybody makes.
const STATES_MAX: usize = 100;

/// Everything that set-up needs.
pub struct SetUp {
    /// The code that the address carries.
    pub code: String,
    /// What is chosen unless somebody chooses otherwise.
    pub usual: Wanted,
    /// Whether the choice is made, so that only the confirmation is shown.
    pub is_chosen: bool,
    /// What the App will ask for: the permission and the access.
    pub asks: Vec<(String, String)>,
    /// Makes the manifest.
    pub manifest_of: ManifestOf,
    /// Ends a registration.
    pub register: Register,
    /// Looks whether it could.
    pub may_store: MayStore,
    /// Cancelled once the App is registered and the last page is shown.
    pub done: CancellationToken,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where this server listens.
    pub address: SocketAddr,
}

impl fmt::Debug for SetUp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SetUp").field("usual", &self.usual).field("address", &self.address).finish_non_exhaustive()
    }
}

/// Set-up, and the registrations that were begun, by their state.
pub(super) struct Room {
    set_up: SetUp,
    begun: Mutex<HashMap<String, (Timestamp, Wanted)>>,
}

impl Room {
    /// Remembers what is wanted under a state that only GitHub and this browser learn.
    fn begin(&self, wanted: Wanted) -> String {
        let state = format!("{:032x}{:032x}", rand::random::<u128>(), rand::random::<u128>());
        let now = self.set_up.clock.now();
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        begun.retain(|_, (at, _)| now.is_within(STATE_LIVES_MS, *at));
        if begun.len() >= STATES_MAX {
            let oldest = begun.iter().min_by_key(|(_, (at, _))| *at).map(|(state, _)| state.clone());
            oldest.and_then(|oldest| begun.remove(&oldest));
        }
        begun.insert(state.clone(), (now, wanted));
        state
    }

    /// What was begun under this state, which counts once.
    fn take(&self, state: &str) -> Option<Wanted> {
        let (at, wanted) = self.begun.lock().unwrap_or_else(PoisonError::into_inner).remove(state)?;
        self.set_up.clock.now().is_within(STATE_LIVES_MS, at).then_some(wanted)
    }
}

/// Everything that a server shows which has no App yet.
pub fn set_up_router(set_up: SetUp) -> Router {
    let room = Arc::new(Room { set_up, begun: Mutex::default() });
    Router::new()
        .route("/setup", get(steps::choose).post(steps::confirm))
        .route("/setup/callback", get(steps::callback))
        .route("/healthz", get(super::health::alive))
        .route("/readyz", get(doors::ready))
        .merge(pages::asset_routes())
        .fallback(doors::elsewhere)
        .with_state(room)
}
