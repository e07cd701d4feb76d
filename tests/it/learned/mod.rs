//! What is concluded from history, as pure functions: rules, times until a merge, and answers that may be late.

mod estimates;
mod never_reroutes;
mod proposals;
mod settings;
mod turn;

use stationmaster::decide::learn::{History, Proposal, propose};
use stationmaster::model::{Level, Number, RepositoryName, RuleKey, SeenTitle, TaskType};
use stationmaster::policy::{Policy, RuleFile, Rules};

const RULES: &str = "[[rule]]\nname = \"fix\"\ntitle = '^fix'\ntype = \"bugfix\"\nrole = \"mechanic\"\npriority = 70\n\
    [[rule]]\nname = \"water\"\ntitle = 'water'\ntype = \"garden\"\nrole = \"gardener\"\npriority = 40\n";
const ROSTER: &str = "[[role]]\nname = \"mechanic\"\n[[role]]\nname = \"gardener\"\n";

pub fn policy(rules: &str) -> Policy {
    let files = vec![RuleFile::new("routing.toml", rules), RuleFile::new("workers.toml", ROSTER)];
    Policy::combine(&Rules::from_files(files).unwrap(), None)
}

/// A title that a person gave this type.
fn by_person(number: i64, title: &str, task_type: &str) -> SeenTitle {
    SeenTitle {
        number: Number(number),
        title: title.to_owned(),
        task_type: TaskType::new(task_type),
        by_person: true,
        rule: None,
        priority: Level::Medium,
    }
}

fn by_rule(number: i64, title: &str, task_type: &str, rule: &str) -> SeenTitle {
    SeenTitle { by_person: false, rule: Some(rule.to_owned()), ..by_person(number, title, task_type) }
}

fn in_triage(number: i64, title: &str) -> SeenTitle {
    SeenTitle { by_person: false, ..by_person(number, title, "triage") }
}

/// Titles that people gave this type, numbered from 1.
fn given(task_type: &str, titles: &[&str]) -> Vec<SeenTitle> {
    (1..).zip(titles).map(|(number, title)| by_person(number, title, task_type)).collect()
}

fn proposed(titles: &[SeenTitle], declined: &[RuleKey]) -> Vec<Proposal> {
    let repository: RepositoryName = "octo/station".parse().unwrap();
    propose(&History { repository: &repository, policy: &policy(RULES), titles, declined })
}

fn patterns(proposals: &[Proposal]) -> Vec<&str> {
    proposals.iter().map(|proposal| proposal.title.as_str()).collect()
}
