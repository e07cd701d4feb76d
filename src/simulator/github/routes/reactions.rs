//! Reactions to an issue or a comment.

use serde_json::Value;

use super::{Path, text};
use crate::simulator::github::answer::{Answer, Refusal, Reply};
use crate::simulator::github::call::Context;
use crate::simulator::github::changes::Reacted;
use crate::simulator::github::payloads::REACTIONS;

pub fn route(context: &mut Context<'_>, repository: i64, to: Reacted, rest: Path<'_>) -> Reply {
    match (context.call.method.as_str(), rest) {
        ("GET", []) => {
            let given = context.state.reactions(repository, to)?.clone();
            let kind = context.call.parameter("content");
            let wanted = given.iter().filter(|one| kind.is_none_or(|kind| one.content == kind));
            let all: Vec<Value> = wanted.map(|reaction| context.views().reaction(reaction)).collect();
            Ok(context.list(&all))
        }
        ("POST", []) => {
            let body = context.call.json()?;
            let kind = text(&body, "content")?.unwrap_or_default();
            if !REACTIONS.contains(&kind) {
                return Err(Refusal::invalid("Reaction", "content", "invalid"));
            }
            let bot = context.state.bot();
            let (reaction, new) = context.state.react(repository, to, &bot, kind)?;
            Ok(Answer::json(if new { 201 } else { 200 }, context.views().reaction(&reaction)))
        }
        ("DELETE", [id]) => {
            let id = super::number(id)?;
            let bot = context.state.bot();
            let given = context.state.reactions(repository, to)?;
            let mine = given.iter().position(|one| one.id == id && one.user == bot.login);
            given.remove(mine.ok_or_else(Refusal::not_found)?);
            Ok(Answer::empty(204))
        }
        _ => Err(Refusal::not_found()),
    }
}
