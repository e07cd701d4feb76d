//! What Stationmaster counts about itself, for Prometheus; cheap to clone and handed to every stage.

mod table;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use table::says;
pub use table::{METRICS, Metric, MetricKind, metrics_markdown};

use crate::model::{DeliveryState, InstallationId};

/// What became of a delivery that passed the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryResult {
    /// It is on disk.
    Stored,
    /// It was already there.
    Duplicate,
    /// The store could not take it.
    Failed,
}

impl EncodeLabelValue for DeliveryResult {
    fn encode(&self, encoder: &mut prometheus_client::encoding::LabelValueEncoder<'_>) -> Result<(), fmt::Error> {
        let text = match self {
            Self::Stored => "stored",
            Self::Duplicate => "duplicate",
            Self::Failed => "failed",
        };
        text.encode(encoder)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DeliveryLabels {
    event: String,
    result: DeliveryResult,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabels {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabels {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ActionLabels {
    action: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResultLabels {
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DecisionLabels {
    subject: &'static str,
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CauseLabels {
    cause: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InstallationLabels {
    installation: i64,
}

/// All counters, gauges and histograms. Clones count into the same ones.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    deliveries: Family<DeliveryLabels, Counter>,
    rejected: Family<ReasonLabels, Counter>,
    ingest_seconds: Histogram,
    batch_size: Histogram,
    read: Family<StateLabels, Counter>,
    inbox_depth: Family<StateLabels, Gauge>,
    outbox_depth: Family<StateLabels, Gauge>,
    store_reachable: Gauge,
    actions: Family<ActionLabels, Counter>,
    missed: Family<ResultLabels, Counter>,
    decisions: Family<DecisionLabels, Counter>,
    decision_seconds: Histogram,
    replayed: Family<ResultLabels, Counter>,
    github_requests: Family<RequestLabels, Counter>,
    github_rate_remaining: Family<InstallationLabels, Gauge>,
    troubles: Family<CauseLabels, Gauge>,
    model_calls: Family<ResultLabels, Counter>,
    model_tokens: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Counters that all stand at zero, under names that begin with `stationmaster_`.
    #[must_use]
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Arc::default(),
            deliveries: Family::default(),
            rejected: Family::default(),
            // 50 µs to 1.6 s: a delivery waits for one commit of the disk.
            ingest_seconds: Histogram::new(exponential_buckets(0.000_05, 2.0, 16)),
            batch_size: Histogram::new(exponential_buckets(1.0, 2.0, 13)),
            read: Family::default(),
            inbox_depth: Family::default(),
            outbox_depth: Family::default(),
            store_reachable: Gauge::default(),
            actions: Family::default(),
            missed: Family::default(),
            decisions: Family::default(),
            decision_seconds: Histogram::new(exponential_buckets(0.001, 2.0, 14)),
            replayed: Family::default(),
            github_requests: Family::default(),
            github_rate_remaining: Family::default(),
            troubles: Family::default(),
            model_calls: Family::default(),
            model_tokens: Counter::default(),
        };
        metrics.registry = Arc::new(metrics.register());
        metrics
    }

    fn register(&self) -> Registry {
        let mut registry = Registry::with_prefix("stationmaster");
        let to = &mut registry;
        let build = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        to.register("build", says("stationmaster_build_info"), build);
        to.register("deliveries", says("stationmaster_deliveries_total"), self.deliveries.clone());
        to.register("http_rejected", says("stationmaster_http_rejected_total"), self.rejected.clone());
        let help = says("stationmaster_ingest_seconds");
        to.register_with_unit("ingest", help, Unit::Seconds, self.ingest_seconds.clone());
        to.register("ingest_batch_size", says("stationmaster_ingest_batch_size"), self.batch_size.clone());
        to.register("deliveries_read", says("stationmaster_deliveries_read_total"), self.read.clone());
        to.register("inbox_depth", says("stationmaster_inbox_depth"), self.inbox_depth.clone());
        to.register("outbox_depth", says("stationmaster_outbox_depth"), self.outbox_depth.clone());
        to.register("store_reachable", says("stationmaster_store_reachable"), self.store_reachable.clone());
        to.register("actions", says("stationmaster_actions_total"), self.actions.clone());
        to.register("missed_deliveries", says("stationmaster_missed_deliveries_total"), self.missed.clone());
        to.register("decisions", says("stationmaster_decisions_total"), self.decisions.clone());
        let help = says("stationmaster_decision_seconds");
        to.register_with_unit("decision", help, Unit::Seconds, self.decision_seconds.clone());
        to.register("replay_decisions", says("stationmaster_replay_decisions_total"), self.replayed.clone());
        to.register("github_requests", says("stationmaster_github_requests_total"), self.github_requests.clone());
        let help = says("stationmaster_github_rate_limit_remaining");
        to.register("github_rate_limit_remaining", help, self.github_rate_remaining.clone());
        to.register("troubles", says("stationmaster_troubles"), self.troubles.clone());
        to.register("model_calls", says("stationmaster_model_calls_total"), self.model_calls.clone());
        to.register("model_tokens", says("stationmaster_model_tokens_total"), self.model_tokens.clone());
        registry
    }

    /// A genuine webhook came, and this became of it.
    pub fn delivery(&self, event: &str, result: DeliveryResult) {
        self.deliveries.get_or_create(&DeliveryLabels { event: event.to_owned(), result }).inc();
    }

    /// A request was answered with a problem.
    pub fn rejected(&self, reason: &'static str) {
        self.rejected.get_or_create(&ReasonLabels { reason }).inc();
    }

    /// How long a genuine webhook waited for its answer once it was there.
    pub fn ingested_in(&self, time: Duration) {
        self.ingest_seconds.observe(time.as_secs_f64());
    }

    /// How many deliveries shared one commit.
    pub fn batch(&self, deliveries: u32) {
        self.batch_size.observe(f64::from(deliveries));
    }

    /// So many decisions were made again with this result.
    pub fn replayed(&self, result: &'static str, count: u64) {
        self.replayed.get_or_create(&ResultLabels { result }).inc_by(count);
    }

    /// A delivery was read and got this state.
    pub fn delivery_read(&self, state: DeliveryState) {
        self.read.get_or_create(&StateLabels { state: state.as_str() }).inc();
    }

    /// How much the inbox and the outbox hold, by state; a state that is not named holds nothing.
    pub fn depths(&self, inbox: &[(DeliveryState, i64)], outbox: &[(&'static str, i64)]) {
        self.inbox_depth.clear();
        self.outbox_depth.clear();
        for (state, count) in inbox {
            self.inbox_depth.get_or_create(&StateLabels { state: state.as_str() }).set(*count);
        }
        for (state, count) in outbox {
            self.outbox_depth.get_or_create(&StateLabels { state }).set(*count);
        }
    }

    /// Whether the store answered when it was last asked for its depths.
    pub fn store_reachable(&self, reachable: bool) {
        self.store_reachable.set(i64::from(reachable));
    }

    /// An action was performed, such as `set_labels`, with an outcome such as `performed`.
    pub fn action(&self, action: &'static str, outcome: &'static str) {
        self.actions.get_or_create(&ActionLabels { action, outcome }).inc();
    }

    /// So many webhooks that did not come were found `missing`, `asked` for again or `given_up`.
    pub fn missed_deliveries(&self, result: &'static str, count: u64) {
        self.missed.get_or_create(&ResultLabels { result }).inc_by(count);
    }

    /// A subject of this kind, such as `issue`, was decided on in `time` with a result such as `changed`.
    pub fn decision(&self, subject: &'static str, result: &'static str, time: Duration) {
        self.decisions.get_or_create(&DecisionLabels { subject, result }).inc();
        self.decision_seconds.observe(time.as_secs_f64());
    }

    /// GitHub answered a request with this status; 0 when it did not answer.
    pub fn github_request(&self, method: &'static str, status: u16) {
        self.github_requests.get_or_create(&RequestLabels { method, status }).inc();
    }

    /// GitHub said how many requests an installation has left (`x-ratelimit-remaining`).
    pub fn github_rate_remaining(&self, installation: InstallationId, requests: i64) {
        self.github_rate_remaining.get_or_create(&InstallationLabels { installation: installation.0 }).set(requests);
    }

    /// What keeps this server from its work now, with how many wait for it; a cause that is not named is none.
    pub fn troubles(&self, standing: impl IntoIterator<Item = (&'static str, usize)>) {
        self.troubles.clear();
        for (cause, waiting) in standing {
            let waiting = i64::try_from(waiting).unwrap_or(i64::MAX);
            self.troubles.get_or_create(&CauseLabels { cause }).inc_by(waiting);
        }
    }

    /// A model was asked and has `answered` or `failed`, was not asked because the day is `over_budget`, or was
    /// `dropped` after it had failed too often.
    pub fn model_call(&self, result: &'static str) {
        self.model_calls.get_or_create(&ResultLabels { result }).inc();
    }

    /// A call of a model has cost so many tokens.
    pub fn model_tokens(&self, tokens: u64) {
        self.model_tokens.inc_by(tokens);
    }

    /// Everything in the `OpenMetrics` text format
    /// (<https://prometheus.io/docs/specs/om/open_metrics_spec/>).
    pub fn encode(&self) -> Result<String, fmt::Error> {
        let mut encoded = String::new();
        text::encode(&mut encoded, &self.registry)?;
        Ok(encoded)
    }
}
