//! Rewrites Go's regex syntax, which gitleaks' rules are written in, into that of the `regex` crate.
//!
//! Both descend from RE2. What differs is listed in <https://github.com/google/re2/wiki/Syntax> against
//! <https://docs.rs/regex/latest/regex/#syntax>: Go takes a brace that begins no repetition for itself, knows no nested
//! classes and no class operators, quotes with `\Q…\E`, reads `\<` as `<`, and has octal escapes.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::CharIndices;

/// The same pattern in the syntax of the `regex` crate. What is wrong in both stays wrong.
pub(super) fn from_go(pattern: &str) -> Cow<'_, str> {
    if !pattern.contains(['{', '[', '\\']) {
        return Cow::Borrowed(pattern);
    }
    let mut rewriter =
        Rewriter { pattern, rest: pattern.char_indices().peekable(), out: String::with_capacity(pattern.len() + 8) };
    while let Some((at, letter)) = rewriter.rest.next() {
        match letter {
            '\\' => rewriter.escape(),
            '[' => rewriter.class(),
            '{' if !is_repetition(&pattern[at..]) => rewriter.out.push_str("\\{"),
            other => rewriter.out.push(other),
        }
    }
    Cow::Owned(rewriter.out)
}

struct Rewriter<'p> {
    pattern: &'p str,
    rest: Peekable<CharIndices<'p>>,
    out: String,
}

impl Rewriter<'_> {
    /// What follows a backslash.
    fn escape(&mut self) {
        let Some((at, letter)) = self.rest.next() else {
            self.out.push('\\');
            return;
        };
        match letter {
            'Q' => {
                let quoted = self.pattern.get(at + 1..).unwrap_or_default();
                let end = quoted.find("\\E").unwrap_or(quoted.len());
                self.out.push_str(&regex_syntax::escape(&quoted[..end]));
                let after = at + 1 + end + 2;
                while self.rest.next_if(|(at, _)| *at < after).is_some() {}
            }
            '<' | '>' => self.out.push(letter),
            '0'..='7' if self.is_octal(letter) => {
                let mut value = letter.to_digit(8).unwrap_or_default();
                for _ in 0..2 {
                    let Some((_, digit)) = self.rest.next_if(|(_, digit)| digit.is_digit(8)) else { break };
                    value = value * 8 + digit.to_digit(8).unwrap_or_default();
                }
                // Writing to a String cannot fail.
                let _ = write!(self.out, "\\x{{{value:x}}}");
            }
            other => {
                self.out.extend(['\\', other]);
                // The braces of `\x{…}` and `\p{…}` are part of the escape.
                if matches!(other, 'x' | 'p' | 'P') && self.rest.next_if(|(_, letter)| *letter == '{').is_some() {
                    self.out.push('{');
                }
            }
        }
    }

    /// A single digit other than 0 would be a backreference, which neither syntax has.
    fn is_octal(&mut self, first: char) -> bool {
        first == '0' || self.rest.peek().is_some_and(|(_, next)| next.is_digit(8))
    }

    /// A class in brackets, whose first bracket has been taken.
    fn class(&mut self) {
        self.out.push('[');
        if self.rest.next_if(|(_, letter)| *letter == '^').is_some() {
            self.out.push('^');
        }
        // A closing bracket that comes first stands for itself.
        if self.rest.next_if(|(_, letter)| *letter == ']').is_some() {
            self.out.push_str("\\]");
        }
        let mut before = ' ';
        while let Some((at, letter)) = self.rest.next() {
            let next = self.rest.peek().map_or(' ', |(_, next)| *next);
            match letter {
                ']' => {
                    self.out.push(']');
                    return;
                }
                '\\' => {
                    self.escape();
                    if matches!(next, 'w' | 'W' | 'd' | 'D' | 's' | 'S') {
                        self.literal_hyphen();
                    }
                }
                '[' if next == ':' && self.pattern[at..].contains(":]") => {
                    let end = at + self.pattern[at..].find(":]").unwrap_or_default() + 2;
                    self.out.push_str(&self.pattern[at..end]);
                    while self.rest.next_if(|(at, _)| *at < end).is_some() {}
                    self.literal_hyphen();
                }
                '[' => self.out.push_str("\\["),
                '&' | '~' if before == letter || next == letter => self.out.extend(['\\', letter]),
                '-' if next == '-' || before == '-' => self.out.push_str("\\-"),
                other => self.out.push(other),
            }
            before = letter;
        }
    }

    /// After a class within a class a hyphen makes no range.
    fn literal_hyphen(&mut self) {
        if self.rest.next_if(|(_, letter)| *letter == '-').is_some() {
            self.out.push_str("\\-");
        }
    }
}

/// Whether a brace begins a repetition: `{3}`, `{3,}` or `{3,5}`.
fn is_repetition(text: &str) -> bool {
    let Some((inside, _)) = text[1..].split_once('}') else { return false };
    let (least, most) = inside.split_once(',').unwrap_or((inside, ""));
    !least.is_empty() && least.bytes().chain(most.bytes()).all(|byte| byte.is_ascii_digit())
}
