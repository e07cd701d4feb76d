//! What `worker` and its commands take.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

use super::super::given;
use super::super::item::Item;
use crate::model::{Impact, Login, RepositoryName, RoleName, SaidStatus, Telling, WorkerId};

const EXAMPLES: &str = "\
Examples:
  export STATIONMASTER_URL=https://station.example STATIONMASTER_TOKEN=…   # from `stationmaster token create`
  export AGENT_ID=builder-1
  stationmaster worker register --role development --capability rust --always --agent
  item=$(stationmaster worker claim) || exit            # status 3: there is nothing to do
  stationmaster worker get \"$item\" --save
  stationmaster worker progress \"$item\" \"Found the cause\" --percent 40
  stationmaster worker complete \"$item\" \"https://github.com/octo/station/pull/31\"

stdout is the bare result: a task's id, or JSON with --json. Everything else is said on stderr.
Exit status: 0 done, 1 refused or failed, 2 wrong usage, 3 there was nothing to claim.";

/// What `worker` takes.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct WorkerArgs {
    #[command(flatten)]
    pub(super) common: Common,
    #[command(subcommand)]
    pub(super) command: WorkerCommand,
}

/// What every command of a worker takes.
#[derive(Debug, Args)]
pub(super) struct Common {
    /// The worker's id [default: that of the setting, else the one that the token was made for]
    #[arg(long, global = true, value_parser = given::worker_id)]
    pub id: Option<WorkerId>,
    /// Print JSON, one object a line
    #[arg(long, global = true)]
    pub json: bool,
    /// Where the files of the bridge are
    #[arg(long, global = true, default_value = ".task-orchestrator")]
    pub dir: PathBuf,
    /// How long a decision is waited for, in seconds; 0 does not wait
    #[arg(long, global = true, default_value_t = 30, value_parser = clap::value_parser!(u64).range(0..=600))]
    pub timeout_s: u64,
}

/// What a worker does.
#[derive(Debug, Subcommand)]
pub(super) enum WorkerCommand {
    /// List the tasks that wait for this worker, the most urgent first.
    Check(CheckArgs),
    /// Take a task: the best one that this worker can do, or the one that is named.
    Claim(ClaimArgs),
    /// Show a task's handoff package.
    Get {
        /// The task, as owner/name#12
        item: Item,
        /// Also write it to handoffs/ in the bridge's folder
        #[arg(long)]
        save: bool,
    },
    /// Say who this worker is; what was said before is forgotten.
    #[command(after_help = "\
Examples:
  stationmaster worker register --role development --capability rust --capability sql --always --agent
  stationmaster worker register --role testing_worker --zone Europe/Berlin --hours 09:00-17:30 --login ann --tell assignee
  stationmaster worker register --role development --tell ntfy:ann-tasks --tell hook:https://agent.example/tasks,AGENT_HOOK_KEY")]
    Register(RegisterArgs),
    /// Say that this worker lives; its leases go on.
    #[command(after_help = "\
Examples:
  stationmaster worker heartbeat --every 60 &            # until it is stopped
  stationmaster worker heartbeat --status offline        # takes no tasks from now on")]
    Heartbeat(HeartbeatArgs),
    /// Keep a private note on a task, or read the notes.
    Notes {
        /// The task, as owner/name#12
        item: Item,
        /// What is to be noted [default: nothing, the notes are printed]
        #[arg(value_parser = given::text)]
        text: Option<String>,
    },
    #[command(flatten)]
    Ask(AskCommand),
}

