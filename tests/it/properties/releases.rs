//! Releases: titles of others neither call nor format, versions go up, and written files say what they are to say.

use stationmaster::decide::release::{ReleasePolicy, decide};
use stationmaster::decide::release_pull::{NextRelease, plan, version_of_title};
use stationmaster::model::{
    Action, ActorKind, Ancestry, BranchName, Candidate, Check, CheckOrigin, CheckState, Conclusion, InstallationId,
    LandedCommit, LandedPull, Login, Number, ReleaseFiles, ReleaseRange, ReleaseRecord, ReleaseSnapshot, Repository,
    RepositoryId, RepositoryName, RequiredCheck, Sha, Tag, TagName, Timestamp,
};
use stationmaster::policy::{CheckSettings, ReleaseSettings};

const NOW: Timestamp = Timestamp(1_795_262_400_000);

/// A pull's title on the first line, a commit's message behind it; then a changelog or another file with a version.
pub fn check(data: &[u8]) {
    let (landed, file) = super::parts(data);
    let (title, message) = landed.split_once('\n').unwrap_or((&landed, ""));
    notes_call_nobody(title, message);
    if let Some(version) = version_of_title(title, "v") {
        assert!(title.contains(&version.to_string()), "{version} is not in {title:?}");
        assert_eq!(version_of_title(&format!("Release v{version}"), "v"), Some(version));
    }
    for path in ["CHANGELOG.md", "Cargo.toml", "package.json", "pyproject.toml", "Cargo.lock", "package-lock.json"] {
        is_written_once(path, &file);
    }
}

fn repository() -> Repository {
    Repository {
        id: RepositoryId(7),
        name: RepositoryName::new("octo", "app"),
        installation: InstallationId(1),
        default_branch: BranchName::from("main"),
        private: false,
    }
}

fn snapshot() -> ReleaseSnapshot {
    ReleaseSnapshot {
        repository: repository(),
        branch: BranchName::from("main"),
        tip: Some(Sha::from("tip")),
        candidates: Vec::new(),
        required: Vec::new(),
        own_app: 77,
        tags: Vec::new(),
        compared: None,
        tip_since: None,
        ancestry: Vec::new(),
        since_last: None,
        deploying: None,
        range: None,
        files: ReleaseFiles::default(),
        record: ReleaseRecord::default(),
        reports: Vec::new(),
    }
}

fn green() -> Candidate {
    let check = Check {
        name: "test".to_owned(),
        origin: CheckOrigin::App { id: 15368, slug: "github-actions".to_owned() },
        state: CheckState::Completed(Conclusion::Success),
        started: Some(NOW),
        completed: Some(NOW),
        url: None,
        run: None,
        suite: None,
    };
    Candidate { sha: Sha::from("tip"), checks: vec![check] }
}

fn notes_call_nobody(title: &str, message: &str) {
    let pull = LandedPull {
        number: Number(1),
        title: title.to_owned(),
        author: Login::from("ann"),
        author_kind: ActorKind::User,
        labels: Vec::new(),
        url: "https://github.com/octo/app/pull/1".to_owned(),
        head_branch: BranchName::from("work"),
        first_contribution: true,
    };
    let commit = |sha: &str, message: &str, pulls: Vec<Number>| LandedCommit {
        sha: Sha::from(sha),
        message: message.to_owned(),
        author: Some(Login::from("ben")),
        url: format!("https://github.com/octo/app/commit/{sha}"),
        pulls,
    };
    let before = Tag { name: TagName::from("v1.2.3"), sha: Sha::from("before") };
    let snapshot = ReleaseSnapshot {
        candidates: vec![green()],
        required: vec![RequiredCheck { name: "test".to_owned(), app: None, demanded_by: "protection".to_owned() }],
        tags: vec![before.clone()],
        ancestry: vec![(before, Ancestry::Ahead)],
        range: Some(ReleaseRange {
            commits: vec![commit("c1", title, vec![Number(1)]), commit("c2", message, Vec::new())],
            pulls: vec![pull],
            cut: false,
        }),
        ..snapshot()
    };
    let (release, checks) = (ReleaseSettings::default(), CheckSettings::default());
    let policy = ReleasePolicy { release: &release, checks: &checks, environments: &[], topic: None };
    let decision = decide(&snapshot, policy, NOW);
    assert_eq!(decision, decide(&snapshot, policy, NOW), "decided twice, it is the same");
    for planned in &decision.actions {
        let Action::Release(order) = &planned.action else { continue };
        let version = semver::Version::parse(order.tag.as_str().trim_start_matches('v')).expect("a version");
        assert!(version > semver::Version::new(1, 2, 3) && version <= semver::Version::new(2, 0, 0), "{version}");
        let calls = order.notes.split('@').skip(1).any(|after| after.starts_with(|c: char| c.is_ascii_alphanumeric()));
        assert!(!calls, "somebody is called: {}", order.notes);
        let lines = order.notes.lines().filter(|line| line.starts_with("- ")).count();
        assert!((1..=3).contains(&lines), "a title breaks out of its line:\n{}", order.notes);
        let others = order.notes.lines().filter(|line| !line.starts_with("- "));
        let ours = |line: &str| line.is_empty() || line.starts_with("## ") || line.starts_with("**Full changelog**");
        others.for_each(|line| assert!(ours(line), "{line:?} in\n{}", order.notes));
    }
}

fn is_written_once(path: &str, text: &str) {
    let version = semver::Version::new(3, 4, 5);
    let next = NextRelease {
        tag: TagName::from("v3.4.5"),
        version: version.clone(),
        notes: "## Features\n\n- Carts\n".to_owned(),
        today: NOW,
    };
    let settings = if path == "CHANGELOG.md" {
        ReleaseSettings { changelog: Some(path.to_owned()), ..ReleaseSettings::default() }
    } else {
        ReleaseSettings { version_files: vec![path.to_owned()], ..ReleaseSettings::default() }
    };
    let write = |text: &str| {
        let files = ReleaseFiles { files: vec![(path.to_owned(), Some(text.to_owned()))] };
        plan(&ReleaseSnapshot { files, ..snapshot() }, &settings, &next)
    };
    match write(text) {
        Ok(order) => {
            let Some(order) = order else { return };
            // In a block that is never closed, a headline is none; the section is appended and not found again.
            if path == "CHANGELOG.md" && ["```", "~~~", "<"].iter().any(|opens| text.contains(opens)) {
                return;
            }
            let [(_, written)] = order.files.as_slice() else { panic!("{:?}", order.files) };
            let again = write(written).expect("what was written can be read").expect("an order");
            assert_eq!(again.files[0].1, *written, "written again, {path} is another: {text:?}");
        }
        Err(faults) => assert!(faults.iter().all(|fault| fault.starts_with(path)), "{faults:?}"),
    }
}
