//! Lets a test see every request before and after it is done, and hold its sender there, as if the line went dead.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// How far a request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// It has arrived in full; nothing is done yet.
    Arrived,
    /// It is done; nothing is answered yet.
    Done,
}

/// A request that passes.
#[derive(Debug, Clone, Copy)]
pub struct Passing<'a> {
    /// Its method.
    pub method: &'a str,
    /// Its path, with the query.
    pub target: &'a str,
    /// Its body.
    pub body: &'a [u8],
    /// How far it has come.
    pub moment: Moment,
}

/// Says whether a request is held: it is then neither carried on with nor answered, until its sender hangs up.
pub type Watch = Arc<dyn Fn(&Passing<'_>) -> bool + Send + Sync>;

/// Where whoever watches stands.
#[derive(Default)]
pub(super) struct Post(Mutex<Option<Watch>>);

impl fmt::Debug for Post {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Post").finish_non_exhaustive()
    }
}

impl Post {
    pub(super) fn set(&self, watch: Option<Watch>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = watch;
    }

    /// Returns when the request may go on, which may be never.
    pub(super) async fn pass(&self, passing: &Passing<'_>) {
        let watch = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if watch.is_some_and(|watch| watch(passing)) {
            std::future::pending::<()>().await;
        }
    }
}
