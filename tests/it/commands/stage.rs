//! A pull request with comments, and what its commands come to.

use std::collections::{BTreeMap, BTreeSet};

use stationmaster::decide::{Commanded, PullCommands, command_askers as askers, pull_commands};
use stationmaster::model::{
    Action, ActorKind, BranchName, BranchProtection, Check, CheckOrigin, CheckRunId, CheckState, CommentId,
    CommentSeen, Conclusion, FailedCheck, InstallationId, Login, Mergeability, Number, Permission, Pull, PullRecord,
    PullSnapshot, PullState, Repository, RepositoryId, RepositoryName, Sha, Timestamp,
};
use stationmaster::receive::parse_commands;

pub const NOW: Timestamp = Timestamp(1_795_262_400_000);
pub const HEAD: &str = "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678";
pub const OLD_HEAD: &str = "ffffffffffffffffffffffffffffffffffffffff";
pub const OWN_APP: i64 = 4_711;

/// The pull request `acme/rust#7` by `ann`, who may read. `wendy` may write, `tina` triage, `mia` maintain.
pub struct Stage {
    pub snapshot: PullSnapshot,
    pub comments: Vec<CommentSeen>,
    pub known_since: Timestamp,
    pub bots: Vec<Login>,
    pub foreign: Vec<String>,
}

pub fn repository() -> Repository {
    Repository {
        id: RepositoryId(9),
        name: RepositoryName::new("acme", "rust"),
        installation: InstallationId(77),
        default_branch: BranchName::new("main"),
        private: true,
    }
}

fn pull() -> Pull {
    Pull {
        number: Number(7),
        title: "Add a signal".to_owned(),
        body: String::new(),
        state: PullState::Open,
        draft: false,
        author: Login::new("ann"),
        author_kind: ActorKind::User,
        labels: Vec::new(),
        head: Sha::new(HEAD),
        head_branch: BranchName::new("signal"),
        head_repository: Some(RepositoryName::new("acme", "rust")),
        base: BranchName::new("main"),
        base_sha: Sha::new(OLD_HEAD),
        mergeability: Mergeability::Mergeable,
        behind: false,
        review_required: false,
        commits: Vec::new(),
        changed_files: 1,
        url: "https://github.com/acme/rust/pull/7".to_owned(),
        created: NOW.plus_ms(-60_000),
        merge_commit: None,
    }
}

fn record() -> PullRecord {
    PullRecord {
        repository: RepositoryId(9),
        number: Number(7),
        state: PullState::Open,
        head: Sha::new(HEAD),
        base: BranchName::new("main"),
        head_branch: BranchName::new("signal"),
        hold: None,
        merge_asked: None,
        put_out: None,
        landed: None,
        refused: None,
        unknown_polls: 0,
        card: None,
        card_digest: None,
        commands_seen: BTreeMap::new(),
        created: NOW.plus_ms(-60_000),
        updated: NOW.plus_ms(-60_000),
    }
}

/// A check run of GitHub Actions.
pub fn check(name: &str, run: i64, state: CheckState) -> Check {
    let over = matches!(state, CheckState::Completed(_));
    let started = NOW.plus_ms(-1_000_000 + run * 1_000);
    Check {
        name: name.to_owned(),
        origin: CheckOrigin::App { id: 15_368, slug: "github-actions".to_owned() },
        state,
        started: Some(started),
        completed: over.then(|| started.plus_ms(62_000)),
        url: Some(format!("https://github.com/acme/rust/runs/{run}")),
        run: Some(CheckRunId(run)),
        suite: Some(run / 10),
    }
}

pub const FAILED: CheckState = CheckState::Completed(Conclusion::Failure);
pub const PASSED: CheckState = CheckState::Completed(Conclusion::Success);

fn kind_of(login: &str) -> ActorKind {
    if login.ends_with("[bot]") { ActorKind::Bot } else { ActorKind::User }
}

