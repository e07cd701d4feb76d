//! The labels of a repository.

use serde_json::Value;

use super::{Path, text};
use crate::simulator::github::answer::{Answer, Refusal, Reply, ok};
use crate::simulator::github::call::Context;
use crate::simulator::github::changes::NewLabel;
use crate::simulator::github::entities::Label;
use crate::simulator::github::installations::Access;

const LONGEST_NAME: usize = 50;
const LONGEST_DESCRIPTION: usize = 100;

pub fn route(context: &mut Context<'_>, id: i64, rest: Path<'_>) -> Reply {
    let method = context.call.method.as_str();
    let access = if method == "GET" { Access::Read } else { Access::Write };
    context.needs(&[("issues", access), ("pull_requests", access)])?;
    match (method, rest) {
        ("GET", []) => {
            let home = context.state.repository(id)?;
            let all: Vec<Value> = home.labels.iter().map(|label| context.views().label(home, label)).collect();
            Ok(context.list(&all))
        }
        ("POST", []) => create(context, id),
        ("GET", [name]) => show(context, id, &find(context, id, name)?, 200),
        ("PATCH", [name]) => edit(context, id, name),
        ("DELETE", [name]) => {
            let label = find(context, id, name)?;
            let bot = context.state.bot();
            context.state.delete_label(id, label.id, &bot)?;
            Ok(Answer::empty(204))
        }
        _ => Err(Refusal::not_found()),
    }
}

fn find(context: &Context<'_>, id: i64, name: &str) -> Result<Label, Refusal> {
    context.state.repository(id)?.label(name).cloned().ok_or_else(Refusal::not_found)
}

fn show(context: &Context<'_>, id: i64, label: &Label, status: u16) -> Reply {
    Ok(Answer::json(status, context.views().label(context.state.repository(id)?, label)))
}

fn create(context: &mut Context<'_>, id: i64) -> Reply {
    let body = context.call.json()?;
    let name = text(&body, "name")?.ok_or_else(|| Refusal::invalid("Label", "name", "missing_field"))?.to_owned();
    let color = text(&body, "color")?.unwrap_or("ededed").to_owned();
    let new = checked(NewLabel { name, color, description: text(&body, "description")?.map(str::to_owned) })?;
    if context.state.repository(id)?.label(&new.name).is_some() {
        return Err(Refusal::invalid("Label", "name", "already_exists"));
    }
    let name = new.name.clone();
    let bot = context.state.bot();
    context.state.create_label(id, new, &bot)?;
    show(context, id, &find(context, id, &name)?, 201)
}

fn edit(context: &mut Context<'_>, id: i64, name: &str) -> Reply {
    let label = find(context, id, name)?;
    let body = context.call.json()?;
    let description = if body.contains_key("description") {
        text(&body, "description")?.map(str::to_owned)
    } else {
        label.description.clone()
    };
    let new = checked(NewLabel {
        name: text(&body, "new_name")?.unwrap_or(&label.name).to_owned(),
        color: text(&body, "color")?.unwrap_or(&label.color).to_owned(),
        description,
    })?;
    if context.state.repository(id)?.label(&new.name).is_some_and(|other| other.id != label.id) {
        return Err(Refusal::invalid("Label", "name", "already_exists"));
    }
    let name = new.name.clone();
    let bot = context.state.bot();
    context.state.edit_label(id, label.id, new, &bot)?;
    let label = find(context, id, &name)?;
    ok(context.views().label(context.state.repository(id)?, &label))
}

fn checked(label: NewLabel) -> Result<NewLabel, Refusal> {
    if label.name.trim().is_empty() {
        return Err(Refusal::invalid("Label", "name", "missing_field"));
    }
    if label.name.chars().count() > LONGEST_NAME {
        let message = format!("name is too long (maximum is {LONGEST_NAME} characters)");
        return Err(Refusal::custom("Label", "name", &message));
    }
    if label.description.as_ref().is_some_and(|text| text.chars().count() > LONGEST_DESCRIPTION) {
        let message = format!("description is too long (maximum is {LONGEST_DESCRIPTION} characters)");
        return Err(Refusal::custom("Label", "description", &message));
    }
    if label.color.len() != 6 || !label.color.chars().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(Refusal::invalid("Label", "color", "invalid"));
    }
    Ok(label)
}
