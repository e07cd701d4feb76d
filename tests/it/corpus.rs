//! Input that once taught something, and what people really write: every property holds for all of it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::properties::{CUT, TARGETS};

/// The kept input of a target: a name and the bytes. What a fuzzer has added on this machine and nobody keeps, which
/// has no dot in its name, is not read.
pub fn kept(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = root().join("tests/fuzz/corpus").join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|fault| panic!("{}: {fault}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some());
    paths.sort();
    let seeds = real(target).into_iter();
    seeds.chain(paths.iter().map(|path| (path.display().to_string(), fs::read(path).unwrap()))).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Files of ours and examples of GitHub's that are input of the target as they are.
fn real(target: &str) -> Vec<(String, Vec<u8>)> {
    let file = |path: &str| (path.to_owned(), fs::read(root().join(path)).unwrap());
    let folder = |path: &str| -> Vec<(String, Vec<u8>)> {
        let mut names: Vec<_> = fs::read_dir(root().join(path)).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.retain(|path| path.is_file());
        names.sort();
        names.iter().map(|path| (path.display().to_string(), fs::read(path).unwrap())).collect()
    };
    match target {
        "commands" => vec![file("docs/commands.md"), file("docs/tutorial.md")],
        "policy" => folder("rules"),
        "releases" => vec![as_second(file("Cargo.toml")), as_second(file("docs/releasing.md"))],
        "review" => folder("rules/structural"),
        "secrets" => vec![file("rules/secrets.toml")],
        "webhook" => crate::webhook_examples::all()
            .iter()
            .enumerate()
            .map(|(index, (event, body))| {
                (format!("{} example {index}", event.0), format!("{}\n{body}", event.0).into())
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn as_second((name, bytes): (String, Vec<u8>)) -> (String, Vec<u8>) {
    (name, [CUT.as_bytes(), &bytes].concat())
}

#[test]
fn every_property_holds_for_everything_that_is_kept() {
    for (target, check) in TARGETS {
        let all = kept(target);
        assert!(!all.is_empty(), "nothing is kept for {target}");
        for (name, bytes) in all {
            let held = std::panic::catch_unwind(|| check(&bytes));
            assert!(held.is_ok(), "{target} does not hold for {name}, see above");
        }
    }
}

#[test]
fn what_is_kept_is_small_and_every_target_is_known_to_the_fuzzer() {
    let (mut bytes, mut folders) = (0, Vec::new());
    for entry in fs::read_dir(root().join("tests/fuzz/corpus")).unwrap() {
        let folder = entry.unwrap().path();
        folders.push(folder.file_name().unwrap().to_str().unwrap().to_owned());
        let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap());
        bytes += files
            .filter(|file| file.path().extension().is_some())
            .map(|file| file.metadata().unwrap().len())
            .sum::<u64>();
    }
    assert!(bytes <= 200_000, "{bytes} bytes: keep the smallest input that shows something");
    folders.sort();
    assert_eq!(folders, TARGETS.map(|(name, _)| name));
    let manifest = fs::read_to_string(root().join("tests/fuzz/Cargo.toml")).unwrap();
    for (name, _) in TARGETS {
        let source = fs::read_to_string(root().join(format!("tests/fuzz/targets/{name}.rs"))).unwrap();
        assert!(source.contains(&format!("properties::{name}::check(data)")), "{source}");
        assert!(manifest.contains(&format!("name = \"{name}\"\npath = \"targets/{name}.rs\"")), "{name}");
    }
}
