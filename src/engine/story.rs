//! What happens, told as it happens: for the demo, and for pages that are live.

use tokio::sync::broadcast;

use crate::model::{Decision, DeliveryState, Subject};

/// Steps that a slow listener may lag behind before it misses some.
const BACKLOG: usize = 1024;

/// One thing that happened.
#[derive(Debug, Clone)]
pub enum Step {
    /// A delivery was understood.
    Understood {
        /// What the sender says it is.
        event: String,
        /// How far it has come.
        state: DeliveryState,
        /// The subjects that it names.
        subjects: Vec<Subject>,
        /// Why it came to rest, if it did.
        note: Option<String>,
    },
    /// A decision is in force.
    Decided {
        /// About what.
        subject: Subject,
        /// The decision.
        decision: Box<Decision>,
    },
    /// An action was attempted.
    Acted {
        /// The subject it belongs to.
        subject: Subject,
        /// The action's key.
        key: String,
        /// Whether the world is now as wanted.
        performed: bool,
        /// What came of it.
        note: String,
    },
}

/// Tells whoever listens.
#[derive(Debug, Clone)]
pub struct Story(broadcast::Sender<Step>);

impl Default for Story {
    fn default() -> Self {
        Self(broadcast::Sender::new(BACKLOG))
    }
}

impl Story {
    /// Everything that happens from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Step> {
        self.0.subscribe()
    }

    pub(super) fn tell(&self, step: Step) {
        // Nobody listens most of the time.
        let _ = self.0.send(step);
    }
}
