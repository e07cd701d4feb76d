//! Kept input, damaged here and there: cut, doubled, swapped, and with words put in that mean something to somebody.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::holds;
use crate::corpus::kept;
use crate::properties::{CUT, TARGETS};

/// What readers look for, and what upsets them.
const WORDS: &[&str] = &[
    "\n",
    "\r\n",
    "\r",
    "\t",
    " ",
    "\0",
    "\u{feff}",
    "\u{2028}",
    "é",
    "🚂",
    "“",
    "”",
    "\"",
    "'",
    "`",
    "```",
    "~~~",
    "\\",
    "/merge",
    "/approve ",
    "> ",
    "- ",
    "    ",
    "<!--",
    "-->",
    "<details>",
    "</details>",
    "[x](",
    "| a |\n|---|\n",
    "@",
    "@octocat",
    "#12",
    "Fixes #12",
    "{",
    "}",
    "[",
    "]",
    "[[",
    "]]",
    "=",
    ":",
    ",",
    "null",
    "true",
    "-1",
    "0.1",
    "99999999999999999999",
    "1e400",
    "\"\"\"",
    "'''",
    "diff --git a/x b/x\n",
    "--- a/x\n",
    "+++ b/x\n",
    "@@ -1,2 +1,2 @@\n",
    "+",
    "-",
    "\\ No newline at end of file\n",
    "gitleaks:allow",
    "stationmaster:allow x because",
    "(?i)",
    "(a{1000}){1000}",
    "[^",
    "\\p{L}",
    "v1.2.3",
    "feat!: ",
    "Revert \"",
    "\u{200b}",
    CUT,
];

#[derive(Debug, Clone)]
enum Damage {
    Cut(Index, Index),
    Double(Index, Index),
    Swap(Index, Index, Index),
    Put(Index, &'static str),
    Byte(Index, u8),
}

impl Damage {
    fn any() -> impl Strategy<Value = Self> {
        let place = any::<Index>;
        prop_oneof![
            (place(), place()).prop_map(|(a, b)| Self::Cut(a, b)),
            (place(), place()).prop_map(|(a, b)| Self::Double(a, b)),
            (place(), place(), place()).prop_map(|(a, b, c)| Self::Swap(a, b, c)),
            (place(), proptest::sample::select(WORDS)).prop_map(|(at, word)| Self::Put(at, word)),
            (place(), any::<u8>()).prop_map(|(at, byte)| Self::Byte(at, byte)),
        ]
    }

    fn apply(&self, bytes: &mut Vec<u8>) {
        let place = |index: &Index| index.index(bytes.len() + 1);
        // Short spans: what is left is to be nearly good.
        let span = |a: &Index, b: &Index| {
            let start = place(a);
            start..(start + b.index(40)).min(bytes.len())
        };
        match self {
            Self::Cut(a, b) => drop(bytes.drain(span(a, b))),
            Self::Double(a, b) => {
                let span = span(a, b);
                let copy = bytes[span.clone()].to_vec();
                bytes.splice(span.end..span.end, copy);
            }
            Self::Swap(a, b, to) => {
                let (span, to) = (span(a, b), place(to));
                let part: Vec<u8> = bytes.drain(span).collect();
                let to = to.min(bytes.len());
                bytes.splice(to..to, part);
            }
            Self::Put(at, word) => {
                let at = place(at);
                bytes.splice(at..at, word.bytes());
            }
            Self::Byte(at, byte) => {
                let at = place(at);
                if let Some(there) = bytes.get_mut(at) {
                    *there = *byte;
                }
            }
        }
    }
}

/// Large input is damaged as well as small, but only the window that is kept of it is read: most of what readers do
/// wrong they do within a few hundred bytes.
fn damaged(target: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    let seeds: Vec<Vec<u8>> = kept(target).into_iter().map(|(_, bytes)| bytes).collect();
    (any::<Index>(), any::<Index>(), vec(Damage::any(), 1..6)).prop_map(move |(seed, window, damages)| {
        let mut bytes = seeds[seed.index(seeds.len())].clone();
        if bytes.len() > 6_000 {
            let start = window.index(bytes.len() - 6_000);
            bytes = bytes[start..start + 6_000].to_vec();
        }
        for damage in &damages {
            damage.apply(&mut bytes);
        }
        bytes
    })
}

/// One test for each target, so that they run side by side.
macro_rules! damaged {
    ($($name:ident $target:ident $cases:literal;)+) => {$(
        #[test]
        fn $name() {
            holds($cases, damaged(stringify!($target)), |bytes| crate::properties::$target::check(&bytes));
        }
    )+

        #[test]
        fn every_target_is_among_them() {
            assert_eq!([$(stringify!($target)),+], TARGETS.map(|(name, _)| name));
        }
    };
}

damaged! {
    damaged_answers_of_github answers 256;
    damaged_comments commands 256;
    damaged_configuration config 128;
    damaged_diffs diff 256;
    damaged_texts_that_name_tasks linked 128;
    damaged_messages messages 256;
    damaged_texts_for_people ntfy 128;
    damaged_policies policy 64;
    damaged_titles_and_changelogs releases 64;
    damaged_requests requests 256;
    damaged_sources_and_structural_rules review 32;
    damaged_files_with_secrets secrets 32;
    damaged_signatures signature 64;
    damaged_webhooks webhook 256;
}
