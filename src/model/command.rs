//! Slash-commands: what a person wrote on a line of its own, before anybody has asked whether they may.

use serde::{Deserialize, Serialize};

use super::{ActorKind, CommentId, Login, Pull, Timestamp};

/// So many commands of one comment are run; those after them are reported.
pub const COMMANDS_MAX: usize = 10;

/// A reaction of ours to a comment (<https://docs.github.com/en/rest/reactions/reactions#about-reactions>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reaction {
    /// 👀: a command was seen.
    Eyes,
    /// 🚀: it was done.
    Rocket,
    /// 😕: it was not.
    Confused,
}

impl Reaction {
    /// GitHub's word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eyes => "eyes",
            Self::Rocket => "rocket",
            Self::Confused => "confused",
        }
    }
}

/// One part of what stands behind a command's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Argument {
    /// A bare word.
    Word(String),
    /// What stood between quotation marks.
    Quoted(String),
    /// `--key value`, `--key=value` or `--key` alone.
    Option {
        /// The key without its dashes, in lower case.
        key: String,
        /// The value, where one follows.
        value: Option<String>,
    },
    /// `N%` with N from 0 to 100.
    Percent(u8),
}

/// A command as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Its whole line without the spaces around it.
    pub line: String,
    /// Its name without the slash, in lower case.
    pub name: String,
    /// What stands behind the name, part by part.
    pub arguments: Vec<Argument>,
    /// The lines below it, up to the next command, without the empty ones around them.
    pub body: String,
    /// It stands in backticks and is all of its comment: not run, but likely meant to be.
    #[serde(default)]
    pub in_code: bool,
}

impl Command {
    /// All that stands behind the name, as it was written: for commands that take a sentence.
    #[must_use]
    pub fn sentence(&self) -> &str {
        self.line.split_once(char::is_whitespace).map_or("", |(_, rest)| rest.trim())
    }

    /// The bare and the quoted words, in order.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.arguments.iter().filter_map(|argument| match argument {
            Argument::Word(word) | Argument::Quoted(word) => Some(word.as_str()),
            Argument::Option { .. } | Argument::Percent(_) => None,
        })
    }

    /// The value of `--key value`; the last one counts.
    #[must_use]
    pub fn option(&self, wanted: &str) -> Option<&str> {
        self.arguments.iter().rev().find_map(|argument| match argument {
            Argument::Option { key, value } if key == wanted => value.as_deref(),
            Argument::Option { .. } | Argument::Word(_) | Argument::Quoted(_) | Argument::Percent(_) => None,
        })
    }
}

/// A comment, or the text of a pull request, with the commands that stand in it now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentSeen {
    /// Its id; [`CommentSeen::BODY`] for the text of the pull request itself.
    pub id: CommentId,
    /// Who wrote it.
    pub author: Login,
    /// What kind of account that is.
    pub author_kind: ActorKind,
    /// Who edited it last, and what kind of account that is; `None` where nobody did, or that account is gone.
    pub editor: Option<(Login, ActorKind)>,
    /// When it was written.
    pub created: Timestamp,
    /// When it was last edited; `None` where it never was.
    pub edited: Option<Timestamp>,
    /// Every command in it, in order, those beyond [`COMMANDS_MAX`] included.
    pub commands: Vec<Command>,
}

impl CommentSeen {
    /// Stands for the text of the pull request itself: GitHub gives no comment this id.
    pub const BODY: CommentId = CommentId(0);

    /// The text of a pull request as a place for commands. Its author answers for it: whoever else could edit it has
    /// write permission, and so may do whatever a command can.
    #[must_use]
    pub fn of_body(pull: &Pull, commands: Vec<Command>) -> Self {
        Self {
            id: Self::BODY,
            author: pull.author.clone(),
            author_kind: pull.author_kind,
            editor: None,
            created: pull.created,
            edited: None,
            commands,
        }
    }

    /// Whose authority a new command in it has, and what kind of account that is: whoever touched it last. `None`
    /// where an account that is gone edited it.
    #[must_use]
    pub fn actor(&self) -> Option<(&Login, ActorKind)> {
        match (&self.editor, self.edited) {
            (Some((editor, kind)), _) => Some((editor, *kind)),
            (None, None) => Some((&self.author, self.author_kind)),
            (None, Some(_)) => None,
        }
    }
}
