//! The things that a query can reach, and how each answers a field.

use std::cell::OnceCell;

use serde_json::Value;

use super::arguments::Arguments;
use super::{checks, issues, people, pulls, refs};
use crate::simulator::github::answer::Refusal;
use crate::simulator::github::call::Context;
use crate::simulator::github::installations::Access;
use crate::simulator::github::state::State;

/// A thing by its keys: a repository's id first, where there is one.
#[derive(Debug, Clone)]
pub enum Node {
    Query,
    RateLimit,
    Repository(i64),
    /// A ref by its full name.
    Ref(i64, String),
    /// A tag's own object.
    Tag(i64, String),
    Pull {
        at: (i64, i64),
        mergeable: Once,
    },
    Issue(i64, i64),
    /// A line of an issue's history that is about a label.
    LabelChange {
        at: (i64, i64),
        id: i64,
        added: bool,
    },
    /// A label by its name, as it was called then.
    FormerLabel(String),
    Label(i64, i64),
    PullCommit(i64, String),
    Commit(i64, String),
    GitActor {
        name: String,
        email: String,
    },
    Rollup(i64, String),
    CheckRun(i64, i64),
    CheckSuite(i64, i64),
    App {
        id: i64,
        slug: String,
        name: String,
    },
    Status(i64, i64),
    Review {
        repository: i64,
        number: i64,
        id: i64,
    },
    Comment {
        repository: i64,
        number: i64,
        id: i64,
    },
    Actor(String),
}

/// Whether a pull is mergeable, asked once for all the fields of one answer: asking is what GitHub counts as a read.
pub type Once = OnceCell<Option<bool>>;

/// What a field gives.
#[derive(Debug)]
pub enum Found {
    Plain(Value),
    One(Option<Node>),
    /// A connection over things of this type.
    Many(&'static str, Vec<Node>),
    Refused {
        kind: &'static str,
        message: String,
    },
}

impl Found {
    pub fn plain(value: impl Into<Value>) -> Self {
        Self::Plain(value.into())
    }

    pub fn nothing() -> Self {
        Self::Plain(Value::Null)
    }
}

impl Node {
    /// GraphQL's name for the type of this thing.
    pub fn kind(&self, state: &State) -> &'static str {
        match self {
            Self::Query => "Query",
            Self::RateLimit => "RateLimit",
            Self::Repository(_) => "Repository",
            Self::Ref(..) => "Ref",
            Self::Tag(..) => "Tag",
            Self::Pull { .. } => "PullRequest",
            Self::Issue(..) => "Issue",
            Self::LabelChange { added: true, .. } => "LabeledEvent",
            Self::LabelChange { added: false, .. } => "UnlabeledEvent",
            Self::FormerLabel(_) | Self::Label(..) => "Label",
            Self::PullCommit(..) => "PullRequestCommit",
            Self::Commit(..) => "Commit",
            Self::GitActor { .. } => "GitActor",
            Self::Rollup(..) => "StatusCheckRollup",
            Self::CheckRun(..) => "CheckRun",
            Self::CheckSuite(..) => "CheckSuite",
            Self::App { .. } => "App",
            Self::Status(..) => "StatusContext",
            Self::Review { .. } => "PullRequestReview",
            Self::Comment { .. } => "IssueComment",
            Self::Actor(login) => people::kind(state, login),
        }
    }

