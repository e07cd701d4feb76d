//! Who sees and may do what.

use stationmaster::simulator::github::Permission;

use super::{Place, Tab, in_browser};
use crate::world::REPOSITORY;

/// Every page that somebody who reads can open.
const PAGES: &[&str] =
    &["/", "/pulls", "/queue", "/releases", "/workers", "/learnings", "/charts", "/rules", "/audit", "/api"];

in_browser! {
    async fn whoever_has_no_permission_sees_and_can_do_nothing(place: &Place) {
        place.github.set_private(REPOSITORY, true).unwrap();
        place.github.add_user("mallory");
        let server = place.serve().await;
        place.carded(place.open_issue("Deploy the secret plan")).await;
        let tab = Tab::open(&server).await;
        for path in PAGES {
            tab.goes_to(path).await;
            assert!(tab.path().await.starts_with("/sign-in"), "{path} is shown to strangers: {}", tab.path().await);
        }
        tab.is_accessible().await;
        tab.is_pictured("sign-in").await;
        tab.signs_in_as("mallory").await;
        for path in PAGES {
            tab.goes_to(path).await;
            tab.sees_no("secret plan").await;
            tab.sees_no(REPOSITORY).await;
        }
        for path in ["/tasks/octo/station/1", "/releases/octo/station/prod", "/inbox", "/outbox", "/outbox?state=dead"] {
            tab.goes_to(path).await;
            tab.sees("Nothing here").await;
            tab.sees_no("secret plan").await;
        }
        // The form of a page that they do see, sent to a task that they do not.
        tab.goes_to("/").await;
        tab.runs(
            "const form = document.querySelector(\"form[action='/sign-out']\"); form.action = '/tasks/octo/station/1'; \
             const ask = document.createElement('input'); ask.name = 'ask'; ask.value = 'cancel'; form.append(ask); \
             form.submit()",
        )
        .await;
        tab.sees("Nothing here").await;
        place.rest().await;
        assert_eq!(place.github.issue(REPOSITORY, 1).unwrap().state, "open", "nothing was done");
        tab.close().await;
    }

    async fn whoever_reads_is_offered_nothing_to_do(place: &Place) {
        place.github.add_user("rita");
        place.github.set_permission(REPOSITORY, "rita", Permission::Read).unwrap();
        let server = place.serve().await;
        place.carded(place.open_issue("Deploy v2.0")).await;
        let tab = Tab::open(&server).await;
        tab.signs_in_as("rita").await;
        tab.goes_to("/tasks/octo/station/1").await;
        tab.sees("Deploy v2.0").await;
        assert_eq!(tab.count("main form[method=post]").await, 0, "{}", tab.text().await);
        tab.close().await;
    }

    async fn every_page_is_accessible_and_fits_a_phone(place: &Place) {
        let server = place.serve().await;
        place.carded(place.open_issue("Deploy v2.0")).await;
        place.carded(place.open_issue("Fix the timetable")).await;
        let tab = Tab::open(&server).await;
        tab.signs_in_as("alice").await;
        for path in PAGES.iter().filter(|path| **path != "/api") {
            tab.goes_to(path).await;
            tab.sees("alice").await;
            tab.is_accessible().await;
            tab.fits_a_phone().await;
            let name = path.trim_start_matches('/');
            tab.is_pictured(&format!("page-{}", if name.is_empty() { "board" } else { name })).await;
        }
        tab.close().await;
    }
}
