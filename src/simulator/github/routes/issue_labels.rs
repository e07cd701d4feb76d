//! The labels of one issue.

use serde_json::Value;

use super::{Path, texts};
use crate::simulator::github::answer::{Answer, Refusal, Reply, ok};
use crate::simulator::github::call::Context;

pub fn route(context: &mut Context<'_>, at: (i64, i64), rest: Path<'_>) -> Reply {
    let bot = context.state.bot();
    match (context.call.method.as_str(), rest) {
        ("GET", []) => Ok(context.list(&worn(context, at)?)),
        ("POST", []) => {
            let names = names(context)?;
            context.state.add_labels(at, &names, &bot)?;
            ok(Value::Array(worn(context, at)?))
        }
        ("PUT", []) => {
            let names = names(context)?;
            context.state.set_labels(at, &names, &bot)?;
            ok(Value::Array(worn(context, at)?))
        }
        ("DELETE", []) => {
            context.state.set_labels(at, &[], &bot)?;
            Ok(Answer::empty(204))
        }
        ("DELETE", [name]) => {
            if context.state.remove_label(at, name, &bot)? {
                ok(Value::Array(worn(context, at)?))
            } else {
                Err(Refusal::new(404, "Label does not exist"))
            }
        }
        _ => Err(Refusal::not_found()),
    }
}

fn worn(context: &Context<'_>, at: (i64, i64)) -> Result<Vec<Value>, Refusal> {
    Ok(context.views().issue_labels(context.state.repository(at.0)?, context.state.issue(at.0, at.1)?))
}

/// `{"labels": […]}`, or the bare list that GitHub takes as well.
fn names(context: &Context<'_>) -> Result<Vec<String>, Refusal> {
    let body: Value =
        serde_json::from_slice(&context.call.body).map_err(|_| Refusal::new(400, "Problems parsing JSON"))?;
    let names = texts(body.get("labels").unwrap_or(&body), "labels")?;
    if names.iter().any(|name| name.trim().is_empty() || name.chars().count() > 50) {
        return Err(Refusal::invalid("Label", "name", "invalid"));
    }
    Ok(names)
}
