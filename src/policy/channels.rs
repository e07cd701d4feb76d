//! Reads `channels.toml`: over what people are told beside ntfy.

use std::collections::HashMap;

use lettre::message::Mailbox;
use toml::Spanned;

use super::fault::Complaint;
use super::merge::globs;
use super::pattern::Wildcard;
use super::reader::{Document, Section};
use super::telling::is_variable;
use crate::model::{Channel, ChannelWay, Level, PeopleMessage, RepositoryName, Urgency5};

/// More recipients of one e-mail than this are a mailing list's business.
const RECIPIENTS_MAX: usize = 50;

/// A channel beside ntfy, and which messages it gets.
#[derive(Debug, Clone)]
pub struct ChannelSettings {
    /// How it is called and reached.
    pub channel: Channel,
    /// It gets messages that are at least so loud.
    pub at_least: Urgency5,
    /// It gets what concerns these repositories; all there is where none is named.
    pub repositories: Vec<Wildcard>,
}

impl ChannelSettings {
    /// Whether it gets a message about a repository, or about the server itself.
    #[must_use]
    pub fn wants(&self, message: &PeopleMessage, repository: Option<&RepositoryName>) -> bool {
        let named = message.channels.as_ref().is_none_or(|names| names.contains(&self.channel.name));
        let concerns = |name: &RepositoryName| {
            let name = name.to_string();
            self.repositories.iter().any(|glob| glob.is_match(&name))
        };
        named && message.priority >= self.at_least && (self.repositories.is_empty() || repository.is_some_and(concerns))
    }
}

/// Reads the tables `[[channel]]`.
pub(super) fn read_channels(top: &mut Section<'_>) -> Vec<ChannelSettings> {
    let mut seen = HashMap::new();
    top.tables("channel").into_iter().filter_map(|section| read_channel(section, &mut seen)).collect()
}

fn read_channel(mut section: Section<'_>, seen: &mut HashMap<String, usize>) -> Option<ChannelSettings> {
    let name = section.required_text("name", "\"ops\"");
    if let Some(name) = &name {
        check_name(section.document, name, seen);
    }
    let kind = section.required_text("kind", "\"slack\"");
    let way = kind.and_then(|kind| match *kind.get_ref() {
        "slack" => variable(&mut section, "url_env", "\"SLACK_URL\"").map(|url_env| ChannelWay::Slack { url_env }),
        "webhook" => read_webhook(&mut section),
        "email" => read_email(&mut section),
        other => {
            let expected = "\"slack\", \"webhook\" or \"email\"";
            let complaint = Complaint::new(format!("{other:?} is no kind of channel"), expected, "write one of these");
            section.document.fault(kind.span(), complaint);
            // Its other keys belong to whatever kind was meant.
            for key in ["url_env", "secret_env", "smtp_env", "from", "to"] {
                section.value(key);
            }
            None
        }
    });
    let at_least = section.level("at_least").map_or(Urgency5::Min, loudness);
    let repositories = globs(&mut section, "repositories").unwrap_or_default();
    section.finish();
    let channel = Channel { name: name?.into_inner().to_owned(), way: way? };
    Some(ChannelSettings { channel, at_least, repositories })
}

/// What messages of a priority are at least, on ntfy's scale.
const fn loudness(level: Level) -> Urgency5 {
    match level {
        Level::Low => Urgency5::Min,
        Level::Medium => Urgency5::Default,
        Level::High => Urgency5::High,
        Level::Critical => Urgency5::Max,
    }
}

fn read_webhook(section: &mut Section<'_>) -> Option<ChannelWay> {
    let url_env = variable(section, "url_env", "\"CHAT_URL\"");
    let secret_env = variable(section, "secret_env", "\"CHAT_KEY\"");
    Some(ChannelWay::Webhook { url_env: url_env?, secret_env: secret_env? })
}

fn read_email(section: &mut Section<'_>) -> Option<ChannelWay> {
    let smtp_env = variable(section, "smtp_env", "\"SMTP_URL\"");
    let from = section.required_text("from", "\"stationmaster@example.com\"");
    let from = from.and_then(|from| mailbox(section.document, &from));
    if !section.has_any(&["to"]) {
        let expected = "a list such as [\"ops@example.com\"]";
        section.fault(Complaint::new("`to` is missing here", expected, "add `to` with whom the e-mail goes to"));
    }
    let place = section.value("to").map(Spanned::span);
    let to = section.texts("to").unwrap_or_default();
    if section.is_list("to") && !(1..=RECIPIENTS_MAX).contains(&to.len()) {
        let message = format!("`to` names {} recipients", to.len());
        let help = "write whom the e-mail goes to, or the address of a mailing list";
        let complaint = Complaint::new(message, format!("1 to {RECIPIENTS_MAX}"), help);
        section.document.fault(place.unwrap_or_default(), complaint);
    }
    let to = to.iter().filter_map(|one| mailbox(section.document, one)).collect();
    Some(ChannelWay::Email { smtp_env: smtp_env?, from: from?, to })
}

/// An address as e-mail has it: `ops@example.com`, or with a name before it.
fn mailbox(document: &Document<'_>, text: &Spanned<&str>) -> Option<String> {
    if text.get_ref().parse::<Mailbox>().is_ok() {
        return Some((*text.get_ref()).to_owned());
    }
    let message = format!("{:?} is not an address of e-mail", text.get_ref());
    let expected = "such as \"ops@example.com\" or \"Ops <ops@example.com>\"";
    document.fault(text.span(), Complaint::new(message, expected, "write one whole address"));
    None
}

/// The name of an environment variable; whoever writes the address or the key itself is told not to.
fn variable(section: &mut Section<'_>, key: &'static str, example: &str) -> Option<String> {
    let text = section.required_text(key, example)?;
    if is_variable(text.get_ref()) {
        return Some(text.into_inner().to_owned());
    }
    // What stands there may be the secret, so it is not repeated.
    let complaint = Complaint::new(
        format!("`{key}` is not the name of an environment variable"),
        "letters, digits and underscores",
        "put the address or key into the environment, and only the variable's name here",
    );
    section.document.fault(text.span(), complaint);
    None
}

/// Names stand in keys, lanes and policies; and nothing is defined twice.
fn check_name(document: &Document<'_>, name: &Spanned<&str>, seen: &mut HashMap<String, usize>) {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if name.get_ref().len() > 40 || !name.get_ref().chars().all(good) {
        let message = format!("{:?} cannot be the name of a channel", name.get_ref());
        let complaint = Complaint::new(message, "at most 40 letters, digits, `_` and `-`", "write one word");
        document.fault(name.span(), complaint);
    }
    let line = document.file.position(name.span().start).0;
    if let Some(first) = seen.insert((*name.get_ref()).to_owned(), line) {
        let message = format!("there is a channel `{}` already, at line {first}", name.get_ref());
        document.fault(name.span(), Complaint::new(message, "a name of its own", "rename or remove one of the two"));
    }
}
