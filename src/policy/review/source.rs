//! Where the review's rules are read from: a folder, or the copy that is built in.

use std::path::{Path, PathBuf};

use super::super::fault::{Complaint, Faults, RuleFault, RuleFile};
use super::super::fingerprint::fingerprint;
use super::super::rules::{RulesPlace, read_file};

const REVIEW: &str = include_str!("../../../rules/review.toml");
const STRUCTURAL: [(&str, &str); 6] = [
    ("go.yml", include_str!("../../../rules/structural/go.yml")),
    ("java.yml", include_str!("../../../rules/structural/java.yml")),
    ("javascript.yml", include_str!("../../../rules/structural/javascript.yml")),
    ("python.yml", include_str!("../../../rules/structural/python.yml")),
    ("rust.yml", include_str!("../../../rules/structural/rust.yml")),
    ("typescript.yml", include_str!("../../../rules/structural/typescript.yml")),
];

/// The files of the review's rules, not yet compiled.
#[derive(Debug, Clone)]
pub struct ReviewSource {
    /// `review.toml`.
    pub review: RuleFile,
    /// `structural/*.yml`, in ast-grep's rule format (<https://ast-grep.github.io/reference/yaml.html>).
    pub structural: Vec<RuleFile>,
    /// `structural/tests/*.yml`, in ast-grep's test format
    /// (<https://ast-grep.github.io/guide/test-rule.html#test-case-configuration>).
    pub examples: Vec<RuleFile>,
}

impl ReviewSource {
    /// The copy that is built in, without the examples, which only tests and `rules check` need.
    #[must_use]
    pub fn builtin() -> Self {
        Self {
            review: RuleFile::new("(built in) rules/review.toml", REVIEW),
            structural: STRUCTURAL
                .iter()
                .map(|(name, text)| RuleFile::new(format!("(built in) rules/structural/{name}"), *text))
                .collect(),
            examples: Vec::new(),
        }
    }

    /// The files of the server's rules.
    pub fn of(place: &RulesPlace) -> Result<Self, Faults> {
        match place {
            RulesPlace::Folder(folder) => Self::load(folder),
            RulesPlace::Builtin => Ok(Self::builtin()),
        }
    }

    /// Changes whenever a file does that findings depend on: a SHA-256 in hexadecimal.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let files = std::iter::once(&self.review).chain(&self.structural);
        fingerprint(files.map(|file| (file.name.as_str(), file.text.as_str())))
    }

    /// Reads a folder of rules. What is not there is taken from the built-in copy.
    pub fn load(folder: &Path) -> Result<Self, Faults> {
        let mut source = Self::builtin();
        let review = folder.join("review.toml");
        if review.is_file() {
            source.review = read_file(&review)?;
        }
        let structural = folder.join("structural");
        if structural.is_dir() {
            source.structural = read_yaml(&structural)?;
            let tests = structural.join("tests");
            if tests.is_dir() {
                source.examples = read_yaml(&tests)?;
            }
        }
        Ok(source)
    }
}

/// The YAML files directly in a folder, by name.
fn read_yaml(folder: &Path) -> Result<Vec<RuleFile>, Faults> {
    let unreadable = |error: std::io::Error| {
        let message = format!("this cannot be read: {error}");
        let complaint = Complaint::new(message, "a readable folder", "check the path and its permissions");
        Faults::from(RuleFault::of_file(folder.display().to_string(), complaint))
    };
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml") && path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    paths.iter().map(|path| read_file(path)).collect()
}
