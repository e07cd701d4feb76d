//! The things that the simulated GitHub remembers: accounts, repositories, issues, comments, labels and runs.

use std::collections::BTreeMap;

use serde_json::Value;

use super::git::Git;
use super::judging::Judging;
use super::shipping::Shipping;
use crate::model::Timestamp;

/// What kind of account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountKind {
    /// A person.
    User,
    /// An App's or integration's own account.
    Bot,
    /// An organisation.
    Organization,
}

impl AccountKind {
    /// GitHub's word for it, as in `type`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Bot => "Bot",
            Self::Organization => "Organization",
        }
    }
}

/// A role on a repository, least first.
///
/// <https://docs.github.com/en/organizations/managing-user-access-to-your-organizations-repositories/managing-repository-roles/repository-roles-for-an-organization>
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// No role: a stranger.
    None,
    /// May read.
    Read,
    /// May manage issues and pull requests.
    Triage,
    /// May push.
    Write,
    /// May manage the repository.
    Maintain,
    /// May do everything.
    Admin,
}

impl Permission {
    /// The role's name, as in `role_name`.
    #[must_use]
    pub const fn role_name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Read => "read",
            Self::Triage => "triage",
            Self::Write => "write",
            Self::Maintain => "maintain",
            Self::Admin => "admin",
        }
    }

    /// The older, coarser word: `maintain` is shown as `write` and `triage` as `read`.
    #[must_use]
    pub const fn legacy_name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Read | Self::Triage => "read",
            Self::Write | Self::Maintain => "write",
            Self::Admin => "admin",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Account {
    pub id: i64,
    pub login: String,
    pub kind: AccountKind,
}

/// Who does something: an account, and whether it acts as the App.
#[derive(Debug, Clone)]
pub struct Actor {
    pub login: String,
    pub via_app: bool,
}

impl Actor {
    pub fn person(login: &str) -> Self {
        Self { login: login.to_owned(), via_app: false }
    }
}

/// Which ways of merging a repository's settings allow.
///
/// <https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergeMethods {
    /// `allow_merge_commit`.
    pub merge: bool,
    /// `allow_squash_merge`.
    pub squash: bool,
    /// `allow_rebase_merge`.
    pub rebase: bool,
}

impl Default for MergeMethods {
    fn default() -> Self {
        Self { merge: true, squash: true, rebase: true }
    }
}

#[derive(Debug)]
pub struct Repository {
    pub id: i64,
    pub owner: String,
    pub name: String,
    pub private: bool,
    pub installed: bool,
    pub archived: bool,
    /// The repository that this one is a fork of.
    pub fork_of: Option<i64>,
    pub merge_methods: MergeMethods,
    pub default_branch: String,
    pub labels: Vec<Label>,
    pub issues: BTreeMap<i64, Issue>,
    /// Issues that were here once; their numbers are never given again.
    pub gone: BTreeMap<i64, Gone>,
    pub permissions: BTreeMap<String, Permission>,
    pub runs: Vec<WorkflowRun>,
    pub judging: Judging,
    pub shipping: Shipping,
    pub git: Git,
    pub created_at: Timestamp,
    pub pushed_at: Timestamp,
}

impl Repository {
    /// A public repository with no name, owner or id yet, and nothing in it but its Git objects.
    pub fn blank(git: Git, now: Timestamp) -> Self {
        Self {
            id: 0,
            owner: String::new(),
            name: String::new(),
            private: false,
            installed: false,
            archived: false,
            fork_of: None,
            merge_methods: MergeMethods::default(),
            default_branch: "main".to_owned(),
            labels: Vec::new(),
            issues: BTreeMap::new(),
            gone: BTreeMap::new(),
            permissions: BTreeMap::new(),
            runs: Vec::new(),
            judging: Judging::default(),
            shipping: Shipping::default(),
            git,
            created_at: now,
            pushed_at: now,
        }
    }

    pub fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// The role of `login`; a stranger may still read what is public.
    pub fn permission(&self, login: &str) -> Permission {
        let lower = login.to_lowercase();
        if lower == self.owner.to_lowercase() {
            return Permission::Admin;
        }
        let floor = if self.private { Permission::None } else { Permission::Read };
        self.permissions.get(&lower).copied().unwrap_or(floor).max(floor)
    }

    /// Whether `login` was given any role, as only they can be assigned.
    pub fn is_collaborator(&self, login: &str) -> bool {
        let lower = login.to_lowercase();
        lower == self.owner.to_lowercase() || self.permissions.get(&lower).is_some_and(|role| *role > Permission::None)
    }

    pub fn label(&self, name: &str) -> Option<&Label> {
        self.labels.iter().find(|label| label.name.eq_ignore_ascii_case(name))
    }

