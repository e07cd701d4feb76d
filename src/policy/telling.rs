//! Reads how a worker is told of a task.

use toml::Spanned;
use toml::de::DeValue;
use url::Url;

use super::fault::Complaint;
use super::reader::{Document, Section};
use crate::model::{BranchName, Telling};

const WAYS: &str = "\"ntfy\", \"assignee\", \"mention\", { by = \"hook\", … } or { by = \"workflow_dispatch\", … }";

/// Reads the list `tell`. Ways that need a GitHub account are faults for a worker that has no `login`.
pub(super) fn read_telling(section: &mut Section<'_>, has_login: bool) -> Vec<Telling> {
    let document = section.document;
    let mut ways = Vec::new();
    for entry in section.list("tell").unwrap_or_default() {
        let Some(way) = read_way(document, entry) else { continue };
        let needs_login = match &way {
            Telling::Assignee => Some("assignee"),
            Telling::Mention => Some("mention"),
            Telling::Ntfy { .. } | Telling::Hook { .. } | Telling::WorkflowDispatch { .. } => None,
        };
        if let (Some(word), false) = (needs_login, has_login) {
            let message = format!("`{word}` needs a GitHub account, and this worker has none");
            let help = "add `login = \"name\"`, or tell the worker by \"ntfy\"";
            document.fault(entry.span(), Complaint::new(message, "a way that needs no `login`", help));
        }
        ways.push(way);
    }
    ways
}

fn read_way<'d>(document: &'d Document<'d>, entry: &'d Spanned<DeValue<'d>>) -> Option<Telling> {
    if let DeValue::String(word) = entry.get_ref() {
        let way = match word.as_ref() {
            "assignee" => Some(Telling::Assignee),
            "mention" => Some(Telling::Mention),
            "ntfy" => Some(Telling::Ntfy { topic: None }),
            _ => None,
        };
        if way.is_none() {
            unknown_way(document, &Spanned::new(entry.span(), word.as_ref()));
        }
        return way;
    }
    let Some(mut table) = Section::of_value(document, entry) else {
        let message = format!("a way to tell is of type {}", entry.get_ref().type_str());
        document.fault(entry.span(), Complaint::new(message, WAYS, "write one of these"));
        return None;
    };
    let by = table.required_text("by", "\"ntfy\"")?;
    let way = match *by.get_ref() {
        "assignee" => Some(Telling::Assignee),
        "mention" => Some(Telling::Mention),
        "ntfy" => Some(Telling::Ntfy { topic: table.text("topic").map(|topic| topic.into_inner().to_owned()) }),
        "hook" => read_hook(&mut table),
        "workflow_dispatch" => read_workflow(&mut table),
        _ => {
            unknown_way(document, &by);
            return None;
        }
    };
    table.finish();
    way
}

fn unknown_way(document: &Document<'_>, word: &Spanned<&str>) {
    let help = match *word.get_ref() {
        "hook" => "write { by = \"hook\", url = \"https://…\", secret_env = \"NAME\" }",
        "workflow_dispatch" => "write { by = \"workflow_dispatch\", workflow = \"agent.yml\" }",
        _ => "write one of these",
    };
    let message = format!("{:?} alone is not a way to tell a worker", word.get_ref());
    document.fault(word.span(), Complaint::new(message, WAYS, help));
}

fn read_hook(table: &mut Section<'_>) -> Option<Telling> {
    let url = table.required_text("url", "\"https://worker.example/tasks\"");
    let secret_env = table.required_text("secret_env", "\"WORKER_HOOK_SECRET\"");
    let url = url?;
    if !is_address(url.get_ref()) {
        not_an_address(table.document, &url, "an address to post to");
        return None;
    }
    let secret_env = secret_env?;
    if !is_variable(secret_env.get_ref()) {
        let complaint = Complaint::new(
            "`secret_env` is not the name of an environment variable",
            "letters, digits and underscores",
            "put the key into the environment, and only the variable's name here",
        );
        table.document.fault(secret_env.span(), complaint);
        return None;
    }
    Some(Telling::Hook { url: (*url.get_ref()).to_owned(), secret_env: (*secret_env.get_ref()).to_owned() })
}

fn read_workflow(table: &mut Section<'_>) -> Option<Telling> {
    let workflow = table.required_text("workflow", "\"agent.yml\"");
    let git_ref = table.text("ref").map(|name| BranchName::new(name.into_inner()));
    let workflow = read_workflow_file(table.document, &workflow?)?;
    Some(Telling::WorkflowDispatch { workflow, git_ref })
}

/// The file name of a workflow, without folders.
pub(super) fn read_workflow_file(document: &Document<'_>, workflow: &Spanned<&str>) -> Option<String> {
    if workflow.get_ref().contains('/') {
        let message = format!("{:?} is not the file name of a workflow", workflow.get_ref());
        let help = "leave out the folder: GitHub finds it in .github/workflows by its name";
        document.fault(workflow.span(), Complaint::new(message, "a name such as \"agent.yml\"", help));
        return None;
    }
    Some((*workflow.get_ref()).to_owned())
}

/// Whether it is a whole address of the web.
pub(super) fn is_address(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// Notes that a text is not the address it should be.
pub(super) fn not_an_address(document: &Document<'_>, text: &Spanned<&str>, wanted: &str) {
    let message = format!("{:?} is not {wanted}", text.get_ref());
    let help = "write the whole address, with https:// at its beginning";
    document.fault(text.span(), Complaint::new(message, "an http or https address", help));
}

/// Whether it can be the name of an environment variable.
pub(super) fn is_variable(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
