//! The settings as flags of every command, made from the table of settings.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, value_parser};

use super::settings::{SETTINGS, Setting};

const FILE: &str = "config";

/// What the command line says about settings. Flatten it into the top of a command line; its flags are global.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags {
    /// The configuration file to read instead of `stationmaster.toml`.
    pub file: Option<PathBuf>,
    given: BTreeMap<&'static str, String>,
}

impl Flags {
    /// What the flag of a setting, named by its environment variable, was given.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.given.get(name).map(String::as_str)
    }

    fn take(&mut self, matches: &ArgMatches) {
        if let Some(file) = matches.get_one::<PathBuf>(FILE) {
            self.file = Some(file.clone());
        }
        for setting in SETTINGS.iter().filter(|setting| setting.flag.is_some()) {
            if let Some(value) = matches.get_one::<String>(setting.name) {
                self.given.insert(setting.name, value.clone());
            }
        }
    }
}

fn argument(setting: &Setting, flag: &'static str) -> Arg {
    let default = setting.default.map_or_else(String::new, |default| format!(" [default: {default}]"));
    let unit = setting.unit.map_or_else(String::new, |unit| format!(" In {unit}."));
    let argument = Arg::new(setting.name)
        .long(flag)
        .global(true)
        .value_name("VALUE")
        .help_heading("Settings")
        // They are many and the same everywhere: `-h` is for the command itself.
        .hide_short_help(true)
        .help(format!("{}{unit} [env: {}]{default}", setting.description, setting.name));
    if setting.switch { argument.num_args(0..=1).require_equals(true).default_missing_value("1") } else { argument }
}

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        let file = Arg::new(FILE)
            .long(FILE)
            .global(true)
            .value_name("FILE")
            .help_heading("Settings")
            .hide_short_help(true)
            .value_parser(value_parser!(PathBuf))
            .help("The configuration file [default: stationmaster.toml in the working directory, if it is there]");
        let settings = SETTINGS.iter().filter_map(|setting| setting.flag.map(|flag| argument(setting, flag)));
        command.arg(file).args(settings)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self::default();
        flags.take(matches);
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.take(matches);
        Ok(())
    }
}
