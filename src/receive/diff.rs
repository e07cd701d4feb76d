//! Reads a unified diff, as `git diff` and GitHub write it, file by file.

use std::io::{self, BufRead};

use crate::model::{ChangeKind, FileChange, Sha};

/// Why a diff cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DiffFault {
    /// The stream broke.
    #[error("the diff cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// There is text and no change in it.
    #[error("this is not a unified diff: expected a line that begins with `diff --git` or `--- `")]
    NotADiff,
    /// A diff against several parents at once has hunks of another form.
    #[error("line {line}: this is the combined diff of a merge; make it against one parent, as `git diff A B` does")]
    Combined {
        /// The line of the diff, from 1.
        line: u64,
    },
    /// A hunk does not say where it begins or how long it is.
    #[error("line {line}: this `@@` line cannot be read; it should be as in `@@ -3,2 +7,4 @@`")]
    Hunk {
        /// The line of the diff, from 1.
        line: u64,
    },
    /// A hunk is not as long as it says.
    #[error("line {line}: the hunk ends before it has the lines that its `@@` line announces")]
    Truncated {
        /// The line of the diff, from 1.
        line: u64,
    },
}

/// Reads a diff from a stream: one change after the other, of which only one is in memory.
/// The form is that of <https://git-scm.com/docs/diff-format#generate_patch_text_with_p>; diffs of other programs, with
/// `---` and `+++` alone, are read as well. What stands before the first change, such as a commit's message, is skipped.
pub fn read_diff(reader: impl BufRead) -> impl Iterator<Item = Result<FileChange, DiffFault>> {
    DiffReader { reader, line: 0, ahead: None, any_text: false, any_change: false, over: false }
}

/// Reads a diff that is in memory.
pub fn parse_diff(text: &str) -> Result<Vec<FileChange>, DiffFault> {
    read_diff(text.as_bytes()).collect()
}

struct DiffReader<R> {
    reader: R,
    line: u64,
    ahead: Option<String>,
    any_text: bool,
    any_change: bool,
    over: bool,
}

impl<R: BufRead> Iterator for DiffReader<R> {
    type Item = Result<FileChange, DiffFault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let change = self.change();
        self.over = !matches!(change, Ok(Some(_)));
        change.transpose()
    }
}

impl<R: BufRead> DiffReader<R> {
    /// The next line without its end; a carriage return belongs to the content and stays.
    fn read_line(&mut self) -> Result<Option<String>, DiffFault> {
        if let Some(line) = self.ahead.take() {
            return Ok(Some(line));
        }
        let mut bytes = Vec::new();
        if self.reader.read_until(b'\n', &mut bytes)? == 0 {
            return Ok(None);
        }
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
        }
        self.line += 1;
        self.any_text |= !bytes.is_empty();
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }

    fn change(&mut self) -> Result<Option<FileChange>, DiffFault> {
        let mut header: Option<Header> = None;
        while let Some(line) = self.read_line()? {
            if line.starts_with("diff --cc ") || line.starts_with("diff --combined ") {
                return Err(DiffFault::Combined { line: self.line });
            }
            if let Some(paths) = line.strip_prefix("diff --git ") {
                if let Some(header) = header {
                    self.ahead = Some(line);
                    return Ok(Some(header.change()));
                }
                header = Some(Header::of_git(paths));
            } else if line.starts_with("--- ") && header.as_ref().is_none_or(|header| header.patch.is_none()) {
                let Some(next) = self.read_line()? else { break };
                if let Some(new) = next.strip_prefix("+++ ") {
                    let known = header.get_or_insert_default();
                    known.sides(&line[4..], new);
                } else {
                    self.ahead = Some(next);
                }
            } else if line.starts_with("--- ") {
                // Another file of a diff without `diff --git` lines.
                self.ahead = Some(line);
                break;
            } else if let Some(header) = &mut header {
                match hunk_lengths(&line) {
                    Some(lengths) => self.hunk(&line, lengths, header)?,
                    // What cannot be read must not pass for something that adds nothing.
                    None if line.starts_with("@@ -") => return Err(DiffFault::Hunk { line: self.line }),
                    None => header.note(&line),
                }
            }
        }
        let found = header.is_some();
        self.any_change |= found;
        match header {
            Some(header) => Ok(Some(header.change())),
            None if self.any_text && !self.any_change => Err(DiffFault::NotADiff),
            None => Ok(None),
        }
    }

    /// Takes as many lines as the hunk has, so that content which looks like a header is still content.
    fn hunk(&mut self, head: &str, lengths: (u32, u32), header: &mut Header) -> Result<(), DiffFault> {
        let (mut old, mut new) = lengths;
        let patch = header.patch.get_or_insert_default();
        push_line(patch, head);
        while old > 0 || new > 0 {
            let Some(line) = self.read_line()? else { return Err(DiffFault::Truncated { line: self.line }) };
            match line.as_bytes().first() {
                Some(b'+') => {
                    new = new.saturating_sub(1);
                    header.additions = header.additions.saturating_add(1);
                }
                Some(b'-') => {
                    old = old.saturating_sub(1);
                    header.deletions = header.deletions.saturating_add(1);
                }
                Some(b'\\') => {}
                Some(b' ' | b'\r') | None => (old, new) = (old.saturating_sub(1), new.saturating_sub(1)),
                Some(_) => return Err(DiffFault::Truncated { line: self.line }),
            }
            push_line(patch, &line);
        }
        Ok(())
    }
}

