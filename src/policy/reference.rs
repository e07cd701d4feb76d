//! Every key of a repository's `.github/stationmaster.toml`, with what holds where it is not written.

mod merging;
mod releasing;
mod tasks;

use std::fmt::Write as _;

/// A key of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyKey {
    /// Its name.
    pub name: &'static str,
    /// What stands there.
    pub kind: &'static str,
    /// What holds where it is not written; `needed` where it must be.
    pub default: &'static str,
    /// What it means.
    pub says: &'static str,
}

/// A table of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyTable {
    /// As it is written, such as `[merge]` or `[[rule]]`.
    pub name: &'static str,
    /// What it is for.
    pub says: &'static str,
    /// Its keys, in the order in which they are explained; empty where keys are names of people's own.
    pub keys: &'static [PolicyKey],
}

const fn key(name: &'static str, kind: &'static str, default: &'static str, says: &'static str) -> PolicyKey {
    PolicyKey { name, kind, default, says }
}

/// Every table, with those that belong to another below it.
#[must_use]
pub fn policy_tables() -> Vec<PolicyTable> {
    [tasks::TABLES, merging::TABLES, releasing::TABLES].concat()
}

/// All of it in Markdown, as the reference shows it.
#[must_use]
pub fn policy_markdown() -> String {
    let mut text = String::new();
    for table in policy_tables() {
        // Writing to a text cannot fail.
        let _ = write!(text, "## `{}`\n\n{}\n\n", table.name, table.says);
        if table.keys.is_empty() {
            continue;
        }
        text.push_str("| key | what stands there | default | what it means |\n| --- | --- | --- | --- |\n");
        for PolicyKey { name, kind, default, says } in table.keys {
            let cells = [kind, default, says].map(|cell| cell.replace('|', "\\|"));
            let _ = writeln!(text, "| `{name}` | {} |", cells.join(" | "));
        }
        text.push('\n');
    }
    text.trim_end().to_owned() + "\n"
}
