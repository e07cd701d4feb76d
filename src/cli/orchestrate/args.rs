//! What `orchestrate` and its commands take.

use clap::{Args, Subcommand};

use super::super::given;
use super::super::item::Item;
use crate::model::{Level, RepositoryName, Timestamp};

const EXAMPLES: &str = "\
Examples:
  export STATIONMASTER_URL=https://station.example STATIONMASTER_TOKEN=…   # from `stationmaster token create`
  project=$(stationmaster orchestrate project \"Signals for the harbour line\" --repo octo/station)
  task=$(stationmaster orchestrate create \"$project\" \"Implement the distant signal\" -r \"Shows caution\" -r \"Is tested\")
  stationmaster orchestrate assign \"$task\" builder-1
  stationmaster orchestrate progress \"$project\"
  stationmaster orchestrate complete \"$project\"         # once all of its tasks are

stdout is the bare result: an issue's id, or JSON with --json. Everything else is said on stderr.
Exit status: 0 done, 1 refused or failed, 2 wrong usage.";

/// What `orchestrate` takes.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct OrchestrateArgs {
    #[command(flatten)]
    pub(super) common: Common,
    #[command(subcommand)]
    pub(super) command: OrchestrateCommand,
}

/// What every command of an orchestrator takes.
#[derive(Debug, Args)]
pub(super) struct Common {
    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// How long a decision is waited for, in seconds; 0 does not wait
    #[arg(long, global = true, default_value_t = 30, value_parser = clap::value_parser!(u64).range(0..=600))]
    pub timeout_s: u64,
}

/// What an orchestrator does.
#[derive(Debug, Subcommand)]
pub(super) enum OrchestrateCommand {
    /// Open the issue of a project, and print its id.
    Project(ProjectArgs),
    /// Open a task of a project, and print its id.
    Create(CreateArgs),
    /// Show how far a project is, and each of its tasks.
    Progress {
        /// The project, as owner/name#12
        project: Item,
    },
    /// List what was found by the way in a project's tasks.
    Discoveries {
        /// The project, as owner/name#12
        project: Item,
    },
    #[command(flatten)]
    Ask(AskCommand),
}

/// What `orchestrate project` takes.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  stationmaster orchestrate project \"Signals for the harbour line\" --repo octo/station"
)]
pub(super) struct ProjectArgs {
    /// Its title
    #[arg(value_parser = given::text)]
    pub title: String,
    /// The repository [default: the only one that the App is installed on]
    #[arg(long, value_name = "OWNER/NAME")]
    pub repo: Option<RepositoryName>,
    /// What it is about
    #[arg(short, long, value_name = "TEXT", value_parser = given::text)]
    pub description: Option<String>,
}

/// What `orchestrate create` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  stationmaster orchestrate create octo/station#7 \"Implement the distant signal\" \\
    -r \"Shows caution while the home signal is at danger\" -c \"The tests of the signal box pass\"")]
pub(super) struct CreateArgs {
    /// The project, as owner/name#12
    pub project: Item,
    /// The task's title, by which it is routed
    #[arg(value_parser = given::text)]
    pub title: String,
    /// What is required; may be given more than once
    #[arg(short, long = "requirement", value_name = "TEXT", value_parser = given::text)]
    pub requirements: Vec<String>,
    /// How it is seen that it is done; may be given more than once
    #[arg(short, long = "criterion", value_name = "TEXT", value_parser = given::text)]
    pub criteria: Vec<String>,
    /// What it is about
    #[arg(short, long, value_name = "TEXT", value_parser = given::text)]
    pub description: Option<String>,
}

