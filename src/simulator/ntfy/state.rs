//! What the simulated server holds: messages, limits, access and the faults that are to come.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, broadcast};

use super::access::Access;
use super::connection::Line;
use super::error::{self, ErrorAnswer};
use super::fault::Fault;
use super::limit::{Limiter, RequestLimit};
use super::message::{Draft, Message};
use crate::model::{Clock, Timestamp};
use crate::simulator::passing::Post;

/// How long a message can be fetched (<https://docs.ntfy.sh/config/#message-cache>): 12 h.
const CACHE_S: i64 = 12 * 60 * 60;
/// How far a subscription may fall behind before it is closed, in messages.
const LIVE_BACKLOG: usize = 1024;

/// What can be set when the server is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How many requests each visitor may make; `None` is without limit.
    pub request_limit: Option<RequestLimit>,
    /// How long a subscription stays silent before a keepalive line, in real time.
    pub keepalive: Duration,
    /// Whether a message that is too long becomes a file; otherwise it is refused.
    pub attachments: bool,
}

impl Default for Options {
    /// ntfy.sh's own: 60 requests and one more every 5 s, keepalive every 45 s, attachments allowed.
    fn default() -> Self {
        Self { request_limit: Some(RequestLimit::default()), keepalive: Duration::from_secs(45), attachments: true }
    }
}

/// What goes to open subscriptions.
#[derive(Debug, Clone)]
pub(super) enum Live {
    /// A message that was just published.
    Message(Box<Message>),
    /// A sign of life.
    Keepalive,
}

/// The server's state, shared by its requests and its handles.
pub(super) struct Shared {
    pub clock: Arc<dyn Clock>,
    pub url: String,
    pub keepalive: Duration,
    pub attachments: bool,
    pub line: Line,
    pub live: broadcast::Sender<Live>,
    pub changed: Notify,
    /// Where a test watches what passes.
    pub post: Post,
    held: Mutex<Held>,
}

/// The part of the state that changes.
pub(super) struct Held {
    pub messages: Vec<Message>,
    pub requests: u64,
    pub faults: VecDeque<Fault>,
    pub limiter: Limiter,
    pub daily_limit_until: Option<Timestamp>,
    pub access: Access,
    ids_given: u64,
}

impl Held {
    /// The next id: twelve letters and digits, as ntfy's.
    pub(super) fn next_id(&mut self) -> String {
        self.ids_given += 1;
        format!("m{:011}", self.ids_given)
    }
}

impl Shared {
    pub(super) fn new(clock: Arc<dyn Clock>, options: Options, url: String) -> Self {
        let held = Held {
            messages: Vec::new(),
            requests: 0,
            faults: VecDeque::new(),
            limiter: Limiter::new(options.request_limit),
            daily_limit_until: None,
            access: Access::default(),
            ids_given: 0,
        };
        Self {
            clock,
            url,
            keepalive: options.keepalive,
            attachments: options.attachments,
            line: Line::default(),
            live: broadcast::Sender::new(LIVE_BACKLOG),
            changed: Notify::new(),
            post: Post::default(),
            held: Mutex::new(held),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a message and hands it to open subscriptions, unless the day's quota is used up.
    pub(super) fn publish(&self, draft: Draft) -> Result<Message, ErrorAnswer> {
        let now = self.clock.now();
        let message = {
            let mut held = self.lock();
            if held.daily_limit_until.is_some_and(|until| now < until) {
                return Err(error::DAILY_LIMIT);
            }
            let id = held.next_id();
            let message = draft.into_message(id, now.seconds(), CACHE_S, &self.url);
            held.messages.push(message.clone());
            // Sent under the lock, so that a subscription that is just opening sees it exactly once.
            self.send_live(Live::Message(Box::new(message.clone())));
            message
        };
        self.changed.notify_waiters();
        Ok(message)
    }

    pub(super) fn send_live(&self, live: Live) {
        // An error only says that nobody is subscribed.
        drop(self.live.send(live));
    }
}
