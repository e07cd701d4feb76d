//! Work goes on beside a renewal, and stands still once its lease has run out until the claim is known to be held still.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::{Term, holding, holding_strictly};

/// A claim that was made so long ago that it has run out.
fn run_out() -> Term {
    Term { since: Instant::now().checked_sub(Duration::from_mins(1)).unwrap(), lease_ms: 5_000 }
}

#[tokio::test]
async fn work_whose_lease_has_run_out_and_was_taken_over_does_not_go_on() {
    let did = RefCell::new(false);
    let done = holding_strictly(run_out(), async || Ok(false), async { *did.borrow_mut() = true }).await;
    assert_eq!(done, None);
    assert!(!*did.borrow(), "not a single step was made");
}

#[tokio::test]
async fn work_whose_lease_has_run_out_goes_on_once_the_claim_is_renewed() {
    let steps = RefCell::new(Vec::new());
    let renew = async || {
        steps.borrow_mut().push("renewed");
        Ok(true)
    };
    let done = holding_strictly(run_out(), renew, async {
        steps.borrow_mut().push("worked");
        7
    });
    assert_eq!(done.await, Some(7));
    assert_eq!(*steps.borrow(), ["renewed", "worked"]);
}

#[tokio::test]
async fn work_that_is_overtaken_in_the_middle_stops_there() {
    let steps = RefCell::new(0);
    let done = holding(30, async || Ok(false), async {
        *steps.borrow_mut() += 1;
        std::future::pending::<()>().await;
        *steps.borrow_mut() += 1;
    });
    assert_eq!(done.await, None);
    assert_eq!(*steps.borrow(), 1);
}

/// The renewal waits for a row that the work has locked, and the work must not wait for the renewal.
#[tokio::test]
async fn a_renewal_that_waits_for_the_work_does_not_keep_it_from_ending() {
    let (began, ended) = (Notify::new(), Notify::new());
    let renew = async || {
        began.notify_one();
        ended.notified().await;
        Ok(true)
    };
    let work = async {
        began.notified().await;
        ended.notify_one();
        "committed"
    };
    assert_eq!(holding(30, renew, work).await, Some("committed"));
}
