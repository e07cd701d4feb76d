//! The map: every module in the order in which data passes through, a sentence each.

#![doc = include_str!("README.md")]
#![forbid(unsafe_code)]

// The modules stand in the order in which data passes through them.

/// Stage 4: performs actions.
pub mod act;
/// The one place that builds clients.
pub mod app;
/// The commands.
pub mod cli;
/// The settings.
pub mod config;
/// Stage 3: pure functions from snapshot, policy and time to a decision.
pub mod decide;
/// The loops that turn the stages.
pub mod engine;
/// The client of GitHub.
pub mod github;
/// The server's routes.
pub mod http;
/// Where log lines go.
pub mod logging;
/// What is counted.
pub mod metrics;
/// The nouns that every stage shares.
pub mod model;
/// The client of ntfy.
pub mod notify;
/// Stage 2: reads of GitHub, from which a snapshot is made.
pub mod observe;
/// Rules and repository settings: files in, compiled values out.
pub mod policy;
/// Stage 1: bytes → delivery → event.
pub mod receive;
/// A GitHub and an ntfy of our own, for the demo and for tests.
pub mod simulator;
/// Stage 5: inbox, lanes, outbox, tasks, audit.
pub mod store;
