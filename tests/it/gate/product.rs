//! The whole cross product: every combination has exactly the blockers of its parts, and none hides another.

use std::collections::BTreeSet;

use stationmaster::decide;
use stationmaster::model::{
    BranchName, CheckState, Conclusion, FindingKind, Freeze, Hold, Login, MergeBlocker, Mergeability, Permission,
    PullSnapshot, ReviewState, Severity, Sha, Timestamp,
};
use stationmaster::policy::Policy;

use super::{HEAD, OLDER, check, finding, now, policy, ready, record, required, review, said};

/// One value of an axis: how it changes a ready pull, and what must come of it by itself.
type Part = (fn(&mut PullSnapshot), Vec<MergeBlocker>);

fn drafts() -> Vec<Part> {
    vec![(|_| {}, vec![]), (|s| s.pull.draft = true, vec![MergeBlocker::Draft])]
}

fn conflicts() -> Vec<Part> {
    vec![
        (|_| {}, vec![]),
        (|s| s.pull.mergeability = Mergeability::Conflicting, vec![MergeBlocker::Conflict]),
        (|s| s.pull.mergeability = Mergeability::Unknown, vec![MergeBlocker::MergeabilityUnknown]),
    ]
}

fn reviews() -> Vec<Part> {
    vec![
        (|_| {}, vec![]),
        (|s| s.review = None, vec![MergeBlocker::ReviewPending]),
        (
            |s| s.review = Some(review(vec![finding(FindingKind::Code, Severity::Block)])),
            vec![MergeBlocker::ReviewFailed { findings: 1 }],
        ),
        (
            |s| s.review = Some(review(vec![finding(FindingKind::Secret, Severity::Block)])),
            vec![MergeBlocker::SecretFound { findings: 1 }],
        ),
        (
            |s| s.review.as_mut().unwrap().faults = vec![".gitleaks.toml:3:1: no".to_owned()],
            vec![MergeBlocker::ReviewImpossible { fault: ".gitleaks.toml:3:1: no".to_owned() }],
        ),
    ]
}

fn holds() -> Vec<Part> {
    let hold = |s: &mut PullSnapshot| {
        let hold = Hold { by: Login::from("bob"), why: "demo".to_owned(), since: Timestamp(0) };
        s.record.as_mut().unwrap().hold = Some(hold);
    };
    vec![(|_| {}, vec![]), (hold, vec![MergeBlocker::Held { by: Login::from("bob"), why: "demo".to_owned() }])]
}

fn freezes() -> Vec<Part> {
    let freeze = |s: &mut PullSnapshot| s.freezes = vec![Freeze { until: None, why: "fair".to_owned() }];
    vec![(|_| {}, vec![]), (freeze, vec![MergeBlocker::Frozen { until: None, why: "fair".to_owned() }])]
}

fn bases() -> Vec<Part> {
    let allowed = vec!["main".to_owned(), "dev".to_owned()];
    vec![
        (|_| {}, vec![]),
        (|s| s.pull.base = BranchName::from("dev"), vec![]),
        (
            |s| s.pull.base = BranchName::from("old"),
            vec![MergeBlocker::WrongBase { base: BranchName::from("old"), allowed }],
        ),
    ]
}

