//! How things are shown outside: by the API, and by the command line as JSON.

mod environment;
mod task;
mod worker;

pub use environment::{DeploymentShown, EnvironmentShown, ReleaseShown, SettingsShown};
pub(super) use task::{ClaimShown, DiscoveryShown, TaskShown, handed};
pub(super) use worker::{LeaseShown, Numbers, WorkerShown, mean_minutes};
