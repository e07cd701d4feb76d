//! `why --replay`: a stored decision made again, and what is otherwise. Performs nothing.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use super::backtest::given;
use crate::app::App;
use crate::decide::replay::{Replayed, Verdict, has_snapshot};
use crate::engine::Engine;
use crate::model::{StoredDecision, Subject};

/// So many decisions are made again with `--all`.
const ALL: i64 = 10_000;

/// Which decision is made again, and by what.
#[derive(Debug, Args)]
pub struct WhyReplayArgs {
    /// Decide again what was decided last, from what was seen then, and show what is otherwise
    #[arg(long)]
    pub replay: bool,
    /// The decision of this number instead of the last one
    #[arg(long, value_name = "NUMBER", requires = "replay", conflicts_with = "all", value_parser = clap::value_parser!(i64).range(1..))]
    decision: Option<i64>,
    /// Every decision about it, newest first
    #[arg(long, requires = "replay")]
    all: bool,
    /// The folder of rules to decide by [default: the server's]
    #[arg(long, value_name = "DIR", requires = "replay")]
    rules: Option<PathBuf>,
    /// The .github/stationmaster.toml to decide by [default: the repository's own, as it is now]
    #[arg(long, value_name = "FILE", requires = "replay")]
    policy: Option<PathBuf>,
}

/// Makes decisions about one of these subjects again: a number may be an issue's or a pull's.
pub async fn run(
    app: &App,
    (subjects, called): (&[Subject], &str),
    args: &WhyReplayArgs,
    out: &mut dyn Write,
) -> Result<()> {
    let given = given(args.rules.as_deref(), args.policy.as_deref())?;
    let mut stored = Vec::new();
    for subject in subjects {
        stored.extend(app.store.decisions_of(subject, args.decision, ALL).await?);
    }
    if stored.is_empty() {
        match args.decision {
            Some(number) => bail!("there is no decision {number} on {called} in the audit"),
            None => bail!("nothing has been decided about {called} yet"),
        }
    }
    stored.retain(has_snapshot);
    if stored.is_empty() {
        bail!("nothing was looked at for that decision, so there is nothing to decide again");
    }
    if !args.all {
        stored.truncate(1);
    }
    for (stored, replayed) in Engine::new(app.clone()).replay_these(stored, &given).await? {
        print(&stored, &replayed, out)?;
    }
    Ok(())
}

fn print(stored: &StoredDecision, replayed: &Replayed, out: &mut dyn Write) -> Result<()> {
    let head = format!("decision {} of {}", stored.number, stored.at);
    let version = replayed.version.as_deref().unwrap_or("not known");
    match &replayed.verdict {
        Verdict::Same => writeln!(out, "{head}: the same ({})", stored.summary)?,
        Verdict::Unreadable { because } => writeln!(out, "{head}: cannot be made again: {because}")?,
        Verdict::Policy => {
            let fingerprint = replayed.policy.as_deref().and_then(|whole| whole.get(..12)).unwrap_or("not known");
            writeln!(
                out,
                "{head}: otherwise, by another policy (it was made by the one with fingerprint {fingerprint})"
            )?;
        }
        Verdict::Version => writeln!(out, "{head}: otherwise, by another version (it was made by version {version})")?,
        Verdict::Unexplained => writeln!(
            out,
            "{head}: otherwise, though policy and version are the same: this is a fault of Stationmaster"
        )?,
    }
    for line in replayed.difference.lines() {
        writeln!(out, "- {line}")?;
    }
    Ok(())
}
