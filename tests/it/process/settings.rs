//! A server that cannot start says in a sentence which setting is the reason, and nothing secret.

use std::collections::BTreeMap;

use super::{Place, text};
use crate::world::On;

/// What `serve` says on stderr with these settings; it must fail, and print nothing on stdout.
async fn refusal(place: &Place, settings: &BTreeMap<&'static str, String>) -> String {
    let output = place.command_with(settings, &["serve"]).await;
    let said = text(&output.stderr).to_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(text(&output.stdout), "");
    let secret = &settings.get("GITHUB_WEBHOOK_SECRET").cloned().unwrap_or_else(|| "no secret".to_owned());
    for secret in [secret.as_str(), "PRIVATE KEY", "hunter2"] {
        assert!(!said.contains(secret), "{secret:?} is told: {said}");
    }
    said
}

#[tokio::test]
async fn each_setting_that_is_missing_or_wrong_is_named_in_one_sentence() {
    let place = Place::start(On::Sqlite).await;
    let folder = place.folder.path();
    std::fs::write(folder.join("no-database"), "This is a text and not a database, however long one looks at it.")
        .unwrap();
    let not_a_database = format!("sqlite://{}", folder.join("no-database").display());
    let no_such_folder = format!("sqlite://{}", folder.join("nowhere/a.db").display());
    let held = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let held_port = held.local_addr().unwrap().port().to_string();
    let broken_rules = folder.join("broken");
    std::fs::create_dir(&broken_rules).unwrap();
    std::fs::write(broken_rules.join("routing.toml"), "[[rule]]\nname = 'x'\ntitle = '('\n").unwrap();
    let broken_rules = broken_rules.display().to_string();
    let port_taken = format!("the server cannot listen on HOST 127.0.0.1 and PORT {held_port}: Address already in use");
    let rows: &[(&str, Option<&str>, &str)] = &[
        ("GITHUB_WEBHOOK_SECRET", None, "GITHUB_WEBHOOK_SECRET is not set, and receiving webhooks needs it; set it to"),
        ("GITHUB_WEBHOOK_SECRET", Some("a,b,c"), "GITHUB_WEBHOOK_SECRET from the environment (not shown"),
        ("GITHUB_APP_ID", None, "GITHUB_APP_ID is not set, and acting on GitHub needs it; set it to"),
        ("GITHUB_APP_ID", Some("Iv1.abc"), "GITHUB_APP_ID from the environment is `Iv1.abc`; it should be"),
        ("GITHUB_APP_PRIVATE_KEY", None, "GITHUB_APP_PRIVATE_KEY (or GITHUB_APP_PRIVATE_KEY_PATH) is not set"),
        ("GITHUB_APP_PRIVATE_KEY", Some("hunter2"), "GITHUB_APP_PRIVATE_KEY from the environment (not shown"),
        ("GITHUB_API_URL", Some("ftp://x"), "GITHUB_API_URL from the environment is `ftp://x`; it should be"),
        ("PORT", Some("http"), "PORT from the environment is `http`; it should be a whole number from 0 to 65535."),
        ("PORT", Some("65536"), "PORT from the environment is `65536`; it should be"),
        ("PORT", Some(&held_port), &port_taken),
        ("HOST", Some("no such host"), "HOST from the environment is `no such host`; it should be"),
        ("DATABASE_URL", Some("mysql://root:hunter2@db/x"), "DATABASE_URL from the environment is `mysql://…@db/x`"),
        (
            "DATABASE_URL",
            Some("postgres://u:hunter2@?sslmode=sideways"),
            "the database of DATABASE_URL (postgres://…@?…) cannot be used: the database did not answer",
        ),
        ("DATABASE_URL", Some(&not_a_database), "the database of DATABASE_URL (sqlite://"),
        ("DATABASE_URL", Some(&no_such_folder), "the database of DATABASE_URL (sqlite://"),
        ("STATIONMASTER_RULES", Some(&broken_rules), "the rules cannot be used"),
        ("RUST_LOG", Some("a=b=c"), "RUST_LOG from the environment is `a=b=c`; it should be"),
    ];
    for (name, value, expected) in rows {
        let mut settings = place.settings();
        match value {
            Some(value) => settings.insert(name, (*value).to_owned()),
            None => settings.remove(name),
        };
        let said = refusal(&place, &settings).await;
        assert!(said.starts_with(&format!("error: {expected}")), "{name}={value:?} makes it say {said}");
        assert!(said.lines().count() == 1 || *name == "STATIONMASTER_RULES", "{name}={value:?} makes it say {said}");
    }
}

#[tokio::test]
async fn everything_that_is_missing_is_told_at_once_and_nothing_is_created() {
    let place = Place::start(On::Sqlite).await;
    let mut settings = place.settings();
    // Without all three it is a server that has no App yet, and offers to register one.
    for name in ["GITHUB_WEBHOOK_SECRET", "GITHUB_APP_ID"] {
        settings.remove(name);
    }
    let said = refusal(&place, &settings).await;
    assert_eq!(said.lines().count(), 2, "{said}");
    assert_eq!(std::fs::read_dir(place.folder.path()).unwrap().count(), 0, "no database was begun");
}

#[tokio::test]
async fn a_database_that_does_not_exist_is_named_once_and_without_its_password() {
    let place = Place::start(On::Postgres).await;
    let mut settings = place.settings();
    let nowhere = place.database.replacen("stationmaster@", "stationmaster:hunter2@", 1) + "_gone";
    settings.insert("DATABASE_URL", nowhere);
    let said = refusal(&place, &settings).await;
    assert!(said.starts_with("error: the database of DATABASE_URL (postgres://…@"), "{said}");
    assert_eq!(said.matches("does not exist").count(), 1, "{said}");
    crate::world::drop_database(&place.database).await;
}

#[tokio::test]
async fn every_command_has_help_that_says_what_it_does() {
    let place = Place::start(On::Sqlite).await;
    let commands: &[&[&str]] = &[
        &[],
        &["serve"],
        &["setup"],
        &["doctor"],
        &["rules"],
        &["rules", "check"],
        &["rules", "test"],
        &["router"],
        &["router", "classify"],
        &["router", "route"],
        &["router", "send"],
        &["router", "stats"],
        &["inbox"],
        &["inbox", "list"],
        &["inbox", "show"],
        &["inbox", "replay"],
        &["outbox"],
        &["outbox", "list"],
        &["outbox", "show"],
        &["outbox", "replay"],
    ];
    for command in commands {
        let output = place.command(&[command, ["--help"].as_slice()].concat()).await;
        let help = text(&output.stdout);
        assert!(output.status.success(), "{command:?}: {}", text(&output.stderr));
        assert!(help.contains("Usage: stationmaster") && help.contains("[env: DATABASE_URL]"), "{command:?}: {help}");
        let app = place.github.app();
        assert!(!help.contains(&app.webhook_secret), "{command:?} shows a secret: {help}");
    }
}
