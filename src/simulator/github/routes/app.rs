//! The App, its installations, and the tokens made for them.

use serde_json::{Value, json};

use super::Path;
use crate::simulator::github::answer::{Answer, Refusal, Reply, ok};
use crate::simulator::github::auth::Caller;
use crate::simulator::github::call::Context;
use crate::simulator::github::installations::{Access, Installation, Permissions, TOKEN_LIFETIME_MS, Token};

pub fn route(context: &mut Context<'_>, rest: Path<'_>) -> Reply {
    context.app_only()?;
    match (context.call.method.as_str(), rest) {
        ("GET", []) => ok(context.views().app()),
        ("GET", ["installations"]) => {
            let views = context.views();
            let all: Vec<Value> = context.state.installations.values().map(|one| views.installation(one)).collect();
            Ok(context.list(&all))
        }
        ("GET", ["installations", id]) => {
            let installation = find(context, super::number(id)?)?;
            ok(context.views().installation(installation))
        }
        ("POST", ["installations", id, "access_tokens"]) => create_token(context, super::number(id)?),
        _ => Err(Refusal::not_found()),
    }
}

fn find<'a>(context: &'a Context<'_>, id: i64) -> Result<&'a Installation, Refusal> {
    context.state.installations.get(&id).ok_or_else(Refusal::not_found)
}

/// `GET /repos/{owner}/{repo}/installation`
pub fn of_repository(context: &Context<'_>, repository: i64) -> Reply {
    context.app_only()?;
    let home = context.state.repository(repository)?;
    let installation = context.state.installation_of(&home.owner).filter(|_| home.installed);
    ok(context.views().installation(installation.ok_or_else(Refusal::not_found)?))
}

/// `GET /orgs/{org}/installation` and `GET /users/{username}/installation`
pub fn of_account(context: &Context<'_>, login: &str) -> Reply {
    context.app_only()?;
    let installation = context.state.installation_of(login).ok_or_else(Refusal::not_found)?;
    ok(context.views().installation(installation))
}

/// `GET /installation/repositories`
pub fn repositories(context: &Context<'_>) -> Reply {
    context.needs(&[("metadata", Access::Read)])?;
    let views = context.views();
    let seen = context.state.repositories.values().filter(|repository| context.visible(repository.id).is_ok());
    let all: Vec<Value> = seen.map(|repository| views.repository(repository)).collect();
    let (shown, link) = context.page(&all);
    let body = json!({"total_count": all.len(), "repository_selection": "selected", "repositories": shown});
    let answer = Answer::json(200, body);
    Ok(match link {
        Some(link) => answer.with("link", link),
        None => answer,
    })
}

/// `POST /app/installations/{id}/access_tokens`
fn create_token(context: &mut Context<'_>, id: i64) -> Reply {
    let body = context.call.json()?;
    let installation = find(context, id)?;
    if installation.suspended.is_some() {
        return Err(Refusal::new(403, "This installation has been suspended"));
    }
    let account = installation.account.clone();
    let permissions = match body.get("permissions") {
        Some(Value::Object(wanted)) => narrowed(installation, wanted)?,
        Some(_) | None => installation.permissions.clone(),
    };
    let numbers = |field: &str| -> Vec<i64> {
        body.get(field).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_i64).collect()
    };
    let mut only = numbers("repository_ids");
    for name in body.get("repositories").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        let found = context.state.repository_id(&format!("{account}/{name}"));
        only.push(found.map_err(|_| no_access())?);
    }
    for repository in &only {
        let home = context.state.repository(*repository).map_err(|_| no_access())?;
        if !home.owner.eq_ignore_ascii_case(&account) || !home.installed {
            return Err(no_access());
        }
    }
    let secret = format!("ghs_{:032x}{:04x}", rand::random::<u128>(), rand::random::<u16>());
    let token = Token {
        installation: id,
        permissions,
        repositories: (!only.is_empty()).then_some(only),
        expires_at: context.state.now().plus_ms(TOKEN_LIFETIME_MS),
    };
    let view = context.views().token(&secret, &token);
    context.state.tokens.insert(secret, token);
    Ok(Answer::json(201, view))
}

fn no_access() -> Refusal {
    let message =
        "There is at least one repository that does not exist or is not accessible to the parent installation.";
    Refusal::new(422, message)
}

/// The permissions asked for, none of which may exceed those of the installation.
fn narrowed(installation: &Installation, wanted: &serde_json::Map<String, Value>) -> Result<Permissions, Refusal> {
    let refuse = || Refusal::new(422, "The permissions requested are not granted to this installation.");
    let mut narrowed = Permissions::new();
    for (name, access) in wanted {
        let access = access.as_str().and_then(Access::parse).ok_or_else(refuse)?;
        if installation.permissions.get(name).is_none_or(|held| *held < access) {
            return Err(refuse());
        }
        narrowed.insert(name.clone(), access);
    }
    // Reading metadata comes with every token.
    narrowed.insert("metadata".to_owned(), Access::Read);
    Ok(narrowed)
}

/// `GET /rate_limit`, which itself is free.
pub fn rate_limit(context: &mut Context<'_>) -> Reply {
    let now = context.state.now();
    let bucket = match &context.caller {
        Caller::App => crate::simulator::github::limits::Bucket::App,
        Caller::Installation(_) => context.caller.bucket(),
    };
    let window = *context.state.limits.window(bucket, now);
    let core = json!({
        "limit": window.limit, "used": window.used, "remaining": window.remaining(), "reset": window.reset.seconds(),
    });
    let search = json!({"limit": 30, "used": 0, "remaining": 30, "reset": now.seconds() + 60});
    ok(json!({"resources": {"core": core, "search": search}, "rate": core}))
}
