//! Rules that find secrets, read from gitleaks' own format (<https://github.com/gitleaks/gitleaks#configuration>).

mod allowlist;
mod config;
mod dialect;
mod expression;
mod ignore;
mod prefilter;
mod reach;
mod rule;

use std::sync::OnceLock;

pub use allowlist::{Allowlist, Candidate};
pub use config::Extension;
pub use expression::Expression;
pub use ignore::IgnoredLeaks;
pub use prefilter::Places;
pub use rule::{Required, SecretRule};

use super::fault::{Faults, RuleFile};
use super::fingerprint::fingerprint;
use super::rules::{RulesPlace, read_file};
use prefilter::{Found, Prefilter};

const BUILTIN: &str = include_str!("../../../rules/secrets.toml");
const FILE: &str = "secrets.toml";

/// The rules that a text is scanned by. Regexes are compiled when a text first calls for them.
#[derive(Debug)]
pub struct SecretRules {
    rules: Vec<SecretRule>,
    allowlists: Vec<Allowlist>,
    prefilter: OnceLock<Prefilter>,
    fingerprint: String,
}

impl SecretRules {
    /// The server's rules: `secrets.toml` of the folder of rules where there is one, else the built-in copy. It is
    /// some milliseconds' work and some MiB, so it is done when the first scan wants it.
    pub fn load(place: &RulesPlace) -> Result<Self, Faults> {
        Self::read(Self::default_file(place)?, None)
    }

    /// The file that [`Self::load`] reads, which is also what `useDefault` of a repository's file extends.
    pub fn default_file(place: &RulesPlace) -> Result<RuleFile, Faults> {
        match place {
            RulesPlace::Folder(folder) if folder.join(FILE).is_file() => read_file(&folder.join(FILE)),
            RulesPlace::Folder(_) | RulesPlace::Builtin => Ok(Self::builtin_file()),
        }
    }

    /// The copy that is built in, as the file it was.
    #[must_use]
    pub fn builtin_file() -> RuleFile {
        RuleFile::new(format!("(built in) rules/{FILE}"), BUILTIN)
    }

    /// Reads a file such as a repository's `.gitleaks.toml`. Without an extension, `useDefault` means the built-in
    /// rules and no `path` can be followed.
    pub fn read(file: RuleFile, extension: Option<&Extension<'_>>) -> Result<Self, Faults> {
        let builtin;
        let alone;
        let extension = if let Some(extension) = extension {
            extension
        } else {
            builtin = Self::builtin_file();
            alone = Extension { default: &builtin, find: &|_| None };
            &alone
        };
        let texts = [(file.name.clone(), file.text.clone()), (String::new(), extension.default.text.clone())];
        let fingerprint = fingerprint(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())));
        let config = config::read_config(file, extension)?;
        Ok(Self { rules: config.rules, allowlists: config.allowlists, prefilter: OnceLock::new(), fingerprint })
    }

    /// The rules, in the order of their files.
    #[must_use]
    pub fn rules(&self) -> &[SecretRule] {
        &self.rules
    }

    /// The allowlists that hold for every rule.
    #[must_use]
    pub fn allowlists(&self) -> &[Allowlist] {
        &self.allowlists
    }

    /// Changes whenever a file does: a SHA-256 in hexadecimal.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Goes through a text once and tells which rules can match in it.
    #[must_use]
    pub fn pass<'t>(&'t self, text: &'t [u8]) -> Pass<'t> {
        let prefilter = self.prefilter.get_or_init(|| Prefilter::new(&self.rules));
        Pass { rules: self, prefilter, text, found: prefilter.pass(text) }
    }
}

/// A text that has been gone through.
#[derive(Debug)]
pub struct Pass<'t> {
    rules: &'t SecretRules,
    prefilter: &'t Prefilter,
    text: &'t [u8],
    found: Found,
}

impl Pass<'_> {
    /// Whether a keyword of a rule is in the text, or it has none.
    #[must_use]
    pub fn has_keyword(&self, index: usize) -> bool {
        self.rules.rules.get(index).is_some_and(|rule| self.found.has_keyword(index, rule))
    }

    /// Where the regex of a rule can match, whatever its keywords say.
    #[must_use]
    pub fn places(&self, index: usize) -> Places {
        let place = |rule| self.prefilter.places(&self.found, (index, rule), self.text);
        self.rules.rules.get(index).map_or(Places::Nowhere, place)
    }
}
