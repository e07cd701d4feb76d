//! Tells prose from code in Markdown, line by line, and takes HTML comments out of the prose.

/// One line of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// What it says, without comments.
    pub(super) text: String,
    /// Whether it belongs to a fenced code block.
    pub(super) code: bool,
}

/// The lines of a text; those that held nothing but comments are left out.
/// Fences are read as <https://spec.commonmark.org/0.31.2/#fenced-code-blocks> says.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let mut found = Vec::new();
    let mut fence: Option<Fence> = None;
    let mut in_comment = false;
    for line in text.lines() {
        if let Some(open) = &fence {
            if open.is_closed_by(line) {
                fence = None;
            }
            found.push(Line { text: line.to_owned(), code: true });
            continue;
        }
        if !in_comment && let Some(opened) = Fence::opened_by(line) {
            fence = Some(opened);
            found.push(Line { text: line.to_owned(), code: true });
            continue;
        }
        let kept = without_comments(line, &mut in_comment);
        if !kept.trim().is_empty() || line.trim().is_empty() && !in_comment {
            found.push(Line { text: kept, code: false });
        }
    }
    found
}

/// A fence that is open: its sign and how many of it.
struct Fence(char, usize);

impl Fence {
    fn opened_by(line: &str) -> Option<Self> {
        let (sign, length, rest) = Self::run(line)?;
        // Three backticks with another one behind them are a code span.
        (length >= 3 && (sign == '~' || !rest.contains('`'))).then_some(Self(sign, length))
    }

    fn is_closed_by(&self, line: &str) -> bool {
        Self::run(line).is_some_and(|(sign, length, rest)| sign == self.0 && length >= self.1 && rest.trim().is_empty())
    }

    fn run(line: &str) -> Option<(char, usize, &str)> {
        let inner = line.trim_start_matches(' ');
        let sign = inner.chars().next().filter(|sign| matches!(sign, '`' | '~'))?;
        let rest = inner.trim_start_matches(sign);
        (line.len() - inner.len() <= 3).then_some((sign, inner.len() - rest.len(), rest))
    }
}

/// The line without comments, those in code spans excepted; `in_comment` goes from line to line.
fn without_comments(line: &str, in_comment: &mut bool) -> String {
    let mut kept = String::with_capacity(line.len());
    let mut rest = line;
    while !rest.is_empty() {
        if *in_comment {
            let Some((_, after)) = rest.split_once("-->") else { break };
            *in_comment = false;
            rest = after;
        } else if let Some(after) = rest.strip_prefix("<!--") {
            *in_comment = true;
            rest = after;
        } else {
            let (taken, after) = rest.split_at(span_length(rest));
            kept.push_str(taken);
            rest = after;
        }
    }
    kept
}

/// How many bytes at the beginning belong together: a code span, or one character.
fn span_length(text: &str) -> usize {
    let ticks = text.len() - text.trim_start_matches('`').len();
    if ticks == 0 {
        return text.chars().next().map_or(0, char::len_utf8);
    }
    let mut end = ticks;
    while let Some(rest) = text.get(end..).filter(|rest| !rest.is_empty()) {
        let closing = rest.len() - rest.trim_start_matches('`').len();
        if closing == ticks {
            return end + closing;
        }
        end += if closing > 0 { closing } else { rest.chars().next().map_or(1, char::len_utf8) };
    }
    ticks
}