fn push_line(patch: &mut String, line: &str) {
    if !patch.is_empty() {
        patch.push('\n');
    }
    patch.push_str(line);
}

/// What the lines before the hunks say of a file.
#[derive(Debug, Default)]
struct Header {
    old: Option<String>,
    new: Option<String>,
    kind: Option<ChangeKind>,
    mode_changed: bool,
    blob: Option<Sha>,
    patch: Option<String>,
    additions: u32,
    deletions: u32,
}

impl Header {
    /// The two paths of a `diff --git` line, which are not told apart where they hold spaces and differ; the lines
    /// that follow then say them again.
    fn of_git(paths: &str) -> Self {
        let (old, new) = if let Some(inside) = paths.strip_prefix('"') {
            let end = inside.find("\" ").map_or(paths.len(), |at| at + 2);
            (paths.get(..end), paths.get(end + 1..))
        } else {
            let middle = paths.len() / 2;
            let even = paths.as_bytes().get(middle) == Some(&b' ');
            let half = (paths.get(..middle), paths.get(middle + 1..));
            let same = half.0.map(|side| path_of(side, true)) == half.1.map(|side| path_of(side, true));
            if even && same { half } else { paths.split_once(' ').map_or((None, None), |(a, b)| (Some(a), Some(b))) }
        };
        let path = |side: Option<&str>| side.and_then(|side| path_of(side, true));
        Self { old: path(old), new: path(new), ..Self::default() }
    }

    fn note(&mut self, line: &str) {
        let value = |name: &str| line.strip_prefix(name).map(unquoted);
        if line.starts_with("new file mode ") {
            self.kind = Some(ChangeKind::Added);
        } else if line.starts_with("deleted file mode ") {
            self.kind = Some(ChangeKind::Removed);
        } else if line.starts_with("old mode ") {
            self.mode_changed = true;
        } else if let Some(path) = value("rename from ").or_else(|| value("copy from ")) {
            self.old = Some(path);
        } else if let Some(path) = value("rename to ") {
            (self.new, self.kind) = (Some(path), Some(ChangeKind::Renamed));
        } else if let Some(path) = value("copy to ") {
            (self.new, self.kind) = (Some(path), Some(ChangeKind::Copied));
        } else if let Some(objects) = line.strip_prefix("index ") {
            let head = objects.split(' ').next().and_then(|objects| objects.split_once(".."));
            // A shortened name would not be the object's name for the API.
            self.blob = head.map(|(_, head)| head).filter(|head| head.len() >= 40).map(Sha::from);
        }
    }

