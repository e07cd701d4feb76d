//! The ntfy client: publishes messages for people and machines, within ntfy's limits and without ever insisting, and listens.

mod answer;
mod config;
mod error;
mod find;
mod fit;
mod host;
mod machine;
mod pause;
mod publish;
mod subscribe;

pub use config::NtfyConfig;
pub use error::{Next, NotifyError};
pub use fit::{Fitted, FittedButton};
pub use machine::{MACHINE_LIMIT_BYTES, fitted, signed};
pub use publish::{CONNECT_TIMEOUT_S, Notifier, Published, REQUEST_TIMEOUT_S, http_client};
pub use subscribe::{SILENCE_MAX_S, Subscription};
