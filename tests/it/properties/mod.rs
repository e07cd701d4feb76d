//! What holds for whatever comes in: a function for each thing that is read, from any bytes to a panic that says what
//! does not hold. Run by `tests/it/generated` on made-up input, by `tests/it/corpus.rs` on kept input, and by the
//! targets of `tests/fuzz` on all that a fuzzer thinks of.

pub mod answers;
pub mod commands;
pub mod config;
pub mod diff;
pub mod linked;
pub mod messages;
pub mod ntfy;
pub mod policy;
pub mod releases;
pub mod requests;
pub mod review;
pub mod secrets;
pub mod signature;
pub mod webhook;

use std::borrow::Cow;

use stationmaster::model::{ChangeKind, FileChange};
use stationmaster::policy::{FaultStyle, Faults};

/// A property of whatever bytes come in.
pub type Check = fn(&[u8]);

/// Every target, by its name in `tests/fuzz`.
pub const TARGETS: [(&str, Check); 14] = [
    ("answers", answers::check),
    ("commands", commands::check),
    ("config", config::check),
    ("diff", diff::check),
    ("linked", linked::check),
    ("messages", messages::check),
    ("ntfy", ntfy::check),
    ("policy", policy::check),
    ("releases", releases::check),
    ("requests", requests::check),
    ("review", review::check),
    ("secrets", secrets::check),
    ("signature", signature::check),
    ("webhook", webhook::check),
];

/// Separates the parts of an input that has several, such as rules and a text to try them on.
pub const CUT: &str = "\n=====8<=====\n";

fn text(data: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(data)
}

/// The two parts of an input; without a cut there is no second.
fn parts(data: &[u8]) -> (String, String) {
    let text = text(data);
    let (first, second) = text.split_once(CUT).unwrap_or((&text, ""));
    (first.to_owned(), second.to_owned())
}

/// A change that adds a file of these lines.
fn added_file(path: &str, lines: &[&str]) -> FileChange {
    let added: Vec<String> = lines.iter().map(|line| format!("+{line}")).collect();
    FileChange {
        path: path.to_owned(),
        previous_path: None,
        kind: ChangeKind::Added,
        blob: None,
        patch: Some(format!("@@ -0,0 +1,{} @@\n{}", lines.len(), added.join("\n"))),
        additions: u32::try_from(lines.len()).unwrap(),
        deletions: 0,
    }
}

/// Every fault says where it is, within the text, what is wrong, what was expected and what to do; and all of them
/// together are no more to read than what they are about.
fn faults_are_useful(faults: &Faults, source: &str) {
    assert!(!faults.list().is_empty(), "a refusal without a fault");
    for fault in faults.list() {
        assert!(!fault.message.is_empty() && !fault.expected.is_empty() && !fault.help.is_empty(), "{fault:?}");
        assert_eq!(fault.line == 0, fault.column == 0, "{fault}");
        if fault.line > 0 {
            // What is missing at the end of a text is found behind its last line.
            let line = source.split('\n').nth(fault.line - 1).unwrap_or_else(|| panic!("no such line: {fault}"));
            assert!(fault.column <= line.chars().count() + 1, "no such column in {line:?}: {fault}");
        }
    }
    assert!(faults.list().len() <= FAULTS_MAX, "{} faults", faults.list().len());
    for style in [FaultStyle::Plain, FaultStyle::Carets, FaultStyle::Coloured] {
        let shown = faults.render(style);
        assert!(!shown.trim().is_empty());
        let bound = FAULTS_MAX * (64 + 4 * source.len()) + 200_000;
        assert!(shown.len() <= bound, "{} bytes of faults of {} bytes", shown.len(), source.len());
    }
}

/// So many faults of one file are told.
const FAULTS_MAX: usize = 200;