impl Stage {
    pub fn new() -> Self {
        let permissions = [
            ("ann", Permission::Read),
            ("tina", Permission::Triage),
            ("wendy", Permission::Write),
            ("mia", Permission::Maintain),
        ];
        Self {
            snapshot: PullSnapshot {
                repository: repository(),
                pull: pull(),
                decision: 5,
                checks: Vec::new(),
                protection: BranchProtection::default(),
                reviews: Vec::new(),
                permissions: permissions.map(|(login, permission)| (Login::new(login), permission)).into(),
                review: None,
                dependencies: Vec::new(),
                freezes: Vec::new(),
                dependents: Vec::new(),
                own: (Login::new("stationmaster[bot]"), OWN_APP),
                record: Some(record()),
            },
            comments: Vec::new(),
            known_since: NOW.plus_ms(-50_000),
            bots: Vec::new(),
            foreign: Vec::new(),
        }
    }

    /// A new comment, the first with id 1, a second after the one before.
    pub fn says(mut self, login: &str, text: &str) -> Self {
        let id = i64::try_from(self.comments.len()).unwrap() + 1;
        self.comments.push(CommentSeen {
            id: CommentId(id),
            author: Login::new(login),
            author_kind: kind_of(login),
            editor: None,
            created: NOW.plus_ms(-30_000 + id * 1_000),
            edited: None,
            commands: parse_commands(text),
        });
        self
    }

    /// The newest comment as somebody edited it; `None` is an account that is gone.
    pub fn edited(mut self, editor: Option<&str>, text: &str) -> Self {
        let comment = self.comments.last_mut().unwrap();
        comment.editor = editor.map(|login| (Login::new(login), kind_of(login)));
        comment.edited = Some(NOW.plus_ms(-1_000));
        comment.commands = parse_commands(text);
        self
    }

    /// The text of the pull request.
    pub fn opened_with(mut self, text: &str) -> Self {
        let body = CommentSeen::of_body(&self.snapshot.pull, parse_commands(text));
        self.comments.push(body);
        self.known_since = NOW.plus_ms(-120_000);
        self
    }

    fn question(&self) -> PullCommands<'_> {
        PullCommands {
            snapshot: &self.snapshot,
            comments: &self.comments,
            known_since: self.known_since,
            bots: &self.bots,
            foreign: &self.foreign,
        }
    }

    pub fn askers(&self) -> BTreeSet<Login> {
        askers(&self.question())
    }

    pub fn decided(&self) -> Commanded {
        pull_commands(&self.question(), NOW)
    }

    /// Decides, and puts the outcome into the record, as a server does.
    pub fn run(&mut self) -> Commanded {
        let commanded = self.decided();
        let record = self.snapshot.record.get_or_insert_with(record);
        commanded.words.clone().put_into(record);
        self.snapshot.decision += 1;
        commanded
    }
}

/// The reactions in the order in which they are given: which comment, `-` for the pull request's text, and what.
pub fn reactions(commanded: &Commanded) -> Vec<String> {
    let of = |action: &Action| {
        let Action::React { comment, content, .. } = action else { return None };
        let place = comment.map_or_else(|| "-".to_owned(), |comment| comment.to_string());
        Some(format!("{place} {}", content.as_str()))
    };
    commanded.actions.iter().filter_map(|planned| of(&planned.action)).collect()
}

/// The comments that are written.
pub fn comments(commanded: &Commanded) -> Vec<String> {
    let of = |action: &Action| if let Action::Comment { text, .. } = action { Some(text.clone()) } else { None };
    commanded.actions.iter().filter_map(|planned| of(&planned.action)).collect()
}

/// The checks that are run again.
pub fn retested(commanded: &Commanded) -> Vec<FailedCheck> {
    let of = |action: &Action| if let Action::Retest { checks, .. } = action { Some(checks.clone()) } else { None };
    commanded.actions.iter().filter_map(|planned| of(&planned.action)).flatten().collect()
}
