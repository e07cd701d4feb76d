//! What is a command in the text of a comment, and what is not.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use stationmaster::model::{Argument, Command};
use stationmaster::receive::parse_commands;

fn names(text: &str) -> Vec<String> {
    parse_commands(text).into_iter().map(|command| command.name).collect()
}

fn only(text: &str) -> Command {
    let mut commands = parse_commands(text);
    assert_eq!(commands.len(), 1, "{text:?} → {commands:?}");
    commands.remove(0)
}

fn word(text: &str) -> Argument {
    Argument::Word(text.to_owned())
}

fn quoted(text: &str) -> Argument {
    Argument::Quoted(text.to_owned())
}

fn option(key: &str, value: Option<&str>) -> Argument {
    Argument::Option { key: key.to_owned(), value: value.map(str::to_owned) }
}

#[test]
fn a_line_that_begins_with_a_slash_and_a_name_is_a_command() {
    for text in
        ["/merge", "   /merge", "thanks!\n/merge", "thanks!\r\n/merge\r\nbye", "/Merge", "/merge\u{a0}now", "a\r/merge"]
    {
        assert_eq!(names(text), ["merge"], "{text:?}");
    }
    assert_eq!(names("one\n\n/hold why\n/retest\n\nbetween\n\n  /unhold"), ["hold", "retest", "unhold"]);
    // A line of a paragraph may be indented as far as one likes; a command may not.
    assert_eq!(names("text\n    /merge"), [""; 0]);
}

#[test]
fn what_does_not_begin_with_a_name_is_no_command() {
    for text in [
        "",
        "/",
        "/ merge",
        "//merge",
        "/usr/bin/env",
        "/50%",
        "see /merge",
        "\\/merge",
        "/merge!",
        "/merge,",
        "/mérge",
        "／merge",
        "/-merge",
        "*/merge*",
    ] {
        assert_eq!(names(text), [""; 0], "{text:?}");
    }
}

#[test]
fn what_stands_in_code_quotes_html_lists_links_tables_or_headings_is_no_command() {
    for text in [
        "```\n/merge\n```",
        "~~~sh\n/merge",
        "    /merge",
        "\t/merge",
        "a `span\n/merge\nof` code",
        "> /merge",
        "> a quote that goes on\n/merge",
        "- /merge",
        "- an item\n/merge",
        "- an item\n\n  /merge",
        "1. one\n/merge",
        "- [ ] task\n/merge",
        "<!--\n/merge\n-->",
        "<!-- a\n\n/merge\n\n-->",
        "<div>\n/merge\n</div>",
        "<details><summary>x</summary>\n\n/merge\n\n</details>",
        "<DETAILS>\n\n/merge\n\n</details>",
        "<details><details>\n\n/a\n\n</details>\n\n/merge\n\n</details>",
        "<pre>\n\n/merge\n</pre>",
        "text <b title=\">\">\n/merge\n</b>",
        "text <a href=\"\n/merge\n\">x</a>",
        "[a link\n/merge\n](https://example.com)",
        "![an image\n/merge\n](https://example.com/a.png)",
        "[a]:\n/merge\n\n[a]",
        "~~taken back:\n/merge now~~",
        "$$\n/merge\n$$",
        "/merge\n===",
        "/merge\n---",
        "# /merge",
        "/a | b\n--- | ---\n/merge | d",
        "[^1]: a note\n/merge\n\n[^1]",
    ] {
        assert_eq!(names(text), [""; 0], "{text:?}");
    }
}

#[test]
fn what_was_opened_before_and_closed_hides_nothing_after_it() {
    for text in [
        "```\n/hold x\n```\n/merge",
        "> /hold x\n\n/merge",
        "- /hold x\n\n/merge",
        "<details>\n\n/hold x\n\n</details>\n\n/merge",
        "<p align=\"center\">\n\n/merge",
        "a <br> b\n/merge",
        "<!-- /hold x -->\n\n/merge",
        "a < b\n/merge",
        "`/hold x`\n/merge",
        "**bold\n/merge\n**",
        "/merge [why](https://example.com)",
        "/merge\n\n```\n/hold x\n```",
    ] {
        assert_eq!(names(text), ["merge"], "{text:?}");
    }
}

