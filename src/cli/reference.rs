//! The command line in Markdown, made of what is parsed.

use std::fmt::Write as _;

use clap::{Arg, Command};

/// Every command with its arguments and examples; the settings, which all of them take, are left out.
#[must_use]
pub fn command_line_markdown() -> String {
    let mut text = String::new();
    let mut whole = super::command();
    whole.build();
    below(&whole, "stationmaster", &mut text);
    text.trim_end().to_owned() + "\n"
}

fn below(command: &Command, path: &str, text: &mut String) {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    // Writing to a text cannot fail.
    let _ = write!(text, "## `{path}`\n\n{}\n\n", sentence(&about));
    let own = || command.get_arguments().filter(|argument| is_own(argument, path));
    let subs = || command.get_subcommands().filter(|sub| sub.get_name() != "help");
    let usage = [path.to_owned()].into_iter().chain(own().filter(|one| one.is_positional()).map(placed));
    let usage: Vec<String> = usage.collect();
    let rest = if subs().next().is_some() { " COMMAND" } else { "" };
    let _ = write!(text, "```text\n{}{rest}\n```\n\n", usage.join(" "));
    if own().next().is_some() {
        text.push_str("| argument | default | what it is |\n| --- | --- | --- |\n");
        for argument in own() {
            row(argument, text);
        }
        text.push('\n');
    }
    if let Some(after) = command.get_after_help() {
        examples(&after.to_string(), text);
    }
    for sub in subs() {
        below(sub, &format!("{path} {}", sub.get_name()), text);
    }
}

/// Global arguments are shown where they are defined, and settings in a table of their own.
fn is_own(argument: &Arg, path: &str) -> bool {
    let defined_here = !argument.is_global_set() || path.split(' ').count() <= 2;
    let is_setting = argument.get_help_heading().is_some_and(|heading| heading == "Settings");
    defined_here && !is_setting && !argument.is_hide_set() && !matches!(argument.get_id().as_str(), "help" | "version")
}

fn placed(argument: &Arg) -> String {
    let name = value_name(argument);
    let many = if argument.get_num_args().is_some_and(|range| range.max_values() > 1) { "…" } else { "" };
    if argument.is_required_set() { format!("{name}{many}") } else { format!("[{name}{many}]") }
}

fn value_name(argument: &Arg) -> String {
    let names = argument.get_value_names().unwrap_or_default();
    names.first().map_or_else(|| argument.get_id().as_str().to_uppercase(), ToString::to_string)
}

fn row(argument: &Arg, text: &mut String) {
    let takes = argument.get_action().takes_values();
    let value = if takes { format!(" {}", value_name(argument)) } else { String::new() };
    let short = argument.get_short().map_or_else(String::new, |short| format!("-{short}, "));
    let name = match argument.get_long() {
        Some(long) => format!("`{short}--{long}{value}`"),
        None => format!("`{}`", value_name(argument)),
    };
    let defaults: Vec<String> =
        argument.get_default_values().iter().map(|value| format!("`{}`", value.to_string_lossy())).collect();
    let default = if argument.is_required_set() {
        "needed".to_owned()
    } else if takes {
        defaults.join(", ").replace("``", "")
    } else {
        String::new()
    };
    let variable = argument.get_env().map_or_else(String::new, |name| format!(" Also `{}`.", name.to_string_lossy()));
    let words: Vec<String> = if takes {
        argument.get_possible_values().iter().map(|one| one.get_name().to_owned()).collect()
    } else {
        Vec::new()
    };
    let words = if words.is_empty() { String::new() } else { format!(" One of {}.", words.join(", ")) };
    let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let says = format!("{}{words}{variable}", sentence(&help)).replace('|', "\\|");
    let _ = writeln!(text, "| {name} | {default} | {says} |");
}

/// What is said after the help: sentences stay sentences, and command lines become a block.
fn examples(after: &str, text: &mut String) {
    let is_command = |line: &str| line.starts_with("  ");
    let mut open = false;
    for line in after.lines().filter(|line| !line.starts_with("Example") && !line.is_empty()) {
        if is_command(line) != open {
            text.push_str(if open { "```\n\n" } else { "```sh\n" });
            open = !open;
        }
        text.push_str(line.strip_prefix("  ").unwrap_or(line));
        text.push('\n');
    }
    text.push_str(if open { "```\n\n" } else { "\n" });
}

/// With a full stop at its end.
fn sentence(text: &str) -> String {
    let text = text.trim().replace('\n', " ");
    if text.is_empty() || text.ends_with(['.', ']', ')']) { text } else { format!("{text}.") }
}
