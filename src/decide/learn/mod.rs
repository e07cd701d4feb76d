//! What history teaches: rules for titles that people gave a type by hand, how long a merge takes, which answer is late.

mod file;
mod merge_time;
mod propose;
mod pull;
mod sla_risk;
mod span;
mod turn;
mod words;

pub use file::{rule_toml, with_rules};
pub use merge_time::{MergeTime, PullSize, merge_time};
pub use propose::{History, Proposal, Told, propose};
pub use sla_risk::{RiskLevel, SlaRisk, running_clock, sla_risk};
pub use span::roughly;
pub use turn::{RulesDecision, RulesScene, decide, may_ask};
