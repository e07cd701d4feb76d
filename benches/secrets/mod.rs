//! Scanning a diff of 5 MB for secrets by 200 rules: with the prefilter, and by running every regex over everything.

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use stationmaster::decide::secrets::{ScanOptions, scan_added, scan_text};
use stationmaster::model::FileChange;
use stationmaster::policy::{RuleFile, SecretRules};
use stationmaster::receive::parse_diff;

use crate::row::{Row, Target};
use crate::servers::memory_mib;

const RULES: usize = 200;
const DIFF_BYTES: usize = 5_000_000;
/// The loop without a prefilter is slow, so it gets this part of the diff.
const NAIVE_PART: usize = 20;

/// The shipped rules, and more in the shape that most of gitleaks' own have.
fn rules() -> SecretRules {
    let mut text = SecretRules::builtin_file().text;
    let shipped = SecretRules::read(RuleFile::new("secrets.toml", text.as_str()), None).expect("good rules");
    for index in shipped.rules().len()..RULES {
        let _ = write!(
            text,
            "\n[[rules]]\nid = \"provider-{index}\"\nregex = '''(?i)[\\w.-]{{0,50}}?(?:provider{index})(?:[ \\t\\w.-]{{0,20}})\
             [\\s'\"]{{0,3}}(?:=|>|:{{1,3}}=|\\|\\||:|=>|\\?=|,)[\\x60'\"\\s=]{{0,5}}([a-z0-9]{{32}})(?:[\\x60'\"\\s;]|\\\\[nr]|$)'''\n\
             entropy = 3.0\nkeywords = [\"provider{index}\"]\n"
        );
    }
    SecretRules::read(RuleFile::new("secrets.toml", text), None).expect("good rules")
}

/// Our own source as if it were all new, again and again, with a token now and then.
fn diff() -> String {
    let mut sources = Vec::new();
    for entry in ignore::Walk::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "rs") {
            sources.push(fs::read_to_string(entry.path()).expect("our source is readable"));
        }
    }
    sources.sort();
    let mut diff = String::with_capacity(DIFF_BYTES + 100_000);
    let mut number = 0_usize;
    while diff.len() < DIFF_BYTES {
        let source = &sources[number % sources.len()];
        let lines: Vec<&str> = source.lines().collect();
        let _ = writeln!(
            diff,
            "diff --git a/f{number}.rs b/f{number}.rs\nnew file mode 100644\n--- /dev/null\n+++ b/f{number}.rs"
        );
        let _ = writeln!(diff, "@@ -0,0 +1,{} @@", lines.len() + 1);
        for line in lines {
            let _ = writeln!(diff, "+{line}");
        }
        // Thirty-six characters that are not the same each time.
        let token: String =
            (0..36).map(|at| char::from(b'a' + u8::try_from((number * 7 + at * 11) % 26).unwrap_or(0))).collect();
        let _ =
            writeln!(diff, "+let token = \"{}_{token}\";", if number.is_multiple_of(10) { "ghp" } else { "nothing" });
        number += 1;
    }
    diff
}

/// Every regex over every file, which is what the prefilter spares.
fn naive(rules: &SecretRules, changes: &[FileChange]) -> usize {
    let mut bytes = 0;
    for change in changes {
        let text = change.whole_content().expect("the files are new");
        bytes += text.len();
        for rule in rules.rules() {
            if let Some(regex) = rule.expression.as_ref().and_then(|expression| expression.regex()) {
                black_box(regex.find_iter(text.as_bytes()).count());
            }
        }
    }
    bytes
}

/// The rate of the scan, and the memory that it takes beside the diff.
pub fn rows() -> Vec<Row> {
    let diff = diff();
    let (before, _) = memory_mib("self");
    let rules = rules();
    let start = Instant::now();
    let changes = parse_diff(&diff).expect("a good diff");
    let parsing = start.elapsed();
    let start = Instant::now();
    let first: usize = changes.iter().map(|change| scan_added(&rules, change, ScanOptions::default()).len()).sum();
    let cold = start.elapsed();
    let start = Instant::now();
    let again: usize = changes.iter().map(|change| scan_added(&rules, change, ScanOptions::default()).len()).sum();
    let warm = start.elapsed();
    assert!(first == again && first > 0, "{first} {again}");
    let start = Instant::now();
    let line = "function(e,t){var n=e.exports;return t.map(n)},".repeat(DIFF_BYTES / 47);
    black_box(scan_text(&rules, "app.min.js", line.as_bytes(), ScanOptions::default()).len());
    let minified = start.elapsed();
    let (after, peak) = memory_mib("self");
    let start = Instant::now();
    let bytes = naive(&rules, &changes[..changes.len() / NAIVE_PART]);
    let naive_rate = bytes as f64 / 1e6 / start.elapsed().as_secs_f64();

    let rate = |took: std::time::Duration| diff.len() as f64 / 1e6 / took.as_secs_f64();
    let all = rules.rules().len();
    let name = format!("{all} rules for secrets on a diff of 5 MB, one core");
    let first_pass = Row::new(name, "issue 3", (Target::AtLeast(20.0), " MB/s"), rate(cold)).with(format!(
        "second pass {:.0}, 5 MB in one line {:.0}, every regex over everything {naive_rate:.1}, reading alone {:.0}",
        rate(warm),
        rate(minified),
        rate(parsing)
    ));
    let memory = Row::new("the same: memory", "issue 3", (Target::AtMost(60.0), " MiB"), peak)
        .with(format!("of which {before:.0} are the diff and the program; {after:.0} afterwards"));
    vec![first_pass, memory]
}
