//! What people are shown: what an edit changes, and the guide.

use stationmaster::model::Trigger;
use stationmaster::policy::{Policy, RepositoryPolicy, Rules, policy_change};

use super::{EVERYTHING, FILE, one, read};

#[test]
fn an_edit_of_releases_and_environments_is_told_in_the_words_of_the_file() {
    let rules = Rules::builtin().unwrap();
    let of = |text: &str| Policy::combine(&rules, Some(&read(text)));
    let old = "[release]\n[[environment]]\nname = \"gone\"\n[[environment]]\nname = \"prod\"\n";
    insta::assert_snapshot!(policy_change(&of(old), EVERYTHING).unwrap(), @r###"
    - `environment.gone` removed
    - `environment.old` added with `trigger.by = "command"`, `trigger.name = "restart-old"`
    - `environment.other` added
    - `environment.prod.after`: `unset` → `"qa"`
    - `environment.prod.approval_expires_h`: `24` → `2`
    - `environment.prod.approvers`: `[]` → `["ann","bob-2"]`
    - `environment.prod.attempts`: `3` → `10`
    - `environment.prod.auto`: `false` → `true`
    - `environment.prod.freeze`: `[]` → `[{"from":"2026-12-24T17:00:00Z","until":"2027-01-02T06:00:00Z","why":"holidays"},{"days":["fri","sun"],"hours":"15:00-24:00","why":"weekend","zone":"Europe/Berlin"}]`
    - `environment.prod.health.body`: `unset` → `"\"ok\":\\s*true"`
    - `environment.prod.health.failures`: `unset` → `2`
    - `environment.prod.health.interval_s`: `unset` → `60`
    - `environment.prod.health.status`: `unset` → `204`
    - `environment.prod.health.timeout_s`: `unset` → `30`
    - `environment.prod.health.times`: `unset` → `5`
    - `environment.prod.health.url`: `unset` → `"https://{environment}.station.example/{tag}?sha={sha}&v={version}&d={deployment}&p={previous}"`
    - `environment.prod.rollback`: `true` → `false`
    - `environment.prod.soak_min`: `0` → `30`
    - `environment.prod.timeout_min`: `15` → `60`
    - `environment.prod.trigger.by`: `"none"` → `"hook"`
    - `environment.prod.trigger.finishes`: `unset` → `true`
    - `environment.prod.trigger.secret_env`: `unset` → `"STATIONMASTER_DEPLOY_PROD"`
    - `environment.prod.trigger.url`: `unset` → `"https://deployer.example/x"`
    - `environment.prod.url`: `unset` → `"https://station.example"`
    - `environment.qa` added with `trigger.by = "workflow"`, `trigger.inputs.json = "{\"a\": \"{sha}\"}"`, `trigger.inputs.version = "{tag}"`, `trigger.ref = "main"`, `trigger.workflow = "deploy.yml"`
    - `environment.staging` added with `trigger.by = "dispatch"`, `trigger.event = "deploy"`
    - `release.allow_no_checks`: `false` → `true`
    - `release.annotated`: `false` → `true`
    - `release.branch`: `unset` → `"release/main"`
    - `release.changelog`: `unset` → `"docs/CHANGELOG.md"`
    - `release.checks`: `[]` → `["build"]`
    - `release.default_bump`: `"patch"` → `"none"`
    - `release.exclude_labels`: `[]` → `["skip-notes"]`
    - `release.first`: `"0.1.0"` → `"1.0.0"`
    - `release.group`: `[]` → `[{"labels":["security"],"title":"Security","types":["sec"]}]`
    - `release.prefix`: `"v"` → `"app@"`
    - `release.tracking`: `true` → `false`
    - `release.version_files`: `[]` → `["Cargo.toml","Cargo.lock","web/package.json","py/pyproject.toml"]`
    "###);
    assert_eq!(
        policy_change(&of(""), "[release]\n[[environment]]\nname = \"qa\"\n").unwrap(),
        "- `environment.qa` added\n- `release` added"
    );
    assert_eq!(
        policy_change(&of(old), "").unwrap(),
        "- `environment.gone` removed\n- `environment.prod` removed\n- `release` removed"
    );
    assert_eq!(policy_change(&of(EVERYTHING), EVERYTHING).unwrap(), "Nothing would change.");
}

fn guide_blocks() -> Vec<String> {
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/releasing.md")).unwrap();
    guide.split("```toml\n").skip(1).map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn the_guide_shows_what_holds_where_nothing_is_written_and_every_key() {
    let blocks = guide_blocks();
    let policy = Policy::combine(&Rules::builtin().unwrap(), Some(&read("")));
    insta::assert_snapshot!(policy_change(&policy, &blocks[0]).unwrap(), @r###"
    - `environment.qa` added with `freeze = [{"from":"2026-12-24T17:00:00Z","until":"2027-01-02T06:00:00Z","why":"holidays"},{"days":["fri","sat","sun"],"hours":"15:00-24:00","why":"nobody watches it","zone":"Europe/Berlin"}]`, `health.failures = 3`, `health.interval_s = 10`, `health.status = 200`, `health.timeout_s = 5`, `health.times = 3`, `health.url = "https://qa.example/health?tag={tag}"`, `url = "https://qa.example"`
    - `release` added with `branch = "dev"`, `group = [{"labels":["security"],"title":"Security","types":["sec"]}]`
    "###);

    // What is commented out there is good where it excludes nothing else that is shown.
    for (key, beside) in [
        ("prerelease", "[release]\n"),
        ("stable_after", "[release]\nprerelease = \"rc\"\n"),
        ("changelog", "[release]\n"),
        ("approvers", "[[environment]]\nname = \"prod\"\n"),
        ("after", "[[environment]]\nname = \"staging\"\n[[environment]]\nname = \"prod\"\n"),
        ("body", "[[environment]]\nname = \"x\"\n[environment.health]\nurl = \"https://x.example\"\n"),
    ] {
        let start = format!("# {key} = ");
        let line = blocks[0].lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("no {start}"));
        let environment = if beside.contains("[[") { "" } else { "\n[[environment]]\nname = \"qa\"\n" };
        read(&format!("{beside}{}{environment}", line.trim_start_matches("# ")));
    }
    for trigger in blocks[1].lines() {
        let settings = one(&format!("name = \"qa\"\n{trigger}"));
        assert_ne!(settings.trigger, Trigger::None, "{trigger}");
    }

    // Whoever mistypes a key is told of all that there are; each of them is in the guide.
    let health = "[environment.health]\nurl = \"https://x.example\"\n";
    for table in [
        "[release]\n",
        "[[release.group]]\ntitle = \"x\"\nlabels = [\"x\"]\n",
        "[[environment]]\nname = \"qa\"\n",
        &format!("[[environment]]\nname = \"qa\"\n{health}"),
        "[[environment]]\nname = \"qa\"\n[[environment.freeze]]\nwhy = \"x\"\n",
    ] {
        let faults = RepositoryPolicy::parse(&format!("{table}zzzzzz = 1\n"), FILE).unwrap_err();
        assert_eq!(faults.list().len(), 1, "{faults}");
        let known: Vec<&str> = faults.list()[0].expected.split('`').skip(1).step_by(2).collect();
        assert!(!known.is_empty());
        for key in known.into_iter().filter(|key| !matches!(*key, "group" | "health" | "freeze")) {
            let said = |line: &str| line.trim_start_matches("# ").starts_with(&format!("{key} = "));
            assert!(blocks[0].lines().any(said), "the guide does not say `{key}` of {table}");
        }
    }
}
