//! `setup`: registers the App without a running server, stores its credentials, and says what comes next.

mod env_file;
mod files;
mod registering;
mod waiting;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::http::{Registered, Wanted};
use crate::model::{Clock, SystemClock};

use files::Place;
use registering::{Registering, Usual};

pub(super) use waiting::wait_for_app;

/// What `setup` takes.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    stationmaster setup --organization octo-org --url https://stationmaster.example.com\n  \
    stationmaster setup --url https://stationmaster.example.com --github-url https://ghe.example.com\n\n\
    It prints an address of this machine: open it in a browser in which you are signed in on GitHub.")]
pub struct SetupArgs {
    /// The organisation that is to own the App; without it whoever is signed in on GitHub does.
    #[arg(long, value_name = "NAME")]
    organization: Option<String>,
    /// The address under which people and GitHub will reach the server [default: `PUBLIC_URL`].
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// GitHub's address [default: the one that belongs to `GITHUB_API_URL`].
    #[arg(long, value_name = "URL")]
    github_url: Option<String>,
    /// What the App is to be called; GitHub has each name only once.
    #[arg(long, default_value = "Stationmaster")]
    name: String,
    /// The folder for stationmaster.pem and .env: the one in which the server will run.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    directory: PathBuf,
    /// Replace the credentials of another App that are there.
    #[arg(long)]
    force: bool,
    /// Print what came of it as JSON.
    #[arg(long)]
    json: bool,
}

/// Runs `setup`: what came of it goes to `out`, what to do to `aside`.
pub async fn run(args: SetupArgs, config: Config, (out, aside): (&mut dyn Write, &mut dyn Write)) -> Result<ExitCode> {
    if !config.has_no_app() && !args.force {
        bail!(
            "an App is configured already: GITHUB_APP_ID, its key or its webhook secret is set. \
             `stationmaster doctor` says whether it works; with --force another one takes its place"
        );
    }
    let Some(url) = args.url.or_else(|| config.public_url.clone()) else {
        bail!(
            "say with --url under which address GitHub will reach the server, such as https://stationmaster.example.com"
        );
    };
    let wanted = Wanted {
        organization: args.organization,
        github_url: args.github_url.unwrap_or_else(|| config.github_web_url()),
        public_url: url,
        name: args.name,
    };
    let wanted = wanted.checked()?;
    let place = Place::new(args.directory, args.force);
    place.check()?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("no port of this machine is free")?;
    let address = listener.local_addr()?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let registering = Registering::new(&config, place, clock)?;
    let (done, stop) = (CancellationToken::new(), CancellationToken::new());
    let (set_up, code) = registering.room(Usual { wanted, is_chosen: true, board: None }, address, done.clone())?;
    writeln!(aside, "Open this address in a browser in which you are signed in on GitHub:")?;
    writeln!(aside, "  http://{address}/setup?code={code}")?;
    writeln!(aside, "Waiting for GitHub to come back; Ctrl-C gives up.")?;
    aside.flush()?;
    crate::cli::serve::stop_on_signal(&stop)?;
    waiting::served(listener, set_up, (&done, &stop), config.shutdown_timeout_s).await?;
    let Some(app) = registering.registered() else {
        bail!("nothing was registered");
    };
    tell(&app, args.json, (out, aside))?;
    Ok(ExitCode::SUCCESS)
}

fn tell(app: &Registered, as_json: bool, (out, aside): (&mut dyn Write, &mut dyn Write)) -> io::Result<()> {
    let next = match &app.next {
        Ok(next) | Err(next) => next,
    };
    if as_json {
        let shown = json!({
            "name": app.name, "app_url": app.app_url, "install_url": app.install_url, "notes": app.notes, "next": next,
        });
        return writeln!(out, "{shown}");
    }
    writeln!(aside, "{} is registered: {}", app.name, app.app_url)?;
    for note in &app.notes {
        writeln!(aside, "  {note}")?;
    }
    writeln!(out, "1. Install it: {}", app.install_url)?;
    writeln!(out, "2. Start the server: {next}")?;
    writeln!(out, "3. Open an issue in one of its repositories.")
}
