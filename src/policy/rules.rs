//! The server's rules: the files of a folder, or the copy that is built in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::channels::{ChannelSettings, read_channels};
use super::commands::read_commands;
use super::fault::{Complaint, Faults, RuleFault, RuleFile};
use super::fingerprint::fingerprint;
use super::reader::read;
use super::roster::{Roster, read_roster};
use super::rule::{Rule, RuleChecks, read_rules};
use crate::model::RoleName;

const BUILTIN_ROUTING: &str = include_str!("../../rules/routing.toml");
const BUILTIN_WORKERS: &str = include_str!("../../rules/workers.toml");
const ROUTING_FILE: &str = "routing.toml";
const WORKERS_FILE: &str = "workers.toml";
const COMMANDS_FILE: &str = "commands.toml";
const CHANNELS_FILE: &str = "channels.toml";

/// Where the server's rules are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RulesPlace {
    /// A folder.
    Folder(PathBuf),
    /// Nowhere but in the program itself.
    Builtin,
}

impl RulesPlace {
    /// Reads the rules.
    pub fn load(&self) -> Result<Rules, Faults> {
        match self {
            Self::Folder(folder) => Rules::load(folder),
            Self::Builtin => Rules::builtin(),
        }
    }
}

/// The server's rules and roster.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The routing rules, in the order of the files.
    pub routing: Vec<Arc<Rule>>,
    /// Roles and workers.
    pub roster: Roster,
    /// Commands that may be deploy targets: program and arguments by name.
    pub commands: BTreeMap<String, Vec<String>>,
    /// Over what people are told beside ntfy, in the order of the file.
    pub channels: Vec<ChannelSettings>,
    fingerprint: String,
}

impl Rules {
    /// Where rules are read from: the folder that is set, else `rules/` beside the program, else `rules/` in the
    /// working directory, else the built-in copy. A folder that is set must exist; the others count only when they
    /// hold a `routing.toml`, since other projects have folders of that name as well.
    #[must_use]
    pub fn locate(setting: Option<&Path>) -> RulesPlace {
        if let Some(folder) = setting {
            return RulesPlace::Folder(folder.to_owned());
        }
        let beside = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join("rules")));
        let found =
            beside.into_iter().chain([PathBuf::from("rules")]).find(|folder| folder.join(ROUTING_FILE).is_file());
        found.map_or(RulesPlace::Builtin, RulesPlace::Folder)
    }

    /// The copy that is built in.
    pub fn builtin() -> Result<Self, Faults> {
        Self::from_files(vec![
            RuleFile::new(format!("(built in) rules/{ROUTING_FILE}"), BUILTIN_ROUTING),
            Self::builtin_roster(),
        ])
    }

    /// The roster that is built in, as the file it was.
    #[must_use]
    pub fn builtin_roster() -> RuleFile {
        RuleFile::new(format!("(built in) rules/{WORKERS_FILE}"), BUILTIN_WORKERS)
    }

    /// Reads the files of a folder that concern routing, workers, commands and channels, see [`rule_files`]. Without a `workers.toml`
    /// there, the built-in one counts.
    pub fn load(folder: &Path) -> Result<Self, Faults> {
        let paths = rule_files(folder)?;
        let mut files = Vec::with_capacity(paths.len() + 1);
        let mut faults = Vec::new();
        for path in &paths {
            match read_file(path) {
                Ok(file) => files.push(file),
                Err(more) => faults.extend(more.list().iter().cloned()),
            }
        }
        if !paths.iter().any(|path| path.ends_with(WORKERS_FILE)) {
            files.push(Self::builtin_roster());
        }
        if !faults.is_empty() {
            return Faults::none_or(faults, || None);
        }
        Self::from_files(files)
    }

    /// Reads files that are in memory; those called `workers.toml` are rosters, those called `commands.toml` hold
    /// commands, those called `channels.toml` channels, all others rules.
    pub fn from_files(files: Vec<RuleFile>) -> Result<Self, Faults> {
        let fingerprint = fingerprint(files.iter().map(|file| (file.short_name(), file.text.as_str())));
        let files: Vec<Arc<RuleFile>> = files.into_iter().map(Arc::new).collect();
        let called = |name: &'static str| files.iter().filter(move |file| file.short_name() == name);
        let mut faults = Vec::new();
        let mut roster = Some(Roster::default());
        for file in called(WORKERS_FILE) {
            let (found, more) = read(file, read_roster);
            faults.extend(more);
            roster = found;
        }
        // When the roster cannot be read, complaints about its roles would only distract.
        let mut checks = RuleChecks { roles: roster.as_ref().map(Roster::role_names), ..RuleChecks::default() };
        let mut routing = Vec::new();
        let not_rules = [WORKERS_FILE, COMMANDS_FILE, CHANNELS_FILE];
        for file in files.iter().filter(|file| !not_rules.contains(&file.short_name())) {
            let (rules, more) = read(file, |top| read_rules(top, &mut checks));
            faults.extend(more);
            routing.extend(rules.into_iter().flatten().map(Arc::new));
        }
        let mut commands = BTreeMap::new();
        for file in called(COMMANDS_FILE) {
            let (found, more) = read(file, read_commands);
            faults.extend(more);
            commands.extend(found.unwrap_or_default());
        }
        let mut channels = Vec::new();
        for file in called(CHANNELS_FILE) {
            let (found, more) = read(file, read_channels);
            faults.extend(more);
            channels.extend(found.unwrap_or_default());
        }
        Faults::none_or(faults, || roster.map(|roster| Self { routing, roster, commands, channels, fingerprint }))
    }

    /// Changes whenever a file does: a SHA-256 in hexadecimal.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The channel of this name.
    #[must_use]
    pub fn channel(&self, name: &str) -> Option<&ChannelSettings> {
        self.channels.iter().find(|known| known.channel.name == name)
    }

    /// The names of all roles.
    #[must_use]
    pub fn role_names(&self) -> BTreeSet<RoleName> {
        self.roster.role_names()
    }
}

