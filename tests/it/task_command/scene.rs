//! An issue under management, `octo/station#12`, with people of every permission and four workers.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use stationmaster::decide::task;
use stationmaster::decide::task_command::{askers, rehearse};
use stationmaster::model::{
    Action, ActorKind, BranchName, Calendar, CommentId, CommentSeen, Decision, Dependency, Door, InstallationId, Issue,
    IssueSnapshot, IssueState, Item, LabelEvent, LabelName, Level, Login, Number, Permission, Planned, Presence,
    Repository, RepositoryId, RepositoryName, RoleName, Task, TaskAsk, TaskAuthority, TaskReport, TaskState, Telling,
    Timestamp, Worker, WorkerId, WorkerLoad,
};
use stationmaster::policy::{Policy, Rules};
use stationmaster::receive::parse_commands;

/// 2026-11-21T12:00:00Z
pub const NOW: Timestamp = Timestamp(1_795_262_400_000);
pub const HOUR_MS: i64 = 3_600_000;

static POLICY: LazyLock<Policy> = LazyLock::new(|| Policy::combine(&Rules::builtin().unwrap(), None));

/// `dora` is the worker `dev`, `quinn` is `qa`; `robo` and `spare` are workers without an account. `tess` may triage,
/// `wendy` write, `mia` maintain, `rita` read; `otto` opened the issue and may write.
pub struct Scene {
    pub snapshot: IssueSnapshot,
    pub policy: Policy,
}

pub fn load(id: &str, role: &str, login: Option<&str>) -> WorkerLoad {
    WorkerLoad {
        worker: Worker {
            id: WorkerId::new(id),
            role: RoleName::new(role),
            capabilities: vec!["code".to_owned()],
            login: login.map(Login::new),
            capacity: 3,
            calendar: Calendar::Always,
            agent: login.is_none(),
            tell: vec![Telling::Ntfy { topic: None }],
        },
        presence: Presence::Active,
        open_tasks: 0,
        last_assigned: None,
        version: 1,
    }
}

fn issue() -> Issue {
    Issue {
        number: Number(12),
        title: "Fix the signal".to_owned(),
        body: "It is red for ever.".to_owned(),
        state: IssueState::Open,
        author: Login::new("otto"),
        author_kind: ActorKind::User,
        labels: Vec::new(),
        assignees: Vec::new(),
        url: "https://github.com/octo/station/issues/12".to_owned(),
        created: NOW.plus_ms(-2 * HOUR_MS),
    }
}

pub fn item(number: i64) -> Item {
    Item { repository: RepositoryName::new("octo", "station"), number: Number(number) }
}

impl Scene {
    /// Routed, and given to `dev`, an hour ago.
    pub fn new() -> Self {
        let permissions = [
            ("dora", Permission::Read),
            ("quinn", Permission::Read),
            ("rita", Permission::Read),
            ("tess", Permission::Triage),
            ("wendy", Permission::Write),
            ("otto", Permission::Write),
            ("mia", Permission::Maintain),
        ];
        let mut guest = load("tess", "guest", Some("tess"));
        guest.worker.agent = false;
        let mut scene = Self {
            snapshot: IssueSnapshot {
                repository: Repository {
                    id: RepositoryId(9),
                    name: RepositoryName::new("octo", "station"),
                    installation: InstallationId(77),
                    default_branch: BranchName::new("main"),
                    private: true,
                },
                issue: issue(),
                decision: 1,
                comments: Vec::new(),
                permissions: permissions.map(|(login, has)| (Login::new(login), has)).into(),
                label_events: Vec::new(),
                dependencies: Vec::new(),
                dependents: Vec::new(),
                parent: None,
                sub_issues: Vec::new(),
                pulls: Vec::new(),
                evidence: None,
                reports: Vec::new(),
                own: (Login::new("stationmaster[bot]"), 4_711),
                known_since: NOW.plus_ms(-3 * HOUR_MS),
                task: None,
                workers: vec![
                    load("dev", "development", Some("dora")),
                    load("qa", "testing_worker", Some("quinn")),
                    load("robo", "executor", None),
                    guest,
                ],
            },
            policy: POLICY.clone(),
        };
        let decision = task(&scene.snapshot, &scene.policy, NOW.plus_ms(-HOUR_MS));
        scene.keep(&decision);
        assert_eq!((scene.state(), scene.holder().as_deref()), (TaskState::Assigned, Some("dev")));
        scene
    }

