//! Addresses that may carry a password, and how to show them without it.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// Where the database is. Shown, it lacks user, password and parameters.
#[derive(Clone)]
pub struct DatabaseUrl(SecretString);

impl DatabaseUrl {
    /// Wraps a URL that begins with `sqlite:`, `postgres:` or `postgresql:`; `None` when it does not.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let known = ["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| text.starts_with(scheme));
        known.then(|| Self(text.into()))
    }

    /// The URL with its password, for the driver.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&without_password(self.expose()))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// `text` without what stands between `//` and `@`, and without what follows `?`.
pub(super) fn without_password(text: &str) -> String {
    let (address, parameters) = text.split_once('?').map_or((text, ""), |(address, _)| (address, "?…"));
    match address.split_once("//").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?.1))) {
        Some((scheme, host)) => format!("{scheme}//…@{host}{parameters}"),
        None => format!("{address}{parameters}"),
    }
}

/// An http or https URL without credentials, without a slash at its end; `None` when it is anything else.
#[must_use]
pub fn http_url(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    let good = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    good.then(|| text.trim_end_matches('/').to_owned())
}
