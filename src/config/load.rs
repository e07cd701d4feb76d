//! Puts the configuration together, setting by setting.

use std::path::PathBuf;

use tracing_subscriber::EnvFilter;

use super::address::http_url;
use super::model::read_model;
use super::private_key::private_key;
use super::reader::{self, Reader};
use super::{
    ClientConfig, Config, ConfigFault, DatabaseUrl, LogFormat, NtfyConfig, PrivateKey, SignInConfig, settings,
};

/// Reads every setting before it gives up, so that all faults are found; `None` when a value without a default is bad.
pub(super) fn read_all<E: Fn(&str) -> Option<String>>(reader: &mut Reader<'_, E>) -> Option<Config> {
    let database_url = reader.required(&settings::DATABASE_URL, DatabaseUrl::parse);
    let app_id = reader.optional(&settings::GITHUB_APP_ID, |text| text.parse().ok().filter(|id| *id > 0));
    let private_key = read_private_key(reader);
    let webhook_secrets = reader.optional(&settings::GITHUB_WEBHOOK_SECRET, reader::webhook_secrets);
    let github_api_url = reader.required(&settings::GITHUB_API_URL, http_url);
    let sign_in = read_sign_in(reader);
    let public_url = reader.optional(&settings::PUBLIC_URL, http_url);
    let public_dashboard = reader.required(&settings::PUBLIC_DASHBOARD, reader::switch);
    let private_hosts = reader.optional(&settings::PRIVATE_HOSTS, |text| text.parse().ok());
    let otlp_endpoint = reader.optional(&settings::OTEL_EXPORTER_OTLP_ENDPOINT, http_url);
    let ntfy = read_ntfy(reader);
    let model = read_model(reader);
    let rules = reader.text(&settings::STATIONMASTER_RULES);
    let api_token = reader.optional(&settings::STATIONMASTER_API_TOKEN, reader::api_token);
    let host = reader.required(&settings::HOST, reader::host);
    let port = reader.required(&settings::PORT, |text| text.parse().ok());
    let client = read_client(reader, port);
    let log_format = reader.required(&settings::LOG_FORMAT, |text| match text {
        "text" => Some(LogFormat::Text),
        "json" => Some(LogFormat::Json),
        _ => None,
    });
    let log_filter = read_log_filter(reader);
    let sweep_interval_s = reader.whole(&settings::SWEEP_INTERVAL_S, 10..=86_400);
    let lease_s = reader.whole(&settings::LEASE_S, 5..=3600);
    let database_timeout_s = reader.whole(&settings::DATABASE_TIMEOUT_S, 1..=600);
    let ingest_batch_max = reader.whole(&settings::INGEST_BATCH_MAX, 1..=4096);
    let retention_days = reader.whole(&settings::RETENTION_DAYS, 1..=3650);
    let shutdown_timeout_s = reader.whole(&settings::SHUTDOWN_TIMEOUT_S, 0..=600);
    let receive_only = reader.required(&settings::RECEIVE_ONLY, reader::switch);
    let replay_nightly = reader.required(&settings::REPLAY_NIGHTLY, reader::switch);
    Some(Config {
        database_url: database_url?,
        github_api_url: github_api_url?,
        sign_in,
        public_url,
        public_dashboard: public_dashboard?,
        private_hosts: private_hosts.unwrap_or_default(),
        otlp_endpoint,
        ntfy: ntfy?,
        model,
        rules: rules.map(PathBuf::from),
        api_token,
        client,
        host: host?,
        port: port?,
        log_format: log_format?,
        log_filter: log_filter?,
        sweep_interval_s: sweep_interval_s?,
        lease_s: lease_s?,
        database_timeout_s: database_timeout_s?,
        ingest_batch_max: ingest_batch_max?,
        retention_days: retention_days?,
        shutdown_timeout_s: shutdown_timeout_s?,
        receive_only: receive_only?,
        replay_nightly: replay_nightly?,
        app_id,
        private_key,
        webhook_secrets: webhook_secrets.unwrap_or_default(),
    })
}

