//! The one test binary: scenarios by capability.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that fails should say where, at once"
)]

mod api;
mod api_environments;
mod approval;
mod architecture;
mod assignment;
mod backtest;
mod backup;
mod client_cli;
mod clocks;
mod commands;
mod config;
mod container;
mod copy;
mod deploy_cli;
mod deploy_targets;
mod environment;
mod evidence;
mod gate;
mod github_client;
mod github_enterprise;
mod help;
mod ingest;
mod logging;
mod messages;
mod no_topic;
mod notify;
mod pages;
mod policy;
mod policy_reload;
mod pr_cli;
mod prefilter;
mod process;
mod queue;
mod readme;
mod reference;
mod release;
mod release_actions;
mod release_policy;
mod release_pull;
mod review;
mod routing;
mod rules_cli;
mod scenario_approvals;
mod scenario_claims;
mod scenario_clocks;
mod scenario_delivery;
mod scenario_deploy_targets;
mod scenario_deployments;
mod scenario_evidence;
mod scenario_faults;
mod scenario_gate;
mod scenario_issue;
mod scenario_issue_links;
mod scenario_projects;
mod scenario_pull_commands;
mod scenario_pulls;
mod scenario_queue;
mod scenario_releases;
mod scenario_rerouting;
mod scenario_review;
mod scenario_submissions;
mod scenario_task_commands;
mod scenario_task_planning;
mod scenario_task_talk;
mod scenario_tellings;
mod scenario_tests_report;
mod secrets;
mod simulator_github;
mod simulator_ntfy;
mod store;
mod store_claims;
mod store_commit;
mod store_migration;
mod store_tasks;
mod store_tokens;
mod store_workers;
mod task_command;
mod tests_report;
mod tracking;
mod webhook_door;
mod webhook_examples;
mod webhook_meaning;
mod world;
mod world_issues;
mod world_pulls;
mod world_releases;
