//! The board, and a task from it.

use super::{Place, Tab, in_browser};
use crate::world::REPOSITORY;

in_browser! {
    async fn a_task_that_comes_appears_on_the_board_by_itself(place: &Place) {
        let server = place.serve().await;
        let tab = Tab::open(&server).await;
        // The App's installation has to be known before anybody sees a repository.
        place.rest().await;
        tab.signs_in_as("alice").await;
        tab.sees("No task is here yet").await;
        tab.is_accessible().await;
        place.open_issue("Deploy v2.0 <script>document.title = 'broken in'</script>");
        tab.sees(&format!("{REPOSITORY}#1")).await;
        tab.sees("<script>document.title").await;
        assert_ne!(tab.runs("return document.title").await, "broken in");
        tab.is_accessible().await;
        tab.fits_a_phone().await;
        tab.is_pictured("board").await;
        tab.close().await;
    }

    async fn a_task_is_found_by_typing_and_steered_from_its_page(place: &Place) {
        let server = place.serve().await;
        for title in ["Fix the timetable", "Fix the signal", "Deploy v2.0"] {
            let number = place.open_issue(title);
            place.carded(number).await;
        }
        let tab = Tab::open(&server).await;
        tab.signs_in_as("alice").await;
        tab.sees("Fix the timetable").await;
        tab.types("#q", "signal").await;
        tab.sees_no_more("Fix the timetable").await;
        assert!(tab.path().await.contains("q=signal"), "the address can be kept: {}", tab.path().await);
        tab.clicks("#board a.title").await;
        tab.sees("Fix the signal").await;
        tab.is_accessible().await;
        tab.is_pictured("task").await;
        tab.chooses("#level-priority", "critical").await;
        tab.clicks("form:has(#level-priority) button").await;
        tab.sees("Done").await;
        let is_critical = |view: &stationmaster::simulator::github::View<'_>| {
            view.issue(REPOSITORY, 2).is_some_and(|issue| issue.labels.contains(&"priority/critical".to_owned()))
        };
        place.github.wait_until("the label", super::PATIENCE, is_critical).await.unwrap();
        tab.fits_a_phone().await;
        tab.close().await;
    }

    async fn everything_is_reached_by_the_keyboard(place: &Place) {
        let server = place.serve().await;
        place.carded(place.open_issue("Fix the timetable")).await;
        let tab = Tab::open(&server).await;
        tab.signs_in_as("alice").await;
        tab.goes_to("/").await;
        tab.presses("\u{e004}").await; // Tab
        tab.presses("\u{e007}").await; // Enter follows the link past the navigation
        assert_eq!(tab.runs("return document.activeElement.id").await, "main");
        let focused = "return document.activeElement.className";
        let mut presses = 0;
        while tab.runs(focused).await != "title" {
            tab.presses("\u{e004}").await;
            presses += 1;
            assert!(presses < 60, "no card is reached by the Tab key");
        }
        tab.presses("\u{e007}").await;
        tab.sees("Fix the timetable").await;
        assert!(tab.path().await.starts_with("/tasks/octo/station/1"), "{}", tab.path().await);
        tab.close().await;
    }
}
