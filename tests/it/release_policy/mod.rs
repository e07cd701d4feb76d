//! What a policy says of releases and environments: defaults, every fault with its place, freezes, and commands.

mod commands;
mod environment_faults;
mod freezes;
mod release_faults;
mod shown;

use stationmaster::model::{EnvironmentName, Trigger};
use stationmaster::policy::{Bump, EnvironmentSettings, RepositoryPolicy, RuleFault};

const FILE: &str = ".github/stationmaster.toml";

fn read(text: &str) -> RepositoryPolicy {
    RepositoryPolicy::parse(text, FILE).unwrap_or_else(|faults| panic!("{faults}"))
}

fn one(text: &str) -> EnvironmentSettings {
    let mut environments = read(&format!("[[environment]]\n{text}\n")).environments;
    assert_eq!(environments.len(), 1);
    environments.remove(0)
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap()
}

/// Every fault with place, message, what was expected and what to do.
fn faults(text: &str) -> String {
    let faults = RepositoryPolicy::parse(text, FILE).unwrap_err();
    let line = |f: &RuleFault| {
        format!("{}:{}: {}\n    expected {}\n    {}\n", f.line, f.column, f.message, f.expected, f.help)
    };
    faults.list().iter().map(line).collect()
}

#[test]
fn nothing_is_released_or_deployed_where_nothing_is_said() {
    let policy = read("");
    assert!(policy.release.is_none() && policy.environments.is_empty());
}

#[test]
fn a_bare_release_table_is_as_the_documentation_says() {
    let release = read("[release]\n").release.unwrap();
    assert_eq!(
        json(&release),
        "{\"branch\":null,\"prefix\":\"v\",\"first\":\"0.1.0\",\"default_bump\":\"patch\",\"checks\":[],\
         \"allow_no_checks\":false,\"annotated\":false,\"prerelease\":null,\"stable_after\":null,\"changelog\":null,\
         \"version_files\":[],\"tracking\":true,\"group\":[],\"exclude_labels\":[]}"
    );
    assert!(!release.by_pull());
}

#[test]
fn a_bare_environment_is_as_the_documentation_says_and_production_is_guarded() {
    assert_eq!(
        json(&one("name = \"qa\"")),
        "{\"name\":\"qa\",\"auto\":false,\"requires_approval\":false,\"production\":false,\"after\":null,\
         \"trigger\":{\"by\":\"none\"},\"url\":null,\"timeout_min\":15,\"attempts\":3,\"health\":null,\"soak_min\":0,\
         \"approval_expires_h\":24,\"approvers\":[],\"freeze\":[],\"rollback\":true,\"prereleases\":true}"
    );
    let qa = one("name = \"qa\"\nhealth = { url = \"http://127.0.0.1:8080/\" }");
    assert_eq!((qa.timeout_s, qa.soak_s, qa.approval_expires_s), (900, 0, 86_400));
    assert_eq!(
        json(&qa.health),
        "{\"url\":\"http://127.0.0.1:8080/\",\"status\":200,\"body\":null,\"times\":3,\"failures\":3,\
         \"interval_s\":10,\"timeout_s\":5}"
    );

    let switches = |text: &str| {
        let settings = one(text);
        (settings.production, settings.requires_approval, settings.prereleases)
    };
    for name in ["prod", "Production"] {
        assert_eq!(switches(&format!("name = \"{name}\"")), (true, true, false), "{name}");
        assert_eq!(switches(&format!("name = \"{name}\"\nproduction = false")), (false, false, true), "{name}");
    }
    assert_eq!(switches("name = \"eu/live-1\"\nproduction = true"), (true, true, false));
    assert_eq!(switches("name = \"prod\"\nrequires_approval = false\nprereleases = true"), (true, false, true));
    assert_eq!(switches("name = \"qa\"\nrequires_approval = true\napprovers = [\"ann\"]"), (false, true, true));
}

const EVERYTHING: &str = r#"
[release]
branch = "release/main"
prefix = "app@"
first = "1.0.0"
default_bump = "none"
checks = ["build"]
allow_no_checks = true
annotated = true
tracking = false
changelog = "docs/CHANGELOG.md"
version_files = ["Cargo.toml", "Cargo.lock", "web/package.json", "py/pyproject.toml"]
exclude_labels = ["skip-notes"]
[[release.group]]
title = "Security"
labels = ["security"]
types = ["Sec"]

