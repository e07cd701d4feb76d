//! What runs where, and who lets it.

use stationmaster::simulator::github::{CheckApp, NewPull, Permission, View};

use super::{PATIENCE, Place, Server, Tab, in_browser};
use crate::world::REPOSITORY;
use crate::world_releases::{HOOK_KEY, Town};

/// A server, and a version of alice's that runs in `qa` and waits for approval before `prod`.
async fn waits_for_approval(place: &Place) -> (Server, Town) {
    let town = Town::open().await;
    for (login, permission) in [("carol", Permission::Write), ("bob", Permission::Triage)] {
        place.github.add_user(login);
        place.github.set_permission(REPOSITORY, login, permission).unwrap();
    }
    let policy = [(".github/stationmaster.toml", Some(town.policy("", "").into_bytes()))];
    place.github.commit_files(REPOSITORY, "octo", "main", &policy, "Release and deploy").unwrap();
    let server = place.serve_with(&[(HOOK_KEY, "a key for tests")]).await;
    let files = [("signals.md", Some(b"Red means stop.\n".to_vec()))];
    let head = place.github.commit_files(REPOSITORY, "alice", "signals", &files, "feat: signals").unwrap();
    let (title, branch, base) = ("feat: signals".to_owned(), "signals".to_owned(), "main".to_owned());
    let pull = NewPull { title, head: branch, base, ..NewPull::default() };
    let number = place.github.open_pull(REPOSITORY, "alice", pull).unwrap();
    passes(place, &head);
    let merged = |view: &View<'_>| view.pull(REPOSITORY, number.0).is_some_and(|pull| pull.merge_sha.is_some());
    place.github.wait_until("it is merged", PATIENCE, merged).await.unwrap();
    passes(place, &place.github.head_of(REPOSITORY, "main").unwrap());
    (server, town)
}

fn passes(place: &Place, sha: &str) {
    let check = place.github.start_check(REPOSITORY, sha, CheckApp::actions(), "build").unwrap();
    place.github.finish_check(check, "success").unwrap();
}

in_browser! {
    async fn a_version_waits_until_somebody_else_approves_it_and_can_be_gone_back_from(place: &Place) {
        let (server, town) = waits_for_approval(place).await;
        let tab = Tab::open(&server).await;
        tab.signs_in_as("alice").await;
        tab.goes_to("/releases/octo/station/prod").await;
        tab.sees("v0.1.0 waits for approval").await;
        assert_eq!(tab.count("button[value=approve]").await, 0, "it is her own work");
        tab.close().await;

        let tab = Tab::open(&server).await;
        tab.signs_in_as("carol").await;
        tab.goes_to("/releases").await;
        tab.sees("v0.1.0").await;
        tab.is_accessible().await;
        tab.fits_a_phone().await;
        tab.is_pictured("releases").await;
        tab.goes_to("/releases/octo/station/prod").await;
        tab.is_accessible().await;
        tab.is_pictured("environment").await;
        assert_eq!(town.runs("prod"), None);
        tab.clicks("button[value=approve]").await;
        // It is told by the page itself, which nobody loads again.
        tab.sees_that("#standing", "v0.1.0").await;
        tab.sees_that("#standing", "verified").await;
        assert_eq!(town.runs("prod").as_deref(), Some("v0.1.0"));
        tab.close().await;
    }

    async fn a_form_that_has_become_old_does_nothing(place: &Place) {
        let (server, town) = waits_for_approval(place).await;
        let (tab, other) = (Tab::open(&server).await, Tab::open(&server).await);
        for one in [&tab, &other] {
            one.signs_in_as("carol").await;
            one.goes_to("/releases/octo/station/prod").await;
            one.sees("waits for approval").await;
        }
        // This one keeps its form, as a browser does that has slept for long.
        other.runs("document.body.append(document.querySelector('form:has(button[value=approve])'))").await;
        tab.types("#reject-why", "not on a Friday").await;
        tab.clicks("button[value=reject]").await;
        tab.sees("not on a Friday").await;
        other.clicks("body > form button[value=approve]").await;
        other.sees("Out of date").await;
        assert_eq!(town.runs("prod"), None);
        tab.close().await;
        other.close().await;
    }
}
