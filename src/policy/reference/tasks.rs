//! The tables about tasks: rules, who does them, who is told, and what shows that they are done.

use super::{PolicyTable, key};

pub(super) const TABLES: &[PolicyTable] = &[
    PolicyTable {
        name: "[[rule]]",
        says: "A rule that says what an issue is; as many as wanted. They are tried beside the server's, and stand \
               before them at a tie. All matchers that are named must match, and one must be.",
        keys: &[
            key("name", "text", "needed", "What explanations call it; each name once."),
            key("like", "text", "none", "How `title` is shown to people, such as `deploy%`."),
            key("title", "regex", "any title", "Searched in the title; case does not matter."),
            key("body", "regex", "any text", "Searched in the text below the title; case does not matter."),
            key("labels", "list of globs", "any labels", "Each must match a label of the issue."),
            key("author", "glob", "anybody", "Who opened the issue."),
            key("repo", "glob", "any", "The repository as `owner/name`."),
            key("type", "text", "needed", "The type of the task, which becomes the label `type/…`."),
            key("role", "text", "nobody", "Who could do it: a role of the server's `workers.toml`."),
            key("priority", "whole number", "needed", "The highest wins; then the longer literal beginning."),
            key(
                "urgency",
                "level",
                "by `priority`: `high` from 90, `medium` from 60, else `low`",
                "The task's priority: `low`, `medium`, `high` or `critical`.",
            ),
            key("risk", "level", "none", "How dangerous it is; see `approval_from` of `[tasks]`."),
            key("add_labels", "list of texts", "none", "Labels that the issue gets besides."),
        ],
    },
    PolicyTable {
        name: "[assignment]",
        says: "How tasks are shared out among the workers of a role.",
        keys: &[
            key("strategy", "text", "the server's", "`least_loaded`, `round_robin`, or `manual`, where people assign."),
            key("roles", "table", "none", "The same for single roles: `[assignment.roles]`."),
        ],
    },
    PolicyTable {
        name: "[assignment.roles]",
        says: "Each key is a role, and its value a way to assign: `testing_worker = \"round_robin\"`.",
        keys: &[],
    },
    PolicyTable {
        name: "[notify]",
        says: "Whom people's messages go to.",
        keys: &[
            key("topic", "text", "that of `NTFY_TOPIC`", "The ntfy topic for what concerns this repository."),
            key(
                "channels",
                "list of names",
                "all that want it",
                "Of the server's channels beside ntfy those that are told of this repository; an empty list is none of them.",
            ),
        ],
    },
    PolicyTable {
        name: "[tasks]",
        says: "Whether issues are tasks, and whose word counts on them.",
        keys: &[
            key("manage", "true or false", "`true`", "Whether issues of this repository are tasks."),
            key(
                "approval_from",
                "level",
                "`high`",
                "From this risk on, a task begins only once somebody has approved it.",
            ),
            key("approvers", "list of logins", "whoever may write", "Only these approve."),
            key("bots", "list of logins", "none", "Bots whose commands are followed, as far as they are permitted."),
        ],
    },
    PolicyTable {
        name: "[learn]",
        says: "What is concluded from what happened before; see [Learned from history](../learning.md).",
        keys: &[
            key(
                "rules",
                "text",
                "`show`",
                "Rules for titles that no rule matched and people gave a type: `off`; `show` on the page of the rules and \
                 by `rules learn`; or `pull`, which also opens a pull request once a week.",
            ),
            key("merge_time", "true or false", "`true`", "Whether a pull says how long others like it took."),
            key("sla_risk", "true or false", "`true`", "Whether a task says how likely its answer is late."),
            key("flaky", "true or false", "`true`", "Whether checks are named that failed and then passed."),
        ],
    },
    PolicyTable {
        name: "[evidence]",
        says: "What shows that a task is done.",
        keys: &[
            key("repositories", "list of `owner/name`", "none", "Where merged pulls count beside the task's own."),
            key(
                "branches",
                "list of globs",
                "the default and the release branch",
                "A pull counts once it is merged into one of these.",
            ),
            key("hosts", "list of hosts", "none", "Pages that are named as evidence are looked up on these alone."),
            key("kinds", "table", "by the type's name", "What each type asks for: `[evidence.kinds]`."),
        ],
    },
    PolicyTable {
        name: "[evidence.kinds]",
        says: "Each key is a type of task, and its value `code`, `test`, `verification`, `research` or \
               `documentation`. Of types that are not named, `testing` asks for `test`; `deployment`, `monitoring` and \
               `pr_review` for `verification`; `research` and `documentation` for what they say; all others for `code`.",
        keys: &[],
    },
];
