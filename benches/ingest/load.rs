//! The load: connections that are kept alive, each sending its next request once the last was answered.

use std::io::IoSlice;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
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
    /// The number of the first request.
    pub first: u64,
    /// Shared by all connections of one run.
    pub counter: Arc<AtomicU64>,
    /// Nothing new is sent after it.
    pub time: Duration,
}

/// What the servers answered.
pub struct Measured {
    /// Answers with status 202, or 200 as Probot has it; any other status ends the bench.
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
        let (load, until) = (load.clone(), start + load.time);
        connections.spawn(async move {
            let mut connection = Connection::to(address).await;
            let mut latencies = Vec::new();
            while Instant::now() < until {
                let begun = Instant::now();
                connection.send(&load, load.counter.fetch_add(1, Ordering::Relaxed)).await;
                latencies.push(begun.elapsed().as_secs_f64() * 1000.0);
            }
            latencies
        });
    }
    measured(connections, start).await
}

/// Sends so many requests a second, evenly, whether or not the server keeps up. How long an answer took is counted from
/// the moment at which its request was due, so what has to wait behind a slow answer counts as slow too.
pub async fn at_rate(address: SocketAddr, load: Load, per_second: u32) -> Measured {
    let all = u64::from(per_second) * load.time.as_secs();
    let due = Arc::new(Semaphore::new(0));
    let mut connections = JoinSet::new();
    let begin = Instant::now() + Duration::from_millis(200);
    for _ in 0..CONNECTIONS {
        let (load, due) = (load.clone(), Arc::clone(&due));
        connections.spawn(async move {
            let mut connection = Connection::to(address).await;
            let mut latencies = Vec::new();
            loop {
                due.acquire().await.expect("it is never closed").forget();
                let number = load.counter.fetch_add(1, Ordering::Relaxed);
                if number >= all {
                    return latencies;
                }
                connection.send(&load, number).await;
                latencies.push(due_at(begin, number, per_second).elapsed().as_secs_f64() * 1000.0);
            }
        });
    }
    // A thread of its own wakes within microseconds; the runtime's timers count milliseconds.
    let clock = std::thread::spawn(move || {
        for number in 0..all {
            std::thread::sleep(due_at(begin, number, per_second).saturating_duration_since(Instant::now()));
            due.add_permits(1);
        }
        due.add_permits(CONNECTIONS);
    });
    let measured = measured(connections, begin).await;
    clock.join().expect("it only waits");
    measured
}

fn due_at(begin: Instant, number: u64, per_second: u32) -> Instant {
    begin + Duration::from_secs(1) * u32::try_from(number).expect("a bench is short") / per_second
}

async fn measured(connections: JoinSet<Vec<f64>>, start: Instant) -> Measured {
    let mut latencies: Vec<f64> = connections.join_all().await.into_iter().flatten().collect();
    let took = start.elapsed();
    latencies.sort_by(f64::total_cmp);
    let p99_ms = latencies.get(latencies.len() * 99 / 100).copied().unwrap_or_default();
    Measured { accepted: latencies.len() as u64, per_second: latencies.len() as f64 / took.as_secs_f64(), p99_ms }
}

/// One connection that is kept alive, and the space for what it sends and reads.
struct Connection {
    stream: TcpStream,
    head: Vec<u8>,
    answer: Vec<u8>,
}

impl Connection {
    async fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        stream.set_nodelay(true).expect("a socket has this option");
        Self { stream, head: Vec::new(), answer: vec![0; 4096] }
    }

    /// Sends the request of this number, and waits until it is accepted.
    async fn send(&mut self, load: &Load, number: u64) {
        // 7 and the number of examples have no common divisor, so all of them are sent, mixed.
        let request = &load.requests[usize::try_from(number * 7).expect("a small number") % load.requests.len()];
        self.head.clear();
        self.head.extend_from_slice(&request.head);
        self.head[request.guid_at..request.guid_at + GUID_LENGTH]
            .copy_from_slice(load.guids.of(load.first + number).as_bytes());
        let exchange = exchange(&mut self.stream, &self.head, &request.body, &mut self.answer);
        let exchanged = tokio::time::timeout(ANSWER_TIMEOUT, exchange).await;
        let length = exchanged.expect("an answer within 10 s").expect("the connection holds");
        let text = String::from_utf8_lossy(&self.answer[..length]);
        assert!(text.starts_with("HTTP/1.1 20"), "the server answered {text}");
        assert!(!text.contains(r#""duplicate":true"#), "the ids are unique, yet the server answered {text}");
    }
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
