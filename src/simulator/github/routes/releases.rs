//! Releases: listed, found, created, changed and deleted.

use serde_json::{Map, Value};

use super::{Path, refs, text};
use crate::simulator::github::answer::{Answer, Refusal, Reply};
use crate::simulator::github::call::Context;
use crate::simulator::github::changes::{MakeLatest, ReleaseText};
use crate::simulator::github::entities::Repository;
use crate::simulator::github::git::Git;
use crate::simulator::github::installations::Access;
use crate::simulator::github::shipping::Release;

/// GitHub's longest notes, in characters.
const LONGEST_BODY: usize = 125_000;

/// <https://docs.github.com/en/rest/releases/releases>
pub fn route(context: &mut Context<'_>, id: i64, rest: Path<'_>) -> Reply {
    let method = context.call.method.as_str();
    let access = if method == "GET" { Access::Read } else { Access::Write };
    context.needs(&[("contents", access)])?;
    let home = context.state.repository(id)?;
    match (method, rest) {
        ("GET", []) => Ok(list(context, home)),
        ("POST", []) => create(context, id),
        ("GET", ["latest"]) => show(context, home, home.shipping.latest_release()),
        ("GET", ["tags", tag @ ..]) => show(context, home, home.shipping.release_of(&tag.join("/"))),
        ("GET", [release]) => {
            let release = home.shipping.release(super::number(release)?);
            show(context, home, release.filter(|release| !release.draft || sees_drafts(context)))
        }
        ("PATCH", [release]) => edit(context, id, super::number(release)?),
        ("DELETE", [release]) => {
            let release = super::number(release)?;
            let bot = context.state.bot();
            context.state.delete_release(id, release, &bot)?;
            Ok(Answer::empty(204))
        }
        _ => Err(Refusal::not_found()),
    }
}

/// Drafts are seen by whoever may push.
fn sees_drafts(context: &Context<'_>) -> bool {
    context.needs(&[("contents", Access::Write)]).is_ok()
}

fn show(context: &Context<'_>, home: &Repository, release: Option<&Release>) -> Reply {
    let release = release.ok_or_else(Refusal::not_found)?;
    Ok(Answer::json(200, context.views().release(home, release)))
}

/// Newest first, drafts before all.
fn list(context: &Context<'_>, home: &Repository) -> Answer {
    let mut shown: Vec<&Release> =
        home.shipping.releases.iter().filter(|release| !release.draft || sees_drafts(context)).collect();
    shown.sort_by_key(|release| std::cmp::Reverse((release.draft, release.created_at, release.id)));
    context.list(&shown.into_iter().map(|release| context.views().release(home, release)).collect::<Vec<Value>>())
}

/// What a body says the release is to be; what it leaves out stays as it was.
fn release_text(
    home: &Repository,
    body: &Map<String, Value>,
    before: Option<&Release>,
) -> Result<ReleaseText, Refusal> {
    let flag = |field: &str, before: bool| body.get(field).and_then(Value::as_bool).unwrap_or(before);
    let own = |field: &str, before: Option<&String>| {
        Ok::<_, Refusal>(text(body, field)?.map_or_else(|| before.cloned(), |text| Some(text.to_owned())))
    };
    let latest = match text(body, "make_latest")?.unwrap_or(if before.is_some() { "legacy" } else { "true" }) {
        "true" => MakeLatest::True,
        "false" => MakeLatest::False,
        "legacy" => MakeLatest::Legacy,
        other => {
            let message = format!("Invalid request.\n\n{other} is not a member of [\"true\", \"false\", \"legacy\"].");
            return Err(Refusal::new(422, message));
        }
    };
    let missing = || Refusal::invalid("Release", "tag_name", "missing_field");
    let tag = own("tag_name", before.map(|before| &before.tag))?.filter(|tag| !tag.is_empty()).ok_or_else(missing)?;
    let target = own("target_commitish", before.map(|before| &before.target))?.filter(|target| !target.is_empty());
    Ok(ReleaseText {
        tag,
        target: target.unwrap_or_else(|| home.default_branch.clone()),
        name: own("name", before.and_then(|before| before.name.as_ref()))?,
        body: own("body", before.and_then(|before| before.body.as_ref()))?,
        draft: flag("draft", before.is_some_and(|before| before.draft)),
        prerelease: flag("prerelease", before.is_some_and(|before| before.prerelease)),
        latest,
    })
}

/// Refuses what GitHub refuses: a second release of a tag, a tag that cannot be made, notes that are too long.
fn check(context: &Context<'_>, home: &Repository, new: &ReleaseText, own: Option<i64>) -> Result<(), Refusal> {
    let asked = context.call.json()?;
    if asked.get("make_latest").and_then(Value::as_str) == Some("true") && (new.draft || new.prerelease) {
        return Err(Refusal::custom("Release", "make_latest", "Latest release cannot be draft or prerelease"));
    }
    if new.body.as_ref().is_some_and(|body| body.chars().count() > LONGEST_BODY) {
        let message = format!("body is too long (maximum is {LONGEST_BODY} characters)");
        return Err(Refusal::custom("Release", "body", &message));
    }
    if new.draft {
        return Ok(());
    }
    if home.shipping.release_of(&new.tag).is_some_and(|other| Some(other.id) != own) {
        return Err(Refusal::invalid("Release", "tag_name", "already_exists"));
    }
    let reference = format!("refs/tags/{}", new.tag);
    if home.git.reference(&reference).is_some() {
        return Ok(());
    }
    if !Git::is_valid_reference(&reference) {
        return Err(Refusal::custom("Release", "tag_name", "tag_name is not a valid tag"));
    }
    let invalid = || Refusal::invalid("Release", "target_commitish", "invalid");
    let sha = home.git.resolve(&new.target).ok_or_else(invalid)?;
    refs::may_tag(context, home.id, &sha)
}

fn create(context: &mut Context<'_>, id: i64) -> Reply {
    let home = context.state.repository(id)?;
    let new = release_text(home, &context.call.json()?, None)?;
    check(context, home, &new, None)?;
    let bot = context.state.bot();
    let made = context.state.create_release(id, &bot, new)?;
    let home = context.state.repository(id)?;
    Ok(Answer { status: 201, ..show(context, home, home.shipping.release(made))? })
}

fn edit(context: &mut Context<'_>, id: i64, release: i64) -> Reply {
    let home = context.state.repository(id)?;
    let before = home.shipping.release(release).ok_or_else(Refusal::not_found)?;
    let new = release_text(home, &context.call.json()?, Some(before))?;
    check(context, home, &new, Some(release))?;
    let bot = context.state.bot();
    context.state.edit_release(id, release, new, &bot)?;
    let home = context.state.repository(id)?;
    show(context, home, home.shipping.release(release))
}
