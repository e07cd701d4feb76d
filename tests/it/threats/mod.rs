//! The threat model: each of its lines names tests that are there; the tests that no other file has a place for.

mod attempts;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Every function in every file of source below here, tests among them.
fn functions(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let named = text.lines().filter_map(|line| {
                let line = line.trim_start();
                line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ")
            });
            found.extend(named.filter_map(|rest| Some(rest.split_once('(')?.0.to_owned())));
        }
    }
}

#[test]
fn every_line_of_the_threat_model_names_tests_that_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut known = BTreeSet::new();
    for folder in ["src", "tests/it"] {
        functions(&root.join(folder), &mut known);
    }
    let text = fs::read_to_string(root.join("docs/threat-model.md")).unwrap();
    let (mut lines, mut wrong) = (0, Vec::new());
    for line in text.lines().filter(|line| line.starts_with("| ") && line.matches(" | ").count() == 2) {
        let shown_by = line.rsplit(" | ").next().unwrap().trim_end_matches('|').trim();
        if !shown_by.starts_with('`') {
            continue;
        }
        lines += 1;
        for name in shown_by.split_whitespace().map(|name| name.trim_matches('`')) {
            if !known.contains(name) {
                wrong.push(format!("there is no test `{name}`"));
            }
        }
    }
    // A line of a table of threats whose last cell names no test is a threat that nothing shows.
    let threats = text.split("\n## ").filter(|part| part.contains("| shown by |"));
    let rows = threats
        .flat_map(str::lines)
        .filter(|line| line.starts_with("| "))
        .filter(|line| !line.starts_with("| ---") && !line.ends_with("| shown by |"));
    assert_eq!(lines, rows.count(), "each line of a table of threats ends with the names of its tests");
    assert!(lines > 60, "the test no longer finds the lines");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
