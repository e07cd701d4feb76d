//! Where settings come from, and the one sentence that each wrong or missing one gets.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Parser;
use insta::assert_snapshot;
use secrecy::ExposeSecret as _;
use stationmaster::config::{Config, Flags, LogFormat, SETTINGS, read_dotenv, settings_table_markdown};

#[derive(Parser)]
#[command(name = "stationmaster")]
struct CommandLine {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Option<Sub>,
}

#[derive(clap::Subcommand)]
enum Sub {
    Serve,
}

fn flags(arguments: &str) -> Flags {
    let line = std::iter::once("stationmaster").chain(arguments.split_whitespace());
    let parsed = CommandLine::try_parse_from(line).unwrap();
    assert!(parsed.command.is_none_or(|Sub::Serve| true));
    parsed.flags
}

/// Loads with the environment given as lines of `NAME=value`.
fn load_all(arguments: &str, environment: &str, file: Option<&str>) -> Result<Config, String> {
    let environment: BTreeMap<_, _> = environment.lines().filter_map(|line| line.trim().split_once('=')).collect();
    let get = |name: &str| environment.get(name).map(|value| (*value).to_owned());
    let file = file.map(|text| (Path::new("stationmaster.toml"), text));
    Config::load(&flags(arguments), get, file).map_err(|faults| faults.to_string())
}

#[track_caller]
fn load(environment: &str) -> Config {
    load_all("", environment, None).unwrap()
}

fn fault(environment: &str) -> String {
    load_all("", environment, None).unwrap_err()
}

/// A fresh RSA key as PEM (PKCS #8).
fn private_key() -> String {
    use aws_lc_rs::encoding::AsDer as _;
    let key = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
    let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = key.as_der().unwrap();
    let base64 = STANDARD.encode(der.as_ref());
    let lines: Vec<_> = base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----", lines.join("\n"))
}

#[test]
fn nothing_set_means_the_documented_defaults() {
    let config = load("");
    assert_eq!(config.database_url.expose(), "sqlite://stationmaster.db");
    assert_eq!(config.github_api_url, "https://api.github.com");
    assert_eq!(config.ntfy.url, "https://ntfy.sh");
    assert_eq!((config.host.as_str(), config.port), ("127.0.0.1", 3000));
    assert_eq!(
        (config.log_format, config.log_filter.as_str()),
        (LogFormat::Text, "warn,sqlx=error,rmcp=error,stationmaster=info")
    );
    assert_eq!((config.sweep_interval_s, config.lease_s, config.ingest_batch_max), (300, 60, 256));
    assert_eq!(config.database_timeout_s, 30);
    assert_eq!((config.retention_days, config.shutdown_timeout_s, config.receive_only), (30, 25, false));
    assert!(config.ntfy.topic.is_none() && config.rules.is_none());
}

#[test]
fn flags_win_over_the_environment_over_the_file_over_defaults() {
    let file = Some("port = 1\nhost = \"::1\"\nlease_s = 10\nreceive_only = true\n");
    let config = load_all("--port 3", "PORT=2\nHOST=0.0.0.0", file).unwrap();
    assert_eq!((config.port, config.host.as_str(), config.lease_s, config.retention_days), (3, "0.0.0.0", 10, 30));
    assert!(config.receive_only);
}

#[test]
fn an_empty_value_leaves_a_setting_unset() {
    let config = load_all("", "PORT=\nNTFY_TOPIC=", Some("port = 8080\nntfy_token = \"\"")).unwrap();
    assert_eq!(config.port, 8080);
    assert!(config.ntfy.topic.is_none() && config.ntfy.token.is_none());
}

#[test]
fn flags_work_behind_the_command_and_a_switch_stands_alone() {
    let config = load_all("serve --receive-only --port 9 --config other.toml", "", None).unwrap();
    assert!(config.receive_only);
    assert_eq!(config.port, 9);
    assert_eq!(flags("serve --config other.toml").file.as_deref(), Some(Path::new("other.toml")));
}

#[test]
fn addresses_lose_the_slash_at_their_end() {
    let config = load("GITHUB_API_URL=https://github.acme.test/api/v3/\nNTFY_URL=http://127.0.0.1:8080/");
    assert_eq!(config.github_api_url, "https://github.acme.test/api/v3");
    assert_eq!(config.ntfy.url, "http://127.0.0.1:8080");
}

