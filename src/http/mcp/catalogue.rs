//! The tools: every route of the API under a short name, and two that agents ask for so often that they are shorter still.

use std::sync::LazyLock;

use super::annotations::Effect;
use crate::http::api::auth::{Admits, Caller};
use crate::http::api::keys::Key;
use crate::http::api::table::{self, Route};
use crate::model::Scope;

/// Below which every path of the API is.
pub(super) const ROOT: &str = "/api/v1/";
/// The route that claims one task, which becomes the same tool as the one that claims any.
const CLAIM_ONE: &str = "tasks/{owner}/{name}/{number}/claim";

/// How routes are called as tools, and what they do to the world. Those of verbs are called as the verb is.
const NAMES: &[(&str, &str, &str, Effect)] = &[
    ("get", "tasks", "tasks", Effect::Reads),
    ("get", "tasks/{owner}/{name}/{number}", "task", Effect::Reads),
    ("get", "tasks/{owner}/{name}/{number}/timeline", "timeline", Effect::Reads),
    ("get", "tasks/{owner}/{name}/{number}/handoff", "get", Effect::Reads),
    ("get", "tasks/{owner}/{name}/{number}/notes", "notes", Effect::Reads),
    ("post", "tasks/{owner}/{name}/{number}/notes", "note", Effect::Adds),
    ("post", "tasks/claim", "claim", Effect::Adds),
    ("post", "projects", "project", Effect::Adds),
    ("get", "projects/{owner}/{name}/{number}", "project_progress", Effect::Reads),
    ("post", "projects/{owner}/{name}/{number}/tasks", "create", Effect::Adds),
    ("get", "projects/{owner}/{name}/{number}/discoveries", "discoveries", Effect::Reads),
    ("get", "workers", "workers", Effect::Reads),
    ("get", "workers/{id}", "worker", Effect::Reads),
    ("put", "workers/{id}", "register", Effect::Sets),
    ("post", "workers/{id}/heartbeat", "heartbeat", Effect::Sets),
    ("delete", "workers/{id}", "sign_off", Effect::Sets),
    ("get", "whoami", "whoami", Effect::Reads),
    ("get", "requests/{guid}", "request", Effect::Reads),
    ("get", "learnings", "learnings", Effect::Reads),
    ("get", "audit", "audit", Effect::Reads),
    ("get", "stats", "stats", Effect::Reads),
    ("get", "repositories/{owner}/{name}/releases", "releases", Effect::Reads),
    ("get", "repositories/{owner}/{name}/environments", "environments", Effect::Reads),
    ("get", "repositories/{owner}/{name}/deployments", "deployments", Effect::Reads),
    ("post", "repositories/{owner}/{name}/environments/{environment}/{verb}", "environment", Effect::Ends),
];

/// What an agent needs to be told more than the API's own sentence.
const SAYS: &[(&str, &str)] = &[
    (
        "claim",
        "Claims a task: the one that is named, else the best that the worker is capable of. Answers with its handoff package, lease and fence.",
    ),
    ("get", "The handoff package of a task that one holds: title, requirements, branch, lease and fence."),
    ("notes", "Reads the worker's own notes on a task."),
    ("note", "Keeps a private note on a task, which nobody else reads."),
    ("project", "Opens a project: an issue that holds tasks together. Answers with its name once it is open."),
    ("create", "Opens a task of a project. Answers with its name once it is open."),
    (
        "complete",
        "Hands in evidence that a task is done, such as the URL of its merged pull request; an orchestrator completes projects.",
    ),
    ("register", "Registers the worker, or changes all that is known of it; before its first claim."),
    ("heartbeat", "Says that the worker is there; this extends its leases. Every minute while a task is held."),
    ("request", "What became of a call that was accepted and not decided on yet."),
    ("environment", "Asks something of an environment: deploy, rollback, freeze, unfreeze, approve or reject."),
];

/// A tool.
#[derive(Debug)]
pub(super) struct Tool {
    pub(super) name: String,
    /// A sentence or two.
    pub(super) says: String,
    pub(super) method: &'static str,
    /// Below [`ROOT`].
    pub(super) path: String,
    /// The path where its task is not named, if it need not be.
    pub(super) path_of_any: Option<&'static str>,
    pub(super) admits: Admits,
    /// It takes the word of a person.
    personal: bool,
    pub(super) query: &'static [Key],
    pub(super) body: Option<&'static [Key]>,
    /// It is accepted first, and decided on later.
    pub(super) is_decided_later: bool,
    /// It asks for what is the worker's own.
    pub(super) is_own: bool,
    pub(super) effect: Effect,
}

static TOOLS: LazyLock<Vec<Tool>> = LazyLock::new(all);

/// The tool of this name.
pub(super) fn named(name: &str) -> Option<&'static Tool> {
    TOOLS.iter().find(|tool| tool.name == name)
}

/// The tools that a caller is shown.
pub(super) fn of(caller: &Caller) -> impl Iterator<Item = &'static Tool> {
    TOOLS.iter().filter(|tool| tool.is_for(caller))
}

impl Tool {
    /// Whether it is of any use to this caller.
    pub(super) fn is_for(&self, caller: &Caller) -> bool {
        self.admits.admits(&caller.scope) && (!self.personal || caller.person.is_some())
    }

    /// Whether an argument is kept from callers of this scope, since it says what follows from their token or what they
    /// may not.
    pub(super) fn hides(&self, scope: &Scope, key: &str) -> bool {
        match (scope, key) {
            (Scope::Worker(_), "worker") => self.name != "worker" && self.name != "tasks",
            (Scope::Orchestrator, "evidence" | "fence") => true,
            (Scope::Worker(_) | Scope::Orchestrator, "override") => self.name == "complete",
            (Scope::Worker(_) | Scope::Orchestrator | Scope::Read | Scope::Admin, _) => false,
        }
    }
}

fn all() -> Vec<Tool> {
    let mut tools: Vec<Tool> = table::routes().iter().filter_map(of_route).collect();
    if let Some(list) = tools.iter().find(|tool| tool.name == "tasks") {
        let own = Tool {
            name: "check".to_owned(),
            says: "Lists the tasks that the worker has: what waits for it, and what it works on.".to_owned(),
            path: list.path.clone(),
            admits: Admits::WORKERS_ALONE,
            is_own: true,
            ..*list
        };
        tools.insert(0, own);
    }
    tools
}

fn of_route(route: &Route) -> Option<Tool> {
    let path = route.path.strip_prefix(ROOT)?;
    let known = NAMES.iter().find(|(method, known, ..)| *method == route.method && *known == path);
    let (name, effect) = match known {
        Some((_, _, name, effect)) => ((*name).to_owned(), *effect),
        None if path == CLAIM_ONE => return None,
        None => {
            let verb = path.rsplit('/').next()?;
            (verb.replace('-', "_"), Effect::of_verb(verb))
        }
    };
    let is_claim = name == "claim";
    let says = SAYS.iter().find(|(tool, _)| *tool == name).map_or(route.says.as_str(), |(_, says)| says);
    Some(Tool {
        says: says.to_owned(),
        method: route.method,
        path: if is_claim { CLAIM_ONE.to_owned() } else { path.to_owned() },
        path_of_any: is_claim.then_some("tasks/claim"),
        admits: route.admits,
        personal: route.personal,
        query: route.query,
        body: route.body,
        is_decided_later: route.answers.0 == 202,
        is_own: false,
        effect,
        name,
    })
}
