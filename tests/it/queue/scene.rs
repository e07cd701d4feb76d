//! A queue to decide on: what is seen, written in few words, and what was decided, read in few words.

use stationmaster::decide::{QueueSettings, queue};
use stationmaster::model::{
    Action, Batch, BatchState, BranchName, Check, CheckOrigin, CheckRunId, CheckState, Conclusion, InstallationId,
    Login, Member, MergeBlocker, Number, QueueDecision, QueueEntry, QueueRecord, QueueSnapshot, QueuedPull, Repository,
    RepositoryId, RepositoryName, RequiredCheck, Sha, StagingReport, Timestamp,
};
use stationmaster::policy::CheckSettings;

pub const NOW: Timestamp = Timestamp(1_795_262_400_000);
pub const MINUTE_MS: i64 = 60_000;
pub const OWN_APP: i64 = 77;

pub fn sha(text: &str) -> Sha {
    Sha::from(text)
}

pub fn repository() -> Repository {
    Repository {
        id: RepositoryId(7),
        name: RepositoryName::new("acme", "shop"),
        installation: InstallationId(1),
        default_branch: BranchName::from("main"),
        private: false,
    }
}

/// The head with which a pull entered.
pub fn head(number: i64) -> Sha {
    Sha::new(format!("head{number}"))
}

pub fn member(number: i64) -> Member {
    Member { number: Number(number), head: head(number) }
}

/// A ready pull, the older the smaller its number.
pub fn pull(number: i64) -> QueuedPull {
    QueuedPull {
        entry: QueueEntry {
            number: Number(number),
            head: head(number),
            priority: 0,
            entered: NOW.plus_ms(number - 1_000),
            title: format!("change {number}"),
            author: Login::from("ann"),
        },
        head: Some(head(number)),
        blockers: Vec::new(),
        observed: true,
    }
}

pub fn urgent(number: i64) -> QueuedPull {
    let mut pull = pull(number);
    pull.entry.priority = 200;
    pull
}

pub fn blocked(number: i64, blocker: MergeBlocker) -> QueuedPull {
    QueuedPull { blockers: vec![blocker], ..pull(number) }
}

pub fn pushed(number: i64) -> QueuedPull {
    QueuedPull { head: Some(sha("a-later-head")), ..pull(number) }
}

pub fn check(name: &str, conclusion: Conclusion) -> Check {
    Check {
        name: name.to_owned(),
        origin: CheckOrigin::App { id: 15368, slug: "github-actions".to_owned() },
        state: CheckState::Completed(conclusion),
        started: Some(NOW),
        completed: Some(NOW),
        url: Some(format!("https://ci.example/{name}")),
        run: Some(CheckRunId(1)),
        suite: Some(1),
    }
}

pub fn running(name: &str) -> Check {
    Check { state: CheckState::Running, completed: None, ..check(name, Conclusion::Success) }
}

/// The queue of `main` at `base0`, with these pulls and nothing under way.
pub fn queue_with(pulls: Vec<QueuedPull>) -> QueueSnapshot {
    QueueSnapshot {
        repository: repository(),
        base: BranchName::from("main"),
        base_sha: Some(sha("base0")),
        staging_sha: None,
        checks: Vec::new(),
        required: vec![RequiredCheck { name: "test".to_owned(), app: None, demanded_by: "the policy".to_owned() }],
        own_app: OWN_APP,
        pulls,
        record: QueueRecord::default(),
        reports: Vec::new(),
        attempts: 0,
    }
}

pub trait UnderWay: Sized {
    fn batch(self, members: &[i64], state: BatchState) -> Self;
    /// The batch is being built since a minute.
    fn building(self, members: &[i64]) -> Self {
        self.batch(members, BatchState::Building { since: NOW.plus_ms(-MINUTE_MS) })
    }
    /// The batch is tested as `staging1` since a minute.
    fn testing(self, members: &[i64]) -> Self {
        self.batch(members, BatchState::Testing { staging: sha("staging1"), since: NOW.plus_ms(-MINUTE_MS) })
    }
    /// The batch is being put on the base since a minute.
    fn landing(self, members: &[i64]) -> Self {
        self.batch(members, BatchState::Landing { staging: sha("staging1"), since: NOW.plus_ms(-MINUTE_MS) })
    }
    fn report(self, report: StagingReport) -> Self;
    fn checks(self, checks: Vec<Check>) -> Self;
}

impl UnderWay for QueueSnapshot {
    fn batch(mut self, members: &[i64], state: BatchState) -> Self {
        if !matches!(state, BatchState::Building { .. }) {
            self.staging_sha = Some(sha("staging1"));
        }
        let members = members.iter().map(|number| member(*number)).collect();
        self.record.last_batch = 1;
        self.record.batch = Some(Batch { id: 1, base_sha: sha("base0"), members, state, suspected: false });
        self
    }

    fn report(mut self, report: StagingReport) -> Self {
        if let StagingReport::Built { staging, .. } = &report {
            self.staging_sha = Some(staging.clone());
        }
        self.reports.push(report);
        self
    }

    fn checks(mut self, checks: Vec<Check>) -> Self {
        self.checks = checks;
        self
    }
}

pub fn settings() -> QueueSettings {
    QueueSettings { batch_size: 5, timeout_ms: 60 * MINUTE_MS, checks: CheckSettings::default() }
}

pub fn decide(snapshot: &QueueSnapshot) -> QueueDecision {
    queue(snapshot, &settings(), NOW)
}

/// What was decided, in one line: `build #1 #2 on base0`, `land staging1`, `out #3`, …
pub fn told(decision: &QueueDecision) -> String {
    let mut parts = Vec::new();
    for planned in &decision.actions {
        parts.push(if let Action::BuildStaging { members, base_sha, .. } = &planned.action {
            format!("build{} on {base_sha}", list(members))
        } else if let Action::LandStaging { members, staging, .. } = &planned.action {
            format!("land{} as {staging}", list(members))
        } else if let Action::Comment { number, .. } = &planned.action {
            format!("out #{number}")
        } else {
            planned.action.kind().to_owned()
        });
    }
    if !decision.landed.is_empty() {
        parts.push(format!("landed {:?}", decision.landed.iter().map(|member| member.number.0).collect::<Vec<_>>()));
    }
    if decision.withdraws.is_some() {
        parts.insert(0, "withdraw".to_owned());
    }
    if parts.is_empty() {
        parts.push(match decision.record.batch.as_ref().map(|batch| &batch.state) {
            Some(BatchState::Building { .. }) => "still building".to_owned(),
            Some(BatchState::Testing { .. }) => "still testing".to_owned(),
            Some(BatchState::Landing { .. }) => "still landing".to_owned(),
            None => "nothing".to_owned(),
        });
    }
    parts.join(", ")
}

fn list(members: &[Member]) -> String {
    members.iter().fold(String::new(), |text, member| format!("{text} #{}", member.number))
}

/// What is shown on a pull.
pub fn shown(decision: &QueueDecision, number: i64) -> (u32, String) {
    let place = decision.places.iter().find(|place| place.number == Number(number));
    let place = place.unwrap_or_else(|| panic!("#{number} has no place"));
    (place.place, place.state.clone())
}

/// The text of the comment on a pull.
pub fn comment_on(decision: &QueueDecision, number: i64) -> String {
    let mut texts = Vec::new();
    for planned in &decision.actions {
        if let Action::Comment { number: on, text, .. } = &planned.action
            && *on == Number(number)
        {
            texts.push(text.clone());
        }
    }
    texts.join("\n")
}
