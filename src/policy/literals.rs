//! What a regex is bound to contain, so that most rules need not be run on most texts.

use std::borrow::Cow;

use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind};

/// More alternatives than this make the first pass slower than the regex itself.
const MOST_ALTERNATIVES: usize = 64;
/// A single letter occurs in nearly every text.
const FEWEST_BYTES: usize = 2;

/// Writes the two characters beyond ASCII that a regex without regard to case takes for ASCII letters as those
/// letters, so that a search without regard to ASCII case misses nothing that the regex would find
/// (<https://www.unicode.org/Public/UCD/latest/ucd/CaseFolding.txt>: U+017F to `s`, U+212A to `k`).
pub(super) fn fold(text: &str) -> Cow<'_, str> {
    if text.contains('\u{17f}') || text.contains('\u{212a}') {
        Cow::Owned(text.replace('\u{17f}', "s").replace('\u{212a}', "k"))
    } else {
        Cow::Borrowed(text)
    }
}

const fn fold_char(letter: char) -> char {
    match letter {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    }
}

/// Texts, folded, of which every match contains at least one; `None` when there are none worth looking for.
pub(super) fn required(hir: &Hir) -> Option<Vec<String>> {
    required_raw(hir).filter(|literals| usable(literals))
}

fn usable(literals: &[String]) -> bool {
    literals.len() <= MOST_ALTERNATIVES && literals.iter().all(|literal| literal.len() >= FEWEST_BYTES)
}

fn required_raw(hir: &Hir) -> Option<Vec<String>> {
    if let Some(text) = exact(hir) {
        return Some(vec![text]);
    }
    match hir.kind() {
        HirKind::Capture(capture) => required_raw(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required_raw(&repetition.sub),
        HirKind::Alternation(branches) => {
            let mut all = Vec::new();
            for branch in branches {
                all.extend(required_raw(branch)?);
            }
            Some(all)
        }
        HirKind::Concat(parts) => best_of(parts),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) | HirKind::Repetition(_) => None,
    }
}

/// Of all that the parts of a sequence are bound to contain, the choice that lets the fewest texts through.
fn best_of(parts: &[Hir]) -> Option<Vec<String>> {
    let mut choices: Vec<Vec<String>> = Vec::new();
    let mut run = String::new();
    for part in parts {
        if let Some(text) = exact(part) {
            run.push_str(&text);
            continue;
        }
        choices.push(vec![std::mem::take(&mut run)]);
        choices.extend(required_raw(part));
    }
    choices.push(vec![run]);
    let shortest = |choice: &Vec<String>| choice.iter().map(String::len).min().unwrap_or_default();
    choices
        .into_iter()
        .filter(|choice| usable(choice))
        .max_by_key(|choice| (shortest(choice), std::cmp::Reverse(choice.len())))
}

/// The one text, folded, that an expression always matches; `None` when it can match several.
fn exact(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(String::new()),
        HirKind::Literal(literal) => {
            std::str::from_utf8(&literal.0).ok().map(|text| text.chars().map(fold_char).collect())
        }
        HirKind::Class(Class::Unicode(class)) => one_letter(class).map(String::from),
        HirKind::Capture(capture) => exact(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(exact).collect(),
        HirKind::Class(Class::Bytes(_)) | HirKind::Repetition(_) | HirKind::Alternation(_) => None,
    }
}

/// The ASCII letter of which a class is nothing but the upper and lower case.
fn one_letter(class: &ClassUnicode) -> Option<char> {
    let mut letters =
        class.ranges().iter().take(4).flat_map(|range| (range.start()..=range.end()).take(4)).map(fold_char);
    let first = letters.next()?;
    (first.is_ascii() && letters.all(|letter| letter == first)).then_some(first)
}

/// How many characters every match begins with, not counting what may be left out before them: three for
/// `^\s*(?:urgent:)?fix`. With alternatives, the fewest of them.
pub(super) fn prefix_chars(hir: &Hir) -> usize {
    prefix(hir).0
}

/// The count, and whether the expression is fixed to its end, so that what follows still counts.
fn prefix(hir: &Hir) -> (usize, bool) {
    if let Some(text) = exact(hir) {
        return (text.chars().count(), true);
    }
    match hir.kind() {
        HirKind::Capture(capture) => prefix(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => (prefix(&repetition.sub).0, false),
        HirKind::Alternation(branches) => {
            (branches.iter().map(|branch| prefix(branch).0).min().unwrap_or_default(), false)
        }
        HirKind::Concat(parts) => {
            let mut count = 0;
            for part in parts {
                let may_be_left_out = part.properties().minimum_len() == Some(0) && exact(part).is_none();
                if may_be_left_out && count == 0 {
                    continue;
                }
                let (more, whole) = prefix(part);
                count += more;
                if !whole {
                    return (count, false);
                }
            }
            (count, true)
        }
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) | HirKind::Repetition(_) => {
            (0, false)
        }
    }
}
