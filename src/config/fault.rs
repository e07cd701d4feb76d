//! What is wrong with a configuration, a sentence each.

use std::fmt;
use std::path::PathBuf;

use super::settings::Setting;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag, without its dashes.
    Flag(&'static str),
    /// The environment, or the `.env` file that adds to it.
    Environment,
    /// A place in the configuration file.
    File(Place),
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
}

impl Place {
    /// The place of byte `offset` of `text`.
    pub(super) fn of(path: &std::path::Path, text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        Self { path: path.to_owned(), line: before.matches('\n').count() + 1, column: line.chars().count() + 1 }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}:{}", self.path.display(), self.line, self.column)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(out, "from the flag --{flag}"),
            Self::Environment => out.write_str("from the environment"),
            Self::File(place) => write!(out, "from {place}"),
        }
    }
}

/// One thing that is wrong; what it displays is one sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigFault {
    /// A value is not what the setting takes.
    #[error("{setting} {origin} {found}; it should be {expected}.")]
    Wrong {
        /// The setting's environment variable.
        setting: &'static str,
        /// Where the value came from.
        origin: Origin,
        /// What it is, as the rest of a clause: ``is `x` ``; for a secret, what is wrong without the value.
        found: String,
        /// What would have been right.
        expected: &'static str,
    },
    /// A setting that the command needs is not set.
    #[error("{setting} is not set, and {needed_for} needs it; set it to {expected}.")]
    Unset {
        /// The setting's environment variable, or two of which either would do.
        setting: &'static str,
        /// Who needs it.
        needed_for: &'static str,
        /// What would be right.
        expected: &'static str,
    },
    /// Two settings that exclude each other are both set.
    #[error("{one} and {other} are both set; keep one of them.")]
    Both {
        /// The one.
        one: &'static str,
        /// The other.
        other: &'static str,
    },
    /// A key of the configuration file is no setting.
    #[error("{place}: `{key}` is not a setting.")]
    UnknownKey {
        /// Where it stands.
        place: Place,
        /// The key.
        key: String,
    },
    /// A file cannot be parsed.
    #[error("{place}: {detail}.")]
    Syntax {
        /// Where it goes wrong.
        place: Place,
        /// How, without the text itself.
        detail: String,
    },
    /// A file cannot be read.
    #[error("{} ({what}) cannot be read: {detail}.", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What it is.
        what: &'static str,
        /// Why.
        detail: String,
    },
}

impl ConfigFault {
    /// A value that the setting does not take; a secret one is not repeated.
    pub(super) fn wrong(setting: &Setting, origin: Origin, value: &str) -> Self {
        let found = if setting.secret {
            "(not shown, being a secret) is something else".to_owned()
        } else {
            format!("is `{value}`")
        };
        Self::Wrong { setting: setting.name, origin, found, expected: setting.expected }
    }
}

/// Everything that is wrong with a configuration, so that it is put right in one go.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigFaults(pub Vec<ConfigFault>);

impl fmt::Display for ConfigFaults {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                out.write_str("\n")?;
            }
            fault.fmt(out)?;
        }
        Ok(())
    }
}

impl From<ConfigFault> for ConfigFaults {
    fn from(fault: ConfigFault) -> Self {
        Self(vec![fault])
    }
}
