//! What `[checks]` says: which checks of a pull request count, and how each must end.

use serde::Serialize;

use super::fault::Complaint;
use super::merge::{flag, globs};
use super::pattern::{Pattern, Wildcard};
use super::reader::Section;
use super::rule::read_pattern;
use crate::model::{CheckState, Conclusion};

/// The table `[checks]`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CheckSettings {
    /// Checks that must be green, beside those that GitHub's own settings demand.
    pub required: Vec<String>,
    /// Whether a head without any check may be merged.
    pub allow_none: bool,
    /// Whether a neutral check passes.
    pub pass_neutral: bool,
    /// Whether a skipped check passes.
    pub pass_skipped: bool,
    /// Checks that do not count where none is required.
    pub ignore: Vec<Wildcard>,
    /// Where the test coverage is read.
    pub coverage: Option<CoverageSettings>,
}

/// Where the test coverage is read.
#[derive(Debug, Clone, Serialize)]
pub struct CoverageSettings {
    /// The check whose output names it.
    pub check: String,
    /// Its first group is the number, in percent.
    pub regex: Pattern,
}

impl CheckSettings {
    /// Whether a check that ended so is green.
    #[must_use]
    pub const fn passes(&self, state: CheckState) -> bool {
        match state {
            CheckState::Completed(Conclusion::Success) => true,
            CheckState::Completed(Conclusion::Neutral) => self.pass_neutral,
            CheckState::Completed(Conclusion::Skipped) => self.pass_skipped,
            CheckState::Queued | CheckState::Running | CheckState::Completed(_) => false,
        }
    }

    /// Whether a check of this name counts where none is required.
    #[must_use]
    pub fn ignores(&self, name: &str) -> bool {
        self.ignore.iter().any(|glob| glob.is_match(name))
    }
}

/// Reads the table `[checks]`.
pub(super) fn read_checks(top: &mut Section<'_>) -> CheckSettings {
    let mut settings = CheckSettings::default();
    let Some(mut section) = top.table("checks") else { return settings };
    settings.required = check_names(&mut section, "required");
    flag(&mut section, "allow_none", &mut settings.allow_none);
    flag(&mut section, "pass_neutral", &mut settings.pass_neutral);
    flag(&mut section, "pass_skipped", &mut settings.pass_skipped);
    settings.ignore = globs(&mut section, "ignore").unwrap_or_default();
    settings.coverage = section.table("coverage").and_then(read_coverage);
    section.finish();
    settings
}

/// Names of checks; empty ones are faults.
pub(super) fn check_names(section: &mut Section<'_>, key: &'static str) -> Vec<String> {
    let names = section.texts(key).unwrap_or_default();
    for name in names.iter().filter(|name| name.get_ref().trim().is_empty()) {
        let complaint = Complaint::new("this name is empty", "the name of a check", "write the name or remove it");
        section.document.fault(name.span(), complaint);
    }
    names.into_iter().map(|name| name.into_inner().to_owned()).collect()
}

fn read_coverage(mut section: Section<'_>) -> Option<CoverageSettings> {
    let check = section.required_text("check", "\"test\"");
    let text = section.required_text("regex", "'total: (\\d+)%'");
    let document = section.document;
    let regex = text.as_ref().and_then(|text| read_pattern(document, text));
    if let (Some(regex), Some(text)) = (&regex, &text)
        && regex.regex().captures_len() < 2
    {
        let help = "put round brackets around the number, such as 'total: (\\d+)%'";
        document.fault(text.span(), Complaint::new("this regex has no group", "a group around the number", help));
    }
    section.finish();
    Some(CoverageSettings { check: check?.into_inner().to_owned(), regex: regex? })
}
