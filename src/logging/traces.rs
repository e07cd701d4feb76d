//! Spans on their way to a collector, by OpenTelemetry's protocol over HTTP (<https://opentelemetry.io/docs/specs/otlp/#otlphttp>).

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{Protocol, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use tokio::runtime::Handle;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::{Layer, Registry};

use super::LoggingFault;

/// What the spans are said to come from, unless `OTEL_SERVICE_NAME` or `OTEL_RESOURCE_ATTRIBUTES` say it.
const SERVICE: &str = "stationmaster";
/// How long a stopping process waits until its last spans are sent.
const LAST_WAIT: Duration = Duration::from_secs(3);
/// How long one answer of the collector may take.
const ANSWER_WAIT: Duration = Duration::from_secs(10);

/// Where spans go.
pub struct Traces {
    provider: SdkTracerProvider,
}

impl fmt::Debug for Traces {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Traces").finish_non_exhaustive()
    }
}

impl Traces {
    /// Spans go to the collector at `endpoint`, such as `http://localhost:4318`, from now on and in batches. Call it
    /// within a Tokio runtime of several threads.
    pub fn to(endpoint: &str) -> Result<Self, LoggingFault> {
        let url = format!("{}/v1/traces", endpoint.trim_end_matches('/'));
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(&url)
            .with_timeout(ANSWER_WAIT)
            .build()?;
        let sending =
            Sending { exporter: Arc::new(exporter), runtime: Handle::current(), url, failing: Arc::default() };
        let provider = SdkTracerProvider::builder().with_batch_exporter(sending).with_resource(resource()).build();
        Ok(Self { provider })
    }

    /// The layer that hands our own spans on, whatever the filter of log lines says.
    pub(super) fn layer(&self) -> Box<dyn Layer<Registry> + Send + Sync> {
        let layer = tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer(SERVICE))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false);
        layer.with_filter(Targets::new().with_target(SERVICE, LevelFilter::INFO)).boxed()
    }

    /// Sends what is left, for at most three seconds.
    pub async fn finish(self) {
        let last = tokio::task::spawn_blocking(move || self.provider.shutdown_with_timeout(LAST_WAIT));
        if let Ok(Err(error)) = last.await {
            tracing::debug!(%error, "the last spans were not sent");
        }
    }
}

/// What the environment says of this process (<https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>).
fn resource() -> Resource {
    let set = |name: &str| std::env::var(name).unwrap_or_default();
    let is_named = !set("OTEL_SERVICE_NAME").is_empty() || set("OTEL_RESOURCE_ATTRIBUTES").contains("service.name=");
    let resource = Resource::builder();
    if is_named { resource.build() } else { resource.with_service_name(SERVICE).build() }
}

/// Sends on the runtime's threads, as the thread that collects batches has no runtime of its own. A collector that does
/// not answer is told once, until it answers again; what could not be sent is dropped.
struct Sending {
    exporter: Arc<opentelemetry_otlp::SpanExporter>,
    runtime: Handle,
    url: String,
    failing: Arc<AtomicBool>,
}

impl fmt::Debug for Sending {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Sending").field("url", &self.url).finish_non_exhaustive()
    }
}

impl SpanExporter for Sending {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let exporter = Arc::clone(&self.exporter);
        let sent = self.runtime.spawn(async move { exporter.export(batch).await }).await;
        let sent = sent.unwrap_or_else(|error| Err(OTelSdkError::InternalFailure(error.to_string())));
        match sent {
            Ok(()) => {
                if self.failing.swap(false, Ordering::Relaxed) {
                    tracing::info!(collector = self.url, "traces are sent again");
                }
            }
            Err(error) => {
                if !self.failing.swap(true, Ordering::Relaxed) {
                    tracing::warn!(collector = self.url, %error, "traces cannot be sent and are dropped");
                }
            }
        }
        Ok(())
    }

    fn set_resource(&mut self, resource: &Resource) {
        if let Some(exporter) = Arc::get_mut(&mut self.exporter) {
            exporter.set_resource(resource);
        }
    }
}
