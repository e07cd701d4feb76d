//! A line between a server and its PostgreSQL that can be cut, shut, held still, or cut at the moment of a commit.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// The end of the message by which a transaction is committed, as sqlx sends it
/// (<https://www.postgresql.org/docs/current/protocol-message-formats.html>).
const COMMIT: &[u8] = b"COMMIT\0";

/// What the line does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// Everything passes.
    Open,
    /// Connections end at once, also those that are there.
    Shut,
    /// Connections stay, and nothing passes.
    Still,
}

pub(super) struct Proxy {
    address: SocketAddr,
    line: watch::Sender<Line>,
    /// So many answers to a commit are still to be lost.
    commits: Arc<AtomicUsize>,
}

impl Proxy {
    /// A line to the server of this database; connections end with it.
    pub(super) async fn to(database: &str, line: Line) -> Self {
        let url: url::Url = database.parse().unwrap();
        let upstream = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (line, seen) = watch::channel(line);
        let commits = Arc::new(AtomicUsize::new(0));
        let lost = Arc::clone(&commits);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                if *seen.borrow() == Line::Shut {
                    continue;
                }
                tokio::spawn(carry(near, upstream.clone(), seen.clone(), Arc::clone(&lost)));
            }
        });
        Self { address, line, commits }
    }

    /// The address of the database by way of this line.
    pub(super) fn way_to(&self, database: &str) -> String {
        let mut url: url::Url = database.parse().unwrap();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(self.address.port())).unwrap();
        url.to_string()
    }

    pub(super) fn set(&self, line: Line) {
        self.line.send_replace(line);
    }

    /// The next so many commits are made, and their answers never arrive.
    pub(super) fn lose_commits(&self, count: usize) {
        self.commits.store(count, Ordering::SeqCst);
    }

    /// Commits whose answers are still to be lost.
    pub(super) fn commits_to_lose(&self) -> usize {
        self.commits.load(Ordering::SeqCst)
    }
}

/// Both ways of one connection, until either ends or the line is shut.
async fn carry(near: TcpStream, upstream: String, line: watch::Receiver<Line>, commits: Arc<AtomicUsize>) {
    let Ok(far) = TcpStream::connect(upstream).await else { return };
    let (near_reads, near_writes) = near.into_split();
    let (far_reads, far_writes) = far.into_split();
    // Both sides of a connection know whether its commit's answer is to be lost.
    let (tell, told) = watch::channel(false);
    let mut shut = line.clone();
    tokio::select! {
        () = there(near_reads, far_writes, line.clone(), (commits, tell)) => {}
        () = back(far_reads, near_writes, line, told) => {}
        _ = shut.wait_for(|line| *line == Line::Shut) => {}
    }
}

async fn there(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut line: watch::Receiver<Line>,
    (commits, tell): (Arc<AtomicUsize>, watch::Sender<bool>),
) {
    let mut bytes = vec![0; 65_536];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        if line.wait_for(|line| *line == Line::Open).await.is_err() {
            return;
        }
        let is_commit = bytes[..count].windows(COMMIT.len()).any(|window| window == COMMIT);
        if is_commit && commits.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            tell.send_replace(true);
        }
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}

async fn back(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut line: watch::Receiver<Line>,
    told: watch::Receiver<bool>,
) {
    let mut bytes = vec![0; 65_536];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        // The answer has come, so it is done; whoever asked never hears of it.
        if *told.borrow() || line.wait_for(|line| *line == Line::Open).await.is_err() {
            return;
        }
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}
