//! A test that watches every request that ntfy gets.

use super::NtfySimulator;
use crate::simulator::Watch;

impl NtfySimulator {
    /// Has every request seen from now on, before and after it is done; `None` ends it.
    pub fn watch(&self, watch: Option<Watch>) {
        self.shared.post.set(watch);
    }
}
