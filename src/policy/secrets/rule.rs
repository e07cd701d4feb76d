//! One rule of secrets as its file says it.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;

use super::allowlist::{Allowlist, read_allowlists, read_expression};
use super::expression::Expression;
use crate::policy::fault::{Complaint, RuleFault, RuleFile};
use crate::policy::reader::Section;

/// Another rule that must match nearby for this one to count.
#[derive(Debug, Clone)]
pub struct Required {
    /// The other rule's id.
    pub rule: String,
    /// At most so many lines apart; `None` is anywhere in the file.
    pub within_lines: Option<u32>,
    /// At most so many columns apart; `None` is anywhere.
    pub within_columns: Option<u32>,
}

/// One rule (<https://github.com/gitleaks/gitleaks#configuration>).
#[derive(Debug, Clone)]
pub struct SecretRule {
    /// Its id, unique among the rules.
    pub id: String,
    /// What it finds, for people.
    pub description: String,
    /// What matches. A rule without it is about paths alone.
    pub expression: Option<Expression>,
    /// The paths that it is for; `None` is all.
    pub path: Option<Expression>,
    /// The group that is the secret; 0 takes the first group that is not empty, else the whole match.
    pub secret_group: usize,
    /// A secret must have more entropy than this, in bits a character; 0 asks for none.
    pub entropy: f64,
    /// Texts in lower case of which one must be in the file; none are no condition.
    pub keywords: Vec<String>,
    /// Words for reports.
    pub tags: Vec<String>,
    /// What it does not count.
    pub allowlists: Vec<Allowlist>,
    /// Rules that must match nearby.
    pub required: Vec<Required>,
    /// It is only there for others to require.
    pub skip_report: bool,
    pub(super) place: RulePlace,
}

/// Where a rule stands, for faults that only show once all is read.
#[derive(Debug, Clone)]
pub(super) struct RulePlace {
    file: Arc<RuleFile>,
    span: Range<usize>,
}

impl RulePlace {
    pub(super) fn fault(&self, complaint: Complaint) -> RuleFault {
        RuleFault::at(&self.file, self.span.clone(), complaint)
    }
}

impl SecretRule {
    /// What cannot be right whatever file it extends.
    pub(super) fn faults(&self) -> Option<RuleFault> {
        let groups = self.expression.as_ref().map_or(0, Expression::groups);
        let complaint = if self.expression.is_none() && self.path.is_none() {
            let message = format!("rule `{}` has neither `regex` nor `path`, so it finds nothing", self.id);
            Complaint::new(message, "a line `regex = '''…'''` or `path = '''…'''`", "add one, or remove the rule")
        } else if self.expression.is_some() && self.secret_group > groups {
            let message = format!("`secretGroup` is {} and the regex has {groups} groups", self.secret_group);
            Complaint::new(message, "the number of a group, counted from 1", "put the secret in round brackets")
        } else {
            return None;
        };
        Some(self.place.fault(complaint))
    }

    /// The rule of the extended file, with what this one says of it put over it.
    pub(super) fn over(self, mut base: Self) -> Self {
        if !self.description.is_empty() {
            base.description = self.description;
        }
        if self.entropy > 0.0 {
            base.entropy = self.entropy;
        }
        if self.secret_group != 0 {
            base.secret_group = self.secret_group;
        }
        base.expression = self.expression.or(base.expression);
        base.path = self.path.or(base.path);
        base.keywords.extend(self.keywords);
        base.tags.extend(self.tags);
        base.allowlists.extend(self.allowlists);
        base.required.extend(self.required);
        base.skip_report |= self.skip_report;
        base.place = self.place;
        base
    }
}

/// Reads one `[[rules]]` table; `None` when it has no id or a regex that cannot be read, which are faults.
pub(super) fn read_rule(mut section: Section<'_>, file: &Arc<RuleFile>) -> Option<SecretRule> {
    let place = RulePlace { file: Arc::clone(file), span: section.place() };
    let id = section.required_text("id", "\"name-of-the-token\"").map(|id| id.get_ref().trim().to_owned());
    let description = section.text("description").map(|text| (*text.get_ref()).to_owned()).unwrap_or_default();
    let (expression, path) = (read_optional(&mut section, "regex"), read_optional(&mut section, "path"));
    let secret_group = whole(&mut section, "secretGroup").unwrap_or_default() as usize;
    let entropy = section.number("entropy").map(Spanned::into_inner).unwrap_or_default();
    let keywords = words(&mut section, "keywords").into_iter().map(|word| word.to_lowercase());
    let keywords = keywords.filter(|word| !word.is_empty()).collect();
    let tags = words(&mut section, "tags");
    let allowlists = read_allowlists(&mut section, false).into_iter().map(|read| read.allowlist).collect();
    let required = section.tables("required").into_iter().filter_map(read_required).collect();
    let skip_report = section.boolean("skipReport").is_some_and(Spanned::into_inner);
    section.finish();
    Some(SecretRule {
        id: id?,
        description,
        expression: expression.ok()?,
        path: path.ok()?,
        secret_group,
        entropy,
        keywords,
        tags,
        allowlists,
        required,
        skip_report,
        place,
    })
}

/// A regex that may be missing or empty; the error is one that cannot be read, which has been noted as a fault.
fn read_optional(section: &mut Section<'_>, key: &'static str) -> Result<Option<Expression>, Unreadable> {
    let document = section.document;
    let text = section.text(key).filter(|text| !text.get_ref().is_empty());
    text.map(|text| read_expression(document, &text).ok_or(Unreadable)).transpose()
}

/// A fault has been noted.
struct Unreadable;

fn read_required(mut section: Section<'_>) -> Option<Required> {
    let rule = section.required_text("id", "\"id-of-another-rule\"").map(|id| (*id.get_ref()).to_owned());
    let (within_lines, within_columns) = (whole(&mut section, "withinLines"), whole(&mut section, "withinColumns"));
    section.finish();
    Some(Required { rule: rule?, within_lines, within_columns })
}

/// A whole number that is not negative.
fn whole(section: &mut Section<'_>, key: &'static str) -> Option<u32> {
    let document = section.document;
    let number = section.integer(key)?;
    let fitting = u32::try_from(*number.get_ref()).ok();
    if fitting.is_none() {
        let message = format!("`{key}` is {}", number.get_ref());
        document.fault(number.span(), Complaint::new(message, "a small number from 0 up", "write such a number"));
    }
    fitting
}

pub(super) fn words(section: &mut Section<'_>, key: &'static str) -> Vec<String> {
    let texts = section.texts(key).unwrap_or_default();
    texts.into_iter().map(|text| (*text.get_ref()).to_owned()).collect()
}
