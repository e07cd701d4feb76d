//! Reads how many tests passed and failed, in the ways in which people and test runners write it.

use crate::model::Evidence;

/// A piece of a text.
#[derive(Clone, PartialEq, Eq)]
enum Token {
    Number(u32),
    Word(String),
    Sign(char),
}

/// `passed=12 failed=0`, `12 passed, 0 failed`, `12/12 passed`; several runs are added up.
pub(super) fn read(text: &str) -> Result<Evidence, Vec<String>> {
    let tokens = tokens(text);
    let (mut passed, mut failed) = (None, None);
    for (at, token) in tokens.iter().enumerate() {
        let Token::Word(word) = token else { continue };
        let count = match word.as_str() {
            "passed" | "pass" | "passes" => &mut passed,
            "failed" | "fail" | "fails" | "failures" | "failure" => &mut failed,
            _ => continue,
        };
        let mut before = tokens.get(..at).unwrap_or_default();
        if let [rest @ .., Token::Word(tests)] = before
            && tests.starts_with("test")
        {
            before = rest;
        }
        match (given_after(tokens.get(at + 1..).unwrap_or_default()), before) {
            (Some(number), _) => add(count, number),
            (None, [.., Token::Number(some), Token::Sign('/'), Token::Number(all)]) if word.starts_with("pass") => {
                add(&mut passed, *some);
                add(&mut failed, all.saturating_sub(*some));
            }
            (None, [.., Token::Number(number)]) => add(count, *number),
            (None, _) => {}
        }
    }
    match (passed, failed) {
        (Some(0), Some(0)) => Err(vec!["no test was run".to_owned()]),
        (Some(passed), Some(failed)) => Ok(Evidence::Test { passed, failed }),
        (passed, failed) => {
            let missing = [(passed, "how many tests passed"), (failed, "how many tests failed")];
            Err(missing.into_iter().filter(|(count, _)| count.is_none()).map(|(_, what)| what.to_owned()).collect())
        }
    }
}

fn add(count: &mut Option<u32>, more: u32) {
    *count = Some(count.unwrap_or(0).saturating_add(more));
}

/// The number behind `=` or `:`.
const fn given_after(tokens: &[Token]) -> Option<u32> {
    match tokens {
        [Token::Sign('=' | ':'), Token::Number(number), ..] => Some(*number),
        _ => None,
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let kind: fn(char) -> bool = if first.is_ascii_digit() { |c| c.is_ascii_digit() } else { char::is_alphabetic };
        let length = rest.find(|c| !kind(c)).unwrap_or(rest.len());
        let (taken, after) = rest.split_at(if length == 0 { first.len_utf8() } else { length });
        match taken.parse() {
            Ok(number) if first.is_ascii_digit() => found.push(Token::Number(number)),
            Ok(_) | Err(_) if length > 0 => found.push(Token::Word(taken.to_lowercase())),
            Ok(_) | Err(_) if !first.is_whitespace() => found.push(Token::Sign(first)),
            Ok(_) | Err(_) => {}
        }
        rest = after;
    }
    found
}
