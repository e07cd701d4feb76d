//! The answer to the query for a pull request, as GitHub writes it, and its nouns of ours.

use serde::Deserialize;

use super::check_runs::{run_state, status_state, time};
use super::nodes::{
    ActorNode, CommentNode, DecisionWord, HomeNode, NameNode, Nodes, NumberNode, StateWord, big_number,
};
use super::observed_pull::PullComment;
use super::reviews::ReviewWord;
use crate::model::{
    BranchName, Check, CheckOrigin, CheckRunId, CheckState, Commit, Mergeability, Number, Pull, RepositoryName, Review,
    Sha, Timestamp,
};

#[derive(Deserialize)]
pub(super) struct RefName {
    pub(super) name: BranchName,
}

#[derive(Deserialize)]
pub(super) struct PullData {
    pub(super) repository: Option<RepositoryNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RepositoryNode {
    pub(super) database_id: i64,
    pub(super) name_with_owner: RepositoryName,
    pub(super) is_private: bool,
    #[serde(default)]
    pub(super) default_branch_ref: Option<RefName>,
    pub(super) pull_request: Option<PullNode>,
    #[serde(default)]
    pub(super) dependents: Option<Nodes<NumberNode>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PullNode {
    number: i64,
    title: String,
    body: Option<String>,
    state: StateWord,
    is_draft: bool,
    url: String,
    created_at: String,
    author: Option<ActorNode>,
    labels: Option<Nodes<NameNode>>,
    head_ref_oid: Sha,
    head_ref_name: BranchName,
    head_repository: Option<HomeNode>,
    base_ref_name: BranchName,
    base_ref_oid: Sha,
    mergeable: String,
    merge_state_status: String,
    review_decision: Option<DecisionWord>,
    changed_files: u32,
    merge_commit: Option<OidNode>,
    commits: Nodes<CommitNode>,
    head: Nodes<HeadNode>,
    reviews: Option<Nodes<ReviewNode>>,
    comments: Nodes<CommentNode>,
}

#[derive(Deserialize)]
pub(super) struct OidNode {
    pub(super) oid: Sha,
}

#[derive(Deserialize)]
struct CommitNode {
    commit: CommitBody,
}

#[derive(Deserialize)]
struct CommitBody {
    oid: Sha,
    message: String,
    authors: Nodes<PersonNode>,
}

#[derive(Deserialize)]
struct PersonNode {
    name: Option<String>,
    email: Option<String>,
}

#[derive(Deserialize)]
struct HeadNode {
    commit: HeadCommit,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HeadCommit {
    oid: Sha,
    status_check_rollup: Option<Rollup>,
}

#[derive(Deserialize)]
pub(super) struct Rollup {
    pub(super) contexts: Nodes<ContextNode>,
}

#[derive(Deserialize)]
pub(super) struct ChecksData {
    pub(super) repository: Option<ChecksRepository>,
}

#[derive(Deserialize)]
pub(super) struct ChecksRepository {
    pub(super) object: Option<ChecksObject>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChecksObject {
    #[serde(default)]
    pub(super) status_check_rollup: Option<Rollup>,
}

/// A check of either kind; a third kind is an error, since it could be a failure.
#[derive(Deserialize)]
#[serde(tag = "__typename")]
pub(super) enum ContextNode {
    CheckRun(RunNode),
    StatusContext(StatusNode),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RunNode {
    database_id: Option<i64>,
    name: String,
    status: String,
    conclusion: Option<String>,
    started_at: Option<String>,
    completed_at: Option<String>,
    details_url: Option<String>,
    check_suite: Option<SuiteNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SuiteNode {
    database_id: Option<i64>,
    app: Option<AppNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AppNode {
    database_id: Option<i64>,
    slug: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StatusNode {
    context: String,
    state: String,
    created_at: Option<String>,
    target_url: Option<String>,
    creator: Option<ActorNode>,
}

impl From<ContextNode> for Check {
    fn from(node: ContextNode) -> Self {
        match node {
            ContextNode::CheckRun(run) => run.into(),
            ContextNode::StatusContext(status) => status.into(),
        }
    }
}

impl From<RunNode> for Check {
    fn from(run: RunNode) -> Self {
        let (suite, app) = run.check_suite.map_or((None, None), |suite| (suite.database_id, suite.app));
        // Of an App that is gone nothing is left; no demand for an App's check is met by number 0.
        let (id, slug) = app.map_or((0, String::new()), |app| (app.database_id.unwrap_or(0), app.slug));
        Self {
            name: run.name,
            origin: CheckOrigin::App { id, slug },
            state: run_state(&run.status, run.conclusion.as_deref()),
            started: time(run.started_at.as_deref()),
            completed: time(run.completed_at.as_deref()),
            url: run.details_url,
            run: run.database_id.map(CheckRunId),
            suite,
        }
    }
}

impl From<StatusNode> for Check {
    fn from(status: StatusNode) -> Self {
        let state = status_state(&status.state);
        let set = time(status.created_at.as_deref());
        Self {
            name: status.context,
            origin: CheckOrigin::Status { creator: status.creator.map(|creator| creator.named().0) },
            state,
            started: set,
            completed: set.filter(|_| matches!(state, CheckState::Completed(_))),
            url: status.target_url,
            run: None,
            suite: None,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReviewNode {
    #[serde(deserialize_with = "big_number")]
    full_database_id: i64,
    state: ReviewWord,
    submitted_at: Option<String>,
    author: Option<ActorNode>,
    commit: Option<OidNode>,
}

impl From<ReviewNode> for Review {
    fn from(node: ReviewNode) -> Self {
        let (author, author_kind) = ActorNode::author(node.author);
        Self {
            id: node.full_database_id,
            author,
            author_kind,
            state: node.state.into(),
            commit: node.commit.map(|commit| commit.oid),
            submitted: time(node.submitted_at.as_deref()),
        }
    }
}

/// What the one query tells of a pull request.
pub(super) struct PullParts {
    pub(super) pull: Pull,
    /// The checks of the head and where their next page begins; `None` when the last commit that GitHub lists is
    /// not the head, as with more than 250 commits.
    pub(super) checks: Option<(Vec<Check>, Option<String>)>,
    /// All reviews; `None` when there are older ones than were asked for.
    pub(super) reviews: Option<Vec<Review>>,
    pub(super) comments: Vec<PullComment>,
}

impl PullNode {
    pub(super) fn into_parts(mut self) -> PullParts {
        let head = std::mem::take(&mut self.head.nodes).unwrap_or_default().into_iter().flatten().next();
        let checks = head
            .filter(|node| node.commit.oid == self.head_ref_oid)
            .map(|node| node.commit.status_check_rollup.map_or_else(Default::default, Rollup::into_page));
        let reviews = self.reviews.take().map_or_else(
            || Some(Vec::new()),
            |nodes| (!nodes.page_info.has_previous_page).then(|| nodes.into_entries().map(Review::from).collect()),
        );
        let comments = std::mem::take(&mut self.comments.nodes).unwrap_or_default();
        let comments = comments.into_iter().flatten().map(PullComment::from).collect();
        PullParts { pull: self.into_pull(), checks, reviews, comments }
    }

    fn into_pull(self) -> Pull {
        let (author, author_kind) = ActorNode::author(self.author);
        Pull {
            number: Number(self.number),
            title: self.title,
            body: self.body.unwrap_or_default(),
            state: self.state.into(),
            draft: self.is_draft,
            author,
            author_kind,
            labels: self.labels.into_iter().flat_map(Nodes::into_entries).map(|label| label.name).collect(),
            head: self.head_ref_oid,
            head_branch: self.head_ref_name,
            head_repository: self.head_repository.map(|home| home.name_with_owner),
            base: self.base_ref_name,
            base_sha: self.base_ref_oid,
            mergeability: match self.mergeable.as_str() {
                "MERGEABLE" => Mergeability::Mergeable,
                "CONFLICTING" => Mergeability::Conflicting,
                _ => Mergeability::Unknown,
            },
            behind: self.merge_state_status == "BEHIND",
            review_required: self.review_decision == Some(DecisionWord::ReviewRequired),
            commits: self.commits.into_entries().map(|node| node.commit.into_commit()).collect(),
            changed_files: self.changed_files,
            url: self.url,
            created: time(Some(&self.created_at)).unwrap_or(Timestamp(0)),
            merge_commit: self.merge_commit.map(|commit| commit.oid),
        }
    }
}

impl Rollup {
    /// The checks of a page, and where the next one begins.
    pub(super) fn into_page(mut self) -> (Vec<Check>, Option<String>) {
        let next = std::mem::take(&mut self.contexts.page_info).next();
        (self.contexts.into_entries().map(Check::from).collect(), next)
    }
}

impl CommitBody {
    fn into_commit(self) -> Commit {
        let authors = self.authors.into_entries().filter_map(|person| match (person.name, person.email) {
            (Some(name), Some(address)) => Some(format!("{name} <{address}>")),
            (Some(_) | None, Some(_) | None) => None,
        });
        Commit { sha: self.oid, message: self.message, authors: authors.collect() }
    }
}
