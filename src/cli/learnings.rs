//! `learnings`: what was learned while doing tasks, from the database alone.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use super::{drive, table};
use crate::model::{Impact, RepositoryName};
use crate::store::{LearningQuery, Store};

/// What `learnings` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stationmaster learnings relay test              # all that mention both words
  stationmaster learnings --tag relay --impact 0.5
  stationmaster learnings --category testing --json | jq .title")]
pub struct LearningsArgs {
    /// Words that must all occur
    words: Vec<String>,
    /// Only of this category
    #[arg(long)]
    category: Option<String>,
    /// Only with this tag
    #[arg(long)]
    tag: Option<String>,
    /// Only of at least this impact, from 0 to 1
    #[arg(long, default_value = "0")]
    impact: Impact,
    /// Only from tasks of this repository
    #[arg(long, value_name = "OWNER/NAME")]
    repo: Option<RepositoryName>,
    /// At most so many, the weightiest first
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=10_000))]
    limit: i64,
    /// Print JSON, one object a line
    #[arg(long)]
    json: bool,
}

/// Prints what was learned, the weightiest first, then the newest.
pub async fn run(args: LearningsArgs, store: &Store, out: &mut dyn Write) -> Result<ExitCode> {
    let repository = match &args.repo {
        Some(name) => Some(drive::known(store, Some(name)).await?.id),
        None => None,
    };
    let LearningsArgs { words, category, tag, impact, limit, json, repo: _ } = args;
    let found = store.learnings(&LearningQuery { words, category, tag, impact, repository, limit }).await?;
    if json {
        for learning in &found {
            writeln!(out, "{}", serde_json::to_string(learning)?)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let mut listed = table(&["impact", "category", "what", "tags", "who", "where"]);
    for learning in found {
        let tags = learning.tags.join(", ");
        let (impact, item) = (learning.impact.to_string(), learning.item.to_string());
        listed.add_row([impact, learning.category, learning.description, tags, learning.by, item]);
    }
    if listed.is_empty() {
        writeln!(out, "Nothing of that kind was learned yet.")?;
    } else {
        writeln!(out, "{listed}")?;
    }
    Ok(ExitCode::SUCCESS)
}
