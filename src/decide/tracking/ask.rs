//! What somebody asks of an environment, in their words, made into an ask that names an environment and a version that exist.

use std::collections::BTreeMap;

use super::refusal::AskRefusal;
use super::until::until;
use super::version;
use crate::model::{
    ApprovalAsked, EnvironmentAsk, EnvironmentName, EnvironmentRecord, Released, TagName, Timestamp, Version,
};
use crate::policy::EnvironmentSettings;

/// What there is to ask of.
#[derive(Debug, Clone, Copy)]
pub struct AskContext<'a> {
    /// Every `[[environment]]`.
    pub environments: &'a [EnvironmentSettings],
    /// What the database knows of each.
    pub records: &'a BTreeMap<EnvironmentName, EnvironmentRecord>,
    /// Releases, newest first.
    pub releases: &'a [Released],
    /// The present, from which `2h` is counted.
    pub now: Timestamp,
}

/// What somebody asks, as they wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AskWords {
    /// Deploy a version.
    Deploy {
        /// Where.
        env: String,
        /// Which: a tag with or without its prefix, or at least seven digits of a commit; `None` for the newest.
        version: Option<String>,
        /// Why a freeze or a hold does not count for it; `None` when they do.
        overrides: Option<String>,
    },
    /// Go back to the version that was verified before.
    Rollback {
        /// Where.
        env: String,
        /// Why; it may be empty.
        why: String,
    },
    /// Deploy nothing for a while.
    Freeze {
        /// Where.
        env: String,
        /// Until when: `2h`, `3d`, `2026-12-24`, `2026-12-24T18:00`, `forever`; in UTC.
        until: String,
        /// Why.
        why: String,
    },
    /// End the freezes that people asked for.
    Unfreeze {
        /// Where.
        env: String,
    },
    /// Let what waits for approval pass.
    Approve {
        /// Where; `None` for the one environment that waits.
        env: Option<String>,
        /// Which version is meant; `None` for the one that waits.
        version: Option<String>,
    },
    /// Do not let what waits for approval pass.
    Reject {
        /// Where; `None` for the one environment that waits.
        env: Option<String>,
        /// Why.
        why: String,
    },
}

/// Finds out what is asked of which environment. Whether whoever asks may do so is not looked at.
///
/// # Errors
/// [`AskRefusal`], whose sentence lists what would work.
pub fn ask(words: &AskWords, context: &AskContext<'_>) -> Result<(EnvironmentName, EnvironmentAsk), AskRefusal> {
    match words {
        AskWords::Deploy { env, version, overrides } => {
            let settings = environment(env, context)?;
            let version = match version {
                Some(asked) => version::meant(asked, context.releases)?.version.clone(),
                None => newest(settings, context)?,
            };
            if version.prerelease && !settings.prereleases {
                return Err(AskRefusal::Prerelease { tag: version.tag, environment: settings.name.clone() });
            }
            let example = format!("/deploy {} {} --override \"why\"", settings.name, version.tag);
            let overrides = overrides.as_deref().map(|why| required(why, example)).transpose()?;
            Ok((settings.name.clone(), EnvironmentAsk::Deploy { version, overrides }))
        }
        AskWords::Rollback { env, why } => {
            let settings = environment(env, context)?;
            let why = match why.trim() {
                "" => "no reason was given",
                why => why,
            };
            Ok((settings.name.clone(), EnvironmentAsk::Rollback { why: why.to_owned() }))
        }
        AskWords::Freeze { env, until: end, why } => {
            let settings = environment(env, context)?;
            let until = until(end, context.now)?;
            let why = required(why, format!("/freeze {} {} the fair", settings.name, end.trim()))?;
            Ok((settings.name.clone(), EnvironmentAsk::Freeze { until, why }))
        }
        AskWords::Unfreeze { env } => {
            let settings = environment(env, context)?;
            let frozen = context.records.get(&settings.name).is_some_and(|record| {
                record.freezes.iter().any(|freeze| freeze.until.is_none_or(|until| context.now < until))
            });
            if !frozen {
                return Err(AskRefusal::NotFrozen { environment: settings.name.clone() });
            }
            Ok((settings.name.clone(), EnvironmentAsk::Unfreeze))
        }
        AskWords::Approve { env, version } => {
            let meant = version.as_deref().map(|asked| version::meant(asked, context.releases)).transpose()?;
            let (name, tag) = waiting(env.as_deref(), meant.map(|release| &release.version.tag), context)?;
            Ok((name, EnvironmentAsk::Approve { tag: Some(tag) }))
        }
        AskWords::Reject { env, why } => {
            let (name, _) = waiting(env.as_deref(), None, context)?;
            let why = required(why, format!("/reject {name} it is not tested on the old database"))?;
            Ok((name, EnvironmentAsk::Reject { why }))
        }
    }
}

