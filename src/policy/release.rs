//! What `[release]` says: what is released, from which branch, under which version.

use semver::{BuildMetadata, Prerelease, Version};
use serde::{Serialize, Serializer};
use toml::Spanned;

use super::checks::check_names;
use super::environment::EnvironmentSettings;
use super::environment_order::named;
use super::fault::Complaint;
use super::git_name::{read_git_name, read_prefix};
use super::merge::{choice, flag, labels};
use super::reader::{Document, Section};
use super::release_files::read_release_files;
use super::release_groups::{NotesGroup, read_groups};
use crate::model::{BranchName, EnvironmentName, LabelName};

/// The step from one version to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Bump {
    /// None: it is not released.
    None,
    /// The third number.
    Patch,
    /// The second number.
    Minor,
    /// The first number.
    Major,
}

/// The table `[release]`. Without it nothing is released.
#[derive(Debug, Clone, Serialize)]
pub struct ReleaseSettings {
    /// The branch whose commits are released; `None` for `dev` where there is one, else the default branch.
    pub branch: Option<BranchName>,
    /// What stands before the number in a tag.
    pub prefix: String,
    /// The first version of all.
    #[serde(serialize_with = "as_text")]
    pub first: Version,
    /// The step where nothing that landed says which.
    pub default_bump: Bump,
    /// Checks that must be green on the commit, beside those that GitHub's settings and `[checks]` demand.
    pub checks: Vec<String>,
    /// Whether a commit without any check is released.
    pub allow_no_checks: bool,
    /// Whether tags are objects of their own, with a message.
    pub annotated: bool,
    /// What pre-releases are called, such as `rc`; with it every release is one at first.
    pub prerelease: Option<String>,
    /// The environment in which a pre-release must be verified to become a stable version.
    pub stable_after: Option<EnvironmentName>,
    /// The file that a release pull request adds the notes to.
    pub changelog: Option<String>,
    /// The files in which a release pull request writes the version.
    pub version_files: Vec<String>,
    /// Whether an issue is opened for each release, on which it is followed and approved.
    pub tracking: bool,
    /// Groups of the notes, tried in this order; those that are built in follow.
    #[serde(rename = "group")]
    pub groups: Vec<NotesGroup>,
    /// Labels whose pull requests are left out of the notes.
    pub exclude_labels: Vec<LabelName>,
}

impl Default for ReleaseSettings {
    fn default() -> Self {
        Self {
            branch: None,
            prefix: "v".to_owned(),
            first: Version::new(0, 1, 0),
            default_bump: Bump::Patch,
            checks: Vec::new(),
            allow_no_checks: false,
            annotated: false,
            prerelease: None,
            stable_after: None,
            changelog: None,
            version_files: Vec::new(),
            tracking: true,
            groups: Vec::new(),
            exclude_labels: Vec::new(),
        }
    }
}

impl ReleaseSettings {
    /// Whether a version is prepared by a pull request of ours, which has to be merged first.
    #[must_use]
    pub const fn by_pull(&self) -> bool {
        self.changelog.is_some() || !self.version_files.is_empty()
    }
}

fn as_text<S: Serializer>(version: &Version, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(version)
}

/// Reads the table `[release]`; what it does not name is as the default says. `environments` are those of the file.
pub(super) fn read_release(top: &mut Section<'_>, environments: &[EnvironmentSettings]) -> Option<ReleaseSettings> {
    let mut settings = ReleaseSettings::default();
    let mut section = top.table("release")?;
    let table = &mut section;
    let document = table.document;
    settings.branch =
        table.text("branch").and_then(|text| read_git_name(document, &text, "branch")).map(BranchName::new);
    if let Some(prefix) = table.text("prefix").and_then(|text| read_prefix(document, &text)) {
        settings.prefix = prefix;
    }
    if let Some(first) = table.text("first").and_then(|text| read_first(document, &text)) {
        settings.first = first;
    }
    let steps = [("patch", Bump::Patch), ("minor", Bump::Minor), ("major", Bump::Major), ("none", Bump::None)];
    if let Some(step) = choice(table, "default_bump", &steps) {
        settings.default_bump = step;
    }
    settings.checks = check_names(table, "checks");
    flag(table, "allow_no_checks", &mut settings.allow_no_checks);
    flag(table, "annotated", &mut settings.annotated);
    let by_prerelease = table.has_any(&["prerelease"]);
    settings.prerelease = table.text("prerelease").and_then(|text| read_prerelease(document, &text));
    if let Some(text) = table.text("stable_after") {
        settings.stable_after = read_stable_after(document, &text, by_prerelease, environments);
    }
    (settings.changelog, settings.version_files) = read_release_files(table, by_prerelease);
    flag(table, "tracking", &mut settings.tracking);
    settings.groups = read_groups(table);
    if let Some(labels) = labels(table, "exclude_labels") {
        settings.exclude_labels = labels;
    }
    section.finish();
    Some(settings)
}

fn read_first(document: &Document<'_>, text: &Spanned<&str>) -> Option<Version> {
    let version = Version::parse(text.get_ref()).ok();
    if let Some(version) = version
        && version.pre == Prerelease::EMPTY
        && version.build == BuildMetadata::EMPTY
    {
        return Some(version);
    }
    let bare = text.get_ref().trim_start_matches(|c: char| !c.is_ascii_digit());
    let help = if bare != *text.get_ref() && Version::parse(bare).is_ok() {
        format!("write \"{bare}\"; what stands before the number is `prefix`")
    } else {
        "write three numbers with dots between, and nothing after them".to_owned()
    };
    let message = format!("{:?} cannot be the first version", text.get_ref());
    document.fault(text.span(), Complaint::new(message, "a version such as \"0.1.0\"", help));
    None
}

/// What pre-releases are called: one identifier of <https://semver.org/#spec-item-9>, to which `.1` is added.
fn read_prerelease(document: &Document<'_>, text: &Spanned<&str>) -> Option<String> {
    let word: &str = text.get_ref();
    let plain = !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if plain && Prerelease::new(word).is_ok() {
        return Some(word.to_owned());
    }
    let message = format!("{word:?} cannot be what pre-releases are called");
    let expected = "letters, digits and hyphens, and no number that begins with 0";
    document.fault(text.span(), Complaint::new(message, expected, "write a word such as \"rc\"; `.1` is added to it"));
    None
}

fn read_stable_after(
    document: &Document<'_>,
    text: &Spanned<&str>,
    by_prerelease: bool,
    environments: &[EnvironmentSettings],
) -> Option<EnvironmentName> {
    if !by_prerelease {
        let message = "`stable_after` without `prerelease` means nothing: every version is stable at once";
        let help = "add `prerelease = \"rc\"`, or remove `stable_after`";
        document.fault(text.span(), Complaint::new(message, "`prerelease` beside it", help));
    }
    let names: Vec<EnvironmentName> = environments.iter().map(|environment| environment.name.clone()).collect();
    let name = named(document, text, &names)?;
    let meant = environments.iter().find(|environment| environment.name == name);
    if meant.is_none_or(|environment| !environment.prereleases) {
        let message = format!("no pre-release is deployed to \"{name}\", so none would ever become stable");
        let help = format!("add `prereleases = true` to {:?}, or name another environment", name.as_str());
        document.fault(text.span(), Complaint::new(message, "an environment with `prereleases = true`", help));
    }
    Some(name)
}
