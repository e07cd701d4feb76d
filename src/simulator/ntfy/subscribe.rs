//! Reading: `GET /{topics}/json` as a stream of lines that stays open, or with `poll=1` only what is cached.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use futures::{Stream, stream};
use serde::Serialize;
use tokio::sync::broadcast::Receiver;

use super::access::Wish;
use super::error::{self, ErrorAnswer};
use super::message::Message;
use super::params::{self, Params};
use super::since::Since;
use super::state::{Live, Shared};

/// A line that is not a message.
#[derive(Debug, Serialize)]
struct Sign<'a> {
    id: String,
    time: i64,
    event: &'static str,
    topic: &'a str,
}

/// An open subscription.
struct Subscription {
    shared: Arc<Shared>,
    topics: Vec<String>,
    waiting: VecDeque<String>,
    live: Receiver<Live>,
    keepalive: Duration,
}

/// `GET /{topics}/json`.
pub(super) async fn json(
    State(shared): State<Arc<Shared>>,
    Path(topics): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ErrorAnswer> {
    let given = Params::new(&headers, query.as_deref());
    let poll = given.read_flag(&["x-poll", "poll", "po"]);
    let now = shared.clock.now();
    let since = Since::parse(given.read(&["x-since", "since", "si"]).as_deref(), poll, now)?;
    let topics = params::list(&topics);
    if topics.is_empty() || !topics.iter().all(|topic| params::is_topic(topic)) {
        return Err(error::TOPIC_INVALID);
    }
    let body = {
        let held = shared.lock();
        for topic in &topics {
            held.access.authorize(&headers, Wish::Read, topic)?;
        }
        // Both under one lock: a message is either among the old ones or comes live, never both.
        let old = since.select(&held.messages, &topics, now).into_iter().map(|message| line(&message));
        if poll {
            Body::from(old.collect::<String>())
        } else {
            let mut waiting: VecDeque<String> = old.collect();
            let live = shared.live.subscribe();
            drop(held);
            waiting.push_front(sign(&shared, "open", &topics));
            let keepalive = shared.keepalive;
            Body::from_stream(lines(Subscription { shared: Arc::clone(&shared), topics, waiting, live, keepalive }))
        }
    };
    Ok(([(CONTENT_TYPE, "application/x-ndjson; charset=utf-8")], body).into_response())
}

fn lines(subscription: Subscription) -> impl Stream<Item = Result<String, Infallible>> {
    stream::unfold(subscription, |mut subscription| async move {
        let line = subscription.next_line().await?;
        Some((Ok(line), subscription))
    })
}

impl Subscription {
    /// The next line; `None` when the subscription fell too far behind.
    async fn next_line(&mut self) -> Option<String> {
        loop {
            if let Some(line) = self.waiting.pop_front() {
                return Some(line);
            }
            match tokio::time::timeout(self.keepalive, self.live.recv()).await {
                Err(_) | Ok(Ok(Live::Keepalive)) => return Some(sign(&self.shared, "keepalive", &self.topics)),
                Ok(Ok(Live::Message(message))) if self.topics.contains(&message.topic) => return Some(line(&message)),
                Ok(Ok(Live::Message(_))) => {}
                Ok(Err(_)) => return None,
            }
        }
    }
}

fn sign(shared: &Shared, event: &'static str, topics: &[String]) -> String {
    let id = shared.lock().next_id();
    as_line(&Sign { id, time: shared.clock.now().seconds(), event, topic: &topics.join(",") })
}

fn line(message: &Message) -> String {
    as_line(message)
}

fn as_line(value: &impl Serialize) -> String {
    // These types have nothing in them that JSON cannot say.
    let mut text = serde_json::to_string(value).unwrap_or_default();
    text.push('\n');
    text
}