/// The environment of this name, in whatever case it is written.
pub(super) fn environment<'a>(asked: &str, context: &AskContext<'a>) -> Result<&'a EnvironmentSettings, AskRefusal> {
    let asked = asked.trim();
    context.environments.iter().find(|one| one.name.as_str().eq_ignore_ascii_case(asked)).ok_or_else(|| {
        let known = context.environments.iter().map(|one| one.name.clone()).collect();
        AskRefusal::NoSuchEnvironment { asked: asked.to_owned(), known }
    })
}

fn required(why: &str, example: String) -> Result<String, AskRefusal> {
    match why.trim() {
        "" => Err(AskRefusal::WhyMissing { example }),
        why => Ok(why.to_owned()),
    }
}

/// The newest version that was verified in the environment before this one, else the newest of all.
fn newest(settings: &EnvironmentSettings, context: &AskContext<'_>) -> Result<Version, AskRefusal> {
    let fits = |release: &&Released| settings.prereleases || !release.version.prerelease;
    let before = settings.after.as_ref().and_then(|before| context.records.get(before));
    let verified = |release: &&Released| {
        before.is_some_and(|record| record.verified.iter().any(|version| version.sha == release.version.sha))
    };
    let releases = || context.releases.iter().filter(fits);
    let newest = releases().find(verified).or_else(|| releases().next());
    newest
        .map(|release| release.version.clone())
        .ok_or_else(|| AskRefusal::NothingReleased { environment: settings.name.clone() })
}

/// Where what waits for approval, narrowed down to what is meant.
fn waiting(
    env: Option<&str>,
    meant: Option<&TagName>,
    context: &AskContext<'_>,
) -> Result<(EnvironmentName, TagName), AskRefusal> {
    let named = env.map(|asked| environment(asked, context)).transpose()?;
    let waiting: Vec<(EnvironmentName, TagName)> = context
        .environments
        .iter()
        .filter(|one| named.is_none_or(|named| named.name == one.name))
        .filter_map(|one| {
            let asked = open_question(context.records.get(&one.name)?, context.now)?;
            Some((one.name.clone(), asked.tag.clone()))
        })
        .collect();
    let fitting: Vec<&(EnvironmentName, TagName)> =
        waiting.iter().filter(|(_, tag)| meant.is_none_or(|meant| meant == tag)).collect();
    match (fitting.as_slice(), meant) {
        ([one], _) => Ok((*one).clone()),
        ([_, ..], _) => Err(AskRefusal::SeveralWait { waiting: fitting.into_iter().cloned().collect() }),
        ([], Some(meant)) if !waiting.is_empty() => Err(AskRefusal::OthersWait { asked: meant.clone(), waiting }),
        ([], _) => Err(AskRefusal::NothingWaits { environment: named.map(|named| named.name.clone()) }),
    }
}

/// The question for approval that nobody has answered yet.
#[must_use]
pub fn open_question(record: &EnvironmentRecord, now: Timestamp) -> Option<&ApprovalAsked> {
    record.approval.as_ref().filter(|asked| asked.by.is_none() && now < asked.expires)
}
