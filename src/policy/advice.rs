//! What `[model]` says: whether an optional model is asked about pull requests and issues, and what it never sees.

use std::sync::LazyLock;

use serde::Serialize;

use super::merge::{flag, globs};
use super::pattern::Wildcard;
use super::reader::Section;

/// Files that hold keys and passwords by their very names; a model is never shown them.
const SECRET_FILES: &[&str] = &[
    ".env*",
    "*/.env*",
    "*.env",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.keystore",
    "*.kdbx",
    "*.tfstate*",
    "*id_rsa*",
    "*id_ed25519*",
    "*id_ecdsa*",
    "*.npmrc",
    "*.pypirc",
    "*.netrc",
    "*.htpasswd",
    "*credentials*",
    "*secret*",
];

static SECRET_GLOBS: LazyLock<Vec<Wildcard>> =
    LazyLock::new(|| SECRET_FILES.iter().filter_map(|glob| Wildcard::new(glob).ok()).collect());

/// The table `[model]`. Nothing is asked where the server has no model, whatever stands here.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AdviceSettings {
    /// Whether it is asked about pull requests.
    pub review: bool,
    /// Whether it is asked which type an issue has that no rule knows.
    pub suggest_type: bool,
    /// Files that it is not shown, beside those that hold secrets.
    pub exclude: Vec<Wildcard>,
    /// Whether the server has a model at all.
    #[serde(skip)]
    pub available: bool,
}

impl AdviceSettings {
    /// Whether a model is asked about new heads.
    #[must_use]
    pub const fn asks_about_pulls(&self) -> bool {
        self.review && self.available
    }

    /// Whether a model is asked for types.
    #[must_use]
    pub const fn asks_for_types(&self) -> bool {
        self.suggest_type && self.available
    }

    /// Whether a model may not see the file at this path.
    #[must_use]
    pub fn excludes(&self, path: &str) -> bool {
        SECRET_GLOBS.iter().chain(&self.exclude).any(|glob| glob.is_match(path))
    }
}

/// Reads the table `[model]`.
pub(super) fn read_advice(top: &mut Section<'_>) -> AdviceSettings {
    let mut settings = AdviceSettings::default();
    let Some(mut section) = top.table("model") else { return settings };
    flag(&mut section, "review", &mut settings.review);
    flag(&mut section, "suggest_type", &mut settings.suggest_type);
    settings.exclude = globs(&mut section, "exclude").unwrap_or_default();
    section.finish();
    settings
}
