//! Running commands one after the other: each becomes an ask of an environment, or is refused with the reason.

use std::collections::BTreeMap;

use super::TrackingSeen;
use super::ask::{AskContext, ask};
use super::table::{self, Row, Verb};
use super::words::words;
use crate::decide::comment_commands::{Answers, News, Place, Refusal, Runs, allowed, remembered};
use crate::model::{
    Authority, Command, CommentId, DeployBlocker, EnvironmentAsk, EnvironmentFreeze, EnvironmentName,
    EnvironmentRecord, EnvironmentReport, Login, Permission, Planned, Released, Subject, TagName, Timestamp, Version,
};

/// The commands of one decision.
pub(super) struct Turn<'a> {
    seen: &'a TrackingSeen<'a>,
    now: Timestamp,
    place: Place<'a>,
    /// The environments as they will be once they were told what was asked so far.
    records: BTreeMap<EnvironmentName, EnvironmentRecord>,
    releases: Vec<Released>,
    asks: Vec<(Subject, EnvironmentReport)>,
    answers: Answers,
    asked: bool,
}

/// What commands have come to.
pub(super) struct Obeyed {
    pub(super) asks: Vec<(Subject, EnvironmentReport)>,
    pub(super) actions: Vec<Planned>,
    pub(super) commands_seen: BTreeMap<CommentId, Vec<String>>,
    pub(super) told: Vec<String>,
    /// Somebody asked what the card answers.
    pub(super) asked: bool,
}

impl Runs for Turn<'_> {
    fn answers(&mut self) -> &mut Answers {
        &mut self.answers
    }

    fn run(&mut self, news: &News<'_>, command: &Command) -> Result<(), Refusal> {
        let row = table::find(&command.name).ok_or_else(|| table::unknown(&command.name))?;
        let asker = news.actor.ok_or("the account that edited this is gone, so nobody answers for it")?;
        match row.verb {
            Verb::Help => self.answers.help(asker, self.place.permission(asker)),
            Verb::Status | Verb::Why => self.asked = true,
            Verb::Approve | Verb::Reject => self.hand_on(row, asker, command)?,
            Verb::Deploy | Verb::Rollback | Verb::Freeze | Verb::Unfreeze => {
                allowed(asker, self.place.permission(asker), row.needs)?;
                self.hand_on(row, asker, command)?;
            }
        }
        Ok(())
    }
}

impl<'a> Turn<'a> {
    pub(super) fn new(seen: &'a TrackingSeen<'a>, now: Timestamp) -> Self {
        let snapshot = seen.snapshot;
        let mut releases = snapshot.releases.clone();
        if !releases.iter().any(|release| release.version.tag == snapshot.release.version.tag) {
            releases.push(snapshot.release.clone());
        }
        Self {
            seen,
            now,
            place: Place {
                repository: &snapshot.repository,
                number: snapshot.issue.number,
                subject: seen.subject(),
                decision: snapshot.decision,
                permissions: &snapshot.permissions,
                now,
            },
            records: snapshot.environments.clone(),
            releases,
            asks: Vec::new(),
            answers: Answers::default(),
            asked: false,
        }
    }

    fn hand_on(&mut self, row: &Row, asker: &Login, command: &Command) -> Result<(), Refusal> {
        if let Some(fault) = self.seen.unreadable {
            let first = fault.lines().next().unwrap_or_default();
            return Err(format!("the repository's policy cannot be read, so nothing is asked of anybody: {first}"));
        }
        let context = AskContext {
            environments: self.seen.environments,
            records: &self.records,
            releases: &self.releases,
            now: self.now,
        };
        let here = &self.seen.snapshot.release.version.tag;
        let Some(words) = words(row, command, (here, &context))? else { return Ok(()) };
        let (name, ask) = ask(&words, &context).map_err(|refusal| refusal.to_string())?;
        self.may(row, asker, (&name, &ask))?;
        let permission =
            self.place.permission(asker).ok_or_else(|| format!("what {asker} may do could not be read just now"))?;
        let authority = Authority::Person { login: asker.clone(), permission };
        self.note(&name, &ask, &authority);
        let subject = Subject::Environment(self.seen.snapshot.repository.id, name);
        self.asks.push((subject, EnvironmentReport::Asked { ask, authority, at: self.now, request: None }));
        Ok(())
    }

