//! Reads `stationmaster.toml` and `.env`.

use std::collections::BTreeMap;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::fault::{ConfigFault, Origin, Place};
use super::settings::{SETTINGS, Setting};

/// The values of a configuration file under their settings' names, as they would stand in the environment.
#[derive(Debug, Default)]
pub(super) struct FileValues(BTreeMap<&'static str, (String, Place)>);

impl FileValues {
    /// Reads the text of the file at `path`, collecting what is wrong with it.
    pub(super) fn read(path: &Path, text: &str, faults: &mut Vec<ConfigFault>) -> Self {
        let mut values = Self::default();
        let table = match DeTable::parse(text) {
            Ok(table) => table,
            Err(fault) => {
                // The message alone: the whole display repeats the line, which may hold a secret.
                let offset = fault.span().map_or(0, |span| span.start);
                let detail = fault.message().replace('\n', ", ");
                faults.push(ConfigFault::Syntax { place: Place::of(path, text, offset), detail });
                return values;
            }
        };
        let mut entries: Vec<_> = table.get_ref().iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        for (key, value) in entries {
            let name = key.get_ref().as_ref();
            let Some(setting) = SETTINGS.iter().find(|setting| setting.key == name) else {
                let place = Place::of(path, text, key.span().start);
                faults.push(ConfigFault::UnknownKey { place, key: name.to_owned() });
                continue;
            };
            let place = Place::of(path, text, value.span().start);
            match scalar(value.get_ref()) {
                Some(value) => _ = values.0.insert(setting.name, (value, place)),
                None => faults.push(wrong_kind(setting, place, value.get_ref())),
            }
        }
        values
    }

    /// The value of a setting and where it stands.
    pub(super) fn get(&self, setting: &Setting) -> Option<(&str, Origin)> {
        let (value, place) = self.0.get(setting.name)?;
        Some((value, Origin::File(place.clone())))
    }
}

fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
        DeValue::Boolean(yes) => Some(yes.to_string()),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

fn wrong_kind(setting: &Setting, place: Place, value: &DeValue<'_>) -> ConfigFault {
    ConfigFault::Wrong {
        setting: setting.name,
        origin: Origin::File(place),
        found: format!("is of the TOML type {}", value.type_str()),
        expected: setting.expected,
    }
}

/// Adds what the `.env` file at `path` says to the environment of this process, where it does not say it already; no
/// file is fine. Call it before any thread is started: the environment is not safe to change under other threads.
pub fn read_dotenv(path: &Path) -> Result<(), ConfigFault> {
    let unreadable = |detail: String| ConfigFault::Unreadable {
        path: path.to_owned(),
        what: "the file that adds to the environment",
        detail,
    };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unreadable(error.to_string())),
    };
    check_dotenv(path, &text)?;
    dotenvy::from_read(text.as_bytes()).map_err(|fault| unreadable(without_lines(&fault)))
}

/// Tells what is wrong with the text of a `.env` file, without changing anything.
pub fn check_dotenv(path: &Path, text: &str) -> Result<(), ConfigFault> {
    let fault = dotenvy::from_read_iter(text.as_bytes()).find_map(Result::err);
    let Some(fault) = fault else { return Ok(()) };
    let (offset, detail) = if let dotenvy::Error::LineParse(line, column) = &fault {
        let detail = "this is not NAME=value; a value with spaces or `#` in it needs quotes".to_owned();
        (text.find(line.as_str()).unwrap_or_default() + column, detail)
    } else {
        (0, without_lines(&fault))
    };
    Err(ConfigFault::Syntax { place: Place::of(path, text, offset), detail })
}

/// What is wrong, without the line, which may hold a secret.
fn without_lines(fault: &dotenvy::Error) -> String {
    if let dotenvy::Error::Io(error) = fault {
        return error.to_string();
    }
    "it is not made of lines NAME=value".to_owned()
}
