//! Faults of rule and policy files: each with its place, and all of a file at once.

use stationmaster::model::Calendar;
use stationmaster::policy::{FaultStyle, Faults, RepositoryPolicy, RuleFile, Rules};

fn of_files(files: &[(&str, &str)]) -> Faults {
    Rules::from_files(files.iter().map(|(name, text)| RuleFile::new(*name, *text)).collect()).unwrap_err()
}

/// Place and message of each fault, without what was expected and what to do.
fn short(faults: &Faults) -> Vec<String> {
    let line = |f: &stationmaster::policy::RuleFault| format!("{}:{}: {}", f.line, f.column, f.message);
    faults.list().iter().map(line).collect()
}

fn complete(faults: &Faults) {
    for fault in faults.list() {
        assert!(!fault.expected.is_empty() && !fault.help.is_empty(), "{fault}");
    }
}

const RULES: &str = r#"[[rule]]
name = "deploy"
titel = '^deploy'
type = "deployment"
role = "deploymnt_worker"
priority = "high"

[[rule]]
name = "deploy"
title = '^fix(oops'
labels = ["a{b"]
type = "Fix It"
priority = 10
urgency = "urgent"
add_labels = ["status/ready", ""]

[[rule]]
like = "qa%"
priority = 1.5

[[rule]]
name = " "
title = ""
body = "tab\t["
type = "t"
role = 5
priority = 99999999999999999999
labels = "bug"
author = "["
risk = true

[surprise]
"#;

#[test]
fn all_faults_of_a_rule_file_are_found_at_once_with_line_and_column() {
    let faults = of_files(&[("workers.toml", "[[role]]\nname = \"deployment_worker\"\n"), ("routing.toml", RULES)]);
    complete(&faults);
    insta::assert_snapshot!(short(&faults).join("\n"), @r###"
    1:1: this rule has no matcher, so it would match every issue
    3:1: `titel` is not a known key here
    5:8: there is no role `deploymnt_worker`
    6:12: `priority` is of type string
    9:8: another rule is called `deploy` already, at routing.toml:2
    10:14: this regex cannot be used: unclosed group
    11:11: this glob cannot be used: unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?)
    12:8: "Fix It" cannot be a type, which becomes the label `type/…`
    14:11: "urgent" is not a level
    15:15: labels of the family `status/*` are set by Stationmaster itself
    15:31: GitHub does not take this as the name of a label
    17:1: `name` is missing here
    17:1: `type` is missing here
    17:1: this rule has no matcher, so it would match every issue
    18:8: `like` without `title` matches nothing
    19:12: `priority` is of type float
    22:8: `name` is empty
    23:9: this pattern is empty
    24:8: this regex cannot be used: unclosed character class
    26:8: `role` is of type integer
    27:12: `priority` is too large
    28:10: `labels` is of type string
    29:10: this glob cannot be used: unclosed character class; missing ']'
    30:8: `risk` is of type boolean
    32:2: `surprise` is not a known key here
    "###);
}

const WORKERS: &str = r#"[assignment]
strategy = "fairest"
speed = 3
[assignment.roles]
nobody = "manual"
deployment_worker = 7

[[role]]
name = "deployment_worker"
[[role]]
name = "deployment_worker"

[[worker]]
id = "ada"
role = "deployment"
tell = ["assignee", "mention", "pigeon", { by = "hook", url = "ftp://x", secret_env = "K" }, 3]
zone = "Mars/Base"
hours = "9-17"

[[worker]]
id = "ada"
role = "deployment_worker"
login = "@ada"
capacity = -1
always = true
zone = "Europe/Berlin"
tell = "ntfy"

[[worker]]
id = "two words"
role = "deployment_worker"
tell = [{ by = "hook", url = "https://x.example/" }, { by = "workflow_dispatch", workflow = "a/b.yml", on = "main" }]
"#;

