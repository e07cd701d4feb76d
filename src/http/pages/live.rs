//! Server-sent events that say no more than "something changed": the page then loads itself again, as whoever looks at it.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, Stream};
use tokio::sync::watch;

use super::fault::PageFault;
use super::pages;
use super::viewer::Viewer;
use crate::http::Door;

/// How often the store is asked whether anything changed, however many pages are open.
const LOOK: Duration = Duration::from_secs(1);

/// The state of things as a text that changes with them, for all pages that are open.
#[derive(Debug)]
pub(super) struct Live {
    state: watch::Sender<String>,
    looks: std::sync::Once,
}

impl Default for Live {
    fn default() -> Self {
        Self { state: watch::Sender::new(String::new()), looks: std::sync::Once::new() }
    }
}

/// `GET /live`
pub(super) async fn stream(State(door): State<Arc<Door>>, _viewer: Viewer) -> Result<Response, PageFault> {
    let live = &pages(&door)?.live;
    let mut state = live.state.subscribe();
    state.mark_unchanged();
    let looked = Arc::clone(&door);
    live.looks.call_once(|| drop(tokio::spawn(look(looked))));
    Ok(Sse::new(changes(state)).keep_alive(KeepAlive::default()).into_response())
}

fn changes(state: watch::Receiver<String>) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(state, |mut state| async move {
        state.changed().await.ok()?;
        Some((Ok(Event::default().event("changed").data("")), state))
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
            let differs = *state != now;
            *state = now.clone();
            is_new && differs
        });
    }
}
