//! Every route of the API: its path, who may call it, what it takes, what it answers, and what handles it.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, post, put};
use serde_json::json;

use super::auth::{Admits, Caller};
use super::find::InTask;
use super::keys::{Key, Kind, NO_KEYS, optional};
use super::verbs::VERBS;
use super::{
    ask_task, asks, audit, claims, learnings, lists, notes, projects, registration, requests, stats, tasks, workers,
};
use crate::http::Door;

/// One method of one path.
pub(in crate::http) struct Route {
    /// In lower case.
    pub(in crate::http) method: &'static str,
    /// With its parameters in braces.
    pub(in crate::http) path: String,
    pub(in crate::http) admits: Admits,
    /// It takes the word of a person.
    pub(in crate::http) personal: bool,
    /// A sentence.
    pub(in crate::http) says: String,
    pub(in crate::http) query: &'static [Key],
    /// `None` where no body is read.
    pub(in crate::http) body: Option<&'static [Key]>,
    /// The status of what went well, and the shape of what is answered.
    pub(in crate::http) answers: (u16, &'static str),
    /// It may answer 204.
    pub(in crate::http) may_be_nothing: bool,
    pub(in crate::http) handler: MethodRouter<Arc<Door>>,
}

const ITEM: &str = "/api/v1/tasks/{owner}/{name}/{number}";
const PROJECT: &str = "/api/v1/projects/{owner}/{name}/{number}";
const REPOSITORY: &str = "/api/v1/repositories/{owner}/{name}";

fn reads(path: impl Into<String>, says: &str, shape: &'static str, handler: MethodRouter<Arc<Door>>) -> Route {
    Route {
        method: "get",
        path: path.into(),
        admits: Admits::ANY,
        personal: false,
        says: says.to_owned(),
        query: NO_KEYS,
        body: None,
        answers: (200, shape),
        may_be_nothing: false,
        handler,
    }
}

fn does(
    path: impl Into<String>,
    (admits, keys): (Admits, &'static [Key]),
    says: &str,
    handler: MethodRouter<Arc<Door>>,
) -> Route {
    Route {
        method: "post",
        admits,
        body: Some(keys),
        answers: (202, "Accepted"),
        ..reads(path, says, "Accepted", handler)
    }
}

/// All of them.
pub(in crate::http) fn routes() -> Vec<Route> {
    [of_tasks(), of_claims(), of_verbs(), of_projects(), of_workers(), of_the_whole(), of_repositories()]
        .into_iter()
        .flatten()
        .collect()
}

fn of_tasks() -> Vec<Route> {
    let item = |rest: &str| format!("{ITEM}{rest}");
    vec![
        Route {
            query: tasks::QUERY,
            ..reads("/api/v1/tasks", "Lists tasks, by repository and number.", "Tasks", get(tasks::list))
        },
        reads(ITEM, "Shows a task with all that is known of it.", "WholeTask", get(tasks::one)),
        reads(item("/timeline"), "Tells what happened to a task.", "Timeline", get(tasks::timeline)),
        Route {
            admits: Admits::ACTIVE,
            ..reads(item("/handoff"), "What the holder needs, with lease and fence.", "Handoff", get(tasks::handoff))
        },
        Route {
            admits: Admits::WORKERS_ALONE,
            ..reads(item("/notes"), "The worker's own notes on a task.", "Notes", get(notes::list))
        },
        Route {
            answers: (200, "Notes"),
            ..does(
                item("/notes"),
                (Admits::WORKERS_ALONE, notes::KEYS),
                "Keeps a note that nobody else reads.",
                post(notes::add),
            )
        },
    ]
}

fn of_claims() -> Vec<Route> {
    let workers = |keys| (Admits::WORKERS, keys);
    vec![
        Route {
            answers: (200, "Claim"),
            may_be_nothing: true,
            ..does(
                "/api/v1/tasks/claim",
                workers(claims::ANY_KEYS),
                "Claims the best task that the worker is capable of.",
                post(claims::any),
            )
        },
        Route {
            answers: (200, "Claim"),
            ..does(format!("{ITEM}/claim"), workers(claims::ONE_KEYS), "Claims this task.", post(claims::one))
        },
    ]
}

fn of_verbs() -> Vec<Route> {
    let route = |verb: &'static super::verbs::Verb| {
        let handler = move |state: State<Arc<Door>>, caller: Extension<Caller>, path: InTask, request: Request| {
            ask_task::ask(verb, (state, caller, path), request)
        };
        Route {
            personal: verb.personal,
            ..does(format!("{ITEM}/{}", verb.name), (verb.admits, verb.keys), verb.says, post(handler))
        }
    };
    VERBS.iter().map(route).collect()
}

fn of_projects() -> Vec<Route> {
    let orchestrators = |keys| (Admits::ORCHESTRATORS, keys);
    vec![
        does("/api/v1/projects", orchestrators(projects::PROJECT_KEYS), "Opens a project.", post(projects::open)),
        reads(PROJECT, "How far a project is, and what it is made of.", "Project", get(projects::one)),
        does(
            format!("{PROJECT}/tasks"),
            orchestrators(projects::TASK_KEYS),
            "Opens a task of a project.",
            post(projects::add),
        ),
        reads(
            format!("{PROJECT}/discoveries"),
            "What was found by the way.",
            "Discoveries",
            get(projects::discoveries),
        ),
    ]
}

fn of_workers() -> Vec<Route> {
    const WORKER: &str = "/api/v1/workers/{id}";
    vec![
        reads("/api/v1/workers", "Everybody who works here.", "Workers", get(workers::list)),
        reads(WORKER, "A worker with its leases and its numbers.", "WholeWorker", get(workers::one)),
        Route {
            method: "put",
            answers: (200, "Worker"),
            ..does(
                WORKER,
                (Admits::WORKERS, registration::KEYS),
                "Registers a worker, or changes all that is known of it.",
                put(workers::register),
            )
        },
        Route {
            answers: (200, "Heartbeat"),
            ..does(
                format!("{WORKER}/heartbeat"),
                (Admits::WORKERS, workers::HEARTBEAT_KEYS),
                "Says that the worker is there; this extends its leases.",
                post(workers::heartbeat),
            )
        },
        Route {
            method: "delete",
            admits: Admits::WORKERS,
            ..reads(WORKER, "Says that the worker is offline.", "Heartbeat", delete(workers::leave))
        },
    ]
}

fn of_the_whole() -> Vec<Route> {
    vec![
        reads("/api/v1/whoami", "Whose token it is.", "Who", get(whoami)),
        reads("/api/v1/requests/{guid}", "What became of an accepted call.", "Request", get(requests::one)),
        Route {
            query: learnings::QUERY,
            ..reads("/api/v1/learnings", "What was learned while doing tasks.", "Learnings", get(learnings::list))
        },
        Route {
            query: audit::QUERY,
            admits: Admits::OVERSEERS,
            ..reads("/api/v1/audit", "Who did what, and when.", "Audit", get(audit::list))
        },
        reads("/api/v1/stats", "How tasks ended, and how long they took.", "Stats", get(stats::stats)),
    ]
}

const DEPLOYMENTS_QUERY: &[Key] = &[
    optional("environment", Kind::Text, "Only those to this environment."),
    optional("limit", Kind::Whole(1, 100), "At most so many; 30 where nothing is said."),
];
const ENVIRONMENT_KEYS: &[Key] = &[
    optional("version", Kind::Text, "Of deploy and approve: which version."),
    optional("override", Kind::Text, "Of deploy: why a freeze does not count."),
    optional("until", Kind::Text, "Of freeze: until when."),
    optional("why", Kind::Text, "Of rollback, freeze and reject: why."),
];

fn of_repositories() -> Vec<Route> {
    let of = |what: &str| format!("{REPOSITORY}/{what}");
    vec![
        reads(of("releases"), "What was released, the newest first.", "Any", get(lists::releases)),
        reads(of("environments"), "What runs where, and what is to come.", "Any", get(lists::environments)),
        Route {
            query: DEPLOYMENTS_QUERY,
            ..reads(of("deployments"), "What was deployed, the newest first.", "Any", get(lists::deployments))
        },
        does(
            of("environments/{environment}/{verb}"),
            (Admits::ADMINS, ENVIRONMENT_KEYS),
            "Asks something of an environment: deploy, rollback, freeze, unfreeze, approve or reject.",
            post(asks::ask),
        ),
    ]
}

async fn whoami(Extension(caller): Extension<Caller>) -> Response {
    Json(json!({"name": caller.name, "scope": caller.scope, "person": caller.person})).into_response()
}
