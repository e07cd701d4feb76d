//! Slash-commands: what is read is what was written, and nothing runs that people see as code, list or HTML.

use stationmaster::model::{Argument, Command};
use stationmaster::receive::parse_commands;

/// Any comment.
pub fn check(data: &[u8]) {
    let text = super::text(data);
    let commands = parse_commands(&text);
    stand_in_the_text(&text, &commands);
    for command in &commands {
        are_read_again_as_they_were(command);
    }
    nothing_runs_within(&text);
}

fn stand_in_the_text(text: &str, commands: &[Command]) {
    let mut from = 0;
    for command in commands {
        let at = text[from..].find(&command.line).unwrap_or_else(|| panic!("not in order: {command:?}"));
        from += at + command.line.len();
        assert!(text.contains(&command.body), "{command:?}");
        let written = command.line.trim_matches('`').trim().strip_prefix('/').expect("a slash");
        let end = written.find(char::is_whitespace).unwrap_or(written.len());
        assert_eq!(written[..end].to_ascii_lowercase(), command.name);
        assert!(command.name.len() <= 40 && command.name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
        let said: usize = command.arguments.iter().map(length).sum();
        assert!(said <= command.line.len(), "more arguments than text: {command:?}");
        assert!(command.arguments.iter().all(|argument| !matches!(argument, Argument::Percent(101..))));
    }
    let all: usize = commands.iter().map(|command| command.line.len() + command.body.len()).sum();
    assert!(all <= text.len(), "{all} bytes of commands in {} bytes of text", text.len());
}

fn length(argument: &Argument) -> usize {
    match argument {
        Argument::Word(text) | Argument::Quoted(text) => text.len(),
        Argument::Option { key, value } => 2 + key.len() + value.as_ref().map_or(0, String::len),
        Argument::Percent(_) => 2,
    }
}

fn are_read_again_as_they_were(command: &Command) {
    if command.in_code {
        return;
    }
    let alone = |line: &str| -> Command {
        let [command] = <[Command; 1]>::try_from(parse_commands(line)).expect("one command");
        command
    };
    let again = alone(&command.line);
    assert_eq!((&again.name, &again.arguments), (&command.name, &command.arguments), "{:?}", command.line);
    // A mark that was never closed would be by the marks that are put round other arguments.
    if let Some(line) = printed(command) {
        assert_eq!(alone(&line).arguments, command.arguments, "{line:?} was {:?}", command.line);
    }
}

fn printed(command: &Command) -> Option<String> {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut line = format!("/{}", command.name);
    for argument in &command.arguments {
        let part = match argument {
            Argument::Word(word) if word.contains(['"', '“']) => return None,
            Argument::Word(word) => word.clone(),
            Argument::Quoted(text) => quoted(text),
            Argument::Option { key, value: Some(value) } => format!("--{key}={}", quoted(value)),
            Argument::Option { key, value: None } => format!("--{key}"),
            Argument::Percent(percent) => format!("{percent}%"),
        };
        line.extend([" ", &part]);
    }
    Some(line)
}

/// Whatever a comment says, it runs nothing once it stands in a code block, a list, an HTML comment or an element.
fn nothing_runs_within(text: &str) {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    none("a code block", &format!("{fence}\n{text}\n{fence}"));
    let indented: Vec<_> = text.split(['\n', '\r']).collect();
    none("a list", &format!("- x\n\n  {}\n", indented.join("\n  ")));
    none("an HTML comment", &format!("<!--\n{}\n-->", text.replace('>', "")));
    // What opens a block of its own, or an element, may well end behind this one.
    let plain = text.replace(['`', '~', '<', '$'], "");
    none("an element", &format!("<details>\n\n{plain}\n\n</details>"));
}

fn none(place: &str, text: &str) {
    let found = parse_commands(text);
    assert!(found.is_empty(), "run in {place}: {found:?} of {text:?}");
}
