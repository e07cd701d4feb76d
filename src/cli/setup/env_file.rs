//! The lines of a `.env` file: some are set, all others stay as they are.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// A `.env` file as it was read.
#[derive(Debug, Default)]
pub(super) struct EnvFile {
    text: String,
    values: BTreeMap<String, String>,
}

impl EnvFile {
    /// Reads the file; one that is not there is empty.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
        };
        let pairs = dotenvy::from_read_iter(text.as_bytes()).collect::<Result<BTreeMap<_, _>, _>>();
        match pairs {
            Ok(values) => Ok(Self { text, values }),
            // The fault itself repeats the line, which may hold a secret.
            Err(_) => bail!("{} has a line that is not NAME=value; put it right first", path.display()),
        }
    }

    /// What a name is set to, if to anything.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The text with these lines in it: in their places where the names stand already, else at the end.
    pub(super) fn with(&self, lines: &[(&str, &str)]) -> Result<String> {
        let mut text = String::new();
        let mut left: Vec<_> = lines.to_vec();
        for line in self.text.lines() {
            let name = name_of(line);
            if !lines.iter().any(|(key, _)| Some(*key) == name) {
                text.push_str(line);
                text.push('\n');
            } else if let Some(index) = left.iter().position(|(key, _)| Some(*key) == name) {
                let (key, value) = left.remove(index);
                text.extend([key, "=", &quoted(key, value)?, "\n"]);
            }
        }
        for (key, value) in left {
            text.extend([key, "=", &quoted(key, value)?, "\n"]);
        }
        Ok(text)
    }
}

/// The name that a line sets.
fn name_of(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix("export ").map_or(line, str::trim_start);
    line.split_once('=').map(|(name, _)| name.trim_end())
}

/// A value as both dotenv and a shell read it.
fn quoted(name: &str, value: &str) -> Result<String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_./:@%+=-".contains(&byte);
    if value.bytes().all(is_plain) {
        return Ok(value.to_owned());
    }
    if value.contains(['\'', '\n', '\r']) {
        bail!("{name} has a quote or a line end in it, which a .env file cannot hold");
    }
    Ok(format!("'{value}'"))
}
