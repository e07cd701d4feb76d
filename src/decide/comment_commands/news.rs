//! Which commands of a comment are new, and whose they are.

use std::collections::BTreeMap;

use super::Talk;
use crate::model::{ActorKind, Command, CommentId, CommentSeen, Login};

/// What a bot's login ends with in the REST API, and does not in GraphQL.
const BOT_SUFFIX: &str = "[bot]";

/// The commands of a comment that nobody has looked at, each with its place in the comment.
pub(in crate::decide) struct News<'a> {
    pub(in crate::decide) comment: &'a CommentSeen,
    /// Whose authority they have; `None` where that account is gone.
    pub(in crate::decide) actor: Option<&'a Login>,
    pub(in crate::decide) commands: Vec<(usize, &'a Command)>,
}

/// Every comment with new commands by somebody whom we listen to, in the order in which they were written.
pub(in crate::decide) fn news<'a>(talk: &Talk<'a>) -> Vec<News<'a>> {
    let mut comments: Vec<&CommentSeen> = talk.comments.iter().collect();
    comments.sort_by_key(|comment| (comment.id != CommentSeen::BODY, comment.created, comment.id));
    comments.into_iter().filter_map(|comment| news_of(talk, comment)).collect()
}

fn news_of<'a>(talk: &Talk<'_>, comment: &'a CommentSeen) -> Option<News<'a>> {
    let actor = comment.actor();
    // A bot's comment stays one when a person edits it, and a person's runs nothing that a bot has put in.
    let speakers = [Some((&comment.author, comment.author_kind)), actor];
    if !speakers.into_iter().flatten().all(|(login, kind)| is_heard(talk, login, kind)) {
        return None;
    }
    let mut left = match lines_seen(talk, comment.id) {
        Some(lines) => counted(lines),
        // It is older than our knowledge of this place: nobody waits for what it says.
        None if is_older(comment, talk) => return None,
        None => BTreeMap::new(),
    };
    let mut is_new = |command: &Command| match left.get_mut(command.line.as_str()) {
        Some(times) if *times > 0 => {
            *times -= 1;
            false
        }
        Some(_) | None => true,
    };
    let commands: Vec<_> = comment.commands.iter().enumerate().filter(|(_, command)| is_new(command)).collect();
    (!commands.is_empty()).then(|| News { comment, actor: actor.map(|(login, _)| login), commands })
}

/// Whether it was written before the place was known. GitHub tells times to the second, so what was written in the very
/// second in which the place became known counts as written after it.
fn is_older(comment: &CommentSeen, talk: &Talk<'_>) -> bool {
    comment.created.seconds() < talk.known_since.seconds()
}

fn lines_seen<'a>(talk: &Talk<'a>, comment: CommentId) -> Option<&'a [String]> {
    Some(talk.commands_seen?.get(&comment)?.as_slice())
}

/// A line that stands there twice is new once more when it stands there three times.
fn counted(lines: &[String]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for line in lines {
        *counts.entry(line.as_str()).or_default() += 1;
    }
    counts
}

fn is_heard(talk: &Talk<'_>, login: &Login, kind: ActorKind) -> bool {
    if is_same(login, talk.own) {
        return false;
    }
    match kind {
        ActorKind::Bot => talk.bots.iter().any(|listed| is_same(listed, login)),
        ActorKind::User | ActorKind::Other => true,
    }
}

/// Whether both are the same account, by whichever API it was named.
pub(in crate::decide) fn is_same(one: &Login, other: &Login) -> bool {
    fn bare(login: &Login) -> &str {
        login.as_str().strip_suffix(BOT_SUFFIX).unwrap_or(login.as_str())
    }
    bare(one).eq_ignore_ascii_case(bare(other))
}

/// The lines that are to be remembered: those of each comment as it is now, and of comments that were not read again
/// as they were. An empty entry says of an old comment that what comes into it later is new.
pub(in crate::decide) fn remembered(talk: &Talk<'_>) -> BTreeMap<CommentId, Vec<String>> {
    let mut lines = talk.commands_seen.cloned().unwrap_or_default();
    for comment in talk.comments {
        if is_same(&comment.author, talk.own) {
            continue;
        }
        let now: Vec<String> = comment.commands.iter().map(|command| command.line.clone()).collect();
        if !now.is_empty() || is_older(comment, talk) || lines.contains_key(&comment.id) {
            lines.insert(comment.id, now);
        }
    }
    lines
}
