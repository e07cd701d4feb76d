//! Registering an App from a manifest: a page that checks it as GitHub does, a code that counts once, and the credentials.
//!
//! <https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest>

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::answer::{Answer, Refusal};
use super::call::Call;
use super::entities::AccountKind;
use super::installations::{Access, Permissions};
use super::sign_in::{escaped, form, html, value};
use super::state::{App, State};
use crate::model::Timestamp;

/// A code counts for an hour.
const CODE_LIFETIME_MS: i64 = 60 * 60 * 1000;
/// No App has a longer name.
const NAME_MAX_CHARACTERS: usize = 34;
/// Permissions of repositories and organisations, as far as anything here might ask for them.
///
/// <https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps>
const PERMISSIONS: &[&str] = &[
    "actions",
    "administration",
    "checks",
    "contents",
    "deployments",
    "environments",
    "issues",
    "members",
    "metadata",
    "packages",
    "pages",
    "pull_requests",
    "repository_hooks",
    "repository_projects",
    "secrets",
    "statuses",
    "workflows",
];
/// Events with the permissions of which one is needed to hear of them; these can be subscribed to.
///
/// <https://docs.github.com/en/webhooks/webhook-events-and-payloads>
const EVENTS: &[(&str, &[&str])] = &[
    ("check_run", &["checks"]),
    ("check_suite", &["checks"]),
    ("create", &["contents"]),
    ("delete", &["contents"]),
    ("deployment", &["deployments"]),
    ("deployment_status", &["deployments"]),
    ("issue_comment", &["issues", "pull_requests"]),
    ("issue_dependencies", &["issues"]),
    ("issues", &["issues"]),
    ("label", &["metadata"]),
    ("pull_request", &["pull_requests"]),
    ("pull_request_review", &["pull_requests"]),
    ("push", &["contents"]),
    ("release", &["contents"]),
    ("repository", &["metadata"]),
    ("status", &["statuses"]),
    ("sub_issues", &["issues"]),
    ("workflow_run", &["actions"]),
];

/// Apps that are on the way.
#[derive(Debug, Default)]
pub struct Registrations {
    drafts: HashMap<String, Draft>,
    codes: HashMap<String, (Draft, Timestamp)>,
}

