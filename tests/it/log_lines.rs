//! What the server logs, kept to be read.

use std::io;
use std::sync::{Arc, Mutex, OnceLock};

use tracing::Dispatch;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;

/// A writer for a subscriber; clones share what was written.
#[derive(Clone)]
pub struct LogLines(Arc<Mutex<Vec<u8>>>);

impl LogLines {
    /// Nothing yet; the subscriber that writes to it is made afterwards.
    pub fn new() -> Self {
        never_alone();
        Self(Arc::default())
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// One subscriber that hears nothing lives as long as the process.
///
/// While there is just one, `tracing` asks it alone whether a line of the source is heard when that is first passed, and
/// only if it is that thread's; the answer then counts for all threads. So a test beside ours that passes the line first
/// would have ours hear nothing of it (`Rebuilder::JustOne` in tracing-core's `callsite.rs`).
fn never_alone() {
    static DEAF: OnceLock<Dispatch> = OnceLock::new();
    DEAF.get_or_init(|| Dispatch::new(tracing_subscriber::registry().with(LevelFilter::OFF)));
}

impl io::Write for LogLines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
