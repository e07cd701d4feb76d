//! The primary rate limit: so many requests an hour for each installation.

use std::collections::{HashMap, VecDeque};

use crate::model::Timestamp;

const WINDOW_S: i64 = 3600;
const MINUTE_MS: i64 = 60_000;

/// Who is counted together: an installation, or the App's own JSON web tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bucket {
    App,
    Installation(i64),
}

/// One hour's account.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    pub limit: i64,
    pub used: i64,
    pub reset: Timestamp,
}

impl Window {
    pub fn remaining(&self) -> i64 {
        (self.limit - self.used).max(0)
    }

    pub fn headers(&self) -> Vec<(&'static str, String)> {
        vec![
            ("x-ratelimit-limit", self.limit.to_string()),
            ("x-ratelimit-remaining", self.remaining().to_string()),
            ("x-ratelimit-used", self.used.to_string()),
            ("x-ratelimit-reset", self.reset.seconds().to_string()),
            ("x-ratelimit-resource", "core".to_owned()),
        ]
    }
}

/// The windows of all callers.
#[derive(Debug)]
pub struct Limits {
    pub limit: i64,
    windows: HashMap<Bucket, Window>,
    /// How much content an installation may create in a minute, where the owner wants that refused at all.
    pub content_per_minute: Option<usize>,
    created: HashMap<Bucket, VecDeque<Timestamp>>,
}

impl Default for Limits {
    /// <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#primary-rate-limit-for-github-app-installations>
    fn default() -> Self {
        Self { limit: 5000, windows: HashMap::new(), content_per_minute: None, created: HashMap::new() }
    }
}

impl Limits {
    /// The present window of a caller, begun afresh when the last one has passed.
    pub fn window(&mut self, bucket: Bucket, now: Timestamp) -> &mut Window {
        let fresh = Window { limit: self.limit, used: 0, reset: Timestamp::from_seconds(now.seconds() + WINDOW_S) };
        let window = self.windows.entry(bucket).or_insert(fresh);
        if window.reset.seconds() <= now.seconds() {
            *window = fresh;
        }
        window
    }

    /// Sets what is left in every window from now on, for installations known and to come.
    pub fn set(&mut self, limit: i64, remaining: i64, now: Timestamp, buckets: &[Bucket]) {
        self.limit = limit;
        for bucket in buckets {
            let window = self.window(*bucket, now);
            window.limit = limit;
            window.used = limit - remaining;
        }
    }

    /// Counts one creation of content, or says in how many seconds the next is allowed.
    ///
    /// <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits>
    pub fn count_content(&mut self, bucket: Bucket, now: Timestamp) -> Result<(), u32> {
        let Some(most) = self.content_per_minute else { return Ok(()) };
        let created = self.created.entry(bucket).or_default();
        while created.front().is_some_and(|at| now.since_ms(*at) >= MINUTE_MS) {
            created.pop_front();
        }
        match created.front() {
            Some(oldest) if created.len() >= most => {
                let left_ms = MINUTE_MS - now.since_ms(*oldest);
                Err(u32::try_from(left_ms.div_euclid(1000) + 1).unwrap_or(60))
            }
            Some(_) | None => {
                created.push_back(now);
                Ok(())
            }
        }
    }

    /// Empties one caller's window until `reset`.
    pub fn exhaust(&mut self, bucket: Bucket, now: Timestamp, reset: Timestamp) -> Window {
        let window = self.window(bucket, now);
        window.used = window.limit;
        window.reset = reset;
        *window
    }
}
