//! The help of every command shows how it is used, and what it shows can be typed.

use clap::{Command, FromArgMatches as _};
use stationmaster::cli::{self, CommandLine};

/// Every command with its words, the whole one first.
fn commands() -> Vec<(String, Command)> {
    fn below(command: &Command, path: &str, found: &mut Vec<(String, Command)>) {
        found.push((path.to_owned(), command.clone()));
        for sub in command.get_subcommands() {
            below(sub, format!("{path} {}", sub.get_name()).trim(), found);
        }
    }
    let mut found = Vec::new();
    below(&cli::command(), "", &mut found);
    assert!(found.len() > 60, "the test no longer finds the commands");
    found
}

/// The words of a line as a shell would have them, up to a pipe, a comment or a redirection.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    let mut begun = false;
    for character in line.chars() {
        match (quote, character) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), c) => word.push(c),
            (None, '"' | '\'') => (quote, begun) = (Some(character), true),
            (None, '|' | '>' | '&' | ')') => break,
            (None, '#') if !begun => break,
            (None, ' ' | '\\') => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            (None, c) => {
                word.push(c);
                begun = true;
            }
        }
    }
    if begun {
        words.push(word);
    }
    words
}

/// The command lines of ours in a help's examples; a line that ends in `\` goes on.
fn examples(help: &str) -> Vec<String> {
    let joined = help.replace("\\\n", " ");
    let lines = joined.lines().skip_while(|line| !line.starts_with("Example"));
    let ours = lines.filter_map(|line| line.find("stationmaster ").map(|at| line[at..].to_owned()));
    // Shell variables stand for ids.
    ours.map(|line| line.replace("\"$item\"", "octo/station#12").replace("\"$project\"", "octo/station#7"))
        .map(|line| line.replace("\"$task\"", "octo/station#8"))
        .filter(|line| !line.starts_with("stationmaster token create`"))
        .collect()
}

#[test]
fn every_command_shows_an_example_and_says_what_it_does() {
    let bare: Vec<String> = commands()
        .into_iter()
        .filter(|(_, command)| {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            examples(&help).is_empty() || command.get_about().is_none()
        })
        .map(|(path, _)| path)
        .collect();
    assert!(bare.is_empty(), "these say nothing or show no example: {bare:#?}");
}

#[test]
fn every_example_can_be_typed() {
    for (path, command) in commands() {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        for line in examples(&help) {
            let words = words(&line);
            let read = cli::command().try_get_matches_from(&words);
            match read {
                Ok(matches) => drop(CommandLine::from_arg_matches(&matches).unwrap()),
                Err(fault) => assert_eq!(
                    fault.kind(),
                    clap::error::ErrorKind::DisplayHelp,
                    "an example of `{path}` cannot be typed: {words:?}\n{fault}"
                ),
            }
            assert!(words.len() > 1, "{line}");
        }
    }
}

#[test]
fn an_example_is_one_of_its_own_command() {
    for (path, command) in commands().into_iter().filter(|(path, _)| path.contains(' ')) {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let own = format!("stationmaster {path}");
        assert!(examples(&help).iter().all(|line| line.starts_with(&own)), "{path}: {:?}", examples(&help));
    }
}

#[test]
fn every_shell_gets_a_script_that_knows_the_commands() {
    for shell in [
        clap_complete::Shell::Bash,
        clap_complete::Shell::Elvish,
        clap_complete::Shell::Fish,
        clap_complete::Shell::PowerShell,
        clap_complete::Shell::Zsh,
    ] {
        let mut script = Vec::new();
        cli::completions::run(&cli::completions::CompletionsArgs { shell }, &mut script).unwrap();
        let script = String::from_utf8(script).unwrap();
        for word in ["serve", "orchestrate", "healthcheck", "copy"] {
            assert!(script.contains(word), "{shell} does not know {word}");
        }
    }
}
