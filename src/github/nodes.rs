//! What the answers to several queries have in common: lists, accounts, comments.

use serde::{Deserialize, Deserializer};

use super::check_runs::time;
use super::observed_pull::PullComment;
use crate::model::{ActorKind, CommentId, IssueState, LabelName, Login, PullState, RepositoryName, Timestamp};

/// A connection; GitHub's schema allows every list and every entry to be null.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Nodes<T> {
    pub(super) nodes: Option<Vec<Option<T>>>,
    #[serde(default)]
    pub(super) page_info: PageInfo,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
    pub(super) has_previous_page: bool,
}

impl PageInfo {
    /// Where the next page begins.
    pub(super) fn next(self) -> Option<String> {
        // Without a cursor the next query fails, rather than that the list ends early.
        self.has_next_page.then(|| self.end_cursor.unwrap_or_default())
    }
}

impl<T> Nodes<T> {
    pub(super) fn into_entries(self) -> impl Iterator<Item = T> {
        self.nodes.unwrap_or_default().into_iter().flatten()
    }

    /// The entries, and where the next page begins.
    pub(super) fn into_entries_and_next(self) -> (impl Iterator<Item = T>, Option<String>) {
        (self.nodes.unwrap_or_default().into_iter().flatten(), self.page_info.next())
    }
}

#[derive(Deserialize)]
pub(super) struct NumberNode {
    pub(super) number: i64,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum StateWord {
    Open,
    Closed,
    Merged,
}

impl From<StateWord> for PullState {
    fn from(word: StateWord) -> Self {
        match word {
            StateWord::Open => Self::Open,
            StateWord::Closed => Self::Closed,
            StateWord::Merged => Self::Merged,
        }
    }
}

impl From<StateWord> for IssueState {
    fn from(word: StateWord) -> Self {
        match word {
            StateWord::Open => Self::Open,
            // An issue is never merged.
            StateWord::Closed | StateWord::Merged => Self::Closed,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum DecisionWord {
    Approved,
    ChangesRequested,
    ReviewRequired,
}

#[derive(Deserialize)]
pub(super) struct ActorNode {
    #[serde(rename = "__typename")]
    kind: String,
    login: String,
}

impl ActorNode {
    /// The login as the REST API writes it, where a bot's ends with `[bot]`.
    pub(super) fn named(self) -> (Login, ActorKind) {
        match self.kind.as_str() {
            "Bot" if !self.login.ends_with("[bot]") => (Login::new(format!("{}[bot]", self.login)), ActorKind::Bot),
            "Bot" => (Login::new(self.login), ActorKind::Bot),
            "User" => (Login::new(self.login), ActorKind::User),
            _ => (Login::new(self.login), ActorKind::Other),
        }
    }

    pub(super) fn author(actor: Option<Self>) -> (Login, ActorKind) {
        actor.map_or_else(|| (Login::new("ghost"), ActorKind::User), Self::named)
    }
}

#[derive(Deserialize)]
pub(super) struct NameNode {
    pub(super) name: LabelName,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HomeNode {
    pub(super) name_with_owner: RepositoryName,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CommentNode {
    #[serde(deserialize_with = "big_number")]
    full_database_id: i64,
    body: String,
    created_at: String,
    last_edited_at: Option<String>,
    author: Option<ActorNode>,
    editor: Option<ActorNode>,
}

impl From<CommentNode> for PullComment {
    fn from(node: CommentNode) -> Self {
        let (author, author_kind) = ActorNode::author(node.author);
        Self {
            id: CommentId(node.full_database_id),
            body: node.body,
            author,
            author_kind,
            editor: node.editor.map(ActorNode::named),
            created: time(Some(&node.created_at)).unwrap_or(Timestamp(0)),
            edited: time(node.last_edited_at.as_deref()),
        }
    }
}

/// GitHub's `BigInt` goes as a string (<https://docs.github.com/en/graphql/reference/scalars#bigint>).
pub(super) fn big_number<'de, D: Deserializer<'de>>(reader: D) -> Result<i64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Big {
        Text(String),
        Number(i64),
    }
    match Big::deserialize(reader)? {
        Big::Text(text) => text.parse().map_err(serde::de::Error::custom),
        Big::Number(number) => Ok(number),
    }
}
