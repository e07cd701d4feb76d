//! GitHub's published example payloads as requests that only lack their delivery id.

use std::path::{Path, PathBuf};

use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::Sha256;

/// The webhook secret of every server under test.
pub const SECRET: &str = "measured-not-kept";
/// As many characters as a UUID has.
pub const GUID_LENGTH: usize = 36;

/// One request: the signature covers the body alone, so nothing but the delivery id changes from use to use.
pub struct Prepared {
    /// The head with a placeholder for the delivery id.
    pub head: Vec<u8>,
    /// Where the placeholder begins.
    pub guid_at: usize,
    /// The payload.
    pub body: Vec<u8>,
}

/// The events that the App means something by; GitHub sends an App only what it subscribed to.
pub const EVENTS: [&str; 15] = [
    "check_run",
    "check_suite",
    "installation",
    "installation_repositories",
    "issue_comment",
    "issues",
    "label",
    "pull_request",
    "pull_request_review",
    "pull_request_review_comment",
    "pull_request_review_thread",
    "push",
    "repository",
    "status",
    "workflow_run",
];

/// All examples of these events, in the order in which they are published.
pub fn prepared() -> Vec<Prepared> {
    let path = index();
    let text = std::fs::read(&path).unwrap_or_else(|error| {
        panic!("{} cannot be read ({error}): run tests/run once, or set STATIONMASTER_TEST_DATA", path.display())
    });
    let events: Vec<Value> = serde_json::from_slice(&text).expect("the examples are JSON");
    let of = |event: &Value| -> Vec<Prepared> {
        let name = event["name"].as_str().expect("an event has a name");
        event["examples"].as_array().expect("an event has examples").iter().map(|body| request(name, body)).collect()
    };
    let received = |event: &&Value| EVENTS.iter().any(|name| event["name"] == *name);
    events.iter().filter(received).flat_map(of).collect()
}

fn index() -> PathBuf {
    std::env::var_os("STATIONMASTER_TEST_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-data"), PathBuf::from)
        .join("node_modules/@octokit/webhooks-examples/api.github.com/index.json")
}

fn request(event: &str, payload: &Value) -> Prepared {
    let body = serde_json::to_vec(payload).expect("a value can be written");
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any key will do");
    mac.update(&body);
    let signature = mac.finalize().into_bytes();
    // The headers that GitHub sends, in its order.
    let until_guid = "POST /webhooks/github HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: GitHub-Hookshot/0000000\r\n\
                      Accept: */*\r\nX-GitHub-Delivery: ";
    let head = format!(
        "{until_guid}{:0GUID_LENGTH$}\r\nX-GitHub-Event: {event}\r\nX-GitHub-Hook-ID: 1\r\n\
         X-Hub-Signature-256: sha256={signature:x}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        0,
        body.len()
    );
    Prepared { guid_at: until_guid.len(), head: head.into_bytes(), body }
}

/// How the delivery ids are made.
#[derive(Clone, Copy)]
pub enum Guids {
    /// UUIDs of version 1, as GitHub's documentation shows them: their first digits are the clock's.
    TimeBased,
    /// UUIDs of version 4, whose order tells nothing: the worst case for an index.
    Random,
}

impl Guids {
    /// The id for a counter; no two counters share one.
    pub fn of(self, counter: u64) -> String {
        let mixed = mix(counter);
        match self {
            Self::TimeBased => {
                // One delivery every 50 µs, in the 100 ns since 1582 that such ids count.
                let ticks = 0x01f0_c6a2_72d3_162e + counter * 500;
                let (low, middle, high) = (ticks & 0xffff_ffff, ticks >> 32 & 0xffff, ticks >> 48 & 0xfff);
                format!("{low:08x}-{middle:04x}-1{high:03x}-8{:03x}-{:012x}", mixed >> 48 & 0xfff, mixed >> 16)
            }
            Self::Random => {
                let (first, second) = (mixed >> 32, mixed >> 16 & 0xffff);
                format!("{first:08x}-{second:04x}-4{:03x}-8{:03x}-{counter:012x}", mixed & 0xfff, mixed >> 12 & 0xf)
            }
        }
    }
}

/// The finalizer of `SplitMix64` (<https://prng.di.unimi.it/splitmix64.c>), which maps no two numbers to one.
fn mix(counter: u64) -> u64 {
    let state = counter.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let state = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ state >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ state >> 31
}
