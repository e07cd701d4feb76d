//! The ground that a server stands on gives way: its disk, its database. It says so once, loses nothing, and goes on by
//! itself once the ground is back.

mod commit;
mod database;
mod disk;
mod file;
mod narrow;
mod proxy;

use std::time::{Duration, Instant};

use hmac::{Hmac, Mac};
use serde_json::Value;
use stationmaster::model::SystemClock;
use stationmaster::store::Store;

use super::{PATIENCE, Place, Server};

/// A file or a database is asked again after so long.
const TURN: Duration = Duration::from_millis(50);

/// Waits until `wanted` answers true, bounded.
async fn until(what: &str, mut wanted: impl AsyncFnMut() -> bool) {
    let come = tokio::time::timeout(PATIENCE, async {
        while !wanted().await {
            tokio::time::sleep(TURN).await;
        }
    });
    come.await.unwrap_or_else(|_| panic!("{what}: not within {PATIENCE:?}"));
}

impl Server {
    /// The lines of these levels, without those that tell of the start.
    fn lines(&self, levels: &[&str]) -> Vec<Value> {
        let log = self.log();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.filter(|line| levels.contains(&line["level"].as_str().unwrap_or_default())).collect()
    }

    /// What warns or worse, which must be one line about this trouble, and returns its detail.
    #[track_caller]
    fn expect_one_warning(&self, trouble: &str) -> String {
        let lines = self.lines(&["WARN", "ERROR"]);
        assert_eq!(lines.len(), 1, "one line tells of it: {lines:#?}");
        assert_eq!(lines[0]["trouble"], trouble, "{lines:#?}");
        assert!(lines[0]["message"].as_str().unwrap().contains("webhooks are refused"), "{lines:#?}");
        lines[0]["detail"].as_str().unwrap().to_owned()
    }

    /// Waits until one line says that this trouble is over.
    async fn over(&self, trouble: &str) {
        let is_over = |line: &Value| line["trouble"] == trouble;
        until("the trouble is over", async || self.lines(&["INFO"]).iter().any(is_over)).await;
        assert_eq!(self.lines(&["INFO"]).iter().filter(|line| is_over(line)).count(), 1);
    }

    /// The status of an answer, and all of it.
    async fn asked(&self, path: &str) -> (u16, String) {
        status(self.get(path).await)
    }

    /// Waits until everything that came in has been looked at.
    async fn understood(&self) {
        until("everything that came in is looked at", async || {
            let (_, metrics) = self.asked("/metrics").await;
            let waits = |line: &&str| line.starts_with("stationmaster_inbox_depth") && !line.ends_with(" 0");
            !metrics.lines().filter(waits).any(|line| line.contains("\"new\"") || line.contains("\"marked\""))
        })
        .await;
    }

    async fn ready(&self, wanted: u16) -> String {
        let mut said = String::new();
        until(&format!("readiness is {wanted}"), async || {
            let (status, answer) = self.asked("/readyz").await;
            said = answer;
            status == wanted
        })
        .await;
        said
    }

    /// Sends a genuine delivery that nothing follows from, with a body of so many bytes that nothing can compress, and
    /// returns the status, which GitHub waits 10 s for.
    async fn delivered(&self, place: &Place, guid: &str, bytes: usize) -> u16 {
        let noise: String = std::iter::repeat_with(|| char::from(rand::random_range(b'!'..=b'~')))
            .filter(|sign| !matches!(sign, '"' | '\\'))
            .take(bytes)
            .collect();
        let body = format!(r#"{{"zen":"{noise}"}}"#);
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(place.github.app().webhook_secret.as_bytes()).unwrap();
        mac.update(body.as_bytes());
        let began = Instant::now();
        let answer = crate::wire::client()
            .post(format!("http://{}/webhooks/github", self.address))
            .header("content-type", "application/json")
            .header("x-github-event", "ping")
            .header("x-github-delivery", guid)
            .header("x-hub-signature-256", format!("sha256={:x}", mac.finalize().into_bytes()))
            .body(body)
            .send()
            .await
            .unwrap();
        assert!(began.elapsed() < Duration::from_secs(10), "GitHub has hung up by then: {:?}", began.elapsed());
        answer.status().as_u16()
    }
}

fn status(answer: String) -> (u16, String) {
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or_else(|| panic!("{answer}")), answer)
}

/// Every one of these deliveries is stored. Others may wait that GitHub was asked for again.
async fn expect_kept(address: &str, guids: &[String]) {
    let store = Store::open(address, std::sync::Arc::new(SystemClock)).await.unwrap();
    let kept = store.deliveries(None, 100_000).await.unwrap();
    for guid in guids {
        assert!(kept.iter().any(|one| one.guid.as_str() == guid), "{guid} was answered 2xx and is lost");
    }
    store.database().close().await;
}
