//! `audit`: who did what, as the command line lists it.

use serde_json::{Value, json};
use stationmaster::model::{Door, InstallationId, Number, RepositoryId, RepositoryName, Subject};
use stationmaster::store::{AuditEntry, RepositoryUpdate};

use super::{Place, on_both, text};
use crate::world::REPOSITORY;

const KNOWN: RepositoryId = RepositoryId(1000);

/// Writes lines about an issue, a pull request of another number, and nothing at all.
async fn something_happened(place: &Place) {
    let store = place.store().await;
    let name: RepositoryName = REPOSITORY.parse().unwrap();
    store.note_repositories(&[RepositoryUpdate::Seen(KNOWN, name, InstallationId(1))]).await.unwrap();
    let (issue, pull) = (Subject::Issue(KNOWN, Number(12)), Subject::Pull(KNOWN, Number(13)));
    let lines = [
        ("stationmaster", Some(&issue), "decision", "octo/station#12 is ready.", None),
        ("worker builder-1", Some(&issue), "claim", "builder-1 claimed it.", Some(Door::Api)),
        ("@alice", Some(&pull), "ask", "It is held.", Some(Door::Github)),
        ("cli", None, "replay", "Delivery 7 was replayed.", None),
    ];
    for (actor, subject, kind, summary, door) in lines {
        let subject = subject.map(Subject::to_string);
        let entry = AuditEntry { actor, subject, kind, summary, door, ..AuditEntry::default() };
        store.audit(&entry).await.unwrap();
    }
    store.database().close().await;
}

/// The kinds of the lines that are listed with these filters.
async fn kinds(place: &Place, filters: &[&str]) -> Vec<String> {
    let output = place.command(&[&["audit", "--json"], filters].concat()).await;
    assert!(output.status.success(), "{filters:?}: {}", text(&output.stderr));
    let lines = text(&output.stdout).lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.map(|line| line["kind"].as_str().unwrap().to_owned()).collect()
}

on_both! {
    async fn each_filter_leaves_what_it_says_the_newest_first(place: &Place) {
        something_happened(place).await;
        assert_eq!(kinds(place, &[]).await, ["replay", "ask", "claim", "decision"]);
        let cases: &[(&[&str], &[&str])] = &[
            (&["--repo", REPOSITORY], &["ask", "claim", "decision"]),
            (&["--item", "octo/station#12"], &["claim", "decision"]),
            (&["--item", "octo/station#13"], &["ask"]),
            (&["--item", "octo/station#14"], &[]),
            (&["--actor", "worker builder-1"], &["claim"]),
            (&["--kind", "ask"], &["ask"]),
            (&["--door", "github"], &["ask"]),
            (&["--from", "2020-01-01", "--limit", "2"], &["replay", "ask"]),
            (&["--until", "2020-01-01T00:00:00Z"], &[]),
            (&["--from", "2999-01-01"], &[]),
        ];
        for (filters, expected) in cases {
            assert_eq!(kinds(place, filters).await, *expected, "{filters:?}");
        }
    }

    async fn a_line_names_its_subject_as_people_do(place: &Place) {
        something_happened(place).await;
        let output = place.command(&["audit", "--kind", "claim", "--json"]).await;
        let mut line: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(line["at"].take().as_str().unwrap().ends_with('Z'));
        let expected = json!({
            "at": null, "actor": "worker builder-1", "door": "api", "about": "octo/station#12", "kind": "claim",
            "decision": null, "summary": "builder-1 claimed it.",
        });
        assert_eq!(line, expected);
        let output = place.command(&["audit"]).await;
        let shown = text(&output.stdout);
        for words in ["@alice", "octo/station#13", "It is held.", "Delivery 7 was replayed."] {
            assert!(shown.contains(words), "{words:?} is missing:\n{shown}");
        }
        let none = place.command(&["audit", "--kind", "nonsense"]).await;
        assert_eq!(text(&none.stdout), "The audit has no such lines.\n");
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_what_could() {
    let place = Place::start(crate::world::On::Sqlite).await;
    let cases: &[(&[&str], &[&str])] = &[
        (&["--from", "yesterday"], &["--from", "yesterday", "2026-12-24T18:00:00Z"]),
        (&["--door", "window"], &["--door", "window", "github, api, page, ntfy, cli, clock"]),
        (&["--limit", "0"], &["--limit"]),
        (&["--item", "12"], &["--item", "owner/name#12"]),
        (&["--item", "octo/station#1", "--repo", REPOSITORY], &["--item", "--repo"]),
    ];
    for (filters, words) in cases {
        let output = place.command(&[&["audit"], *filters].concat()).await;
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{filters:?}: {told}");
        for word in *words {
            assert!(told.contains(word), "{word:?} is missing after {filters:?}:\n{told}");
        }
    }
    let output = place.command(&["audit", "--repo", "octo/nowhere"]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("nothing is known of octo/nowhere"));
}
