//! Where a backtest has rules and policy from: files that are named, else the server and the repository.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};

use super::BacktestArgs;
use crate::app::App;
use crate::cli::drive;
use crate::config::{Config, Flags};
use crate::engine::{Engine, GivenPolicy};
use crate::model::{Repository, SystemClock};
use crate::policy::{FaultStyle, Faults, Policy, RepositoryPolicy, Rules, read_file};

/// The server's clients, and the repository that is asked about.
pub(super) struct Online {
    pub(super) engine: Arc<Engine>,
    pub(super) repository: Repository,
}

/// Connects as the server does; `None` where everything comes from files.
pub(super) async fn online(args: &BacktestArgs, flags: &Flags) -> Result<Option<Online>> {
    let Some(name) = args.repo.as_ref().filter(|_| args.from.is_none()) else { return Ok(None) };
    let engine = Engine::new(App::connect(Config::read(flags)?, Arc::new(SystemClock)).await?);
    let known = drive::repository(&engine, name).await?;
    let repository = engine.repository_now(known.id).await?;
    Ok(Some(Online { engine, repository }))
}

/// What is given by files, without faults.
pub(in crate::cli) fn given(rules: Option<&Path>, policy: Option<&Path>) -> Result<GivenPolicy> {
    let rules = rules.map(Rules::load).transpose().map_err(|faults| told(&faults))?;
    let own = policy.map(read_file).transpose().map_err(|faults| told(&faults))?;
    GivenPolicy::new(rules, own).map_err(|faults| told(&faults))
}

/// The policy that is tried.
pub(super) async fn policy(args: &BacktestArgs, online: Option<&Online>) -> Result<Arc<Policy>> {
    if let Some(Online { engine, repository }) = online {
        let given = given(args.rules.as_deref(), args.policy.as_deref())?;
        let policy = engine.policy_with(repository.id, &given).await?;
        if let Some(fault) = &policy.unreadable {
            bail!("the policy of {} cannot be read: {fault}", repository.name);
        }
        return Ok(policy);
    }
    let rules = Rules::locate(args.rules.as_deref()).load().map_err(|faults| told(&faults))?;
    let own = args.policy.as_deref().map(read_file).transpose().map_err(|faults| told(&faults))?;
    let own = own.map(|file| RepositoryPolicy::parse(&file.text, &file.name)).transpose();
    Ok(Arc::new(Policy::combine(&rules, own.map_err(|faults| told(&faults))?.as_ref())))
}

fn told(faults: &Faults) -> anyhow::Error {
    anyhow::anyhow!("{}", faults.render(FaultStyle::Plain).trim_end())
}

/// Reads a file that a person named.
pub(super) fn text_of(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}

/// Writes a file that a person named.
pub(super) fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}
