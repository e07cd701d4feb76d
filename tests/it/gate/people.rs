//! Whose word counts, for which head, and what people say against a merge.

use stationmaster::decide::needs_a_person;
use stationmaster::model::{
    ActorKind, Hold, Login, MergeBlocker, Permission, PullSnapshot, ReviewState, Sha, Timestamp, WaitsOn,
};

use super::{HEAD, OLDER, OWN_LOGIN, blockers, gate, labelled, policy, ready, record, said, sentences};

fn by_stranger() -> PullSnapshot {
    let mut snapshot = ready();
    snapshot.pull.author = Login::from("sam");
    snapshot
}

#[test]
fn an_outside_contributor_needs_an_approval_by_somebody_who_may_write() {
    let mut snapshot = by_stranger();
    let stranger = MergeBlocker::AuthorNotTrusted { author: Login::from("sam") };
    assert_eq!(blockers(&snapshot), vec![stranger.clone()]);
    assert_eq!(stranger.waits_on(&Login::from("sam")), WaitsOn::Reviewer);
    snapshot.reviews = vec![said(1, "rea", ReviewState::Approved, HEAD), said(2, "eve", ReviewState::Approved, HEAD)];
    assert_eq!(blockers(&snapshot), [stranger]);
    snapshot.reviews.push(said(3, "bob", ReviewState::Approved, HEAD));
    assert_eq!(blockers(&snapshot), []);
}