[[environment]]
name = "prod"
auto = true
after = "QA"
trigger = { by = "hook", url = "https://deployer.example/x", secret_env = "STATIONMASTER_DEPLOY_PROD", finishes = true }
url = "https://station.example"
timeout_min = 60
attempts = 10
soak_min = 30
approval_expires_h = 2
approvers = ["ann", "bob-2"]
rollback = false
[environment.health]
url = "https://{environment}.station.example/{tag}?sha={sha}&v={version}&d={deployment}&p={previous}"
status = 204
body = '"ok":\s*true'
times = 5
failures = 2
interval_s = 60
timeout_s = 30
[[environment.freeze]]
from = 2026-12-24T18:00:00+01:00
until = "2027-01-02T06:00:00Z"
why = "holidays"
[[environment.freeze]]
days = ["sun", "fri", "sun"]
hours = "15:00-24:00"
zone = "Europe/Berlin"
why = "weekend"

[[environment]]
name = "qa"
trigger = { by = "workflow", workflow = "deploy.yml", ref = "main", inputs = { version = "{tag}", json = '{"a": "{sha}"}' } }

[[environment]]
name = "staging"
trigger = { by = "dispatch", event = "deploy" }

[[environment]]
name = "old"
trigger = { by = "command", name = "restart-old" }

[[environment]]
name = "other"
trigger = "none"
"#;

#[test]
fn every_key_is_read() {
    let policy = read(EVERYTHING);
    let release = policy.release.as_ref().unwrap();
    assert_eq!(
        json(release),
        "{\"branch\":\"release/main\",\"prefix\":\"app@\",\"first\":\"1.0.0\",\"default_bump\":\"none\",\
         \"checks\":[\"build\"],\"allow_no_checks\":true,\"annotated\":true,\"prerelease\":null,\
         \"stable_after\":null,\"changelog\":\"docs/CHANGELOG.md\",\"version_files\":[\"Cargo.toml\",\"Cargo.lock\",\
         \"web/package.json\",\"py/pyproject.toml\"],\"tracking\":false,\"group\":[{\"title\":\"Security\",\
         \"labels\":[\"security\"],\"types\":[\"sec\"]}],\"exclude_labels\":[\"skip-notes\"]}"
    );
    assert!(release.by_pull() && release.default_bump == Bump::None);

    let prod = &policy.environments[0];
    assert_eq!(prod.after, Some(EnvironmentName::from("qa")), "as it is written where it is defined");
    assert_eq!((prod.timeout_s, prod.soak_s, prod.approval_expires_s), (3600, 1800, 7200));
    insta::assert_snapshot!(json(prod), @r###"{"name":"prod","auto":true,"requires_approval":true,"production":true,"after":"qa","trigger":{"by":"hook","finishes":true,"secret_env":"STATIONMASTER_DEPLOY_PROD","url":"https://deployer.example/x"},"url":"https://station.example","timeout_min":60,"attempts":10,"health":{"url":"https://{environment}.station.example/{tag}?sha={sha}&v={version}&d={deployment}&p={previous}","status":204,"body":"\"ok\":\\s*true","times":5,"failures":2,"interval_s":60,"timeout_s":30},"soak_min":30,"approval_expires_h":2,"approvers":["ann","bob-2"],"freeze":[{"from":"2026-12-24T17:00:00Z","until":"2027-01-02T06:00:00Z","why":"holidays"},{"days":["fri","sun"],"hours":"15:00-24:00","zone":"Europe/Berlin","why":"weekend"}],"rollback":false,"prereleases":false}"###);
    let inputs = [("json", "{\"a\": \"{sha}\"}"), ("version", "{tag}")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    let triggers: Vec<&Trigger> = policy.environments.iter().skip(1).map(|settings| &settings.trigger).collect();
    let expected = [
        Trigger::Workflow {
            workflow: "deploy.yml".to_owned(),
            git_ref: Some("main".to_owned()),
            inputs: inputs.into_iter().collect(),
        },
        Trigger::Dispatch { event: "deploy".to_owned() },
        Trigger::Command { name: "restart-old".to_owned(), run: Vec::new() },
        Trigger::None,
    ];
    assert_eq!(triggers, expected.iter().collect::<Vec<_>>());
    let bare = one("name = \"qa\"\ntrigger = { by = \"workflow\", workflow = \"deploy.yml\" }").trigger;
    assert_eq!(
        bare,
        Trigger::Workflow {
            workflow: "deploy.yml".to_owned(),
            git_ref: None,
            inputs: std::collections::BTreeMap::default()
        }
    );
}

#[test]
fn prereleases_become_stable_where_they_are_verified() {
    let text = "[release]\nprerelease = \"rc\"\nstable_after = \"QA\"\n[[environment]]\nname = \"qa\"\n";
    let release = read(text).release.unwrap();
    assert_eq!(release.prerelease.as_deref(), Some("rc"));
    assert_eq!(release.stable_after, Some(EnvironmentName::from("qa")));
    for word in ["alpha-2", "0", "x01"] {
        assert!(read(&format!("[release]\nprerelease = \"{word}\"\n")).release.is_some(), "{word}");
    }
}
