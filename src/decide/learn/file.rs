//! Proposed rules as the policy file has them: added at its end, everything before untouched.

use std::fmt::Write as _;

use toml_edit::{DocumentMut, Item, value};

use super::propose::Proposal;

/// The rule as it is written in a file of rules.
#[must_use]
pub fn rule_toml(proposal: &Proposal) -> String {
    let text = |text: &str| value(text).to_string().trim().to_owned();
    let mut toml = format!(
        "[[rule]]\nname = {}\ntitle = '{}'\ntype = {}\n",
        text(&proposal.name),
        proposal.title,
        text(proposal.task_type.as_str())
    );
    // Writing to a text cannot fail.
    if let Some(role) = &proposal.role {
        let _ = writeln!(toml, "role = {}", text(role.as_str()));
    }
    let _ = write!(toml, "priority = {}\nurgency = {}\n", proposal.priority, text(proposal.urgency.as_str()));
    toml
}

/// The file with these rules at its end.
///
/// # Errors
/// A sentence, where the file is no TOML, or writes its rules in a way that nothing can be added to.
pub fn with_rules(text: &str, proposals: &[Proposal]) -> Result<String, String> {
    let document: DocumentMut = text.parse().map_err(|_| "the file is not TOML".to_owned())?;
    match document.get("rule") {
        None | Some(Item::ArrayOfTables(_)) => {}
        Some(_) => {
            return Err(
                "it writes its rules as a list in brackets, to which nothing can be added without rewriting it; \
                        write them as [[rule]] tables"
                    .to_owned(),
            );
        }
    }
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut whole = text.trim_end().to_owned();
    for proposal in proposals {
        if !whole.is_empty() {
            whole.push_str(newline);
            whole.push_str(newline);
        }
        let comment = format!("# Learned: {}.\n", proposal.reason());
        whole.push_str((comment + &rule_toml(proposal)).replace('\n', newline).trim_end());
    }
    whole.push_str(newline);
    Ok(whole)
}
