//! The fast way through the rules gives exactly the answers of the slow one.

use std::fmt::Write as _;
use std::sync::Arc;

use stationmaster::policy::{RouteInput, Routing, Rule, RuleFile, Rules};

/// A small generator with a fixed seed, so that a failure can be repeated (Marsaglia's xorshift64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }
}

const WORDS: [&str; 14] =
    ["deploy", "fix", "task", "kiosk", "straße", "ÉCOLE", "ship", "qa", "s", "mask", "ask", "деплой", "risks", "k8s"];
const ODD: [&str; 6] = ["TA\u{17f}K", "\u{212a}iosk", "ri\u{17f}\u{212a}s", "STRASSE", "école", "Деплой"];

fn word(dice: &mut Dice) -> String {
    let word = if dice.roll(5) == 0 { dice.pick(&ODD) } else { dice.pick(&WORDS) };
    match dice.roll(4) {
        0 => word.to_uppercase(),
        1 => word.chars().enumerate().map(|(i, c)| if i % 2 == 0 { c.to_ascii_uppercase() } else { c }).collect(),
        _ => word.to_owned(),
    }
}

fn pattern(dice: &mut Dice, depth: usize) -> String {
    if depth == 0 {
        return word(dice);
    }
    let mut one = || pattern(dice, depth - 1);
    let (a, b) = (one(), one());
    match dice.roll(14) {
        0 => format!("(?:{a}|{b})"),
        1 => format!("{a}.*{b}"),
        2 => format!(r"^\s*(?:{a})?{b}"),
        3 => format!(r"\b{a}\b"),
        4 => format!("(?-i:{a})"),
        5 => format!("(?:{a})+"),
        6 => format!("(?:{a}){{2}}"),
        7 => format!("({a})?({b})"),
        8 => format!("[ks{}]{b}", dice.pick(&["a", "t", "S"])),
        9 => format!(r"\w+ {a}"),
        10 => format!("(?:{a})*"),
        11 => format!("{a}$"),
        12 => format!(r"{a}\s+(?:{b}|)"),
        _ => format!("(?:{a}|{b}|x)"),
    }
}

fn text(dice: &mut Dice) -> String {
    (0..dice.roll(6)).map(|_| word(dice)).collect::<Vec<_>>().join(dice.pick(&[" ", "", "\n", ": "]))
}

fn generated(dice: &mut Dice, count: usize) -> Vec<Arc<Rule>> {
    let mut file = String::new();
    for index in 0..count {
        let fields = dice.roll(3);
        writeln!(file, "[[rule]]\nname = \"r{index}\"\ntype = \"t\"\npriority = 1").unwrap();
        if fields != 1 {
            writeln!(file, "title = '{}'", pattern(dice, 1 + index % 3)).unwrap();
        }
        if fields != 0 {
            writeln!(file, "body = '{}'", pattern(dice, 1 + index % 2)).unwrap();
        }
    }
    Rules::from_files(vec![RuleFile::new("routing.toml", file)]).unwrap_or_else(|faults| panic!("{faults}")).routing
}

#[test]
fn thousands_of_generated_patterns_and_texts_match_as_the_plain_loop_says() {
    let mut dice = Dice(0x5eed_1234_5678_9abc);
    let mut hits = 0;
    for _ in 0..12 {
        let rules = generated(&mut dice, 150);
        let routing = Routing::new(rules.clone());
        for _ in 0..60 {
            let (title, body) = (text(&mut dice), text(&mut dice));
            let input = RouteInput { body: &body, ..RouteInput::title_alone(&title) };
            let fast: Vec<&str> = routing.matching(&input).into_iter().map(|rule| rule.name.as_str()).collect();
            let slow: Vec<&str> =
                rules.iter().filter(|rule| rule.matches(&input)).map(|rule| rule.name.as_str()).collect();
            assert_eq!(fast, slow, "title {title:?}, body {body:?}");
            hits += slow.len();
        }
    }
    assert!(hits > 10_000, "the texts hardly ever match, so this proves little: {hits}");
}

#[test]
fn letters_that_fold_to_ascii_are_found_as_the_regex_finds_them() {
    let text = "[[rule]]\nname = \"task\"\ntitle = 'task'\ntype = \"t\"\npriority = 1\n";
    let rules = Rules::from_files(vec![RuleFile::new("routing.toml", text)]).unwrap().routing;
    let routing = Routing::new(rules);
    assert_eq!(routing.matching(&RouteInput::title_alone("a TA\u{17f}\u{212a}!")).len(), 1);
}
