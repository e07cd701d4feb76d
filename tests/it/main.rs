//! The one test binary: scenarios by capability.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that fails should say where, at once"
)]

mod api_environments;
mod architecture;
mod assignment;
mod backtest;
mod commands;
mod config;
mod deploy_cli;
mod deploy_targets;
mod environment;
mod gate;
mod github_client;
mod github_enterprise;
mod ingest;
mod logging;
mod no_topic;
mod notify;
mod policy;
mod policy_reload;
mod pr_cli;
mod prefilter;
mod process;
mod queue;
mod readme;
mod release;
mod release_actions;
mod release_policy;
mod release_pull;
mod review;
mod routing;
mod rules_cli;
mod scenario_approvals;
mod scenario_delivery;
mod scenario_deploy_targets;
mod scenario_deployments;
mod scenario_faults;
mod scenario_gate;
mod scenario_issue;
mod scenario_pull_commands;
mod scenario_pulls;
mod scenario_queue;
mod scenario_releases;
mod scenario_rerouting;
mod scenario_review;
mod scenario_tellings;
mod scenario_tests_report;
mod secrets;
mod simulator_github;
mod simulator_ntfy;
mod store;
mod tests_report;
mod tracking;
mod webhook_door;
mod webhook_examples;
mod webhook_meaning;
mod world;
mod world_pulls;
mod world_releases;
