//! The map: every module in the order in which data passes through, a sentence each.

#![doc = include_str!("README.md")]
#![forbid(unsafe_code)]

// The modules stand in the order in which data passes through them; the empty lines keep it.

/// The nouns that every stage shares.
pub mod model;

/// Rules and repository settings: files in, compiled values out.
pub mod policy;

/// Stage 1: bytes → delivery → event.
pub mod receive;

/// Stage 2: reads of GitHub, from which a snapshot is made.
pub mod observe;

/// Stage 3: pure functions from snapshot, policy and time to a decision.
pub mod decide;

/// Stage 4: performs actions.
pub mod act;

/// Stage 5: inbox, lanes, outbox, tasks, audit.
pub mod store;

/// The loops that turn the stages.
pub mod engine;

/// The client of GitHub.
pub mod github;

/// The client of ntfy.
pub mod notify;

/// The client for addresses that other people name.
pub mod reach;

/// What keeps the server from its work, told once.
pub mod trouble;

/// What is counted.
pub mod metrics;

/// The settings.
pub mod config;

/// The one place that builds clients.
pub mod app;

/// Where log lines go.
pub mod logging;

/// The server's routes.
pub mod http;

/// The commands.
pub mod cli;

/// A GitHub and an ntfy of our own, for the demo and for tests.
pub mod simulator;
