//! Where the App's credentials are stored: a key file and lines of `.env`, readable by their owner alone.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use secrecy::ExposeSecret as _;
use tempfile::NamedTempFile;

use super::env_file::EnvFile;
use crate::config::{AppSettings, SETTINGS};

const KEY_FILE: &str = "stationmaster.pem";
const ENV_FILE: &str = ".env";
/// The settings that belong to one App: those of another are not replaced unasked.
const CREDENTIALS: [&str; 6] = [
    "GITHUB_APP_ID",
    "GITHUB_APP_PRIVATE_KEY",
    "GITHUB_APP_PRIVATE_KEY_PATH",
    "GITHUB_WEBHOOK_SECRET",
    "GITHUB_APP_CLIENT_ID",
    "GITHUB_APP_CLIENT_SECRET",
];

/// The folder of a server, and whether what is there may be replaced.
#[derive(Debug, Clone)]
pub(super) struct Place {
    folder: PathBuf,
    replaces: bool,
}

impl Place {
    pub(super) fn new(folder: PathBuf, replaces: bool) -> Self {
        Self { folder, replaces }
    }

    /// The file of the private key, as the server finds it from its folder.
    pub(super) fn key_path(&self) -> PathBuf {
        if self.folder == Path::new(".") {
            return PathBuf::from(KEY_FILE);
        }
        std::path::absolute(&self.folder).unwrap_or_else(|_| self.folder.clone()).join(KEY_FILE)
    }

    /// Looks whether credentials can be stored, before GitHub gives any out.
    pub(super) fn check(&self) -> Result<()> {
        let (key, env) = (self.folder.join(KEY_FILE), self.folder.join(ENV_FILE));
        for path in [&key, &env] {
            match std::fs::symlink_metadata(path) {
                Ok(found) if found.is_symlink() => {
                    bail!("{} is a link, and credentials are not written through links: remove it", path.display())
                }
                Ok(found) if !found.is_file() => bail!("{} is there and is not a file: remove it", path.display()),
                Ok(_) | Err(_) => {}
            }
        }
        let said = EnvFile::read(&env)?;
        if !self.replaces {
            if key.exists() {
                bail!("{} holds the key of another App already: move it away first", key.display());
            }
            let set: Vec<_> = CREDENTIALS.into_iter().filter(|name| said.get(name).is_some()).collect();
            if !set.is_empty() {
                bail!("{} sets {} already: take these lines out first", env.display(), set.join(", "));
            }
        }
        NamedTempFile::new_in(&self.folder)
            .with_context(|| format!("nothing can be written to the folder {}", self.folder.display()))?;
        Ok(())
    }

    /// Stores the credentials and says what was written, a sentence each.
    pub(super) fn store(&self, app: &AppSettings, key_pem: &str) -> Result<Vec<String>> {
        self.check()?;
        let (key, env) = (self.folder.join(KEY_FILE), self.folder.join(ENV_FILE));
        let mut notes = Vec::new();
        let replaced = key.exists();
        self.write(&key, key_pem)?;
        notes.push(format!("{} holds the App's private key{}.", key.display(), in_place(replaced)));

        let said = EnvFile::read(&env)?;
        let (id, path) = (app.app_id.to_string(), self.key_path().display().to_string());
        let mut lines = vec![
            ("GITHUB_APP_ID", id.as_str()),
            ("GITHUB_APP_PRIVATE_KEY_PATH", path.as_str()),
            ("GITHUB_WEBHOOK_SECRET", app.webhook_secret.expose_secret()),
            ("GITHUB_APP_CLIENT_ID", app.sign_in.client_id.as_str()),
            ("GITHUB_APP_CLIENT_SECRET", app.sign_in.client_secret.expose_secret()),
            ("PUBLIC_URL", app.public_url.as_str()),
        ];
        let usual_api = SETTINGS.iter().find(|setting| setting.name == "GITHUB_API_URL").and_then(|api| api.default);
        if usual_api != Some(app.github_api_url.as_str()) || said.get("GITHUB_API_URL").is_some() {
            lines.push(("GITHUB_API_URL", app.github_api_url.as_str()));
        }
        // Of the key and its path only one may be set.
        if said.get("GITHUB_APP_PRIVATE_KEY").is_some() {
            lines.push(("GITHUB_APP_PRIVATE_KEY", ""));
        }
        let different = |(name, value): &&(&str, &str)| said.get(name).is_some_and(|old| old != *value);
        let changed: Vec<_> = lines.iter().filter(different).map(|(name, _)| *name).collect();
        self.write(&env, &said.with(&lines)?)?;
        let names: Vec<_> = lines.iter().filter(|(_, value)| !value.is_empty()).map(|(name, _)| *name).collect();
        notes.push(format!("{} sets {}.", env.display(), names.join(", ")));
        if !changed.is_empty() {
            notes.push(format!("It set {} to something else before, which is gone.", changed.join(", ")));
        }
        Ok(notes)
    }

    /// Writes a file whole or not at all, readable by nobody else.
    fn write(&self, path: &Path, text: &str) -> Result<()> {
        let failed = || format!("{} cannot be written", path.display());
        // Temporary files are made with the mode 0600.
        let mut file = NamedTempFile::new_in(&self.folder).with_context(failed)?;
        file.write_all(text.as_bytes()).with_context(failed)?;
        file.as_file().sync_all().with_context(failed)?;
        file.persist(path).with_context(failed)?;
        #[cfg(unix)]
        std::fs::File::open(&self.folder).and_then(|folder| folder.sync_all()).with_context(failed)?;
        Ok(())
    }
}

const fn in_place(replaced: bool) -> &'static str {
    if replaced { ", in the place of another one, which is gone" } else { "" }
}
