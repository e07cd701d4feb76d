//! The gate of pull requests: a pull that could be merged at once, and what each thing changes about that.

mod branches;
mod card;
mod checks;
mod depends;
mod message;
mod people;
mod policy;
mod product;

use std::collections::BTreeMap;

use stationmaster::decide::{self, Gate};
use stationmaster::model::{
    ActorKind, BranchName, BranchProtection, Check, CheckOrigin, CheckRunId, CheckState, Commit, Conclusion, Finding,
    FindingKind, HeadReview, InstallationId, LabelName, Login, MergeBlocker, Mergeability, Number, Permission, Pull,
    PullRecord, PullSnapshot, PullState, Repository, RepositoryId, RepositoryName, RequiredCheck, Review, ReviewState,
    Severity, Sha, Timestamp,
};
use stationmaster::policy::{Policy, RepositoryPolicy, Rules};

/// GitHub Actions' App, in these tests.
const ACTIONS: i64 = 15_368;
/// Our own App.
const OWN: i64 = 777;
const OWN_LOGIN: &str = "stationmaster[bot]";

const HEAD: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const OLDER: &str = "0000000000000000000000000000000000000000";

fn now() -> Timestamp {
    Timestamp::parse_rfc3339("2026-11-21T12:00:00Z").unwrap()
}

fn policy(text: &str) -> Policy {
    let own = RepositoryPolicy::parse(text, ".github/stationmaster.toml").unwrap_or_else(|faults| panic!("{faults}"));
    Policy::combine(&Rules::builtin().unwrap(), Some(&own))
}

fn gate(snapshot: &PullSnapshot, policy: &Policy) -> Gate {
    decide::gate(snapshot, policy, now())
}

/// What stands in the way under the policy that is in force where nothing is said.
fn blockers(snapshot: &PullSnapshot) -> Vec<MergeBlocker> {
    gate(snapshot, &policy("")).blockers
}

fn sentences(gate: &Gate) -> Vec<String> {
    gate.blockers.iter().map(ToString::to_string).collect()
}

/// Pull 12 by ann, who may write, into main; one green check, a clean review, nobody against it.
fn ready() -> PullSnapshot {
    PullSnapshot {
        repository: Repository {
            id: RepositoryId(1),
            name: RepositoryName::new("octo", "station"),
            installation: InstallationId(1),
            default_branch: BranchName::from("main"),
            private: false,
        },
        pull: pull(),
        decision: 1,
        checks: vec![run("build", 1, Conclusion::Success)],
        protection: BranchProtection::default(),
        reviews: Vec::new(),
        permissions: BTreeMap::from([
            (Login::from("ann"), Permission::Write),
            (Login::from("bob"), Permission::Write),
            (Login::from("rea"), Permission::Read),
        ]),
        review: Some(review(Vec::new())),
        dependencies: Vec::new(),
        freezes: Vec::new(),
        dependents: Vec::new(),
        own: (Login::from(OWN_LOGIN), OWN),
        record: None,
    }
}

fn pull() -> Pull {
    Pull {
        number: Number(12),
        title: "Add a signal box".to_owned(),
        body: "It guards the junction.".to_owned(),
        state: PullState::Open,
        draft: false,
        author: Login::from("ann"),
        author_kind: ActorKind::User,
        labels: Vec::new(),
        head: Sha::from(HEAD),
        head_branch: BranchName::from("signal-box"),
        head_repository: Some(RepositoryName::new("octo", "station")),
        base: BranchName::from("main"),
        base_sha: Sha::from("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"),
        mergeability: Mergeability::Mergeable,
        behind: false,
        review_required: false,
        commits: vec![commit("Add a signal box", &["Ann <ann@example.org>"])],
        changed_files: 2,
        url: "https://github.com/octo/station/pull/12".to_owned(),
        created: Timestamp(0),
        merge_commit: None,
    }
}

fn commit(message: &str, authors: &[&str]) -> Commit {
    let authors = authors.iter().map(|&author| author.to_owned()).collect();
    Commit { sha: Sha::from(HEAD), message: message.to_owned(), authors }
}

fn review(findings: Vec<Finding>) -> HeadReview {
    HeadReview {
        head: Sha::from(HEAD),
        rules: "rules".to_owned(),
        total: u32::try_from(findings.len()).unwrap(),
        findings,
        lines: None,
        files: 2,
        faults: Vec::new(),
        policy_change: None,
        backtest: None,
    }
}

fn finding(kind: FindingKind, severity: Severity) -> Finding {
    Finding {
        kind,
        rule: "rule".to_owned(),
        severity,
        path: "src/box.py".to_owned(),
        line: 3,
        end_line: 3,
        message: "mend it".to_owned(),
        fingerprint: "src/box.py:rule:3".to_owned(),
    }
}

fn check(name: &str, run: i64, state: CheckState) -> Check {
    Check {
        name: name.to_owned(),
        origin: CheckOrigin::App { id: ACTIONS, slug: "github-actions".to_owned() },
        state,
        started: Some(Timestamp(run * 1_000)),
        completed: matches!(state, CheckState::Completed(_)).then_some(Timestamp(run * 1_000 + 500)),
        url: None,
        run: Some(CheckRunId(run)),
        suite: Some(1),
    }
}

/// A check run of GitHub Actions that is over.
fn run(name: &str, run: i64, conclusion: Conclusion) -> Check {
    check(name, run, CheckState::Completed(conclusion))
}

fn by_app(check: Check, id: i64, slug: &str) -> Check {
    Check { origin: CheckOrigin::App { id, slug: slug.to_owned() }, ..check }
}

fn status(name: &str, creator: &str, at: i64, conclusion: Conclusion) -> Check {
    let origin = CheckOrigin::Status { creator: Some(Login::from(creator)) };
    Check { origin, run: None, suite: None, ..run(name, at, conclusion) }
}

fn required(name: &str, app: Option<i64>) -> RequiredCheck {
    RequiredCheck { name: name.to_owned(), app, demanded_by: "branch protection".to_owned() }
}

fn said(id: i64, author: &str, state: ReviewState, commit: &str) -> Review {
    Review {
        id,
        author: Login::from(author),
        author_kind: ActorKind::User,
        state,
        commit: Some(Sha::from(commit)),
        submitted: Some(Timestamp(id * 1_000)),
    }
}

fn labelled(mut snapshot: PullSnapshot, labels: &[&str]) -> PullSnapshot {
    snapshot.pull.labels = labels.iter().map(|&label| LabelName::from(label)).collect();
    snapshot
}

fn record() -> PullRecord {
    PullRecord {
        repository: RepositoryId(1),
        number: Number(12),
        state: PullState::Open,
        head: Sha::from(HEAD),
        base: BranchName::from("main"),
        head_branch: BranchName::from("signal-box"),
        hold: None,
        merge_asked: None,
        put_out: None,
        landed: None,
        refused: None,
        unknown_polls: 0,
        card: None,
        card_digest: None,
        commands_seen: BTreeMap::new(),
        created: Timestamp(0),
        updated: now(),
    }
}

#[test]
fn a_pull_that_meets_the_criteria_has_no_blocker_and_says_what_speaks_for_it() {
    let gate = gate(&ready(), &policy(""));
    assert!(gate.is_open(), "{gate:?}");
    insta::assert_snapshot!(gate.reasons.join("\n"), @r"
    it can be merged into `main` without conflict
    the review of 2 files found nothing that blocks
    1 check is green: `build`
    its author ann has write permission
    ");
}
