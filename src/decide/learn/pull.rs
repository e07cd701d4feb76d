//! The pull request that proposes rules: its branch, commit, title and text, and the fingerprint of all of it.

use std::fmt::Write as _;

use serde_json::json;

use super::file::{rule_toml, with_rules};
use super::propose::{Proposal, Told};
use super::turn::RulesScene;
use crate::decide::card;
use crate::decide::quote::{cell, code, short_code};
use crate::model::{BranchName, PolicyHome, RULES_PULL_BRANCH, RulesPullOrder, Sha};
use crate::policy::RepositoryPolicy;

/// Where the policy stands; the same path as the server reads it from.
const POLICY_PATH: &str = ".github/stationmaster.toml";
/// So many titles of each kind are named.
const TITLES_MAX: usize = 20;
/// Longer titles are cut.
const TITLE_CHARS: usize = 120;
/// So much of a fingerprint stands in the name of a branch.
const BRANCH_DIGITS: usize = 12;

/// The pull request that proposes these rules.
///
/// # Errors
/// A sentence part, where the file cannot take them.
pub(super) fn order(scene: &RulesScene<'_>, tip: &Sha, proposals: &[Proposal]) -> Result<RulesPullOrder, String> {
    let text = match scene.home {
        PolicyHome::Own(text) => text.as_str(),
        PolicyHome::Nowhere => "",
        PolicyHome::Shared(name) => {
            return Err(format!(
                "the policy of {} is that of {name}, which holds for other repositories too, and a file of its own would \
                 take its place; add the rules to {name} by hand: `stationmaster rules learn` prints them",
                scene.repository.name
            ));
        }
    };
    let whole = with_rules(text, proposals).map_err(|why| format!("{POLICY_PATH} cannot be added to: {why}"))?;
    RepositoryPolicy::parse(&whole, POLICY_PATH)
        .map_err(|faults| format!("{POLICY_PATH} cannot be read with the rules in it: {faults}"))?;
    let title = match proposals {
        [one] => format!("Route titles such as “{}” as {}", example(one), one.task_type),
        several => format!("Add {} routing rules that history suggests", several.len()),
    };
    let body = body(scene, proposals);
    let repository = scene.repository;
    let base = repository.default_branch.clone();
    let digest = card::digest(&json!([repository.id, &base, &whole, &title, &body]).to_string());
    let pull = scene.record.pull.as_ref();
    let fresh = || {
        let digits: String = digest.chars().filter(char::is_ascii_alphanumeric).take(BRANCH_DIGITS).collect();
        BranchName::new(format!("{RULES_PULL_BRANCH}{digits}"))
    };
    Ok(RulesPullOrder {
        repository: repository.clone(),
        base,
        base_sha: tip.clone(),
        branch: pull.map_or_else(fresh, |pull| pull.branch.clone()),
        ours: pull.and_then(|pull| pull.tip.clone()),
        digest,
        title,
        body,
        file: (POLICY_PATH.to_owned(), whole),
    })
}

fn example(proposal: &Proposal) -> String {
    proposal.support.first().map(|told| short_code(&told.title, 60)).unwrap_or_default()
}

fn body(scene: &RulesScene<'_>, proposals: &[Proposal]) -> String {
    let name = &scene.repository.name;
    let mut text = format!(
        "History of {name} suggests {}. They are for titles that no rule matched, so that the issues ended in triage, until \
         people gave them a type by hand.\n\n\
         - **Nothing changes until somebody merges this.** Stationmaster does not merge it before somebody with write \
         permission has approved it, whatever the policy says of its authors.\n\
         - A rule here has a lower number than every rule in force, so it takes no title from any of them.\n\
         - Not wanted? Close this pull request, and the same rules are not proposed again. To change them, push to this \
         branch: it is then left alone.\n\
         - `[learn] rules = \"off\"` in the policy ends such proposals.\n",
        if proposals.len() == 1 { "one rule".to_owned() } else { format!("{} rules", proposals.len()) }
    );
    for proposal in proposals {
        // Writing to a text cannot fail.
        let _ = write!(
            text,
            "\n## `{}`\n\nBecause {}.\n\n```toml\n{}```\n",
            code(&proposal.name),
            proposal.reason(),
            rule_toml(proposal)
        );
        list(&mut text, "Given this type by people, and matched by no rule:", &proposal.support);
        list(&mut text, "Matched, but of another type:", &proposal.disagree);
        list(&mut text, "In triage, and would have been routed:", &proposal.waiting);
    }
    text
}

fn list(text: &mut String, says: &str, titles: &[Told]) {
    if titles.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{says}\n");
    for told in titles.iter().take(TITLES_MAX) {
        let title = short_code(&told.title, TITLE_CHARS);
        let _ = writeln!(text, "- #{} `{}` ({})", told.number, title, cell(told.task_type.as_str()));
    }
    if titles.len() > TITLES_MAX {
        let _ = writeln!(text, "- and {} more", titles.len() - TITLES_MAX);
    }
}
