//! A test that watches every request that GitHub gets.

use super::GithubSimulator;
use crate::simulator::Watch;

impl GithubSimulator {
    /// Has every request of the API seen from now on, before and after it is done; `None` ends it. The watch must not
    /// ask the simulator anything that changes it.
    pub fn watch(&self, watch: Option<Watch>) {
        self.shared.post.set(watch);
    }
}
