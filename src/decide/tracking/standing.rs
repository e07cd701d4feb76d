//! How far a version has come in an environment.

use std::fmt;

use super::TrackingSeen;
use super::ask::open_question;
use crate::decide::quote::{cell, code, moment};
use crate::model::{
    Authority, Blocker, Deploy, DeployBlocker, DeployEnd, DeployKind, DeployState, DeploymentRow, EnvironmentName,
    EnvironmentRecord, Running, Timestamp, TrackingSnapshot, Version,
};
use crate::policy::EnvironmentSettings;

/// How far a version has come in an environment.
#[derive(Debug)]
pub(super) enum Standing<'a> {
    /// It is being deployed.
    Underway(&'a Deploy),
    /// It runs there.
    Runs {
        verified: bool,
        since: Timestamp,
        /// The tag that it was deployed under, where that is another one at the same commit.
        named: Option<&'a Version>,
    },
    /// It was found sick there, or was left by hand.
    Held(&'a str),
    /// Somebody has to approve it.
    WaitsForApproval { expires: Timestamp },
    /// It is to be deployed next.
    Waits(Vec<String>),
    /// It was verified there, and another version runs by now.
    Was,
    /// Its deployment ended otherwise.
    Ended(DeployEnd, &'a str),
    /// It is not deployed there: pre-releases are not.
    NotForPrereleases,
    /// It comes once it is verified elsewhere.
    After(&'a EnvironmentName),
    /// It is deployed when somebody says so.
    OnRequest(&'a EnvironmentName),
    /// Nobody approved it in time.
    Expired(&'a EnvironmentName),
    /// It was not approved, and nobody is asked again by itself; with the rejection, as long as that is known.
    Lapsed(&'a EnvironmentName, Option<&'a str>),
    /// Nothing of it is known there yet.
    NotYet,
}

/// How far the version of the issue has come in this environment.
pub(super) fn standing<'a>(seen: &TrackingSeen<'a>, settings: &'a EnvironmentSettings, now: Timestamp) -> Standing<'a> {
    let (snapshot, name) = (seen.snapshot, &settings.name);
    let version = &snapshot.release.version;
    let Some(record) = snapshot.environments.get(name) else { return apart(seen, settings) };
    if let Some(deploy) = record.current.as_ref().filter(|deploy| deploy.version.sha == version.sha) {
        return Standing::Underway(deploy);
    }
    let running = record.running.as_ref().filter(|running| running.version.sha == version.sha);
    if let Some(running) = running.filter(|running| running.verified) {
        return runs(running, version);
    }
    if record.wanted.as_ref().is_some_and(|wanted| wanted.version.sha == version.sha) {
        return match open_question(record, now).filter(|asked| asked.sha == version.sha) {
            Some(asked) => Standing::WaitsForApproval { expires: asked.expires },
            None => {
                Standing::Waits(blockers(snapshot, name).iter().map(|blocker| cell(&blocker.to_string())).collect())
            }
        };
    }
    if let Some(held) = record.held.iter().find(|held| held.sha == version.sha) {
        return Standing::Held(&held.why);
    }
    if let Some(running) = running {
        return runs(running, version);
    }
    if is_verified(record, version) {
        return Standing::Was;
    }
    if has_expired(snapshot, name, now) {
        return Standing::Expired(name);
    }
    if record.lapsed.contains(&version.tag) {
        let rejection = format!(" rejects {}:", version.tag);
        return Standing::Lapsed(name, record.last_end.as_deref().filter(|end| end.contains(&rejection)));
    }
    match newest_row(snapshot, name) {
        Some(DeploymentRow { end: Some(end), note, .. }) => Standing::Ended(*end, note),
        Some(_) | None => apart(seen, settings),
    }
}

/// Whether the question for the version of the issue was taken back because nobody answered it.
fn has_expired(snapshot: &TrackingSnapshot, name: &EnvironmentName, now: Timestamp) -> bool {
    let version = &snapshot.release.version;
    let asked = snapshot.environments.get(name).and_then(|record| record.approval.as_ref());
    let unanswered = asked.is_some_and(|asked| asked.sha == version.sha && asked.by.is_none() && asked.expires <= now);
    let said = |blocker: &Blocker| {
        let expired = DeployBlocker::ApprovalExpired { tag: version.tag.clone() };
        *blocker == Blocker::Deploy { reason: expired }
    };
    unanswered || snapshot.explanations.get(name).is_some_and(|explanation| explanation.blockers.iter().any(said))
}

fn runs<'a>(running: &'a Running, version: &Version) -> Standing<'a> {
    let named = (running.version.tag != version.tag).then_some(&running.version);
    Standing::Runs { verified: running.verified, since: running.since, named }
}

fn apart<'a>(seen: &TrackingSeen<'a>, settings: &'a EnvironmentSettings) -> Standing<'a> {
    let version = &seen.snapshot.release.version;
    if version.prerelease && !settings.prereleases {
        return Standing::NotForPrereleases;
    }
    if !settings.auto {
        return Standing::OnRequest(&settings.name);
    }
    match &settings.after {
        Some(before) if !seen.snapshot.environments.get(before).is_some_and(|one| is_verified(one, version)) => {
            Standing::After(before)
        }
        Some(_) | None => Standing::NotYet,
    }
}

/// Whether a version was verified there; a tag more or less at the same commit makes no difference.
pub(super) fn is_verified(record: &EnvironmentRecord, version: &Version) -> bool {
    let runs = record.running.as_ref().filter(|running| running.verified).map(|running| &running.version);
    record.verified.iter().chain(runs).any(|verified| verified.sha == version.sha)
}

/// What keeps the version of the issue from an environment, by the last decision about that environment; nothing
/// where that decision was about another version.
pub(super) fn blockers<'a>(snapshot: &'a TrackingSnapshot, name: &EnvironmentName) -> Vec<&'a Blocker> {
    let version = &snapshot.release.version;
    let wanted = snapshot.environments.get(name).and_then(|record| record.wanted.as_ref());
    if wanted.is_none_or(|wanted| wanted.version.sha != version.sha) {
        return Vec::new();
    }
    let all = snapshot.explanations.get(name).map(|explanation| explanation.blockers.as_slice()).unwrap_or_default();
    all.iter().filter(|blocker| !is_of_a_request(blocker)).collect()
}

/// What was said of something that somebody asked for: the environment's last refusal tells of it.
const fn is_of_a_request(blocker: &Blocker) -> bool {
    matches!(blocker, Blocker::Deploy { reason } if reason.is_of_a_request())
}

/// The newest deployment of the version of the issue there.
pub(super) fn newest_row<'a>(snapshot: &'a TrackingSnapshot, name: &EnvironmentName) -> Option<&'a DeploymentRow> {
    let rows = snapshot.rows.iter().filter(|(environment, _)| environment == name).map(|(_, row)| row);
    rows.max_by_key(|row| row.number)
}

