//! What commands in comments have in common, wherever they stand: which are new, whose they are, and how they are answered.

mod answer;
mod news;
mod run;
mod table;

use std::collections::BTreeMap;

use crate::model::{CommentId, CommentSeen, Login, Timestamp};

pub(super) use answer::{Answers, Place};
pub(super) use news::{News, is_same, news, remembered};
pub(super) use run::{Refusal, Runs, comment, reason};
pub(super) use table::{Row, allowed, by_permission, help, markdown, nearest};

/// What is said in one place, as far as it tells which commands are new.
#[derive(Debug, Clone, Copy)]
pub(super) struct Talk<'a> {
    /// The comments as they are now.
    pub(super) comments: &'a [CommentSeen],
    /// The lines that were commands in each comment when it was last looked at.
    pub(super) commands_seen: Option<&'a BTreeMap<CommentId, Vec<String>>>,
    /// Our own login, whose comments are not heard.
    pub(super) own: &'a Login,
    /// Commands in comments that were written before are noted, and not run.
    pub(super) known_since: Timestamp,
    /// Bots whose commands are run, if their permission allows it.
    pub(super) bots: &'a [Login],
}