#[test]
fn arguments_are_words_quotations_options_and_percentages() {
    let line = r#"/discover  "two words" --impact 0.8 --tags=a,b 45% plain --why "it \"is\" so" --last"#;
    let command = only(line);
    assert_eq!(
        command.arguments,
        [
            quoted("two words"),
            option("impact", Some("0.8")),
            option("tags", Some("a,b")),
            Argument::Percent(45),
            word("plain"),
            option("why", Some("it \"is\" so")),
            option("last", None),
        ]
    );
    assert_eq!(command.option("impact"), Some("0.8"));
    assert_eq!(command.words().collect::<Vec<_>>(), ["two words", "plain"]);
    assert_eq!(only("/x --a --b c").arguments, [option("a", None), option("b", Some("c"))]);
    assert_eq!(only("/x --KEY=\"a b\" c").arguments, [option("key", Some("a b")), word("c")]);
    assert_eq!(only("/x “curly ones” c").arguments, [quoted("curly ones"), word("c")]);
    assert_eq!(only("/x 101% % -1% 7%").arguments, [word("101%"), word("%"), word("-1%"), Argument::Percent(7)]);
    assert_eq!(only(r#"/x "never closed"#).arguments, [word("\"never"), word("closed")]);
    assert_eq!(only("/x -- --1 -a").arguments, [word("--"), word("--1"), word("-a")]);
    assert_eq!(only(r#"/x "a\b \\ c""#).arguments, [quoted(r"a\b \ c")]);
    assert_eq!(only("/hold  wait for \"the\" release ").sentence(), "wait for \"the\" release");
    assert_eq!(only("/hold").sentence(), "");
}

#[test]
fn the_lines_below_a_command_are_its_body_up_to_the_next_one() {
    let commands = parse_commands("before\n/hold why\nfirst\n\n    code\n\n/retest\n\n```\n/merge\n```\n\n");
    let bodies: Vec<&str> = commands.iter().map(|command| command.body.as_str()).collect();
    assert_eq!(bodies, ["first\n\n    code", "```\n/merge\n```"]);
    assert_eq!(only("/hold why\r\n\r\n    code\r\n").body, "    code");
    assert_eq!(only("/hold why").body, "");
}

#[test]
fn a_comment_of_nothing_but_commands_gives_them_all() {
    let text = "/retest\n".repeat(500);
    assert_eq!(parse_commands(&text).len(), 500, "how many of them are run is not the parser's business");
}

/// Pieces that Markdown and commands are made of, so that random texts come near the edges.
const PIECES: [&str; 46] = [
    "/",
    "merge",
    "/merge",
    "/hold ",
    " ",
    "    ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "\n\n",
    "`",
    "```",
    "~~",
    "~~~",
    ">",
    "- ",
    "1. ",
    "#",
    "<",
    "</",
    "<!--",
    "-->",
    "<details>",
    "</details>",
    "<b",
    "\"",
    "“",
    "”",
    "--",
    "--key",
    "=",
    "%",
    "50%",
    "[",
    "](",
    ")",
    "[^1]",
    ": ",
    "|",
    "---",
    "$",
    "$$",
    "\\",
    "é",
    "\u{0}",
];

#[test]
fn no_text_at_all_makes_the_parser_fall() {
    let mut random = StdRng::seed_from_u64(12);
    let mut found = 0;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..random.random_range(0..30) {
            match random.random_range(0..8) {
                0 => text.push(random.random::<char>()),
                1 => text.push_str("\n/merge "),
                _ => text.push_str(PIECES[random.random_range(0..PIECES.len())]),
            }
        }
        for command in parse_commands(&text) {
            found += 1;
            let line = &command.line;
            assert!(line.starts_with('/') && !line.contains(['\n', '\r']), "{text:?} → {command:?}");
            assert!(text.contains(line) && text.contains(&command.body), "{text:?} → {command:?}");
            assert!(!command.name.is_empty() && command.name == command.name.to_ascii_lowercase(), "{command:?}");
        }
    }
    assert!(found > 1_000, "{found} commands are too few to have come near the edges");
}

#[test]
fn a_text_that_is_made_to_be_slow_is_not() {
    let began = std::time::Instant::now();
    for piece in
        ["/a\n<b>", "`/a\n", "[/a\n", "<!--\n/a\n\n", "</b\n/a\n", "*/a\n/a _", "> \n/a\n", "/a \"\n", "/a --\"=\" \n"]
    {
        let text = piece.repeat(65_536 / piece.len());
        let commands = parse_commands(&text);
        assert!(commands.len() <= text.lines().count(), "{piece:?}");
    }
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
}
