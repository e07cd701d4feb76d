//! `doctor` finds what is wrong, one thing at a time, and says how it is put right.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Output;
use std::sync::Arc;

use serde_json::Value;
use stationmaster::model::{Clock as _, ManualClock, SystemClock};
use stationmaster::simulator::github::{Access, GithubSimulator, WebhookMode};

use super::{Place, on_both, text, webhook};
use crate::world::{On, REPOSITORY};

/// It names an issue without its number.
const STRANGE: &str = r#"{"action":"opened","issue":{"title":"x"},"repository":{"id":1,"full_name":"octo/station"},"installation":{"id":1}}"#;

type Settings = BTreeMap<&'static str, String>;

const EVENTS: [&str; 13] = [
    "issues",
    "issue_comment",
    "sub_issues",
    "issue_dependencies",
    "pull_request",
    "pull_request_review",
    "check_run",
    "check_suite",
    "status",
    "workflow_run",
    "deployment_status",
    "push",
    "repository",
];

const PERMISSIONS: [(&str, Access); 8] = [
    ("actions", Access::Write),
    ("checks", Access::Write),
    ("contents", Access::Write),
    ("deployments", Access::Write),
    ("issues", Access::Write),
    ("metadata", Access::Read),
    ("pull_requests", Access::Write),
    ("statuses", Access::Read),
];

fn grants_what_is_used(github: &GithubSimulator) {
    github.set_app_asks(&PERMISSIONS, &EVENTS);
    github.set_installation_permissions("octo", &PERMISSIONS).unwrap();
    github.set_hook_shown(false, true);
}

/// A place with everything as it should be, where a server ran and had a webhook; and its settings.
async fn healthy(place: &Place) -> Settings {
    grants_what_is_used(&place.github);
    let server = place.serve().await;
    let mut settings = place.settings();
    settings.insert("PUBLIC_URL", format!("http://{}", server.address));
    let issue = place.open_issue("Deploy v2.0");
    place.carded(issue).await;
    place.rest().await;
    server.kill().await;
    settings
}

async fn doctor(place: &Place, settings: &Settings, more: &[&str]) -> Output {
    place.command_with(settings, &[&["doctor"], more].concat()).await
}

/// The doctor's lines with these settings, which must end with this status and hold a line that begins so with its fix.
async fn finds(place: &Place, settings: &Settings, (status, line, fix): (i32, &str, &str)) {
    let output = doctor(place, settings, &[]).await;
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(status), "{line}:\n{said}{}", text(&output.stderr));
    let mut lines = said.lines().skip_while(|have| !have.starts_with(line));
    assert!(lines.next().is_some(), "no line begins with {line:?}:\n{said}");
    let shown = lines.next().unwrap_or_default();
    assert!(shown.starts_with("      fix: ") && shown.contains(fix), "{line}: {shown}");
}

on_both! {
    async fn where_all_is_well_every_line_says_so(place: &Place) {
        let settings = healthy(place).await;
        let output = doctor(place, &settings, &["--send"]).await;
        let said = text(&output.stdout);
        assert!(output.status.success(), "{said}{}", text(&output.stderr));
        assert!(said.lines().all(|line| line.starts_with("ok    ")), "{said}");
        for what in [
            "configuration", "file modes", "time zones", "database", "inbox", "outbox", "missed webhooks", "rules", "clock", "App",
            "App permissions", "App events", "installations", "webhook", "webhook deliveries", "policies", "address",
            "sign-in", "ntfy", "ntfy message",
        ] {
            assert!(said.lines().any(|line| line.starts_with(&format!("ok    {what}: "))), "{what}:\n{said}");
        }
        let output = doctor(place, &settings, &["--json"]).await;
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((&report["healthy"], &report["failed"]), (&true.into(), &0.into()), "{report}");
        assert!(report["checks"].as_array().unwrap().iter().all(|check| check["level"] == "ok" && check["fix"].is_null()));
    }
}

/// Settings that are changed or taken out, and what `doctor` makes of that: its status, its line and its fix.
type Broken<'a> = (&'a [(&'static str, Option<&'a str>)], (i32, &'a str, &'a str));