#[test]
fn the_author_cannot_approve_their_own_pull_and_neither_can_we() {
    let mut snapshot = by_stranger();
    snapshot.permissions.insert(Login::from(OWN_LOGIN), Permission::Admin);
    snapshot.reviews =
        vec![said(1, "SAM", ReviewState::Approved, HEAD), said(2, OWN_LOGIN, ReviewState::Approved, HEAD)];
    let shown = sentences(&gate(&snapshot, &policy("[merge]\napprovals = 1")));
    insta::assert_snapshot!(shown.join("\n"), @r"
    its author sam has no write permission, and nobody who has it has approved this head
    it has 0 of 1 approvals for this head
    ");
    snapshot.pull.author = Login::from("ann");
    snapshot.reviews = vec![said(1, "ann", ReviewState::Approved, HEAD)];
    let gate = gate(&snapshot, &policy("[merge]\napprovals = 1"));
    assert_eq!(gate.blockers, [MergeBlocker::ApprovalsMissing { have: 0, need: 1 }]);
}

#[test]
fn an_approval_of_an_older_head_is_named_where_one_is_needed() {
    let mut snapshot = ready();
    snapshot.reviews = vec![said(1, "bob", ReviewState::Approved, OLDER)];
    assert_eq!(blockers(&snapshot), [], "nobody asked for it");
    snapshot.protection.required_approvals = 1;
    let stale = MergeBlocker::ApprovalStale { by: Login::from("bob"), commit: Some(Sha::from(OLDER)) };
    assert_eq!(blockers(&snapshot), [MergeBlocker::ApprovalsMissing { have: 0, need: 1 }, stale]);
    snapshot.reviews[0].commit = None;
    assert!(sentences(&gate(&snapshot, &policy(""))).join(" ").contains("for a head that is gone"));
    snapshot.reviews.push(said(2, "bob", ReviewState::Approved, HEAD));
    assert_eq!(blockers(&snapshot), []);
}

#[test]
fn the_greater_number_of_approvals_is_needed_and_a_person_counts_once() {
    let mut snapshot = ready();
    snapshot.protection.required_approvals = 2;
    snapshot.reviews = vec![said(1, "bob", ReviewState::Approved, HEAD), said(2, "Bob", ReviewState::Approved, HEAD)];
    let gate = gate(&snapshot, &policy("[merge]\napprovals = 1"));
    assert_eq!(gate.blockers, [MergeBlocker::ApprovalsMissing { have: 1, need: 2 }]);
}

#[test]
fn requested_changes_block_until_the_same_person_approves_or_they_are_dismissed() {
    let mut snapshot = ready();
    let against = MergeBlocker::ChangesRequested { by: Login::from("bob") };
    snapshot.reviews = vec![said(1, "bob", ReviewState::ChangesRequested, OLDER)];
    assert_eq!(blockers(&snapshot), vec![against.clone()], "also when the head has moved since");
    snapshot.reviews.push(said(2, "bob", ReviewState::Commented, HEAD));
    assert_eq!(blockers(&snapshot), vec![against.clone()], "a remark takes nothing back");
    snapshot.permissions.insert(Login::from("cat"), Permission::Admin);
    snapshot.reviews.push(said(3, "cat", ReviewState::Approved, HEAD));
    assert_eq!(blockers(&snapshot), vec![against.clone()], "nobody else can take it back");
    snapshot.reviews.push(said(4, "bob", ReviewState::Approved, HEAD));
    assert_eq!(blockers(&snapshot), []);
    snapshot.reviews.push(said(5, "bob", ReviewState::ChangesRequested, HEAD));
    assert_eq!(blockers(&snapshot), [against]);
    snapshot.reviews[4].state = ReviewState::Dismissed;
    assert_eq!(blockers(&snapshot), []);
}

#[test]
fn changes_requested_by_readers_or_by_ourselves_do_not_block() {
    let mut snapshot = ready();
    snapshot.permissions.insert(Login::from(OWN_LOGIN), Permission::Write);
    snapshot.reviews = vec![
        said(1, "rea", ReviewState::ChangesRequested, HEAD),
        said(2, "eve", ReviewState::ChangesRequested, HEAD),
        said(3, OWN_LOGIN, ReviewState::ChangesRequested, HEAD),
    ];
    assert_eq!(blockers(&snapshot), []);
}

#[test]
fn a_listed_bot_is_trusted_and_a_person_cannot_pass_for_it() {
    let trusting = policy("[trust]\nlogins = [\"sam\"]\nbots = [\"renovate[bot]\"]");
    let mut snapshot = by_stranger();
    assert!(gate(&snapshot, &trusting).is_open());
    snapshot.pull.author = Login::from("renovate");
    assert!(!gate(&snapshot, &trusting).is_open());
    snapshot.pull.author = Login::from("renovate[bot]");
    snapshot.pull.author_kind = ActorKind::Bot;
    assert!(gate(&snapshot, &trusting).is_open());
    snapshot.pull.author = Login::from("sam[bot]");
    assert!(!gate(&snapshot, &trusting).is_open());
}

#[test]
fn a_hold_and_a_forbidding_label_say_who_and_what() {
    let mut snapshot = labelled(ready(), &["Do-Not-Merge", "area/signals"]);
    let hold = Hold { by: Login::from("cat"), why: "wait for the demo".to_owned(), since: Timestamp(0) };
    snapshot.record = Some(record());
    snapshot.record.as_mut().unwrap().hold = Some(hold);
    let found = gate(&snapshot, &policy(""));
    assert_eq!(sentences(&found), ["cat holds it: wait for the demo", "it carries the label `Do-Not-Merge`"]);
    assert_eq!(found.blockers[0].waits_on(&Login::from("ann")), WaitsOn::Person(Login::from("cat")));
    assert!(!gate(&snapshot, &policy("[merge]\nforbid_labels = []")).blockers.contains(&found.blockers[1]));
}

#[test]
fn where_merging_is_not_automatic_it_is_asked_for_by_command_or_label() {
    let asking = policy("[merge]\nautomatic = false\nask_labels = [\"merge-me\"]");
    let mut snapshot = ready();
    assert_eq!(gate(&snapshot, &asking).blockers, [MergeBlocker::NotAsked]);
    assert!(gate(&labelled(snapshot.clone(), &["Merge-Me"]), &asking).is_open());
    snapshot.record = Some(record());
    snapshot.record.as_mut().unwrap().merge_asked = Some((Login::from("bob"), Sha::from(HEAD)));
    assert!(gate(&snapshot, &asking).is_open());
    snapshot.record.as_mut().unwrap().merge_asked = Some((Login::from("bob"), Sha::from(OLDER)));
    assert_eq!(gate(&snapshot, &asking).blockers, [MergeBlocker::NotAsked], "it was said of another head");
}

#[test]
fn a_draft_needs_nobody_and_a_conflict_needs_the_author() {
    let author = Login::from("ann");
    assert!(!needs_a_person(&[MergeBlocker::Draft, MergeBlocker::NotOpen, MergeBlocker::MergingOff], &author));
    assert!(!needs_a_person(&[MergeBlocker::MergeabilityUnknown, MergeBlocker::ReviewPending], &author));
    assert!(needs_a_person(&[MergeBlocker::Draft, MergeBlocker::Conflict], &author));
    assert!(needs_a_person(&[MergeBlocker::ApprovalsMissing { have: 0, need: 1 }], &author));
}
