//! The address that GitHub sends its webhooks to: it leads to whichever server runs, doubles some, and forges others.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};

/// What came through, and what was made of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Traffic {
    pub delivered: usize,
    /// Sent while no server ran or while it died: lost, as at GitHub.
    pub lost: usize,
    pub doubled: usize,
    pub forged: usize,
    /// Forged ones that a server answered 401; the others met none, or died with it.
    pub refused: usize,
    /// Forged ones that were not refused.
    pub taken_in: usize,
}

/// How many of a hundred webhooks are tampered with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tampering {
    pub doubled_percent: u32,
    pub forged_percent: u32,
}

#[derive(Default)]
struct Inside {
    leads_to: Option<SocketAddr>,
    tampering: Tampering,
    traffic: Traffic,
}

#[derive(Clone)]
pub struct Gateway {
    pub url: String,
    inside: Arc<Mutex<Inside>>,
    client: reqwest::Client,
}

impl Gateway {
    /// Opens on loopback; it closes with the test's runtime.
    pub async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let client = crate::wire::builder().pool_max_idle_per_host(0).build().unwrap();
        let gateway = Self { url, inside: Arc::default(), client };
        let router = Router::new().fallback(pass).with_state(gateway.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        gateway
    }

    pub fn lead_to(&self, address: Option<SocketAddr>) {
        self.inside.lock().unwrap().leads_to = address;
    }

    pub fn tamper(&self, tampering: Tampering) {
        self.inside.lock().unwrap().tampering = tampering;
    }

    pub fn traffic(&self) -> Traffic {
        self.inside.lock().unwrap().traffic
    }

    fn note(&self, note: impl FnOnce(&mut Traffic)) {
        note(&mut self.inside.lock().unwrap().traffic);
    }

    async fn send(&self, headers: &HeaderMap, body: Bytes) -> Option<StatusCode> {
        let address = self.inside.lock().unwrap().leads_to?;
        let mut headers = headers.clone();
        // Of another server, and of what may be another body: cut to it, a forged one could be the genuine one again.
        for name in ["host", "content-length"] {
            headers.remove(name);
        }
        let request = self.client.post(format!("http://{address}/webhooks/github")).headers(headers).body(body);
        Some(StatusCode::from_u16(request.send().await.ok()?.status().as_u16()).unwrap())
    }
}

/// Something that would be seen: the words of people turned into other words, under a signature of the old ones.
fn forged(body: &Bytes) -> Bytes {
    let text = String::from_utf8_lossy(body);
    let changed =
        text.replace("\"title\":\"", "\"title\":\"Deploy the forgery ").replace("\"action\":\"", "\"action\":\"closed");
    Bytes::from(format!("{changed} "))
}

async fn pass(State(gateway): State<Gateway>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let tampering = gateway.inside.lock().unwrap().tampering;
    if rand::random_range(0..100) < tampering.forged_percent {
        let answered = gateway.send(&headers, forged(&body)).await;
        gateway.note(|traffic| {
            traffic.forged += 1;
            traffic.refused += usize::from(answered == Some(StatusCode::UNAUTHORIZED));
            traffic.taken_in += usize::from(answered.is_some_and(|status| status.is_success()));
        });
    }
    let doubled = rand::random_range(0..100) < tampering.doubled_percent;
    if doubled {
        gateway.note(|traffic| traffic.doubled += 1);
        gateway.send(&headers, body.clone()).await;
    }
    let answered = gateway.send(&headers, body).await;
    gateway.note(|traffic| {
        traffic.delivered += 1;
        traffic.lost += usize::from(!answered.is_some_and(|status| status.is_success()));
    });
    answered.unwrap_or(StatusCode::BAD_GATEWAY)
}