#[tokio::test]
async fn each_setting_that_is_wrong_has_its_line_and_its_fix() {
    let place = Place::start(On::Sqlite).await;
    let healthy = healthy(&place).await;
    let folder = place.folder.path();
    std::fs::write(folder.join("no-database"), "This is a text and not a database, however long one looks at it.")
        .unwrap();
    let not_a_database = format!("sqlite://{}", folder.join("no-database").display());
    let not_there = format!("sqlite://{}", folder.join("later.db").display());
    let broken_rules = folder.join("broken");
    std::fs::create_dir(&broken_rules).unwrap();
    std::fs::write(broken_rules.join("routing.toml"), "[[rule]]\nname = 'x'\ntitle = '('\n").unwrap();
    let (broken_rules, rules_line) =
        (broken_rules.display().to_string(), format!("fail  rules: {}/routing.toml:3:", broken_rules.display()));
    let nobody = "http://127.0.0.1:1";
    let rows: &[Broken<'_>] = &[
        (
            &[("PORT", Some("http"))],
            (1, "fail  configuration: PORT from the environment is `http`", "change this setting"),
        ),
        (&[("GITHUB_APP_ID", None)], (1, "fail  configuration: GITHUB_APP_ID is not set", "stationmaster setup")),
        (&[("GITHUB_WEBHOOK_SECRET", None)], (1, "fail  configuration: GITHUB_WEBHOOK_SECRET is not set", "setup")),
        (&[("GITHUB_APP_ID", Some("1"))], (1, "fail  App: ", "GITHUB_APP_ID to the id")),
        (&[("GITHUB_APP_CLIENT_ID", Some("Iv1"))], (1, "fail  App: GITHUB_APP_CLIENT_ID is of another App", "set it")),
        (
            &[("GITHUB_APP_CLIENT_ID", None), ("GITHUB_APP_CLIENT_SECRET", None)],
            (0, "warn  sign-in: people cannot sign in", "GITHUB_APP_CLIENT_ID"),
        ),
        (&[("GITHUB_API_URL", Some(nobody))], (2, "fail  clock: it could not be looked at", "GITHUB_API_URL")),
        (&[("DATABASE_URL", Some(&not_a_database))], (1, "fail  database: ", "DATABASE_URL")),
        (&[("DATABASE_URL", Some(&not_there))], (0, "warn  database: it is not there yet", "start the server")),
        (&[("STATIONMASTER_RULES", Some(&broken_rules))], (1, &rules_line, "stationmaster rules check")),
        (
            &[("HOST", Some("0.0.0.0")), ("PUBLIC_URL", None)],
            (1, "fail  address: others reach the server", "PUBLIC_URL"),
        ),
        (&[("PUBLIC_URL", Some("http://x.example.com"))], (1, "warn  address: ", "https address")),
        (
            &[("PUBLIC_URL", Some("https://x.example.com"))],
            (1, "fail  webhook: GitHub sends it to", "https://x.example.com/webhooks/github"),
        ),
        (&[("NTFY_URL", Some(nobody))], (2, "fail  ntfy: http://127.0.0.1:1 could not be looked at", "NTFY_URL")),
        (&[("NTFY_URL", Some(&place.github.api_url()))], (1, "fail  ntfy: ", "NTFY_URL")),
        (&[("NTFY_TOPIC", None)], (0, "warn  ntfy: no topic is set", "NTFY_TOPIC")),
        (
            &[("NTFY_PROTOCOL_TOPIC", Some("machines"))],
            (0, "warn  ntfy protocol: NTFY_SECRET is not set", "NTFY_SECRET"),
        ),
    ];
    for (changed, expected) in rows {
        let mut settings = healthy.clone();
        for (name, value) in *changed {
            match value {
                Some(value) => settings.insert(name, (*value).to_owned()),
                None => settings.remove(name),
            };
        }
        finds(&place, &settings, *expected).await;
    }
    assert!(!folder.join("later.db").exists(), "a look creates nothing");

    std::fs::write(folder.join(".env"), "LOG_LEVEL=warn\n").unwrap();
    let mode = |mode| std::fs::set_permissions(folder.join(".env"), std::fs::Permissions::from_mode(mode)).unwrap();
    mode(0o644);
    finds(&place, &healthy, (1, "fail  file modes: everybody on this machine can use .env", "chmod 600 .env")).await;
    mode(0o640);
    finds(&place, &healthy, (0, "warn  file modes: a group can use .env", "chmod 600 .env")).await;
}