    /// The paths of the `---` and `+++` lines.
    fn sides(&mut self, old: &str, new: &str) {
        let of_git = self.old.is_some() || self.new.is_some();
        // Other programs write the time behind the name.
        let name = |side: &str| side.split('\t').next().unwrap_or_default().to_owned();
        let (old, new) = (name(old), name(new));
        if old == "/dev/null" {
            self.kind = Some(ChangeKind::Added);
        }
        if new == "/dev/null" {
            self.kind = Some(ChangeKind::Removed);
        }
        let prefixed =
            of_git || (old.starts_with("a/") || old == "/dev/null") && (new.starts_with("b/") || new == "/dev/null");
        self.old = path_of(&old, prefixed).or(self.old.take());
        self.new = path_of(&new, prefixed).or(self.new.take());
        self.patch.get_or_insert_default();
    }

    fn change(self) -> FileChange {
        let kind = match self.kind {
            Some(kind) => kind,
            None if self.mode_changed && self.patch.is_none() => ChangeKind::ModeChanged,
            None => ChangeKind::Modified,
        };
        let gone = kind == ChangeKind::Removed;
        let (old, new) = (self.old.unwrap_or_default(), self.new.unwrap_or_default());
        let path = if gone || new.is_empty() { old.clone() } else { new };
        let moved = matches!(kind, ChangeKind::Renamed | ChangeKind::Copied);
        FileChange {
            previous_path: (moved && old != path).then_some(old),
            path,
            kind,
            blob: self.blob.filter(|_| !gone),
            patch: self.patch.filter(|patch| !patch.is_empty()),
            additions: self.additions,
            deletions: self.deletions,
        }
    }
}

/// A path without git's prefix; `None` for `/dev/null`.
fn path_of(side: &str, prefixed: bool) -> Option<String> {
    let path = unquoted(side);
    if path == "/dev/null" {
        return None;
    }
    // `a/` and `b/`, or with diff.mnemonicPrefix one of `c/`, `i/`, `o/` and `w/`.
    let known = prefixed && matches!(path.as_bytes(), [b'a' | b'b' | b'c' | b'i' | b'o' | b'w', b'/', _, ..]);
    Some(if known { path[2..].to_owned() } else { path })
}

/// A path that git has put in quotes as C does, since it holds quotes, control characters or other than ASCII
/// (<https://git-scm.com/docs/git-config#Documentation/git-config.txt-corequotePath>).
fn unquoted(text: &str) -> String {
    let Some(inside) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) else { return text.to_owned() };
    let mut bytes = Vec::with_capacity(inside.len());
    let mut rest = inside.bytes().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next() {
            Some(b'n') => bytes.push(b'\n'),
            Some(b't') => bytes.push(b'\t'),
            Some(b'r') => bytes.push(b'\r'),
            Some(b'a') => bytes.push(7),
            Some(b'b') => bytes.push(8),
            Some(b'v') => bytes.push(11),
            Some(b'f') => bytes.push(12),
            Some(first @ b'0'..=b'7') => {
                let mut value = first - b'0';
                for _ in 0..2 {
                    let Some(digit) = rest.next_if(|digit| (b'0'..=b'7').contains(digit)) else { break };
                    value = value.wrapping_mul(8).wrapping_add(digit - b'0');
                }
                bytes.push(value);
            }
            Some(other) => bytes.push(other),
            None => {}
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// How many lines of either side a hunk has: 2 and 4 in `@@ -3,2 +7,4 @@`.
fn hunk_lengths(line: &str) -> Option<(u32, u32)> {
    let (ranges, _) = line.strip_prefix("@@ -")?.split_once(" @@")?;
    let (old, new) = ranges.split_once(" +")?;
    let length = |range: &str| {
        let (start, length) = range.split_once(',').unwrap_or((range, "1"));
        start.parse::<u32>().ok().and_then(|_| length.parse().ok())
    };
    Some((length(old)?, length(new)?))
}
