//! Files that extend others.

use stationmaster::policy::{Extension, RuleFile, RulesPlace, SecretRules};

use super::{filled, found, rules};

#[test]
fn use_default_adds_to_the_shipped_rules_and_disabled_rules_takes_away() {
    let rules = rules(
        "[extend]\nuseDefault = true\ndisabledRules = [\"github-personal-token\"]\n[[rules]]\nid = \"own\"\nregex = '''own_\\d{4}'''",
    );
    let text = filled("a = \"ghp_<a36>\"\nb = \"glpat-<a20>\"\nown_1234\n");
    assert_eq!(found(&rules, "f", &text), ["gitlab-personal-token:2", "own:3"]);
}

#[test]
fn a_rule_of_the_same_id_is_put_over_the_extended_one() {
    let default = RuleFile::new(
        "base.toml",
        "[[rules]]\nid = \"r\"\ndescription = \"base\"\nregex = '''k=\\w+'''\nkeywords = [\"k\"]\n[[allowlists]]\nstopwords = [\"zzz\"]",
    );
    let extension = Extension { default: &default, find: &|_| None };
    let own = "[extend]\nuseDefault = true\n[[rules]]\nid = \"r\"\ntags = [\"mine\"]\n[[rules.allowlists]]\nstopwords = [\"fake\"]";
    let rules = SecretRules::read(RuleFile::new(".gitleaks.toml", own), Some(&extension)).unwrap();
    assert_eq!(found(&rules, "f", "k=1\nk=fake\nk=zzz"), ["r:1"]);
    assert_eq!((rules.rules()[0].description.as_str(), rules.rules()[0].tags.len()), ("base", 1));
}

#[test]
fn a_path_is_followed_where_somebody_can_follow_it() {
    let default = SecretRules::builtin_file();
    let find = |path: &str| {
        (path == "base.toml").then(|| RuleFile::new("base.toml", "[[rules]]\nid = \"base\"\nregex = '''b=\\d'''"))
    };
    let extension = Extension { default: &default, find: &find };
    let own =
        RuleFile::new(".gitleaks.toml", "[extend]\npath = \"base.toml\"\n[[rules]]\nid = \"own\"\nregex = '''o=\\d'''");
    let rules = SecretRules::read(own, Some(&extension)).unwrap();
    assert_eq!(found(&rules, "f", "b=1\no=2"), ["base:1", "own:2"]);
}

#[test]
fn a_file_without_extend_stands_alone() {
    let rules = rules("[[rules]]\nid = \"own\"\nregex = '''own_\\d{4}'''");
    assert!(found(&rules, "f", &filled("\"ghp_<a36>\"")).is_empty());
}

#[test]
fn the_folder_of_rules_may_have_secrets_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let place = RulesPlace::Folder(folder.path().to_owned());
    assert!(SecretRules::load(&place).unwrap().rules().len() > 100, "without a file there, the built-in rules count");
    std::fs::write(folder.path().join("secrets.toml"), "[[rules]]\nid = \"own\"\nregex = '''x'''").unwrap();
    assert_eq!(SecretRules::load(&place).unwrap().rules().len(), 1);
}
