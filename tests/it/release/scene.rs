//! Releases to decide on: what is seen, written in few words, and what was decided, read in few words.

use stationmaster::decide::release::{ReleasePolicy, decide};
use stationmaster::model::{
    Action, ActorKind, Ancestry, BranchName, Candidate, Check, CheckOrigin, CheckRunId, CheckState, Conclusion,
    EnvironmentName, EnvironmentReport, InstallationId, LabelName, LandedCommit, LandedPull, Login, Number,
    PeopleMessage, ReleaseDecision, ReleaseFiles, ReleaseOrder, ReleaseRange, ReleaseRecord, ReleaseReport,
    ReleaseSnapshot, Repository, RepositoryId, RepositoryName, RequiredCheck, Sha, Subject, Tag, TagName, Timestamp,
    Trigger, Version,
};
use stationmaster::policy::{CheckSettings, EnvironmentSettings, ReleaseSettings};

pub const NOW: Timestamp = Timestamp(1_795_262_400_000);
pub const OWN_APP: i64 = 77;

pub fn sha(text: &str) -> Sha {
    Sha::from(text)
}

pub fn tag(name: &str, at: &str) -> Tag {
    Tag { name: TagName::from(name), sha: sha(at) }
}

pub fn check(name: &str, conclusion: Conclusion) -> Check {
    Check {
        name: name.to_owned(),
        origin: CheckOrigin::App { id: 15368, slug: "github-actions".to_owned() },
        state: CheckState::Completed(conclusion),
        started: Some(NOW),
        completed: Some(NOW),
        url: None,
        run: Some(CheckRunId(1)),
        suite: Some(1),
    }
}

pub fn running(name: &str) -> Check {
    Check { state: CheckState::Running, completed: None, ..check(name, Conclusion::Success) }
}

pub fn candidate(at: &str, checks: Vec<Check>) -> Candidate {
    Candidate { sha: sha(at), checks }
}

pub fn green(at: &str) -> Candidate {
    candidate(at, vec![check("test", Conclusion::Success)])
}

pub fn pull(number: i64, title: &str) -> LandedPull {
    LandedPull {
        number: Number(number),
        title: title.to_owned(),
        author: Login::from("ann"),
        author_kind: ActorKind::User,
        labels: Vec::new(),
        url: format!("https://github.com/octo/app/pull/{number}"),
        head_branch: BranchName::new(format!("work-{number}")),
        first_contribution: false,
    }
}

pub fn labelled(number: i64, title: &str, labels: &[&str]) -> LandedPull {
    LandedPull { labels: labels.iter().map(|label| LabelName::from(*label)).collect(), ..pull(number, title) }
}

pub fn by(author: &str, kind: ActorKind, pull: LandedPull) -> LandedPull {
    LandedPull { author: Login::from(author), author_kind: kind, ..pull }
}

pub fn commit(at: &str, message: &str, pulls: &[i64]) -> LandedCommit {
    LandedCommit {
        sha: sha(at),
        message: message.to_owned(),
        author: Some(Login::from("ann")),
        url: format!("https://github.com/octo/app/commit/{at}"),
        pulls: pulls.iter().copied().map(Number).collect(),
    }
}

/// Pulls that were squashed, oldest first, each with its one commit.
pub fn squashed(pulls: Vec<LandedPull>) -> ReleaseRange {
    let commits = pulls
        .iter()
        .rev()
        .map(|pull| {
            commit(&format!("s{}", pull.number), &format!("{} (#{})", pull.title, pull.number), &[pull.number.0])
        })
        .collect();
    ReleaseRange { commits, pulls, cut: false }
}

pub fn environment(name: &str, after: Option<&str>) -> EnvironmentSettings {
    EnvironmentSettings {
        name: EnvironmentName::from(name),
        auto: after.is_none(),
        requires_approval: after.is_some(),
        production: after.is_some(),
        after: after.map(EnvironmentName::from),
        trigger: Trigger::None,
        url: None,
        timeout_s: 900,
        attempts: 3,
        health: None,
        soak_s: 0,
        approval_expires_s: 86_400,
        approvers: Vec::new(),
        freezes: Vec::new(),
        rollback: true,
        prereleases: after.is_none(),
    }
}

/// Everything that a decision is made of.
#[derive(Clone)]
pub struct Scene {
    pub snapshot: ReleaseSnapshot,
    pub release: ReleaseSettings,
    pub checks: CheckSettings,
    pub environments: Vec<EnvironmentSettings>,
    pub now: Timestamp,
}