    pub fn label_by_id(&self, id: i64) -> Option<&Label> {
        self.labels.iter().find(|label| label.id == id)
    }

    /// The number that the next issue or pull request gets: both count together.
    pub fn next_number(&self) -> i64 {
        let last = |key: Option<&i64>| key.copied().unwrap_or(0);
        last(self.issues.keys().next_back()).max(last(self.gone.keys().next_back())) + 1
    }
}

#[derive(Debug, Clone)]
pub struct Label {
    pub id: i64,
    pub name: String,
    pub color: String,
    pub description: Option<String>,
    pub default: bool,
}

#[derive(Debug, Clone)]
pub struct Issue {
    pub id: i64,
    pub number: i64,
    pub title: String,
    pub body: Option<String>,
    pub author: String,
    pub via_app: bool,
    pub labels: Vec<i64>,
    pub assignees: Vec<String>,
    pub comments: Vec<Comment>,
    pub reactions: Vec<Reaction>,
    pub history: Vec<HistoryEntry>,
    /// Who changed its body last, and when.
    pub body_edited: Option<(String, Timestamp)>,
    pub links: Links,
    pub state_reason: Option<String>,
    pub closed: Option<Closed>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub pull: Option<Pull>,
}

impl Issue {
    pub const fn state(&self) -> &'static str {
        if self.closed.is_some() { "closed" } else { "open" }
    }
}

/// An issue by its repository's id and its number.
pub type At = (i64, i64);

/// How an issue hangs together with others, each end knowing of the other.
#[derive(Debug, Clone, Default)]
pub struct Links {
    /// The issue that it is part of.
    pub parent: Option<At>,
    /// The issues that are part of it, in order.
    pub sub_issues: Vec<At>,
    /// What it waits for.
    pub blocked_by: Vec<At>,
    /// What waits for it.
    pub blocking: Vec<At>,
}

/// What became of an issue that is no longer here.
#[derive(Debug, Clone, Copy)]
pub enum Gone {
    Deleted,
    Moved { repository: i64, number: i64 },
}

#[derive(Debug, Clone)]
pub struct Closed {
    pub at: Timestamp,
    pub by: String,
}

/// One line of an issue's events, such as `labeled`.
#[derive(Debug, Clone)]
pub struct HistoryEntry {
    pub id: i64,
    pub event: &'static str,
    pub actor: String,
    pub at: Timestamp,
    pub details: Value,
}

#[derive(Debug, Clone)]
pub struct Comment {
    pub id: i64,
    pub body: String,
    pub author: String,
    pub via_app: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub edits: u32,
    /// Who changed its text last.
    pub editor: Option<String>,
    pub reactions: Vec<Reaction>,
}

#[derive(Debug, Clone)]
pub struct Reaction {
    pub id: i64,
    pub user: String,
    pub content: String,
    pub created_at: Timestamp,
}

#[derive(Debug, Clone)]
pub struct Pull {
    /// The branch with the changes, in `head_repository`.
    pub head: String,
    /// Where the head's branch is: this repository, a fork, or nowhere any more.
    pub head_repository: Option<i64>,
    /// Who owned the head's repository when the pull was opened.
    pub head_owner: String,
    pub base: String,
    pub head_sha: String,
    pub base_sha: String,
    pub draft: bool,
    pub merged: Option<Merged>,
    /// The last trial merge, and how many more reads see it unfinished.
    pub trial: Option<Trial>,
}

/// A trial merge that GitHub makes in the background.
#[derive(Debug, Clone)]
pub struct Trial {
    /// What is merged into what.
    pub of: String,
    /// How many reads still find no outcome.
    pub reads_left: u32,
}

#[derive(Debug, Clone)]
pub struct Merged {
    pub at: Timestamp,
    pub by: String,
    pub sha: String,
    /// What the merge itself put on the base, oldest first: a merge commit, a squashed one, or rebased ones.
    pub landed: Vec<String>,
}

/// A workflow run that `workflow_dispatch` started.
#[derive(Debug, Clone)]
pub struct WorkflowRun {
    /// The run's id.
    pub id: i64,
    /// The workflow file's name, such as `deploy.yml`.
    pub file: String,
    /// The branch or tag that it was started on.
    pub git_ref: String,
    /// The commit that the ref pointed at.
    pub head_sha: String,
    /// What was passed as `inputs`.
    pub inputs: Value,
    /// The title: the workflow's `run-name` with the inputs put in, else its name.
    pub title: String,
    /// Who started it.
    pub actor: String,
    /// `queued`, `in_progress` or `completed`.
    pub status: String,
    /// `success`, `failure`, `cancelled`…, once it is completed.
    pub conclusion: Option<String>,
    /// When it was started.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
}