/// What a worker says of a task that it holds.
#[derive(Debug, Subcommand)]
pub(super) enum AskCommand {
    /// Say how far a task is.
    #[command(after_help = "Example:\n  stationmaster worker progress octo/station#12 \"Tests pass\" --percent 80")]
    Progress {
        /// The task, as owner/name#12
        item: Item,
        /// How far, in a sentence
        #[arg(value_parser = given::text)]
        text: String,
        /// How far, from 0 to 100
        #[arg(long, value_parser = given::percent)]
        percent: Option<u8>,
    },
    /// Tell of something found by the way, which may become a task of its own.
    #[command(after_help = "\
Example:
  stationmaster worker discover octo/station#12 \"The parser reads twice\" --impact \"slow on large files\"")]
    Discover {
        /// The task, as owner/name#12
        item: Item,
        /// What was found
        #[arg(value_parser = given::text)]
        text: String,
        /// What it may mean
        #[arg(long, value_parser = given::text)]
        impact: Option<String>,
    },
    /// Keep for others what was learned.
    #[command(after_help = "\
Example:
  stationmaster worker learn octo/station#12 \"Run the migrations before the tests\" --impact 0.8 --tags tests,sql")]
    Learn {
        /// The task, as owner/name#12
        item: Item,
        /// What was learned
        #[arg(value_parser = given::text)]
        text: String,
        /// How much it matters, from 0 to 1
        #[arg(long)]
        impact: Impact,
        /// Words to find it by, separated by commas
        #[arg(long, value_delimiter = ',', value_parser = given::words)]
        tags: Vec<String>,
        /// Where it belongs [default: the task's type]
        #[arg(long, value_parser = given::words)]
        category: Option<String>,
    },
    /// Say that something is in the task's way.
    #[command(after_help = "\
Example:
  stationmaster worker blocker octo/station#12 \"No access to staging\" --needs \"a token\" --by \"#14\"")]
    Blocker {
        /// The task, as owner/name#12
        item: Item,
        /// What is in its way
        #[arg(value_parser = given::text)]
        text: String,
        /// What it takes
        #[arg(long, value_parser = given::text)]
        needs: Option<String>,
        /// The issue that has to be closed first
        #[arg(long, value_name = "ITEM")]
        by: Option<given::Nearby>,
    },
    /// Say that nothing is in the task's way any more.
    Unblock {
        /// The task, as owner/name#12
        item: Item,
    },
    /// Say that the task was seen, which stops the clock of its response.
    Ack {
        /// The task, as owner/name#12
        item: Item,
    },
    /// Hand in evidence that the task is done.
    #[command(after_help = "\
What counts depends on the task's type: the URL of a merged pull request, counts of tests that passed and failed,
named checks, a summary with its sources, or a page or file that exists.

Examples:
  stationmaster worker complete octo/station#12 https://github.com/octo/station/pull/31
  stationmaster worker complete octo/station#13 \"48 passed, 0 failed\"")]
    Complete {
        /// The task, as owner/name#12
        item: Item,
        /// What shows that it is done
        #[arg(value_parser = given::text)]
        evidence: String,
    },
    /// Give up, and say why.
    Fail {
        /// The task, as owner/name#12
        item: Item,
        /// Why
        #[arg(value_parser = given::text)]
        why: String,
    },
    /// Ask for somebody's consent.
    RequestApproval {
        /// The task, as owner/name#12
        item: Item,
        /// What for
        #[arg(value_parser = given::text)]
        why: String,
    },
    /// Let go of the task, for somebody else to take.
    Release {
        /// The task, as owner/name#12
        item: Item,
        /// Why
        #[arg(value_parser = given::text)]
        why: Option<String>,
    },
}

/// What `worker check` takes.
#[derive(Debug, Args)]
#[command(after_help = "Also writes their ids to handoffs/pending_ID.txt in the bridge's folder, one a line.")]
pub(super) struct CheckArgs {
    /// Only of this repository
    #[arg(long, value_name = "OWNER/NAME")]
    pub repo: Option<RepositoryName>,
}

/// What `worker claim` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stationmaster worker claim                             # prints its id; status 3 and nothing where there is none
  stationmaster worker claim octo/station#12
  stationmaster worker claim --repo octo/station --json  # with lease, fence and handoff package")]
pub(super) struct ClaimArgs {
    /// The task, as owner/name#12 [default: the best that this worker can do]
    pub item: Option<Item>,
    /// Only of this repository
    #[arg(long, value_name = "OWNER/NAME", conflicts_with = "item")]
    pub repo: Option<RepositoryName>,
}

/// What `worker register` takes.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("hours_of_day").args(["zone", "hours"]).multiple(true)))]
pub(super) struct RegisterArgs {
    /// Its role, such as development
    #[arg(long, value_parser = clap::builder::ValueParser::new(role))]
    pub role: RoleName,
    /// What it can do; may be given more than once [default: what its role can do]
    #[arg(long = "capability", value_name = "WORD", value_parser = given::words)]
    pub capabilities: Vec<String>,
    /// Its GitHub account
    #[arg(long, value_parser = clap::builder::ValueParser::new(login))]
    pub login: Option<Login>,
    /// How many tasks it takes at once [default: 1]
    #[arg(long, value_parser = clap::value_parser!(u32).range(0..=1000))]
    pub capacity: Option<u32>,
    /// It works around the clock
    #[arg(long, conflicts_with = "hours_of_day")]
    pub always: bool,
    /// The zone of its hours, such as Europe/Berlin
    #[arg(long)]
    pub zone: Option<chrono_tz::Tz>,
    /// When it works, such as 09:00-17:30
    #[arg(long, value_parser = hours)]
    pub hours: Option<String>,
    /// It is a script or an AI agent, as everybody without --login is: it approves nothing
    #[arg(long)]
    pub agent: bool,
    /// How it is told: assignee, mention, ntfy, ntfy:TOPIC, workflow:FILE@REF, hook:URL,VARIABLE; may be given more than
    /// once. VARIABLE names the server's environment variable that holds the hook's key
    #[arg(long, value_name = "WAY", value_parser = given::telling)]
    pub tell: Vec<Telling>,
    /// What it says of itself: active, idle or offline
    #[arg(long)]
    pub status: Option<SaidStatus>,
}

/// What `worker heartbeat` takes.
#[derive(Debug, Args)]
pub(super) struct HeartbeatArgs {
    /// Go on, with a heartbeat each so many seconds, until stopped
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(1..=240))]
    pub every: Option<u64>,
    /// What it says of itself: active, idle or offline
    #[arg(long)]
    pub status: Option<SaidStatus>,
}

fn role(given: &str) -> Result<RoleName, String> {
    given::words(given).map(RoleName::new)
}

fn login(given: &str) -> Result<Login, String> {
    given::words(given.trim_start_matches('@')).map(Login::new)
}

fn hours(given: &str) -> Result<String, String> {
    let wrong = || format!("{given:?} are no hours of a day such as 09:00-17:30");
    crate::model::Calendar::hours(given).map(|_| given.to_owned()).ok_or_else(wrong)
}
