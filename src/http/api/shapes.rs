//! The shapes of what is answered, for the description of the API.

use serde_json::{Map, Value, json};

use super::keys::{Key, Kind, needed, object, optional};

const TEXT: Kind = Kind::Text;
const COUNT: Kind = Kind::Whole(0, i64::MAX);
const LEVEL: Kind = Kind::Word(&["low", "medium", "high", "critical"]);

const TASK: &[Key] = &[
    needed("item", TEXT, "The task as owner/name#12."),
    needed("title", TEXT, "The issue's title."),
    needed("status", TEXT, "Where it stands."),
    needed("type", TEXT, "What it is."),
    optional("role", TEXT, "Who could do it."),
    optional("worker", TEXT, "Who does it."),
    needed("priority", LEVEL, "How soon."),
    optional("risk", LEVEL, "How dangerous."),
    needed("urgent", Kind::Flag, "Whether it has to be acknowledged at once."),
    optional("percent", Kind::Whole(0, 100), "How far it is."),
    needed("fence", COUNT, "Counts holders and leases."),
    optional("lease_until", Kind::Time, "When its lease runs out."),
    optional("parent", TEXT, "The issue that it is part of."),
    optional("blocked_by", TEXT, "What is in its way: an issue, or a sentence."),
    needed("flags", Kind::Texts, "Such as sla-breached or stuck."),
    optional("url", TEXT, "Where people read it."),
    needed("created", Kind::Time, "When it came under management."),
    needed("updated", Kind::Time, "When it last changed."),
];
const MORE_OF_TASK: &[Key] = &[
    optional("handoff", Kind::One("Handoff"), "What its worker needs to begin, without a lease."),
    needed("timers", Kind::Many("Timer"), "When its clocks fall due."),
    optional("summary", TEXT, "What was last decided about it."),
    needed("reasons", Kind::Texts, "Why."),
    needed("blockers", Kind::Texts, "Why not."),
    needed("subtasks", Kind::Many("Task"), "Tasks that are part of it."),
];
const WORKER: &[Key] = &[
    needed("id", TEXT, "Its id."),
    needed("role", TEXT, "The role it fills."),
    needed("capabilities", Kind::Texts, "What it can do."),
    optional("login", TEXT, "Its GitHub account."),
    needed("capacity", COUNT, "How many tasks it takes at once."),
    needed("calendar", Kind::One("Calendar"), "When it works."),
    needed("agent", Kind::Flag, "A script or an AI agent."),
    needed("tell", Kind::Many("Telling"), "How it is told of a task."),
    needed("status", Kind::Word(&["active", "idle", "busy", "stale", "offline"]), "Whether it can be reached."),
    optional("heartbeat", Kind::Time, "When it was last heard of."),
    needed("open_tasks", COUNT, "How many tasks it holds."),
    optional("registered", Kind::Time, "When it registered."),
    needed("by", TEXT, "Who registered it, or `rules`."),
];
const LEASES: Key = needed("leases", Kind::Many("Lease"), "What it holds.");

