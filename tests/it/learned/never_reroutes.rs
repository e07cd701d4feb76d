//! For whatever history: a rule that is proposed changes nothing about a title that a rule matches already.

use proptest::collection::vec;
use proptest::sample::select;
use proptest::strategy::Strategy;
use stationmaster::decide::learn::{History, propose, with_rules};
use stationmaster::decide::route;
use stationmaster::model::{Level, Number, RepositoryName, SeenTitle, TaskType};
use stationmaster::policy::{Policy, RepositoryPolicy, RouteInput, RuleFile, Rules};

use super::{ROSTER, RULES};
use crate::generated::holds;

const WORDS: &[&str] =
    &["polish", "water", "fix", "the", "prune", "bell", "rose", "Ölkanne", "[yard]", "oil", "oil-can", "9"];
const TYPES: &[&str] = &["bugfix", "garden", "cleaning", "oiling"];

fn title() -> impl Strategy<Value = String> {
    vec(select(WORDS), 1..4).prop_map(|words| words.join(" "))
}

fn rules(own: Option<&RepositoryPolicy>) -> Policy {
    let files = vec![RuleFile::new("routing.toml", RULES), RuleFile::new("workers.toml", ROSTER)];
    Policy::combine(&Rules::from_files(files).unwrap(), own)
}

/// What became of titles: the rules' word where one matches, unless a person has said otherwise, and else triage, until a
/// person has said otherwise.
fn history(policy: &Policy, lines: Vec<(String, Option<&'static str>)>) -> Vec<SeenTitle> {
    let seen = |(number, (title, said)): (i64, (String, Option<&'static str>))| {
        let found = route(&policy.routing, &RouteInput::title_alone(&title));
        let rule = found.winner.map(|winner| winner.rule).filter(|_| said.is_none());
        SeenTitle {
            number: Number(number),
            task_type: said.map_or(found.task_type, TaskType::new),
            title,
            by_person: said.is_some(),
            rule,
            priority: Level::Medium,
        }
    };
    (1..).zip(lines).map(seen).collect()
}

#[test]
fn a_title_that_a_rule_routes_stays_with_that_rule() {
    let said = proptest::option::weighted(0.7, select(TYPES));
    holds(300, (vec((title(), said), 0..40), vec(title(), 0..20)), |(lines, others)| {
        let before = rules(None);
        let titles = history(&before, lines);
        let repository: RepositoryName = "octo/station".parse().unwrap();
        let proposals = propose(&History { repository: &repository, policy: &before, titles: &titles, declined: &[] });
        assert!(proposals.len() <= 5);
        let own = RepositoryPolicy::parse(&with_rules("", &proposals).unwrap(), "stationmaster.toml").unwrap();
        let after = rules(Some(&own));
        for title in titles.iter().map(|seen| &seen.title).chain(&others) {
            let input = RouteInput::title_alone(title);
            let (was, is) = (route(&before.routing, &input), route(&after.routing, &input));
            if let Some(winner) = was.winner {
                assert_eq!(Some(winner.rule), is.winner.map(|winner| winner.rule), "{title}");
            }
        }
        for proposal in &proposals {
            let matched = |seen: &&SeenTitle| {
                let found = route(&after.routing, &RouteInput::title_alone(&seen.title));
                found.winner.is_some_and(|winner| winner.rule == proposal.name)
            };
            let named: Vec<&SeenTitle> = titles.iter().filter(matched).collect();
            let right = named.iter().filter(|seen| seen.task_type == proposal.task_type).count();
            assert!(proposal.support.len() >= 3 && right >= 3, "{proposal:?}");
            assert!(proposal.agree * 5 >= (proposal.agree + proposal.disagree.len()) * 4, "{proposal:?}");
        }
    });
}
