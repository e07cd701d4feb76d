//! Reads `commands.toml`: programs on the server that repositories may name as deploy targets.

use std::collections::{BTreeMap, HashMap};

use toml::Spanned;

use super::fault::Complaint;
use super::placeholder::{check_placeholders, refuse_placeholders};
use super::reader::{Document, Section};

/// Reads the tables `[[command]]`: program and arguments by name.
pub(super) fn read_commands(top: &mut Section<'_>) -> BTreeMap<String, Vec<String>> {
    let mut seen = HashMap::new();
    top.tables("command").into_iter().filter_map(|section| read_command(section, &mut seen)).collect()
}

fn read_command(mut section: Section<'_>, seen: &mut HashMap<String, usize>) -> Option<(String, Vec<String>)> {
    let name = section.required_text("name", "\"restart-qa\"");
    if let Some(name) = &name {
        check_name(section.document, name, seen);
    }
    let run = read_run(&mut section);
    section.finish();
    Some((name?.into_inner().to_owned(), run))
}

fn check_name(document: &Document<'_>, name: &Spanned<&str>, seen: &mut HashMap<String, usize>) {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.get_ref().len() > 100 || !name.get_ref().chars().all(good) {
        let message = format!("{:?} cannot be the name of a command", name.get_ref());
        let complaint = Complaint::new(message, "at most 100 letters, digits, `_`, `-` and `.`", "write one word");
        document.fault(name.span(), complaint);
    }
    let line = document.file.position(name.span().start).0;
    if let Some(first) = seen.insert((*name.get_ref()).to_owned(), line) {
        let message = format!("there is a command `{}` already, at line {first}", name.get_ref());
        document.fault(name.span(), Complaint::new(message, "a name of its own", "rename or remove one of the two"));
    }
}

/// Program and arguments. The program is a fixed one, whatever a version is called.
fn read_run(section: &mut Section<'_>) -> Vec<String> {
    let document = section.document;
    let expected = "a list such as [\"/usr/local/bin/deploy\", \"{tag}\"]";
    if !section.has_any(&["run"]) {
        let complaint =
            Complaint::new("`run` is missing here", expected, "add `run` with the program and its arguments");
        section.fault(complaint);
    }
    let place = section.value("run").map(Spanned::span);
    let Some(words) = section.texts("run") else { return Vec::new() };
    match (words.split_first(), place) {
        (Some((program, arguments)), _) => {
            if program.get_ref().trim().is_empty() {
                let help = "write the program's name or its whole path";
                document.fault(program.span(), Complaint::new("the program has no name", "a program", help));
            }
            refuse_placeholders(document, program, "write the program itself, and placeholders as its arguments");
            for argument in arguments {
                check_placeholders(document, argument);
            }
        }
        (None, Some(place)) if section.is_list("run") => {
            document.fault(place, Complaint::new("`run` is empty", expected, "write the program and its arguments"));
        }
        (None, _) => {}
    }
    words.into_iter().map(|word| word.into_inner().to_owned()).collect()
}