#[tokio::test]
async fn what_github_has_otherwise_has_its_line_and_its_fix() {
    let place = Place::start(On::Sqlite).await;
    let settings = healthy(&place).await;
    let github = &place.github;
    // Nobody is there to take what is told of these changes.
    github.set_webhook_mode(WebhookMode::Manual);

    github.set_app_asks(&PERMISSIONS[1..], &EVENTS);
    finds(&place, &settings, (1, "fail  App permissions: it lacks actions: write", "grant them")).await;
    github.set_app_asks(&[PERMISSIONS.as_slice(), &[("administration", Access::Read)]].concat(), &EVENTS);
    finds(&place, &settings, (0, "warn  App permissions: it asks for more than is used: administration: read", "take"))
        .await;
    github.set_app_asks(&PERMISSIONS, &EVENTS[1..]);
    finds(&place, &settings, (1, "fail  App events: it does not hear issues", "subscribe")).await;
    github.set_app_asks(&PERMISSIONS, &[EVENTS.as_slice(), &["release"]].concat());
    finds(&place, &settings, (0, "warn  App events: it hears what is not used: release", "unsubscribe")).await;
    grants_what_is_used(github);

    github.set_installation_permissions("octo", &PERMISSIONS[..7]).unwrap();
    finds(
        &place,
        &settings,
        (1, "fail  installations: that of octo has not granted statuses: read", "/settings/installations/"),
    )
    .await;
    grants_what_is_used(github);

    github.set_hook_shown(true, true);
    finds(&place, &settings, (1, "fail  webhook: its content type is a form", "application/json")).await;
    github.set_hook_shown(false, false);
    finds(&place, &settings, (1, "fail  webhook: it has no secret", "GITHUB_WEBHOOK_SECRET")).await;
    grants_what_is_used(github);

    let policy = (".github/stationmaster.toml", "[merge]\nstrategy = \"sometimes\"\n");
    github.write_file(REPOSITORY, "main", policy, "Policy").unwrap();
    let line = format!("fail  policies: {REPOSITORY}:.github/stationmaster.toml:2:");
    finds(&place, &settings, (1, &line, "put the file on the default branch right")).await;
    github.write_file(REPOSITORY, "main", (policy.0, ""), "Policy").unwrap();

    github.suspend_installation("octo", true).unwrap();
    finds(&place, &settings, (0, "warn  installations: that of octo is suspended", "wake it up")).await;
    github.suspend_installation("octo", false).unwrap();
    github.uninstall("octo").unwrap();
    finds(&place, &settings, (0, "warn  installations: it is installed nowhere", "press Install")).await;
}

#[tokio::test]
async fn webhooks_that_do_not_arrive_say_why_and_dead_letters_are_counted() {
    let place = Place::start(On::Sqlite).await;
    let mut settings = healthy(&place).await;
    // The server is gone, so GitHub reaches nobody.
    place.open_issue("Nobody hears of this");
    place.github.deliver_all().await;
    finds(&place, &settings, (1, "fail  webhook deliveries: the newest (", "reached from the internet")).await;

    let deaf = place.serve_with(&[("GITHUB_WEBHOOK_SECRET", "another secret")]).await;
    settings.insert("PUBLIC_URL", format!("http://{}", deaf.address));
    place.open_issue("Nor of this");
    place.github.deliver_all().await;
    finds(&place, &settings, (1, "fail  webhook deliveries: the newest (", "GITHUB_WEBHOOK_SECRET")).await;
    let (head, body) = webhook("another secret", "bad-1", "issues", STRANGE);
    assert!(deaf.send(format!("{head}{body}").as_bytes()).await.starts_with("HTTP/1.1 202 "));
    place.rest().await;
    deaf.kill().await;
    finds(&place, &settings, (1, "warn  inbox: 1 delivery was given up", "inbox list --state dead")).await;
}

#[tokio::test]
async fn a_clock_that_differs_from_githubs_is_told() {
    for (behind_s, status, line) in
        [(45, 0, "warn  clock: it is 4"), (120, 1, "fail  clock: it is 1"), (-120, 1, "fail  clock: it is 1")]
    {
        let mut place = Place::start(On::Sqlite).await;
        let there = ManualClock::at(SystemClock.now().plus_ms(-behind_s * 1000));
        place.github = crate::contract::github(Arc::new(there)).await;
        place.github.create_repository(REPOSITORY).unwrap();
        grants_what_is_used(&place.github);
        place.github.set_webhook_target("http://127.0.0.1:1/webhooks/github");
        place.github.drop_all();
        finds(&place, &place.settings(), (status, line, "set over the network")).await;
    }
}
