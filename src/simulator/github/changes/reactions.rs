//! Reactions, of which each account gives each kind once. GitHub tells of them through no webhook.

use crate::simulator::github::entities::{Actor, Reaction};
use crate::simulator::github::error::SimulatorError;
use crate::simulator::github::state::State;

/// What is reacted to.
#[derive(Debug, Clone, Copy)]
pub enum Reacted {
    Issue(i64),
    Comment(i64),
}

impl State {
    pub fn reactions(&mut self, repository: i64, to: Reacted) -> Result<&mut Vec<Reaction>, SimulatorError> {
        match to {
            Reacted::Issue(number) => Ok(&mut self.issue_mut(repository, number)?.reactions),
            Reacted::Comment(id) => Ok(&mut self.comment_mut(repository, id)?.reactions),
        }
    }

    /// Reacts, and says whether that was new.
    pub fn react(
        &mut self,
        repository: i64,
        to: Reacted,
        actor: &Actor,
        content: &str,
    ) -> Result<(Reaction, bool), SimulatorError> {
        let (id, created_at) = (self.fresh_id(), self.now());
        let reactions = self.reactions(repository, to)?;
        let known = reactions.iter().find(|one| one.user == actor.login && one.content == content);
        if let Some(known) = known {
            return Ok((known.clone(), false));
        }
        let reaction = Reaction { id, user: actor.login.clone(), content: content.to_owned(), created_at };
        reactions.push(reaction.clone());
        Ok((reaction, true))
    }
}
