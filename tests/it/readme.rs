//! What the README and the App's manifest say is so.

use std::path::{Path, PathBuf};

use stationmaster::config::settings_table_markdown;
use stationmaster::decide::commands_markdown;
use stationmaster::model::{EventName, Parsed};
use stationmaster::simulator::github::Access;

use crate::world::{On, REPOSITORY, World, scenarios};

/// A part of the README that is made from what the program reads: its markers name it.
fn expect_made(name: &str, made: &str) {
    let (begin, end) =
        (format!("<!-- {name}: made by `cargo test`, see tests/it/readme.rs -->\n"), format!("<!-- end of {name} -->"));
    let path = root().join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once(&begin).expect("the README has no such part");
    let (shown, after) = rest.split_once(&end).expect("the part of the README has no end");
    let wanted = format!("\n{made}\n");
    if shown != wanted {
        if std::env::var_os("CI").is_none() {
            std::fs::write(&path, format!("{before}{begin}{wanted}{end}{after}")).unwrap();
        }
        panic!("the README's {name} were old; they are written anew, commit them");
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

#[test]
fn the_readmes_table_of_settings_is_the_one_that_is_parsed() {
    expect_made("settings", &settings_table_markdown());
}

#[test]
fn the_readmes_tables_of_commands_are_those_that_are_parsed() {
    expect_made("commands", &commands_markdown());
}

#[test]
fn every_file_that_the_readme_links_to_is_there() {
    for page in ["README.md", "src/README.md", ".github/CONTRIBUTING.md"] {
        let text = std::fs::read_to_string(root().join(page)).unwrap();
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.starts_with("http")) {
            let folder = root().join(page).parent().unwrap().to_owned();
            assert!(folder.join(target).exists(), "{page} links to {target}, which is not there");
        }
    }
}

/// Lines of a block of the manifest, without comments: enough for the plain lists and pairs that it holds.
fn manifest_block(name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join("app-manifest.yml")).unwrap();
    text.lines()
        .skip_while(|line| *line != format!("{name}:"))
        .skip(1)
        .take_while(|line| line.starts_with(' ') || line.is_empty())
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_event_of_the_manifest_is_understood() {
    let events = manifest_block("default_events");
    assert_eq!(events.len(), 13, "{events:?}");
    for event in events {
        let name = event.trim_start_matches("- ").to_owned();
        let body = br#"{"action":"renamed","ref":"refs/heads/main","issue":{"number":1},
                        "parent_issue":{"number":1},"sub_issue":{"number":2},
                        "blocked_issue":{"number":1},"blocking_issue":{"number":2},
                        "pull_request":{"number":1},"check_run":{"head_sha":"a1"},"check_suite":{"head_sha":"a1"},
                        "workflow_run":{"head_sha":"a1"},"sha":"a1","state":"success",
                        "deployment":{"environment":"qa"},"deployment_status":{"state":"success"},
                        "repository":{"id":1,"full_name":"octo/station"}}"#;
        let parsed = stationmaster::receive::parse(&EventName(name.clone()), body).unwrap();
        assert!(matches!(parsed, Parsed::Known(_)), "{name} is subscribed to and means nothing");
    }
}

scenarios! {
    async fn the_manifests_permissions_are_enough(world: &World) {
        let permissions = manifest_block("default_permissions");
        let granted: Vec<(&str, Access)> = permissions
            .iter()
            .map(|line| {
                let (name, access) = line.split_once(": ").unwrap();
                (name, if access == "write" { Access::Write } else { Access::Read })
            })
            .collect();
        assert_eq!(granted.len(), 8, "{granted:?}");
        world.github.set_installation_permissions("octo", &granted).unwrap();
        let workflow = "on:\n  workflow_dispatch:\n";
        world.github.write_file(REPOSITORY, "main", (".github/workflows/agent.yml", workflow), "Agent").unwrap();
        let roster = world.rules().join("workers.toml");
        let mut text = std::fs::read_to_string(&roster).unwrap();
        text.push_str("\n[[worker]]\nid = \"agent\"\nrole = \"development\"\ncapacity = 3\nlogin = \"alice\"\n\
                       tell = [\"assignee\", \"mention\", { by = \"workflow_dispatch\", workflow = \"agent.yml\" }]\n");
        std::fs::write(roster, text).unwrap();
        world.engine.tick().await.unwrap();
        world.settle().await;
        let number =
            world.github.open_labelled_issue(REPOSITORY, "bob", ("Fix the signal", ""), &["worker/agent"]).unwrap();
        world.settle().await;
        world.card(number.0);
        world.expect_comment(number.0, "@alice");
        assert_eq!(world.issue(number.0).assignees, ["alice"]);
        assert_eq!(world.github.workflow_runs(REPOSITORY).len(), 1);
    }
}
