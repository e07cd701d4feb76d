//! The ntfy client: publishes messages for people, within ntfy's limits and without ever insisting.

mod answer;
mod config;
mod error;
mod find;
mod fit;
mod host;
mod pause;
mod publish;

pub use config::NtfyConfig;
pub use error::{Next, NotifyError};
pub use fit::{Fitted, FittedButton};
pub use publish::{CONNECT_TIMEOUT_S, Notifier, Published, REQUEST_TIMEOUT_S, http_client};
