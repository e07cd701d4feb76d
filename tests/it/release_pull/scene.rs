//! A repository whose next release is to be prepared, and what the plan makes of its files.

use stationmaster::decide::release_pull::{NextRelease, plan};
use stationmaster::model::{
    BranchName, InstallationId, ReleaseFiles, ReleasePullOrder, ReleaseRecord, ReleaseSnapshot, Repository,
    RepositoryId, RepositoryName, Sha, TagName, Timestamp,
};
use stationmaster::policy::ReleaseSettings;

/// A branch with these files; `None` is a file that is not there.
pub fn branch_with(files: &[(&str, Option<&str>)]) -> ReleaseSnapshot {
    ReleaseSnapshot {
        repository: Repository {
            id: RepositoryId(7),
            name: RepositoryName::new("acme", "shop"),
            installation: InstallationId(1),
            default_branch: BranchName::from("main"),
            private: false,
        },
        branch: BranchName::from("dev"),
        tip: Some(Sha::from("1a2b3c4d5e6f")),
        candidates: Vec::new(),
        required: Vec::new(),
        own_app: 5,
        tags: Vec::new(),
        ancestry: Vec::new(),
        since_last: None,
        compared: None,
        tip_since: None,
        deploying: None,
        range: None,
        files: ReleaseFiles {
            files: files.iter().map(|(path, text)| ((*path).to_owned(), text.map(str::to_owned))).collect(),
        },
        record: ReleaseRecord::default(),
        reports: Vec::new(),
    }
}

pub fn versions_in(paths: &[&str]) -> ReleaseSettings {
    ReleaseSettings { version_files: paths.iter().map(|path| (*path).to_owned()).collect(), ..Default::default() }
}

pub fn changelog_only() -> ReleaseSettings {
    ReleaseSettings { changelog: Some("CHANGELOG.md".to_owned()), ..Default::default() }
}

pub fn next(version: &str) -> NextRelease {
    NextRelease {
        tag: TagName::new(format!("v{version}")),
        version: version.parse().unwrap(),
        notes: "## Features\n\n- Carts ([#12](https://github.com/acme/shop/pull/12))\n".to_owned(),
        today: Timestamp::parse_rfc3339("2026-11-21T14:00:00Z").unwrap(),
    }
}

pub fn ordered(snapshot: &ReleaseSnapshot, settings: &ReleaseSettings, next: &NextRelease) -> ReleasePullOrder {
    plan(snapshot, settings, next).unwrap().expect("there is something to write")
}

/// These files with version 1.2.0 written in them.
pub fn bumped(files: &[(&str, &str)]) -> Vec<String> {
    let paths: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
    let there: Vec<(&str, Option<&str>)> = files.iter().map(|(path, text)| (*path, Some(*text))).collect();
    let order = ordered(&branch_with(&there), &versions_in(&paths), &next("1.2.0"));
    assert_eq!(order.files.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(), paths);
    order.files.into_iter().map(|(_, text)| text).collect()
}

/// What is said instead of writing version 1.2.0 in these files.
pub fn faults(files: &[(&str, &str)]) -> String {
    let paths: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
    let there: Vec<(&str, Option<&str>)> = files.iter().map(|(path, text)| (*path, Some(*text))).collect();
    plan(&branch_with(&there), &versions_in(&paths), &next("1.2.0")).expect_err("a fault").join("\n")
}
