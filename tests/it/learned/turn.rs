//! When rules are proposed: weekly where the policy wants it, and what the record knows of their pull request.

use stationmaster::decide::learn::{RulesDecision, RulesScene, decide};
use stationmaster::model::{
    Action, BranchName, InstallationId, Number, PolicyHome, Repository, RepositoryId, RepositoryReport, RuleKey,
    RulesPull, RulesRecord, Sha, TaskType, Timestamp,
};
use stationmaster::policy::{Policy, RepositoryPolicy, RuleFile, Rules};

use super::{ROSTER, RULES, given};

const DAY_MS: i64 = 24 * 3_600_000;
const NOW: Timestamp = Timestamp(1_795_262_400_000);

fn weekly() -> Policy {
    let files = vec![RuleFile::new("routing.toml", RULES), RuleFile::new("workers.toml", ROSTER)];
    let own = RepositoryPolicy::parse("[learn]\nrules = \"pull\"\n", "stationmaster.toml").unwrap();
    Policy::combine(&Rules::from_files(files).unwrap(), Some(&own))
}

/// What is decided where people called three titles cleaning, and the record and the reports are these.
fn decided(record: &RulesRecord, reports: &[RepositoryReport]) -> RulesDecision {
    let repository = Repository {
        id: RepositoryId(1),
        name: "octo/station".parse().unwrap(),
        installation: InstallationId(1),
        default_branch: BranchName::from("main"),
        private: false,
    };
    decide(&RulesScene {
        repository: &repository,
        policy: &weekly(),
        titles: &given("cleaning", &["Polish the bell", "Polish the rails", "Polish the lamps"]),
        record,
        reports,
        tip: Some(&Sha::from("a".repeat(40).as_str())),
        home: &PolicyHome::Nowhere,
        now: NOW,
    })
}

fn looked(days_ago: i64) -> RulesRecord {
    RulesRecord { looked: Some(NOW.plus_ms(-days_ago * DAY_MS)), ..RulesRecord::default() }
}

fn ordered(number: Option<i64>, digest: &str) -> RulesPull {
    RulesPull {
        number: number.map(Number),
        branch: BranchName::from("stationmaster/learn/0123"),
        digest: digest.to_owned(),
        rules: vec![RuleKey { title: r"^sweep\b".to_owned(), task_type: TaskType::new("cleaning") }],
        tip: None,
        refused: None,
    }
}

#[test]
fn a_policy_that_wants_it_has_rules_proposed_once_a_week() {
    let first = decided(&RulesRecord::default(), &[]);
    assert_eq!(first.actions.len(), 1);
    assert_eq!((first.record.looked, first.look_again), (Some(NOW), Some(NOW.plus_ms(7 * DAY_MS))));
    let soon = decided(&looked(6), &[]);
    assert_eq!((soon.actions.len(), soon.look_again), (0, Some(NOW.plus_ms(DAY_MS))));
    assert_eq!(decided(&looked(7), &[]).actions.len(), 1);
}

#[test]
fn what_became_of_an_older_order_says_nothing_of_the_newer_one() {
    let record = RulesRecord { pull: Some(ordered(None, "newer")), ..looked(1) };
    let tip = Sha::from("b".repeat(40).as_str());
    let written = |digest: &str| {
        let digest = digest.to_owned();
        decided(&record, &[RepositoryReport::RulesPullWritten { number: Number(9), digest, tip: tip.clone() }])
    };
    assert_eq!(written("older").record, record);
    let known = written("newer").record.pull.unwrap();
    assert_eq!((known.number, known.tip.as_ref()), (Some(Number(9)), Some(&tip)));
    let refused = |digest: &str| {
        decided(&record, &[RepositoryReport::RulesPullRefused { digest: digest.to_owned(), why: "no".to_owned() }])
    };
    assert_eq!(refused("older").record, record);
    assert_eq!(refused("newer").record.pull.unwrap().refused.as_deref(), Some("no"));
}

#[test]
fn a_pull_that_is_written_anew_is_still_known_to_hold_what_it_proposed_before() {
    let record = RulesRecord { pull: Some(ordered(Some(9), "older")), ..looked(7) };
    let decision = decided(&record, &[]);
    let pull = decision.record.pull.unwrap();
    let titles: Vec<&str> = pull.rules.iter().map(|rule| rule.title.as_str()).collect();
    assert_eq!(titles, [r"^polish\b", r"^sweep\b"], "closing it turns down both");
    assert_eq!(pull.number, Some(Number(9)), "it is the same pull");
    let Action::ProposeRules(order) = &decision.actions[0].action else { panic!("{:?}", decision.actions) };
    assert_eq!(order.branch.as_str(), "stationmaster/learn/0123");
}