/// `main` at the green commit `tip`, with nothing released yet and one feature landed.
pub fn scene() -> Scene {
    let repository = Repository {
        id: RepositoryId(7),
        name: RepositoryName::new("octo", "app"),
        installation: InstallationId(1),
        default_branch: BranchName::from("main"),
        private: false,
    };
    let snapshot = ReleaseSnapshot {
        repository,
        branch: BranchName::from("main"),
        tip: Some(sha("tip")),
        candidates: vec![green("tip")],
        required: vec![RequiredCheck {
            name: "test".to_owned(),
            app: None,
            demanded_by: "branch protection".to_owned(),
        }],
        own_app: OWN_APP,
        tags: Vec::new(),
        compared: None,
        tip_since: None,
        ancestry: Vec::new(),
        since_last: None,
        range: Some(squashed(vec![pull(1, "feat: a door")])),
        deploying: None,
        files: ReleaseFiles::default(),
        record: ReleaseRecord::default(),
        reports: Vec::new(),
    };
    Scene {
        snapshot,
        release: ReleaseSettings::default(),
        checks: CheckSettings::default(),
        environments: Vec::new(),
        now: NOW,
    }
}

impl Scene {
    /// A stable version of ours is the ancestor.
    pub fn after(mut self, name: &str) -> Self {
        self.snapshot.tags.push(tag(name, "before"));
        self.snapshot.ancestry.push((tag(name, "before"), Ancestry::Ahead));
        self
    }

    pub fn landed(mut self, pulls: Vec<LandedPull>) -> Self {
        self.snapshot.range = Some(squashed(pulls));
        self
    }

    pub fn range(mut self, commits: Vec<LandedCommit>, pulls: Vec<LandedPull>) -> Self {
        self.snapshot.range = Some(ReleaseRange { commits, pulls, cut: false });
        self
    }

    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub fn policy(&self) -> ReleasePolicy<'_> {
        ReleasePolicy {
            release: &self.release,
            checks: &self.checks,
            environments: &self.environments,
            topic: Some("people"),
        }
    }

    pub fn decide(&self) -> ReleaseDecision {
        decide(&self.snapshot, self.policy(), self.now)
    }

    /// The scene as it is once a decision was stored, with what was reported since.
    pub fn then(&self, decision: &ReleaseDecision, reports: Vec<ReleaseReport>) -> Self {
        let mut next = self.clone();
        next.snapshot.record = decision.record.clone();
        next.snapshot.reports = reports;
        next
    }
}

/// A version of ours.
pub fn version(name: &str, at: &str) -> Version {
    Version {
        tag: TagName::from(name),
        sha: sha(at),
        url: format!("https://github.com/octo/app/releases/tag/{name}"),
        authors: vec![Login::from("ann")],
        issue: None,
        prerelease: name.contains('-'),
    }
}

pub fn released(name: &str, at: &str) -> ReleaseReport {
    let Version { tag, sha, url, .. } = version(name, at);
    ReleaseReport::Released { tag, sha, url }
}

/// The release that a decision begins or goes on with.
#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else it is, the test has failed")]
pub fn order(decision: &ReleaseDecision) -> Option<&ReleaseOrder> {
    decision.actions.iter().find_map(|planned| match &planned.action {
        Action::Release(order) => Some(&**order),
        _ => None,
    })
}

/// `v1.2.0 at tip`, or why not.
pub fn outcome(decision: &ReleaseDecision) -> String {
    match order(decision) {
        Some(order) => format!("{} at {}", order.tag, order.sha),
        None => decision.explanation.blockers.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else it is, the test has failed")]
pub fn messages(decision: &ReleaseDecision) -> Vec<&PeopleMessage> {
    decision
        .actions
        .iter()
        .filter_map(|planned| match &planned.action {
            Action::Notify(message) => Some(message),
            _ => None,
        })
        .collect()
}

pub fn keys(decision: &ReleaseDecision) -> Vec<&str> {
    decision.actions.iter().map(|planned| planned.key.as_str()).collect()
}

/// `v0.1.0 to environment/7/qa`
#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else it is, the test has failed")]
pub fn offers(decision: &ReleaseDecision) -> Vec<String> {
    let one = |(subject, report): &(Subject, EnvironmentReport)| match report {
        EnvironmentReport::Offered { version } => {
            let issue = version.issue.map(|issue| format!(" with #{issue}")).unwrap_or_default();
            format!("{} to {subject}{issue}", version.tag)
        }
        other => panic!("{other:?} is no offer"),
    };
    decision.offers.iter().map(one).collect()
}
