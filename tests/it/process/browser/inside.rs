//! The server's own lists: what was given up is tried again; and the playground for rules.

use stationmaster::simulator::github::{Fault, FaultKind, View};

use super::{PATIENCE, Place, Tab, in_browser};
use crate::world::{API_TOKEN, REPOSITORY};

in_browser! {
    async fn a_dead_letter_says_why_and_is_tried_again(place: &Place) {
        let message = "The card is too pretty".to_owned();
        let refusal = FaultKind::Refusal { status: 422, message };
        place.github.inject(Fault::new("/issues/1/comments", refusal).method("POST"));
        let server = place.serve().await;
        place.open_issue("Deploy v2.0");
        place.told(1).await;
        place.rest().await;
        assert!(place.github.issue(REPOSITORY, 1).unwrap().comments.is_empty());
        let tab = Tab::open(&server).await;
        tab.signs_in_with(API_TOKEN).await;
        tab.goes_to("/outbox?state=dead").await;
        tab.sees("write_card").await;
        tab.is_accessible().await;
        tab.fits_a_phone().await;
        tab.is_pictured("outbox").await;
        tab.opens("write_card").await;
        tab.sees("The card is too pretty").await;
        tab.is_accessible().await;
        tab.clicks("form[action='/outbox/retry'] button").await;
        let commented = |view: &View<'_>| view.issue(REPOSITORY, 1).is_some_and(|issue| !issue.comments.is_empty());
        place.github.wait_until("the card", PATIENCE, commented).await.unwrap();
        tab.goes_to("/inbox").await;
        tab.sees("issues").await;
        tab.is_accessible().await;
        tab.is_pictured("inbox").await;
        tab.close().await;
    }

    async fn the_playground_says_while_one_types_which_rule_wins(place: &Place) {
        let server = place.serve().await;
        place.rest().await;
        let tab = Tab::open(&server).await;
        tab.signs_in_as("alice").await;
        tab.goes_to("/rules").await;
        tab.is_accessible().await;
        tab.types("#title", "Deploy v2.0 to production").await;
        tab.sees_that("#answer mark", "Deploy").await;
        tab.sees_that("#answer", "deployment_worker").await;
        tab.types("#title", "Hotfix: deploy is stuck").await;
        tab.sees_that("#answer mark", "Hotfix").await;
        tab.is_accessible().await;
        tab.fits_a_phone().await;
        tab.is_pictured("rules").await;
        tab.close().await;
    }
}
