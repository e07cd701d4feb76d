//! Tracking issues: the issue on which one release is followed, and all that a decision about it may see.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    CommentId, CommentSeen, DeploymentRow, EnvironmentName, EnvironmentRecord, EnvironmentReport, Explanation, Issue,
    Login, Number, Permission, Planned, Released, Repository, Subject, TagName, Timestamp,
};

/// What the database knows of a tracking issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackingRecord {
    /// Its number.
    pub number: Number,
    /// The release that it follows.
    pub tag: TagName,
    /// The comment that is its card, once there is one.
    pub card: Option<CommentId>,
    /// SHA-256 of the card's text as last planned, in hexadecimal.
    pub card_digest: Option<String>,
    /// The lines that were commands in each comment when it was last looked at.
    pub commands_seen: BTreeMap<CommentId, Vec<String>>,
}

/// All that a decision about a tracking issue may see, apart from policy and time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackingSnapshot {
    /// Where it lives.
    pub repository: Repository,
    /// The issue on GitHub.
    pub issue: Issue,
    /// Counts the decisions on this subject, beginning with 1: names the actions of this one.
    pub decision: i64,
    /// Its comments, with the commands in them.
    pub comments: Vec<CommentSeen>,
    /// What everybody may do who wrote a new command: whoever is missing here may do nothing.
    pub permissions: BTreeMap<Login, Permission>,
    /// Our own App: its login (`name[bot]`) and id.
    pub own: (Login, i64),
    /// What the database knows of it.
    pub record: TrackingRecord,
    /// The release that it follows.
    pub release: Released,
    /// Releases, newest first.
    pub releases: Vec<Released>,
    /// What the database knows of each environment.
    pub environments: BTreeMap<EnvironmentName, EnvironmentRecord>,
    /// Deployments of this release, newest first.
    pub rows: Vec<(EnvironmentName, DeploymentRow)>,
    /// Why each environment was last decided on as it was.
    pub explanations: BTreeMap<EnvironmentName, Explanation>,
}

/// What was decided about a tracking issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackingDecision {
    /// One sentence for people.
    pub summary: String,
    /// Why.
    pub explanation: Explanation,
    /// What was done and what was refused of what people wrote, a sentence each; the explanation holds them too.
    pub told: Vec<String>,
    /// The record as it is to be stored.
    pub record: TrackingRecord,
    /// What environments are told.
    pub asks: Vec<(Subject, EnvironmentReport)>,
    /// What is to be done; the card is among it where its text is new.
    pub actions: Vec<Planned>,
    /// The text that the card has from now on, without the hidden marker.
    pub card: String,
    /// When to look again though nothing happens.
    pub look_again: Option<Timestamp>,
}
