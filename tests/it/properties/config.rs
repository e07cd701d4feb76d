//! Configuration files: faults have places within the text, and no secret is ever repeated.

use std::path::Path;

use stationmaster::config::{Config, ConfigFault, ConfigFaults, Flags, Origin, Place, SETTINGS, check_dotenv};

const SECRET: &str = "s3cr3t";

/// The text of `stationmaster.toml`, or of a `.env`.
pub fn check(data: &[u8]) {
    let text = super::text(data);
    // What is secret in earnest stands where a secret does; the fuzzer finds the rest of the file.
    let planted: String = SETTINGS
        .iter()
        .filter(|setting| setting.secret && setting.key != "database_url")
        .map(|setting| format!("{} = \"{SECRET} of {}\"\n", setting.key, setting.key))
        .chain([format!("database_url = \"postgres://u:{SECRET}@db/x\"\n")])
        .collect();
    for text in [text.replace(SECRET, ""), planted + &text.replace(SECRET, "")] {
        match load(&text) {
            Ok(config) => assert!(!format!("{config:?}").contains(SECRET), "{config:?}"),
            Err(faults) => {
                let told = faults.to_string();
                assert!(!faults.0.is_empty() && !told.contains(SECRET), "{told}");
                for place in faults.0.iter().filter_map(place) {
                    is_within(place, &text);
                }
            }
        }
    }
    let dotenv = format!("{}\nNTFY_TOKEN={SECRET}\n", text.replace(SECRET, "").replace('$', ""));
    if let Err(fault) = check_dotenv(Path::new(".env"), &dotenv) {
        assert!(!fault.to_string().contains(SECRET), "{fault}");
        if let Some(place) = place(&fault) {
            is_within(place, &dotenv);
        }
    }
}

fn load(text: &str) -> Result<Config, ConfigFaults> {
    Config::load(&Flags::default(), |_| None, Some((Path::new("stationmaster.toml"), text)))
}

fn place(fault: &ConfigFault) -> Option<&Place> {
    match fault {
        ConfigFault::Wrong { origin: Origin::File(place), .. }
        | ConfigFault::UnknownKey { place, .. }
        | ConfigFault::Syntax { place, .. } => Some(place),
        ConfigFault::Wrong { .. }
        | ConfigFault::Unset { .. }
        | ConfigFault::Both { .. }
        | ConfigFault::Unreadable { .. } => None,
    }
}

fn is_within(place: &Place, text: &str) {
    let line = text.split('\n').nth(place.line - 1).unwrap_or_else(|| panic!("no such line: {place}"));
    assert!(place.column <= line.chars().count() + 1, "no such column in {line:?}: {place}");
}
