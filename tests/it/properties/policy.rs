//! Rules and policies: every refusal is useful, and what is accepted is accepted again and decides the same twice.

use stationmaster::decide::route;
use stationmaster::model::LabelName;
use stationmaster::policy::{
    Policy, RepositoryPolicy, ReviewRules, ReviewSource, RouteInput, Routing, RuleFile, Rules, policy_change,
    read_expectations,
};

/// A file of rules or policy, and an issue to try them on: its title on the first line, its text behind it.
pub fn check(data: &[u8]) {
    let (file, issue) = super::parts(data);
    let (title, body) = issue.split_once('\n').unwrap_or((&issue, ""));
    let labels = [LabelName::from("bug")];
    let input = RouteInput { labels: &labels, body, ..RouteInput::title_alone(title) };
    repository(&file, &input);
    for name in ["routing.toml", "workers.toml", "commands.toml"] {
        server(name, &file, &input);
    }
    let source = ReviewSource {
        review: RuleFile::new("review.toml", file.as_str()),
        structural: Vec::new(),
        examples: Vec::new(),
    };
    if let Err(faults) = ReviewRules::compile(source) {
        super::faults_are_useful(&faults, &file);
    }
    if let Err(faults) = read_expectations(RuleFile::new("expected.toml", file.as_str())) {
        super::faults_are_useful(&faults, &file);
    }
}

fn repository(text: &str, input: &RouteInput<'_>) {
    let read = |text: &str| RepositoryPolicy::parse(text, ".github/stationmaster.toml");
    let rules = Rules::builtin().expect("the shipped rules are good");
    match read(text) {
        Ok(policy) => {
            let more = format!("{text}\n# a comment\n");
            assert!(read(&more).is_ok(), "a comment more, and it is refused: {more:?}");
            let in_force = Policy::combine(&rules, Some(&policy));
            let change = policy_change(&in_force, text).expect("it was read before");
            assert!(!change.contains(" → "), "put in place of itself, something changes:\n{change}");
            is_decided_alike(&in_force.routing, input);
        }
        Err(faults) => {
            super::faults_are_useful(&faults, text);
            let closed = Policy::without_repository(&rules, &faults);
            assert!(closed.unreadable.is_some_and(|fault| !fault.is_empty()));
        }
    }
}

fn server(name: &str, text: &str, input: &RouteInput<'_>) {
    let mut files = vec![RuleFile::new(name, text)];
    if name != "workers.toml" {
        files.push(Rules::builtin_roster());
    }
    match Rules::from_files(files) {
        Ok(rules) => is_decided_alike(&Policy::combine(&rules, None).routing, input),
        Err(faults) => super::faults_are_useful(&faults, text),
    }
}

/// The quick way to the rules that match finds exactly those that do, and the winner is one of them.
fn is_decided_alike(routing: &Routing, input: &RouteInput<'_>) {
    let quick: Vec<&str> = routing.matching(input).iter().map(|rule| rule.name.as_str()).collect();
    let one_by_one = routing.rules().iter().filter(|rule| rule.matches(input));
    assert_eq!(quick, one_by_one.map(|rule| rule.name.as_str()).collect::<Vec<_>>());
    let decided = route(routing, input);
    assert_eq!(decided.winner.is_some(), !quick.is_empty());
    if let Some(winner) = decided.winner {
        assert!(quick.contains(&winner.rule.as_str()) && decided.losers.len() == quick.len() - 1);
        let spans = [(winner.title_span, input.title), (winner.body_span, input.body)];
        assert!(spans.iter().all(|(span, text)| span.as_ref().is_none_or(|span| text.get(span.clone()).is_some())));
    }
}
