//! Which rule wins, and why the others lost.

use stationmaster::decide::{classify, route};
use stationmaster::model::{Blocker, LabelName, Level, Login, RepositoryName};
use stationmaster::policy::{Policy, RepositoryPolicy, RouteInput, RuleFile, Rules};

fn shipped() -> Policy {
    Policy::combine(&Rules::builtin().unwrap(), None)
}

fn with_rules(text: &str) -> Policy {
    let rules =
        Rules::from_files(vec![RuleFile::new("routing.toml", text)]).unwrap_or_else(|faults| panic!("{faults}"));
    Policy::combine(&rules, None)
}

fn classified(policy: &Policy, title: &str) -> String {
    serde_json::to_string(&classify(policy, &RouteInput::title_alone(title))).unwrap()
}

#[test]
fn classify_prints_the_json_of_the_design_byte_for_byte() {
    assert_eq!(
        classified(&shipped(), "Deploy v2.0 to production"),
        r#"{"success":true,"task_type":"deployment","session":"deployment_worker","priority":100,"classification":{"matched_pattern":"deploy%","rule":"deploy","losers":[]}}"#
    );
}

#[test]
fn classify_of_a_title_that_no_rule_knows_is_triage_without_a_session() {
    assert_eq!(
        classified(&shipped(), "Cannot log in"),
        r#"{"success":false,"task_type":"triage","session":null,"priority":0,"classification":{"matched_pattern":null,"rule":null,"losers":[]}}"#
    );
}

#[test]
fn classify_names_the_regex_where_there_is_no_alias_and_the_rules_that_lost() {
    let policy = with_rules(
        r#"
        [[rule]]
        name = "slow"
        title = 'slow|late'
        type = "performance"
        priority = 20
        [[rule]]
        name = "page"
        title = 'page'
        type = "frontend"
        priority = 30
        "#,
    );
    assert_eq!(
        classified(&policy, "Slow page"),
        r#"{"success":true,"task_type":"frontend","session":null,"priority":30,"classification":{"matched_pattern":"page","rule":"page","losers":[{"rule":"slow","by":"priority 20 is lower than 30"}]}}"#
    );
}

#[test]
fn classify_names_the_role_where_no_worker_fills_it() {
    let roster = RuleFile::new("workers.toml", "[[role]]\nname = \"night_crew\"\n");
    let rule = "[[rule]]\nname = \"n\"\ntitle = 'night'\ntype = \"n\"\nrole = \"night_crew\"\npriority = 1\n";
    let rules = Rules::from_files(vec![RuleFile::new("routing.toml", rule), roster]).unwrap();
    let answer = classify(&Policy::combine(&rules, None), &RouteInput::title_alone("At night"));
    assert_eq!(answer.session.as_deref(), Some("night_crew"));
}

#[test]
fn an_urgent_prefix_is_skipped_and_the_span_covers_what_matched() {
    let policy = shipped();
    let found = route(&policy.routing, &RouteInput::title_alone("URGENT: Deploy v2"));
    let winner = found.winner.unwrap();
    assert_eq!((winner.rule.as_str(), winner.title_span, winner.body_span), ("deploy", Some(0..14), None));
}

#[test]
fn a_hotfix_is_critical_and_other_rules_get_their_level_from_the_number() {
    let policy = shipped();
    let level = |title| route(&policy.routing, &RouteInput::title_alone(title)).priority;
    assert_eq!(level("Hotfix for login"), Level::Critical);
    assert_eq!(level("Deploy v2"), Level::High);
    assert_eq!(level("merge 12"), Level::High);
    assert_eq!(level("fix login"), Level::Medium);
    assert_eq!(level("implement login"), Level::Medium);
    assert_eq!(level("refactor login"), Level::Low);
    assert_eq!(level("something else"), Level::Medium);
}

const TIES: &str = r#"
[[rule]]
name = "short"
title = '^fix'
type = "a"
priority = 10
[[rule]]
name = "long"
title = '^(?:urgent:)?fix the login'
type = "b"
priority = 10
[[rule]]
name = "long-again"
title = '^fix the login$'
type = "c"
priority = 10
[[rule]]
name = "low"
title = '^fix the login page'
type = "d"
priority = 9
"#;

