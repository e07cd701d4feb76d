//! The words of a title, and the shapes that titles can have in common: the same beginning, or a word anywhere.

/// Words that say nothing about what kind of task it is.
const EMPTY: &[&str] = &[
    "a", "about", "after", "all", "an", "and", "are", "as", "at", "be", "before", "but", "by", "can", "do", "does",
    "for", "from", "has", "have", "i", "if", "in", "into", "is", "it", "its", "like", "more", "my", "new", "no", "not",
    "of", "on", "or", "our", "please", "should", "some", "that", "the", "their", "them", "then", "there", "they",
    "this", "to", "us", "we", "when", "where", "which", "will", "with", "would", "you", "your",
];
/// A beginning of more words is seldom shared.
const BEGINNING_MAX: usize = 3;
/// A shorter word anywhere in a title is a chance.
const ANYWHERE_CHARS: usize = 4;
/// Words further back are not looked at.
const WORDS_MAX: usize = 16;

/// What titles have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shape {
    /// They begin with these words.
    Beginning(Vec<String>),
    /// This word is somewhere in them.
    Anywhere(String),
}

impl Shape {
    /// The words in it.
    pub(super) fn words(&self) -> Vec<&str> {
        match self {
            Self::Beginning(words) => words.iter().map(String::as_str).collect(),
            Self::Anywhere(word) => vec![word],
        }
    }

    /// The regex that finds it; with `led`, other signs may stand before the first word.
    pub(super) fn pattern(&self, led: bool) -> String {
        let before = if led { r"\W*" } else { "" };
        match self {
            Self::Beginning(words) => format!(r"^{before}{}\b", words.join(r"\W+")),
            Self::Anywhere(word) => format!(r"\b{word}\b"),
        }
    }
}

/// The words of a title in lower case. A word is what `\w+` finds, which is also why nothing in it has to be escaped.
pub(super) fn words(title: &str) -> Vec<String> {
    let is_inside = |c: char| c.is_alphanumeric() || c == '_';
    let words = title.split(|c| !is_inside(c)).filter(|word| !word.is_empty());
    words.take(WORDS_MAX).map(str::to_lowercase).collect()
}

/// Whether other signs stand before the first word.
pub(super) fn is_led(title: &str) -> bool {
    title.chars().next().is_some_and(|c| !c.is_alphanumeric() && c != '_')
}

/// Every shape that a title has.
pub(super) fn shapes(title: &str) -> Vec<Shape> {
    let words = words(title);
    let mut shapes = Vec::new();
    for count in 1..=words.len().min(BEGINNING_MAX) {
        let beginning = words.get(..count).unwrap_or_default();
        if beginning.last().is_some_and(|last| says_something(last)) {
            shapes.push(Shape::Beginning(beginning.to_vec()));
        }
    }
    let mut anywhere: Vec<&String> =
        words.iter().filter(|word| says_something(word) && word.chars().count() >= ANYWHERE_CHARS).collect();
    anywhere.sort();
    anywhere.dedup();
    shapes.extend(anywhere.into_iter().map(|word| Shape::Anywhere(word.clone())));
    shapes
}

fn says_something(word: &str) -> bool {
    word.chars().count() > 1 && word.chars().any(char::is_alphabetic) && !EMPTY.contains(&word)
}
