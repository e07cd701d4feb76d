//! The part of GitHub's schema that is served: the fields of each type and the types that they lead to.

/// A field that is a plain value leads to no type.
const PLAIN: &str = "";

type Fields = &'static [(&'static str, &'static str)];

/// <https://docs.github.com/en/graphql/reference/objects>
const TYPES: &[(&str, Fields)] = &[
    ("Query", &[("repository", "Repository"), ("rateLimit", "RateLimit")]),
    ("RateLimit", &[("limit", PLAIN), ("cost", PLAIN), ("remaining", PLAIN), ("used", PLAIN), ("resetAt", PLAIN)]),
    (
        "Repository",
        &[
            ("id", PLAIN),
            ("databaseId", PLAIN),
            ("name", PLAIN),
            ("nameWithOwner", PLAIN),
            ("isPrivate", PLAIN),
            ("isArchived", PLAIN),
            ("url", PLAIN),
            ("owner", "Actor"),
            ("defaultBranchRef", "Ref"),
            ("ref", "Ref"),
            ("refs", "RefConnection"),
            ("object", "GitObject"),
            ("issue", "Issue"),
            ("pullRequest", "PullRequest"),
            ("pullRequests", "PullRequestConnection"),
        ],
    ),
    ("Ref", &[("name", PLAIN), ("prefix", PLAIN), ("target", "GitObject")]),
    (
        "Tag",
        &[
            ("oid", PLAIN),
            ("abbreviatedOid", PLAIN),
            ("name", PLAIN),
            ("message", PLAIN),
            ("target", "GitObject"),
            ("tagger", "GitActor"),
        ],
    ),
    (
        "PullRequest",
        &[
            ("id", PLAIN),
            ("databaseId", PLAIN),
            ("number", PLAIN),
            ("title", PLAIN),
            ("body", PLAIN),
            ("state", PLAIN),
            ("isDraft", PLAIN),
            ("isCrossRepository", PLAIN),
            ("merged", PLAIN),
            ("mergedAt", PLAIN),
            ("mergedBy", "Actor"),
            ("closed", PLAIN),
            ("closedAt", PLAIN),
            ("url", PLAIN),
            ("createdAt", PLAIN),
            ("updatedAt", PLAIN),
            ("author", "Actor"),
            ("labels", "LabelConnection"),
            ("repository", "Repository"),
            ("headRefOid", PLAIN),
            ("headRefName", PLAIN),
            ("headRepository", "Repository"),
            ("baseRefName", PLAIN),
            ("baseRefOid", PLAIN),
            ("mergeable", PLAIN),
            ("mergeStateStatus", PLAIN),
            ("reviewDecision", PLAIN),
            ("changedFiles", PLAIN),
            ("additions", PLAIN),
            ("deletions", PLAIN),
            ("mergeCommit", "Commit"),
            ("commits", "PullRequestCommitConnection"),
            ("reviews", "PullRequestReviewConnection"),
            ("comments", "IssueCommentConnection"),
        ],
    ),
    (
        "Issue",
        &[
            ("id", PLAIN),
            ("databaseId", PLAIN),
            ("fullDatabaseId", PLAIN),
            ("number", PLAIN),
            ("title", PLAIN),
            ("body", PLAIN),
            ("state", PLAIN),
            ("stateReason", PLAIN),
            ("url", PLAIN),
            ("createdAt", PLAIN),
            ("updatedAt", PLAIN),
            ("closedAt", PLAIN),
            ("lastEditedAt", PLAIN),
            ("author", "Actor"),
            ("editor", "Actor"),
            ("repository", "Repository"),
            ("labels", "LabelConnection"),
            ("comments", "IssueCommentConnection"),
            ("timelineItems", "IssueTimelineItemsConnection"),
            ("parent", "Issue"),
            ("subIssues", "IssueConnection"),
            ("blockedBy", "IssueConnection"),
            ("blocking", "IssueConnection"),
            ("closedByPullRequestsReferences", "PullRequestConnection"),
        ],
    ),
    ("IssueTimelineItems", &[]),
    ("LabeledEvent", &[("createdAt", PLAIN), ("actor", "Actor"), ("label", "Label")]),
    ("UnlabeledEvent", &[("createdAt", PLAIN), ("actor", "Actor"), ("label", "Label")]),
    ("Label", &[("name", PLAIN), ("color", PLAIN), ("description", PLAIN)]),
    ("PullRequestCommit", &[("commit", "Commit")]),
    (
        "Commit",
        &[
            ("oid", PLAIN),
            ("abbreviatedOid", PLAIN),
            ("message", PLAIN),
            ("messageHeadline", PLAIN),
            ("committedDate", PLAIN),
            ("url", PLAIN),
            ("author", "GitActor"),
            ("associatedPullRequests", "PullRequestConnection"),
            ("authors", "GitActorConnection"),
            ("statusCheckRollup", "StatusCheckRollup"),
        ],
    ),
    ("GitActor", &[("name", PLAIN), ("email", PLAIN), ("user", "Actor")]),
    ("StatusCheckRollup", &[("state", PLAIN), ("contexts", "StatusCheckRollupContextConnection")]),
    ("StatusCheckRollupContext", &[]),
    (
        "CheckRun",
        &[
            ("id", PLAIN),
            ("databaseId", PLAIN),
            ("name", PLAIN),
            ("status", PLAIN),
            ("conclusion", PLAIN),
            ("startedAt", PLAIN),
            ("completedAt", PLAIN),
            ("detailsUrl", PLAIN),
            ("externalId", PLAIN),
            ("title", PLAIN),
            ("summary", PLAIN),
            ("text", PLAIN),
            ("checkSuite", "CheckSuite"),
        ],
    ),
    ("CheckSuite", &[("databaseId", PLAIN), ("status", PLAIN), ("conclusion", PLAIN), ("app", "App")]),
    ("App", &[("databaseId", PLAIN), ("slug", PLAIN), ("name", PLAIN)]),
    (
        "StatusContext",
        &[
            ("context", PLAIN),
            ("state", PLAIN),
            ("createdAt", PLAIN),
            ("targetUrl", PLAIN),
            ("description", PLAIN),
            ("creator", "Actor"),
        ],
    ),
    (
        "PullRequestReview",
        &[
            ("databaseId", PLAIN),
            ("fullDatabaseId", PLAIN),
            ("state", PLAIN),
            ("body", PLAIN),
            ("submittedAt", PLAIN),
            ("author", "Actor"),
            ("commit", "Commit"),
        ],
    ),
    (
        "IssueComment",
        &[
            ("databaseId", PLAIN),
            ("fullDatabaseId", PLAIN),
            ("body", PLAIN),
            ("createdAt", PLAIN),
            ("updatedAt", PLAIN),
            ("lastEditedAt", PLAIN),
            ("author", "Actor"),
            ("editor", "Actor"),
        ],
    ),
    ("Actor", &[("login", PLAIN), ("url", PLAIN)]),
    ("User", &[("login", PLAIN), ("url", PLAIN), ("databaseId", PLAIN)]),
    ("Bot", &[("login", PLAIN), ("url", PLAIN), ("databaseId", PLAIN)]),
    ("Organization", &[("login", PLAIN), ("url", PLAIN), ("databaseId", PLAIN)]),
    ("GitObject", &[("oid", PLAIN), ("abbreviatedOid", PLAIN)]),
    ("PageInfo", &[("hasNextPage", PLAIN), ("hasPreviousPage", PLAIN), ("startCursor", PLAIN), ("endCursor", PLAIN)]),
];

