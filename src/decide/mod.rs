//! Stage 3, deciding: pure functions from what was seen, what the rules say and what time it is, to what is to be done.

mod assign;
mod card;
mod classify;
mod explain;
mod handoff;
mod intent;
mod labels;
pub mod request;
mod route;
mod task;
mod tell;

pub use assign::{Assignment, choose};
pub use classify::{Classification, Classified, LoserLine, classify};
pub use explain::because;
pub use handoff::{Handoff, HandoffTask, ProjectContext, branch};
pub use route::{Route, Winner, route};
pub use task::{decide as task, gone};