/// The states of the one required check, `None` when it was not reported.
fn check_states() -> Vec<(Option<CheckState>, Option<MergeBlocker>)> {
    let name = || "build".to_owned();
    let missing = MergeBlocker::CheckMissing { name: name(), demanded_by: "branch protection".to_owned() };
    let mut states = vec![
        (None, Some(missing)),
        (Some(CheckState::Queued), Some(MergeBlocker::CheckRunning { name: name() })),
        (Some(CheckState::Running), Some(MergeBlocker::CheckRunning { name: name() })),
    ];
    for conclusion in Conclusion::ALL {
        let failed = MergeBlocker::CheckFailed { name: name(), conclusion, url: None };
        let verdict = (conclusion != Conclusion::Success).then_some(failed);
        states.push((Some(CheckState::Completed(conclusion)), verdict));
    }
    states
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Approval {
    None,
    OfTheAuthor,
    OfAnOlderHead,
    ByAReader,
    Valid,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Author {
    Writes,
    Listed,
    Stranger,
}

const APPROVALS: [Approval; 5] =
    [Approval::None, Approval::OfTheAuthor, Approval::OfAnOlderHead, Approval::ByAReader, Approval::Valid];
const AUTHORS: [Author; 3] = [Author::Writes, Author::Listed, Author::Stranger];

fn apply(snapshot: &mut PullSnapshot, approval: Approval, author: Author) {
    let name = match author {
        Author::Writes => "ann",
        Author::Listed => "lis",
        Author::Stranger => "sam",
    };
    snapshot.pull.author = Login::from(name);
    snapshot.permissions.insert(Login::from("sam"), Permission::Read);
    snapshot.reviews = match approval {
        Approval::None => vec![],
        Approval::OfTheAuthor => vec![said(1, name, ReviewState::Approved, HEAD)],
        Approval::OfAnOlderHead => vec![said(1, "bob", ReviewState::Approved, OLDER)],
        Approval::ByAReader => vec![said(1, "rea", ReviewState::Approved, HEAD)],
        Approval::Valid => vec![said(1, "bob", ReviewState::Approved, HEAD)],
    };
}

/// What approvals and trust must come to: the one place where two axes meet.
fn about_people(approval: Approval, author: Author, need: u32) -> Vec<MergeBlocker> {
    let valid = approval == Approval::Valid;
    let mut expected = Vec::new();
    if need == 1 && !valid {
        expected.push(MergeBlocker::ApprovalsMissing { have: 0, need });
    }
    if author == Author::Stranger && !valid {
        expected.push(MergeBlocker::AuthorNotTrusted { author: Login::from("sam") });
    }
    if approval == Approval::OfAnOlderHead && (need == 1 || author == Author::Stranger) {
        expected.push(MergeBlocker::ApprovalStale { by: Login::from("bob"), commit: Some(Sha::from(OLDER)) });
    }
    expected
}

fn names(blockers: &[MergeBlocker]) -> BTreeSet<String> {
    blockers.iter().map(|blocker| format!("{blocker:?}")).collect()
}

/// Every way to take one value from each axis.
fn combinations(axes: &[Vec<Part>]) -> Vec<Vec<&Part>> {
    axes.iter().fold(vec![Vec::new()], |chosen, axis| {
        chosen.iter().flat_map(|before| axis.iter().map(|part| [before.as_slice(), &[part]].concat())).collect()
    })
}

fn people(base: &PullSnapshot, expected: &[MergeBlocker], policies: &[(u32, Policy)]) -> (usize, usize) {
    let (mut looked_at, mut open) = (0, 0);
    for (approval, author) in APPROVALS.into_iter().flat_map(|one| AUTHORS.map(|author| (one, author))) {
        let mut snapshot = base.clone();
        apply(&mut snapshot, approval, author);
        for (need, policy) in policies {
            let gate = decide::gate(&snapshot, policy, now());
            let expected = [expected, &about_people(approval, author, *need)].concat();
            assert_eq!(names(&gate.blockers), names(&expected), "{approval:?} {author:?} {snapshot:#?}");
            assert_eq!(gate.blockers.len(), expected.len(), "a blocker stands twice: {:?}", gate.blockers);
            assert_eq!(gate.is_open(), expected.is_empty());
            looked_at += 1;
            open += usize::from(gate.is_open());
        }
    }
    (looked_at, open)
}

#[test]
fn every_combination_has_exactly_the_blockers_of_its_parts() {
    let policies = [0, 1].map(|need| (need, policy(&format!("merge.approvals = {need}\ntrust.logins = [\"Lis\"]\n"))));
    let axes = [drafts(), conflicts(), reviews(), holds(), freezes(), bases()];
    let (mut looked_at, mut open) = (0, 0);
    for parts in combinations(&axes) {
        for (state, verdict) in check_states() {
            let mut snapshot = ready();
            snapshot.record = Some(record());
            snapshot.protection.required_checks = vec![required("build", None)];
            snapshot.checks = state.map(|state| check("build", 1, state)).into_iter().collect();
            let mut expected: Vec<MergeBlocker> = verdict.into_iter().collect();
            for (change, blockers) in &parts {
                change(&mut snapshot);
                expected.extend(blockers.iter().cloned());
            }
            let (some, of_them) = people(&snapshot, &expected, &policies);
            looked_at += some;
            open += of_them;
        }
    }
    assert_eq!(looked_at, 2 * 3 * 5 * 2 * 2 * 3 * 13 * 5 * 3 * 2);
    // Green and clean, into main or dev: any approval with an author who is trusted where none is needed (2 × 5), a
    // valid one with each author otherwise (1 stranger + 3).
    assert_eq!(open, 2 * (2 * 5 + 1 + 3));
}
