//! A second card on one subject: whoever was overtaken in the middle of creating the first may have left it.

use super::comment_commands::is_same;
use crate::model::{Action, CommentId, Login, Number, Planned, Repository};

/// Comments that look like a card, with their authors, and which of them is known to be the card.
#[derive(Debug)]
pub struct CardsSeen<'a> {
    /// Where.
    pub place: (&'a Repository, Number),
    /// Our own login: anybody can copy what a card looks like.
    pub own: &'a Login,
    /// The card that is edited.
    pub known: Option<CommentId>,
    /// What was seen.
    pub seen: Vec<(CommentId, &'a Login)>,
}

/// The removal of every card of ours but the one that is known.
///
/// Where the known one was not seen nothing is removed: it may be older than what was read, or gone, and then the next
/// edit finds one of the others.
#[must_use]
pub fn doubled_cards(cards: &CardsSeen<'_>) -> Vec<Planned> {
    let ours = cards.seen.iter().filter(|(_, author)| is_same(author, cards.own)).map(|(comment, _)| *comment);
    let ours: Vec<CommentId> = ours.collect();
    let Some(known) = cards.known.filter(|known| ours.contains(known)) else { return Vec::new() };
    let (repository, number) = cards.place;
    let removal = |comment: CommentId| Planned {
        key: format!("doubled-card/{}/{comment}", repository.id),
        slot: None,
        action: Action::RemoveComment { repository: repository.clone(), number, comment },
    };
    ours.into_iter().filter(|comment| *comment != known).map(removal).collect()
}
