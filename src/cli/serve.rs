//! `serve`: the server itself, from its first connection to its last.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use futures::FutureExt as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::setup::wait_for_app;
use crate::app::{App, wait_for_store};
use crate::config::{Config, ConfigFaults};
use crate::engine::Engine;
use crate::http::{
    self, Api, AppUrl, Door, GithubSignIn, LoginOf, ModelShown, Pages, PermissionOf, PolicyOf, RulesOf, SignInEnd,
    StoreDoors,
};
use crate::metrics::Metrics;
use crate::model::{Clock, SystemClock};
use crate::receive::Verifier;
use crate::store::{DatabaseKind, Ingest, OnlyServer, Store};

/// How often a server that decides nothing looks whether the database takes deliveries again.
const LOOK_AT_DOOR: Duration = Duration::from_secs(1);

/// Serves until the process is told to stop.
pub async fn run(config: Config) -> Result<()> {
    let stop = CancellationToken::new();
    if config.has_no_app() && !config.receive_only {
        stop_on_signal(&stop)?;
        let listener = listen(&config).await?;
        let Some((config, listener)) = wait_for_app(config, listener, &stop).await? else { return Ok(()) };
        return begin(config, Arc::new(SystemClock), stop, Some(listener)).await?.stopped().await;
    }
    check(&config)?;
    stop_on_signal(&stop)?;
    if config.receive_only {
        receive_only(config, stop).await
    } else {
        start(config, Arc::new(SystemClock), stop).await?.stopped().await
    }
}

/// Everything that serving needs and that is not set or not good, at once and before anything is opened.
fn check(config: &Config) -> Result<(), ConfigFaults> {
    let mut faults = Vec::new();
    if !config.receive_only {
        faults.extend(config.github().err().into_iter().flat_map(|faults| faults.0));
    }
    faults.extend(config.webhook_secrets().err());
    if faults.is_empty() { Ok(()) } else { Err(ConfigFaults(faults)) }
}

/// A running server, for whoever started it in their own process.
pub struct Running {
    /// Where it listens.
    pub address: std::net::SocketAddr,
    /// Its engine.
    pub engine: Arc<Engine>,
    task: tokio::task::JoinHandle<Result<()>>,
}

impl Running {
    /// Waits until it has stopped.
    pub async fn stopped(self) -> Result<()> {
        self.task.await?
    }
}

/// Starts a server; returns once it listens.
pub async fn start(config: Config, clock: Arc<dyn Clock>, stop: CancellationToken) -> Result<Running> {
    begin(config, clock, stop, None).await
}

/// Starts a server on a socket that listens already, or on one of its own.
async fn begin(
    config: Config,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
    listener: Option<TcpListener>,
) -> Result<Running> {
    let only = OnlyServer::take(config.database_url.expose())?;
    let waiting = stop.run_until_cancelled(wait_for_store(&config, &clock)).await;
    let store = waiting.context("stopped before the database was there")??;
    let app = App::over(store, config, clock)?;
    let engine = Engine::new(app.clone());
    let listener = match listener {
        Some(listener) => listener,
        None => listen(&app.config).await?,
    };
    let address = listener.local_addr()?;
    let door = door(&engine, address)?;
    if app.store.database().kind() == DatabaseKind::Sqlite {
        let freed = app.store.free_leases().await?;
        if freed > 0 {
            tracing::info!(freed, "work that was under way when the last server ended is taken up again");
        }
    }
    let running = run_until(Arc::clone(&engine), listener, door, stop);
    let task = tokio::spawn(async move {
        let ended = running.await;
        drop(only);
        ended
    });
    Ok(Running { address, engine, task })
}

async fn run_until(engine: Arc<Engine>, listener: TcpListener, door: Door, stop: CancellationToken) -> Result<()> {
    let app = engine.app().clone();
    let timeout = Duration::from_secs(app.config.shutdown_timeout_s.into());
    tracing::info!(address = %listener.local_addr()?, database = ?app.store.database().kind(), "listening");
    let turning = tokio::spawn(Arc::clone(&engine).run(stop.clone()));
    // Both stop at once and within the same time: what the door still accepts is on disk, and waits there for the
    // next start.
    let serving = async {
        let served = http::serve(listener, http::router(door), stop.clone(), timeout).await;
        stop.cancel();
        served
    };
    let resting = async {
        stop.cancelled().await;
        if tokio::time::timeout(timeout, turning).await.is_err() {
            tracing::warn!("work was still under way; it is taken up again at the next start");
            if let Err(error) = engine.hand_over().await {
                tracing::debug!(error = format!("{error:#}"), "other servers take it up once its lease has run out");
            }
        }
    };
    let (served, ()) = tokio::join!(serving, resting);
    app.store.database().close().await;
    tracing::info!("stopped");
    Ok(served.map(drop)?)
}

