//! A command's line as the words of an ask.

use super::ask::{AskContext, AskWords, environment};
use super::table::{Row, Verb};
use crate::decide::comment_commands::{Refusal, reason};
use crate::decide::quote::short_code;
use crate::model::{Argument, Command, TagName};

/// The option that passes a freeze or a hold.
const OVERRIDE: &str = "override";
/// Words before a time that say nothing more.
const BEFORE_TIME: [&str; 2] = ["until", "for"];
/// What somebody wrote is cut where it is quoted.
const QUOTED_CHARS: usize = 80;

/// What a line asks for, on the issue of this version; `None` for commands that ask nothing of an environment.
pub(super) fn words(
    row: &Row,
    command: &Command,
    (here, context): (&TagName, &AskContext<'_>),
) -> Result<Option<AskWords>, Refusal> {
    let is_environment = |word: &str| environment(word, context).is_ok();
    let words = match row.verb {
        Verb::Help | Verb::Status | Verb::Why => return Ok(None),
        Verb::Deploy => deploy(row, command, here)?,
        Verb::Rollback => {
            let (env, rest) = first(command.sentence()).ok_or_else(|| where_to(row))?;
            AskWords::Rollback { env, why: reason(rest, &command.body).unwrap_or_default() }
        }
        Verb::Freeze => {
            let (env, rest) = first(command.sentence()).ok_or_else(|| where_to(row))?;
            let (mut until, mut rest) = first(rest).ok_or_else(|| format!("say until when, {}", such_as(row)))?;
            if BEFORE_TIME.iter().any(|word| until.eq_ignore_ascii_case(word))
                && let Some((next, after)) = first(rest)
            {
                (until, rest) = (next, after);
            }
            AskWords::Freeze { env, until, why: reason(rest, &command.body).unwrap_or_default() }
        }
        Verb::Unfreeze => {
            let (env, _) = first(command.sentence()).ok_or_else(|| where_to(row))?;
            AskWords::Unfreeze { env }
        }
        Verb::Approve => approve(row, command, is_environment, here)?,
        Verb::Reject => match first(command.sentence()) {
            Some((env, rest)) if is_environment(&env) => {
                AskWords::Reject { env: Some(env), why: reason(rest, &command.body).unwrap_or_default() }
            }
            Some(_) | None => {
                AskWords::Reject { env: None, why: reason(command.sentence(), &command.body).unwrap_or_default() }
            }
        },
    };
    Ok(Some(words))
}

fn deploy(row: &Row, command: &Command, here: &TagName) -> Result<AskWords, Refusal> {
    let mut overrides = None;
    let mut words = Vec::new();
    for argument in &command.arguments {
        match argument {
            Argument::Word(word) | Argument::Quoted(word) => words.push(word.clone()),
            Argument::Option { key, value } if key == OVERRIDE => {
                overrides = Some(value.as_deref().and_then(|why| reason(why, "")).unwrap_or_default());
            }
            Argument::Option { key, .. } => {
                return Err(format!("there is no `--{}`, only `--{OVERRIDE} \"why\"`", short_code(key, QUOTED_CHARS)));
            }
            Argument::Percent(percent) => words.push(format!("{percent}%")),
        }
    }
    match words.as_slice() {
        [] => Err(where_to(row)),
        [env] => Ok(AskWords::Deploy { env: env.clone(), version: Some(here.as_str().to_owned()), overrides }),
        [env, version] => Ok(AskWords::Deploy { env: env.clone(), version: Some(version.clone()), overrides }),
        _ => Err(format!(
            "that is more than an environment and a version: it is written {}, the reason in quotation marks",
            row.usage()
        )),
    }
}

/// Without a version it is this one that is approved, and never another that waits meanwhile.
fn approve(
    row: &Row,
    command: &Command,
    is_environment: impl Fn(&str) -> bool,
    here: &TagName,
) -> Result<AskWords, Refusal> {
    let words: Vec<&str> = command.words().collect();
    let this = || here.as_str().to_owned();
    let (env, version) = match words.as_slice() {
        _ if words.len() < command.arguments.len() => return Err(more_than(row)),
        [] => (None, this()),
        [one] if is_environment(one) || !has_digit(one) => (Some((*one).to_owned()), this()),
        [version] => (None, (*version).to_owned()),
        [env, version] => (Some((*env).to_owned()), (*version).to_owned()),
        _ => return Err(more_than(row)),
    };
    Ok(AskWords::Approve { env, version: Some(version) })
}

/// Every version has one.
fn has_digit(word: &str) -> bool {
    word.contains(|c: char| c.is_ascii_digit())
}

fn more_than(row: &Row) -> Refusal {
    format!("that is more than an environment and a version: it is written {}", row.usage())
}

fn where_to(row: &Row) -> Refusal {
    format!("say which environment, {}", such_as(row))
}

fn such_as(row: &Row) -> String {
    format!("such as `{}`", row.example)
}

/// The first word or quotation, and what follows it.
fn first(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start();
    let quoted = [('"', '"'), ('“', '”')].into_iter().find_map(|(open, close)| {
        let (inside, after) = text.strip_prefix(open)?.split_once(close)?;
        Some((inside.trim().to_owned(), after))
    });
    let (word, rest) = quoted.unwrap_or_else(|| match text.split_once(char::is_whitespace) {
        Some((word, rest)) => (word.to_owned(), rest),
        None => (text.to_owned(), ""),
    });
    (!word.is_empty()).then(|| (word, rest.trim()))
}
