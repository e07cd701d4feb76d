//! The tables about pull requests: review, checks, whose they are, and how they are merged.

use super::{PolicyTable, key};

pub(super) const TABLES: &[PolicyTable] = &[
    PolicyTable {
        name: "[merge]",
        says: "Which pull requests are merged, and how.",
        keys: &[
            key("enabled", "true or false", "`true`", "Whether anything is merged here."),
            key("automatic", "true or false", "`true`", "Whether it is merged unasked; else by `/merge` or a label."),
            key("ask_labels", "list of labels", "none", "Labels that ask for a merge where it is not automatic."),
            key("strategy", "text", "`direct`", "`direct`, or `queue`: tested together on a staging branch first."),
            key("method", "text", "`squash`", "`squash`, `merge` or `rebase`; where a ruleset forbids it, another."),
            key("bases", "list of globs", "the default branch and `dev`", "The branches that are merged into."),
            key("approvals", "0 to 20", "`0`", "Approvals of the very head; the branch protection's number if higher."),
            key("forbid_labels", "list of labels", "`do-not-merge`", "Labels that keep a pull from being merged."),
            key("delete_branch", "true or false", "`true`", "Whether its branch is deleted afterwards."),
            key(
                "message",
                "template",
                "`{title} (#{number})`",
                "The commit's first line; also `{author}`, `{head}` and `{base}`.",
            ),
            key("cut_body_at", "text", "`<!-- cut -->`", "The pull's text up to here becomes the commit's."),
            key("co_authors", "true or false", "`true`", "Whether a squash names everybody else who wrote a commit."),
            key("batch_size", "1 to 50", "`5`", "Pulls that the queue tests together."),
            key("queue_timeout_min", "1 to 1440", "`60`", "Minutes for which the queue waits for a batch's checks."),
            key("priority_labels", "table", "see below", "Who goes first in the queue: `[merge.priority_labels]`."),
        ],
    },
    PolicyTable {
        name: "[merge.priority_labels]",
        says: "Each key is a label, and its value a whole number; the highest of a pull's labels counts, without any it \
               is 0. Without the table: `urgent` 200, `priority/critical` 100, `priority/high` 50, `priority/medium` 0, \
               `priority/low` -50.",
        keys: &[],
    },
    PolicyTable {
        name: "[checks]",
        says: "Which checks of a pull request count.",
        keys: &[
            key("required", "list of names", "none", "Beside those that GitHub's own settings require."),
            key("allow_none", "true or false", "`false`", "Whether a head that nothing has checked may be merged."),
            key("pass_neutral", "true or false", "`false`", "Whether a neutral check is as good as a green one."),
            key("pass_skipped", "true or false", "`false`", "Whether a skipped check is."),
            key("ignore", "list of globs", "none", "Checks that do not count where none is required."),
            key("coverage", "table", "none", "Where the test coverage is read: `[checks.coverage]`."),
        ],
    },
    PolicyTable {
        name: "[checks.coverage]",
        says: "Where the test coverage is read.",
        keys: &[
            key("check", "text", "needed", "The check whose output names it."),
            key("regex", "regex", "needed", "Its first group is the number, in percent."),
        ],
    },
    PolicyTable {
        name: "[model]",
        says: "What a model is asked, where the server has one. What it says is shown, and decides nothing.",
        keys: &[
            key("review", "true or false", "`false`", "Whether it is asked about each new head of a pull request."),
            key("suggest_type", "true or false", "`false`", "Whether it suggests a type where no rule knows an issue."),
            key("exclude", "list of globs", "none", "Files that it is not shown, beside those that hold secrets."),
        ],
    },
    PolicyTable {
        name: "[trust]",
        says: "Whose pull requests are merged without write permission.",
        keys: &[
            key("logins", "list of logins", "none", "People."),
            key("bots", "list of names", "none", "Apps, by the name before `[bot]`."),
        ],
    },
    PolicyTable {
        name: "[[freeze]]",
        says: "A time in which nothing is merged; as many as wanted.",
        keys: &[
            key("from", "time", "already", "When it begins, with its zone: `2026-12-24T18:00:00Z`."),
            key("until", "time", "until it is taken out", "When it ends."),
            key("why", "text", "needed", "What people are told."),
            key("bases", "list of globs", "every base", "The branches that it is about."),
            key("except_labels", "list of labels", "none", "Pulls with one of these are merged all the same."),
        ],
    },
    PolicyTable {
        name: "[review]",
        says: "What the review of pull requests finds here.",
        keys: &[
            key("disable", "list of rules", "none", "Rules that do not count here."),
            key("ignore", "list of globs", "none", "Files that are not reviewed."),
            key("max_file_lines", "whole number", "the server's", "Lines from which on a file is found too long."),
            key("max_file_bytes", "whole number", "the server's", "Bytes from which on it is found too large."),
            key("max_pull_lines", "whole number", "the server's", "Changed lines from which on a pull is too large."),
            key("max_pull_files", "whole number", "the server's", "Changed files from which on it is."),
            key("severity", "table", "the rules' own", "What findings weigh: `[review.severity]`."),
            key("rule", "tables", "none", "Rules of its own: `[[review.rule]]`."),
        ],
    },
    PolicyTable {
        name: "[review.severity]",
        says: "Each key is a rule, and its value `block`, which stops the merge, or `warn`, which is only shown.",
        keys: &[],
    },
    PolicyTable {
        name: "[[review.rule]]",
        says: "A regex on added lines.",
        keys: &[
            key("id", "text", "needed", "What findings and directives call it."),
            key("regex", "regex", "needed", "Searched in each added line; case matters unless it says `(?i)`."),
            key("paths", "list of globs", "every file", "Files that it looks at."),
            key("exclude", "list of globs", "none", "Files that it does not look at."),
            key("severity", "text", "`warn`", "`block` or `warn`."),
            key("message", "text", "needed", "What is wrong and what to do."),
            key("examples", "list of texts", "none", "Lines that it must find; tried when the rules are checked."),
            key("counterexamples", "list of texts", "none", "Lines that it must not find."),
        ],
    },
];
