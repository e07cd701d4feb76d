//! What stands behind a command's name: words, quotations, options and percentages.

use crate::model::Argument;

/// Pairs of quotation marks. Telephones write the curly ones by themselves.
const QUOTES: [(char, char); 2] = [('"', '"'), ('“', '”')];

/// One part of the text, before options have found their values.
enum Token {
    Bare(String),
    Quoted(String),
}

impl Token {
    fn into_text(self) -> String {
        match self {
            Self::Bare(text) | Self::Quoted(text) => text,
        }
    }

    fn is_option(&self) -> bool {
        matches!(self, Self::Bare(text) if option_key(text).is_some())
    }
}

pub(super) fn read(text: &str) -> Vec<Argument> {
    let mut tokens = tokens(text).into_iter().peekable();
    let mut arguments = Vec::new();
    while let Some(token) = tokens.next() {
        arguments.push(match token {
            Token::Quoted(text) => Argument::Quoted(text),
            Token::Bare(text) => match option_key(&text) {
                Some((key, Some(value))) => {
                    Argument::Option { key: key.to_ascii_lowercase(), value: Some(unquoted(value)) }
                }
                Some((key, None)) => {
                    let value = tokens.next_if(|next| !next.is_option()).map(Token::into_text);
                    Argument::Option { key: key.to_ascii_lowercase(), value }
                }
                None => percent(&text).map_or(Argument::Word(text), Argument::Percent),
            },
        });
    }
    arguments
}

/// Splits at white space outside of quotation marks. A mark that is never closed is a character as any other.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut unclosed = Unclosed::default();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if let Some((quoted, after)) = unclosed.quotation(rest, first) {
            tokens.push(Token::Quoted(quoted));
            rest = after.trim_start();
            continue;
        }
        let end = bare_end(rest, &mut unclosed);
        tokens.push(Token::Bare(rest[..end].to_owned()));
        rest = rest[end..].trim_start();
    }
    tokens
}

/// Where a bare word ends: at white space, but not within the quotation of `--key="a value"`.
fn bare_end(text: &str, unclosed: &mut Unclosed) -> usize {
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let Some(equals) = text[..end].find('=').filter(|_| text.starts_with("--")) else { return end };
    let value = &text[equals + 1..];
    match value.chars().next().and_then(|first| unclosed.quotation(value, first)) {
        Some((_, after)) => text.len() - after.len(),
        None => end,
    }
}

/// The marks that are never closed in what is left of the line. What begins with one need not be gone through to its
/// end again: a line of nothing but `“ “ “` would cost the square of its length.
#[derive(Default)]
struct Unclosed(Vec<char>);

impl Unclosed {
    fn quotation<'t>(&mut self, text: &'t str, first: char) -> Option<(String, &'t str)> {
        if self.0.contains(&first) {
            return None;
        }
        let found = quotation(text, first);
        if found.is_none() && QUOTES.iter().any(|(open, _)| *open == first) {
            self.0.push(first);
        }
        found
    }
}

/// A quotation at the beginning of the text, and what follows it. `\"` is a quotation mark within.
fn quotation(text: &str, first: char) -> Option<(String, &str)> {
    let (open, close) = QUOTES.into_iter().find(|(open, _)| *open == first)?;
    let mut quoted = String::new();
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        let plain = std::mem::take(&mut escaped);
        if plain && !matches!(character, '\\') && character != close && character != open {
            quoted.push('\\');
        } else if !plain && character == '\\' {
            escaped = true;
            continue;
        } else if !plain && character == close {
            return Some((quoted, &text[at + close.len_utf8()..]));
        }
        quoted.push(character);
    }
    None
}

fn unquoted(value: &str) -> String {
    let whole = value.chars().next().and_then(|first| quotation(value, first));
    whole.map_or_else(|| value.to_owned(), |(quoted, _)| quoted)
}

/// `--key` or `--key=value`.
fn option_key(text: &str) -> Option<(&str, Option<&str>)> {
    let option = text.strip_prefix("--")?;
    let (key, value) = option.split_once('=').map_or((option, None), |(key, value)| (key, Some(value)));
    let good = key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    good.then_some((key, value))
}

fn percent(text: &str) -> Option<u8> {
    let digits = text.strip_suffix('%').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    digits.parse().ok().filter(|percent| *percent <= 100)
}
