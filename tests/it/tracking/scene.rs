//! A release that is followed on an issue, with two environments: `qa` by itself, `prod` after it and by approval.

use std::collections::{BTreeMap, BTreeSet};

use stationmaster::decide::tracking::{AskContext, AskWords, TrackingSeen, ask, askers, decide};
use stationmaster::model::{
    Action, ActorKind, ApprovalAsked, Authority, BranchName, CommentId, CommentSeen, Deploy, DeployEnd, DeployKind,
    DeployState, DeploymentId, DeploymentRow, EnvironmentAsk, EnvironmentFreeze, EnvironmentName, EnvironmentRecord,
    EnvironmentReport, InstallationId, Issue, IssueState, Login, Number, Permission, Released, Repository,
    RepositoryId, RepositoryName, Running, Sha, Subject, TagName, Timestamp, TrackingDecision, TrackingRecord,
    TrackingSnapshot, Trigger, Version, Wanted,
};
use stationmaster::policy::EnvironmentSettings;
use stationmaster::receive::parse_commands;

/// 2026-11-21T12:00:00Z
pub const NOW: Timestamp = Timestamp(1_795_262_400_000);
pub const HOUR_MS: i64 = 3_600_000;

pub fn settings(name: &str) -> EnvironmentSettings {
    EnvironmentSettings {
        name: EnvironmentName::new(name),
        auto: true,
        requires_approval: false,
        production: false,
        after: None,
        trigger: Trigger::None,
        url: None,
        timeout_s: 600,
        attempts: 3,
        health: None,
        soak_s: 0,
        approval_expires_s: 86_400,
        approvers: Vec::new(),
        freezes: Vec::new(),
        rollback: true,
        prereleases: false,
    }
}

/// The version of this tag; its commit is the second and the third number, over and over. `ann` wrote it.
pub fn version(tag: &str) -> Version {
    let numbers: Vec<char> = tag.split("-rc").next().unwrap().chars().filter(char::is_ascii_digit).skip(1).collect();
    Version {
        tag: TagName::new(tag),
        sha: Sha::new(numbers.iter().cycle().take(40).collect::<String>()),
        url: format!("https://github.com/acme/rust/releases/tag/{tag}"),
        authors: vec![Login::new("ann")],
        issue: None,
        prerelease: tag.contains("-rc"),
    }
}

pub fn released(tag: &str, hours_ago: i64) -> Released {
    Released { version: version(tag), pulls: vec![Number(3)], at: NOW.plus_ms(-hours_ago * HOUR_MS) }
}

pub fn running(tag: &str) -> Running {
    Running { version: version(tag), since: NOW.plus_ms(-HOUR_MS), verified: true, id: Some(DeploymentId(9)) }
}

pub fn person(login: &str, permission: Permission) -> Authority {
    Authority::Person { login: Login::new(login), permission }
}

pub fn question(tag: &str) -> ApprovalAsked {
    let Version { sha, tag, .. } = version(tag);
    ApprovalAsked { sha, tag, asked: NOW.plus_ms(-HOUR_MS), expires: NOW.plus_ms(23 * HOUR_MS), by: None }
}

pub fn wanted(tag: &str) -> Wanted {
    Wanted { version: version(tag), by: None, overrides: None, since: NOW.plus_ms(-HOUR_MS) }
}

pub fn deploy(tag: &str, state: DeployState) -> Deploy {
    Deploy {
        number: 7,
        version: version(tag),
        kind: DeployKind::Deploy,
        by: None,
        approved_by: None,
        overrides: None,
        id: Some(DeploymentId(70)),
        state,
        attempt: 1,
        began: NOW.plus_ms(-60_000),
    }
}

pub fn freeze(until: Option<Timestamp>, why: &str) -> EnvironmentFreeze {
    EnvironmentFreeze { until, why: why.to_owned(), by: person("mia", Permission::Maintain) }
}

pub fn row(number: i64, tag: &str, end: Option<DeployEnd>, note: &str) -> DeploymentRow {
    let Version { sha, tag, .. } = version(tag);
    DeploymentRow {
        number,
        tag,
        sha,
        rollback_from: None,
        by: None,
        approved_by: None,
        id: Some(DeploymentId(number * 10)),
        began: NOW.plus_ms(-2 * HOUR_MS + number * 60_000),
        ended: end.map(|_| NOW.plus_ms(-HOUR_MS)),
        end,
        note: note.to_owned(),
        errors: 0,
    }
}

/// The issue `acme/rust#12` of v0.2.0, by us. `ann` and `wendy` may write, `mia` maintain, `rita` read.
pub struct Scene {
    pub snapshot: TrackingSnapshot,
    pub environments: Vec<EnvironmentSettings>,
    pub unreadable: Option<String>,
}

fn issue() -> Issue {
    Issue {
        number: Number(12),
        title: "Release v0.2.0".to_owned(),
        body: String::new(),
        state: IssueState::Open,
        author: Login::new("stationmaster[bot]"),
        author_kind: ActorKind::Bot,
        labels: Vec::new(),
        assignees: Vec::new(),
        url: "https://github.com/acme/rust/issues/12".to_owned(),
        created: NOW.plus_ms(-2 * HOUR_MS),
    }
}

