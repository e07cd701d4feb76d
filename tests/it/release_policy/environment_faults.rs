//! Every fault of `[[environment]]`, with its place and what to do.

use super::{faults, read};

#[expect(clippy::too_many_lines, reason = "one table")]
#[test]
fn faults_of_environments_are_found_at_once() {
    let text = r#"[[environment]]
name = "q a"
auto = "yes"
after = "stagging"
trigger = "workflow"
url = "qa.example"
timeout_min = 0
attempts = 11
soak_min = -1
approval_expires_h = 1000
approvers = ["@ann"]
rollback = 1
freeze = "always"
health = "https://qa.example"
trigers = 1

[[environment]]
auto = true

[[environment]]
name = "staging"
requires_approval = true
approvers = ["renovate[bot]", "org/team"]
trigger = { by = "hook", url = "https://x.example/{tag}", secret_env = "GITHUB_WEBHOOK_SECRET", finish = true }
url = "https://x.example/{tag}"

[environment.health]
url = "qa.example/{tagg}"
status = 99
body = "("
times = 0
failures = 1000
interval_s = 0
timeout_s = 999
every = 3

[[environment]]
name = "Staging"
trigger = { by = "workflow", workflow = "a/b.yml", ref = "{tag}", inputs = { version = "{tagg} {wagon}", n = 1 } }

[[environment]]
name = "../x"
trigger = { by = "pigeon" }
"#;
    insta::assert_snapshot!(faults(text), @r###"
    2:8: "q a" cannot be the name of an environment
        expected at most 255 letters, digits, `-`, `_`, `/` and `.`, beginning with a letter or digit
        write a word such as "qa"
    3:8: `auto` is of type string
        expected true or false without quotes
        write true or false without quotes after `auto =`
    4:9: there is no environment "stagging"
        expected one of "q a", "staging", "Staging", "../x"
        did you mean "staging"?
    5:11: "workflow" alone is not a way to trigger a deployment
        expected "none", { by = "workflow", … }, { by = "dispatch", … }, { by = "hook", … } or { by = "command", … }
        write { by = "workflow", workflow = "deploy.yml" }
    6:7: "qa.example" is not the address of an environment
        expected an http or https address
        write the whole address, with https:// at its beginning
    7:15: `timeout_min` is 0
        expected a number from 1 to 1440
        write a number from 1 to 1440
    8:12: `attempts` is 11
        expected a number from 1 to 10
        write a number from 1 to 10
    9:12: `soak_min` is -1
        expected a number from 0 to 10080
        write a number from 0 to 10080
    10:22: `approval_expires_h` is 1000
        expected a number from 1 to 720
        write a number from 1 to 720
    11:14: nothing waits for approval here, so these approvers are never asked
        expected `requires_approval = true` beside it
        add `requires_approval = true`, or remove `approvers`
    11:14: "@ann" is not a GitHub login
        expected a login such as "octocat"
        write it without @ and without an address
    12:12: `rollback` is of type integer
        expected true or false without quotes
        write true or false without quotes after `rollback =`
    13:10: `freeze` is of type string
        expected tables, each under a line `[[environment.freeze]]`
        write tables, each under a line `[[environment.freeze]]` after `freeze =`
    14:10: `health` is of type string
        expected a table such as { url = "https://app.example/health" }
        write a table such as { url = "https://app.example/health" } after `health =`
    15:1: `trigers` is not a known key here
        expected one of `name`, `auto`, `production`, `requires_approval`, `after`, `trigger`, `url`, `timeout_min`, `attempts`, `health`, `soak_min`, `approval_expires_h`, `approvers`, `freeze`, `rollback`, `prereleases`
        did you mean `trigger`?
    17:1: `name` is missing here
        expected `name = "qa"`
        add a line `name = "qa"`
    23:14: `renovate[bot]` is an App
        expected the account of a person
        name people, or remove it
    23:31: "org/team" is not a GitHub login
        expected a login such as "octocat"
        write it without @ and without an address
    24:51: `{tag}` is not filled in here
        expected text without placeholders
        the version is in what is sent to this address anyway
    24:72: `GITHUB_WEBHOOK_SECRET` cannot be the key of a deploy hook
        expected a variable whose name begins with STATIONMASTER_DEPLOY_
        put the key into the server's environment as STATIONMASTER_DEPLOY_QA or the like: only such variables are used, so that a repository's policy cannot have other secrets of the server used as keys
    24:97: `finish` is not a known key here
        expected one of `by`, `url`, `secret_env`, `finishes`
        did you mean `finishes`?
    25:26: `{tag}` is not filled in here
        expected text without placeholders
        write the address under which people always find this environment
    28:7: "qa.example/{tagg}" is not an address to ask
        expected an http or https address
        write the whole address, with https:// at its beginning
    28:19: `{tagg}` stands for nothing
        expected one of `{tag}`, `{version}`, `{sha}`, `{environment}`, `{deployment}`, `{previous}`
        did you mean `{tag}`?
    29:10: `status` is 99
        expected a number from 100 to 599
        write a number from 100 to 599
    30:9: this regex cannot be used: unclosed group
        expected a regex as Rust understands it
        mend the pattern; https://docs.rs/regex/latest/regex/#syntax says what can be written
    31:9: `times` is 0
        expected a number from 1 to 100
        write a number from 1 to 100
    32:12: `failures` is 1000
        expected a number from 1 to 100
        write a number from 1 to 100
    33:14: `interval_s` is 0
        expected a number from 1 to 3600
        write a number from 1 to 3600
    34:13: `timeout_s` is 999
        expected a number from 1 to 120
        write a number from 1 to 120
    35:1: `every` is not a known key here
        expected one of `url`, `status`, `body`, `times`, `failures`, `interval_s`, `timeout_s`
        remove `every`
    38:8: there is an environment `Staging` already, at line 21
        expected a name of its own, which differs in more than case
        rename or remove one of the two
    39:41: "a/b.yml" is not the file name of a workflow
        expected a name such as "agent.yml"
        leave out the folder: GitHub finds it in .github/workflows by its name
    39:59: `{tag}` is not filled in here
        expected text without placeholders
        leave `ref` out: the workflow then runs on the version's own tag
    39:89: `{tagg}` stands for nothing
        expected one of `{tag}`, `{version}`, `{sha}`, `{environment}`, `{deployment}`, `{previous}`
        did you mean `{tag}`?
    39:96: `{wagon}` stands for nothing
        expected one of `{tag}`, `{version}`, `{sha}`, `{environment}`, `{deployment}`, `{previous}`
        remove `{wagon}`
    39:110: `n` is of type integer
        expected text in quotes
        write text in quotes after `n =`
    42:8: "../x" cannot be the name of an environment
        expected at most 255 letters, digits, `-`, `_`, `/` and `.`, beginning with a letter or digit
        write a word such as "qa"
    43:18: "pigeon" alone is not a way to trigger a deployment
        expected "none", { by = "workflow", … }, { by = "dispatch", … }, { by = "hook", … } or { by = "command", … }
        write one of these
    "###);
}

#[expect(clippy::too_many_lines, reason = "one table")]
#[test]
fn each_single_fault_of_an_environment_says_what_to_do() {
    let told = |text: &str| faults(&format!("[[environment]]\nname = \"qa\"\n{text}\n"));
    insta::assert_snapshot!(
        [
            told("trigger = 3"),
            told("trigger = {}"),
            told("trigger = \"nome\""),
            told("trigger = { by = \"hook\", url = \"ftp://x\", secret_env = \"STATIONMASTER_DEPLOY_\" }"),
            told("trigger = { by = \"hook\", url = \"https://x.example\", secret_env = \"A-B\" }"),
            told("trigger = { by = \"hook\" }"),
            told("trigger = { by = \"workflow\", workflow = \"deploy.yml\", inputs = \"x\" }"),
            told("trigger = { by = \"dispatch\" }"),
            told(&format!("trigger = {{ by = \"dispatch\", event = \"{}\" }}", "x".repeat(101))),
            told("trigger = { by = \"command\", run = [\"reboot\"] }"),
            told("health = {}"),
            told("health = { url = \"https://x.example/{Tag}\" }"),
            told("approvers = [\"ann\"]"),
            faults(&format!("[[environment]]\nname = \"{}\"\n", "x".repeat(256))),
            faults("[environment]\nname = \"qa\"\n"),
        ]
        .join("---\n"),
        @r###"
    3:11: `trigger` is of type integer
        expected "none", { by = "workflow", … }, { by = "dispatch", … }, { by = "hook", … } or { by = "command", … }
        write one of these
    ---
    3:11: `by` is missing here
        expected `by = "workflow"`
        add a line `by = "workflow"`
    ---
    3:11: "nome" alone is not a way to trigger a deployment
        expected "none", { by = "workflow", … }, { by = "dispatch", … }, { by = "hook", … } or { by = "command", … }
        write "none"
    ---
    3:32: "ftp://x" is not an address to post to
        expected an http or https address
        write the whole address, with https:// at its beginning
    3:56: `STATIONMASTER_DEPLOY_` cannot be the key of a deploy hook
        expected a variable whose name begins with STATIONMASTER_DEPLOY_
        put the key into the server's environment as STATIONMASTER_DEPLOY_QA or the like: only such variables are used, so that a repository's policy cannot have other secrets of the server used as keys
    ---
    3:66: `secret_env` is not the name of an environment variable
        expected letters, digits and underscores
        put the key into the server's environment, and only the variable's name here
    ---
    3:11: `url` is missing here
        expected `url = "https://deployer.example/hook"`
        add a line `url = "https://deployer.example/hook"`
    3:11: `secret_env` is missing here
        expected `secret_env = "STATIONMASTER_DEPLOY_QA"`
        add a line `secret_env = "STATIONMASTER_DEPLOY_QA"`
    ---
    3:64: `inputs` is of type string
        expected a table such as { version = "{tag}" }
        write a table such as { version = "{tag}" } after `inputs =`
    ---
    3:11: `event` is missing here
        expected `event = "deploy"`
        add a line `event = "deploy"`
    ---
    3:38: `event` has 101 characters
        expected at most 100 characters
        write a shorter name
    ---
    3:11: `name` is missing here
        expected `name = "restart-qa"`
        add a line `name = "restart-qa"`
    3:29: `run` is not a known key here
        expected one of `by`, `name`
        remove `run`
    ---
    3:10: `url` is missing here
        expected `url = "https://app.example/health"`
        add a line `url = "https://app.example/health"`
    ---
    3:37: `{Tag}` stands for nothing
        expected one of `{tag}`, `{version}`, `{sha}`, `{environment}`, `{deployment}`, `{previous}`
        did you mean `{tag}`?
    ---
    3:14: nothing waits for approval here, so these approvers are never asked
        expected `requires_approval = true` beside it
        add `requires_approval = true`, or remove `approvers`
    ---
    2:8: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" cannot be the name of an environment
        expected at most 255 letters, digits, `-`, `_`, `/` and `.`, beginning with a letter or digit
        write a word such as "qa"
    ---
    1:1: `environment` is of type table
        expected tables, each under a line `[[environment]]`
        write tables, each under a line `[[environment]]` after `environment =`
    "###
    );
    assert!(read(&format!("[[environment]]\nname = \"{}\"\n", "x".repeat(255))).environments.len() == 1);
}

#[test]
fn circles_of_environments_are_told_once_each() {
    let environment = |name: &str, after: &str| format!("[[environment]]\nname = \"{name}\"\nafter = \"{after}\"\n");
    let text = [
        environment("far", "a"),
        environment("a", "b"),
        environment("b", "C"),
        environment("c", "a"),
        environment("self", "self"),
        "[[environment]]\nname = \"free\"\n".to_owned(),
    ]
    .concat();
    insta::assert_snapshot!(faults(&text), @r###"
    6:9: "a" comes after "b", which comes after "c", which comes after "a"
        expected an environment outside of this circle: "free"
        remove `after` from one of "a", "b", "c"
    15:9: "self" comes after "self"
        expected an environment outside of this circle: "free"
        remove `after`, or name another environment
    "###);
    insta::assert_snapshot!(faults(&environment("qa", "qa")), @r###"
    3:9: "qa" comes after "qa"
        expected an order that begins somewhere
        remove `after`, or name another environment
    "###);
}
