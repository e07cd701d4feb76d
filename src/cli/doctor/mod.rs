//! `doctor`: looks at everything that a server needs, and says of each what was found and how it is put right.

mod app;
mod channels;
mod clock;
mod configuration;
mod database;
mod doors;
mod installations;
mod model;
mod modes;
mod ntfy;
mod policies;
mod queues;
mod report;
mod rules;
mod webhook;
mod zones;

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use clap::Args;

use crate::app::{Github, github_alone, http_client};
use crate::config::{Config, Flags};
use crate::model::{Clock, PeopleMessage, SystemClock, Urgency5};

use report::{Finding, Report};

/// What `doctor` takes.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    stationmaster doctor\n  \
    stationmaster doctor --send\n  \
    stationmaster doctor --json | jq '.checks[] | select(.level != \"ok\")'\n\n\
    Exit status: 0 where all is well or there are only warnings, 1 with failures, 2 where something could not be looked \
    at, such as a GitHub that does not answer.")]
pub struct DoctorArgs {
    /// Publish a message to the people's topic, which shows that the token may, send one over each channel, and ask the
    /// model one short question.
    #[arg(long)]
    send: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Everything that checks look with.
struct Look {
    config: Config,
    http: reqwest::Client,
    /// The client for GitHub, where its credentials are complete.
    github: Option<Github>,
    clock: Arc<dyn Clock>,
    send: bool,
}

impl Look {
    /// What is sent where only sending shows whether somebody can be told.
    fn test_message(&self) -> PeopleMessage {
        PeopleMessage {
            topic: None,
            channels: None,
            title: "Stationmaster doctor".to_owned(),
            text: "This message shows that Stationmaster can tell you something.".to_owned(),
            priority: Urgency5::Low,
            tags: Vec::new(),
            click: None,
            buttons: Vec::new(),
            happened: self.clock.now(),
        }
    }
}

/// Looks at everything, and prints what was found.
pub async fn run(args: &DoctorArgs, flags: &Flags, out: &mut dyn Write) -> Result<ExitCode> {
    let report = examine(args, flags).await?;
    if args.json {
        report.write_json(out)?;
    } else {
        report.write_lines(out)?;
    }
    Ok(report.status())
}

async fn examine(args: &DoctorArgs, flags: &Flags) -> Result<Report> {
    let mut report = Report::default();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let config = Config::read(flags);
    report.add(configuration::check(config.as_ref()));
    report.add(modes::check(config.as_ref().ok()));
    report.add(zones::check(clock.now()));
    let Ok(config) = config else {
        report.add(vec![Finding::unseen(
            "the rest",
            "it is not looked at, as the configuration cannot be read",
            "put the configuration right and look again",
        )]);
        return Ok(report);
    };
    let github = github_alone(&config, &clock).ok();
    let look = Look { config, http: http_client()?, github, clock, send: args.send };
    let database = database::check(&look).await;
    let is_current = database.iter().all(Finding::is_fine);
    report.add(database);
    report.add(queues::check(&look, is_current).await);
    report.add(rules::check(&look.config));
    report.add(clock::check(&look).await);
    let app = app::check(&look).await;
    let is_known = app.iter().all(|finding| !finding.is_bad_credential());
    report.add(app);
    if let Some(github) = look.github.as_ref().filter(|_| is_known) {
        let (findings, installed) = installations::check(github).await;
        report.add(findings);
        report.add(webhook::check(&look.config, github).await);
        report.add(policies::check(github, &installed).await);
    }
    report.add(doors::check(&look.config));
    let channels = channels::check(&look).await;
    report.add(ntfy::check(&look, !channels.is_empty()).await);
    report.add(channels);
    report.add(model::check(&look).await);
    Ok(report)
}
