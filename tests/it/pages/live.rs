//! The stream by which pages learn that something has changed.

use std::time::Duration;

use reqwest::{Response, StatusCode, header};
use stationmaster::cli::serve;
use stationmaster::http;
use tokio_util::sync::CancellationToken;

use super::Browser;
use crate::world::{On, World, scenarios, within};

/// So many streams are served at once.
const STREAMS_MAX: usize = 200;

/// Reads a stream until this stands in it.
async fn reads(stream: &mut Response, words: &str) {
    let mut text = String::new();
    while !text.contains(words) {
        let chunk = within(words, stream.chunk()).await.unwrap().expect("the stream has ended");
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
}

scenarios! {
    async fn a_page_is_told_when_something_has_changed(world: &World) {
        let browser = Browser::operator(world).await;
        let mut stream = browser.stream(&world.url).await;
        assert_eq!(stream.status(), StatusCode::OK);
        assert_eq!(stream.headers()[header::CONTENT_TYPE], "text/event-stream");
        assert!(stream.headers().get(header::CONTENT_ENCODING).is_none(), "what is packed comes late");
        // The first look is not a change.
        tokio::time::timeout(Duration::from_millis(2_500), stream.chunk()).await.unwrap_err();
        world.open_issue("Fix the signal").await;
        reads(&mut stream, "event: changed").await;
        let stranger = Browser::new(world).stream(&world.url).await;
        assert_eq!(stranger.status(), StatusCode::SEE_OTHER, "strangers are told nothing");
    }
}

#[tokio::test]
async fn a_server_that_stops_does_not_wait_for_open_pages() {
    World::run(On::Sqlite, async |world: &World| {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = http::router(serve::door(&world.engine, address).unwrap());
        let stop = CancellationToken::new();
        let serving = tokio::spawn(http::serve(listener, router, stop.clone(), Duration::from_secs(20)));
        let browser = Browser::operator(world).await;
        let mut stream = browser.stream(&format!("http://{address}")).await;
        assert_eq!(stream.status(), StatusCode::OK);
        stop.cancel();
        let all_ended = tokio::time::timeout(Duration::from_secs(5), serving).await.expect("it waits for the page");
        assert!(all_ended.unwrap().unwrap(), "the stream was cut off");
        assert!(within("the stream's end", stream.chunk()).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn one_page_too_many_is_asked_to_come_again_later() {
    World::run(On::Sqlite, async |world: &World| {
        let browser = Browser::operator(world).await;
        let mut streams = Vec::new();
        for _ in 0..STREAMS_MAX {
            streams.push(browser.stream(&world.url).await);
        }
        assert!(streams.iter().all(|stream| stream.status() == StatusCode::OK));
        let refused = browser.stream(&world.url).await;
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused.headers()[header::RETRY_AFTER], "30");
        browser.get("/").await.is(200);
        // Whoever leaves makes room, once that is noticed.
        drop(streams);
        world.open_issue("Fix the signal").await;
        let again = async {
            while browser.stream(&world.url).await.status() != StatusCode::OK {
                tokio::task::yield_now().await;
            }
        };
        within("a place", again).await;
    })
    .await;
}
