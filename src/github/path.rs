//! Paths on GitHub, put together from parts that are percent-encoded one by one.

use std::fmt;
use std::fmt::Write as _;

use super::GithubError;
use crate::model::RepositoryName;

/// A path with its query, relative to the base of the API.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Path(String);

impl Path {
    /// Joins the parts with slashes; what is special in a part, such as the slash in `status/ready`, is encoded.
    ///
    /// # Errors
    /// [`GithubError::Path`] for a part that is empty, `.` or `..`: those would address something else, as
    /// `DELETE …/labels/` takes off every label.
    pub fn new<'a>(parts: impl IntoIterator<Item = &'a str>) -> Result<Self, GithubError> {
        let mut path = String::new();
        for part in parts {
            if matches!(part, "" | "." | "..") {
                return Err(GithubError::Path { segment: part.to_owned() });
            }
            path.push('/');
            encode(part, &mut path);
        }
        Ok(Self(path))
    }

    /// A path below `/repos/{owner}/{name}`.
    pub fn repository<'a>(
        repository: &'a RepositoryName,
        parts: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, GithubError> {
        Self::new(["repos", repository.owner.as_str(), repository.name.as_str()].into_iter().chain(parts))
    }

    /// The same path with one more parameter.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.0.push(if self.0.contains('?') { '&' } else { '?' });
        encode(name, &mut self.0);
        self.0.push('=');
        encode(value, &mut self.0);
        self
    }

    /// A path as GitHub itself gave it, already encoded, without `base` in front where it begins with that.
    pub(super) fn given(path_and_query: &str, base: &str) -> Self {
        let below = path_and_query.strip_prefix(base).filter(|rest| rest.starts_with('/'));
        Self(below.unwrap_or(path_and_query).to_owned())
    }

    /// The path and query as they go over the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Path {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Everything but RFC 3986's unreserved characters becomes `%XX` (<https://www.rfc-editor.org/rfc/rfc3986#section-2.3>).
fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}
