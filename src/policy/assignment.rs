//! How a task is given to one of the workers of its role.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::fault::Complaint;
use super::reader::Section;
use super::rule::check_known_role;
use crate::model::{IdError, RoleName};

/// How one of several workers is chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Whoever has the most room.
    #[default]
    LeastLoaded,
    /// Whoever waited longest since the last task.
    RoundRobin,
    /// Nobody: people assign.
    Manual,
}

impl Strategy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::LeastLoaded, Self::RoundRobin, Self::Manual];

    /// The word in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LeastLoaded => "least_loaded",
            Self::RoundRobin => "round_robin",
            Self::Manual => "manual",
        }
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for Strategy {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::ALL
            .into_iter()
            .find(|strategy| strategy.as_str() == text)
            .ok_or_else(|| IdError { text: text.to_owned(), expected: "one of least_loaded, round_robin, manual" })
    }
}

/// What `[assignment]` says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssignmentSettings {
    /// For every role that is not named.
    pub strategy: Option<Strategy>,
    /// For single roles.
    pub roles: BTreeMap<RoleName, Strategy>,
}

impl AssignmentSettings {
    /// What these settings say of a role, if anything.
    #[must_use]
    pub fn of(&self, role: &RoleName) -> Option<Strategy> {
        self.roles.get(role).copied().or(self.strategy)
    }
}

/// Reads the table `[assignment]`; `roles` are those that exist, where that is known.
pub(super) fn read_assignment(top: &mut Section<'_>, roles: Option<&BTreeSet<RoleName>>) -> AssignmentSettings {
    let Some(mut section) = top.table("assignment") else { return AssignmentSettings::default() };
    let strategy = section.text("strategy").and_then(|text| read_strategy(&section, &text));
    let mut settings = AssignmentSettings { strategy, roles: BTreeMap::new() };
    if let Some(table) = section.table("roles") {
        for (role, text) in table.entries() {
            if let Some(roles) = roles {
                check_known_role(section.document, &role, roles);
            }
            if let Some(strategy) = text.and_then(|text| read_strategy(&section, &text)) {
                settings.roles.insert(RoleName::new(role.into_inner()), strategy);
            }
        }
    }
    section.finish();
    settings
}

fn read_strategy(section: &Section<'_>, text: &Spanned<&str>) -> Option<Strategy> {
    let strategy = text.get_ref().parse().ok();
    if strategy.is_none() {
        let message = format!("{:?} is not a way to assign", text.get_ref());
        let expected = "\"least_loaded\", \"round_robin\" or \"manual\"";
        section.document.fault(text.span(), Complaint::new(message, expected, format!("write {expected}")));
    }
    strategy
}
