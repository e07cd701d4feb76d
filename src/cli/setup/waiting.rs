//! A server that has no App yet: it shows set-up until it has one, and then goes on as it is meant to.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::files::Place;
use super::registering::{Registering, Usual};
use crate::app::open_store;
use crate::config::Config;
use crate::http::{self, SetUp, Wanted, set_up_router};
use crate::model::{Clock, SystemClock};
use crate::policy::{FaultStyle, Rules};

/// Shows set-up where the server is to listen, until an App is registered. `None` where it was told to stop before.
///
/// The socket stays open throughout, so whoever calls in between waits and is not refused.
pub(in crate::cli) async fn wait_for_app(
    config: Config,
    listener: TcpListener,
    stop: &CancellationToken,
) -> Result<Option<(Config, TcpListener)>> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    ready_for_more(&config, &clock).await?;
    let address = listener.local_addr()?;
    let kept = listener.into_std()?;
    let listener = TcpListener::from_std(kept.try_clone().context("the socket cannot be kept")?)?;
    let registering = Registering::new(&config, Place::new(PathBuf::from("."), false), clock)?;
    let wanted = Wanted {
        organization: None,
        github_url: config.github_web_url(),
        public_url: config.public_url.clone().unwrap_or_default(),
        name: "Stationmaster".to_owned(),
    };
    let done = CancellationToken::new();
    let usual = Usual { wanted, is_chosen: false, board: Some("/") };
    let (set_up, code) = registering.room(usual, address, done.clone())?;
    let base = config.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    let open = format!("{base}/setup?code={code}");
    // Whoever starts it by hand reads the one, whoever runs it as a service the other.
    writeln!(io::stdout(), "This server has no GitHub App yet. Open this address to register one:\n  {open}")?;
    tracing::info!(%address, open, "listening; there is no App yet, so open the address to register one");
    served(listener, set_up, (&done, stop), config.shutdown_timeout_s).await?;
    let Some(settings) = registering.settings() else { return Ok(None) };
    Ok(Some((config.with_app(settings), TcpListener::from_std(kept)?)))
}

/// Serves set-up until it is done or told to stop.
pub(super) async fn served(
    listener: TcpListener,
    set_up: SetUp,
    (done, stop): (&CancellationToken, &CancellationToken),
    timeout_s: u32,
) -> Result<()> {
    let end = CancellationToken::new();
    let ending = end.clone();
    let (done, stop) = (done.clone(), stop.clone());
    let waiting = tokio::spawn(async move {
        tokio::select! {
            () = done.cancelled() => {}
            () = stop.cancelled() => {}
        }
        ending.cancel();
    });
    http::serve(listener, set_up_router(set_up), end, Duration::from_secs(timeout_s.into())).await?;
    waiting.abort();
    Ok(())
}

/// What would keep the server from going on is told before anybody registers anything.
async fn ready_for_more(config: &Config, clock: &Arc<dyn Clock>) -> Result<()> {
    open_store(config, clock).await?.database().close().await;
    let rules = Rules::locate(config.rules.as_deref()).load();
    rules.map_err(|faults| anyhow!("the rules cannot be used:\n{}", faults.render(FaultStyle::Carets)))?;
    Ok(())
}
