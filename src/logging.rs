//! Log lines to stderr, as text or as JSON, with the ids of what they are about; and traces, where they are wanted.
//!
//! Whatever handles a delivery, decides about a subject or performs an action does so within a span that has their ids
//! as fields. These spans are of the level of errors, so that every line that is let through carries them.

mod traces;

use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};
use tracing_subscriber::{EnvFilter, Layer, Registry};

pub use traces::Traces;

use crate::config::LogFormat;

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LoggingFault {
    /// The filter is not in tracing's syntax.
    #[error("RUST_LOG cannot be understood: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// This process logs already.
    #[error("logging was set up twice: {0}")]
    Twice(#[from] TryInitError),
    /// Nothing can be sent to `OTEL_EXPORTER_OTLP_ENDPOINT`.
    #[error("traces cannot be sent to OTEL_EXPORTER_OTLP_ENDPOINT: {0}")]
    Traces(#[from] opentelemetry_otlp::ExporterBuildError),
}

/// Sends all further log lines of this process to stderr, as far as `filter` lets them pass, and spans to `traces`.
pub fn init(format: LogFormat, filter: &str, traces: Option<&Traces>) -> Result<(), LoggingFault> {
    subscriber(format, filter, (std::io::stderr, traces))?.try_init()?;
    Ok(())
}

/// What [`init`] sets up, with a writer of the caller's choice.
pub fn subscriber<W>(
    format: LogFormat,
    filter: &str,
    (writer, traces): (W, Option<&Traces>),
) -> Result<Box<dyn tracing::Subscriber + Send + Sync>, LoggingFault>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_new(filter)?;
    let lines = tracing_subscriber::fmt::layer().with_writer(writer);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match format {
        LogFormat::Text => lines.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let Some(traces) = traces else {
        // A filter of a layer's own forgets the next line after somebody has asked in vain whether another would be
        // let through, as crates do that log by `log`. One filter for all does not.
        return Ok(Box::new(tracing_subscriber::registry().with(lines).with(filter)));
    };
    let layers = vec![lines.with_filter(filter).boxed(), traces.layer()];
    Ok(Box::new(tracing_subscriber::registry().with(layers)))
}
