//! What `[environment.health]` says: what is asked for, and which answers make a version healthy or sick.

use serde::Serialize;
use toml::Spanned;

use super::merge::count;
use super::placeholder::{check_placeholders, sample};
use super::reader::Section;
use super::rule::read_pattern;
use super::telling::{is_address, not_an_address};

/// The table `[environment.health]`.
#[derive(Debug, Clone, Serialize)]
pub struct HealthSettings {
    /// What is asked for; its placeholders are not filled in.
    pub url: String,
    /// The status that must come.
    pub status: u16,
    /// A regex that the body must match.
    pub body: Option<String>,
    /// So many good answers in a row make it healthy.
    pub times: u32,
    /// So many bad answers in a row make it sick.
    pub failures: u32,
    /// The pause between two questions, in seconds.
    pub interval_s: u32,
    /// How long an answer is waited for, in seconds.
    pub timeout_s: u32,
}

impl HealthSettings {
    /// What holds of an address where nothing else is said.
    #[must_use]
    pub fn of(url: impl Into<String>) -> Self {
        Self { url: url.into(), status: 200, body: None, times: 3, failures: 3, interval_s: 10, timeout_s: 5 }
    }
}

/// Reads the table `health` of an environment.
pub(super) fn read_health(environment: &mut Section<'_>) -> Option<HealthSettings> {
    let document = environment.document;
    let mut section = environment.table_shown("health", "a table such as { url = \"https://app.example/health\" }")?;
    let table = &mut section;
    let url = table.required_text("url", "\"https://app.example/health\"");
    let mut settings = HealthSettings::of(url.as_ref().map(|url| *url.get_ref()).unwrap_or_default());
    if let Some(url) = &url {
        check_placeholders(document, url);
        if !is_address(&sample(url.get_ref())) {
            not_an_address(document, url, "an address to ask");
        }
    }
    read_status(table, &mut settings.status);
    let body: Option<Spanned<&str>> = table.text("body");
    settings.body = body.and_then(|text| read_pattern(document, &text)).map(|regex| regex.source().to_owned());
    count(table, "times", 1..=100, &mut settings.times);
    count(table, "failures", 1..=100, &mut settings.failures);
    count(table, "interval_s", 1..=3600, &mut settings.interval_s);
    count(table, "timeout_s", 1..=120, &mut settings.timeout_s);
    section.finish();
    url.map(|_| settings)
}

fn read_status(table: &mut Section<'_>, status: &mut u16) {
    let mut number = u32::from(*status);
    // https://www.rfc-editor.org/rfc/rfc9110.html#name-status-codes
    count(table, "status", 100..=599, &mut number);
    *status = u16::try_from(number).unwrap_or(*status);
}
