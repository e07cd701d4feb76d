//! How an environment stands, as pages show it: what runs there, what is on its way, and what that waits for.

use super::href::encoded;
use super::when::When;
use crate::decide::environment::{ended, progress, sentence, who};
use crate::decide::tracking::open_question;
use crate::model::{
    Blocker, DeployKind, EnvironmentName, EnvironmentRecord, RepositoryName, Running, Sha, Timestamp, Version, Wanted,
};
use crate::policy::EnvironmentSettings;
use crate::store::LastDecision;

/// All that is known of an environment.
pub(super) struct Known<'a> {
    pub(super) repository: &'a RepositoryName,
    pub(super) name: &'a EnvironmentName,
    pub(super) record: &'a EnvironmentRecord,
    /// What the policy says of it; `None` where it does not name it, or is not known now.
    pub(super) settings: Option<&'a EnvironmentSettings>,
    pub(super) last: Option<&'a LastDecision>,
}

/// How an environment stands.
pub(super) struct Standing {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) is_production: bool,
    /// Where it runs, for people.
    pub(super) address: Option<String>,
    pub(super) after: Option<String>,
    pub(super) running: Option<Runs>,
    pub(super) under_way: Option<UnderWay>,
    pub(super) waits: Option<Waits>,
    pub(super) freezes: Vec<Freeze>,
    pub(super) held: Vec<HeldBack>,
    pub(super) last_end: Option<String>,
    pub(super) last_refusal: Option<String>,
}

/// A version that people can read on GitHub.
pub(super) struct VersionShown {
    pub(super) tag: String,
    pub(super) url: Option<String>,
    pub(super) commit: String,
}

/// What runs there.
pub(super) struct Runs {
    pub(super) version: VersionShown,
    pub(super) since: When,
    pub(super) word: &'static str,
    pub(super) tone: &'static str,
}

/// A deployment under way.
pub(super) struct UnderWay {
    pub(super) version: VersionShown,
    /// The version that is left by it, where it is a way back.
    pub(super) leaves: Option<String>,
    pub(super) since: When,
    pub(super) progress: String,
}

/// A version that is to be deployed next.
pub(super) struct Waits {
    pub(super) version: VersionShown,
    pub(super) since: When,
    /// Who asked for it; `None` where the policy did.
    pub(super) by: Option<String>,
    pub(super) reasons: Vec<String>,
    /// Who approves it, where it waits for that.
    pub(super) approvers: Option<String>,
    pub(super) approved_by: Option<String>,
}

/// A freeze in force.
pub(super) struct Freeze {
    pub(super) until: Option<When>,
    pub(super) why: String,
    /// Who asked for it; `None` for the policy's own.
    pub(super) by: Option<String>,
}

/// A version that is not deployed there again by itself.
pub(super) struct HeldBack {
    pub(super) tag: String,
    pub(super) why: String,
    pub(super) since: When,
}

impl Standing {
    pub(super) fn new(known: &Known<'_>, now: Timestamp) -> Self {
        let Known { repository, name, record, settings, .. } = *known;
        let held = record.held.iter().map(|held| HeldBack {
            tag: held.tag.to_string(),
            why: ended(&held.why),
            since: When::new(held.at, now),
        });
        Self {
            href: href(repository, name),
            name: name.to_string(),
            is_production: settings.is_some_and(|settings| settings.production),
            address: settings.and_then(|settings| web(settings.url.as_deref()?)),
            after: settings.and_then(|settings| settings.after.as_ref().map(ToString::to_string)),
            running: record.running.as_ref().map(|running| runs(record, running, now)),
            under_way: record.current.as_ref().map(|deploy| UnderWay {
                version: VersionShown::new(&deploy.version),
                leaves: match &deploy.kind {
                    DeployKind::Deploy => None,
                    DeployKind::Rollback { from, .. } => Some(from.tag.to_string()),
                },
                since: When::new(deploy.began, now),
                progress: sentence(&progress(deploy)),
            }),
            waits: record.wanted.as_ref().map(|wanted| waits(known, wanted, now)),
            freezes: freezes(known, now),
            held: held.collect(),
            last_end: record.last_end.clone(),
            last_refusal: record.last_refusal.clone(),
        }
    }
}

impl VersionShown {
    pub(super) fn new(version: &Version) -> Self {
        Self { tag: version.tag.to_string(), url: web(&version.url), commit: short(&version.sha) }
    }
}

fn runs(record: &EnvironmentRecord, running: &Running, now: Timestamp) -> Runs {
    let is_held = record.held.iter().any(|held| held.sha == running.version.sha);
    let (word, tone) = match (is_held, running.verified) {
        (true, _) => ("held back", "bad"),
        (false, true) => ("verified", "ok"),
        (false, false) => ("not verified", "waits"),
    };
    Runs { version: VersionShown::new(&running.version), since: When::new(running.since, now), word, tone }
}

fn waits(known: &Known<'_>, wanted: &Wanted, now: Timestamp) -> Waits {
    let against = known.last.iter().flat_map(|last| &last.explanation.blockers);
    let of_request = |blocker: &Blocker| matches!(blocker, Blocker::Deploy { reason } if reason.is_of_a_request());
    let mut reasons: Vec<String> =
        against.filter(|blocker| !of_request(blocker)).map(|blocker| sentence(&blocker.to_string())).collect();
    if reasons.is_empty() {
        reasons.push("It waits for its turn.".to_owned());
    }
    let approval = known.record.approval.as_ref().filter(|asked| asked.sha == wanted.version.sha);
    let is_open = open_question(known.record, now).is_some();
    Waits {
        version: VersionShown::new(&wanted.version),
        since: When::new(wanted.since, now),
        by: wanted.by.as_ref().map(who),
        reasons,
        approvers: known.settings.filter(|_| is_open).map(approvers),
        approved_by: approval.and_then(|asked| asked.by.as_ref()).map(who),
    }
}

/// Who may approve, in a sentence.
fn approvers(settings: &EnvironmentSettings) -> String {
    let names: Vec<String> = settings.approvers.iter().map(|login| format!("@{login}")).collect();
    match names.as_slice() {
        [] => "Whoever has write permission and no work in it approves it.".to_owned(),
        names => format!("{} approves it, unless their own work is in it.", names.join(" or ")),
    }
}

/// The policy's freezes that are in force, and those that people asked for.
fn freezes(known: &Known<'_>, now: Timestamp) -> Vec<Freeze> {
    let by_policy = known.settings.into_iter().flat_map(|settings| &settings.freezes);
    let by_policy = by_policy.filter_map(|freeze| Some((freeze.ends(now)?, freeze.why.clone(), None)));
    let by_people = known.record.freezes.iter().filter(|freeze| freeze.until.is_none_or(|until| now < until));
    let by_people = by_people.map(|freeze| (freeze.until, freeze.why.clone(), Some(who(&freeze.by))));
    let shown = |(until, why, by): (Option<Timestamp>, String, Option<String>)| Freeze {
        until: until.map(|until| When::new(until, now)),
        why: ended(&why),
        by,
    };
    by_policy.chain(by_people).map(shown).collect()
}

/// Where the page of an environment is; its name may hold slashes.
pub(super) fn href(repository: &RepositoryName, name: &EnvironmentName) -> String {
    format!("/releases/{repository}/{}", encoded(name.as_str()))
}

/// The first digits of a commit.
pub(super) fn short(sha: &Sha) -> String {
    sha.short().to_owned()
}

/// An address that a link of ours may lead to.
pub(super) fn web(url: &str) -> Option<String> {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    is_web.then(|| url.to_owned())
}