/// Every shape that is an object, by name.
const SHAPES: &[(&str, &[Key])] = &[
    (
        "Who",
        &[
            needed("name", TEXT, "What the token is called."),
            needed("scope", TEXT, "What it may."),
            optional("person", TEXT, "Whose word its calls are."),
        ],
    ),
    ("Task", TASK),
    (
        "Tasks",
        &[
            needed("tasks", Kind::Many("Task"), "The tasks, by repository and number."),
            optional("next", TEXT, "What `after` is for the next ones; null where there are none."),
        ],
    ),
    ("Timer", &[needed("clock", TEXT, "Which clock."), needed("due", Kind::Time, "When it falls due.")]),
    ("Timeline", &[needed("timeline", Kind::Many("TimelineEntry"), "What happened, oldest first.")]),
    (
        "TimelineEntry",
        &[
            needed("at", Kind::Time, "When."),
            needed("who", TEXT, "Who."),
            needed("what", TEXT, "What, in a sentence."),
            needed("kind", TEXT, "Such as decision, ask or claim."),
            optional("from", TEXT, "The door: github, api, page, ntfy, cli or clock."),
        ],
    ),
    (
        "Handoff",
        &[
            needed("item_id", TEXT, "The task as owner/name#12."),
            needed("assigned_to", TEXT, "Who does it."),
            needed("task", Kind::Any, "Title, requirements, description and acceptance criteria."),
            needed("project_context", Kind::Any, "What it belongs to."),
            needed("deliverables", Kind::Texts, "What is to be handed in."),
            needed("branch", TEXT, "The branch to work on."),
            optional("lease", TEXT, "The lease."),
            needed("fence", COUNT, "The fence, which the worker names with all it asks."),
        ],
    ),
    (
        "Claim",
        &[
            needed("item", TEXT, "The task as owner/name#12."),
            needed("title", TEXT, "The issue's title."),
            needed("lease", TEXT, "The lease."),
            needed("fence", COUNT, "The fence, which the worker names with all it asks."),
            needed("until", Kind::Time, "When the lease runs out without a heartbeat."),
            optional("handoff", Kind::One("Handoff"), "What the worker needs to begin."),
        ],
    ),
    (
        "Accepted",
        &[
            needed("accepted", Kind::Flag, "It is stored, and will be judged."),
            needed("request", TEXT, "By which GET /requests/{guid} tells what became of it."),
        ],
    ),
    (
        "Request",
        &[
            needed("request", TEXT, "Its id."),
            needed("state", Kind::Word(&["waiting", "done", "refused"]), "What became of it."),
            optional("item", TEXT, "The issue that was opened."),
            optional("url", TEXT, "Where people read it."),
            optional("note", TEXT, "What was done, or why not."),
        ],
    ),
    ("Note", &[needed("at", Kind::Time, "When."), needed("text", TEXT, "What.")]),
    ("Notes", &[needed("notes", Kind::Many("Note"), "A worker's own notes, oldest first.")]),
    (
        "Project",
        &[
            needed("item", TEXT, "The project as owner/name#12."),
            needed("title", TEXT, "Its title."),
            needed("status", TEXT, "Where it stands."),
            needed("percent", Kind::Whole(0, 100), "How far it is."),
            needed("tasks", Kind::Many("Task"), "What it is made of."),
        ],
    ),
    (
        "Discovery",
        &[
            needed("item", TEXT, "The task in which it was found."),
            needed("id", TEXT, "Its id there, such as D1."),
            needed("text", TEXT, "What."),
            optional("impact", TEXT, "What it may mean."),
            needed("by", TEXT, "Who found it."),
            needed("at", Kind::Time, "When."),
            needed("accepted", Kind::Flag, "Whether a task was made of it."),
        ],
    ),
    ("Discoveries", &[needed("discoveries", Kind::Many("Discovery"), "Those of the project and of its tasks.")]),
    ("Worker", WORKER),
    ("Workers", &[needed("workers", Kind::Many("Worker"), "Everybody of the rules and of the registry.")]),
    (
        "Lease",
        &[
            needed("item", TEXT, "The task."),
            optional("lease", TEXT, "Its id; only for whoever holds it."),
            needed("fence", COUNT, "Its fence."),
            needed("until", Kind::Time, "When it runs out without a heartbeat."),
        ],
    ),
    ("Heartbeat", &[needed("status", TEXT, "Whether it can be reached."), LEASES]),
    (
        "Calendar",
        &[
            optional("always", Kind::Flag, "Around the clock."),
            optional("zone", TEXT, "Such as Europe/Berlin."),
            optional("hours", TEXT, "Such as 09:00-17:30."),
        ],
    ),
    (
        "Telling",
        &[
            needed("by", Kind::Word(&["assignee", "ntfy", "hook", "workflow_dispatch", "mention"]), "Which way."),
            optional("topic", TEXT, "Of ntfy: a topic of its own."),
            optional("url", TEXT, "Of a hook: where it is posted."),
            optional("secret_env", TEXT, "Of a hook: the environment variable that holds the key."),
            optional("workflow", TEXT, "Of workflow_dispatch: the workflow's file name."),
            optional("ref", TEXT, "Of workflow_dispatch: the ref it runs on."),
        ],
    ),
    (
        "Numbers",
        &[
            needed("completed", COUNT, "Tasks that were done."),
            needed("failed", COUNT, "Tasks that were given up."),
            optional("completion_rate", Kind::Share, "Of those that ended either way."),
            optional("failure_rate", Kind::Share, "Of those that ended either way."),
            needed("mean_minutes", Kind::Any, "Minutes from beginning to end, by priority."),
        ],
    ),
    (
        "Stats",
        &[
            needed("since", Kind::Time, "Since when."),
            needed("workers", Kind::Any, "The numbers of each worker, under its id."),
            needed("mean_minutes", Kind::Any, "Minutes from beginning to end, by priority."),
        ],
    ),
    (
        "Learning",
        &[
            needed("category", TEXT, "Where it belongs."),
            needed("title", TEXT, "Its first sentence."),
            needed("description", TEXT, "All of it."),
            needed("impact", Kind::Share, "How much it matters."),
            needed("tags", Kind::Texts, "Words to find it by."),
            needed("by", TEXT, "Who learned it."),
            needed("item", TEXT, "In which task."),
            needed("at", Kind::Time, "When."),
        ],
    ),
    ("Learnings", &[needed("learnings", Kind::Many("Learning"), "The weightiest first.")]),
    (
        "AuditEntry",
        &[
            needed("at", Kind::Time, "When."),
            needed("actor", TEXT, "Who."),
            optional("item", TEXT, "The issue or pull request that it is about."),
            optional("subject", TEXT, "What it is about, as the database calls it."),
            optional("decision", COUNT, "Which decision of that subject."),
            needed("kind", TEXT, "Such as decision, ask or claim."),
            needed("summary", TEXT, "What, in a sentence."),
            optional("door", TEXT, "The door: github, api, page, ntfy, cli or clock."),
        ],
    ),
    ("Audit", &[needed("entries", Kind::Many("AuditEntry"), "Oldest first.")]),
    (
        "Problem",
        &[
            needed("type", TEXT, "What kind of problem."),
            needed("title", TEXT, "The same in words."),
            needed("status", Kind::Whole(400, 599), "The status."),
            needed("detail", TEXT, "What is wrong this time, and what would be right."),
        ],
    ),
];

/// All shapes.
pub(in crate::http) fn schemas() -> Value {
    let mut all: Map<String, Value> = SHAPES.iter().map(|(name, keys)| ((*name).to_owned(), object(keys))).collect();
    let whole_task: Vec<Key> = TASK.iter().chain(MORE_OF_TASK).copied().collect();
    all.insert("WholeTask".to_owned(), object(&whole_task));
    let numbers = needed("numbers", Kind::One("Numbers"), "How its tasks ended.");
    let whole_worker: Vec<Key> = WORKER.iter().copied().chain([LEASES, numbers]).collect();
    all.insert("WholeWorker".to_owned(), object(&whole_worker));
    // What releases and environments look like is told where they are described.
    all.insert("Any".to_owned(), json!({"type": "object"}));
    Value::Object(all)
}
