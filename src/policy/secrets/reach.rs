//! What a regex is bound to contain and how far its matches reach, so that it is run only where it can match.

use regex_syntax::hir::{Class, ClassBytesRange, ClassUnicodeRange, Hir, HirKind};

/// More alternatives than this make the first pass slower than it saves.
const MOST_ALTERNATIVES: usize = 96;
/// Shorter texts occur everywhere.
const FEWEST_BYTES: usize = 3;
/// Beyond this many parts without an upper bound a window would be the whole text anyhow.
const MOST_RUNS: usize = 8;

/// Bytes, as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ByteSet([u64; 4]);

impl ByteSet {
    const ALL: Self = Self([u64::MAX; 4]);

    fn add(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }

    fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
    }

    fn join(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine |= theirs;
        }
    }
}

/// Where a regex can match, told from the places of certain texts.
#[derive(Debug, Clone)]
pub(super) struct Reach {
    /// Texts in lower case of which every match contains at least one, in whatever case.
    pub(super) anchors: Vec<Vec<u8>>,
    /// The most bytes that all bounded parts together can match.
    bounded: usize,
    /// How many parts have no upper bound.
    runs: usize,
    /// What the parts without upper bound are made of.
    run_bytes: ByteSet,
}

impl Reach {
    /// Reads it off a regex; `None` where nothing is sure to be contained.
    pub(super) fn of(hir: &Hir) -> Option<Self> {
        let anchors = required(hir)?;
        let mut reach = Self { anchors, bounded: 0, runs: 0, run_bytes: ByteSet([0; 4]) };
        reach.measure(hir, 1);
        if reach.runs > MOST_RUNS {
            reach.run_bytes = ByteSet::ALL;
        }
        Some(reach)
    }

    /// Adds up what a part, `times` repeated, can match.
    fn measure(&mut self, hir: &Hir, times: usize) {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(_) | HirKind::Class(_) => {
                let most = hir.properties().maximum_len().unwrap_or(4);
                self.bounded = self.bounded.saturating_add(most.saturating_mul(times));
            }
            HirKind::Capture(capture) => self.measure(&capture.sub, times),
            HirKind::Repetition(repetition) => {
                if let Some(most) = repetition.max {
                    self.measure(&repetition.sub, times.saturating_mul(most as usize));
                } else {
                    self.runs = self.runs.saturating_add(times);
                    self.run_bytes.join(&bytes_of(&repetition.sub));
                }
            }
            HirKind::Concat(parts) | HirKind::Alternation(parts) => {
                for part in parts {
                    self.measure(part, times);
                }
            }
        }
    }

    /// The window around a place of an anchor in which every match that contains it lies, with a byte of context on
    /// either side. `floor` is where the window before ends: what reaches back to it may be joined with it.
    pub(super) fn window(&self, text: &[u8], place: (usize, usize), floor: usize) -> (usize, usize) {
        let (mut start, mut end) = place;
        let step = self.bounded.saturating_add(1);
        for _ in 0..=self.runs.min(MOST_RUNS) {
            start = start.saturating_sub(step);
            while start > floor && self.run_bytes.has(text[start - 1]) {
                start -= 1;
            }
            end = end.saturating_add(step).min(text.len());
            if end < text.len() && self.run_bytes.has(text[end]) {
                // A window may always be larger than it must be, and no byte is looked at for each anchor anew.
                end = end.max(floor);
                while end < text.len() && self.run_bytes.has(text[end]) {
                    end += 1;
                }
            }
        }
        (start, end)
    }
}

/// Every byte that can occur in a match.
fn bytes_of(hir: &Hir) -> ByteSet {
    let mut set = ByteSet([0; 4]);
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => literal.0.iter().for_each(|byte| set.add(*byte)),
        HirKind::Class(Class::Bytes(class)) => {
            for range in class.ranges() {
                (range.start()..=range.end()).for_each(|byte| set.add(byte));
            }
        }
        HirKind::Class(Class::Unicode(class)) => {
            for range in class.ranges() {
                let ascii = |letter: char| u8::try_from(u32::from(letter).min(128)).unwrap_or(128);
                (ascii(range.start())..=ascii(range.end())).for_each(|byte| set.add(byte));
                if !range.end().is_ascii() {
                    (128..=255).for_each(|byte| set.add(byte));
                }
            }
        }
        HirKind::Capture(capture) => set = bytes_of(&capture.sub),
        HirKind::Repetition(repetition) => set = bytes_of(&repetition.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            for part in parts {
                set.join(&bytes_of(part));
            }
        }
    }
    set
}

