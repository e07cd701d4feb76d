//! The answer to the query for an issue, as GitHub writes it, and its nouns of ours.

use serde::Deserialize;

use super::check_runs::time;
use super::nodes::{ActorNode, CommentNode, DecisionWord, HomeNode, NameNode, Nodes, StateWord};
use super::observed_issue::IssueThread;
use super::observed_pull::PullComment;
use crate::model::{BranchName, Item, LabelEvent, LinkedPull, Login, Number, SubIssue, Timestamp};

/// What every status label begins with; what follows is where an issue stands.
const STATUS: &str = "status/";

#[derive(Deserialize)]
pub(super) struct IssueData {
    pub(super) repository: Option<IssueHome>,
}

#[derive(Deserialize)]
pub(super) struct IssueHome {
    pub(super) issue: Option<IssueNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IssueNode {
    last_edited_at: Option<String>,
    editor: Option<ActorNode>,
    comments: Nodes<CommentNode>,
    timeline_items: Nodes<EventNode>,
    parent: Option<ParentNode>,
    sub_issues: Nodes<PartNode>,
    closed_by_pull_requests_references: Option<Nodes<ClosingNode>>,
}

#[derive(Deserialize)]
#[serde(tag = "__typename")]
enum EventNode {
    LabeledEvent(ChangeNode),
    UnlabeledEvent(ChangeNode),
    /// Not asked for.
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChangeNode {
    created_at: String,
    actor: Option<ActorNode>,
    label: NameNode,
}

#[derive(Deserialize)]
struct ParentNode {
    number: i64,
    title: String,
    repository: HomeNode,
}

#[derive(Deserialize)]
struct PartNode {
    number: i64,
    title: String,
    state: StateWord,
    repository: HomeNode,
    labels: Option<Nodes<NameNode>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClosingNode {
    number: i64,
    title: String,
    body: String,
    state: StateWord,
    merged_at: Option<String>,
    url: String,
    base_ref_name: BranchName,
    head_ref_name: BranchName,
    review_decision: Option<DecisionWord>,
    author: Option<ActorNode>,
    repository: HomeNode,
}

impl IssueNode {
    pub(super) fn into_thread(self) -> IssueThread {
        let editor = self.editor.map(ActorNode::named);
        IssueThread {
            edited: time(self.last_edited_at.as_deref()).map(|at| (editor, at)),
            comments: self.comments.into_entries().map(PullComment::from).collect(),
            label_events: self.timeline_items.into_entries().filter_map(EventNode::into_event).collect(),
            parent: self.parent.map(|parent| (item(parent.repository, parent.number), parent.title)),
            sub_issues: self.sub_issues.into_entries().map(SubIssue::from).collect(),
            pulls: self
                .closed_by_pull_requests_references
                .into_iter()
                .flat_map(Nodes::into_entries)
                .map(LinkedPull::from)
                .collect(),
        }
    }
}

fn item(home: HomeNode, number: i64) -> Item {
    Item { repository: home.name_with_owner, number: Number(number) }
}

impl EventNode {
    fn into_event(self) -> Option<LabelEvent> {
        let (added, change) = match self {
            Self::LabeledEvent(change) => (true, change),
            Self::UnlabeledEvent(change) => (false, change),
            Self::Other => return None,
        };
        Some(LabelEvent {
            label: change.label.name,
            added,
            by: change.actor.map(ActorNode::named),
            at: time(Some(&change.created_at)).unwrap_or(Timestamp(0)),
        })
    }
}

impl From<PartNode> for SubIssue {
    fn from(node: PartNode) -> Self {
        let mut labels = node.labels.into_iter().flat_map(Nodes::into_entries);
        let status = labels.find_map(|label| label.name.as_str().strip_prefix(STATUS).map(str::to_owned));
        Self {
            item: item(node.repository, node.number),
            title: node.title,
            state: node.state.into(),
            status: status.unwrap_or_default(),
        }
    }
}

impl From<ClosingNode> for LinkedPull {
    fn from(node: ClosingNode) -> Self {
        let (author, _): (Login, _) = ActorNode::author(node.author);
        Self {
            repository: node.repository.name_with_owner,
            number: Number(node.number),
            title: node.title,
            body: node.body,
            author,
            state: node.state.into(),
            merged: time(node.merged_at.as_deref()),
            base: node.base_ref_name,
            head_branch: node.head_ref_name,
            changes_requested: node.review_decision == Some(DecisionWord::ChangesRequested),
            closes: true,
            url: node.url,
        }
    }
}