impl Scene {
    /// v0.1.0 runs in both; v0.2.0 was just released.
    pub fn new() -> Self {
        let permissions = [
            ("ann", Permission::Write),
            ("wendy", Permission::Write),
            ("mia", Permission::Maintain),
            ("rita", Permission::Read),
        ];
        let before = EnvironmentRecord {
            last_number: 1,
            running: Some(running("v0.1.1")),
            verified: vec![version("v0.1.1")],
            ..EnvironmentRecord::default()
        };
        let mut prod = settings("prod");
        prod.after = Some(EnvironmentName::new("qa"));
        prod.requires_approval = true;
        prod.production = true;
        let names = ["qa", "prod"].map(EnvironmentName::new);
        Self {
            snapshot: TrackingSnapshot {
                repository: Repository {
                    id: RepositoryId(9),
                    name: RepositoryName::new("acme", "rust"),
                    installation: InstallationId(77),
                    default_branch: BranchName::new("main"),
                    private: true,
                },
                issue: issue(),
                decision: 5,
                comments: Vec::new(),
                permissions: permissions.map(|(login, has)| (Login::new(login), has)).into(),
                own: (Login::new("stationmaster[bot]"), 4_711),
                record: TrackingRecord {
                    number: Number(12),
                    tag: TagName::new("v0.2.0"),
                    card: None,
                    card_digest: None,
                    commands_seen: BTreeMap::new(),
                },
                release: released("v0.2.0", 2),
                releases: vec![released("v0.2.0", 2), released("v0.1.1", 30)],
                environments: names.map(|name| (name, before.clone())).into(),
                rows: Vec::new(),
                explanations: BTreeMap::new(),
            },
            environments: vec![settings("qa"), prod],
            unreadable: None,
        }
    }

    /// v0.2.0 is verified in qa and waits for approval in prod.
    pub fn waiting() -> Self {
        let mut scene = Self::new();
        scene.verified("qa", "v0.2.0");
        let prod = scene.record("prod");
        prod.wanted = Some(wanted("v0.2.0"));
        prod.approval = Some(question("v0.2.0"));
        scene
    }

    pub fn record(&mut self, name: &str) -> &mut EnvironmentRecord {
        self.snapshot.environments.entry(EnvironmentName::new(name)).or_default()
    }

    pub fn verified(&mut self, name: &str, tag: &str) {
        let record = self.record(name);
        record.running = Some(running(tag));
        record.verified.push(version(tag));
    }

    /// A new comment, the first with id 1, a second after the one before.
    pub fn says(mut self, login: &str, text: &str) -> Self {
        let id = i64::try_from(self.snapshot.comments.len()).unwrap() + 1;
        let author_kind = if login.ends_with("[bot]") { ActorKind::Bot } else { ActorKind::User };
        self.snapshot.comments.push(CommentSeen {
            id: CommentId(id),
            author: Login::new(login),
            author_kind,
            editor: None,
            created: NOW.plus_ms(-30_000 + id * 1_000),
            edited: None,
            commands: parse_commands(text),
        });
        self
    }

    /// The newest comment as somebody edited it.
    pub fn edited(mut self, editor: &str, text: &str) -> Self {
        let comment = self.snapshot.comments.last_mut().unwrap();
        comment.editor = Some((Login::new(editor), ActorKind::User));
        comment.edited = Some(NOW.plus_ms(-1_000));
        comment.commands = parse_commands(text);
        self
    }

    pub fn seen(&self) -> TrackingSeen<'_> {
        TrackingSeen {
            snapshot: &self.snapshot,
            environments: &self.environments,
            unreadable: self.unreadable.as_deref(),
            known_since: NOW.plus_ms(-2 * HOUR_MS),
            bots: &[],
        }
    }

    pub fn askers(&self) -> BTreeSet<Login> {
        askers(&self.seen())
    }

    pub fn decided(&self) -> TrackingDecision {
        decide(&self.seen(), NOW)
    }

    /// Decides, and stores what came of it, as a server does.
    pub fn run(&mut self) -> TrackingDecision {
        let decision = self.decided();
        self.snapshot.record = decision.record.clone();
        self.snapshot.decision += 1;
        decision
    }

    /// What the shared ask makes of these words, as `environment: ask`, or its refusal.
    pub fn asks(&self, words: &AskWords) -> Result<(String, EnvironmentAsk), String> {
        let context = AskContext {
            environments: &self.environments,
            records: &self.snapshot.environments,
            releases: &self.snapshot.releases,
            now: NOW,
        };
        ask(words, &context).map(|(name, ask)| (name.to_string(), ask)).map_err(|refusal| refusal.to_string())
    }
}

/// What was asked of which environment, and on whose word.
pub fn asked(decision: &TrackingDecision) -> Vec<(String, EnvironmentAsk, Authority)> {
    let of = |(subject, report): &(Subject, EnvironmentReport)| {
        let Subject::Environment(RepositoryId(9), name) = subject else { panic!("{subject}") };
        let EnvironmentReport::Asked { ask, authority, at: NOW, request: None } = report else { panic!("{report:?}") };
        (name.to_string(), ask.clone(), authority.clone())
    };
    decision.asks.iter().map(of).collect()
}

/// The reactions in the order in which they are given.
pub fn reactions(decision: &TrackingDecision) -> Vec<String> {
    let of = |action: &Action| {
        let Action::React { comment: Some(comment), content, .. } = action else { return None };
        Some(format!("{comment} {}", content.as_str()))
    };
    decision.actions.iter().filter_map(|planned| of(&planned.action)).collect()
}

/// The comments that are written.
pub fn comments(decision: &TrackingDecision) -> Vec<String> {
    let of = |action: &Action| if let Action::Comment { text, .. } = action { Some(text.clone()) } else { None };
    decision.actions.iter().filter_map(|planned| of(&planned.action)).collect()
}

/// Keys of the actions that write the card or close the issue.
pub fn keys(decision: &TrackingDecision) -> Vec<&str> {
    let shown = |action: &Action| matches!(action, Action::WriteCard { .. } | Action::CloseIssue { .. });
    decision.actions.iter().filter(|planned| shown(&planned.action)).map(|planned| planned.key.as_str()).collect()
}