/// Stores what comes in and decides nothing: no GitHub credentials are needed.
async fn receive_only(config: Config, stop: CancellationToken) -> Result<()> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let verifier = Verifier::new(config.webhook_secrets()?);
    let store = wait_for_store(&config, &clock).await?;
    let listener = listen(&config).await?;
    tracing::info!(address = %listener.local_addr()?, "listening; deliveries are stored, nothing is decided");
    let door = opened(&store, verifier, &Metrics::new(), (&clock, &config));
    let timeout = Duration::from_secs(config.shutdown_timeout_s.into());
    // No loop turns here that would look whether the database takes deliveries again.
    tokio::spawn(stop.clone().run_until_cancelled_owned(look_at_door(store.clone())));
    http::serve(listener, http::router(door), stop, timeout).await?;
    store.database().close().await;
    Ok(())
}

async fn look_at_door(store: Store) {
    loop {
        tokio::time::sleep(LOOK_AT_DOOR).await;
        // What is wrong is told by the ledger of troubles, once.
        let _ = store.look_at_door().await;
    }
}

/// The door of a server that decides and listens there.
pub fn door(engine: &Arc<Engine>, address: std::net::SocketAddr) -> Result<Door> {
    let app = engine.app();
    let verifier = Verifier::new(app.config.webhook_secrets()?);
    let door = opened(&app.store, verifier, &app.metrics, (&app.clock, &app.config));
    let asked = Arc::clone(engine);
    let policy_of: PolicyOf = Arc::new(move |name| {
        let engine = Arc::clone(&asked);
        async move { engine.policy_of(&name).await.map_err(|error| format!("{error:#}")) }.boxed()
    });
    let (rules, broken) = (app.rules.clone(), app.rules.clone());
    let rules_of: RulesOf = Arc::new(move || rules.current());
    let api = Api::new(app.config.api_token.clone(), policy_of, rules_of);
    let api = Some(api.telling_faults(Arc::new(move || broken.faults())));
    Ok(Door { api, pages: Some(pages(engine, address)), ..door })
}

/// The dashboard: what people may do is what GitHub says, and who they are too.
fn pages(engine: &Arc<Engine>, address: std::net::SocketAddr) -> Pages {
    let config = &engine.app().config;
    let address = config.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    let asked = Arc::clone(engine);
    let permission_of: PermissionOf = Arc::new(move |repository, login| {
        let engine = Arc::clone(&asked);
        async move {
            let permission = engine.permission_of(&repository, login.as_ref()).await;
            permission.map_err(|error| format!("{error:#}"))
        }
        .boxed()
    });
    let sign_in = engine.app().accounts().map(|accounts| {
        let (web_url, client_id) = (accounts.web_url.clone(), accounts.client_id.clone());
        let login_of: LoginOf = Arc::new(move |end: SignInEnd| {
            let accounts = accounts.clone();
            async move {
                let login = accounts.login_of(&end.code, &end.verifier, &end.redirect).await;
                login.map_err(|error| error.to_string())
            }
            .boxed()
        });
        GithubSignIn { client_id, web_url, login_of }
    });
    let asked = Arc::clone(engine);
    let app_url: AppUrl = Arc::new(move || {
        let engine = Arc::clone(&asked);
        async move { engine.app().hands.github.app().app().await.ok().map(|app| app.html_url) }.boxed()
    });
    let model = config.model.as_ref();
    let model = model.map(|model| ModelShown { name: model.name.clone(), tokens_per_day: model.tokens_per_day });
    Pages::new(address, sign_in, (permission_of, config.public_dashboard)).leading_to(app_url).showing_model(model)
}

fn opened(store: &Store, verifier: Verifier, metrics: &Metrics, (clock, config): (&Arc<dyn Clock>, &Config)) -> Door {
    let counted = metrics.clone();
    let report = Arc::new(move |size: usize| counted.batch(u32::try_from(size).unwrap_or(u32::MAX)));
    let batch_max = usize::try_from(config.ingest_batch_max).unwrap_or(usize::MAX);
    let (ingest, _writing) = Ingest::start(store.clone(), batch_max, report);
    Door {
        doors: StoreDoors::new(store.clone(), ingest),
        verifier,
        clock: Arc::clone(clock),
        metrics: metrics.clone(),
        api: None,
        pages: None,
    }
}

async fn listen(config: &Config) -> Result<TcpListener> {
    let (host, port) = (config.host.as_str(), config.port);
    TcpListener::bind((host, port))
        .await
        .with_context(|| format!("the server cannot listen on HOST {host} and PORT {port}"))
}

/// From here on SIGTERM and SIGINT do not end the process but have it stop serving.
pub(super) fn stop_on_signal(stop: &CancellationToken) -> Result<()> {
    #[cfg(unix)]
    let told = {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupted = signal(SignalKind::interrupt())?;
        let mut terminated = signal(SignalKind::terminate())?;
        async move {
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
            }
        }
    };
    #[cfg(not(unix))]
    let told = async {
        // Where it cannot be told by a signal, it is ended by other means.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let stop = stop.clone();
    tokio::spawn(async move {
        told.await;
        tracing::info!("stopping: no new requests, those under way are finished");
        stop.cancel();
    });
    Ok(())
}
