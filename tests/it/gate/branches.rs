//! Bases, freezes, the policy's state, what happened to this head before, and pulls that are not open.

use stationmaster::decide::gate::gate as gate_at;
use stationmaster::model::{
    BranchName, Freeze, MergeBlocker, MergeMethod, PullSnapshot, PullState, Refusal, Sha, Timestamp,
};
use stationmaster::policy::{Policy, RepositoryPolicy, Rules};

use super::{HEAD, OLDER, blockers, gate, labelled, now, policy, ready, record, sentences};

fn into(base: &str) -> PullSnapshot {
    let mut snapshot = ready();
    snapshot.pull.base = BranchName::from(base);
    snapshot
}

#[test]
fn without_a_word_of_the_policy_the_default_branch_and_dev_are_merged_into() {
    assert_eq!(blockers(&into("main")), []);
    assert_eq!(blockers(&into("dev")), []);
    let shown = sentences(&gate(&into("feature"), &policy("")));
    assert_eq!(shown, ["the policy merges into main, dev only, and this is for `feature`"]);
    let release = policy("[merge]\nbases = [\"release/*\"]");
    assert!(gate(&into("release/1.2"), &release).is_open());
    assert_eq!(gate(&into("main"), &release).blockers.len(), 1);
}

#[test]
fn nobody_merges_into_the_queues_own_branches() {
    assert!(!gate(&into("stationmaster/queue/main"), &policy("[merge]\nbases = [\"*\"]")).is_open());
}

#[test]
fn a_freeze_holds_from_its_beginning_to_its_end_for_its_bases() {
    let frozen = policy(
        "[[freeze]]\nfrom = 2026-11-21T10:00:00Z\nuntil = \"2026-11-21T14:00:00+01:00\"\nwhy = \"fair\"\nbases = [\"main\"]",
    );
    let until = Timestamp::parse_rfc3339("2026-11-21T13:00:00Z").unwrap();
    let blocker = MergeBlocker::Frozen { until: Some(until), why: "fair".to_owned() };
    let at = |time: &str| gate_at(&ready(), &frozen, Timestamp::parse_rfc3339(time).unwrap());
    assert!(at("2026-11-21T09:59:59Z").is_open());
    assert_eq!(at("2026-11-21T10:00:00Z").blockers, [blocker]);
    assert_eq!(at("2026-11-21T12:59:59Z").look_again(), Some(until));
    assert!(at("2026-11-21T13:00:00Z").is_open());
    assert!(gate(&into("dev"), &frozen).is_open());
}

#[test]
fn a_freeze_lets_a_pull_with_an_excepted_label_through_and_says_so() {
    let frozen = policy("[[freeze]]\nwhy = \"fair\"\nexcept_labels = [\"priority/critical\"]");
    assert_eq!(sentences(&gate(&ready(), &frozen)), ["merging is frozen: fair"]);
    let found = gate(&labelled(ready(), &["priority/critical"]), &frozen);
    assert!(found.is_open());
    assert!(found.reasons.iter().any(|reason| reason == "merging is frozen (fair), but a label excepts this pull"));
}

#[test]
fn a_freeze_by_command_ends_by_itself() {
    let mut snapshot = ready();
    snapshot.freezes = vec![Freeze { until: Some(now().plus_ms(1)), why: "deploying".to_owned() }];
    assert_eq!(blockers(&snapshot).len(), 1);
    snapshot.freezes[0].until = Some(now());
    assert_eq!(blockers(&snapshot), []);
}

