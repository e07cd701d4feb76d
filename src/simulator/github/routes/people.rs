//! Accounts, collaborators and assignees.

use serde_json::{Value, json};

use super::{Path, texts};
use crate::simulator::github::answer::{Answer, Refusal, Reply, ok};
use crate::simulator::github::call::Context;
use crate::simulator::github::entities::Permission;
use crate::simulator::github::installations::Access;

/// `GET /users/{login}`.
pub fn user(context: &Context<'_>, login: &str) -> Reply {
    let view = context.views().profile(login);
    if view.is_null() { Err(Refusal::not_found()) } else { ok(view) }
}

pub fn route(context: &Context<'_>, id: i64, rest: Path<'_>) -> Reply {
    if context.call.method != "GET" {
        return Err(Refusal::not_found());
    }
    let home = context.state.repository(id)?;
    match rest {
        ["assignees"] => {
            context.needs(&[("issues", Access::Read)])?;
            let people = context.state.accounts.values().filter(|account| home.is_collaborator(&account.login));
            let all: Vec<Value> = people.map(|account| context.views().user(&account.login)).collect();
            Ok(context.list(&all))
        }
        ["assignees", login] => {
            context.needs(&[("issues", Access::Read)])?;
            if home.is_collaborator(login) { Ok(Answer::empty(204)) } else { Err(Refusal::not_found()) }
        }
        ["collaborators", login] => {
            context.needs(&[("metadata", Access::Read)])?;
            if home.is_collaborator(login) { Ok(Answer::empty(204)) } else { Err(Refusal::not_found()) }
        }
        ["collaborators", login, "permission"] => {
            context.needs(&[("metadata", Access::Read)])?;
            permission(context, login, home.permission(login))
        }
        _ => Err(Refusal::not_found()),
    }
}

/// <https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user>
fn permission(context: &Context<'_>, login: &str, role: Permission) -> Reply {
    let mut user = context.views().user(login);
    if user.is_null() {
        return Err(Refusal::new(404, format!("{login} is not a user")));
    }
    user["role_name"] = role.role_name().into();
    user["permissions"] = json!({
        "pull": role >= Permission::Read,
        "triage": role >= Permission::Triage,
        "push": role >= Permission::Write,
        "maintain": role >= Permission::Maintain,
        "admin": role >= Permission::Admin,
    });
    ok(json!({"permission": role.legacy_name(), "role_name": role.role_name(), "user": user}))
}

/// `/repos/{owner}/{repo}/issues/{number}/assignees`: who cannot be assigned is ignored, without an error.
pub fn assign(context: &mut Context<'_>, at: (i64, i64)) -> Reply {
    let on = match context.call.method.as_str() {
        "POST" => true,
        "DELETE" => false,
        _ => return Err(Refusal::not_found()),
    };
    let body = context.call.json()?;
    let logins = body.get("assignees").map(|list| texts(list, "assignees")).transpose()?.unwrap_or_default();
    let bot = context.state.bot();
    for login in logins {
        context.state.set_assigned(at, &login, on, &bot)?;
    }
    super::issues::show(context, at, if on { 201 } else { 200 })
}
