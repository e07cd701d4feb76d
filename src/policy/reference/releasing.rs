//! The tables about releases and environments.

use super::{PolicyTable, key};

pub(super) const TABLES: &[PolicyTable] = &[
    PolicyTable {
        name: "[release]",
        says: "What is released, and how; without this table nothing is.",
        keys: &[
            key("branch", "text", "`dev` where there is one, else the default branch", "Whose commits are released."),
            key("prefix", "text", "`v`", "What stands before the number in a tag."),
            key("first", "version", "`0.1.0`", "The first version of all."),
            key("default_bump", "text", "`patch`", "`patch`, `minor`, `major` or `none`, where what landed says none."),
            key("checks", "list of names", "none", "Must be green, beside those of GitHub's settings and `[checks]`."),
            key(
                "allow_no_checks",
                "true or false",
                "`false`",
                "Whether a commit that nothing has checked is released.",
            ),
            key("annotated", "true or false", "`false`", "Whether tags are objects with a message."),
            key("tracking", "true or false", "`true`", "Whether each release has an issue, to follow and approve it."),
            key("exclude_labels", "list of labels", "none", "Pulls that the notes leave out."),
            key("prerelease", "text", "none", "Such as `rc`: every version is a `v1.2.0-rc.1` first."),
            key("stable_after", "text", "none", "The environment in which a pre-release must be verified."),
            key("changelog", "path", "none", "A file that a release pull request adds the notes to."),
            key("version_files", "list of paths", "none", "Files in which a release pull request writes the version."),
            key("group", "tables", "those that are built in", "Headlines of the notes: `[[release.group]]`."),
        ],
    },
    PolicyTable {
        name: "[[release.group]]",
        says: "A headline of the notes, tried before those that are built in; `labels` or `types` must be there.",
        keys: &[
            key("title", "text", "needed", "The headline."),
            key("labels", "list of labels", "none", "Pulls with one of these stand under it."),
            key("types", "list of texts", "none", "Or with one of these words before the colon of the title."),
        ],
    },
    PolicyTable {
        name: "[[environment]]",
        says: "Where releases are deployed to; as many as wanted, in their order.",
        keys: &[
            key("name", "text", "needed", "Its name on GitHub, in commands and in messages."),
            key("auto", "true or false", "`false`", "Whether a version is deployed as soon as it may be, unasked."),
            key("production", "true or false", "`true` for `prod` and `production`", "Whether it serves the public."),
            key("requires_approval", "true or false", "as `production`", "Whether somebody must approve each version."),
            key("prereleases", "true or false", "not where `production`", "Whether pre-releases are deployed here."),
            key("after", "text", "none", "The environment in which a version must be verified before."),
            key("trigger", "table", "`none`", "How the deploy target is told; see below."),
            key("url", "address", "none", "Where it runs, for people."),
            key("timeout_min", "1 to 1440", "`15`", "Minutes that the deploy target may take."),
            key("attempts", "1 to 10", "`3`", "How often a target that cannot be reached is told."),
            key("health", "table", "none", "What healthy means: `[environment.health]`."),
            key("soak_min", "0 to 10080", "`0`", "Minutes for which a healthy version is watched before it counts."),
            key("approval_expires_h", "1 to 720", "`24`", "Hours for which a question for approval stands."),
            key("approvers", "list of logins", "whoever may write", "Whose approval counts."),
            key("freeze", "tables", "none", "Times in which nothing is deployed: `[[environment.freeze]]`."),
            key("rollback", "true or false", "`true`", "Whether a sick version is left for the last verified one."),
        ],
    },
    PolicyTable {
        name: "trigger = { by = \"workflow\" }",
        says: "Runs a workflow of the repository, which needs `on: workflow_dispatch`.",
        keys: &[
            key("by", "text", "needed", "`workflow`."),
            key("workflow", "file", "needed", "Its file, such as `deploy.yml`."),
            key("ref", "text", "the version's tag", "The branch or tag that it runs on."),
            key("inputs", "table", "none", "Its inputs, in which placeholders are filled in."),
        ],
    },
    PolicyTable {
        name: "trigger = { by = \"dispatch\" }",
        says: "Sends a `repository_dispatch` event with the version in its `client_payload`.",
        keys: &[key("by", "text", "needed", "`dispatch`."), key("event", "text", "needed", "The event's type.")],
    },
    PolicyTable {
        name: "trigger = { by = \"hook\" }",
        says: "Posts the version to an address, signed.",
        keys: &[
            key("by", "text", "needed", "`hook`."),
            key("url", "address", "needed", "The address."),
            key("secret_env", "text", "needed", "The server's variable with the key: `STATIONMASTER_DEPLOY_…`."),
            key("finishes", "true or false", "`false`", "Whether its 2xx says that the version is there."),
        ],
    },
    PolicyTable {
        name: "trigger = { by = \"command\" }",
        says: "Runs a command on the server, which `rules/commands.toml` there must list.",
        keys: &[key("by", "text", "needed", "`command`."), key("name", "text", "needed", "The command's name.")],
    },
    PolicyTable {
        name: "[environment.health]",
        says: "What is asked to see whether a version is healthy.",
        keys: &[
            key("url", "address", "needed", "What is asked for; placeholders are filled in."),
            key("status", "100 to 599", "`200`", "The status that must come."),
            key("body", "regex", "anything", "What the body must match."),
            key("times", "1 to 100", "`3`", "Good answers in a row that make it healthy."),
            key("failures", "1 to 100", "`3`", "Bad answers in a row that make it sick."),
            key("interval_s", "1 to 3600", "`10`", "Seconds between two questions."),
            key("timeout_s", "1 to 120", "`5`", "Seconds for which an answer is waited for."),
        ],
    },
    PolicyTable {
        name: "[[environment.freeze]]",
        says: "A time in which nothing is deployed: once, by `from` and `until`, or every week, by `days` and `hours`.",
        keys: &[
            key("from", "time", "already", "When it begins, with its zone."),
            key("until", "time", "until it is taken out", "When it ends."),
            key("days", "list of days", "none", "`mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`."),
            key("hours", "text", "the whole day", "Such as `15:00-24:00`; over midnight is two windows."),
            key("zone", "text", "`UTC`", "The time zone of `hours`, such as `Europe/Berlin`."),
            key("why", "text", "needed", "What people are told."),
        ],
    },
];