#[test]
fn a_thousand_rules_are_taken_and_the_next_one_is_a_fault() {
    let rules = |count: usize| {
        let one =
            |index| format!("[[rule]]\nname = \"r{index}\"\ntitle = '^deploy {index}'\ntype = \"t\"\npriority = 1\n");
        RuleFile::new("routing.toml", (0..count).map(one).collect::<Vec<_>>().concat())
    };
    Rules::from_files(vec![rules(1_000)]).unwrap();
    let faults = Rules::from_files(vec![rules(1_001)]).unwrap_err();
    assert_eq!(short(&faults), ["5001:1: there are 1001 tables `[[rule]]`"]);
}

#[test]
fn all_faults_of_a_roster_are_found_at_once_with_line_and_column() {
    let faults = of_files(&[("workers.toml", WORKERS)]);
    complete(&faults);
    insta::assert_snapshot!(short(&faults).join("\n"), @r###"
    2:12: "fairest" is not a way to assign
    3:1: `speed` is not a known key here
    5:1: there is no role `nobody`
    6:21: `deployment_worker` is of type integer
    11:8: there is a role `deployment_worker` already, at line 9
    15:8: there is no role `deployment`
    16:9: `assignee` needs a GitHub account, and this worker has none
    16:21: `mention` needs a GitHub account, and this worker has none
    16:32: "pigeon" alone is not a way to tell a worker
    16:63: "ftp://x" is not an address to post to
    16:94: a way to tell is of type integer
    17:8: "Mars/Base" is not a time zone
    18:9: "9-17" are not hours of a day
    21:6: there is a worker `ada` already, at line 14
    23:9: "@ada" is not a GitHub login
    24:12: a worker cannot hold -1 tasks
    26:8: `always = true` leaves no room for `zone` and `hours`
    27:8: `tell` is of type string
    30:6: "two words" cannot be the name of a worker, which becomes the label `worker/…`
    32:9: `secret_env` is missing here
    32:93: "a/b.yml" is not the file name of a workflow
    32:104: `on` is not a known key here
    "###);
}

#[test]
fn a_fault_shows_its_source_line_a_caret_what_was_expected_and_what_to_do() {
    let text = "[[rule]]\nname = \"x\"\ntitle = '^fix(oops'\ntype = \"t\"\npriority = 1\n";
    let faults = of_files(&[("rules/routing.toml", text)]);
    insta::assert_snapshot!(faults.render(FaultStyle::Carets), @r###"
     x this regex cannot be used: unclosed group
      ,-[rules/routing.toml:3:14]
    2 | name = "x"
    3 | title = '^fix(oops'
      :              |
      :              `-- expected a regex as Rust understands it
    4 | type = "t"
      `----
     help: mend the pattern; https://docs.rs/regex/latest/regex/#syntax says what can be written
    "###);
    assert_eq!(
        faults.render(FaultStyle::Plain),
        "rules/routing.toml:3:14: this regex cannot be used: unclosed group: expected a regex as Rust understands it; \
         mend the pattern; https://docs.rs/regex/latest/regex/#syntax says what can be written\n"
    );
    assert!(faults.render(FaultStyle::Coloured).contains('\u{1b}'));
    assert!(!faults.render(FaultStyle::Carets).contains('\u{1b}'));
}

#[test]
fn what_is_not_toml_is_told_by_line_and_column_without_noise_about_its_contents() {
    let faults = of_files(&[("routing.toml", "[[rule]]\nname = \"x\nbogus = 1\n\nbad line\n")]);
    let lines: Vec<usize> = faults.list().iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [2, 5], "{faults}");
    assert!(faults.to_string().contains("this is not TOML"), "{faults}");
}

#[test]
fn columns_count_characters_not_bytes() {
    let faults = of_files(&[("routing.toml", "rule = [{ name = \"äöü\", x = 1 }]\n")]);
    assert!(short(&faults).contains(&"1:25: `x` is not a known key here".to_owned()), "{faults}");
}

#[test]
fn settings_of_a_repository_are_read_and_unknown_ones_are_faults_that_list_the_known() {
    let good = "[notify]\ntopic = \"team-a\"\n[tasks]\nmanage = false\n";
    let policy = RepositoryPolicy::parse(good, ".github/stationmaster.toml").unwrap();
    assert_eq!((policy.notify_topic.as_deref(), policy.tasks.manage), (Some("team-a"), false));

    let bad = "[notify]\ntopic = \"https://ntfy.sh/x\"\n[tasks]\nmanage = \"no\"\nmanaged = true\n[merging]\nstrategy = \"queue\"\n[[environments]]\nname = \"qa\"\n";
    let faults = RepositoryPolicy::parse(bad, ".github/stationmaster.toml").unwrap_err();
    complete(&faults);
    assert_eq!(
        short(&faults),
        [
            "2:9: \"https://ntfy.sh/x\" is not an ntfy topic",
            "4:10: `manage` is of type string",
            "5:1: `managed` is not a known key here",
            "6:2: `merging` is not a known key here",
            "8:3: `environments` is not a known key here",
        ]
    );
    let known = &faults.list()[3].expected;
    assert!(known.starts_with("one of `rule`, `assignment`, `notify`, `tasks`, "), "{known}");
    assert_eq!(faults.list()[2].help, "did you mean `manage`?");
}

#[test]
fn roles_of_a_repository_are_checked_where_the_roster_is_known() {
    let text = "[[rule]]\nname = \"x\"\ntitle = 'x'\ntype = \"t\"\nrole = \"cook\"\npriority = 1\n";
    let roles = Rules::builtin().unwrap().role_names();
    assert!(RepositoryPolicy::parse(text, "stationmaster.toml").is_ok());
    let faults = RepositoryPolicy::parse_with_roles(text, "stationmaster.toml", &roles).unwrap_err();
    assert_eq!(short(&faults), ["5:8: there is no role `cook`"]);
}

#[test]
fn the_shipped_roster_is_the_one_of_the_design_and_needs_no_account() {
    let roster = Rules::builtin().unwrap().roster;
    let in_role = |role: &str| -> Vec<String> {
        let of = roster.workers.iter().filter(|entry| entry.role.as_str() == role);
        of.map(|entry| entry.id.to_string()).collect()
    };
    assert_eq!(in_role("development"), ["architect", "foundation", "dev_worker1", "dev_worker2", "dev_worker3"]);
    assert_eq!(in_role("testing_worker"), ["qa_tester1", "qa_tester2", "qa_tester3"]);
    for alone in
        ["deployment_worker", "pr_review_worker", "watchdog", "orchestrator", "executor", "analyst", "strategist"]
    {
        assert_eq!(in_role(alone), [alone]);
    }
    for entry in &roster.workers {
        assert!(!entry.capabilities.is_empty(), "{entry:?}");
        assert!(entry.login.is_none() && entry.capacity > 0);
        assert_eq!(entry.calendar, Calendar::Always);
        assert_eq!(serde_json::to_string(&entry.tell).unwrap(), r#"[{"by":"ntfy","topic":null}]"#);
    }
}

#[test]
fn a_person_has_working_hours_and_a_new_york_day_unless_they_say_otherwise() {
    let text = r#"
        [[role]]
        name = "d"
        capabilities = ["code"]
        [[worker]]
        id = "ada"
        role = "d"
        login = "ada-l"
        zone = "Europe/London"
        hours = "22:00-06:30"
        tell = ["assignee", { by = "workflow_dispatch", workflow = "a.yml", ref = "dev" }]
        [[worker]]
        id = "bob"
        role = "d"
    "#;
    let roster = Rules::from_files(vec![RuleFile::new("workers.toml", text)]).unwrap().roster;
    let ada = roster.worker(&"ada".into()).unwrap();
    let zone = "Europe/London".parse().unwrap();
    assert_eq!(ada.calendar, Calendar::Hours { zone, from_minute: 1320, until_minute: 390 });
    assert_eq!(
        serde_json::to_string(&ada.tell).unwrap(),
        r#"[{"by":"assignee"},{"by":"workflow_dispatch","workflow":"a.yml","ref":"dev"}]"#
    );
    let bob = roster.worker(&"bob".into()).unwrap();
    let zone = "America/New_York".parse().unwrap();
    assert_eq!(bob.calendar, Calendar::Hours { zone, from_minute: 540, until_minute: 1260 });
    assert_eq!((bob.capacity, bob.capabilities.clone()), (1, vec!["code".to_owned()]));
}
