//! Serves until it is told to stop, and then answers what it has begun to answer.

use std::io;
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

/// A client gets so long to send the head of a request; one that drips it holds a connection no longer.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// What one connection may read ahead, the least that hyper allows. Bodies are larger and come in pieces; more would
/// only cost memory, as there may be many connections.
const BUFFER_BYTES: usize = 8 * 1024;
/// The pause after the system had no connection to give, such as when there are too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What a request can ask whether the server is about to stop: an answer without an end ends itself then.
#[derive(Debug, Clone)]
pub(super) struct Stopping(pub(super) CancellationToken);

/// Serves `router` until `shutdown` is cancelled. Then nothing new is accepted, and requests that are under way get
/// `timeout` to end; those that do not are cut off when the process ends. Returns whether all of them ended.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: CancellationToken,
    timeout: Duration,
) -> io::Result<bool> {
    let mut http = http1::Builder::new();
    let router = router.layer(Extension(Stopping(shutdown.clone())));
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(BUFFER_BYTES);
    let connections = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => begin(stream, &http, &router, &connections),
            Err(error) => {
                warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    let all_ended = tokio::time::timeout(timeout, connections.shutdown()).await.is_ok();
    if !all_ended {
        warn!(timeout_s = timeout.as_secs(), "some requests did not end in time and are cut off");
    }
    Ok(all_ended)
}

fn begin(stream: TcpStream, http: &http1::Builder, router: &Router, connections: &GracefulShutdown) {
    // Answers are small and final: waiting to fill a packet only adds to their latency.
    if let Err(error) = stream.set_nodelay(true) {
        warn!(%error, "a connection keeps its delay");
    }
    let service = TowerToHyperService::new(router.clone());
    let connection = connections.watch(http.serve_connection(TokioIo::new(stream), service));
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            debug!(%error, "a connection ended early");
        }
    });
}
