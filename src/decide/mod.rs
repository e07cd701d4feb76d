//! Stage 3, deciding: pure functions from what was seen, what the rules say and what time it is, to what is to be done.

mod assign;
mod card;
mod classify;
mod comment_commands;
pub mod depends;
pub mod environment;
mod explain;
pub mod gate;
mod handoff;
mod intent;
mod labels;
mod merge_message;
mod prose;
pub mod pull;
mod pull_again;
pub mod pull_card;
mod pull_command;
mod pull_tell;
mod queue;
mod quote;
pub mod release;
pub mod release_pull;
pub mod request;
pub mod review;
mod route;
pub mod secrets;
mod show_review;
mod task;
mod tell;
mod tests_report;
pub mod tracking;

pub use assign::{Assignment, choose};
pub use classify::{Classification, Classified, LoserLine, classify};
pub use depends::depends_on;
pub use explain::because;
pub use gate::{Gate, gate, needs_a_person, only_waits_for_checks};
pub use handoff::{Handoff, HandoffTask, ProjectContext, branch};
pub use merge_message::{CommitMessage, merge_message};
pub use pull_card::explain_pull;
pub use pull_command::{
    Commanded, PullCommands, PullWords, Question, askers as command_askers, decide as pull_commands, help,
};
pub use queue::{QueueSettings, decide as queue, worth_a_look};
pub use route::{Route, Winner, route};
pub use show_review::show_review;
pub use task::{decide as task, gone};
pub use tests_report::{TestsReport, TestsSeen, coverage, report as tests_report, retest};
