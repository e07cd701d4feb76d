//! What rules and a policy would have done at each moment of a past, and nothing that could only be known later.

use std::collections::BTreeMap;

use stationmaster::decide::backtest::{PullBacktest, PullVerdict, Wrong, change, issues, pulls};
use stationmaster::model::{
    ActorKind, BranchName, Check, CheckOrigin, CheckRunId, CheckState, Conclusion, InstallationId, LabelName, Login,
    Number, PastCommit, PastIssue, PastPull, PastPulls, Permission, Repository, RepositoryId, RepositoryName, Review,
    ReviewState, Sha, Timestamp,
};
use stationmaster::policy::{Policy, RepositoryPolicy, RuleFile, Rules};

const MINUTE_MS: i64 = 60_000;

fn at(minute: i64) -> Timestamp {
    Timestamp(1_795_262_400_000).plus_ms(minute * MINUTE_MS)
}

fn policy(text: &str) -> Policy {
    let own = RepositoryPolicy::parse(text, ".github/stationmaster.toml").unwrap_or_else(|faults| panic!("{faults}"));
    Policy::combine(&Rules::builtin().unwrap(), Some(&own))
}

fn rules(text: &str) -> Policy {
    let rules = vec![RuleFile::new("routing.toml", text), Rules::builtin_roster()];
    Policy::combine(&Rules::from_files(rules).unwrap_or_else(|faults| panic!("{faults}")), None)
}

fn home() -> RepositoryName {
    RepositoryName::new("octo", "station")
}

/// One commit, on which CI ended so.
fn commit(sha: char, committed: i64, (ended, conclusion): (i64, Conclusion)) -> PastCommit {
    let build = Check {
        name: "build".to_owned(),
        origin: CheckOrigin::App { id: 15_368, slug: "github-actions".to_owned() },
        state: CheckState::Completed(conclusion),
        started: Some(at(ended - 1)),
        completed: Some(at(ended)),
        url: None,
        run: Some(CheckRunId(ended)),
        suite: Some(1),
    };
    PastCommit {
        sha: Sha::from(sha.to_string().repeat(40).as_str()),
        message: "Add a signal".to_owned(),
        committed: at(committed),
        checks: vec![build],
    }
}

/// By ann, opened at minute 0, green at minute 10 and merged by bob in minute `merged`.
fn pull(number: i64, merged: Option<i64>) -> PastPull {
    let head = commit('a', -60, (10, Conclusion::Success));
    PastPull {
        number: Number(number),
        title: format!("Add signal {number}"),
        body: String::new(),
        author: Login::from("ann"),
        author_kind: ActorKind::User,
        labels: Vec::new(),
        draft: false,
        base: BranchName::from("main"),
        head: head.sha.clone(),
        head_branch: BranchName::from("signal"),
        created: at(0),
        closed: at(merged.unwrap_or(240)),
        merged: merged.map(|minute| (at(minute), Some(Login::from("bob")))),
        merge_commit: None,
        commits: vec![head],
        reviews: Vec::new(),
        url: String::new(),
    }
}

fn said(author: &str, state: ReviewState, minute: i64) -> Review {
    Review {
        id: minute,
        author: Login::from(author),
        author_kind: ActorKind::User,
        state,
        commit: Some(Sha::from("a".repeat(40).as_str())),
        submitted: Some(at(minute)),
    }
}

/// Ann and bob may write, rea may read.
fn past(pulls: Vec<PastPull>) -> PastPulls {
    PastPulls {
        repository: Repository {
            id: RepositoryId(1),
            name: home(),
            installation: InstallationId(1),
            default_branch: BranchName::from("main"),
            private: false,
        },
        own: (Login::from("stationmaster[bot]"), 777),
        protection: BTreeMap::new(),
        permissions: BTreeMap::from([
            (Login::from("ann"), Permission::Write),
            (Login::from("bob"), Permission::Write),
            (Login::from("rea"), Permission::Read),
        ]),
        pulls,
    }
}