/// Which types an interface or union can turn out to be.
const POSSIBLE: &[(&str, &[&str])] = &[
    ("Actor", &["User", "Bot", "Organization"]),
    ("GitObject", &["Commit", "Tag"]),
    ("IssueTimelineItems", &["LabeledEvent", "UnlabeledEvent"]),
    ("StatusCheckRollupContext", &["CheckRun", "StatusContext"]),
];

/// What a field of a type leads to: nothing for a plain value, `None` where the type has no such field.
pub fn leads_to(kind: &str, field: &str) -> Option<String> {
    if field == "__typename" {
        return Some(PLAIN.to_owned());
    }
    if let Some(item) = kind.strip_suffix("Connection") {
        return match field {
            "nodes" => Some(item.to_owned()),
            "edges" => Some(format!("{item}Edge")),
            "pageInfo" => Some("PageInfo".to_owned()),
            "totalCount" => Some(PLAIN.to_owned()),
            _ => None,
        };
    }
    if let Some(item) = kind.strip_suffix("Edge") {
        return match field {
            "node" => Some(item.to_owned()),
            "cursor" => Some(PLAIN.to_owned()),
            _ => None,
        };
    }
    let (_, fields) = TYPES.iter().find(|(name, _)| *name == kind)?;
    fields.iter().find(|(name, _)| *name == field).map(|(_, to)| (*to).to_owned())
}

pub fn is_type(name: &str) -> bool {
    TYPES.iter().any(|(known, _)| *known == name)
}

/// Whether a thing of type `actual` is meant by `... on condition`.
pub fn is_a(actual: &str, condition: &str) -> bool {
    actual == condition
        || POSSIBLE.iter().any(|(abstraction, types)| *abstraction == condition && types.contains(&actual))
}