#[test]
fn a_policy_that_cannot_be_read_merges_nothing_and_names_the_line() {
    let faults = RepositoryPolicy::parse("[merge]\nmethod = \"squish\"\n", ".github/stationmaster.toml").unwrap_err();
    let broken = Policy::without_repository(&Rules::builtin().unwrap(), &faults);
    insta::assert_snapshot!(sentences(&gate(&ready(), &broken)).join("\n"), @r#"the repository's policy cannot be read: .github/stationmaster.toml:2:10: `method` cannot be "squish": expected "squash" or "merge" or "rebase"; did you mean "squash"?"#);
}

#[test]
fn merging_can_be_switched_off() {
    assert_eq!(gate(&ready(), &policy("[merge]\nenabled = false")).blockers, [MergeBlocker::MergingOff]);
}

#[test]
fn behind_review_required_and_githubs_queue_are_said() {
    let mut snapshot = ready();
    snapshot.pull.behind = true;
    snapshot.pull.review_required = true;
    snapshot.protection.github_queue = true;
    let expected = [MergeBlocker::GithubQueue, MergeBlocker::Behind, MergeBlocker::ReviewRequired];
    assert_eq!(blockers(&snapshot), expected);
}

#[test]
fn a_review_of_another_head_is_no_review() {
    let mut snapshot = ready();
    snapshot.review.as_mut().unwrap().head = Sha::from(OLDER);
    assert_eq!(blockers(&snapshot), [MergeBlocker::ReviewPending]);
}

#[test]
fn what_was_put_out_or_refused_stays_so_for_that_head_only() {
    let mut snapshot = ready();
    let mut known = record();
    known.put_out = Some((Sha::from(HEAD), "the check `build` failed on it alone".to_owned()));
    known.refused = Some(Refusal {
        head: Sha::from(HEAD),
        message: "Base branch was modified".to_owned(),
        times: Refusal::TIMES_MAX,
        again: None,
    });
    snapshot.record = Some(known);
    insta::assert_snapshot!(sentences(&gate(&snapshot, &policy(""))).join("\n"), @r"
    it was put out of the queue: the check `build` failed on it alone
    GitHub refused the merge: Base branch was modified
    ");
    let known = snapshot.record.as_mut().unwrap();
    known.put_out.as_mut().unwrap().0 = Sha::from(OLDER);
    known.refused.as_mut().unwrap().head = Sha::from(OLDER);
    assert_eq!(blockers(&snapshot), []);
}

#[test]
fn a_refused_head_is_tried_again_after_pauses_that_grow_and_then_no_more() {
    let mut snapshot = ready();
    let mut pauses_s = Vec::new();
    for times in 0..Refusal::TIMES_MAX {
        let refusal = Refusal::after(times, Sha::from(HEAD), "502".to_owned(), (true, now()));
        let again = refusal.again;
        let mut known = record();
        known.refused = Some(refusal);
        snapshot.record = Some(known);
        assert_eq!(blockers(&snapshot), [MergeBlocker::MergeRefused { message: "502".to_owned(), again }]);
        let later = gate_at(&snapshot, &policy(""), again.unwrap_or_else(|| now().plus_ms(86_400_000)));
        assert_eq!(later.is_open(), again.is_some());
        pauses_s.push(again.map(|again| again.since_ms(now()) / 1_000));
    }
    assert_eq!(pauses_s, [Some(2), Some(8), Some(32), Some(128), Some(512), None]);
}

#[test]
fn a_refusal_that_cannot_pass_is_never_tried_again_by_itself() {
    let refusal = Refusal::after(0, Sha::from(HEAD), "not allowed".to_owned(), (false, now()));
    assert_eq!(refusal.again, None);
}

#[test]
fn of_a_pull_that_is_not_open_nothing_else_is_said() {
    let mut snapshot = ready();
    snapshot.pull.draft = true;
    for state in [PullState::Closed, PullState::Merged] {
        snapshot.pull.state = state;
        assert_eq!(blockers(&snapshot), [MergeBlocker::NotOpen]);
    }
}

#[test]
fn the_branchs_rules_decide_where_they_allow_other_methods_than_the_policys() {
    let merge = policy("[merge]\nmethod = \"rebase\"").merge;
    let mut protection = ready().protection;
    assert_eq!(merge.method_for(&protection), MergeMethod::Rebase);
    protection.allowed_methods = Some(vec!["merge".to_owned(), "squash".to_owned()]);
    assert_eq!(merge.method_for(&protection), MergeMethod::Squash);
    protection.allowed_methods = Some(vec!["merge".to_owned()]);
    assert_eq!(merge.method_for(&protection), MergeMethod::Merge);
}

#[test]
fn the_heaviest_label_decides_the_place_in_the_queue() {
    let merge = policy("").merge;
    let weight = |labels: &[&str]| merge.queue_priority(&labelled(ready(), labels).pull.labels);
    assert_eq!(weight(&[]), 0);
    assert_eq!(weight(&["priority/low"]), -50);
    assert_eq!(weight(&["priority/low", "Urgent", "priority/critical"]), 200);
}
