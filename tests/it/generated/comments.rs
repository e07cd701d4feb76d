//! Comments made of blocks of which it is known what they run.

use proptest::collection::vec;
use proptest::prelude::*;
use stationmaster::receive::parse_commands;

use super::holds;

/// A block of a comment, and the commands in it that run.
type Block = (String, Vec<String>);

fn command() -> impl Strategy<Value = String> {
    "/(merge|hold|approve|retest|deploy|x-1)( (why|50%|--env|--key=v|\"two words\"|#12)){0,3}"
}

/// Words that open nothing.
fn prose() -> impl Strategy<Value = String> {
    "[a-z]{1,8}( [a-zäö0-9.,]{1,8}){0,5}"
}

fn block() -> impl Strategy<Value = Block> {
    let lines = vec(prop_oneof![command(), prose()], 1..4);
    prop_oneof![
        3 => (lines.clone(), 0_usize..4).prop_map(|(lines, spaces)| {
            let run = lines.iter().filter(|line| line.starts_with('/')).cloned().collect();
            let indented: Vec<String> = lines.iter().map(|line| format!("{}{line}", " ".repeat(spaces))).collect();
            (indented.join("\n"), run)
        }),
        2 => (lines, 0_usize..8, any::<bool>()).prop_map(|(lines, place, windows)| {
            let text = within(place, &lines);
            (if windows { text.replace('\n', "\r\n") } else { text }, Vec::new())
        }),
    ]
}

/// The lines where they are shown and not said.
fn within(place: usize, lines: &[String]) -> String {
    let each = |before: &str| lines.iter().map(|line| format!("{before}{line}")).collect::<Vec<_>>().join("\n");
    let text = lines.join("\n");
    match place {
        0 => format!("```\n{text}\n```"),
        1 => format!("~~~~ sh\n{text}\n~~~\n{text}\n~~~~"),
        2 => each("> "),
        3 => format!("- a\n\n{}", each("  ")),
        4 => format!("12. a\n\n{}", each("    ")),
        5 => format!("<!--\n{text}\n-->"),
        6 => format!("<details><summary>more</summary>\n\n{text}\n\n</details>"),
        _ => format!("<div>\n{text}\n</div>"),
    }
}

#[test]
fn of_a_comment_run_exactly_the_commands_of_its_top_level_paragraphs() {
    holds(512, vec(block(), 1..6), |blocks| {
        // A rule between two blocks ends whatever the first has opened, lists and lazy quotes too.
        let text = blocks.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join("\n\n***\n\n");
        let expected: Vec<&String> = blocks.iter().flat_map(|(_, run)| run).collect();
        let found = parse_commands(&text);
        assert_eq!(found.iter().map(|command| &command.line).collect::<Vec<_>>(), expected, "{text}");
        crate::properties::commands::check(text.as_bytes());
    });
}

#[test]
fn any_characters_at_all_are_a_comment() {
    holds(256, ".{0,200}|[/a-z`<>\\-| \\n\\r\\t\"“”\\\\]{0,200}", |text: String| {
        crate::properties::commands::check(text.as_bytes());
    });
}

/// GitHub takes so many characters.
const COMMENT_CHARS: usize = 65_536;

/// Where reading costs the square of the length, this runs for minutes.
#[test]
fn a_comment_as_long_as_github_takes_it_is_read_whatever_it_repeats() {
    let repeated = [
        "“ ",
        "\"",
        "--a=“ ",
        "`",
        "`` ` ",
        "~~~\n",
        "<a ",
        "<a b=\"",
        "<!--",
        "<details>\n\n",
        "[",
        "![",
        "[](",
        "> ",
        "- ",
        "*_",
        "$",
        "~~a ",
        "/x ",
        "/x\n",
        "/x\n\n",
        "|",
        "\\",
        "&",
        "[^1]: ",
        "[a]: <b\n",
        "\n\r",
        "# ",
        "***a ",
        "- a\n\n  ",
    ];
    for part in repeated {
        let text = part.repeat(COMMENT_CHARS / part.chars().count());
        for text in [format!("/learn {text}"), text] {
            let found = parse_commands(&text);
            assert!(found.len() <= text.len() / 2, "{} commands of {part:?}", found.len());
        }
    }
}