fn judged(text: &str, pulls_then: Vec<PastPull>) -> PullBacktest {
    pulls(&policy(text), &past(pulls_then))
}

fn verdict(text: &str, then: PastPull) -> PullVerdict {
    judged(text, vec![then]).rows.remove(0).verdict
}

fn minutes(minutes: i64) -> PullVerdict {
    PullVerdict::Earlier { saved_ms: minutes * MINUTE_MS }
}

#[test]
fn a_pull_is_merged_when_its_check_ends_and_not_while_it_runs() {
    assert_eq!(verdict("", pull(1, Some(60))), minutes(50));
    // What is less than five minutes apart is at the same time.
    assert_eq!(verdict("", pull(1, Some(15))), PullVerdict::Same);
    assert_eq!(verdict("", pull(1, Some(16))), minutes(6));
}

#[test]
fn an_approval_counts_from_when_it_was_given() {
    let mut approved = pull(1, Some(60));
    approved.reviews.push(said("bob", ReviewState::Approved, 40));
    let strict = judged("[merge]\napprovals = 1\n", vec![approved]);
    assert_eq!(strict.rows[0].would_merge, Some(at(40)));
    assert_eq!(strict.rows[0].verdict, minutes(20));
}

#[test]
fn a_commit_is_the_head_after_the_one_before_it_whatever_its_date_says() {
    let mut rebased = pull(1, Some(60));
    rebased.commits = vec![
        commit('b', 20, (22, Conclusion::Failure)),
        // A rebase on another clock: dated before the commit that it follows.
        commit('a', 5, (8, Conclusion::Success)),
    ];
    let found = judged("", vec![rebased]);
    assert_eq!(found.rows[0].would_merge, Some(at(20)), "{:#?}", found.rows[0]);
}

#[test]
fn a_head_that_github_does_not_list_is_not_judged() {
    let mut forced = pull(1, Some(60));
    forced.head = Sha::from("c".repeat(40).as_str());
    assert_eq!(verdict("", forced), PullVerdict::Unknown);
}

#[test]
fn changes_that_count_make_an_earlier_merge_wrong_and_those_of_others_do_not() {
    let wanted = |author: &str| {
        let mut then = pull(1, Some(60));
        then.reviews.push(said(author, ReviewState::ChangesRequested, 30));
        verdict("", then)
    };
    let wrong = Wrong::ChangesRequested { by: Login::from("bob"), at: at(30) };
    assert_eq!(wanted("bob"), PullVerdict::Wrong(wrong));
    assert_eq!(wanted("rea"), minutes(50), "whoever may only read blocks no merge");
    assert_eq!(wanted("ann"), minutes(50), "nobody reviews their own");
    assert_eq!(wanted("stationmaster[bot]"), minutes(50), "nor do we");
}

#[test]
fn what_people_did_not_merge_is_wrong_to_merge() {
    assert_eq!(verdict("", pull(1, None)), PullVerdict::Wrong(Wrong::ClosedUnmerged));
    assert_eq!(verdict("[merge]\napprovals = 1\n", pull(1, None)), PullVerdict::LeftAlone);
    assert_eq!(verdict("[merge]\napprovals = 1\n", pull(1, Some(60))), PullVerdict::Never);
}

#[test]
fn a_revert_counts_once_it_was_merged_and_names_its_pull_or_its_commit() {
    let reverting = |text: &str, merged: Option<i64>| {
        let mut bad = pull(1, Some(60));
        bad.merge_commit = Some(Sha::from("d".repeat(40).as_str()));
        let mut revert = pull(2, merged);
        text.clone_into(&mut revert.body);
        let found = judged("", vec![revert, bad]);
        found.rows.into_iter().find(|row| row.number == Number(1)).unwrap().verdict
    };
    let wrong = PullVerdict::Wrong(Wrong::Reverted { by_pull: Number(2) });
    assert_eq!(reverting("Reverts #1", Some(60)), wrong);
    assert_eq!(reverting("Reverts octo/station#1", Some(60)), wrong);
    assert_eq!(reverting(&format!("This reverts commit {}.", "d".repeat(40)), Some(60)), wrong);
    assert_eq!(reverting("Reverts #1", None), minutes(50), "that revert was given up");
    assert_eq!(reverting("Reverts #11", Some(60)), minutes(50), "that is another pull");
    assert_eq!(reverting("Reverts octo/depot#1", Some(60)), minutes(50), "that is another repository");
}

