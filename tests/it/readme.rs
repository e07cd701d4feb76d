//! What the README, the docs and the App's manifest say is so.

use std::path::{Path, PathBuf};

use stationmaster::model::{EventName, Parsed};
use stationmaster::policy::{FaultStyle, RepositoryPolicy};
use stationmaster::simulator::github::Access;

use crate::world::{On, REPOSITORY, World, scenarios};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

#[test]
fn every_file_that_a_page_links_to_is_there() {
    let mut pages =
        vec![root().join("README.md"), root().join("src/README.md"), root().join(".github/CONTRIBUTING.md")];
    for folder in ["docs", "docs/reference"] {
        let files = std::fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
        pages.extend(files.filter(|path| path.extension().is_some_and(|kind| kind == "md")));
    }
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.starts_with("http") && !target.starts_with('#')) {
            let target = target.split('#').next().unwrap();
            let folder = page.parent().unwrap();
            assert!(folder.join(target).exists(), "{} links to {target}, which is not there", page.display());
        }
    }
}

#[test]
fn every_policy_that_the_docs_show_whole_is_valid() {
    let mut tried = 0;
    for page in ["docs/policy-examples.md", "docs/tutorial.md"] {
        let text = std::fs::read_to_string(root().join(page)).unwrap();
        for block in text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()) {
            if block.starts_with("# policy: ") {
                let faults = RepositoryPolicy::parse(block, page).err();
                assert!(faults.is_none(), "{page}: {}", faults.unwrap().render(FaultStyle::Plain));
                tried += 1;
            }
        }
    }
    assert_eq!(tried, 6, "the docs have other policies");
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
