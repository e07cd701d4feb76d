//! The one table of settings, from which parsing, `--help` and the README's table are made.

/// A setting: how it is called in each place it can come from, and what it means.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// The environment variable.
    pub name: &'static str,
    /// The flag without its dashes; `None` for secrets, since everybody on a machine can read command lines.
    pub flag: Option<&'static str>,
    /// The key in `stationmaster.toml`.
    pub key: &'static str,
    /// What it is when nobody sets it, as it would be written.
    pub default: Option<&'static str>,
    /// What a number counts.
    pub unit: Option<&'static str>,
    /// What a good value looks like, with an article.
    pub expected: &'static str,
    /// What it is for, as sentences.
    pub description: &'static str,
    /// Whether its value is never shown.
    pub secret: bool,
    /// Whether its flag can stand alone and then means 1.
    pub switch: bool,
}

impl Setting {
    const fn new(name: &'static str, flag: &'static str, key: &'static str, description: &'static str) -> Self {
        Self {
            name,
            flag: Some(flag),
            key,
            default: None,
            unit: None,
            expected: "a text",
            description,
            secret: false,
            switch: false,
        }
    }

    const fn default(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    const fn unit(mut self, unit: &'static str) -> Self {
        self.unit = Some(unit);
        self
    }

    const fn expected(mut self, expected: &'static str) -> Self {
        self.expected = expected;
        self
    }

    const fn secret(mut self) -> Self {
        self.secret = true;
        self.flag = None;
        self
    }

    const fn switch(mut self) -> Self {
        self.switch = true;
        self
    }
}

macro_rules! settings {
    ($($id:ident, $flag:literal, $key:literal, $description:literal $(, $method:ident($($value:literal)?))*;)+) => {
        $(pub(super) const $id: Setting =
            Setting::new(stringify!($id), $flag, $key, $description)$(.$method($($value)?))*;)+

        /// Every setting, in the order in which people meet them.
        pub const SETTINGS: &[Setting] = &[$($id),+];
    };
}

settings! {
    DATABASE_URL, "database-url", "database_url",
        "Where the state is kept: a SQLite file, or a PostgreSQL database for more than one replica.",
        default("sqlite://stationmaster.db"), expected("a URL that begins with sqlite: or postgres:");
    GITHUB_APP_ID, "github-app-id", "github_app_id",
        "The App's id, from its settings page.",
        expected("a whole number above 0");
    GITHUB_APP_PRIVATE_KEY, "github-app-private-key", "github_app_private_key",
        "The App's private key: PEM, also with its line ends written `\\n`, or base64 of the PEM.",
        expected("an RSA private key in PEM, as GitHub hands it out, or base64 of one"), secret();
    GITHUB_APP_PRIVATE_KEY_PATH, "github-app-private-key-path", "github_app_private_key_path",
        "The file that holds the App's private key, instead of the key itself.",
        expected("the path of a PEM file");
    GITHUB_WEBHOOK_SECRET, "github-webhook-secret", "github_webhook_secret",
        "The webhook's secret; two, separated by a comma, while it is being changed.",
        expected("one secret, or two separated by a comma"), secret();
    GITHUB_API_URL, "github-api-url", "github_api_url",
        "GitHub's REST API; for GitHub Enterprise Server `https://HOST/api/v3`.",
        default("https://api.github.com"), expected("an http or https URL without a password in it");
    GITHUB_APP_CLIENT_ID, "github-app-client-id", "github_app_client_id",
        "The App's client id, with which people sign in to the dashboard; without it only tokens do.",
        expected("a client id such as `Iv23liAbCdEfGhIjKlMn`");
    GITHUB_APP_CLIENT_SECRET, "github-app-client-secret", "github_app_client_secret",
        "The App's client secret, which goes with its client id.",
        secret();
    PUBLIC_URL, "public-url", "public_url",
        "The address under which people and GitHub reach this server; without it `http://HOST:PORT`.",
        expected("an http or https URL without a password in it");
    PUBLIC_DASHBOARD, "public-dashboard", "public_dashboard",
        "When 1, whoever is not signed in may read what concerns public repositories.",
        default("0"), expected("`1` or `0`"), switch();
    PRIVATE_HOSTS, "private-hosts", "private_hosts",
        "Names, addresses and ranges within the server's own network that hooks, health checks and evidence may lead to.",
        expected("a list with commas, such as `deploy.internal, 10.1.2.3, 10.2.0.0/16`");
    NTFY_URL, "ntfy-url", "ntfy_url",
        "The ntfy server.",
        default("https://ntfy.sh"), expected("an http or https URL without a password in it");
    NTFY_TOPIC, "ntfy-topic", "ntfy_topic",
        "The topic for people; without it nobody is told over ntfy.",
        expected("1 to 64 letters, digits, `-` and `_`");
    NTFY_PROTOCOL_TOPIC, "ntfy-protocol-topic", "ntfy_protocol_topic",
        "The topic for machines.",
        expected("1 to 64 letters, digits, `-` and `_`");
    NTFY_TOKEN, "ntfy-token", "ntfy_token",
        "The access token for the ntfy server.",
        secret();
    NTFY_SECRET, "ntfy-secret", "ntfy_secret",
        "The shared secret that signs messages between machines; without it nothing that comes in over ntfy is obeyed.",
        secret();
    NTFY_REPOSITORY, "ntfy-repository", "ntfy_repository",
        "The repository in which tasks that come over ntfy are opened, unless they name one; without it the only one.",
        expected("a repository such as `owner/name`");
    NTFY_FALLBACK_URL, "ntfy-fallback-url", "ntfy_fallback_url",
        "The ntfy server for urgent messages when the first one refuses; without it the first one again.",
        expected("an http or https URL without a password in it");
    NTFY_FALLBACK_TOPIC, "ntfy-fallback-topic", "ntfy_fallback_topic",
        "The topic for urgent messages when the daily limit of the first is used up.",
        expected("1 to 64 letters, digits, `-` and `_`");
    OPENROUTER_API_KEY, "openrouter-api-key", "openrouter_api_key",
        "A key of OpenRouter, with whose models pull requests may be commented on; without it, and without MODEL_URL, no model is ever asked.",
        secret();
    MODEL_URL, "model-url", "model_url",
        "An endpoint of one's own that speaks OpenAI's protocol, up to `/chat/completions`, instead of OpenRouter.",
        expected("an http or https URL without a password in it");
    MODEL_API_KEY, "model-api-key", "model_api_key",
        "The key for MODEL_URL, where it wants one.",
        secret();
    MODEL_NAME, "model-name", "model_name",
        "What the model is called at that endpoint; needed where a model is to be asked.",
        expected("a name such as `openai/gpt-4.1-mini`");
    MODEL_TOKENS_PER_DAY, "model-tokens-per-day", "model_tokens_per_day",
        "How many tokens asking the model may cost in a day, of all servers together; at midnight UTC it begins anew.",
        default("200000"), unit("tokens"), expected("a whole number from 1000 to 1000000000");
    STATIONMASTER_RULES, "stationmaster-rules", "stationmaster_rules",
        "The folder of rules; without it `rules/` in the working directory or beside the binary, else the built-in copy.",
        expected("the path of a folder");
    STATIONMASTER_API_TOKEN, "stationmaster-api-token", "stationmaster_api_token",
        "A token of the scope `admin` for calls of the HTTP API and for the dashboard, beside those that `stationmaster token create` makes.",
        expected("at least 20 characters, none of them a space"), secret();
    STATIONMASTER_URL, "stationmaster-url", "stationmaster_url",
        "The server that `orchestrate`, `worker` and `mcp` call; without it the one on this machine, at PORT.",
        expected("an http or https URL without a password in it");
    STATIONMASTER_TOKEN, "stationmaster-token", "stationmaster_token",
        "The token that `orchestrate`, `worker` and `mcp` call it with, as `stationmaster token create` prints it.",
        expected("at least 20 characters, none of them a space"), secret();
    AGENT_ID, "agent-id", "agent_id",
        "The worker's id that `worker` commands act for; without it the one that the token was made for.",
        expected("1 to 40 letters, digits, `-` and `_`");
    HOST, "host", "host",
        "The address to listen on.",
        default("127.0.0.1"), expected("an IP address or a host name");
    PORT, "port", "port",
        "The port to listen on; 0 takes one that is free.",
        default("3000"), expected("a whole number from 0 to 65535");
    LOG_FORMAT, "log-format", "log_format",
        "How log lines are written to stderr: `text` for people, `json` for machines.",
        default("text"), expected("`text` or `json`");
    LOG_LEVEL, "log-level", "log_level",
        "How much of its own doings Stationmaster logs.",
        default("info"), expected("one of `error`, `warn`, `info`, `debug` and `trace`");
    RUST_LOG, "rust-log", "rust_log",
        "A filter in tracing's syntax, such as `info,stationmaster::http=trace`; it overrides LOG_LEVEL.",
        expected("a filter such as `info,stationmaster::http=trace`");
    OTEL_EXPORTER_OTLP_ENDPOINT, "otel-exporter-otlp-endpoint", "otel_exporter_otlp_endpoint",
        "Where traces are sent, by OpenTelemetry's protocol over HTTP; without it nowhere.",
        expected("an http or https URL without a password in it");
    SWEEP_INTERVAL_S, "sweep-interval-s", "sweep_interval_s",
        "How often everything is looked at again, whether or not a webhook came.",
        default("300"), unit("seconds"), expected("a whole number from 10 to 86400");
    LEASE_S, "lease-s", "lease_s",
        "How long a replica owns what it works on before another may take it over.",
        default("60"), unit("seconds"), expected("a whole number from 5 to 3600");
    DATABASE_TIMEOUT_S, "database-timeout-s", "database_timeout_s",
        "How long an answer of the database is waited for, and at the start the database itself.",
        default("30"), unit("seconds"), expected("a whole number from 1 to 600");
    INGEST_BATCH_MAX, "ingest-batch-max", "ingest_batch_max",
        "How many deliveries share one commit at most; 1 commits each by itself.",
        default("256"), unit("deliveries"), expected("a whole number from 1 to 4096");
    RETENTION_DAYS, "retention-days", "retention_days",
        "How long processed deliveries are kept.",
        default("30"), unit("days"), expected("a whole number from 1 to 3650");
    SHUTDOWN_TIMEOUT_S, "shutdown-timeout-s", "shutdown_timeout_s",
        "How long a stopping server waits for the requests it is answering.",
        default("25"), unit("seconds"), expected("a whole number from 0 to 600");
    RECEIVE_ONLY, "receive-only", "receive_only",
        "When 1, the server stores what comes in and decides nothing.",
        default("0"), expected("0 or 1"), switch();
    REPLAY_NIGHTLY, "replay-nightly", "replay_nightly",
        "When 1, the decisions of the last day are made again at 03:00 in the team's zone, and differences are counted.",
        default("1"), expected("0 or 1"), switch();
}

/// The settings as a table in Markdown, as it stands in the README.
#[must_use]
pub fn settings_table_markdown() -> String {
    let mut table = String::from("| environment | flag | `stationmaster.toml` | default | what it is |\n");
    table.push_str("| --- | --- | --- | --- | --- |\n");
    for setting in SETTINGS {
        let flag = setting.flag.map_or_else(|| "none: secret".to_owned(), |flag| format!("`--{flag}`"));
        let default = match (setting.default, setting.unit) {
            (Some(default), Some(unit)) => format!("`{default}` {unit}"),
            (Some(default), None) => format!("`{default}`"),
            (None, _) => String::new(),
        };
        let (name, key) = (format!("`{}`", setting.name), format!("`{}`", setting.key));
        let row = [name, flag, key, default, setting.description.replace('|', "\\|")];
        table.extend(["| ", &row.join(" | "), " |\n"]);
    }
    table
}