fn read_private_key<E: Fn(&str) -> Option<String>>(reader: &mut Reader<'_, E>) -> PrivateKey {
    let key = reader.optional(&settings::GITHUB_APP_PRIVATE_KEY, private_key);
    let path = reader.text(&settings::GITHUB_APP_PRIVATE_KEY_PATH);
    match (key, path) {
        (None, None) => PrivateKey::Unset,
        (Some(key), None) => PrivateKey::Given(key),
        (None, Some(path)) => PrivateKey::At(PathBuf::from(path)),
        (Some(_), Some(_)) => {
            let (one, other) = (settings::GITHUB_APP_PRIVATE_KEY.name, settings::GITHUB_APP_PRIVATE_KEY_PATH.name);
            reader.faults.push(ConfigFault::Both { one, other });
            PrivateKey::Unset
        }
    }
}

/// Of client id and secret each is of no use without the other.
fn read_sign_in<E: Fn(&str) -> Option<String>>(reader: &mut Reader<'_, E>) -> Option<SignInConfig> {
    let unset = |setting: &settings::Setting| ConfigFault::Unset {
        setting: setting.name,
        needed_for: "signing in with GitHub",
        expected: setting.expected,
    };
    let id = reader.text(&settings::GITHUB_APP_CLIENT_ID);
    let secret = reader.secret(&settings::GITHUB_APP_CLIENT_SECRET);
    match (id, secret) {
        (Some(client_id), Some(client_secret)) => Some(SignInConfig { client_id, client_secret }),
        (None, None) => None,
        (Some(_), None) => {
            reader.faults.push(unset(&settings::GITHUB_APP_CLIENT_SECRET));
            None
        }
        (None, Some(_)) => {
            reader.faults.push(unset(&settings::GITHUB_APP_CLIENT_ID));
            None
        }
    }
}

/// Port 0 is taken by no server that could be called, so the usual one is meant.
fn read_client<E: Fn(&str) -> Option<String>>(reader: &mut Reader<'_, E>, port: Option<u16>) -> ClientConfig {
    let port = port.filter(|port| *port != 0).unwrap_or(3000);
    let url = reader.optional(&settings::STATIONMASTER_URL, http_url);
    let token = reader.optional(&settings::STATIONMASTER_TOKEN, reader::api_token);
    let agent_id = reader.optional(&settings::AGENT_ID, reader::worker_id);
    ClientConfig { url: url.unwrap_or_else(|| format!("http://127.0.0.1:{port}")), agent_id, token }
}

fn read_ntfy<E: Fn(&str) -> Option<String>>(reader: &mut Reader<'_, E>) -> Option<NtfyConfig> {
    let url = reader.required(&settings::NTFY_URL, http_url);
    let topic = reader.optional(&settings::NTFY_TOPIC, reader::topic);
    let protocol_topic = reader.optional(&settings::NTFY_PROTOCOL_TOPIC, reader::topic);
    let token = reader.secret(&settings::NTFY_TOKEN);
    let secret = reader.secret(&settings::NTFY_SECRET);
    let repository = reader.optional(&settings::NTFY_REPOSITORY, reader::repository);
    let fallback_url = reader.optional(&settings::NTFY_FALLBACK_URL, http_url);
    let fallback_topic = reader.optional(&settings::NTFY_FALLBACK_TOPIC, reader::topic);
    Some(NtfyConfig { url: url?, topic, protocol_topic, token, secret, repository, fallback_url, fallback_topic })
}

/// `RUST_LOG` as it is, or everybody's warnings and our own lines down to `LOG_LEVEL`. What the database's driver warns of
/// at every attempt is told by us, once; what rmcp warns of is what agents get wrong, as often as they like.
fn read_log_filter<E: Fn(&str) -> Option<String>>(reader: &mut Reader<'_, E>) -> Option<String> {
    let whole = reader.optional(&settings::RUST_LOG, |text| EnvFilter::try_new(text).ok().map(|_| text.to_owned()));
    let level = reader.required(&settings::LOG_LEVEL, |text| {
        matches!(text, "error" | "warn" | "info" | "debug" | "trace")
            .then(|| format!("warn,sqlx=error,rmcp=error,stationmaster={text}"))
    });
    whole.or(level)
}