    /// `dora` works on it.
    pub fn going() -> Self {
        let mut scene = Self::new();
        scene.task_mut().state = TaskState::InProgress;
        scene
    }

    /// Nobody has it, and nobody is chosen for it.
    pub fn ready() -> Self {
        let mut scene = Self::new();
        scene.snapshot.workers[0].open_tasks = 3;
        let task = scene.task_mut();
        task.state = TaskState::Ready;
        task.worker = None;
        scene
    }

    pub fn with(mut self, change: impl FnOnce(&mut IssueSnapshot)) -> Self {
        change(&mut self.snapshot);
        self
    }

    pub fn in_state(mut self, state: TaskState) -> Self {
        self.task_mut().state = state;
        self
    }

    pub fn risky(mut self, risk: Level) -> Self {
        let label = LabelName::new(format!("risk/{risk}"));
        let task = self.task_mut();
        task.risk = Some(risk);
        task.projected.push(label.clone());
        task.ours.clone_from(&task.projected);
        self.snapshot.issue.labels.push(label);
        self
    }

    pub fn task_mut(&mut self) -> &mut Task {
        self.snapshot.task.as_mut().unwrap()
    }

    pub fn task(&self) -> &Task {
        self.snapshot.task.as_ref().unwrap()
    }

    pub fn state(&self) -> TaskState {
        self.task().state
    }

    pub fn holder(&self) -> Option<String> {
        self.task().worker.as_ref().map(ToString::to_string)
    }

