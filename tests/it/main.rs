//! The one test binary: scenarios by capability.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that fails should say where, at once"
)]

mod architecture;
mod assignment;
mod backtest;
mod config;
mod github_client;
mod github_enterprise;
mod ingest;
mod logging;
mod no_topic;
mod notify;
mod policy;
mod policy_reload;
mod prefilter;
mod process;
mod readme;
mod routing;
mod rules_cli;
mod scenario_delivery;
mod scenario_faults;
mod scenario_issue;
mod scenario_rerouting;
mod scenario_tellings;
mod simulator_github;
mod simulator_ntfy;
mod store;
mod webhook_door;
mod webhook_examples;
mod webhook_meaning;
mod world;
