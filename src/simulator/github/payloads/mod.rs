//! The JSON views of everything, made in one place for both answers and webhooks.

mod app;
mod check;
mod commit;
mod deployment;
mod issue;
mod pull;
mod push;
mod release;
mod repository;
mod review;
mod status;
mod user;
mod workflow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::state::State;

pub use app::installation_lite;
pub use check::annotation;
pub use commit::{encode_path, unsigned};
pub use issue::{REACTIONS, association};
pub use push::Push;
pub use repository::repository_lite;
pub use workflow::top_level;

/// A reader of the state that renders its things as GitHub does.
#[derive(Debug, Clone, Copy)]
pub struct Views<'a> {
    pub state: &'a State,
}

/// GitHub's global id: opaque to clients, here the kind and the number.
pub fn node_id(kind: &str, id: i64) -> String {
    STANDARD.encode(format!("{kind}{id}"))
}