    /// What this thing answers; the query was held against the schema before.
    pub fn field(&self, context: &mut Context<'_>, name: &str, arguments: &Arguments) -> Found {
        let found = match self {
            Self::Query => return query(context, name, arguments),
            Self::RateLimit => return rate_limit(context, name),
            Self::Repository(id) => return repository(context, *id, name, arguments),
            Self::Ref(id, full) => refs::reference(context, *id, full, name),
            Self::Tag(id, sha) => refs::tag(context, *id, sha, name),
            Self::Pull { at, mergeable } => pulls::field(context, (*at, mergeable), name),
            Self::Issue(id, number) => issues::field(context, (*id, *number), name, arguments),
            Self::LabelChange { at, id, .. } => issues::label_change(context.state, *at, *id, name),
            Self::FormerLabel(label) => issues::former_label(label, name),
            Self::Label(id, label) => people::label(context, *id, *label, name),
            Self::PullCommit(id, sha) => Some(Found::One(Some(Self::Commit(*id, sha.clone())))),
            Self::Commit(id, sha) => checks::commit(context, *id, sha, name),
            Self::GitActor { name: own, email } => match name {
                "name" => Some(Found::plain(own.as_str())),
                "email" => Some(Found::plain(email.as_str())),
                _ => Some(Found::One(people::actor(context.state, own))),
            },
            Self::Rollup(id, sha) => checks::rollup(context, *id, sha, name),
            Self::CheckRun(id, run) => checks::run(context, *id, *run, name),
            Self::CheckSuite(id, suite) => checks::suite(context, *id, *suite, name),
            Self::App { id, slug, name: own } => match name {
                "databaseId" => Some(Found::plain(*id)),
                "slug" => Some(Found::plain(slug.as_str())),
                _ => Some(Found::plain(own.as_str())),
            },
            Self::Status(id, status) => checks::status(context, *id, *status, name),
            Self::Review { repository, number, id } => people::review(context, (*repository, *number), *id, name),
            Self::Comment { repository, number, id } => people::comment(context, (*repository, *number), *id, name),
            Self::Actor(login) => people::field(context.state, login, name),
        };
        found.unwrap_or_else(Found::nothing)
    }
}

fn query(context: &mut Context<'_>, name: &str, arguments: &Arguments) -> Found {
    if name == "rateLimit" {
        return Found::One(Some(Node::RateLimit));
    }
    let text = |name: &str| arguments.text(name).unwrap_or_default();
    let full_name = format!("{}/{}", text("owner"), text("name"));
    let known = context.state.repository_id(&full_name).ok().filter(|id| context.visible(*id).is_ok());
    known.map_or_else(
        || Found::Refused {
            kind: "NOT_FOUND",
            message: format!("Could not resolve to a Repository with the name '{full_name}'."),
        },
        |id| Found::One(Some(Node::Repository(id))),
    )
}

fn rate_limit(context: &mut Context<'_>, name: &str) -> Found {
    let (bucket, now) = (context.caller.bucket(), context.state.now());
    let window = context.state.limits.window(bucket, now);
    match name {
        "limit" => Found::plain(window.limit),
        "cost" => Found::plain(1),
        "remaining" => Found::plain(window.remaining()),
        "used" => Found::plain(window.used),
        _ => Found::plain(window.reset.to_rfc3339()),
    }
}

/// What the token may not read is refused by field, with GitHub's REST words.
pub fn needs(context: &Context<'_>, permission: &str) -> Option<Found> {
    let refused = |refusal: Refusal| Found::Refused { kind: "FORBIDDEN", message: refusal.message };
    context.needs(&[(permission, Access::Read)]).err().map(refused)
}

fn repository(context: &mut Context<'_>, id: i64, name: &str, arguments: &Arguments) -> Found {
    if matches!(name, "pullRequest" | "pullRequests")
        && let Some(refused) = needs(context, "pull_requests")
    {
        return refused;
    }
    if name == "issue"
        && let Some(refused) = needs(context, "issues")
    {
        return refused;
    }
    if matches!(name, "object" | "ref" | "refs" | "defaultBranchRef")
        && let Some(refused) = needs(context, "contents")
    {
        return refused;
    }
    let Ok(home) = context.state.repository(id) else { return Found::nothing() };
    match name {
        "id" => Found::plain(super::super::payloads::node_id("R_", id)),
        "databaseId" => Found::plain(id),
        "name" => Found::plain(home.name.as_str()),
        "nameWithOwner" => Found::plain(home.full_name()),
        "isPrivate" => Found::plain(home.private),
        "isArchived" => Found::plain(home.archived),
        "url" => Found::plain(context.views().page_url(home)),
        "owner" => Found::One(people::actor(context.state, &home.owner)),
        "defaultBranchRef" => Found::One(Some(Node::Ref(id, format!("refs/heads/{}", home.default_branch)))),
        "ref" => {
            let name = arguments.text("qualifiedName").unwrap_or_default();
            Found::One(refs::named(home, name).map(|full| Node::Ref(id, full)))
        }
        "refs" => refs::list(home, arguments),
        "object" => {
            let revision = arguments.text("oid").or_else(|| arguments.text("expression")).unwrap_or_default();
            Found::One(refs::object(home, revision))
        }
        "issue" => issues::by_number(home, arguments.number("number").unwrap_or_default()),
        "pullRequest" => pulls::by_number(home, arguments.number("number").unwrap_or_default()),
        _ => pulls::list(home, arguments),
    }
}