    /// A new comment, the first with id 1, a second after the one before.
    pub fn says(mut self, login: &str, text: &str) -> Self {
        let seen = self.task().work.commands_seen.iter().flat_map(|seen| seen.keys()).map(|id| id.0);
        let id = seen.chain(self.snapshot.comments.iter().map(|comment| comment.id.0)).max().unwrap_or_default() + 1;
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

    /// Somebody changes a label on GitHub, ten seconds ago.
    pub fn labels(mut self, login: &str, label: &str, added: bool) -> Self {
        let kind = if login.ends_with("[bot]") { ActorKind::Bot } else { ActorKind::User };
        let name = LabelName::new(label);
        self.snapshot.issue.labels.retain(|known| *known != name);
        if added {
            self.snapshot.issue.labels.push(name.clone());
        }
        let by = Some((Login::new(login), kind));
        self.snapshot.label_events.push(LabelEvent { label: name, added, by, at: NOW.plus_ms(-10_000) });
        self
    }

    pub fn asked(mut self, authority: TaskAuthority, ask: TaskAsk, answer_to: Option<&str>) -> Self {
        let answer_to = answer_to.map(str::to_owned);
        self.snapshot.reports.push(TaskReport::Asked {
            ask,
            authority,
            door: Door::Api,
            answer_to,
            request: None,
            at: NOW,
        });
        self
    }

    pub fn depends_on(mut self, number: i64, met: bool) -> Self {
        let Item { repository, number } = item(number);
        self.snapshot.dependencies.push(Dependency { repository, number, met, state: "open".to_owned() });
        self
    }

    pub fn askers(&self) -> Vec<String> {
        askers(&self.snapshot, &self.policy).into_iter().map(|login| login.to_string()).collect()
    }

    pub fn rehearsed(&self, authority: &TaskAuthority, ask: &TaskAsk) -> Result<String, String> {
        rehearse(&self.snapshot, &self.policy, (authority, Door::Api, ask), NOW).map_err(|why| why.to_string())
    }

    pub fn decided(&self) -> Decision {
        task(&self.snapshot, &self.policy, NOW)
    }

    /// Decides, and keeps what came of it as a server does once GitHub shows it.
    pub fn run(&mut self) -> Decision {
        let decision = self.decided();
        self.keep(&decision);
        decision
    }

    fn keep(&mut self, decision: &Decision) {
        let mut task = decision.task.clone().unwrap();
        task.ours.clone_from(&task.projected);
        self.snapshot.issue.labels.clone_from(&task.projected);
        self.snapshot.task = Some(task);
        self.snapshot.reports.clear();
        self.snapshot.decision += 1;
    }

    /// The task after a command that is done.
    pub fn done(self, login: &str, text: &str) -> (Task, Decision) {
        let decision = self.says(login, text).decided();
        assert_eq!(refused_lines(&decision), [""; 0], "{text}");
        let reacted = reactions(&decision);
        assert!(reacted.iter().any(|one| one.ends_with("rocket")), "{text}: {reacted:?}");
        (decision.task.clone().unwrap(), decision)
    }

    /// Why the only command is not done; nothing of the task changes.
    pub fn refused(self, login: &str, text: &str) -> String {
        let before = self.task().clone();
        let scene = self.says(login, text);
        let decision = scene.decided();
        let after = decision.task.clone().unwrap();
        assert_eq!((after.state, &after.worker), (before.state, &before.worker), "{text}");
        assert_eq!((after.risk, &after.work.timeline), (before.risk, &before.work.timeline), "{text}");
        let lines = refused_lines(&decision);
        let [line] = lines.as_slice() else { panic!("{text}: {lines:?}") };
        assert!(reactions(&decision).iter().any(|one| one.ends_with("confused")), "{text}");
        let refused = decision.changes.deeds.iter().any(|deed| deed.who.contains(login));
        assert!(refused || line.contains("no such command") || line.contains(" is for "), "{text} is not in the audit");
        line.split_once("`: ").unwrap().1.to_owned()
    }
}

pub fn worker(id: &str, fence: Option<i64>) -> TaskAuthority {
    TaskAuthority::Worker { id: WorkerId::new(id), fence }
}

pub fn orchestrator(person: Option<&str>) -> TaskAuthority {
    TaskAuthority::Orchestrator { name: "conductor".to_owned(), person: person.map(Login::new) }
}

pub fn operator() -> TaskAuthority {
    TaskAuthority::Operator { name: "root".to_owned() }
}

/// The lines of the one comment that says what was not run.
pub fn refused_lines(decision: &Decision) -> Vec<String> {
    let refusals = comments(decision).into_iter().filter(|text| text.contains("not run:"));
    let lines = refusals.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
    lines.filter_map(|line| line.strip_prefix("- ").map(str::to_owned)).collect()
}

pub fn reactions(decision: &Decision) -> Vec<String> {
    let of = |action: &Action| {
        let Action::React { comment, content, .. } = action else { return None };
        Some(format!("{} {}", comment.unwrap_or(CommentId(0)), content.as_str()))
    };
    decision.actions.iter().filter_map(|planned| of(&planned.action)).collect()
}

pub fn comments(decision: &Decision) -> Vec<String> {
    let of = |action: &Action| if let Action::Comment { text, .. } = action { Some(text.clone()) } else { None };
    decision.actions.iter().filter_map(|planned| of(&planned.action)).collect()
}

pub fn actions<'d>(decision: &'d Decision, key: &str) -> Vec<&'d Planned> {
    decision.actions.iter().filter(|planned| planned.key.starts_with(key)).collect()
}

/// What people are told, headline and text.
pub fn told(decision: &Decision) -> Vec<String> {
    let of = |action: &Action| {
        if let Action::Notify(message) = action { Some(format!("{}: {}", message.title, message.text)) } else { None }
    };
    decision.actions.iter().filter_map(|planned| of(&planned.action)).collect()
}

/// The newest line of the task's history.
pub fn last_line(task: &Task) -> String {
    let line = task.work.timeline.last().unwrap();
    format!("{} {}", line.who, line.what)
}

pub fn count(decision: &Decision) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for planned in &decision.actions {
        *counts.entry(planned.action.kind()).or_default() += 1;
    }
    counts
}
