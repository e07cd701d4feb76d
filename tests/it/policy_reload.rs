//! Rules that change on disk while the server runs.

use std::fs::{File, write};
use std::path::Path;
use std::time::{Duration, SystemTime};

use stationmaster::policy::{Reload, Rules, RulesPlace, RulesWatch};

fn rule(name: &str) -> String {
    format!("[[rule]]\nname = \"{name}\"\ntitle = '^{name}'\ntype = \"t\"\npriority = 1\n")
}

/// Writes a file with a time of its own, so that no two writes look alike on a coarse clock.
fn put(folder: &Path, name: &str, text: &str, second: u64) {
    write(folder.join(name), text).unwrap();
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + second);
    File::options().write(true).open(folder.join(name)).unwrap().set_modified(at).unwrap();
}

fn names(rules: &Rules) -> Vec<&str> {
    rules.routing.iter().map(|rule| rule.name.as_str()).collect()
}

#[test]
fn broken_rules_are_reported_once_and_the_last_good_ones_stay() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "routing.toml", &rule("one"), 1);
    let mut watch = RulesWatch::start(RulesPlace::Folder(folder.path().to_owned())).unwrap();
    assert!(matches!(watch.poll(), Reload::Unchanged));

    put(folder.path(), "routing.toml", "[[rule]]\nname = 5\n", 2);
    let Reload::Broken(faults) = watch.poll() else { panic!("the fault was not noticed") };
    assert!(faults.to_string().contains("routing.toml:2:8: `name` is of type integer"), "{faults}");
    assert!(matches!(watch.poll(), Reload::Unchanged), "the same fault is not reported again");
    assert_eq!(names(&watch.current()), ["one"]);

    put(folder.path(), "routing.toml", &rule("one"), 3);
    assert!(matches!(watch.poll(), Reload::Loaded(_)), "the end of a fault is told, even with the old words");
    put(folder.path(), "routing.toml", &rule("one"), 4);
    assert!(matches!(watch.poll(), Reload::Unchanged), "touched, but the same words");
}

#[test]
fn added_and_removed_files_count_and_files_of_other_parts_do_not() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "routing.toml", &rule("one"), 1);
    let mut watch = RulesWatch::start(RulesPlace::Folder(folder.path().to_owned())).unwrap();
    put(folder.path(), "review.toml", "anything = true", 1);
    assert!(matches!(watch.poll(), Reload::Unchanged));

    std::fs::create_dir(folder.path().join("routing.d")).unwrap();
    put(&folder.path().join("routing.d"), "mine.toml", &rule("three"), 1);
    put(folder.path(), "routing-more.toml", &rule("two"), 1);
    let Reload::Loaded(rules) = watch.poll() else { panic!("new files were not noticed") };
    assert_eq!(names(&rules), ["one", "two", "three"]);
    assert!(!rules.roster.workers.is_empty(), "without a workers.toml the built-in roster counts");

    std::fs::remove_file(folder.path().join("routing-more.toml")).unwrap();
    let Reload::Loaded(rules) = watch.poll() else { panic!("the removal was not noticed") };
    assert_eq!(names(&rules), ["one", "three"]);
    std::fs::remove_dir_all(folder.path()).unwrap();
    assert!(matches!(watch.poll(), Reload::Broken(_)));
    assert_eq!(names(&watch.current()), ["one", "three"]);
}

#[test]
fn a_folder_without_rules_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let faults = Rules::load(folder.path()).unwrap_err().to_string();
    assert!(
        faults.contains("this folder holds no routing rules") && faults.contains("STATIONMASTER_RULES"),
        "{faults}"
    );
    let missing = Rules::load(&folder.path().join("nowhere")).unwrap_err().to_string();
    assert!(missing.contains("cannot be read"), "{missing}");
}

#[test]
fn a_fingerprint_changes_with_every_word_and_only_then() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "routing.toml", &rule("one"), 1);
    let first = Rules::load(folder.path()).unwrap();
    let again = Rules::load(folder.path()).unwrap();
    assert_eq!(first.fingerprint(), again.fingerprint());
    assert_eq!(first.fingerprint().len(), 64);
    put(folder.path(), "routing.toml", &format!("{}# note\n", rule("one")), 2);
    assert_ne!(first.fingerprint(), Rules::load(folder.path()).unwrap().fingerprint());
}
