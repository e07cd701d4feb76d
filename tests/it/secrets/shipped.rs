//! Every shipped rule finds its example, and lets pass what is not one.

use std::collections::BTreeSet;
use std::path::Path;

use stationmaster::decide::secrets::{ScanOptions, scan_text};
use stationmaster::policy::{Places, RulesPlace, SecretRules};

use super::{filled, found, named};

#[derive(serde::Deserialize)]
struct Examples {
    example: Vec<Example>,
}

#[derive(serde::Deserialize)]
struct Example {
    rule: String,
    finds: Option<String>,
    passes: Option<String>,
    path: Option<String>,
    other_path: Option<String>,
}

fn rules_folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("rules")
}

fn examples() -> Vec<Example> {
    let text = std::fs::read_to_string(rules_folder().join("tests/secrets.toml")).unwrap();
    toml::from_str::<Examples>(&text).unwrap().example
}

#[test]
fn every_shipped_rule_finds_its_example_and_not_the_other() {
    let rules = SecretRules::load(&RulesPlace::Folder(rules_folder())).unwrap();
    let mut wrong = Vec::new();
    for example in examples() {
        let rule = &example.rule;
        let has = |leaks: Vec<String>| leaks.iter().any(|leak| leak.split(':').next() == Some(rule));
        if let (Some(path), Some(other)) = (&example.path, &example.other_path) {
            if !has(found(&rules, path, "")) || has(found(&rules, other, "")) {
                wrong.push(format!("{rule}: paths"));
            }
            continue;
        }
        let (finds, passes) = (filled(&example.finds.unwrap()), filled(&example.passes.unwrap()));
        for text in [finds.clone(), format!("first\n  {finds}\nlast\n")] {
            let leaks = found(&rules, "src/app.txt", &text);
            if !has(leaks.clone()) {
                wrong.push(format!("{rule} does not find {text:?}, only {leaks:?}"));
            }
        }
        let leaks = found(&rules, "src/app.txt", &passes);
        if has(leaks) {
            wrong.push(format!("{rule} finds {passes:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_shipped_rule_has_an_example_a_description_and_keywords() {
    let rules = SecretRules::load(&RulesPlace::Builtin).unwrap();
    let with_example: BTreeSet<String> = examples().into_iter().map(|example| example.rule).collect();
    assert!(rules.rules().len() > 100, "{}", rules.rules().len());
    for rule in rules.rules() {
        assert!(with_example.contains(&rule.id), "{} has no example", rule.id);
        assert!(!rule.description.is_empty(), "{} has no description", rule.id);
        assert!(rule.expression.is_none() || !rule.keywords.is_empty(), "{} has no keywords", rule.id);
    }
    assert_eq!(with_example.len(), rules.rules().len(), "an example is of no rule");
}

#[test]
fn gitleaks_could_read_the_shipped_rules_too() {
    // RE2 repeats nothing more than a thousand times, see https://github.com/google/re2/wiki/Syntax.
    let counts = regex::Regex::new(r"\{(?:\d+,)?(\d{4,})\}").unwrap();
    let file = SecretRules::builtin_file();
    for found in counts.captures_iter(&file.text) {
        assert!(found[1].parse::<u32>().unwrap() <= 1000, "{}", &found[0]);
    }
}

#[test]
fn our_own_source_holds_no_secret() {
    let rules = SecretRules::load(&RulesPlace::Builtin).unwrap();
    for folder in ["src", "rules"] {
        for entry in ignore::Walk::new(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).flatten() {
            if entry.file_type().is_some_and(|kind| kind.is_file()) {
                let text = std::fs::read(entry.path()).unwrap();
                let path = entry.path().to_string_lossy();
                let leaks = scan_text(&rules, &path, &text, ScanOptions::default());
                assert!(leaks.is_empty(), "{path}: {:?}", named(&leaks));
            }
        }
    }
}

#[test]
fn a_megabyte_in_one_line_is_searched_like_any_other_text() {
    let rules = SecretRules::load(&RulesPlace::Builtin).unwrap();
    let filler = "function(e,t){var key=e.token,secret=t[0];return{api_key:key,password:secret}},".repeat(12_000);
    let token = filled("ghp_<a36>");
    let text = format!("{filler}var k=\"{token}\";{filler}");
    let leaks = scan_text(&rules, "dist/app.min.js", text.as_bytes(), ScanOptions::default());
    assert_eq!(named(&leaks), ["github-personal-token:1"]);
    assert_eq!(leaks[0].column as usize, filler.len() + 8);
}

#[test]
fn every_match_of_a_rule_lies_where_the_prefilter_says_that_it_can_match() {
    let rules = SecretRules::load(&RulesPlace::Builtin).unwrap();
    let own = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/rules.rs")).unwrap();
    let mut text = String::new();
    for (index, example) in examples().into_iter().enumerate() {
        let texts = [example.finds, example.passes].into_iter().flatten();
        texts.for_each(|template| text.push_str(&(filled(&template) + "\n")));
        text.push_str(own.get(index * 40..index * 40 + 400).unwrap_or_default());
    }
    let pass = rules.pass(text.as_bytes());
    let mut matches = 0;
    for (index, rule) in rules.rules().iter().enumerate() {
        let Some(regex) = rule.expression.as_ref().and_then(|expression| expression.regex()) else { continue };
        let places = pass.places(index);
        for found in regex.find_iter(text.as_bytes()) {
            matches += 1;
            let inside = match &places {
                Places::Nowhere => false,
                Places::Anywhere => true,
                Places::Within(windows) => {
                    windows.iter().any(|(start, end)| *start <= found.start() && found.end() <= *end)
                }
            };
            assert!(inside, "{} matches outside of {places:?}: {:?}", rule.id, found.range());
        }
    }
    assert!(matches > 150, "{matches}");
}
