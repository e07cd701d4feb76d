//! Whether the server's rules can be read.

use super::report::Finding;
use crate::cli::rules::check_review;
use crate::config::Config;
use crate::policy::{Faults, ReviewSource, Rules, RulesPlace, SecretRules};

const WHAT: &str = "rules";

/// A line for each fault, with its file and line.
pub(super) fn check(config: &Config) -> Vec<Finding> {
    let place = Rules::locate(config.rules.as_deref());
    let review = match &place {
        RulesPlace::Folder(folder) => ReviewSource::load(folder),
        RulesPlace::Builtin => Ok(ReviewSource::builtin()),
    };
    let secrets = SecretRules::default_file(&place).and_then(|file| SecretRules::read(file, None));
    let mut found = Vec::new();
    found.extend(place.load().err().as_ref().map(faulty).unwrap_or_default());
    found.extend(check_review(review).err().as_ref().map(faulty).unwrap_or_default());
    found.extend(secrets.err().as_ref().map(faulty).unwrap_or_default());
    if found.is_empty() {
        found.push(Finding::ok(
            WHAT,
            match &place {
                RulesPlace::Folder(folder) => format!("those in {} have no faults", folder.display()),
                RulesPlace::Builtin => "the built-in copy is used".to_owned(),
            },
        ));
    }
    found
}

fn faulty(faults: &Faults) -> Vec<Finding> {
    let fix = "put the file right; `stationmaster rules check` shows the place";
    faults.list().iter().map(|fault| Finding::fail(WHAT, fault.to_string(), fix)).collect()
}
