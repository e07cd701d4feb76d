//! The template of a merge commit's first line: text with placeholders that are known when the policy is read.

use serde::{Serialize, Serializer};

use super::fault::Complaint;
use super::reader::{Section, nearest};
use crate::model::Pull;

/// What can stand between braces.
const PLACEHOLDERS: [&str; 5] = ["title", "number", "author", "head", "base"];

/// A template such as `{title} (#{number})`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageTemplate(String);

impl Default for MessageTemplate {
    fn default() -> Self {
        Self("{title} (#{number})".to_owned())
    }
}

impl Serialize for MessageTemplate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl MessageTemplate {
    /// The first line for a pull. What its title says of braces stays as it is.
    #[must_use]
    pub fn fill(&self, pull: &Pull) -> String {
        let mut line = String::new();
        let mut rest = self.0.as_str();
        while let Some((before, name, after)) = next_placeholder(rest) {
            line.push_str(before);
            match name {
                "title" => line.push_str(&pull.title),
                "number" => line.push_str(&pull.number.to_string()),
                "author" => line.push_str(pull.author.as_str()),
                "head" => line.push_str(pull.head_branch.as_str()),
                "base" => line.push_str(pull.base.as_str()),
                other => line.push_str(other),
            }
            rest = after;
        }
        line.push_str(rest);
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

fn next_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

/// Reads a template; placeholders that do not exist are faults.
pub(super) fn read_template(section: &mut Section<'_>, key: &'static str) -> Option<MessageTemplate> {
    let text = section.text(key)?;
    let expected = PLACEHOLDERS.map(|name| format!("{{{name}}}")).join(", ");
    let complain = |message: String, help: String| {
        section.document.fault(text.span(), Complaint::new(message, format!("text with {expected}"), help));
    };
    if text.get_ref().trim().is_empty() {
        complain(format!("`{key}` is empty"), "write \"{title} (#{number})\"".to_owned());
        return None;
    }
    let mut rest: &str = text.get_ref();
    while let Some((_, name, after)) = next_placeholder(rest) {
        if !PLACEHOLDERS.contains(&name) {
            let help = match nearest(name, &PLACEHOLDERS) {
                Some(near) => format!("did you mean `{{{near}}}`?"),
                None => format!("remove `{{{name}}}`"),
            };
            complain(format!("`{{{name}}}` stands for nothing"), help);
            return None;
        }
        rest = after;
    }
    Some(MessageTemplate((*text.get_ref()).to_owned()))
}
