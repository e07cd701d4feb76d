//! Server-sent events that say no more than "something changed": the page then loads itself again, as whoever looks at it.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, Stream, StreamExt as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::fault::PageFault;
use super::pages;
use super::viewer::Viewer;
use crate::http::Door;
use crate::http::serve::Stopping;

/// How often the store is asked whether anything changed, however many pages are open.
const LOOK: Duration = Duration::from_secs(1);
/// So many pages are told at once. Another one is still read, and loads itself again when its reader does.
pub(super) const STREAMS_MAX: usize = 200;
/// When whoever was one too many may ask again, in seconds.
const AGAIN_S: &str = "30";

/// The state of things as a text that changes with them, for all pages that are open.
#[derive(Debug)]
pub(super) struct Live {
    state: watch::Sender<String>,
    looks: std::sync::Once,
    room: Arc<Semaphore>,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            state: watch::Sender::new(String::new()),
            looks: std::sync::Once::new(),
            room: Arc::new(Semaphore::new(STREAMS_MAX)),
        }
    }
}

/// `GET /live`: a stream that ends when the server is about to stop, which would wait for it otherwise.
pub(super) async fn stream(
    State(door): State<Arc<Door>>,
    _viewer: Viewer,
    stopping: Option<Extension<Stopping>>,
) -> Result<Response, PageFault> {
    let live = &pages(&door)?.live;
    let Ok(place) = Arc::clone(&live.room).try_acquire_owned() else {
        let head = [(header::RETRY_AFTER, AGAIN_S), (header::CONTENT_TYPE, "text/plain; charset=utf-8")];
        return Ok(
            (StatusCode::SERVICE_UNAVAILABLE, head, "Too many pages are open; this one is not told.").into_response()
        );
    };
    let mut state = live.state.subscribe();
    state.mark_unchanged();
    let looked = Arc::clone(&door);
    let stopped = stopping.map(|Extension(Stopping(token))| token).unwrap_or_default();
    let until = stopped.clone();
    live.looks.call_once(|| drop(tokio::spawn(async move { until.run_until_cancelled_owned(look(looked)).await })));
    let changes = changes(state, place).take_until(stopped.cancelled_owned());
    Ok(Sse::new(changes).keep_alive(KeepAlive::default()).into_response())
}

/// Each change, for as long as the place is held.
fn changes(
    state: watch::Receiver<String>,
    place: OwnedSemaphorePermit,
) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold((state, place), |(mut state, place)| async move {
        state.changed().await.ok()?;
        Some((Ok(Event::default().event("changed").data("")), (state, place)))
    })
}

/// Looks for as long as the server runs, but only while a page is open.
async fn look(door: Arc<Door>) {
    let mut turns = tokio::time::interval(LOOK);
    turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        let Ok(pages) = pages(&door) else { return };
        if pages.live.state.receiver_count() == 0 {
            continue;
        }
        // What cannot be read now is read in a second.
        let Ok(now) = door.doors.store().latest_change().await else { continue };
        pages.live.state.send_if_modified(|state| {
            let is_new = !state.is_empty() && *state != now;
            state.clone_from(&now);
            is_new
        });
    }
}
