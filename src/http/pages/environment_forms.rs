//! What somebody can ask of an environment on its page, and what each form of it has seen.

use super::environment::Found;
use super::session::hashed;
use crate::decide::environment::{ended, may, may_approve, not_own_work, rollback, sentence};
use crate::decide::tracking::open_question;
use crate::model::{ApprovalAsked, Authority, EnvironmentRecord, Permission, Released, Timestamp};
use crate::policy::EnvironmentSettings;

/// Forms for whoever may send one.
pub(super) struct Forms {
    /// The state of things that they have seen, by which the page knows them from older ones.
    pub(super) seen: String,
    /// The number of the newest deployment.
    pub(super) number: i64,
    pub(super) waiting: Option<Waiting>,
    pub(super) deploy: Option<Deploy>,
    /// What going back would do, or why there is none.
    pub(super) back: Result<Back, String>,
}

/// A version that waits for approval.
pub(super) struct Waiting {
    pub(super) tag: String,
    pub(super) sha: String,
    /// Why whoever looks does not approve it.
    pub(super) not_yours: Option<String>,
    pub(super) can_reject: bool,
}

/// Versions that can be deployed.
pub(super) struct Deploy {
    pub(super) tags: Vec<String>,
    pub(super) can_override: bool,
    /// Stands for the freezes that people asked for, where there are any.
    pub(super) freezes: Option<String>,
}

/// A way back.
pub(super) struct Back {
    pub(super) from: String,
    pub(super) from_sha: String,
    pub(super) to: String,
    pub(super) to_sha: String,
}

impl Forms {
    /// `None` for those who may ask nothing here.
    pub(super) fn new(
        found: &Found,
        authority: Option<Authority>,
        releases: &[Released],
        now: Timestamp,
    ) -> Option<Self> {
        let (authority, settings, record) = (authority?, found.settings()?, &found.record);
        let writes = may(&authority, Permission::Write).is_ok();
        let approves = may_approve(settings, &authority).is_ok();
        if !writes && !approves {
            return None;
        }
        let deploy = writes.then(|| Deploy {
            tags: tags(settings, releases),
            can_override: may(&authority, Permission::Maintain).is_ok(),
            freezes: freezes(record, now),
        });
        let waiting = open_question(record, now).map(|asked| waiting((settings, record), asked, &authority));
        let back = rollback(record).map_err(|why| sentence(&why.to_string())).map(|(from, to)| Back {
            from: from.tag.to_string(),
            from_sha: from.sha.to_string(),
            to: to.tag.to_string(),
            to_sha: to.sha.to_string(),
        });
        let waits = waiting.as_ref().map(|waiting| waiting.sha.as_str()).unwrap_or_default();
        let way = back.as_ref().map(|back| back.from_sha.as_str()).unwrap_or_default();
        let frozen = deploy.as_ref().and_then(|deploy| deploy.freezes.as_deref()).unwrap_or_default();
        let newest = releases.first().map(|newest| newest.version.tag.as_str()).unwrap_or_default();
        let seen = hashed(&record.last_number.to_string(), &format!("{waits} {way} {frozen} {newest}"));
        let seen = seen[..16].to_owned();
        Some(Self { seen, number: record.last_number, waiting, deploy, back })
    }
}

fn waiting(
    (settings, record): (&EnvironmentSettings, &EnvironmentRecord),
    asked: &ApprovalAsked,
    authority: &Authority,
) -> Waiting {
    let may = may_approve(settings, authority);
    let can_reject = may.is_ok();
    let own = record.wanted.as_ref().map_or(Ok(()), |wanted| not_own_work(&wanted.version, authority));
    let not_yours = may.and(own).err().map(|why| ended(&why.to_string()));
    Waiting { tag: asked.tag.to_string(), sha: asked.sha.to_string(), not_yours, can_reject }
}

fn tags(settings: &EnvironmentSettings, releases: &[Released]) -> Vec<String> {
    let fits = releases.iter().filter(|release| settings.prereleases || !release.version.prerelease);
    fits.map(|release| release.version.tag.to_string()).collect()
}

/// Stands for the freezes in force that people asked for, so that nobody ends one that they have not seen.
pub(super) fn freezes(record: &EnvironmentRecord, now: Timestamp) -> Option<String> {
    let in_force = record.freezes.iter().filter(|freeze| freeze.until.is_none_or(|until| now < until));
    let texts: Vec<String> =
        in_force.map(|freeze| format!("{:?} {:?} {}", freeze.until, freeze.by, freeze.why)).collect();
    (!texts.is_empty()).then(|| hashed("", &texts.join("\n"))[..16].to_owned())
}