#[derive(Debug, Clone)]
struct Draft {
    manifest: Manifest,
    permissions: Permissions,
    owner: String,
    state: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    name: String,
    url: String,
    hook_attributes: Hook,
    redirect_url: String,
    #[serde(default)]
    callback_urls: Vec<String>,
    #[serde(default, rename = "setup_url")]
    _setup_url: Option<String>,
    #[serde(default, rename = "public")]
    _public: bool,
    #[serde(default)]
    default_permissions: HashMap<String, String>,
    #[serde(default)]
    default_events: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Hook {
    url: String,
    #[serde(default, rename = "active")]
    _active: bool,
}

/// Answers what belongs to registering Apps; `None` for everything else.
pub fn answer(state: &mut State, call: &Call) -> Option<Answer> {
    let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    match (call.method.as_str(), segments.as_slice()) {
        ("POST", ["settings", "apps", "new"]) => Some(page(state, call, None)),
        ("POST", ["organizations", name, "settings", "apps", "new"]) => Some(page(state, call, Some(name))),
        ("POST", ["settings", "apps"]) => Some(agreed(state, call)),
        ("POST", ["app-manifests", code, "conversions"]) => Some(conversion(state, code)),
        _ => None,
    }
}

/// The page on which a person agrees to the App.
fn page(state: &mut State, call: &Call, organization: Option<&str>) -> Answer {
    let owner = match organization {
        Some(name) => match state.account(name).filter(|account| account.kind == AccountKind::Organization) {
            Some(account) => account.login.clone(),
            None => return html(404, "<h1>There is no such organisation</h1>"),
        },
        None => state
            .accounts
            .values()
            .find(|account| account.kind == AccountKind::User)
            .map_or_else(|| state.app.owner.clone(), |account| account.login.clone()),
    };
    let fields = form(call);
    let manifest = serde_json::from_str::<Manifest>(value(&fields, "manifest").unwrap_or_default());
    let refused = |what: &str| html(422, &format!("<h1>Invalid GitHub App configuration</h1><p>{}</p>", escaped(what)));
    let manifest = match manifest {
        Ok(manifest) => manifest,
        Err(fault) => return refused(&fault.to_string()),
    };
    let permissions = match checked(state, &manifest) {
        Ok(permissions) => permissions,
        Err(fault) => return refused(&fault),
    };
    let draft = Draft { manifest, permissions, owner, state: call.parameter("state").map(str::to_owned) };
    let page = format!(
        "<h1>Create GitHub App for {}</h1><form method=\"post\" action=\"/settings/apps\">\
         <input type=\"hidden\" name=\"draft\" value=\"{{}}\"><button name=\"create\" value=\"1\">Create {}</button></form>",
        escaped(&draft.owner),
        escaped(&draft.manifest.name)
    );
    let id = secret();
    state.registrations.drafts.insert(id.clone(), draft);
    html(200, &page.replacen("{}", &id, 1))
}

/// The permissions of a manifest that GitHub takes, else why it does not.
fn checked(state: &State, manifest: &Manifest) -> Result<Permissions, String> {
    if manifest.name.is_empty() || manifest.name.chars().count() > NAME_MAX_CHARACTERS {
        return Err("Name is too long (maximum is 34 characters)".to_owned());
    }
    if manifest.name.eq_ignore_ascii_case(&state.app.name) {
        return Err("Name is already taken".to_owned());
    }
    let addresses = [&manifest.url, &manifest.hook_attributes.url, &manifest.redirect_url].into_iter();
    for address in addresses.chain(&manifest.callback_urls) {
        Url::parse(address).map_err(|_| format!("Url {address:?} must be a valid URL"))?;
    }
    let mut permissions = Permissions::from([("metadata".to_owned(), Access::Read)]);
    for (name, access) in &manifest.default_permissions {
        let access = Access::parse(access).filter(|_| PERMISSIONS.contains(&name.as_str()));
        let access = access
            .ok_or_else(|| format!("Default permission records resource {name:?} is not included in the list"))?;
        permissions.insert(name.clone(), access);
    }
    let hears = |event: &str| {
        let needed = EVENTS.iter().find(|(name, _)| *name == event).map(|(_, needed)| *needed);
        needed.is_some_and(|needed| needed.iter().any(|name| permissions.contains_key(*name)))
    };
    match manifest.default_events.iter().find(|event| !hears(event)) {
        Some(event) => Err(format!("Default events are not supported by permissions: {event}")),
        None => Ok(permissions),
    }
}

/// Sends the browser back with the code.
fn agreed(state: &mut State, call: &Call) -> Answer {
    let draft = value(&form(call), "draft").and_then(|id| state.registrations.drafts.remove(id));
    let Some(draft) = draft else { return html(404, "<h1>There is no such draft</h1>") };
    let Ok(mut back) = Url::parse(&draft.manifest.redirect_url) else { return html(404, "<h1>Nowhere to go</h1>") };
    let code = secret();
    back.query_pairs_mut().append_pair("code", &code);
    if let Some(state) = &draft.state {
        back.query_pairs_mut().append_pair("state", state);
    }
    let until = state.now().plus_ms(CODE_LIFETIME_MS);
    state.registrations.codes.insert(code, (draft, until));
    Answer::empty(302).with("location", back.into())
}

/// `POST /app-manifests/{code}/conversions`: the App that GitHub lets in from now on; the one before is gone, and so is
/// wherever it was installed.
fn conversion(state: &mut State, code: &str) -> Answer {
    let now = state.now();
    let known = state.registrations.codes.remove(code).filter(|(_, until)| *until > now);
    let Some((draft, _)) = known else { return Refusal::not_found().into_answer() };
    let Draft { manifest, permissions, owner, .. } = draft;
    let id = state.fresh_id();
    let slug: String = manifest
        .name
        .to_lowercase()
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' })
        .collect();
    state.app = App {
        id,
        slug,
        name: manifest.name,
        owner,
        webhook_secret: secret(),
        client_id: format!("Iv23li{id:014}"),
        client_secret: secret(),
        key: state.app.key.clone(),
        permissions,
        events: manifest.default_events,
        created_at: now,
    };
    state.webhooks.target = Some(manifest.hook_attributes.url);
    state.sign_ins.callbacks = manifest.callback_urls;
    state.installations.clear();
    state.tokens.clear();
    for repository in state.repositories.values_mut() {
        repository.installed = false;
    }
    let bot = state.bot().login;
    state.add_account(&bot, AccountKind::Bot);
    Answer::json(201, credentials(state))
}

fn credentials(state: &State) -> Value {
    let app = &state.app;
    let mut view = super::payloads::Views { state }.app();
    for (name, secret) in
        [("client_secret", &app.client_secret), ("webhook_secret", &app.webhook_secret), ("pem", &app.key.private_pem)]
    {
        view[name] = json!(secret);
    }
    view
}

fn secret() -> String {
    format!("{:040x}", rand::random::<u128>())
}
