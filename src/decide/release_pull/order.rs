//! The whole order of a release pull request: its branch, commit, title and text, and the fingerprint of all of it.

use std::fmt::Write as _;

use serde_json::json;

use super::changelog::{Section, with_section};
use super::version_file;
use crate::decide::card;
use crate::decide::quote::code;
use crate::model::{BranchName, RELEASE_PULL_BRANCH, ReleasePullOrder, ReleaseSnapshot, Sha, TagName, Timestamp};
use crate::policy::{Complaint, ReleaseSettings, RuleFault};

/// GitHub refuses a text of more than 65,536 characters; this leaves room for our own.
const MOST_NOTES_CHARS: usize = 60_000;

const TITLE: &str = "Release ";

/// The release that is to be prepared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextRelease {
    /// Its tag.
    pub tag: TagName,
    /// The version in it.
    pub version: semver::Version,
    /// Its notes, in Markdown, with nothing in them that mentions or closes anything.
    pub notes: String,
    /// The present; its day, in UTC, stands in the changelog.
    pub today: Timestamp,
}

/// Files that have to be read from the tip of the release branch: the changelog and those that state the version, each
/// once. Only what the settings name is read and changed; a lock file is, when `version_files` names it.
#[must_use]
pub fn wanted_files(settings: &ReleaseSettings) -> Vec<String> {
    let mut wanted: Vec<String> = Vec::new();
    for path in settings.changelog.iter().chain(&settings.version_files) {
        if !wanted.contains(path) {
            wanted.push(path.clone());
        }
    }
    wanted
}

/// The version that the title of a release pull request names: `Release v1.2.0`, also with the ` (#12)` that GitHub
/// adds when it squashes.
#[must_use]
pub fn version_of_title(title: &str, prefix: &str) -> Option<semver::Version> {
    let mut words = title.trim().strip_prefix(TITLE)?.split_whitespace();
    let version = words.next()?.strip_prefix(prefix)?;
    let only_a_number = |word: &str| word.starts_with("(#") && word.ends_with(')');
    (words.next().is_none_or(only_a_number) && words.next().is_none())
        .then(|| semver::Version::parse(version).ok())
        .flatten()
}

/// What the release pull request has to be; `None` where the settings ask for none, the branch has no commit, or the
/// record says that this very pull request was written or is being written. One that was refused is ordered again, with
/// the same fingerprint for as long as nothing changes.
///
/// # Errors
/// Every fault of every file, as a sentence with the file, the line where there is one, what was expected and what to do.
pub fn plan(
    snapshot: &ReleaseSnapshot,
    settings: &ReleaseSettings,
    next: &NextRelease,
) -> Result<Option<ReleasePullOrder>, Vec<String>> {
    let Some(tip) = snapshot.tip.as_ref().filter(|_| settings.by_pull()) else { return Ok(None) };
    let prepared = prepare(snapshot, settings, next)?;
    let order = order(snapshot, tip, settings, next);
    // The day is left out: nobody wants the branch to be written anew, and its checks and approvals lost, at midnight.
    let digest = digest(&order, &prepared.undated);
    let written = snapshot.record.pull.as_ref().is_some_and(|pull| pull.digest == digest && pull.refused.is_none());
    Ok((!written).then_some(ReleasePullOrder { digest, files: prepared.dated, ..order }))
}

/// Files with their new texts, with and without the day in the changelog.
struct Prepared {
    dated: Vec<(String, String)>,
    undated: Vec<(String, String)>,
}

fn prepare(
    snapshot: &ReleaseSnapshot,
    settings: &ReleaseSettings,
    next: &NextRelease,
) -> Result<Prepared, Vec<String>> {
    let mut paths: Vec<&str> = Vec::new();
    for path in settings.version_files.iter().map(String::as_str) {
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    let versions = version_file::write(&paths, &snapshot.files, &next.version);
    let Some(path) = &settings.changelog else {
        return versions.map(|files| Prepared { dated: files.clone(), undated: files });
    };
    // What was not read is not there for all that: a new changelog would take the place of an old one.
    let Some((_, text)) = snapshot.files.files.iter().find(|(name, _)| name == path) else {
        let complaint = Complaint::new("it was not read", "its text from the release branch", "wait for the next look");
        let mut faults = vec![RuleFault::of_file(path.as_str(), complaint).to_string()];
        faults.extend(versions.err().unwrap_or_default());
        return Err(faults);
    };
    let versions = versions?;
    let with = |headline: &str| {
        let (version, prefix, notes) = (&next.version, settings.prefix.as_str(), next.notes.as_str());
        let section = Section { version, prefix, headline, notes };
        let mut files = vec![(path.clone(), with_section(text.as_deref(), section))];
        files.extend(versions.iter().cloned());
        files
    };
    let tag = next.tag.as_str();
    Ok(Prepared { dated: with(&format!("{tag} ({})", next.today.to_utc().format("%Y-%m-%d"))), undated: with(tag) })
}

/// The order without its files and fingerprint.
fn order(snapshot: &ReleaseSnapshot, tip: &Sha, settings: &ReleaseSettings, next: &NextRelease) -> ReleasePullOrder {
    let title = format!("{TITLE}{}", next.tag);
    ReleasePullOrder {
        repository: snapshot.repository.clone(),
        base: snapshot.branch.clone(),
        base_sha: tip.clone(),
        branch: BranchName::new(format!("{RELEASE_PULL_BRANCH}{}", snapshot.branch)),
        tag: next.tag.clone(),
        digest: String::new(),
        message: title.clone(),
        files: Vec::new(),
        title,
        body: body(&snapshot.branch, settings, next),
    }
}

/// Our own words come first, so that nothing in the notes, and no cut, can take them away.
fn body(branch: &BranchName, settings: &ReleaseSettings, next: &NextRelease) -> String {
    let (tag, branch) = (code(next.tag.as_str()), code(branch.as_str()));
    let notes = next.notes.trim();
    let mut text = format!(
        "**Merging this releases `{tag}`.** What lands on `{branch}` before that is added to it: the branch is then \
         written anew, and commits that others have pushed to it are lost.\n\n\
         The version follows from what was merged. For another one, set the label `release/major`, `release/minor` or \
         `release/patch` on a pull request that is listed here, or `release/skip` on one that asks for no release.\n\n\
         ---\n\n"
    );
    match notes.char_indices().nth(MOST_NOTES_CHARS) {
        None => text.push_str(notes),
        Some((at, _)) => {
            let head = notes.get(..at).unwrap_or_default();
            text.push_str(head.rsplit_once('\n').map_or(head, |(lines, _)| lines).trim_end());
            let whole = match &settings.changelog {
                Some(path) => format!("`{}` has all of them", code(path)),
                None => "the release will have all of them".to_owned(),
            };
            // Writing to a String cannot fail.
            let _ = write!(text, "\n\nThe notes are longer than fits here; {whole}.");
        }
    }
    text
}

fn digest(order: &ReleasePullOrder, files: &[(String, String)]) -> String {
    let base = (order.repository.id, &order.base, &order.base_sha);
    card::digest(
        &json!([base, &order.branch, &order.tag, &order.message, files, &order.title, &order.body]).to_string(),
    )
}
