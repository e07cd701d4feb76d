//! The order as a whole: what it says, and when there is none.

use stationmaster::decide::release_pull::{plan, version_of_title, wanted_files};
use stationmaster::model::{ReleasePull, ReleaseSnapshot, Sha, Timestamp};
use stationmaster::policy::ReleaseSettings;

use super::scene::*;

fn both() -> ReleaseSettings {
    ReleaseSettings { changelog: Some("CHANGELOG.md".to_owned()), ..versions_in(&["package.json"]) }
}

fn shop() -> ReleaseSnapshot {
    branch_with(&[("CHANGELOG.md", Some("# Changelog\n")), ("package.json", Some("{\"version\": \"1.1.9\"}"))])
}

/// The snapshot after the order was written, or refused.
fn written(mut snapshot: ReleaseSnapshot, refused: Option<&str>) -> ReleaseSnapshot {
    let order = ordered(&snapshot, &both(), &next("1.2.0"));
    let refused = refused.map(str::to_owned);
    snapshot.record.pull = Some(ReleasePull { number: None, tag: order.tag, digest: order.digest, refused });
    snapshot
}

#[test]
fn the_order_says_what_is_written_where() {
    let order = ordered(&shop(), &both(), &next("1.2.0"));
    assert_eq!(order.base.as_str(), "dev");
    assert_eq!(order.base_sha.as_str(), "1a2b3c4d5e6f");
    assert_eq!(order.branch.as_str(), "stationmaster/release/dev");
    assert_eq!((order.title.as_str(), order.message.as_str()), ("Release v1.2.0", "Release v1.2.0"));
    assert_eq!(order.tag.as_str(), "v1.2.0");
    assert!(order.body.starts_with("**Merging this releases `v1.2.0`.**"), "{}", order.body);
    assert!(order.body.contains("`release/major`"), "{}", order.body);
    assert!(order.body.ends_with("- Carts ([#12](https://github.com/acme/shop/pull/12))"), "{}", order.body);
    let paths: Vec<&str> = order.files.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["CHANGELOG.md", "package.json"]);
    assert_eq!(order.digest.len(), 64);
}

#[test]
fn it_is_written_once_until_something_changes() {
    let settled = written(shop(), None);
    assert_eq!(plan(&settled, &both(), &next("1.2.0")), Ok(None));

    let mut tomorrow = next("1.2.0");
    tomorrow.today = Timestamp::parse_rfc3339("2026-11-22T00:00:01Z").unwrap();
    assert_eq!(plan(&settled, &both(), &tomorrow), Ok(None), "a new day alone is no reason");

    let mut moved = settled.clone();
    moved.tip = Some(Sha::from("999"));
    assert_eq!(ordered(&moved, &both(), &next("1.2.0")).base_sha.as_str(), "999");

    ordered(&settled, &both(), &next("2.0.0"));
    let mut more = next("1.2.0");
    more.notes.push_str("- Tills\n");
    ordered(&settled, &both(), &more);

    let refused = written(shop(), Some("Resource not accessible by integration"));
    let again = ordered(&refused, &both(), &next("1.2.0"));
    assert_eq!(again.digest, refused.record.pull.unwrap().digest, "the key of its action stays the same");
}

#[test]
fn nothing_is_ordered_where_nothing_is_asked_for() {
    assert_eq!(plan(&shop(), &ReleaseSettings::default(), &next("1.2.0")), Ok(None));
    let mut empty = shop();
    empty.tip = None;
    assert_eq!(plan(&empty, &both(), &next("1.2.0")), Ok(None));
}

#[test]
fn a_version_that_people_wrote_already_is_ordered_all_the_same() {
    let snapshot = branch_with(&[("package.json", Some("{\"version\": \"1.2.0\"}"))]);
    let order = ordered(&snapshot, &versions_in(&["package.json"]), &next("1.2.0"));
    assert_eq!(order.files, [("package.json".to_owned(), "{\"version\": \"1.2.0\"}".to_owned())]);
}

#[test]
fn every_fault_of_every_file_is_told_at_once() {
    let settings = ReleaseSettings {
        changelog: Some("CHANGELOG.md".to_owned()),
        ..versions_in(&["package.json", "setup.py", "Cargo.toml", "web/package.json"])
    };
    let snapshot = branch_with(&[
        ("package.json", Some("{}")),
        ("Cargo.toml", None),
        ("web/package.json", Some("{\"version\":1}")),
    ]);
    let told = plan(&snapshot, &settings, &next("1.2.0")).unwrap_err();
    let expected = [
        "CHANGELOG.md: it was not read",
        "setup.py: no version can be written to a file of this name: expected Cargo.toml, package.json, pyproject.toml, \
         Cargo.lock or package-lock.json; take it out of `version_files`",
        "Cargo.toml: there is no such file on the release branch: expected a file that states the version; add it there, \
         or take it out of `version_files`",
        "package.json: no version is stated",
        "web/package.json:1:12: the version is no text",
    ];
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(expected), "{told}\n  expected: {expected}");
    }
}

#[test]
fn notes_that_are_longer_than_a_pull_requests_text_are_cut_at_a_line() {
    let mut next = next("1.2.0");
    next.notes = "- A change that is described at length, with an é in it\n".repeat(3000);
    let order = ordered(&shop(), &both(), &next);
    assert!(order.body.chars().count() < 65_536);
    let end = "with an é in it\n\nThe notes are longer than fits here; `CHANGELOG.md` has all of them.";
    assert!(order.body.ends_with(end));
    assert_eq!(order.files[0].1.matches("- A change").count(), 3000);
}

#[test]
fn files_to_read_are_named_once() {
    let mut settings = versions_in(&["Cargo.toml", "Cargo.lock", "Cargo.toml"]);
    assert_eq!(wanted_files(&settings), ["Cargo.toml", "Cargo.lock"]);
    settings.changelog = Some("docs/CHANGELOG.md".to_owned());
    assert_eq!(wanted_files(&settings), ["docs/CHANGELOG.md", "Cargo.toml", "Cargo.lock"]);
    assert!(wanted_files(&ReleaseSettings::default()).is_empty());
}

#[test]
fn the_title_of_a_landed_release_pull_names_its_version() {
    let rows = [
        ("Release v1.2.0", "v", Some("1.2.0")),
        ("Release v1.2.0 (#12)", "v", Some("1.2.0")),
        (" Release v1.2.0-rc.1 ", "v", Some("1.2.0-rc.1")),
        ("Release 1.2.0", "", Some("1.2.0")),
        ("Release shop-1.2.0", "shop-", Some("1.2.0")),
        ("Release 1.2.0", "v", None),
        ("Release v1.2", "v", None),
        ("Release v1.2.0 and more", "v", None),
        ("Release v1.2.0 (#12) again", "v", None),
        ("Release", "v", None),
        ("Revert \"Release v1.2.0\"", "v", None),
    ];
    for (title, prefix, expected) in rows {
        let version = version_of_title(title, prefix).map(|version| version.to_string());
        assert_eq!(version.as_deref(), expected, "{title}");
    }
}
