//! A server over a full store, and how long it takes to answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use stationmaster::cli::serve;
use stationmaster::http;
use stationmaster::model::{Clock, SystemClock};
use stationmaster::simulator::github::{GithubSimulator, WebhookMode};
use stationmaster::simulator::ntfy::NtfySimulator;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::fill::fill;
use crate::engine::{TOKEN, engine};

const WARM: usize = 3;
const LOADS: usize = 50;

/// What a page took.
pub struct Taken {
    pub path: &'static str,
    pub median_ms: f64,
    pub slow_ms: f64,
    pub bytes: usize,
}

/// Loads each page again and again, one request at a time; the second list says what did not answer.
pub async fn run(address: &str, pages: &[&'static str]) -> (Vec<Taken>, Vec<String>) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let github = GithubSimulator::start(Arc::clone(&clock)).await.expect("loopback has free ports");
    github.set_webhook_mode(WebhookMode::Manual);
    let repository = github.create_repository("octo/station").expect("there is none yet");
    let ntfy = NtfySimulator::start(Arc::clone(&clock)).await.expect("loopback has free ports");
    let engine = engine(address, (&github, &ntfy), Arc::clone(&clock)).await;
    // The first tick finds out where the App is installed.
    engine.tick().await.expect("the first tick succeeds");
    fill(address, repository.0, clock.now().ms()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has free ports");
    let at = listener.local_addr().expect("a bound port has an address");
    let door = serve::door(&engine, at).expect("the settings are good");
    let stop = CancellationToken::new();
    let serving = tokio::spawn(http::serve(listener, http::router(door), stop.clone(), Duration::from_secs(1)));
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("it is built");
    let cookie = sign_in(&client, &format!("http://{at}")).await;
    let (mut taken, mut wrong) = (Vec::new(), Vec::new());
    for path in pages {
        let mut each = Vec::with_capacity(LOADS);
        let mut bytes = 0;
        for turn in 0..WARM + LOADS {
            let start = Instant::now();
            let answer = client.get(format!("http://{at}{path}")).header("cookie", &cookie).send().await;
            let answer = answer.expect("the server answers");
            if !answer.status().is_success() {
                wrong.push(format!("{path} answers {}", answer.status()));
                break;
            }
            bytes = answer.bytes().await.expect("the server answers whole").len();
            if turn >= WARM {
                each.push(start.elapsed().as_secs_f64() * 1e3);
            }
        }
        each.sort_by(f64::total_cmp);
        if each.len() < LOADS {
            continue;
        }
        taken.push(Taken { path, median_ms: each[LOADS / 2], slow_ms: each[LOADS * 99 / 100], bytes });
    }
    stop.cancel();
    serving.await.expect("the server ends").expect("it ends well");
    engine.app().store.database().close().await;
    (taken, wrong)
}

async fn sign_in(client: &reqwest::Client, server: &str) -> String {
    let answer = client
        .post(format!("{server}/sign-in/token"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("token={TOKEN}"))
        .send()
        .await
        .expect("the server answers");
    let cookie = answer.headers().get("set-cookie").expect("it begins a session").to_str().expect("it is text");
    cookie.split(';').next().unwrap_or_default().to_owned()
}
