//! Reviews submitted, listed and dismissed by the App.

use serde_json::Value;

use super::{Path, text};
use crate::simulator::github::answer::{Refusal, Reply, ok};
use crate::simulator::github::call::Context;
use crate::simulator::github::changes::NewReview;
use crate::simulator::github::installations::Access;
use crate::simulator::github::judging::ReviewEvent;

/// `/pulls/{number}/reviews…`
pub fn route(context: &mut Context<'_>, at: (i64, i64), rest: Path<'_>) -> Reply {
    let method = context.call.method.as_str();
    let access = if method == "GET" { Access::Read } else { Access::Write };
    context.needs(&[("pull_requests", access)])?;
    if context.state.issue(at.0, at.1)?.pull.is_none() {
        return Err(Refusal::not_found());
    }
    match (method, rest) {
        ("GET", []) => list(context, at),
        ("GET", [review]) => show(context, at, super::number(review)?),
        ("POST", []) => create(context, at),
        ("PUT", [review, "dismissals"]) => {
            let body = context.call.json()?;
            if text(&body, "message")?.is_none_or(str::is_empty) {
                return Err(Refusal::new(422, "Invalid request.\n\n\"message\" wasn't supplied."));
            }
            let (review, bot) = (super::number(review)?, context.state.bot());
            context.state.dismiss_review(at, review, &bot)?;
            show(context, at, review)
        }
        _ => Err(Refusal::not_found()),
    }
}

fn list(context: &Context<'_>, at: (i64, i64)) -> Reply {
    let (home, issue) = (context.state.repository(at.0)?, context.state.issue(at.0, at.1)?);
    let all = home.judging.reviews_of(at.1).iter().map(|review| context.views().review(home, issue, review));
    Ok(context.list(&all.collect::<Vec<Value>>()))
}

fn show(context: &Context<'_>, at: (i64, i64), id: i64) -> Reply {
    let (home, issue) = (context.state.repository(at.0)?, context.state.issue(at.0, at.1)?);
    let review = home.judging.reviews_of(at.1).iter().find(|review| review.id == id);
    ok(context.views().review(home, issue, review.ok_or_else(Refusal::not_found)?))
}

fn create(context: &mut Context<'_>, at: (i64, i64)) -> Reply {
    let body = context.call.json()?;
    let word = text(&body, "event")?;
    let event = word.map(|word| {
        ReviewEvent::parse(word)
            .ok_or_else(|| Refusal::new(422, format!("Invalid request.\n\n{word} is not an event.")))
    });
    let event = event.transpose()?;
    let words = text(&body, "body")?.unwrap_or_default();
    let needs_words = matches!(event, Some(ReviewEvent::RequestChanges | ReviewEvent::Comment));
    let remarks = body.get("comments").and_then(Value::as_array).is_some_and(|all| !all.is_empty());
    if needs_words && words.is_empty() && !remarks {
        return Err(Refusal {
            errors: vec!["Body can't be blank".into()],
            ..Refusal::new(422, "Unprocessable Entity")
        });
    }
    let commit = text(&body, "commit_id")?.map(str::to_owned);
    let bot = context.state.bot();
    let review = context.state.review_pull(at, &bot, NewReview { commit, body: words.to_owned(), event })?;
    show(context, at, review)
}