    fn may(&self, row: &Row, asker: &Login, (name, ask): (&EnvironmentName, &EnvironmentAsk)) -> Result<(), Refusal> {
        let has = self.place.permission(asker);
        match ask {
            EnvironmentAsk::Deploy { overrides: Some(_), .. } => {
                allowed(asker, has, Permission::Maintain).map_err(|refusal| format!("with `--override` {refusal}"))
            }
            EnvironmentAsk::Deploy { overrides: None, .. }
            | EnvironmentAsk::Rollback { .. }
            | EnvironmentAsk::Freeze { .. }
            | EnvironmentAsk::Unfreeze => allowed(asker, has, row.needs),
            EnvironmentAsk::Approve { .. } | EnvironmentAsk::Reject { .. } => self.may_judge(row, asker, name),
        }
    }

    /// Whoever judges a version is listed, or may write where nobody is; and has no work of their own in it.
    fn may_judge(&self, row: &Row, asker: &Login, name: &EnvironmentName) -> Result<(), Refusal> {
        let settings = self.seen.environments.iter().find(|one| one.name == *name);
        let approvers = settings.map(|settings| settings.approvers.as_slice()).unwrap_or_default();
        let has = self.place.permission(asker);
        match approvers {
            [] => allowed(asker, has, row.needs)?,
            listed if listed.iter().any(|one| one.is(asker)) => allowed(asker, has, Permission::Read)?,
            listed => {
                let names: Vec<&str> = listed.iter().map(Login::as_str).collect();
                let lacks = format!("for {name} the policy lists {}", super::refusal::listed(&names, "and"));
                return Err(DeployBlocker::NotAllowed { who: asker.to_string(), lacks }.to_string());
            }
        }
        let waits = self.records.get(name).and_then(|record| record.approval.as_ref());
        let Some(waits) = waits else { return Ok(()) };
        let here = &self.seen.snapshot.release.version.tag;
        if waits.tag != *here && row.verb == Verb::Reject {
            return Err(format!("it is {} that waits for approval in {name}{}", waits.tag, self.its_issue(&waits.tag)));
        }
        let version = self.version_that_waits(name, &waits.tag);
        let Some(version) = version else {
            return Err(format!("whose work is in {} is not known, so nobody can approve it here", waits.tag));
        };
        if version.authors.iter().any(|author| author.is(asker)) {
            return Err(DeployBlocker::OwnWork { who: asker.to_string(), tag: waits.tag.clone() }.to_string());
        }
        Ok(())
    }

    fn version_that_waits(&self, name: &EnvironmentName, tag: &TagName) -> Option<&Version> {
        let wanted = self.records.get(name).and_then(|record| record.wanted.as_ref()).map(|wanted| &wanted.version);
        let released = self.releases.iter().map(|release| &release.version);
        wanted.into_iter().chain(released).find(|version| version.tag == *tag)
    }

    fn its_issue(&self, tag: &TagName) -> String {
        let release = self.releases.iter().find(|release| release.version.tag == *tag);
        let issue = release.and_then(|release| release.version.issue);
        issue.map(|number| format!(": say it on #{number}")).unwrap_or_default()
    }

    /// What comes next in the same comment is said of an environment that knows of this.
    fn note(&mut self, name: &EnvironmentName, ask: &EnvironmentAsk, authority: &Authority) {
        let record = self.records.entry(name.clone()).or_default();
        match ask {
            EnvironmentAsk::Freeze { until, why } => {
                let freeze = EnvironmentFreeze { until: *until, why: why.clone(), by: authority.clone() };
                record.freezes.push(freeze);
            }
            EnvironmentAsk::Unfreeze => record.freezes.clear(),
            EnvironmentAsk::Approve { .. } => {
                if let Some(asked) = &mut record.approval {
                    asked.by = Some(authority.clone());
                }
            }
            EnvironmentAsk::Reject { .. } => record.approval = None,
            EnvironmentAsk::Deploy { .. } | EnvironmentAsk::Rollback { .. } => {}
        }
    }

    /// 👀 first, for everybody; then answers and results. What was asked for goes to the environments.
    pub(super) fn finish(self) -> Obeyed {
        let mut actions = self.answers.eyes(&self.place);
        actions.extend(self.answers.results(&self.place, table::help));
        Obeyed {
            asks: self.asks,
            actions,
            commands_seen: remembered(&self.seen.talk()),
            told: self.answers.into_told(),
            asked: self.asked,
        }
    }
}