/// Texts in lower case of which every match contains at least one.
fn required(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    if let Some(texts) = exact(hir).filter(|texts| shortest(texts) >= FEWEST_BYTES) {
        return Some(texts);
    }
    match hir.kind() {
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        HirKind::Alternation(branches) => {
            let mut all = Vec::new();
            for branch in branches {
                all.extend(required(branch)?);
            }
            Some(tidied(all)).filter(|all| all.len() <= MOST_ALTERNATIVES)
        }
        HirKind::Concat(parts) => best_of(parts),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) | HirKind::Repetition(_) => None,
    }
}

/// Of all that the parts of a sequence are bound to contain, what is longest, and of those the fewest.
fn best_of(parts: &[Hir]) -> Option<Vec<Vec<u8>>> {
    let mut candidates = Vec::new();
    let mut joined: Vec<Vec<u8>> = vec![Vec::new()];
    for part in parts {
        let exact = exact(part);
        if let Some(longer) = exact.as_ref().and_then(|texts| product(&joined, texts)) {
            joined = longer;
            continue;
        }
        candidates.push(std::mem::replace(&mut joined, exact.unwrap_or_else(|| vec![Vec::new()])));
        candidates.extend(required(part));
    }
    candidates.push(joined);
    let usable = candidates.into_iter().filter(|texts| shortest(texts) >= FEWEST_BYTES);
    usable.max_by_key(|texts| (shortest(texts).min(6), usize::MAX - texts.len())).map(tidied)
}

fn shortest(texts: &[Vec<u8>]) -> usize {
    texts.iter().map(Vec::len).min().unwrap_or_default()
}

fn tidied(mut texts: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    texts.sort();
    texts.dedup();
    texts
}

/// Every text that a regex can match, in lower case; `None` where there are many.
fn exact(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(vec![Vec::new()]),
        HirKind::Literal(literal) => Some(vec![literal.0.to_ascii_lowercase()]),
        HirKind::Class(Class::Bytes(class)) => {
            let letters = class.ranges().iter().map(ClassBytesRange::len).sum::<usize>();
            let all = class.ranges().iter().flat_map(|range| range.start()..=range.end());
            (letters <= 8).then(|| tidied(all.map(|byte| vec![byte.to_ascii_lowercase()]).collect()))
        }
        HirKind::Class(Class::Unicode(class)) => {
            let letters = class.ranges().iter().map(ClassUnicodeRange::len).sum::<usize>();
            let all = class.ranges().iter().flat_map(|range| range.start()..=range.end());
            (letters <= 8).then(|| tidied(all.map(|c| c.to_string().to_ascii_lowercase().into_bytes()).collect()))
        }
        HirKind::Capture(capture) => exact(&capture.sub),
        HirKind::Repetition(repetition) => {
            let (least, most) = (repetition.min, repetition.max?);
            let once = (most <= 4).then(|| exact(&repetition.sub))??;
            let (mut all, mut power) = (Vec::new(), vec![Vec::new()]);
            for count in 0..=most {
                if count >= least {
                    all.extend(power.iter().cloned());
                }
                power = product(&power, &once)?;
            }
            Some(tidied(all)).filter(|all| all.len() <= MOST_ALTERNATIVES)
        }
        HirKind::Concat(parts) => {
            parts.iter().try_fold(vec![Vec::new()], |joined, part| product(&joined, &exact(part)?))
        }
        HirKind::Alternation(branches) => {
            let mut all = Vec::new();
            for branch in branches {
                all.extend(exact(branch)?);
            }
            Some(tidied(all)).filter(|all| all.len() <= MOST_ALTERNATIVES)
        }
    }
}

/// Each text of the one followed by each of the other.
fn product(left: &[Vec<u8>], right: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
    if left.len() * right.len() > MOST_ALTERNATIVES {
        return None;
    }
    Some(left.iter().flat_map(|one| right.iter().map(move |other| [one.as_slice(), other].concat())).collect())
}
