//! An ntfy server held in memory and served over real HTTP: it keeps what is published and refuses what ntfy refuses.

mod access;
mod actions;
mod connection;
mod error;
mod fault;
mod limit;
mod message;
mod params;
mod publish;
mod server;
mod since;
mod state;
mod subscribe;
mod watched;

use std::fmt;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

pub use fault::Fault;
pub use limit::RequestLimit;
pub use message::{Attachment, Button, Message};
pub use state::Options;

use crate::model::Clock;
use connection::CuttableListener;
use state::{Live, Shared};

/// A running simulated ntfy; clones are the same server, which stops when the last one is dropped.
#[derive(Clone)]
pub struct NtfySimulator {
    shared: Arc<Shared>,
    url: String,
    /// Stops the server with the last clone.
    _stop: Arc<DropGuard>,
}

impl fmt::Debug for NtfySimulator {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("NtfySimulator").field("url", &self.url).finish_non_exhaustive()
    }
}

impl NtfySimulator {
    /// Starts a server with ntfy.sh's own limits on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// No port could be bound.
    pub async fn start(clock: Arc<dyn Clock>) -> io::Result<Self> {
        Self::start_with(clock, Options::default()).await
    }

    /// Starts a server with other limits.
    ///
    /// # Errors
    /// No port could be bound.
    pub async fn start_with(clock: Arc<dyn Clock>, options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let shared = Arc::new(Shared::new(clock, options, url.clone()));
        let stop = CancellationToken::new();
        let connections = CuttableListener::new(listener, shared.line.clone(), stop.clone());
        tokio::spawn(server::run(connections, Arc::clone(&shared), stop.clone()));
        Ok(Self { shared, url, _stop: Arc::new(stop.drop_guard()) })
    }

    /// Where it listens, such as `http://127.0.0.1:40123`, without a trailing slash.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What was published to `topic`, oldest first.
    #[must_use]
    pub fn messages(&self, topic: &str) -> Vec<Message> {
        self.shared.lock().messages.iter().filter(|message| message.topic == topic).cloned().collect()
    }

    /// What was published to any topic, oldest first.
    #[must_use]
    pub fn all_messages(&self) -> Vec<Message> {
        self.shared.lock().messages.clone()
    }

    /// How many requests arrived so far, refused and broken ones included, `/v1/health` excepted.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.shared.lock().requests
    }

    /// Takes the server off the network (open connections are cut, new ones are closed at once) or puts it back.
    pub fn set_down(&self, down: bool) {
        self.shared.line.set_down(down);
    }

    /// Lets the next `times` requests go wrong, after those that are already to go wrong.
    pub fn inject(&self, fault: Fault, times: usize) {
        self.shared.lock().faults.extend(std::iter::repeat_n(fault, times));
    }

    /// Refuses every message until the next midnight in UTC, as if the daily quota were used up.
    pub fn hit_daily_limit(&self) {
        let now = self.shared.clock.now();
        self.shared.lock().daily_limit_until = Some(limit::next_midnight_utc(now));
    }

    /// Sets how many requests a visitor may make from now on; `None` is without limit.
    pub fn limit_requests(&self, limit: Option<RequestLimit>) {
        self.shared.lock().limiter = limit::Limiter::new(limit);
    }

    /// From now on only requests that carry this bearer token may publish and read.
    pub fn require_token(&self, token: &str) {
        self.shared.lock().access.token = Some(token.to_owned());
    }

    /// From now on nobody may read `topic`.
    pub fn make_write_only(&self, topic: &str) {
        self.shared.lock().access.write_only.insert(topic.to_owned());
    }

    /// Forgets the cached messages, so that message ids given out before are unknown to `since`.
    pub fn forget_messages(&self) {
        self.shared.lock().messages.clear();
    }

    /// Sends a keepalive line to every open subscription, without waiting for its turn.
    pub fn send_keepalive(&self) {
        self.shared.send_live(Live::Keepalive);
    }

    /// How many subscriptions are open.
    #[must_use]
    pub fn subscribers(&self) -> usize {
        self.shared.live.receiver_count()
    }

    /// Waits until the messages of all topics are as `wanted`; false when `timeout` passes first.
    pub async fn wait_until(&self, timeout: Duration, wanted: impl Fn(&[Message]) -> bool) -> bool {
        let wait = async {
            loop {
                let mut changed = std::pin::pin!(self.shared.changed.notified());
                changed.as_mut().enable();
                if wanted(&self.shared.lock().messages) {
                    return;
                }
                changed.await;
            }
        };
        tokio::time::timeout(timeout, wait).await.is_ok()
    }
}
