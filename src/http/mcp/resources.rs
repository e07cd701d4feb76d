//! Resources: the handoff package and the timeline of a task, by address.

use axum::http::request::Parts;
use rmcp::ErrorData;
use rmcp::model::{ReadResourceResult, Resource, ResourceContents, ResourceTemplate};

use super::arguments::escaped;
use super::catalogue::{self, ROOT};
use super::inner::{Call, Inner};
use super::{answer, marks};
use crate::http::api::auth::Caller;
use crate::model::Item;

/// How addresses begin.
const SCHEME: &str = "stationmaster://tasks/";
/// What a task has, by the last part of its address, the tool that shows the same, and a sentence.
const PARTS: [(&str, &str, &str); 2] = [
    ("handoff", "get", "What the holder of the task needs: title, requirements, branch, lease and fence."),
    ("timeline", "timeline", "What happened to the task, the oldest first."),
];
/// Where tasks stand that somebody has something to do for.
const HELD: &str = "assigned,in-progress,blocked,waiting-approval,review";
const JSON: &str = "application/json";

/// Where a task's handoff package and timeline are, as far as the caller may read them.
pub(super) fn templates(caller: &Caller) -> Vec<ResourceTemplate> {
    let template = |(part, says): (&str, &str)| {
        ResourceTemplate::new(format!("{SCHEME}{{owner}}/{{name}}/{{number}}/{part}"), part)
            .with_description(says)
            .with_mime_type("text/plain")
    };
    readable(caller).map(template).collect()
}

fn readable(caller: &Caller) -> impl Iterator<Item = (&'static str, &'static str)> {
    let may = |tool: &str| catalogue::of(caller).any(|one| one.name == tool);
    PARTS.into_iter().filter(move |(_, tool, _)| may(tool)).map(|(part, _, says)| (part, says))
}

/// The resources of the tasks that the caller has itself; titles are not repeated here, where no mark would fit.
pub(super) async fn own(inner: &Inner, message: &Parts, caller: &Caller) -> Result<Vec<Resource>, ErrorData> {
    let Some(worker) = caller.worker() else { return Ok(Vec::new()) };
    let call = Call::get(format!("{ROOT}tasks?status={HELD}&worker={}", escaped(worker.as_str())));
    let found = inner.call(message, &call).await.map_err(|sentence| ErrorData::internal_error(sentence, None))?;
    if !found.status.is_success() {
        return Err(ErrorData::internal_error(answer::in_words(&found.body, "resources"), None));
    }
    let tasks = found.body["tasks"].as_array().cloned().unwrap_or_default();
    let items = tasks.iter().filter_map(|task| task["item"].as_str()?.parse::<Item>().ok());
    let of = |item: Item| {
        let address = |part: &str| format!("{SCHEME}{}/{}/{part}", item.repository, item.number);
        let resource = |(part, says): (&str, &str)| {
            Resource::new(address(part), format!("{part} of {item}"))
                .with_description(says)
                .with_mime_type("text/plain")
        };
        readable(caller).map(resource).collect::<Vec<_>>()
    };
    Ok(items.flat_map(of).collect())
}

/// What is at an address, in both forms: to be read, and to be parsed.
pub(super) async fn read(inner: &Inner, message: &Parts, uri: &str) -> Result<ReadResourceResult, ErrorData> {
    let Some((item, part)) = parsed(uri) else {
        let sentence =
            format!("There is nothing at this address; there are {SCHEME}owner/name/12/handoff and …/timeline.");
        return Err(ErrorData::resource_not_found(sentence, None));
    };
    let call = Call::get(format!("{ROOT}tasks/{}/{}/{part}", item.repository, item.number));
    let found = inner.call(message, &call).await.map_err(|sentence| ErrorData::internal_error(sentence, None))?;
    let source = item.to_string();
    if !found.status.is_success() {
        let words = answer::in_words(&found.body, &source);
        return Err(match found.status.as_u16() {
            404 => ErrorData::resource_not_found(words, None),
            500.. => ErrorData::internal_error(words, None),
            _refused => ErrorData::invalid_request(words, None),
        });
    }
    let marked = marks::marked(&found.body, &source);
    Ok(ReadResourceResult::new(vec![
        ResourceContents::text(marked.text, uri),
        ResourceContents::text(marked.structured.to_string(), uri).with_mime_type(JSON),
    ]))
}

fn parsed(uri: &str) -> Option<(Item, &'static str)> {
    let mut parts = uri.strip_prefix(SCHEME)?.split('/');
    let (owner, name, number, part) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let item = format!("{owner}/{name}#{number}").parse().ok()?;
    let (part, ..) = PARTS.into_iter().find(|(known, ..)| *known == part)?;
    parts.next().is_none().then_some((item, part))
}