/// What an orchestrator asks of a task.
#[derive(Debug, Subcommand)]
pub(super) enum AskCommand {
    /// Give a task to a worker, whoever fills a role, a person, or whom the policy chooses.
    #[command(after_help = "\
Examples:
  stationmaster orchestrate assign octo/station#12 builder-1
  stationmaster orchestrate assign octo/station#12 testing_worker     # whoever of this role has room
  stationmaster orchestrate assign octo/station#12 @ann               # also: auto")]
    Assign {
        /// The task, as owner/name#12
        item: Item,
        /// A worker, a role, @login or auto
        #[arg(value_parser = given::words)]
        to: String,
    },
    /// Complete a project whose tasks are all done; single tasks are completed by their workers.
    Complete {
        /// The project, as owner/name#12
        project: Item,
        /// What shows that it is done
        #[arg(value_parser = given::text)]
        evidence: Option<String>,
    },
    /// Open a task that is part of another one.
    Subtask {
        /// The task, as owner/name#12
        item: Item,
        /// The new one's title
        #[arg(value_parser = given::text)]
        title: String,
        /// What is required; may be given more than once
        #[arg(short, long = "requirement", value_name = "TEXT", value_parser = given::text)]
        requirements: Vec<String>,
        /// What it is about
        #[arg(short, long, value_name = "TEXT", value_parser = given::text)]
        description: Option<String>,
    },
    /// Have a task wait for another issue.
    Depends {
        /// The task, as owner/name#12
        item: Item,
        /// The issue that comes first, as #12 or owner/name#12
        on: given::Nearby,
    },
    /// Consent to what a task asks approval for; the token must be a person's.
    Approve {
        /// The task, as owner/name#12
        item: Item,
    },
    /// Do not consent; the token must be a person's.
    Reject {
        /// The task, as owner/name#12
        item: Item,
        /// Why
        #[arg(value_parser = given::text)]
        why: String,
    },
    /// Say that what was handed in is not enough.
    RequestChanges {
        /// The task, as owner/name#12
        item: Item,
        /// What is missing
        #[arg(value_parser = given::text)]
        why: String,
    },
    /// Make a task of a discovery.
    AcceptDiscovery {
        /// The task in which it was made, as owner/name#12
        item: Item,
        /// Its id there, such as D1
        #[arg(value_parser = discovery)]
        discovery: String,
    },
    /// Say what type a task is.
    Route {
        /// The task, as owner/name#12
        item: Item,
        /// The type, such as development
        #[arg(value_name = "TYPE", value_parser = given::words)]
        task_type: String,
    },
    /// Say how soon a task is to be done.
    Priority {
        /// The task, as owner/name#12
        item: Item,
        /// low, medium, high or critical
        priority: Level,
    },
    /// Say how dangerous a task is.
    Risk {
        /// The task, as owner/name#12
        item: Item,
        /// low, medium, high or critical
        risk: Level,
    },
    /// Have a task acknowledged within 15 minutes.
    Urgent {
        /// The task, as owner/name#12
        item: Item,
    },
    /// Tell whoever comes next in the chain.
    Escalate {
        /// The task, as owner/name#12
        item: Item,
        /// Why
        #[arg(value_parser = given::text)]
        why: Option<String>,
    },
    /// Try a failed or deferred task again.
    Retry {
        /// The task, as owner/name#12
        item: Item,
    },
    /// Put a task off.
    Defer {
        /// The task, as owner/name#12
        item: Item,
        /// Until when, such as 2026-12-24 or 2026-12-24T18:00:00Z [default: until somebody retries it]
        #[arg(long, value_parser = given::moment)]
        until: Option<Timestamp>,
    },
    /// Have a task not done.
    Cancel {
        /// The task, as owner/name#12
        item: Item,
        /// Why
        #[arg(value_parser = given::text)]
        why: Option<String>,
    },
}

/// `D1` or `1`.
fn discovery(given: &str) -> Result<String, String> {
    let number = given.strip_prefix(['D', 'd']).unwrap_or(given).parse::<u32>().ok().filter(|number| *number > 0);
    number.map(|number| format!("D{number}")).ok_or_else(|| format!("{given:?} is no discovery such as D1"))
}
