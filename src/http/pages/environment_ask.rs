//! `POST /releases/{owner}/{name}/{environment}`: asks something of an environment, if it still is as it was shown.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;

use super::environment::{Found, find};
use super::environment_forms::freezes;
use super::fault::PageFault;
use super::form::{Fields, Sent};
use super::standing::href;
use super::{ask, when::When};
use crate::decide::environment::{ended, may, may_approve, rollback, sentence};
use crate::decide::tracking::{AskRefusal, AskWords, RefusalKind, open_question};
use crate::http::environments::AskFault;
use crate::http::{Door, environments};
use crate::model::{Authority, DeployBlocker, Permission, RepositoryName, Timestamp};

/// `POST /releases/{owner}/{name}/{environment}`
pub(super) async fn ask(
    State(door): State<Arc<Door>>,
    Path(path): Path<(String, String, String)>,
    sent: Sent,
) -> Result<Response, PageFault> {
    let Sent { viewer, fields } = sent;
    let found = find(&door, &viewer, &path).await?;
    let authority = viewer.of_environment(found.repository.id);
    let authority = authority.ok_or_else(|| PageFault::Forbidden("You read here, and ask nothing.".to_owned()))?;
    let words = words(&found, &fields, door.clock.now())?;
    permitted(&found, &words, &authority).map_err(|why| PageFault::Forbidden(ended(&why.to_string())))?;
    let name = &found.repository.name;
    let asked = environments::request(&door, name, (&words, authority)).await;
    let asked = asked.map_err(|fault| of_ask(name, fault))?;
    ask::ask(&door, &asked, &href(name, &found.name)).await
}

/// What the form asks for; it is stale where something else would happen than what it said.
fn words(found: &Found, fields: &Fields, now: Timestamp) -> Result<AskWords, PageFault> {
    let env = found.name.to_string();
    let why = || fields.need("why", "The reason").map(ToOwned::to_owned);
    let version = || fields.need("version", "The version").map(ToOwned::to_owned);
    match fields.need("ask", "What is asked for")? {
        "approve" => {
            is_still_asked(found, fields, now)?;
            Ok(AskWords::Approve { env: Some(env), version: Some(version()?) })
        }
        "reject" => {
            is_still_asked(found, fields, now)?;
            Ok(AskWords::Reject { env: Some(env), why: why()? })
        }
        "deploy" => {
            is_newest(found, fields)?;
            Ok(AskWords::Deploy { env, version: Some(version()?), overrides: None })
        }
        "override" => {
            is_newest(found, fields)?;
            Ok(AskWords::Deploy { env, version: Some(version()?), overrides: Some(why()?) })
        }
        "rollback" => {
            is_still_the_way(found, fields)?;
            Ok(AskWords::Rollback { env, why: why()? })
        }
        "freeze" => {
            let until = fields.need("until", "The end of the freeze")?.to_owned();
            Ok(AskWords::Freeze { env, until, why: why()? })
        }
        "unfreeze" => {
            let seen = fields.need("freezes", "What is to be ended")?;
            match freezes(&found.record, now) {
                Some(there) if there == seen => Ok(AskWords::Unfreeze { env }),
                Some(_) => Err(stale(&format!("Somebody has frozen {env} again meanwhile, or ended a freeze."))),
                None => Err(stale(&format!("Nobody freezes {env} any more."))),
            }
        }
        _other => Err(PageFault::Unfitting("That is nothing that can be asked of an environment.".to_owned())),
    }
}

fn stale(what: &str) -> PageFault {
    PageFault::Stale(format!("{what} Nothing was done; load the page again and look."))
}

/// It is this very commit that waits for approval.
fn is_still_asked(found: &Found, fields: &Fields, now: Timestamp) -> Result<(), PageFault> {
    let (tag, sha) = (fields.need("version", "The version")?, fields.need("sha", "The commit")?);
    match open_question(&found.record, now) {
        Some(asked) if asked.tag.as_str() == tag && asked.sha.as_str() == sha => Ok(()),
        Some(asked) => {
            let since = When::new(asked.asked, now).words;
            Err(stale(&format!("It is {} that waits for approval, since {since}, and not {tag}.", asked.tag)))
        }
        None => Err(stale(&format!("{tag} does not wait for approval in {} any more.", found.name))),
    }
}

/// Nothing was deployed since the page was made.
fn is_newest(found: &Found, fields: &Fields) -> Result<(), PageFault> {
    let seen = fields.need("seen", "What the page has shown")?;
    if seen == found.record.last_number.to_string() {
        return Ok(());
    }
    Err(stale(&format!("Something was deployed to {} since this page was made.", found.name)))
}

/// Going back would still leave the same version for the same other one.
fn is_still_the_way(found: &Found, fields: &Fields) -> Result<(), PageFault> {
    let (from, to) =
        (fields.need("left", "The version to leave")?, fields.need("target", "The version to go back to")?);
    match rollback(&found.record) {
        Ok((left, target)) if left.sha.as_str() == from && target.sha.as_str() == to => Ok(()),
        Ok((left, target)) => {
            Err(stale(&format!("{} would go back from {} to {} by now.", found.name, left.tag, target.tag)))
        }
        Err(why) => Err(stale(&sentence(&why.to_string()))),
    }
}

/// Whoever may not ask for it is told so at once; the decision judges again, and also what only it can see.
fn permitted(found: &Found, words: &AskWords, authority: &Authority) -> Result<(), DeployBlocker> {
    match words {
        AskWords::Approve { .. } | AskWords::Reject { .. } => match found.settings() {
            Some(settings) => may_approve(settings, authority),
            None => may(authority, Permission::Write),
        },
        AskWords::Deploy { overrides: Some(_), .. } => may(authority, Permission::Maintain),
        AskWords::Deploy { overrides: None, .. }
        | AskWords::Rollback { .. }
        | AskWords::Freeze { .. }
        | AskWords::Unfreeze { .. } => may(authority, Permission::Write),
    }
}

/// Why nothing is asked of an environment, as a page.
fn of_ask(name: &RepositoryName, fault: AskFault) -> PageFault {
    match fault {
        AskFault::NotReached => PageFault::NotFound,
        AskFault::Store(fault) => fault.into(),
        AskFault::PolicyUnknown => PageFault::Unavailable(format!(
            "GitHub does not tell the policy of {name} at the moment, so nothing was asked; try again later."
        )),
        AskFault::PolicyUnreadable(fault) => {
            PageFault::Unfitting(format!("Nothing is deployed while the policy cannot be read: {fault}"))
        }
        AskFault::Refused(refusal) => refused(&refusal),
    }
}

/// What does not fit any more was seen on an older page.
fn refused(refusal: &AskRefusal) -> PageFault {
    match refusal.kind() {
        RefusalKind::Unknown | RefusalKind::Unclear => PageFault::Unfitting(refusal.sentence()),
        RefusalKind::Unfitting => PageFault::Stale(format!("{} Load the page again.", refusal.sentence())),
    }
}