#[test]
fn two_webhook_secrets_are_valid_while_they_are_being_changed() {
    let exposed = |text: &str| {
        let config = load(&format!("GITHUB_WEBHOOK_SECRET={text}"));
        let secrets = config.webhook_secrets().unwrap();
        secrets.iter().map(|secret| secret.expose_secret().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(exposed("old"), ["old"]);
    assert_eq!(exposed("new, old"), ["new", "old"]);
}

#[test]
fn a_token_for_the_api_is_long_and_fits_into_a_header() {
    let token = "0123456789-token-abc";
    let config = load(&format!("STATIONMASTER_API_TOKEN={token}"));
    assert_eq!(config.api_token.unwrap().expose_secret(), token);
    assert!(load("").api_token.is_none());
    for bad in ["0123456789-token-ab", "0123456789 token abcdef", "0123456789-token-äöü"] {
        let fault = fault(&format!("STATIONMASTER_API_TOKEN={bad}"));
        assert!(fault.contains("at least 20 characters") && !fault.contains(bad), "{fault}");
    }
}

#[test]
fn commands_call_the_server_on_this_machine_unless_another_is_named() {
    assert_eq!(load("").client.url, "http://127.0.0.1:3000");
    assert_eq!(load("PORT=8080").client.url, "http://127.0.0.1:8080");
    let config = load("PORT=8080\nSTATIONMASTER_URL=https://station.acme.test/\nAGENT_ID=builder-1");
    assert_eq!(config.client.url, "https://station.acme.test");
    assert_eq!(config.client.agent_id.as_deref(), Some("builder-1"));
    assert!(config.client.token().unwrap_err().to_string().starts_with("STATIONMASTER_TOKEN is not set"));
    let token = "0123456789-token-abc";
    assert_eq!(load(&format!("STATIONMASTER_TOKEN={token}")).client.token().unwrap().expose_secret(), token);
}

#[test]
fn rust_log_overrides_the_level() {
    assert_eq!(load("LOG_LEVEL=debug").log_filter, "warn,sqlx=error,rmcp=error,stationmaster=debug");
    assert_eq!(load("LOG_LEVEL=debug\nRUST_LOG=info,hyper=trace").log_filter, "info,hyper=trace");
}

#[test]
fn the_private_key_survives_escaped_line_ends_base64_and_a_file() {
    let pem = private_key();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    std::fs::write(&path, format!("{pem}\n")).unwrap();
    let forms = [
        format!("GITHUB_APP_PRIVATE_KEY={}", pem.replace('\n', "\\n")),
        format!("GITHUB_APP_PRIVATE_KEY={}", STANDARD.encode(&pem)),
        format!("GITHUB_APP_PRIVATE_KEY_PATH={}", path.display()),
    ];
    for form in forms {
        let github = load(&format!("GITHUB_APP_ID=12\n{form}")).github().unwrap();
        assert_eq!((github.app_id, github.api_url.as_str()), (12, "https://api.github.com"));
        assert_eq!(github.private_key.expose_secret(), pem);
    }
}

#[test]
fn no_secret_is_ever_shown() {
    let pem = private_key();
    let environment = format!(
        "GITHUB_APP_ID=12\nGITHUB_APP_PRIVATE_KEY={}\nGITHUB_WEBHOOK_SECRET=hunter2\nNTFY_TOKEN=hunter2\n\
         STATIONMASTER_API_TOKEN=hunter2-hunter2-hunter2\nNTFY_SECRET=hunter2\nDATABASE_URL=postgres://station:hunter2@db.acme.test/station?password=hunter2",
        STANDARD.encode(&pem)
    );
    let config = load(&environment);
    let shown = format!("{config:?} {:?} {}", config.github().unwrap(), config.database_url);
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(!shown.contains(pem.lines().nth(1).unwrap()), "{shown}");
    assert!(shown.contains("postgres://…@db.acme.test/station?…"), "{shown}");

    let wrong = "DATABASE_URL=mysql://station:hunter2@db/station\nGITHUB_APP_PRIVATE_KEY=hunter2\n\
                 GITHUB_WEBHOOK_SECRET=hunter2,,\nNTFY_URL=https://me:hunter2@ntfy.sh";
    let sentences = fault(wrong);
    assert_eq!(sentences.lines().count(), 4);
    assert!(!sentences.contains("hunter2"), "{sentences}");
    let cut = load_all("", "", Some("ntfy_token = hunter2")).unwrap_err();
    assert!(!cut.contains("hunter2"), "{cut}");
}

#[test]
fn each_wrong_value_gets_a_sentence() {
    let all = "DATABASE_URL=mysql://db\nGITHUB_APP_ID=-1\nGITHUB_APP_PRIVATE_KEY=x\nGITHUB_WEBHOOK_SECRET=a,b,c\n\
               GITHUB_API_URL=api.github.com\nNTFY_URL=ftp://ntfy.sh\nNTFY_TOPIC=a/b\nNTFY_PROTOCOL_TOPIC=a b\n\
               NTFY_FALLBACK_URL=x\nNTFY_FALLBACK_TOPIC=ü\nHOST=my host\nPORT=http\nLOG_FORMAT=xml\nLOG_LEVEL=loud\n\
               RUST_LOG=a=b=c\nSWEEP_INTERVAL_S=0\nLEASE_S=1\nINGEST_BATCH_MAX=0\nRETENTION_DAYS=0\n\
               SHUTDOWN_TIMEOUT_S=-1\nRECEIVE_ONLY=maybe\nSTATIONMASTER_URL=station\n\
               STATIONMASTER_TOKEN=short\nAGENT_ID=a/b";
    assert_snapshot!(fault(all), @r"
    DATABASE_URL from the environment is `mysql://db`; it should be a URL that begins with sqlite: or postgres:.
    GITHUB_APP_ID from the environment is `-1`; it should be a whole number above 0.
    GITHUB_APP_PRIVATE_KEY from the environment (not shown, being a secret) is something else; it should be an RSA private key in PEM, as GitHub hands it out, or base64 of one.
    GITHUB_WEBHOOK_SECRET from the environment (not shown, being a secret) is something else; it should be one secret, or two separated by a comma.
    GITHUB_API_URL from the environment is `api.github.com`; it should be an http or https URL without a password in it.
    NTFY_URL from the environment is `ftp://ntfy.sh`; it should be an http or https URL without a password in it.
    NTFY_TOPIC from the environment is `a/b`; it should be 1 to 64 letters, digits, `-` and `_`.
    NTFY_PROTOCOL_TOPIC from the environment is `a b`; it should be 1 to 64 letters, digits, `-` and `_`.
    NTFY_FALLBACK_URL from the environment is `x`; it should be an http or https URL without a password in it.
    NTFY_FALLBACK_TOPIC from the environment is `ü`; it should be 1 to 64 letters, digits, `-` and `_`.
    HOST from the environment is `my host`; it should be an IP address or a host name.
    PORT from the environment is `http`; it should be a whole number from 0 to 65535.
    STATIONMASTER_URL from the environment is `station`; it should be an http or https URL without a password in it.
    STATIONMASTER_TOKEN from the environment (not shown, being a secret) is something else; it should be at least 20 characters, none of them a space.
    AGENT_ID from the environment is `a/b`; it should be 1 to 40 letters, digits, `-` and `_`.
    LOG_FORMAT from the environment is `xml`; it should be `text` or `json`.
    RUST_LOG from the environment is `a=b=c`; it should be a filter such as `info,stationmaster::http=trace`.
    LOG_LEVEL from the environment is `loud`; it should be one of `error`, `warn`, `info`, `debug` and `trace`.
    SWEEP_INTERVAL_S from the environment is `0`; it should be a whole number from 10 to 86400.
    LEASE_S from the environment is `1`; it should be a whole number from 5 to 3600.
    INGEST_BATCH_MAX from the environment is `0`; it should be a whole number from 1 to 4096.
    RETENTION_DAYS from the environment is `0`; it should be a whole number from 1 to 3650.
    SHUTDOWN_TIMEOUT_S from the environment is `-1`; it should be a whole number from 0 to 600.
    RECEIVE_ONLY from the environment is `maybe`; it should be 0 or 1.
    ");
}

#[test]
fn what_a_command_needs_is_asked_for_when_it_is_needed() {
    let config = load("");
    assert_snapshot!(config.github().unwrap_err(), @r"
    GITHUB_APP_ID is not set, and acting on GitHub needs it; set it to a whole number above 0.
    GITHUB_APP_PRIVATE_KEY (or GITHUB_APP_PRIVATE_KEY_PATH) is not set, and acting on GitHub needs it; set it to an RSA private key in PEM, as GitHub hands it out, or base64 of one.
    ");
    assert_snapshot!(config.webhook_secrets().unwrap_err(), @"GITHUB_WEBHOOK_SECRET is not set, and receiving webhooks needs it; set it to one secret, or two separated by a comma.");
    let missing = load("GITHUB_APP_ID=1\nGITHUB_APP_PRIVATE_KEY_PATH=/nowhere/key.pem");
    assert_snapshot!(missing.github().unwrap_err(), @"/nowhere/key.pem (GITHUB_APP_PRIVATE_KEY_PATH) cannot be read: No such file or directory (os error 2).");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    std::fs::write(&path, "-----BEGIN CERTIFICATE-----").unwrap();
    let wrong = load(&format!("GITHUB_APP_ID=1\nGITHUB_APP_PRIVATE_KEY_PATH={}", path.display()));
    let sentence = wrong.github().unwrap_err().to_string();
    assert_snapshot!(sentence.replace(&folder.path().display().to_string(), "FOLDER"), @"FOLDER/key.pem (GITHUB_APP_PRIVATE_KEY_PATH) cannot be read: it does not hold an RSA private key in PEM, as GitHub hands it out, or base64 of one.");
}

#[test]
fn a_key_and_a_path_to_a_key_exclude_each_other() {
    let both = format!("GITHUB_APP_PRIVATE_KEY={}\nGITHUB_APP_PRIVATE_KEY_PATH=k.pem", STANDARD.encode(private_key()));
    assert_snapshot!(fault(&both), @"GITHUB_APP_PRIVATE_KEY and GITHUB_APP_PRIVATE_KEY_PATH are both set; keep one of them.");
}

#[test]
fn faults_of_the_file_say_line_and_column() {
    let file = "# server\nport = 70_000\nprot = 1\nhost = [\"a\"]\n\n[ntfy]\nurl = \"x\"\n";
    assert_snapshot!(load_all("", "", Some(file)).unwrap_err(), @r"
    stationmaster.toml:3:1: `prot` is not a setting.
    HOST from stationmaster.toml:4:8 is of the TOML type array; it should be an IP address or a host name.
    stationmaster.toml:6:2: `ntfy` is not a setting.
    PORT from stationmaster.toml:2:8 is `70000`; it should be a whole number from 0 to 65535.
    ");
    assert_snapshot!(load_all("", "", Some("port = 1\nhost = ü\n")).unwrap_err(), @"stationmaster.toml:2:8: string values must be quoted, expected literal string.");
    assert_snapshot!(load_all("--port 99999", "", None).unwrap_err(), @"PORT from the flag --port is `99999`; it should be a whole number from 0 to 65535.");
}

#[test]
fn a_file_that_was_asked_for_must_be_there() {
    let flags = flags("--config /nowhere/stationmaster.toml");
    assert_snapshot!(Config::read(&flags).unwrap_err(), @"/nowhere/stationmaster.toml (the configuration file) cannot be read: No such file or directory (os error 2).");
}

#[test]
fn a_broken_env_file_says_where_without_repeating_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".env");
    assert!(read_dotenv(&path).is_ok(), "no file is fine");
    std::fs::write(&path, "# comment\nTHIS IS hunter2\n").unwrap();
    let sentence = read_dotenv(&path).unwrap_err().to_string();
    assert_snapshot!(sentence.replace(&folder.path().display().to_string(), "FOLDER"), @"FOLDER/.env:2:6: this is not NAME=value; a value with spaces or `#` in it needs quotes.");
}

#[test]
fn names_flags_and_keys_follow_one_rule_and_every_default_is_good() {
    for setting in SETTINGS {
        assert_eq!(setting.key, setting.name.to_lowercase());
        let flag = setting.flag.map(str::to_owned);
        assert_eq!(flag, (!setting.secret).then(|| setting.key.replace('_', "-")), "{}", setting.name);
        if let Some(default) = setting.default {
            load(&format!("{}={default}", setting.name));
        }
    }
}

#[test]
fn help_and_the_readme_table_name_every_setting() {
    let mut command = <CommandLine as clap::CommandFactory>::command();
    let help = command.render_long_help().to_string();
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let table = settings_table_markdown();
    assert_eq!(table.lines().count(), SETTINGS.len() + 2);
    for setting in SETTINGS {
        assert!(table.contains(&format!("| `{}` | ", setting.name)), "{}", setting.name);
        assert_eq!(help.contains(&format!("[env: {}]", setting.name)), !setting.secret, "{}", setting.name);
    }
    assert!(help.contains("In seconds. [env: LEASE_S] [default: 60]"), "{help}");
    let port = table.lines().find(|line| line.contains("`PORT`")).unwrap();
    assert_snapshot!(port, @"| `PORT` | `--port` | `port` | `3000` | The port to listen on; 0 takes one that is free. |");
}
