//! Reads TOML tables key by key, collecting every fault with its place instead of stopping at the first.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{Complaint, RuleFault, RuleFile};
use crate::model::{Level, Timestamp};

/// So many faults of one file are told: more than that nobody reads, and looking for them costs the more the longer the
/// file is, which anybody who opens a pull request can write.
const FAULTS_MAX: usize = 100;
/// So many tables may stand under one name. Each may hold regexes, and compiling one takes milliseconds.
const TABLES_MAX: usize = 1_000;
/// Files above this many bytes are not read.
pub(super) const TEXT_MAX_BYTES: usize = 512 << 10;

/// The file being read and the faults found in it so far.
#[derive(Debug)]
pub(super) struct Document<'d> {
    pub(super) file: &'d Arc<RuleFile>,
    faults: RefCell<Vec<RuleFault>>,
    any_case: bool,
}

impl Document<'_> {
    /// Notes a fault at a byte range.
    pub(super) fn fault(&self, span: Range<usize>, complaint: Complaint) {
        let mut faults = self.faults.borrow_mut();
        if faults.len() < FAULTS_MAX {
            faults.push(RuleFault::at(self.file, span, complaint));
        } else if faults.len() == FAULTS_MAX {
            let expected = format!("at most {FAULTS_MAX} faults to tell");
            let more = Complaint::new("there are more faults than these", expected, "put the others right first");
            faults.push(RuleFault::at(self.file, span, more));
        }
    }

    /// Whether there are more faults than are told: whatever is costly need not be done any more.
    pub(super) fn is_hopeless(&self) -> bool {
        self.faults.borrow().len() > FAULTS_MAX
    }
}

/// The fault of a file that is too long to be read.
pub(super) fn too_long(file: &RuleFile) -> Option<RuleFault> {
    let (bytes, most) = (file.text.len(), TEXT_MAX_BYTES);
    let complaint = || {
        let help = "take out what is not needed, or put the rules of the server's operators into files of the server";
        Complaint::new(format!("this file has {bytes} bytes"), format!("at most {most}"), help)
    };
    (bytes > most).then(|| RuleFault::of_file(file.name.as_str(), complaint()))
}

/// Reads a whole file. `parse` gets the top level; keys that it did not ask for are faults.
/// Nothing is parsed when the file is not TOML at all, since whatever followed would only be noise.
pub(super) fn read<T>(file: &Arc<RuleFile>, parse: impl FnOnce(&mut Section<'_>) -> T) -> (Option<T>, Vec<RuleFault>) {
    read_document(Document { file, faults: RefCell::new(Vec::new()), any_case: false }, parse)
}

/// Reads a whole file of a format whose keys are the same in any case.
pub(super) fn read_any_case<T>(
    file: &Arc<RuleFile>,
    parse: impl FnOnce(&mut Section<'_>) -> T,
) -> (Option<T>, Vec<RuleFault>) {
    read_document(Document { file, faults: RefCell::new(Vec::new()), any_case: true }, parse)
}

fn read_document<T>(document: Document<'_>, parse: impl FnOnce(&mut Section<'_>) -> T) -> (Option<T>, Vec<RuleFault>) {
    let file = document.file;
    if let Some(fault) = too_long(file) {
        return (None, vec![fault]);
    }
    let (table, errors) = DeTable::parse_recoverable(&file.text);
    if !errors.is_empty() {
        let mut before: Option<usize> = None;
        for error in errors {
            if document.is_hopeless() {
                break;
            }
            let span = error.span().unwrap_or(0..0);
            let same_line = before.is_some_and(|before| {
                let between = before.min(span.start)..before.max(span.start);
                file.text.as_bytes().get(between).is_some_and(|between| !between.contains(&b'\n'))
            });
            before = Some(span.start);
            // The parser reports the consequences of a fault on the same line again.
            if !same_line {
                let help = "see https://toml.io for how it is written";
                document
                    .fault(span, Complaint::new(format!("this is not TOML: {}", error.message()), "valid TOML", help));
            }
        }
        return (None, document.faults.into_inner());
    }
    let mut top = Section { document: &document, table: table.get_ref(), span: 0..0, asked: Vec::new() };
    let parsed = parse(&mut top);
    top.finish();
    (Some(parsed), document.faults.into_inner())
}

/// A table that is read key by key.
#[derive(Debug)]
pub(super) struct Section<'d> {
    pub(super) document: &'d Document<'d>,
    table: &'d DeTable<'d>,
    span: Range<usize>,
    asked: Vec<&'static str>,
}