/// The files of a folder that concern routing, workers, commands and channels, in the order in which they are read:
/// `routing.toml`, `routing-*.toml` by name, `routing.d/*.toml` by name, `workers.toml`, `commands.toml`, `channels.toml`. All other files belong to other parts of
/// Stationmaster (`review.toml` and `structural/`, see [`super::ReviewSource`]; `secrets.toml`) or to nobody, and are left alone.
pub fn rule_files(folder: &Path) -> Result<Vec<PathBuf>, Faults> {
    let names = list_toml(folder)?;
    let mut found: Vec<PathBuf> = names.iter().filter(|path| path.ends_with(ROUTING_FILE)).cloned().collect();
    found.extend(names.iter().filter(|path| file_name(path).starts_with("routing-")).cloned());
    let more = folder.join("routing.d");
    if more.is_dir() {
        found.extend(list_toml(&more)?);
    }
    if found.is_empty() {
        let complaint = Complaint::new(
            "this folder holds no routing rules",
            "a file `routing.toml` in it",
            "copy the shipped `rules/` folder there, or unset STATIONMASTER_RULES to use the built-in copy",
        );
        return Err(RuleFault::of_file(folder.display().to_string(), complaint).into());
    }
    found.extend(names.iter().filter(|path| path.ends_with(WORKERS_FILE)).cloned());
    for file in [COMMANDS_FILE, CHANNELS_FILE] {
        found.extend(names.iter().filter(|path| path.ends_with(file)).cloned());
    }
    Ok(found)
}

fn file_name(path: &Path) -> &str {
    path.file_name().and_then(std::ffi::OsStr::to_str).unwrap_or_default()
}

/// The `.toml` files directly in a folder, by name.
fn list_toml(folder: &Path) -> Result<Vec<PathBuf>, Faults> {
    let unreadable = |error: std::io::Error| Faults::from(unreadable(folder, &error));
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") && path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Reads one file of rules or policy.
pub fn read_file(path: &Path) -> Result<RuleFile, Faults> {
    let text = std::fs::read_to_string(path).map_err(|error| Faults::from(unreadable(path, &error)))?;
    Ok(RuleFile::new(path.display().to_string(), text))
}

fn unreadable(path: &Path, error: &std::io::Error) -> RuleFault {
    let complaint = Complaint::new(
        format!("this cannot be read: {error}"),
        "something that is there and readable",
        "check the path and its permissions",
    );
    RuleFault::of_file(path.display().to_string(), complaint)
}
