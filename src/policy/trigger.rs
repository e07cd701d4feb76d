//! Reads how a deploy target is told that it has something to do.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::DeValue;

use super::fault::Complaint;
use super::git_name::read_git_name;
use super::merge::flag;
use super::placeholder::{check_placeholders, refuse_placeholders};
use super::reader::{Document, Section, nearest};
use super::telling::{is_address, is_variable, not_an_address, read_workflow_file};
use crate::model::Trigger;

/// What the names of variables begin with whose values sign hooks. A repository's policy names the variable, and
/// without this it could have any secret of the server used as a key for an address of its own.
const SECRET_PREFIX: &str = "STATIONMASTER_DEPLOY_";

/// GitHub refuses a longer `event_type` with 422
/// (<https://docs.github.com/en/rest/repos/repos#create-a-repository-dispatch-event>).
const EVENT_CHARS: usize = 100;

const WAYS: &str = "\"none\", { by = \"workflow\", … }, { by = \"dispatch\", … }, { by = \"hook\", … } or \
                    { by = \"command\", … }";

/// Each way with an example of it.
const EXAMPLES: [(&str, &str); 5] = [
    ("none", "\"none\""),
    ("workflow", "{ by = \"workflow\", workflow = \"deploy.yml\" }"),
    ("dispatch", "{ by = \"dispatch\", event = \"deploy\" }"),
    ("hook", "{ by = \"hook\", url = \"https://…\", secret_env = \"STATIONMASTER_DEPLOY_QA\" }"),
    ("command", "{ by = \"command\", name = \"restart-qa\" }"),
];

/// Reads `trigger` of an environment; without it nobody is told.
pub(super) fn read_trigger(environment: &mut Section<'_>) -> Option<Trigger> {
    let document = environment.document;
    let value = environment.value("trigger")?;
    if let DeValue::String(word) = value.get_ref() {
        if word == "none" {
            return Some(Trigger::None);
        }
        unknown_way(document, &Spanned::new(value.span(), word.as_ref()));
        return None;
    }
    let Some(mut table) = Section::of_value(document, value) else {
        let message = format!("`trigger` is of type {}", value.get_ref().type_str());
        document.fault(value.span(), Complaint::new(message, WAYS, "write one of these"));
        return None;
    };
    let by = table.required_text("by", "\"workflow\"")?;
    let trigger = match *by.get_ref() {
        "none" => Some(Trigger::None),
        "workflow" => read_workflow(&mut table),
        "dispatch" => read_dispatch(&mut table),
        "hook" => read_hook(&mut table),
        "command" => read_command(&mut table),
        _ => {
            unknown_way(document, &by);
            return None;
        }
    };
    table.finish();
    trigger
}

fn unknown_way(document: &Document<'_>, word: &Spanned<&str>) {
    let near = nearest(word.get_ref(), &EXAMPLES.map(|(way, _)| way));
    let example = EXAMPLES.iter().find(|(way, _)| near == Some(*way));
    let help = example.map_or_else(|| "write one of these".to_owned(), |(_, example)| format!("write {example}"));
    let message = format!("{:?} alone is not a way to trigger a deployment", word.get_ref());
    document.fault(word.span(), Complaint::new(message, WAYS, help));
}

fn read_workflow(table: &mut Section<'_>) -> Option<Trigger> {
    let document = table.document;
    let workflow = table.required_text("workflow", "\"deploy.yml\"");
    let git_ref = table.text("ref").and_then(|name| {
        let help = "leave `ref` out: the workflow then runs on the version's own tag";
        let refused = refuse_placeholders(document, &name, help);
        if refused { None } else { read_git_name(document, &name, "ref") }
    });
    let inputs =
        table.table_shown("inputs", "a table such as { version = \"{tag}\" }").map(read_inputs).unwrap_or_default();
    Some(Trigger::Workflow { workflow: read_workflow_file(document, &workflow?)?, git_ref, inputs })
}

fn read_inputs(section: Section<'_>) -> BTreeMap<String, String> {
    let document = section.document;
    let mut inputs = BTreeMap::new();
    for (name, value) in section.entries() {
        let Some(value) = value else { continue };
        check_placeholders(document, &value);
        inputs.insert(name.into_inner().to_owned(), value.into_inner().to_owned());
    }
    inputs
}

fn read_dispatch(table: &mut Section<'_>) -> Option<Trigger> {
    let event = table.required_text("event", "\"deploy\"")?;
    let length = event.get_ref().chars().count();
    if length > EVENT_CHARS {
        let expected = format!("at most {EVENT_CHARS} characters");
        let complaint = Complaint::new(format!("`event` has {length} characters"), expected, "write a shorter name");
        table.document.fault(event.span(), complaint);
    }
    refuse_placeholders(table.document, &event, "the version is in the event's `client_payload` anyway");
    Some(Trigger::Dispatch { event: event.into_inner().to_owned() })
}

fn read_hook(table: &mut Section<'_>) -> Option<Trigger> {
    let url = table.required_text("url", "\"https://deployer.example/hook\"");
    let secret_env = table.required_text("secret_env", "\"STATIONMASTER_DEPLOY_QA\"");
    let mut finishes = false;
    flag(table, "finishes", &mut finishes);
    if let Some(url) = &url
        && !refuse_placeholders(table.document, url, "the version is in what is sent to this address anyway")
        && !is_address(url.get_ref())
    {
        not_an_address(table.document, url, "an address to post to");
    }
    if let Some(name) = &secret_env {
        check_secret(table.document, name);
    }
    Some(Trigger::Hook { url: url?.into_inner().to_owned(), secret_env: secret_env?.into_inner().to_owned(), finishes })
}

fn check_secret(document: &Document<'_>, name: &Spanned<&str>) {
    if !is_variable(name.get_ref()) {
        let complaint = Complaint::new(
            "`secret_env` is not the name of an environment variable",
            "letters, digits and underscores",
            "put the key into the server's environment, and only the variable's name here",
        );
        document.fault(name.span(), complaint);
    } else if name.get_ref().strip_prefix(SECRET_PREFIX).is_none_or(str::is_empty) {
        let message = format!("`{}` cannot be the key of a deploy hook", name.get_ref());
        let expected = format!("a variable whose name begins with {SECRET_PREFIX}");
        let help = format!(
            "put the key into the server's environment as {SECRET_PREFIX}QA or the like: only such variables are \
             used, so that a repository's policy cannot have other secrets of the server used as keys"
        );
        document.fault(name.span(), Complaint::new(message, expected, help));
    }
}

fn read_command(table: &mut Section<'_>) -> Option<Trigger> {
    let name = table.required_text("name", "\"restart-qa\"")?;
    Some(Trigger::Command { name: name.into_inner().to_owned(), run: Vec::new() })
}
