//! `why --replay` and `replay` beside a running server.

use std::fs;

use super::{Place, on_both, text};
use crate::world::{REPOSITORY, within};

on_both! {
    async fn a_decision_is_made_again_on_the_command_line(place: &Place) {
        let server = place.serve().await;
        let number = place.github.open_issue(REPOSITORY, "alice", "Deploy v2.0 to production", "").unwrap();
        let item = format!("{REPOSITORY}#{number}");
        let routed = || place.github.issue(REPOSITORY, number.0).is_some_and(|issue| issue.labels.iter().any(|label| label == "type/deployment"));
        within("the issue is routed", async { while !routed() { tokio::task::yield_now().await; } }).await;
        let why = async |more: &[&str]| place.command(&[&["why", item.as_str(), "--replay"], more].concat()).await;

        let same = why(&[]).await;
        assert!(same.status.success(), "{}", text(&same.stderr));
        assert!(text(&same.stdout).contains(": the same ("), "{}", text(&same.stdout));
        let all = why(&["--all"]).await;
        assert!(text(&all.stdout).lines().all(|line| line.contains(": the same (")), "{}", text(&all.stdout));

        let rules = place.folder.path().join("other");
        fs::create_dir(&rules).unwrap();
        fs::write(rules.join("routing.toml"), "[[rule]]\nname = \"anything\"\ntitle = \"(?i)deploy\"\ntype = \"research\"\npriority = 99\n").unwrap();
        let other = why(&["--decision", "1", "--rules", rules.to_str().unwrap()]).await;
        let said = text(&other.stdout);
        assert!(said.contains("otherwise, by another policy (it was made by the one with fingerprint "), "{said}{}", text(&other.stderr));
        assert!(said.contains("- was: ") && said.contains("- now: ") && said.contains("a new reason: rule `anything`"), "{said}");

        let none = why(&["--decision", "99"]).await;
        assert!(!none.status.success() && text(&none.stderr).contains("there is no decision 99 on octo/station#1 in the audit"), "{}", text(&none.stderr));
        let counted = place.command(&["replay", "--since", "24h"]).await;
        assert!(counted.status.success(), "{}", text(&counted.stderr));
        assert!(text(&counted.stdout).contains("made again: ") && text(&counted.stdout).contains(" the same."), "{}", text(&counted.stdout));
        let wrong = place.command(&["replay", "--since", "soon"]).await;
        assert!(text(&wrong.stderr).contains("no span of time such as 30m, 24h or 7d"), "{}", text(&wrong.stderr));
        drop(server);
    }
}
