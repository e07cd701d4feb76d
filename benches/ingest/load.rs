//! The load: connections that are kept alive, each sending its next request once the last was answered.

use std::io::IoSlice;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::payloads::{GUID_LENGTH, Guids, Prepared};

/// Connections at a time.
pub const CONNECTIONS: usize = 64;
/// No answer may take longer than GitHub would wait.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// What is sent, and for how long.
#[derive(Clone)]
pub struct Load {
    /// The requests, which take turns.
    pub requests: Arc<Vec<Prepared>>,
    /// How their delivery ids are made.
    pub guids: Guids,
    /// Shared by all connections of one run.
    pub counter: Arc<AtomicU64>,
    /// Nothing new is sent after it.
    pub time: Duration,
}

/// What the servers answered.
pub struct Measured {
    /// Answers with status 202; any other status ends the bench.
    pub accepted: u64,
    /// Of those, answers per second.
    pub per_second: f64,
    /// How long 99 of 100 answers took at most, in milliseconds.
    pub p99_ms: f64,
}

/// Sends for as long as `time`, over [`CONNECTIONS`] connections; every request that was begun is also answered.
pub async fn run(address: SocketAddr, load: Load) -> Measured {
    let start = Instant::now();
    let mut connections = JoinSet::new();
    for _ in 0..CONNECTIONS {
        connections.spawn(connection(address, load.clone(), start + load.time));
    }
    let mut latencies: Vec<f64> = connections.join_all().await.into_iter().flatten().collect();
    let took = start.elapsed();
    latencies.sort_by(f64::total_cmp);
    let p99_ms = latencies.get(latencies.len() * 99 / 100).copied().unwrap_or_default();
    Measured { accepted: latencies.len() as u64, per_second: latencies.len() as f64 / took.as_secs_f64(), p99_ms }
}

async fn connection(address: SocketAddr, load: Load, until: Instant) -> Vec<f64> {
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    stream.set_nodelay(true).expect("a socket has this option");
    let (mut latencies, mut head, mut answer) = (Vec::new(), Vec::new(), vec![0; 4096]);
    while Instant::now() < until {
        let number = load.counter.fetch_add(1, Ordering::Relaxed);
        // 7 and the number of examples have no common divisor, so all of them are sent, mixed.
        let request = &load.requests[usize::try_from(number * 7).expect("a small number") % load.requests.len()];
        head.clear();
        head.extend_from_slice(&request.head);
        head[request.guid_at..request.guid_at + GUID_LENGTH].copy_from_slice(load.guids.of(number).as_bytes());
        let begun = Instant::now();
        let exchanged = tokio::time::timeout(ANSWER_TIMEOUT, exchange(&mut stream, &head, &request.body, &mut answer));
        let length = exchanged.await.expect("an answer within 10 s").expect("the connection holds");
        let text = String::from_utf8_lossy(&answer[..length]);
        assert!(text.starts_with("HTTP/1.1 202 "), "the server answered {text}");
        assert!(!text.contains(r#""duplicate":true"#), "the ids are unique, yet the server answered {text}");
        latencies.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    latencies
}

/// Sends one request and reads one answer; returns its length.
async fn exchange(stream: &mut TcpStream, head: &[u8], body: &[u8], answer: &mut [u8]) -> std::io::Result<usize> {
    let sent = stream.write_vectored(&[IoSlice::new(head), IoSlice::new(body)]).await?;
    if sent < head.len() {
        stream.write_all(&head[sent..]).await?;
    }
    stream.write_all(&body[sent.saturating_sub(head.len())..]).await?;
    let mut length = 0;
    loop {
        let read = stream.read(&mut answer[length..]).await?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        length += read;
        if whole_length(&answer[..length]).is_some_and(|whole| whole <= length) {
            return Ok(length);
        }
    }
}

/// How long the answer is with its body, once its head is there.
fn whole_length(answer: &[u8]) -> Option<usize> {
    let head = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let length = std::str::from_utf8(&answer[..head]).ok()?.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    Some(head + 4 + length.unwrap_or_default())
}
