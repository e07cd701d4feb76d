//! The one table of everything that is counted: names, labels and meaning.

use std::fmt::Write as _;

/// What kind of number it is (<https://prometheus.io/docs/concepts/metric_types/>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// It only grows while the process lives.
    Counter,
    /// It goes up and down.
    Gauge,
    /// How often something was how large; `_bucket`, `_count` and `_sum` belong to it.
    Histogram,
    /// Always 1; its labels say something.
    Info,
}

impl MetricKind {
    /// As the text format names it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Info => "info",
        }
    }
}

/// Something that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// Its name in queries.
    pub name: &'static str,
    /// What kind of number it is.
    pub kind: MetricKind,
    /// Its labels, in their order.
    pub labels: &'static [&'static str],
    /// What it means.
    pub says: &'static str,
}

const fn metric(name: &'static str, kind: MetricKind, labels: &'static [&'static str], says: &'static str) -> Metric {
    Metric { name, kind, labels, says }
}

use MetricKind::{Counter, Gauge, Histogram, Info};

/// Everything that `/metrics` shows.
pub const METRICS: &[Metric] = &[
    metric("stationmaster_build_info", Info, &["version"], "The running build"),
    metric(
        "stationmaster_deliveries_total",
        Counter,
        &["event", "result"],
        "Webhooks that were genuine, by event and what became of them: stored, duplicate or failed",
    ),
    metric("stationmaster_http_rejected_total", Counter, &["reason"], "Requests answered with a problem, by its kind"),
    metric(
        "stationmaster_ingest_seconds",
        Histogram,
        &[],
        "From a request's last byte to its answer, for genuine webhooks",
    ),
    metric("stationmaster_ingest_batch_size", Histogram, &[], "Deliveries that shared one commit"),
    metric(
        "stationmaster_deliveries_read_total",
        Counter,
        &["state"],
        "Deliveries that were read, by the state they got: marked, done, ignored or dead",
    ),
    metric("stationmaster_inbox_depth", Gauge, &["state"], "Deliveries in the inbox, by state"),
    metric("stationmaster_outbox_depth", Gauge, &["state"], "Actions in the outbox, by state"),
    metric(
        "stationmaster_store_reachable",
        Gauge,
        &[],
        "1 when the store answered this very scrape, else 0 and depths are old",
    ),
    metric(
        "stationmaster_actions_total",
        Counter,
        &["action", "outcome"],
        "Attempts at actions, by action and outcome: performed, later, failed or refused",
    ),
    metric(
        "stationmaster_missed_deliveries_total",
        Counter,
        &["result"],
        "Webhooks that did not come, by what was done: missing (found in GitHub's log), asked (for again) or given_up",
    ),
    metric(
        "stationmaster_decisions_total",
        Counter,
        &["subject", "result"],
        "Decisions, by kind of subject and result: changed or unchanged",
    ),
    metric("stationmaster_decision_seconds", Histogram, &[], "One look at a subject: observing, deciding, storing"),
    metric(
        "stationmaster_replay_decisions_total",
        Counter,
        &["result"],
        "Decisions that were made again by night, by what came of it: same, policy (another policy is in force), version \
         (another version had decided), unexplained or unreadable",
    ),
    metric(
        "stationmaster_github_requests_total",
        Counter,
        &["method", "status"],
        "Requests to GitHub, by method and status; 0 is no answer",
    ),
    metric(
        "stationmaster_github_rate_limit_remaining",
        Gauge,
        &["installation"],
        "Requests that GitHub still allows in this hour, by installation",
    ),
    metric(
        "stationmaster_troubles",
        Gauge,
        &["cause"],
        "Actions and looks of this server that wait for a trouble to pass, by its cause: github, github_limit, app_key, \
         forbidden, out_of_reach, suspended, ntfy, ntfy_limit, database or disk",
    ),
    metric(
        "stationmaster_model_calls_total",
        Counter,
        &["result"],
        "Questions to a model, by what became of them: answered, failed, dropped (failed too often) or over_budget",
    ),
    metric("stationmaster_model_tokens_total", Counter, &[], "Tokens that questions to a model have cost"),
];

/// The meaning of a metric, by its name in queries.
pub(super) fn says(name: &str) -> &'static str {
    METRICS.iter().find(|metric| metric.name == name).map_or("", |metric| metric.says)
}

/// The table in Markdown, as the reference shows it.
#[must_use]
pub fn metrics_markdown() -> String {
    let mut table = String::from("| name | type | labels | what it means |\n| --- | --- | --- | --- |\n");
    for metric in METRICS {
        let labels: Vec<String> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        let (name, kind, says) = (metric.name, metric.kind.as_str(), metric.says);
        // Writing to a text cannot fail.
        let _ = writeln!(table, "| `{name}` | {kind} | {} | {says} |", labels.join(", "));
    }
    table
}