/// Who approved the version of the issue for this environment, where somebody did.
pub(super) fn approved_by(snapshot: &TrackingSnapshot, name: &EnvironmentName) -> Option<String> {
    let sha = &snapshot.release.version.sha;
    let record = snapshot.environments.get(name);
    let current = record.and_then(|record| record.current.as_ref()).filter(|deploy| deploy.version.sha == *sha);
    let asked = record.and_then(|record| record.approval.as_ref()).filter(|asked| asked.sha == *sha);
    let by =
        current.and_then(|deploy| deploy.approved_by.as_ref()).or_else(|| asked.and_then(|asked| asked.by.as_ref()));
    by.map(who).or_else(|| newest_row(snapshot, name)?.approved_by.as_deref().map(cell))
}

/// Who somebody is, for a card.
pub(super) fn who(authority: &Authority) -> String {
    match authority {
        Authority::Person { login, .. } => cell(login.as_str()),
        Authority::Operator { name } => format!("{} (operator)", cell(name)),
    }
}

impl fmt::Display for Standing<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Underway(deploy) => underway(out, deploy),
            Self::Runs { verified, since, named } => {
                let word = if *verified { "verified" } else { "runs, not verified" };
                write!(out, "{word} since {}", moment(*since))?;
                named.map_or(Ok(()), |version| write!(out, ", as {}", cell(version.tag.as_str())))
            }
            Self::Held(why) => write!(out, "held back: {}", cell(why)),
            Self::WaitsForApproval { expires } => write!(out, "waits for approval until {}", moment(*expires)),
            Self::Waits(reasons) if reasons.is_empty() => write!(out, "waits for its turn"),
            Self::Waits(reasons) => write!(out, "waits: {}", reasons.join("; ")),
            Self::Was => write!(out, "was verified; another version runs by now"),
            Self::Ended(end, note) => write!(out, "{}: {}", end.as_str(), cell(note)),
            Self::NotForPrereleases => write!(out, "not deployed: pre-releases are not"),
            Self::After(before) => write!(out, "once it is verified in {}", cell(before.as_str())),
            Self::OnRequest(name) => write!(out, "when somebody writes `/deploy {}`", code(name.as_str())),
            Self::Expired(name) => {
                write!(out, "nobody approved it in time; `/deploy {}` asks again", code(name.as_str()))
            }
            Self::Lapsed(name, why) => {
                let why = why.map(|why| format!(" ({})", cell(why.trim_end_matches('.')))).unwrap_or_default();
                write!(out, "was not approved{why}; `/deploy {}` asks again", code(name.as_str()))
            }
            Self::NotYet => write!(out, "not yet"),
        }
    }
}

fn underway(out: &mut fmt::Formatter<'_>, deploy: &Deploy) -> fmt::Result {
    if let DeployKind::Rollback { from, why } = &deploy.kind {
        write!(out, "is brought back in place of {} ({}); ", cell(from.tag.as_str()), cell(why))?;
    }
    match &deploy.state {
        DeployState::Creating | DeployState::Triggering => write!(out, "its deployment begins"),
        DeployState::Running { .. } => write!(out, "is being deployed since {}", moment(deploy.began)),
        DeployState::Retrying { at, because } => {
            write!(out, "its target could not be told ({}); tried again at {}", cell(because), moment(*at))
        }
        DeployState::Checking { .. } => write!(out, "is deployed; its health is looked at"),
        DeployState::Soaking { until, .. } => write!(out, "is healthy; watched until {}", moment(*until)),
    }
}