impl<'d> Section<'d> {
    /// The table's own place: its first line.
    pub(super) fn place(&self) -> Range<usize> {
        let text = self.document.file.text.get(self.span.clone()).unwrap_or_default();
        self.span.start..self.span.start + text.lines().next().map_or(0, str::len)
    }

    /// The line it begins on.
    pub(super) fn line(&self) -> usize {
        self.document.file.position(self.span.start).0
    }

    /// A table that is a value, such as `{ by = "ntfy" }`.
    pub(super) fn of_value(document: &'d Document<'d>, value: &'d Spanned<DeValue<'d>>) -> Option<Self> {
        let DeValue::Table(table) = value.get_ref() else { return None };
        Some(Self { document, table, span: value.span(), asked: Vec::new() })
    }

    /// Whether one of the keys is there, whatever its value.
    pub(super) fn has_any(&self, keys: &[&str]) -> bool {
        keys.iter().any(|key| self.lookup(key).is_some())
    }

    /// Whether a key is there and its value is a list.
    pub(super) fn is_list(&self, key: &str) -> bool {
        self.lookup(key).is_some_and(|value| matches!(value.get_ref(), DeValue::Array(_)))
    }

    /// A value of any type.
    pub(super) fn value(&mut self, key: &'static str) -> Option<&'d Spanned<DeValue<'d>>> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.lookup(key)
    }

    fn lookup(&self, key: &str) -> Option<&'d Spanned<DeValue<'d>>> {
        if !self.document.any_case {
            return self.table.get(key);
        }
        self.table.iter().find(|(name, _)| name.get_ref().eq_ignore_ascii_case(key)).map(|(_, value)| value)
    }

    fn wrong_type(&self, key: &str, value: &Spanned<DeValue<'_>>, expected: &str) {
        let message = format!("`{key}` is of type {}", value.get_ref().type_str());
        self.document
            .fault(value.span(), Complaint::new(message, expected, format!("write {expected} after `{key} =`")));
    }

    /// Notes a fault of the table as a whole.
    pub(super) fn fault(&self, complaint: Complaint) {
        self.document.fault(self.place(), complaint);
    }