#[test]
fn the_median_is_that_of_the_earlier_ones() {
    let found = judged("", vec![pull(1, Some(20)), pull(2, Some(30)), pull(3, Some(190)), pull(4, Some(12))]);
    assert_eq!(found.median_saved_ms, Some(20 * MINUTE_MS));
    let saved = "4 pulls: 3 earlier, 1 at the same time; half of the earlier ones by 20 min or more.";
    assert_eq!(found.sentence(), saved);
}

fn issue(title: &str, labels: &[&str]) -> PastIssue {
    PastIssue {
        number: Some(Number(7)),
        title: title.to_owned(),
        body: String::new(),
        labels: labels.iter().map(|&label| LabelName::from(label)).collect(),
        author: None,
        closed: true,
    }
}

#[test]
fn a_label_that_we_put_on_an_issue_is_not_what_routes_it() {
    let own = "[[rule]]\nname = \"any\"\nlabels = [\"*\"]\ntype = \"research\"\npriority = 9\n";
    let found = issues(&rules(own), None, &[issue("The lamp", &["type/testing"]), issue("The lamp", &["bug"])]);
    let routed: Vec<&str> = found.rows.iter().map(|row| row.routed.as_str()).collect();
    assert_eq!(routed, ["triage", "research"]);
    assert_eq!((found.triage, found.differ), (1, 1));
}

#[test]
fn a_rule_by_another_name_routes_nothing_otherwise() {
    let named = |name: &str, kind: &str| {
        rules(&format!("[[rule]]\nname = \"{name}\"\ntitle = \"lamp\"\ntype = \"{kind}\"\npriority = 9\n"))
    };
    let issues = [issue("The lamp", &[])];
    let shown = |old: &Policy, new: &Policy| change((old, new), &home(), (Some(&issues), None));
    let same = shown(&named("a", "research"), &named("b", "research"));
    assert_eq!(same, "Of the newest issue, none would be routed otherwise.\n");
    let other = shown(&named("a", "research"), &named("a", "testing"));
    assert!(other.ends_with("\n- #7 `The lamp`: `research` (rule `a`) → `testing` (rule `a`)\n"), "{other}");
}

#[test]
fn an_edited_policy_is_told_by_how_much_later_or_earlier_each_pull_would_be_merged() {
    let mut approved = pull(1, Some(60));
    approved.reviews.push(said("bob", ReviewState::Approved, 40));
    let past = past(vec![approved, pull(2, None)]);
    let (lax, strict) = (policy(""), policy("[merge]\napprovals = 1\n"));
    let shown = |old: &Policy, new: &Policy| change((old, new), &home(), (None, Some(&past)));
    let later = shown(&lax, &strict);
    assert!(
        later.starts_with("Of the newest 2 closed pulls, 2 would be merged otherwise; 0 wrongly, against 1"),
        "{later}"
    );
    assert!(later.contains("- #1 `Add signal 1`: would be merged 30 min later\n"), "{later}");
    assert!(later.contains("- #2 `Add signal 2`: would not be merged any more: "), "{later}");
    let earlier = shown(&strict, &lax);
    assert!(earlier.contains("2 would be merged otherwise; 1 wrongly, against 0"), "{earlier}");
    assert!(earlier.contains("- #1 `Add signal 1`: would be merged 30 min earlier\n"), "{earlier}");
    assert!(earlier.contains("- #2 `Add signal 2`: would be merged now, **wrongly**: people closed it"), "{earlier}");
}
