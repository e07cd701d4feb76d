//! What can be asked of a task: each verb with who may ask it, which keys its body has, and what it comes to.

use chrono::NaiveDate;
use serde_json::Value;

use super::auth::Admits;
use super::given::{Given, Wrong};
use super::keys::{Key, Kind, NO_KEYS, needed, optional};
use crate::model::{Assignee, Item, Login, RepositoryName, TaskAsk, TaskType, Timestamp};

const FENCE: Key =
    optional("fence", Kind::Whole(0, i64::MAX), "The fence of the worker's lease; a stale one is refused.");
const LEVELS: Kind = Kind::Word(&["low", "medium", "high", "critical"]);
const WHY: Key = needed("why", Kind::Text, "Why.");
const WHY_IF: Key = optional("why", Kind::Text, "Why.");

/// Where and when something is asked.
pub(super) struct Asking<'a> {
    /// The repository in which `#12` is an issue.
    pub(super) home: &'a RepositoryName,
    /// The present.
    pub(super) now: Timestamp,
}

/// A verb.
pub(super) struct Verb {
    /// The last part of the path.
    pub(super) name: &'static str,
    /// Whose word it takes.
    pub(super) admits: Admits,
    /// It takes the word of a person.
    pub(super) personal: bool,
    /// The keys of its body.
    pub(super) keys: &'static [Key],
    /// A sentence for the documentation.
    pub(super) says: &'static str,
    /// What a body comes to.
    pub(super) ask: fn(&Given, &Asking<'_>) -> Result<TaskAsk, Wrong>,
}

const fn of_worker(
    name: &'static str,
    keys: &'static [Key],
    says: &'static str,
    ask: fn(&Given, &Asking<'_>) -> Result<TaskAsk, Wrong>,
) -> Verb {
    Verb { name, admits: Admits::WORKERS, personal: false, keys, says, ask }
}

const fn of_orchestrator(
    name: &'static str,
    keys: &'static [Key],
    says: &'static str,
    ask: fn(&Given, &Asking<'_>) -> Result<TaskAsk, Wrong>,
) -> Verb {
    Verb { name, admits: Admits::ORCHESTRATORS, personal: false, keys, says, ask }
}

/// The verb that hands in evidence, and ends a project.
pub(super) const COMPLETE: &str = "complete";

/// All verbs.
pub(super) const VERBS: &[Verb] = &[
    of_worker("release", &[WHY_IF, FENCE], "Lets go of the task.", |given, _| {
        Ok(TaskAsk::Release { why: given.text("why") })
    }),
    of_worker("ack", &[FENCE], "Says that the task was seen; this stops the response clock.", |_, _| {
        Ok(TaskAsk::Acknowledge)
    }),
    of_worker(
        "progress",
        &[
            optional("percent", Kind::Whole(0, 100), "How far it is."),
            needed("text", Kind::Text, "How far it is, in a sentence."),
            FENCE,
        ],
        "Says how far the task is; this resets the stuck clock.",
        |given, _| {
            let percent = given.whole("percent").and_then(|number| u8::try_from(number).ok());
            Ok(TaskAsk::Progress { percent, text: given.said("text") })
        },
    ),
    of_worker(
        "discover",
        &[needed("text", Kind::Text, "What was found."), optional("impact", Kind::Text, "What it may mean."), FENCE],
        "Tells of something found by the way.",
        |given, _| Ok(TaskAsk::Discover { text: given.said("text"), impact: given.text("impact") }),
    ),
    of_worker(
        "learn",
        &[
            needed("text", Kind::Text, "What was learned; its first sentence is its title."),
            needed("impact", Kind::Share, "How much it matters."),
            optional("tags", Kind::Texts, "Words to find it by."),
            optional("category", Kind::Text, "Where it belongs; the task's type where nothing is said."),
            FENCE,
        ],
        "Keeps something that was learned, for others.",
        |given, _| {
            Ok(TaskAsk::Learn {
                text: given.said("text"),
                category: given.text("category"),
                impact: given.share("impact").unwrap_or_default(),
                tags: given.texts("tags").unwrap_or_default(),
            })
        },
    ),
    of_worker(
        "blocker",
        &[
            needed("text", Kind::Text, "What is in the way."),
            optional("needs", Kind::Text, "What it takes."),
            optional("by", Kind::Text, "The issue that has to be closed first, as #12 or owner/name#12."),
            FENCE,
        ],
        "Says what is in the way of the task.",
        |given, asking| {
            Ok(TaskAsk::Block { text: given.said("text"), needs: given.text("needs"), by: item(given, "by", asking)? })
        },
    ),
    of_worker("unblock", &[FENCE], "Says that nothing is in the way any more.", |_, _| Ok(TaskAsk::Unblock)),
    of_worker("request-approval", &[WHY, FENCE], "Asks for somebody's consent.", |given, _| {
        Ok(TaskAsk::RequestApproval { why: given.said("why") })
    }),
    Verb {
        name: COMPLETE,
        admits: Admits::ACTIVE,
        personal: false,
        keys: &[
            optional("evidence", Kind::Text, "What shows that it is done; needed, except for projects."),
            optional("override", Kind::Flag, "Done without evidence; only for admin tokens."),
            FENCE,
        ],
        says: "Hands in evidence. An orchestrator completes projects, and nothing else.",
        ask: |given, _| {
            let evidence = given.said("evidence");
            Ok(TaskAsk::Complete { evidence, overrides: given.flag("override") })
        },
    },
    of_worker("fail", &[WHY, FENCE], "Gives the task up.", |given, _| Ok(TaskAsk::Fail { why: given.said("why") })),
    of_orchestrator(
        "assign",
        &[needed("to", Kind::Text, "`@user`, a worker, a role, or `auto`.")],
        "Gives the task to somebody.",
        |given, _| Ok(TaskAsk::Assign { to: assignee(&given.said("to"))? }),
    ),
    of_orchestrator(
        "subtask",
        &[
            needed("title", Kind::Text, "Its title."),
            optional("requirements", Kind::Texts, "What is required of it."),
            optional("description", Kind::Text, "Its text."),
        ],
        "Makes a task that is part of this one.",
        |given, _| {
            Ok(TaskAsk::Subtask {
                title: given.said("title"),
                requirements: given.texts("requirements").unwrap_or_default(),
                description: given.said("description"),
            })
        },
    ),
    of_orchestrator(
        "depends",
        &[needed("on", Kind::Text, "The issue to wait for, as #12 or owner/name#12.")],
        "Has the task wait for another.",
        |given, asking| {
            let on = item(given, "on", asking)?;
            on.map(|on| TaskAsk::Depend { on }).ok_or_else(|| Wrong::key("`on` is missing."))
        },
    ),
    of_orchestrator("route", &[needed("type", Kind::Text, "What it is.")], "Says what the task is.", |given, _| {
        Ok(TaskAsk::Route { task_type: TaskType::new(word(given, "type")?) })
    }),
    of_orchestrator(
        "priority",
        &[needed("priority", LEVELS, "How soon.")],
        "Says how soon the task is wanted.",
        |given, _| {
            let priority = given.parsed("priority")?.ok_or_else(|| Wrong::key("`priority` is missing."))?;
            Ok(TaskAsk::Priority { priority })
        },
    ),
    of_orchestrator("urgent", NO_KEYS, "Has the task acknowledged within 15 minutes.", |_, _| Ok(TaskAsk::Urgent)),
    of_orchestrator("escalate", &[WHY_IF], "Tells whoever comes next in the chain.", |given, _| {
        Ok(TaskAsk::Escalate { why: given.text("why") })
    }),
    of_orchestrator("retry", NO_KEYS, "Tries again what was given up, or takes up what was put off.", |_, _| {
        Ok(TaskAsk::Retry)
    }),
    of_orchestrator(
        "defer",
        &[optional("until", Kind::Text, "Until when, as 2026-12-01 or RFC 3339; without it, until it is retried.")],
        "Puts the task off.",
        |given, asking| Ok(TaskAsk::Defer { until: until(given, asking)? }),
    ),
    of_orchestrator("cancel", &[WHY_IF], "Has the task not done.", |given, _| {
        Ok(TaskAsk::Cancel { why: given.text("why") })
    }),
    of_orchestrator(
        "risk",
        &[needed("risk", LEVELS, "How dangerous.")],
        "Says how dangerous the task is.",
        |given, _| {
            let risk = given.parsed("risk")?.ok_or_else(|| Wrong::key("`risk` is missing."))?;
            Ok(TaskAsk::Risk { risk })
        },
    ),
    of_orchestrator("request-changes", &[WHY], "Sends back what was handed in.", |given, _| {
        Ok(TaskAsk::RequestChanges { why: given.said("why") })
    }),
    of_orchestrator(
        "accept-discovery",
        &[needed("discovery", Kind::Any, "Which: \"D1\" or 1.")],
        "Makes a task of a discovery.",
        |given, _| Ok(TaskAsk::AcceptDiscovery { discovery: discovery(given.value("discovery"))? }),
    ),
    Verb {
        personal: true,
        ..of_orchestrator("approve", NO_KEYS, "Consents, by the word of the token's person.", |_, _| {
            Ok(TaskAsk::Approve)
        })
    },
    Verb {
        personal: true,
        ..of_orchestrator("reject", &[WHY], "Does not consent, by the word of the token's person.", |given, _| {
            Ok(TaskAsk::Reject { why: given.said("why") })
        })
    },
];

fn item(given: &Given, key: &str, asking: &Asking<'_>) -> Result<Option<Item>, Wrong> {
    let Some(text) = given.text(key) else { return Ok(None) };
    Item::near(text.trim(), asking.home).map(Some).map_err(|fault| Wrong::key(format!("`{key}`: {fault}.")))
}

fn assignee(text: &str) -> Result<Assignee, Wrong> {
    let text = text.trim();
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '[' | ']');
    let (is_login, name) = text.strip_prefix('@').map_or((false, text), |login| (true, login));
    if name.is_empty() || !name.chars().all(good) {
        return Err(Wrong::key(format!("`to` should be `@user`, a worker, a role or `auto`, and is {text:?}.")));
    }
    Ok(if is_login {
        Assignee::Login(Login::new(name))
    } else if name.eq_ignore_ascii_case("auto") {
        Assignee::Auto
    } else {
        Assignee::Named(name.to_owned())
    })
}

/// One word of the kind that can follow `type/` in a label.
fn word(given: &Given, key: &str) -> Result<String, Wrong> {
    let text = given.said(key).trim().to_owned();
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if text.len() <= 40 && text.chars().all(good) {
        return Ok(text);
    }
    Err(Wrong::key(format!("`{key}` should be one word of at most 40 letters, digits, `_` and `-`, and is {text:?}.")))
}

fn until(given: &Given, asking: &Asking<'_>) -> Result<Option<Timestamp>, Wrong> {
    let Some(text) = given.text("until") else { return Ok(None) };
    let text = text.trim();
    let day = || {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        Some(Timestamp(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis()))
    };
    let at = Timestamp::parse_rfc3339(text).or_else(day).ok_or_else(|| {
        Wrong::key(format!("`until` should be a day such as 2026-12-01 or a time in RFC 3339, and is {text:?}."))
    })?;
    if at <= asking.now {
        return Err(Wrong::key(format!("`until` has passed: {text}.")));
    }
    Ok(Some(at))
}

fn discovery(value: Option<&Value>) -> Result<u32, Wrong> {
    let number = match value {
        Some(Value::Number(number)) => number.as_u64().and_then(|number| u32::try_from(number).ok()),
        Some(Value::String(text)) => text.trim().trim_start_matches(['D', 'd']).parse().ok(),
        Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => None,
    };
    number.filter(|number| *number > 0).ok_or_else(|| Wrong::key("`discovery` should be such as \"D1\" or 1."))
}