    /// A text; `None` when it is not there, or is something else, which is a fault.
    pub(super) fn text(&mut self, key: &'static str) -> Option<Spanned<&'d str>> {
        let value = self.value(key)?;
        if let DeValue::String(text) = value.get_ref() {
            return Some(Spanned::new(value.span(), text.as_ref()));
        }
        self.wrong_type(key, value, "text in quotes");
        None
    }

    /// A text that must be there and not be blank.
    pub(super) fn required_text(&mut self, key: &'static str, example: &str) -> Option<Spanned<&'d str>> {
        if self.lookup(key).is_none() {
            self.asked.push(key);
            self.missing(key, example);
            return None;
        }
        let text = self.text(key)?;
        if text.get_ref().trim().is_empty() {
            let complaint = Complaint::new(format!("`{key}` is empty"), example, format!("write `{key} = {example}`"));
            self.document.fault(text.span(), complaint);
            return None;
        }
        Some(text)
    }

    fn missing(&self, key: &str, example: &str) {
        let message = format!("`{key}` is missing here");
        self.fault(Complaint::new(message, format!("`{key} = {example}`"), format!("add a line `{key} = {example}`")));
    }

    /// A whole number.
    pub(super) fn integer(&mut self, key: &'static str) -> Option<Spanned<i64>> {
        let value = self.value(key)?;
        let DeValue::Integer(number) = value.get_ref() else {
            self.wrong_type(key, value, "a whole number without quotes");
            return None;
        };
        let Ok(fitting) = i64::from_str_radix(number.as_str(), number.radix()) else {
            let complaint =
                Complaint::new(format!("`{key}` is too large"), "at most 19 digits", "write a smaller number");
            self.document.fault(value.span(), complaint);
            return None;
        };
        Some(Spanned::new(value.span(), fitting))
    }

    /// A number with or without a fraction.
    pub(super) fn number(&mut self, key: &'static str) -> Option<Spanned<f64>> {
        let value = self.value(key)?;
        let digits = match value.get_ref() {
            DeValue::Integer(number) => number.as_str(),
            DeValue::Float(number) => number.as_str(),
            DeValue::String(_) | DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => {
                ""
            }
        };
        let number = digits.replace('_', "").parse().ok().filter(|number: &f64| number.is_finite());
        if number.is_none() {
            self.wrong_type(key, value, "a number without quotes");
        }
        Some(Spanned::new(value.span(), number?))
    }

    /// A whole number that must be there.
    pub(super) fn required_integer(&mut self, key: &'static str, example: &str) -> Option<i64> {
        if !self.table.contains_key(key) {
            self.asked.push(key);
            self.missing(key, example);
            return None;
        }
        self.integer(key).map(Spanned::into_inner)
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self, key: &'static str) -> Option<Spanned<bool>> {
        let value = self.value(key)?;
        if let DeValue::Boolean(flag) = value.get_ref() {
            return Some(Spanned::new(value.span(), *flag));
        }
        self.wrong_type(key, value, "true or false without quotes");
        None
    }

    /// The values of a list; empty when it is not there, or is something else, which is a fault.
    pub(super) fn list(&mut self, key: &'static str) -> Option<&'d [Spanned<DeValue<'d>>]> {
        let value = self.value(key)?;
        if let DeValue::Array(list) = value.get_ref() {
            return Some(list);
        }
        self.wrong_type(key, value, "a list in square brackets");
        None
    }

    /// A list of texts; entries that are something else are faults.
    pub(super) fn texts(&mut self, key: &'static str) -> Option<Vec<Spanned<&'d str>>> {
        let list = self.list(key)?;
        let mut texts = Vec::with_capacity(list.len());
        for entry in list {
            if let DeValue::String(text) = entry.get_ref() {
                texts.push(Spanned::new(entry.span(), text.as_ref()));
            } else {
                self.wrong_type(key, entry, "a list of texts in quotes");
            }
        }
        Some(texts)
    }

    /// One of the four levels.
    pub(super) fn level(&mut self, key: &'static str) -> Option<Level> {
        let text = self.text(key)?;
        let level = text.get_ref().parse().ok();
        if level.is_none() {
            let message = format!("{:?} is not a level", text.get_ref());
            let expected = "\"low\", \"medium\", \"high\" or \"critical\"";
            self.document.fault(text.span(), Complaint::new(message, expected, format!("write {expected}")));
        }
        level
    }

    /// A point in time, as a TOML date-time or as text, in RFC 3339 with its zone.
    pub(super) fn time(&mut self, key: &'static str) -> Option<Spanned<Timestamp>> {
        let value = self.value(key)?;
        let text = if let DeValue::String(text) = value.get_ref() {
            text.to_string()
        } else if let DeValue::Datetime(time) = value.get_ref() {
            time.to_string()
        } else {
            self.wrong_type(key, value, "a time such as 2026-12-24T18:00:00Z");
            return None;
        };
        let time = Timestamp::parse_rfc3339(&text);
        if time.is_none() {
            let expected = "date, time and zone, such as 2026-12-24T18:00:00Z or 2026-12-24T18:00:00-05:00";
            let complaint = Complaint::new(format!("`{text}` is not a point in time"), expected, "write all three");
            self.document.fault(value.span(), complaint);
        }
        time.map(|time| Spanned::new(value.span(), time))
    }

    /// The table `[key]`.
    pub(super) fn table(&mut self, key: &'static str) -> Option<Section<'d>> {
        self.table_shown(key, &format!("a table, that is a line `[{key}]`"))
    }

    /// A table within this one; `expected` shows how it is written.
    pub(super) fn table_shown(&mut self, key: &'static str, expected: &str) -> Option<Section<'d>> {
        let value = self.value(key)?;
        let section = Section::of_value(self.document, value);
        if section.is_none() {
            self.wrong_type(key, value, expected);
        }
        section
    }

    /// The tables `[[key]]`.
    pub(super) fn tables(&mut self, key: &'static str) -> Vec<Section<'d>> {
        self.tables_shown(key, key)
    }

    /// Tables within this one, which people write under their whole name: `[[shown]]`.
    pub(super) fn tables_shown(&mut self, key: &'static str, shown: &str) -> Vec<Section<'d>> {
        let expected = format!("tables, each under a line `[[{shown}]]`");
        let Some(value) = self.value(key) else { return Vec::new() };
        let DeValue::Array(list) = value.get_ref() else {
            self.wrong_type(key, value, &expected);
            return Vec::new();
        };
        if let Some(beyond) = list.get(TABLES_MAX) {
            let message = format!("there are {} tables `[[{shown}]]`", list.len());
            let help = "join some of them; one pattern can stand for several";
            self.document.fault(beyond.span(), Complaint::new(message, format!("at most {TABLES_MAX}"), help));
        }
        let mut sections = Vec::with_capacity(list.len().min(TABLES_MAX));
        for entry in list.iter().take(TABLES_MAX) {
            match Section::of_value(self.document, entry) {
                Some(section) => sections.push(section),
                None => self.wrong_type(key, entry, &expected),
            }
        }
        sections
    }

    /// Every key with its value, for tables whose keys are names.
    pub(super) fn entries(mut self) -> Vec<(Spanned<&'d str>, Option<Spanned<&'d str>>)> {
        let mut entries = Vec::with_capacity(self.table.len());
        for (key, value) in self.table {
            let text = if let DeValue::String(text) = value.get_ref() {
                Some(Spanned::new(value.span(), text.as_ref()))
            } else {
                self.wrong_type(key.get_ref(), value, "text in quotes");
                None
            };
            entries.push((Spanned::new(key.span(), key.get_ref().as_ref()), text));
        }
        self.asked.clear();
        entries
    }

    /// Every key with its whole number, for tables whose keys are names; whatever is no number is a fault.
    pub(super) fn integers(mut self) -> Vec<(Spanned<&'d str>, i64)> {
        let mut entries = Vec::with_capacity(self.table.len());
        for (key, value) in self.table {
            let number = if let DeValue::Integer(number) = value.get_ref() {
                i64::from_str_radix(number.as_str(), number.radix()).ok()
            } else {
                None
            };
            match number {
                Some(number) => entries.push((Spanned::new(key.span(), key.get_ref().as_ref()), number)),
                None => self.wrong_type(key.get_ref(), value, "a whole number without quotes"),
            }
        }
        self.asked.clear();
        entries
    }

    /// Ends the reading: every key that nobody asked for is a fault.
    pub(super) fn finish(self) {
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            let any_case = self.document.any_case;
            if self.asked.iter().any(|known| *known == name || any_case && known.eq_ignore_ascii_case(name)) {
                continue;
            }
            let known = self.asked.iter().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(", ");
            let help = match nearest(name, &self.asked) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("remove `{name}`"),
            };
            let message = format!("`{name}` is not a known key here");
            self.document.fault(key.span(), Complaint::new(message, format!("one of {known}"), help));
        }
    }
}

/// The known word that is at most two typing mistakes away.
pub(super) fn nearest<'w>(word: &str, known: &[&'w str]) -> Option<&'w str> {
    let allowed = if word.chars().count() < 4 { 1 } else { 2 };
    known
        .iter()
        .map(|near| (distance(word, near), *near))
        .filter(|(far, _)| *far <= allowed)
        .min()
        .map(|(_, near)| near)
}

/// How many characters must be put in, taken out or replaced to turn one word into the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, left) in one.chars().enumerate() {
        let mut diagonal = index;
        let mut before = index + 1;
        for (cell, right) in row.iter_mut().skip(1).zip(&other) {
            let replaced = diagonal + usize::from(left != *right);
            diagonal = *cell;
            *cell = replaced.min(before + 1).min(diagonal + 1);
            before = *cell;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}
