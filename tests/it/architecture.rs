//! Keeps the shape of the source: imports run one way, and every file says in one sentence what it is for.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

/// What each module may import from the crate, besides itself.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("policy", &["model"]),
    ("receive", &["model"]),
    ("observe", &["model", "github", "reach"]),
    ("decide", &["model", "policy"]),
    ("act", &["model", "github", "notify", "reach"]),
    ("store", &["model", "trouble"]),
    ("github", &["model"]),
    ("notify", &["model"]),
    ("reach", &[]),
    ("metrics", &["model"]),
    ("trouble", &["model"]),
    ("config", &["reach"]),
    ("logging", &["model", "config"]),
    ("simulator", &["model"]),
    ("app", &["model", "policy", "config", "store", "github", "notify", "reach", "act", "metrics", "trouble"]),
    (
        "engine",
        &[
            "model", "policy", "receive", "observe", "decide", "act", "store", "github", "notify", "metrics", "app",
            "trouble",
        ],
    ),
    ("http", &["model", "policy", "receive", "store", "app", "decide", "metrics", "trouble"]),
    (
        "cli",
        &[
            "model",
            "policy",
            "receive",
            "decide",
            "store",
            "app",
            "config",
            "logging",
            "metrics",
            "engine",
            "http",
            "observe",
            "simulator",
        ],
    ),
    ("main", &["cli"]),
    ("lib", &[]),
];

fn source_files() -> Vec<PathBuf> {
    fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found.sort();
    assert!(found.len() > 50, "the test no longer finds the source");
    found
}

fn module_of(path: &Path) -> String {
    let inside = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// Collects the modules that are named by `crate::…` and, in binaries, by `stationmaster::…`.
#[derive(Default)]
struct Imports(BTreeSet<String>);

impl Imports {
    fn tree(&mut self, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => {
                self.0.insert(path.ident.to_string());
            }
            syn::UseTree::Name(name) => {
                self.0.insert(name.ident.to_string());
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.tree(item)),
            syn::UseTree::Rename(rename) => {
                self.0.insert(rename.ident.to_string());
            }
            syn::UseTree::Glob(_) => {
                self.0.insert("*".to_owned());
            }
        }
    }
}

impl<'ast> Visit<'ast> for Imports {
    fn visit_use_tree(&mut self, tree: &'ast syn::UseTree) {
        if let syn::UseTree::Path(path) = tree
            && (path.ident == "crate" || path.ident == "stationmaster")
        {
            self.tree(&path.tree);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 && path.segments[0].ident == "crate" {
            self.0.insert(path.segments[1].ident.to_string());
        }
        visit::visit_path(self, path);
    }
}

#[test]
fn imports_run_one_way() {
    let mut wrong = Vec::new();
    for path in source_files() {
        let module = module_of(&path);
        let (_, allowed) = MAY_IMPORT
            .iter()
            .find(|(name, _)| *name == module)
            .unwrap_or_else(|| panic!("{module} is not in the list of modules: say what it may import"));
        let mut imports = Imports::default();
        imports.visit_file(&syn::parse_file(&fs::read_to_string(&path).unwrap()).unwrap());
        for import in imports.0 {
            if import != module && !allowed.contains(&import.as_str()) {
                wrong.push(format!("{}: `{module}` must not import `{import}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_opens_with_one_sentence_of_purpose() {
    let mut wrong = Vec::new();
    for path in source_files() {
        let text = fs::read_to_string(&path).unwrap();
        let first = text.lines().next().unwrap_or_default();
        let opens = first.starts_with("//! ") && first.ends_with('.');
        if !opens {
            wrong.push(format!("{} opens with {first:?}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn decisions_are_pure() {
    // What a pure function cannot need: a clock, a wait, a log, a client, the file system, chance.
    let impure =
        ["async fn", ".await", "tracing::", "tokio::", "Utc::now", "SystemTime", "std::fs", "rand::", "reqwest"];
    let mut wrong = Vec::new();
    for path in source_files().into_iter().filter(|path| module_of(path) == "decide") {
        let text = fs::read_to_string(&path).unwrap();
        for word in impure.iter().filter(|word| text.contains(**word)) {
            wrong.push(format!("{} mentions `{word}`", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn tests_start_the_simulated_github_where_github_s_descriptions_judge_it() {
    let started = concat!("GithubSimulator::", "start");
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let mut wrong = Vec::new();
    for entry in ignore::Walk::new(&here) {
        let path = entry.unwrap().into_path();
        let is_judge = path.ends_with("contract/mod.rs");
        if path.extension().is_some_and(|extension| extension == "rs") && !is_judge {
            let text = fs::read_to_string(&path).unwrap();
            wrong.extend(text.contains(started).then(|| path.display().to_string()));
        }
    }
    assert!(wrong.is_empty(), "use crate::contract::github in {}", wrong.join(", "));
}
