//! The servers under test, as child processes: the real binary, and a handler that stores nothing.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::serve::ListenerExt as _;
use secrecy::SecretString;
use stationmaster::receive::{Signature, Verifier};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::payloads::SECRET;

/// The argument that makes this program the bare handler, on the port that its environment names.
pub const BARE: &str = "--bare-server";

/// A server must be ready after so long, or the bench ends.
const READY_TIMEOUT: Duration = Duration::from_secs(20);

/// What a server answers with 200 once it is ready.
#[derive(Debug, Clone, Copy)]
pub struct Readiness {
    /// The path that is asked for.
    pub path: &'static str,
}

const READYZ: Readiness = Readiness { path: "/readyz" };

/// A child process that listens; it is ended when this is dropped.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// From the start of the process to the first answer 200.
    pub ready_after: Duration,
}

impl Drop for Server {
    fn drop(&mut self) {
        // Killed rather than stopped: what was answered has to be on disk by then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Starts this very program as the bare handler.
    pub async fn bare() -> Self {
        let mut command = Command::new(std::env::current_exe().expect("a program has a path"));
        command.arg(BARE);
        Self::start(command, READYZ).await
    }

    /// Starts the real server with these settings beside those that every run shares.
    pub async fn stationmaster(settings: &[(&str, &str)]) -> Self {
        let binary = std::env::var_os("STATIONMASTER_BENCH_SERVER");
        let mut command = Command::new(binary.unwrap_or_else(|| env!("CARGO_BIN_EXE_stationmaster").into()));
        // A folder without a `.env` or `stationmaster.toml` that could say otherwise.
        command.arg("serve").current_dir(std::env::temp_dir()).env_clear();
        command.env("GITHUB_WEBHOOK_SECRET", SECRET).env("LOG_LEVEL", "warn").envs(settings.iter().copied());
        Self::start(command, READYZ).await
    }

    /// Starts a program that listens on the port of loopback that its environment names.
    pub async fn start(mut command: Command, readiness: Readiness) -> Self {
        let begun = Instant::now();
        let port = free_port();
        command.env("PORT", port.to_string());
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("the server can be started");
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut server = Self { child, address, ready_after: Duration::ZERO };
        while !is_ready(address, readiness.path).await {
            if let Some(status) = server.child.try_wait().expect("a child can be asked") {
                panic!("the server ended with {status} before it was ready");
            }
            assert!(begun.elapsed() < READY_TIMEOUT, "the server was not ready within {READY_TIMEOUT:?}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        server.ready_after = begun.elapsed();
        server
    }

    /// How much memory of the process is resident at present, in MiB, and how much ever was.
    pub fn resident_mib(&self) -> (f64, f64) {
        memory_mib(&self.child.id().to_string())
    }

    /// How long the process has had a processor, for itself and for what it asked of the kernel, in seconds.
    pub fn cpu_s(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        // The name of the program stands in brackets and may hold anything; user and system time are the 12th and
        // 13th field behind it, in hundredths of a second (proc_pid_stat(5)).
        let behind = stat.rsplit_once(") ").map(|(_, behind)| behind).unwrap_or_default();
        let ticks = behind.split(' ').skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
        ticks.sum::<f64>() / 100.0
    }
}

/// How much memory of a process is resident at present, in MiB, and how much ever was.
pub fn memory_mib(process: &str) -> (f64, f64) {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim_start_matches(':').trim().trim_end_matches(" kB").parse::<f64>().ok()
    };
    // Systems without /proc report nothing.
    (field("VmRSS").unwrap_or(f64::NAN) / 1024.0, field("VmHWM").unwrap_or(f64::NAN) / 1024.0)
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
    listener.local_addr().expect("a listener has an address").port()
}

async fn is_ready(address: SocketAddr, path: &str) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(address).await?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok::<_, std::io::Error>(answer.starts_with("HTTP/1.1 200 "))
    };
    matches!(tokio::time::timeout(Duration::from_secs(2), ask).await, Ok(Ok(true)))
}

/// What everything is compared with: axum, the signature of the body, nothing else. It lacks no speed that we have:
/// the same allocator, the same HMAC, the same socket options.
pub async fn serve_bare() {
    let port: u16 = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).expect("PORT is a port");
    let verifier = Arc::new(Verifier::new(&[SecretString::from(SECRET)]));
    let router = Router::new()
        .route("/webhooks/github", post(verified))
        .route("/readyz", get(|| async { StatusCode::OK }))
        .with_state(verifier);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.expect("the port is free");
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, router).await.expect("it serves until it is killed");
}

async fn verified(State(verifier): State<Arc<Verifier>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers.get("x-hub-signature-256").and_then(|header| Signature::parse(header.as_bytes()));
    if signature.is_some_and(|signature| verifier.accepts(&signature, &body)) {
        StatusCode::ACCEPTED
    } else {
        StatusCode::UNAUTHORIZED
    }
}
