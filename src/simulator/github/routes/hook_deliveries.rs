//! The log of webhook deliveries, and asking for one again.

use serde_json::Value;

use super::Path;
use crate::simulator::github::answer::{Answer, Refusal, Reply, ok};
use crate::simulator::github::call::Context;
use crate::simulator::github::webhooks::{Webhook, delivery_in_full, delivery_item};

pub fn route(context: &mut Context<'_>, rest: Path<'_>) -> Reply {
    context.app_only()?;
    match (context.call.method.as_str(), rest) {
        ("GET", []) => Ok(list(context)),
        ("GET", [id]) => {
            let now = context.state.now();
            let record = context.state.webhooks.record(super::number(id)?, now).ok_or_else(Refusal::not_found)?;
            ok(delivery_in_full(record))
        }
        ("POST", [id, "attempts"]) => redeliver(context, super::number(id)?),
        _ => Err(Refusal::not_found()),
    }
}

/// `GET /app/hook/config`
pub fn config(context: &Context<'_>) -> Reply {
    context.app_only()?;
    let hooks = &context.state.webhooks;
    let url = hooks.target.as_ref().ok_or_else(Refusal::not_found)?;
    let mut view = serde_json::json!({
        "content_type": if hooks.is_form { "form" } else { "json" }, "insecure_ssl": "0", "url": url,
    });
    if !hooks.is_unsigned {
        view["secret"] = Value::from("********");
    }
    ok(view)
}

/// Newest first, in pages that a cursor leads through.
fn list(context: &Context<'_>) -> Answer {
    let parameter = |name: &str| context.call.parameter(name);
    let size = parameter("per_page").and_then(|text| text.parse().ok()).unwrap_or(30_usize).clamp(1, 100);
    let before: Option<usize> = parameter("cursor").and_then(|cursor| cursor.strip_prefix("v1_")?.parse().ok());
    let log = &context.state.webhooks.log;
    let end = before.unwrap_or(log.len()).min(log.len());
    let wanted = |code: u16| match parameter("status") {
        Some("success") => (200..=399).contains(&code),
        Some("failure") => (400..=599).contains(&code),
        Some(_) | None => true,
    };
    let now = context.state.now();
    let mut shown = Vec::new();
    let mut reached = 0;
    for (index, record) in
        log[..end].iter().enumerate().rev().filter(|(_, record)| wanted(record.status_code) && record.is_kept(now))
    {
        if shown.len() == size {
            reached = index + 1;
            break;
        }
        shown.push(delivery_item(record));
    }
    let answer = Answer::json(200, Value::Array(shown));
    if reached == 0 {
        return answer;
    }
    let url = format!("{}/app/hook/deliveries?per_page={size}&cursor=v1_{reached}", context.state.base);
    answer.with("link", format!("<{url}>; rel=\"next\""))
}

/// Queues the delivery again, with the same GUID under a new id.
fn redeliver(context: &mut Context<'_>, id: i64) -> Reply {
    let now = context.state.now();
    let record = context.state.webhooks.record(id, now).ok_or_else(Refusal::not_found)?;
    let again = Webhook { redelivery: true, ..record.webhook.clone() };
    let again = Webhook { id: context.state.fresh_id(), ..again };
    context.state.webhooks.push(again);
    Ok(Answer::json(202, serde_json::json!({})))
}