#[test]
fn ties_go_to_the_longer_beginning_then_to_the_first_in_the_file_and_each_loser_says_so() {
    let policy = with_rules(TIES);
    let found = route(&policy.routing, &RouteInput::title_alone("Fix the login"));
    let outranked =
        |rule: &str, by: &str| Blocker::Outranked { rule: rule.into(), winner: "long".into(), by: by.into() };
    assert_eq!(found.winner.as_ref().unwrap().rule, "long");
    assert_eq!(
        found.losers,
        vec![
            outranked(
                "long-again",
                "both have priority 10 and a literal beginning of 13 characters, and `long` (routing.toml:7) stands first"
            ),
            outranked("short", "both have priority 10, and its literal beginning is 3 characters against 13"),
        ]
    );
    let text = found.explanation();
    assert_eq!(
        text.reasons,
        [
            "rule `long` (routing.toml:7) matches `^(?:urgent:)?fix the login` at \"Fix the login\" in the title and has priority 10"
        ]
    );
    let page = route(&policy.routing, &RouteInput::title_alone("fix the login page"));
    assert!(page.losers.contains(&outranked("low", "priority 9 is lower than 10")), "{:?}", page.losers);
}

#[test]
fn without_a_match_the_explanation_says_so() {
    let found = route(&shipped().routing, &RouteInput::title_alone("hello"));
    assert_eq!(found.task_type.as_str(), "triage");
    assert_eq!(found.role, None);
    assert_eq!(found.explanation().blockers, vec![Blocker::NoRuleMatched]);
}

#[test]
fn every_matcher_that_is_given_must_match() {
    let policy = with_rules(
        r#"
        [[rule]]
        name = "all"
        title = 'crash'
        body = '(?-i)SIGSEGV'
        labels = ["bug", "area/*"]
        author = "*[bot]"
        repo = "octo-org/*"
        type = "incident"
        priority = 95
        risk = "high"
        add_labels = ["needs-dump"]
        "#,
    );
    let labels = [LabelName::new("Bug"), LabelName::new("area/core"), LabelName::new("other")];
    let (bot, person) = (Login::new("crashy[bot]"), Login::new("crashyb"));
    let (home, elsewhere) = (RepositoryName::new("Octo-Org", "x"), RepositoryName::new("other", "x"));
    let full = RouteInput {
        title: "A Crash",
        body: "got SIGSEGV",
        labels: &labels,
        author: Some(&bot),
        repository: Some(&home),
    };
    let found = route(&policy.routing, &full);
    assert_eq!(found.winner.as_ref().unwrap().body_span, Some(4..11));
    assert_eq!((found.risk, found.labels), (Some(Level::High), vec![LabelName::new("needs-dump")]));
    let misses = |input: RouteInput<'_>| route(&policy.routing, &input).winner.is_none();
    assert!(misses(RouteInput { title: "A crush", ..full }));
    assert!(misses(RouteInput { body: "got sigsegv", ..full }), "(?-i) makes case matter");
    assert!(misses(RouteInput { labels: &labels[..1], ..full }), "each glob needs a label");
    assert!(misses(RouteInput { author: Some(&person), ..full }), "[bot] is meant literally");
    assert!(misses(RouteInput { author: None, ..full }));
    assert!(misses(RouteInput { repository: Some(&elsewhere), ..full }));
    assert!(misses(RouteInput { repository: None, ..full }));
}

#[test]
fn rules_of_a_repository_are_tried_beside_the_shipped_ones_and_win_ties() {
    let own = r#"
        [[rule]]
        name = "own-deploy"
        title = '^deploy'
        type = "infrastructure"
        priority = 100
    "#;
    let own = RepositoryPolicy::parse(own, ".github/stationmaster.toml").unwrap();
    let policy = Policy::combine(&Rules::builtin().unwrap(), Some(&own));
    let found = route(&policy.routing, &RouteInput::title_alone("deploy it"));
    assert_eq!(found.winner.unwrap().rule, "own-deploy");
    assert_eq!(found.losers.len(), 1, "the shipped rule was tried as well: {:?}", found.losers);
    assert_eq!(route(&policy.routing, &RouteInput::title_alone("Fix it")).task_type.as_str(), "development");
}
