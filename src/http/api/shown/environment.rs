//! Releases, environments and deployments as they are shown outside: by the API, and by the command line as JSON.

use std::fmt;

use serde::Serialize;

use crate::model::{
    Authority, DeployEnd, DeployKind, DeploymentRow, EnvironmentName, EnvironmentRecord, Login, Number, Released, Sha,
    TagName, Timestamp, Version,
};
use crate::policy::EnvironmentSettings;
use crate::store::LastDecision;

/// A release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReleaseShown {
    tag: TagName,
    commit: Sha,
    url: String,
    prerelease: bool,
    released: String,
    authors: Vec<Login>,
    pulls: Vec<Number>,
    issue: Option<Number>,
}

impl From<Released> for ReleaseShown {
    fn from(released: Released) -> Self {
        let Released { version, pulls, at } = released;
        let Version { tag, sha, url, authors, issue, prerelease } = version;
        Self { tag, commit: sha, url, prerelease, released: at.to_rfc3339(), authors, pulls, issue }
    }
}

impl fmt::Display for ReleaseShown {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({}, {})", self.tag, self.commit.short(), self.released)
    }
}

/// A deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeploymentShown {
    /// Where to.
    pub environment: EnvironmentName,
    /// What.
    pub tag: TagName,
    /// Its commit.
    pub commit: Sha,
    /// How it ended; `None` while it is under way.
    pub outcome: Option<DeployEnd>,
    /// When it began, in RFC 3339.
    pub began: String,
    /// When it ended, in RFC 3339.
    pub ended: Option<String>,
    /// How, or how far, in one sentence.
    pub note: String,
    /// It was a way back: from which version.
    pub rollback_from: Option<TagName>,
    /// Errors of the target on the way.
    pub errors: u32,
}

impl From<(EnvironmentName, DeploymentRow)> for DeploymentShown {
    fn from((environment, row): (EnvironmentName, DeploymentRow)) -> Self {
        Self {
            environment,
            tag: row.tag,
            commit: row.sha,
            outcome: row.end,
            began: row.began.to_rfc3339(),
            ended: row.ended.map(Timestamp::to_rfc3339),
            note: row.note,
            rollback_from: row.rollback_from,
            errors: row.errors,
        }
    }
}

/// What runs in an environment, and what is to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EnvironmentShown {
    name: EnvironmentName,
    /// What runs there.
    pub running: Option<VersionShown>,
    /// What is being deployed.
    pub deploying: Option<DeployShown>,
    /// What is to be deployed next.
    pub wanted: Option<VersionShown>,
    approval: Option<ApprovalShown>,
    freezes: Vec<FreezeShown>,
    held: Vec<HeldShown>,
    verified: Vec<TagName>,
    last_end: Option<String>,
    last_refusal: Option<String>,
    summary: Option<String>,
    blockers: Vec<String>,
}

/// A version and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VersionShown {
    /// Its tag.
    pub tag: TagName,
    /// Its commit.
    pub commit: Sha,
    /// Since when it runs, or is wanted, in RFC 3339.
    pub since: String,
    /// Whether it was found healthy there; `None` for what does not run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified: Option<bool>,
}

/// A deployment under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeployShown {
    /// Its tag.
    pub tag: TagName,
    commit: Sha,
    number: i64,
    began: String,
    attempt: u32,
    rollback_from: Option<TagName>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct ApprovalShown {
    tag: TagName,
    commit: Sha,
    expires: String,
    approved_by: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct FreezeShown {
    until: Option<String>,
    why: String,
    by: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct HeldShown {
    tag: TagName,
    commit: Sha,
    why: String,
    since: String,
}

/// What the policy says of an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SettingsShown {
    auto: bool,
    production: bool,
    requires_approval: bool,
    after: Option<EnvironmentName>,
    url: Option<String>,
}

impl From<&EnvironmentSettings> for SettingsShown {
    fn from(settings: &EnvironmentSettings) -> Self {
        Self {
            auto: settings.auto,
            production: settings.production,
            requires_approval: settings.requires_approval,
            after: settings.after.clone(),
            url: settings.url.clone(),
        }
    }
}

impl EnvironmentShown {
    /// An environment with what was last decided about it.
    #[must_use]
    pub fn new(name: EnvironmentName, record: EnvironmentRecord, last: Option<LastDecision>) -> Self {
        let running = record.running.map(|running| VersionShown {
            verified: Some(running.verified),
            ..version(running.version, running.since)
        });
        let deploying = record.current.map(|deploy| DeployShown {
            rollback_from: match deploy.kind {
                DeployKind::Rollback { from, .. } => Some(from.tag),
                DeployKind::Deploy => None,
            },
            tag: deploy.version.tag,
            commit: deploy.version.sha,
            number: deploy.number,
            began: deploy.began.to_rfc3339(),
            attempt: deploy.attempt,
        });
        let approval = record.approval.map(|asked| ApprovalShown {
            tag: asked.tag,
            commit: asked.sha,
            expires: asked.expires.to_rfc3339(),
            approved_by: asked.by.as_ref().map(who),
        });
        let freezes = record.freezes.into_iter().map(|freeze| FreezeShown {
            until: freeze.until.map(Timestamp::to_rfc3339),
            by: who(&freeze.by),
            why: freeze.why,
        });
        let held = record.held.into_iter().map(|held| HeldShown {
            tag: held.tag,
            commit: held.sha,
            why: held.why,
            since: held.at.to_rfc3339(),
        });
        let blockers = last.iter().flat_map(|last| &last.explanation.blockers).map(ToString::to_string).collect();
        Self {
            name,
            running,
            deploying,
            wanted: record.wanted.map(|wanted| version(wanted.version, wanted.since)),
            approval,
            freezes: freezes.collect(),
            held: held.collect(),
            verified: record.verified.into_iter().map(|version| version.tag).collect(),
            last_end: record.last_end,
            last_refusal: record.last_refusal,
            summary: last.map(|last| last.summary),
            blockers,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &EnvironmentName {
        &self.name
    }

    /// What was last decided about it, in one sentence.
    #[must_use]
    pub fn summary(&self) -> Option<&str> {
        self.summary.as_deref()
    }
}

fn version(version: Version, since: Timestamp) -> VersionShown {
    VersionShown { tag: version.tag, commit: version.sha, since: since.to_rfc3339(), verified: None }
}

fn who(authority: &Authority) -> String {
    match authority {
        Authority::Person { login, .. } => login.to_string(),
        Authority::Operator { name } => name.clone(),
    }
}
