//! Log lines to stderr, as text or as JSON, with the ids of the delivery and of the subject they belong to as fields.

use tracing::{Span, info_span};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};

use crate::config::LogFormat;
use crate::model::{DeliveryGuid, Subject};

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LoggingFault {
    /// The filter is not in tracing's syntax.
    #[error("RUST_LOG cannot be understood: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// This process logs already.
    #[error("logging was set up twice: {0}")]
    Twice(#[from] TryInitError),
}

/// Sends all further log lines of this process to stderr, as far as `filter` lets them pass.
pub fn init(format: LogFormat, filter: &str) -> Result<(), LoggingFault> {
    subscriber(format, filter, std::io::stderr)?.try_init()?;
    Ok(())
}

/// What [`init`] sets up, with a writer of the caller's choice.
pub fn subscriber<W>(
    format: LogFormat,
    filter: &str,
    writer: W,
) -> Result<Box<dyn tracing::Subscriber + Send + Sync>, LoggingFault>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt().with_env_filter(EnvFilter::try_new(filter)?).with_writer(writer);
    Ok(match format {
        LogFormat::Text => Box::new(lines.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).finish()),
        LogFormat::Json => Box::new(lines.json().flatten_event(true).with_span_list(false).finish()),
    })
}

/// The span of all that is done for one delivery; every line within carries its id as `delivery`.
#[must_use]
pub fn delivery_span(delivery: &DeliveryGuid) -> Span {
    info_span!("delivery", delivery = %delivery)
}

/// The span of one look at a subject; every line within carries its id as `subject`.
#[must_use]
pub fn subject_span(subject: &Subject) -> Span {
    info_span!("look", subject = %subject)
}
